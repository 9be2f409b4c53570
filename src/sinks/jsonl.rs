//! JSON lines, one file for each kind of output.
//!
//! **Invariant:** after `rewind(p)` and the same writes, the files hold the same bytes as if nothing had
//! happened after `p`.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::writeback::Writeback;
use super::{Position, Sink, SinkError};
use crate::model::{Output, OutputKind};

/// Large, because mentions are many and small.
const BUFFER_BYTES: usize = 256 << 10;

/// So much of a file is sent to the disk at once, ahead of the checkpoint.
const WRITEBACK_BYTES: u64 = 32 << 20;

/// Appends one output as one JSON object and a newline.
pub(super) fn write_line(output: &Output<'_>, line: &mut Vec<u8>) -> Result<(), SinkError> {
    match output {
        Output::Mention(fate, mention) => mention.write_json(*fate, line),
        Output::Tombstone(key) => serde_json::to_writer(
            &mut *line,
            &Tombstone { fate: "retracted", network: key.network.as_str(), id: &key.id, tombstone: true },
        )?,
        Output::Correction(corrected) => corrected.write_json(line)?,
        Output::Metric(row) => row.write_json(line)?,
        Output::Incident(incident) => serde_json::to_writer(&mut *line, incident)?,
        Output::Dead(dead) => serde_json::to_writer(&mut *line, dead)?,
    }
    line.push(b'\n');
    Ok(())
}

#[derive(serde::Serialize)]
struct Tombstone<'a> {
    fate: &'static str,
    network: &'static str,
    id: &'a str,
    tombstone: bool,
}

/// Writes `mentions.jsonl`, `metrics.jsonl`, `alerts.jsonl` and `dead.jsonl` (those it was made for)
/// into one folder.
#[derive(Debug)]
pub struct JsonlSink {
    files: Vec<Out>,
}

#[derive(Debug)]
struct Out {
    kind: OutputKind,
    path: PathBuf,
    /// Absent until `start` or `rewind` has said where writing begins.
    file: Option<File>,
    /// Whole lines that are not in the file yet.
    waiting: Vec<u8>,
    /// Length of the file with them.
    bytes: u64,
    unsynced: bool,
    writeback: Writeback,
    /// Length of the file when it was last sent to the disk.
    sent: u64,
}

impl JsonlSink {
    /// A sink for these kinds under `dir`; nothing is created before [`Sink::start`] or [`Sink::rewind`].
    #[must_use]
    pub fn new(dir: &Path, kinds: &[OutputKind]) -> JsonlSink {
        let writeback = Writeback::start();
        let out = |kind: &OutputKind| Out {
            kind: *kind,
            path: dir.join(format!("{}.jsonl", kind.as_str())),
            file: None,
            waiting: Vec::new(),
            bytes: 0,
            unsynced: false,
            writeback: writeback.clone(),
            sent: 0,
        };
        JsonlSink { files: kinds.iter().map(out).collect() }
    }
}

impl Out {
    /// Opens the file, cuts it to `bytes` and stands at its end.
    fn open_at(&mut self, bytes: u64) -> Result<(), SinkError> {
        if let Some(dir) = self.path.parent() {
            fs::create_dir_all(dir).map_err(SinkError::io("create the folder", dir))?;
        }
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.path)
            .map_err(SinkError::io("open", &self.path))?;
        // A device such as /dev/full has no length to cut.
        if file.metadata().is_ok_and(|m| m.is_file()) {
            file.set_len(bytes)
                .and_then(|()| file.seek(SeekFrom::Start(bytes)))
                .map_err(SinkError::io("cut back", &self.path))?;
        }
        self.file = Some(file);
        self.waiting.clear();
        (self.bytes, self.sent) = (bytes, bytes);
        self.unsynced = true;
        Ok(())
    }

    fn length(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |m| m.len())
    }

    fn append(&mut self, output: &Output<'_>) -> Result<(), SinkError> {
        if self.file.is_none() {
            return Ok(());
        }
        let before = self.waiting.len();
        if let Err(error) = write_line(output, &mut self.waiting) {
            self.waiting.truncate(before);
            return Err(error);
        }
        self.bytes += (self.waiting.len() - before) as u64;
        self.unsynced = true;
        if self.waiting.len() >= BUFFER_BYTES { self.write_waiting() } else { Ok(()) }
    }

    fn write_waiting(&mut self) -> Result<(), SinkError> {
        if let Some(file) = &mut self.file {
            file.write_all(&self.waiting).map_err(SinkError::io("write to", &self.path))?;
            self.waiting.clear();
            if self.bytes - self.sent >= WRITEBACK_BYTES {
                self.writeback.push(&self.path);
                self.sent = self.bytes;
            }
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), SinkError> {
        if !self.unsynced {
            return Ok(());
        }
        self.write_waiting()?;
        if let Some(file) = &self.file {
            if file.metadata().is_ok_and(|m| m.is_file()) {
                file.sync_data().map_err(SinkError::io("write to", &self.path))?;
            }
            self.unsynced = false;
        }
        Ok(())
    }
}

