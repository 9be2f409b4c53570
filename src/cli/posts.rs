//! The posts of a file, for the commands that look at posts one by one.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};

use super::say;
use crate::analysis::decode::{self, Format, Frame, split_records};
use crate::model::{Origin, Post, Record, Timestamp};

/// The format of a `--format` argument.
pub(super) fn format_name(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|(_, name)| *name).collect();
        format!("there is no such format; take one of {}", names.join(", "))
    })
}

/// Standard input has been read: a second time there would be nothing, and no word of it.
static IS_READ: AtomicBool = AtomicBool::new(false);

/// All of a file, unpacked; `-` is standard input.
///
/// # Errors
/// It cannot be read, or is standard input for the second time.
pub(super) fn read_all(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") && IS_READ.swap(true, Ordering::Relaxed) {
        bail!("standard input (`-`) can be read only once; give one of them as a file");
    }
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        crate::feeds::open(path).and_then(|mut file: Box<dyn Read + Send>| file.read_to_end(&mut bytes))
    };
    read.with_context(|| format!("cannot read {}; check the path and that it is readable", path.display()))?;
    Ok(bytes)
}

/// Gives every post of a file to `each`. Frames that are no posts and records that cannot be read are told on
/// standard error; the number of the latter is the result.
///
/// # Errors
/// That of `each`, which then gets no further post.
pub(super) fn each_post(
    file: &Path,
    format: Format,
    each: &mut dyn FnMut(&Record<'_>, &Post<'_>) -> io::Result<()>,
) -> anyhow::Result<u64> {
    let bytes = read_all(file)?;
    let source = file.display().to_string();
    let mut reader = PostReader { format, arrival: arrival(file), each, malformed: 0 };
    let mut result = Ok(());
    split_records(&bytes, &mut |piece| {
        let origin = Origin { feed: "", source: &source, offset: piece.offset, line: piece.line };
        let record = Record { payload: piece.bytes, received_at: None, origin };
        if result.is_ok() {
            result = reader.record(&record);
        }
    });
    let malformed = reader.malformed;
    result.or_else(closed_pipe_is_fine).context("cannot write to standard output")?;
    Ok(malformed)
}

/// `earful analyse ... | head` closes the pipe early: that is no failure.
///
/// # Errors
/// Any other error.
pub(super) fn closed_pipe_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

/// Writes out what is buffered.
///
/// # Errors
/// Standard output takes no more; that it is closed is no error.
pub(super) fn finish(out: &mut impl Write) -> anyhow::Result<()> {
    out.flush().or_else(closed_pipe_is_fine).context("cannot write to standard output")
}

struct PostReader<'a> {
    format: Format,
    arrival: Option<Timestamp>,
    each: &'a mut dyn FnMut(&Record<'_>, &Post<'_>) -> io::Result<()>,
    malformed: u64,
}

impl PostReader<'_> {
    fn record(&mut self, record: &Record<'_>) -> io::Result<()> {
        let mut result = Ok(());
        // Some feeds (RSS 0.91) date nothing; for them the file's own time stands in.
        let dated = Record { received_at: self.arrival, ..*record };
        let record = if is_undated(record, self.format) { &dated } else { record };
        decode::decode(record, self.format, &mut |frame| {
            if result.is_ok() {
                result = self.frame(record, frame);
            }
        });
        result
    }

    fn frame(&mut self, record: &Record<'_>, frame: Frame<'_>) -> io::Result<()> {
        let place = format!("{}:{}", record.origin.source, record.origin.line);
        match frame {
            Frame::Post(post) => return (self.each)(record, &post),
            Frame::Delete { network, id } => say(&format!("{place}: delete of {network} {id}")),
            Frame::Correction(label) => say(&format!(
                "{place}: correction of {} {} for {}: {} by {}",
                label.network, label.id, label.brand, label.polarity, label.by
            )),
            Frame::Ignored("keep_alive") => {}
            Frame::Ignored(reason) => say(&format!("{place}: no post ({reason})")),
            Frame::Malformed(defect) => {
                self.malformed += 1;
                say(&format!("{place}: cannot be read: {}: {}", defect.code, defect.detail));
            }
        }
        Ok(())
    }
}

fn is_undated(record: &Record<'_>, format: Format) -> bool {
    let mut undated = false;
    decode::decode(record, format, &mut |frame| {
        undated |= matches!(frame, Frame::Malformed(defect) if defect.code == "missing_time");
    });
    undated
}

/// When the file was written last; of standard input nothing is known.
fn arrival(path: &Path) -> Option<Timestamp> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?))
}
