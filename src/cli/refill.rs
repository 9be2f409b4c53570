//! After a restart: the read view is filled again from the ends of the JSONL files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::analysis::decode::Format;
use crate::analysis::{Annotator, Scratch};
use crate::config::{Plan, SinkPlan};
use crate::http::View;
use crate::model::{Fate, Mention, Origin, OutputKind, ReadingOutcome, Record};
#[cfg(feature = "kafka")]
use crate::model::{Network, PostKey};
use crate::runtime;

/// So much of the end of each file is read. The view is bounded too, and older lines would not fit into it.
const METRICS_BYTES: u64 = 64 << 20;
const OTHER_BYTES: u64 = 16 << 20;

/// Gives the view what the last run left in its files. Call it when the files are cut back to the checkpoint
/// and nothing new is written yet. What cannot be read is left out: the view is a convenience, the files are what lasts.
pub(super) fn refill(plan: &Plan, view: &View) {
    for sink in &plan.sinks {
        let SinkPlan::Jsonl { dir, kinds } = sink else { continue };
        for kind in kinds {
            let file = dir.join(format!("{}.jsonl", kind.as_str()));
            if let Err(e) = refill_kind(plan, view, *kind, &file) {
                tracing::warn!(file = %file.display(), "the read view starts without what is in this file: {e}");
            }
        }
    }
}

fn refill_kind(plan: &Plan, view: &View, kind: OutputKind, file: &Path) -> io::Result<()> {
    let bytes = match kind {
        OutputKind::Metrics => METRICS_BYTES,
        OutputKind::Alerts | OutputKind::Mentions => OTHER_BYTES,
        OutputKind::Dead => return Ok(()),
    };
    let mut refill = Refill::new(plan, view);
    tail(file, bytes, &mut |line| refill.line(kind, line))
}

/// Puts outputs as they were written back into a view.
pub(super) struct Refill<'v> {
    view: &'v View,
    annotator: Annotator,
    scratch: Scratch,
}

impl<'v> Refill<'v> {
    pub(super) fn new(plan: &Plan, view: &'v View) -> Refill<'v> {
        Refill { view, annotator: runtime::annotator(plan), scratch: Scratch::default() }
    }

    fn line(&mut self, kind: OutputKind, line: &str) {
        match kind {
            OutputKind::Metrics => {
                if let Ok(row) = serde_json::from_str(line) {
                    self.view.publish_metric(&row);
                }
            }
            OutputKind::Alerts => {
                if let Ok(incident) = serde_json::from_str(line) {
                    self.view.publish_incident(&incident);
                }
            }
            OutputKind::Mentions => refill_mention(line, &self.annotator, &mut self.scratch, self.view),
            OutputKind::Dead => {}
        }
    }

    /// A record of a topic: without a value, the post of its key (`network:id`) is gone.
    #[cfg(feature = "kafka")]
    pub(super) fn written(&mut self, kind: OutputKind, key: &str, value: Option<&str>) {
        match (value, key.split_once(':')) {
            (Some(value), _) => self.line(kind, value),
            (None, Some((network, id))) if kind == OutputKind::Mentions => {
                if let Some(network) = Network::from_name(network) {
                    self.view.remove_mention(&PostKey { network, id: id.into() });
                }
            }
            (None, _) => {}
        }
    }
}

/// Calls `each` with the lines in the last `bytes` of a file.
fn tail(file: &Path, bytes: u64, each: &mut dyn FnMut(&str)) -> io::Result<()> {
    let mut file = File::open(file)?;
    let start = file.metadata()?.len().saturating_sub(bytes);
    // One byte more, so that a line that starts just there is not taken for half of one.
    file.seek(SeekFrom::Start(start.saturating_sub(1)))?;
    let mut lines = BufReader::new(file.take(bytes + 1));
    let mut line = Vec::new();
    let mut is_whole = start == 0;
    while lines.read_until(b'\n', &mut line)? > 0 {
        if let (true, Ok(text)) = (is_whole, std::str::from_utf8(&line)) {
            each(text.trim_end());
        }
        is_whole = true;
        line.clear();
    }
    Ok(())
}

#[derive(Deserialize)]
struct Written<'a> {
    fate: Fate,
    #[serde(borrow)]
    post: Option<&'a RawValue>,
}

/// A mention holds its post as earful's own JSON, so reading it gives the mention again; the text of the
/// line stays as it was written.
fn refill_mention(line: &str, annotator: &Annotator, scratch: &mut Scratch, view: &View) {
    let Ok(Written { fate, post: Some(post) }) = serde_json::from_str(line) else { return };
    let record = Record { payload: post.get().as_bytes(), received_at: None, origin: Origin::default() };
    let mut readings = Vec::new();
    annotator.read(&record, Format::Canonical, scratch, &mut readings);
    for reading in readings {
        if let ReadingOutcome::Matched(mention) = reading.outcome {
            let mention = Mention { json: without_fate(line), ..Arc::unwrap_or_clone(mention) };
            view.publish_mention(&mention, fate);
        }
    }
}

/// The line as `Mention::write_json` takes it.
fn without_fate(line: &str) -> Box<[u8]> {
    let rest = line.split_once(',').map_or("}", |(_, rest)| rest);
    ["{", rest].concat().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_of_the_end_are_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "one\ntwo\nthree\n").unwrap();
        let check = |bytes: u64, expected: &[&str]| {
            let mut lines = Vec::new();
            tail(file.path(), bytes, &mut |line| lines.push(line.to_owned())).unwrap();
            assert_eq!(lines, expected, "{bytes} bytes");
        };
        check(100, &["one", "two", "three"]);
        check(14, &["one", "two", "three"]);
        check(13, &["two", "three"]);
        check(10, &["two", "three"]);
        check(6, &["three"]);
        check(5, &[]);
    }
}