impl Sink for JsonlSink {
    fn write(&mut self, output: &Output<'_>) -> Result<(), SinkError> {
        let kind = OutputKind::of(output);
        let Some(out) = self.files.iter_mut().find(|f| f.kind == kind) else {
            return Ok(());
        };
        out.append(output)
    }

    fn flush(&mut self) -> Result<Position, SinkError> {
        for out in &mut self.files {
            out.sync()?;
        }
        Ok(Position(self.files.iter().map(|f| (f.path.clone(), f.bytes)).collect()))
    }

    fn rewind(&mut self, position: &Position) -> Result<(), SinkError> {
        for out in &mut self.files {
            let known = position.0.iter().find(|(path, _)| *path == out.path);
            let found = out.length();
            match known {
                Some(&(_, recorded)) if found < recorded => {
                    return Err(SinkError::Short { path: out.path.clone(), found, recorded });
                }
                Some(&(_, recorded)) => out.open_at(recorded)?,
                // A file that the pipeline did not have at that checkpoint.
                None if found > 0 => return Err(SinkError::Occupied { path: out.path.clone(), found }),
                None => out.open_at(0)?,
            }
        }
        Ok(())
    }

    fn start(&mut self, overwrite: bool) -> Result<(), SinkError> {
        for out in &mut self.files {
            let found = out.length();
            if found > 0 && !overwrite {
                return Err(SinkError::Occupied { path: out.path.clone(), found });
            }
        }
        self.files.iter_mut().try_for_each(|out| out.open_at(0))
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.iter().map(|f| f.path.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeadLetter;

    fn dead(n: u64) -> DeadLetter {
        DeadLetter {
            reason: "json_syntax".into(),
            detail: String::new(),
            feed: "f".into(),
            source: String::new(),
            offset: n,
            line: n,
            received_at: None,
            bytes: 1,
            raw: Some("x".into()),
            raw_base64: None,
            truncated: false,
        }
    }

    fn write(sink: &mut JsonlSink, range: std::ops::Range<u64>) {
        for n in range {
            sink.write(&Output::Dead(&dead(n))).unwrap();
        }
    }

    #[test]
    fn rewinding_and_writing_again_gives_the_same_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("dead.jsonl");
        let mut sink = JsonlSink::new(dir.path(), &[OutputKind::Dead]);
        sink.start(false).unwrap();
        write(&mut sink, 0..3);
        let position = sink.flush().unwrap();
        write(&mut sink, 3..9);
        sink.flush().unwrap();
        let whole = fs::read(&path).unwrap();

        let mut again = JsonlSink::new(dir.path(), &[OutputKind::Dead]);
        again.rewind(&position).unwrap();
        write(&mut again, 3..9);
        again.flush().unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);
    }

    #[test]
    fn foreign_and_shortened_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("dead.jsonl");
        fs::write(&path, "mine\n").unwrap();
        let mut sink = JsonlSink::new(dir.path(), &[OutputKind::Dead]);
        assert!(matches!(sink.start(false), Err(SinkError::Occupied { found: 5, .. })));
        let recorded = Position(vec![(path.clone(), 9)]);
        assert!(matches!(sink.rewind(&recorded), Err(SinkError::Short { found: 5, recorded: 9, .. })));
        sink.start(true).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
    }
}
