//! The log of what one lane remembers, next to the checkpoint.
//!
//! A file of records, each with its length and a checksum. The checkpoint says which file and how much of
//! it counts. When a file has grown to several times of what is remembered, the next checkpoint starts a
//! new one with everything in one record, and the old one is removed after it.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::error::RunError;
use crate::aggregate::Lane;

/// A journal smaller than this is never rewritten.
const REWRITE_BYTES_MIN: u64 = 4 << 20;
/// A journal is rewritten when it is so many times as long as when it was last written whole.
const REWRITE_GROWTH: u64 = 3;
const HEADER_BYTES: usize = 12;

/// How much of which file counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct JournalMark {
    generation: u64,
    bytes: u64,
    /// Length when the file was started with everything in it.
    base: u64,
}

/// One lane's log.
pub(super) struct Journal {
    dir: PathBuf,
    lane: usize,
    mark: JournalMark,
    file: File,
    /// Replaced by the current one; to be removed once a checkpoint says so.
    old: Option<PathBuf>,
    /// What it holds counts no more; the next checkpoint writes it whole.
    is_stale: bool,
}

fn file_path(dir: &Path, lane: usize, generation: u64) -> PathBuf {
    dir.join(format!("lane-{lane}.{generation}.journal"))
}

impl Journal {
    /// An empty log.
    pub(super) fn create(dir: &Path, lane: usize) -> Result<Journal, RunError> {
        let mark = JournalMark { generation: 0, bytes: 0, base: 0 };
        let file = create(&file_path(dir, lane, 0))?;
        Ok(Journal { dir: dir.to_owned(), lane, mark, file, old: None, is_stale: false })
    }

    /// The log as the checkpoint left it, and its records' bytes. What was appended later is cut off.
    pub(super) fn open(dir: &Path, lane: usize, mark: JournalMark) -> Result<(Journal, Vec<u8>), RunError> {
        let path = file_path(dir, lane, mark.generation);
        let damaged = |what: String| RunError::Damaged { path: path.clone(), what };
        let mut bytes = fs::read(&path).map_err(|e| damaged(format!("cannot be read: {e}")))?;
        let found = bytes.len() as u64;
        if found < mark.bytes {
            return Err(damaged(format!("has {found} bytes, but {} were written", mark.bytes)));
        }
        bytes.truncate(mark.bytes as usize);
        records(&bytes).map_err(damaged)?;
        let mut file = OpenOptions::new().write(true).open(&path).map_err(RunError::state("open", &path))?;
        file.set_len(mark.bytes)
            .and_then(|()| file.seek(SeekFrom::Start(mark.bytes)))
            .map_err(RunError::state("cut back", &path))?;
        Ok((Journal { dir: dir.to_owned(), lane, mark, file, old: None, is_stale: false }, bytes))
    }

    /// Makes durable what the lane remembered since the last call, and says how much counts now.
    pub(super) fn save(&mut self, lane: &mut Lane) -> Result<JournalMark, RunError> {
        if std::mem::take(&mut self.is_stale)
            || self.mark.bytes > REWRITE_BYTES_MIN.max(self.mark.base * REWRITE_GROWTH)
        {
            self.rewrite(&lane.dump_journal())?;
        } else {
            let record = lane.take_journal();
            if !record.is_empty() {
                self.append(&record)?;
            }
        }
        Ok(self.mark)
    }

    /// The lane knows its brands by other numbers than the log does.
    pub(super) fn renumbered(&mut self) {
        self.is_stale = true;
    }

    fn append(&mut self, record: &[u8]) -> Result<(), RunError> {
        let mut header = [0; HEADER_BYTES];
        header[..4].copy_from_slice(&(record.len() as u32).to_le_bytes());
        header[4..].copy_from_slice(&xxh3_64(record).to_le_bytes());
        let path = file_path(&self.dir, self.lane, self.mark.generation);
        self.file
            .write_all(&header)
            .and_then(|()| self.file.write_all(record))
            .and_then(|()| self.file.sync_data())
            .map_err(RunError::state("write", &path))?;
        self.mark.bytes += (HEADER_BYTES + record.len()) as u64;
        Ok(())
    }

    fn rewrite(&mut self, everything: &[u8]) -> Result<(), RunError> {
        self.old = Some(file_path(&self.dir, self.lane, self.mark.generation));
        let generation = self.mark.generation + 1;
        self.file = create(&file_path(&self.dir, self.lane, generation))?;
        self.mark = JournalMark { generation, bytes: 0, base: 0 };
        self.append(everything)?;
        self.mark.base = self.mark.bytes;
        Ok(())
    }

    /// A checkpoint with the last mark is durable.
    pub(super) fn committed(&mut self) {
        if let Some(old) = self.old.take() {
            // A file left behind does no harm; its generation is not used again.
            let _ = fs::remove_file(old);
        }
    }
}

fn create(path: &Path) -> Result<File, RunError> {
    File::create(path).map_err(RunError::state("create", path))
}

/// The records of a log.
pub(super) fn records(bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    let mut records = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let torn = || format!("is torn at byte {at}");
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(torn)?;
        let (sum, after) = after.split_first_chunk::<8>().ok_or_else(torn)?;
        let length = u32::from_le_bytes(*length) as usize;
        let record = after.get(..length).ok_or_else(torn)?;
        if xxh3_64(record) != u64::from_le_bytes(*sum) {
            return Err(format!("is damaged at byte {at}"));
        }
        records.push(record);
        rest = &after[length..];
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_comes_back_and_what_was_not_saved_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(dir.path(), 3).unwrap();
        journal.append(b"one").unwrap();
        journal.append(b"two").unwrap();
        let mark = journal.mark;
        journal.append(b"three").unwrap();
        let (mut again, bytes) = Journal::open(dir.path(), 3, mark).unwrap();
        assert_eq!(records(&bytes).unwrap(), [b"one", b"two"]);
        again.append(b"four").unwrap();
        let (_, bytes) = Journal::open(dir.path(), 3, again.mark).unwrap();
        assert_eq!(records(&bytes).unwrap(), [&b"one"[..], b"two", b"four"]);
    }

    #[test]
    fn torn_and_changed_logs_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(dir.path(), 0).unwrap();
        journal.append(b"one").unwrap();
        let longer = JournalMark { bytes: 99, ..journal.mark };
        assert!(Journal::open(dir.path(), 0, longer).is_err());
        let path = file_path(dir.path(), 0, 0);
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(Journal::open(dir.path(), 0, journal.mark).is_err());
    }

    #[test]
    fn a_rewritten_log_replaces_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(dir.path(), 0).unwrap();
        journal.append(b"one").unwrap();
        journal.rewrite(b"all").unwrap();
        assert!(file_path(dir.path(), 0, 0).exists());
        journal.committed();
        assert!(!file_path(dir.path(), 0, 0).exists());
        let (_, bytes) = Journal::open(dir.path(), 0, journal.mark).unwrap();
        assert_eq!(records(&bytes).unwrap(), [b"all"]);
    }
}
