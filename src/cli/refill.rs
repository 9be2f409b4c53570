//! After a restart: the read view is filled again from the ends of the JSONL files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use crate::config::{Plan, SinkPlan};
use crate::http::View;
use crate::model::OutputKind;
#[cfg(feature = "kafka")]
use crate::model::{Network, PostKey};

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
            if let Err(e) = refill_kind(view, *kind, &file) {
                tracing::warn!(file = %file.display(), "the read view starts without what is in this file: {e}");
            }
        }
    }
}

fn refill_kind(view: &View, kind: OutputKind, file: &Path) -> io::Result<()> {
    let bytes = match kind {
        OutputKind::Metrics => METRICS_BYTES,
        OutputKind::Alerts | OutputKind::Mentions => OTHER_BYTES,
        OutputKind::Dead => return Ok(()),
    };
    tail(file, bytes, &mut |line| refill_line(view, kind, line))
}

/// Puts an output as it was written back into a view.
fn refill_line(view: &View, kind: OutputKind, line: &str) {
    match kind {
        OutputKind::Metrics => {
            if let Ok(row) = serde_json::from_str(line) {
                view.publish_metric(&row);
            }
        }
        OutputKind::Alerts => {
            if let Ok(incident) = serde_json::from_str(line) {
                view.publish_incident(&incident);
            }
        }
        OutputKind::Mentions => view.publish_written_mention(line),
        OutputKind::Dead => {}
    }
}

/// A record of a topic: without a value, the post of its key (`network:id`) is gone.
#[cfg(feature = "kafka")]
pub(super) fn refill_record(view: &View, kind: OutputKind, key: &str, value: Option<&str>) {
    match (value, key.split_once(':')) {
        (Some(value), _) => refill_line(view, kind, value),
        (None, Some((network, id))) if kind == OutputKind::Mentions => {
            if let Some(network) = Network::from_name(network) {
                view.remove_mention(&PostKey { network, id: id.into() });
            }
        }
        (None, _) => {}
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
