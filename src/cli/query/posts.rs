//! Posts of a file in any feed format.

use std::path::Path;
use std::time::UNIX_EPOCH;

use super::super::{analyse, say};
use crate::analysis::decode::{Format, Frame, decode, split_records};
use crate::model::{Origin, Post, Record, Timestamp};

/// Hands every post of the file to `each`; what is no post is told on standard error. Gives the number of
/// records that cannot be read.
///
/// # Errors
/// The file cannot be read.
pub(super) fn for_each(path: &Path, format: Format, each: &mut dyn FnMut(&Post<'_>)) -> anyhow::Result<u64> {
    let bytes = analyse::read_all(path)?;
    let source = path.display().to_string();
    let (mut malformed, arrival) = (0, arrival(path));
    split_records(&bytes, &mut |piece| {
        let origin = Origin { feed: "", source: &source, offset: piece.offset, line: piece.line };
        // Some feeds date nothing; for them the file's own time stands in.
        let record = Record { payload: piece.bytes, received_at: Some(arrival), origin };
        decode(&record, format, &mut |frame| match frame {
            Frame::Post(post) => each(&post),
            Frame::Malformed(defect) => {
                malformed += 1;
                say(&format!("{source}:{}: cannot be read: {}: {}", piece.line, defect.code, defect.detail));
            }
            Frame::Delete { .. } | Frame::Ignored(_) => {}
        });
    });
    Ok(malformed)
}

/// When the file was written last; of standard input nothing is known.
fn arrival(path: &Path) -> Timestamp {
    let modified = std::fs::metadata(path).and_then(|about| about.modified()).ok();
    let since = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}
