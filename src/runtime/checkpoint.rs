//! The snapshot file: all that a run needs to go on where it was.
//!
//! Written beside the old one, synced, and renamed over it, so that there is always one whole snapshot.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::error::RunError;
use super::journal::JournalMark;
use crate::aggregate::{LaneState, LaneTimes};
use crate::config::Plan;
use crate::feeds::FeedPosition;
use crate::sinks::Position;

/// Says that the file is a snapshot, and of which format.
const MAGIC: &[u8; 8] = b"earful\x00\x01";

/// The state of a run between two records.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub(super) settings: Settings,
    /// Brand ids in the order of the plan that wrote the snapshot.
    pub(super) brands: Vec<String>,
    pub(super) feeds: Vec<FeedState>,
    #[serde(serialize_with = "at_once")]
    pub(super) engine: Vec<u8>,
    /// Paths as seen from the pipeline file's folder.
    pub(super) sinks: Position,
}

/// Room for all of a snapshot but the engine.
const SMALL_PARTS_BYTES: usize = 256 << 10;

/// Writes the bytes that a list of bytes would be, but not one by one.
fn at_once<S: serde::Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
    s.serialize_bytes(bytes)
}

/// What must not change while there is state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) times: LaneTimes,
    /// Name and source of each feed.
    pub(super) feeds: Vec<(String, String)>,
}

/// One feed and its lane.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FeedState {
    /// Absent before the first record.
    pub(super) position: Option<FeedPosition>,
    pub(super) lane: LaneState,
    pub(super) journal: JournalMark,
}

impl Settings {
    pub(super) fn of(plan: &Plan) -> Settings {
        let feed = |feed: &crate::config::FeedPlan| {
            (feed.name.clone(), relative(plan, Path::new(&feed.source.to_string())).display().to_string())
        };
        Settings { times: LaneTimes::of(&plan.lane), feeds: plan.feeds.iter().map(feed).collect() }
    }

    /// Refuses a plan that would read the state in another sense than it was written in.
    pub(super) fn must_equal(&self, now: &Settings) -> Result<(), RunError> {
        if let Some(what) = self.times.difference(&now.times) {
            return changed(what);
        }
        if self.feeds != now.feeds {
            let names = |feeds: &[(String, String)]| {
                feeds.iter().map(|(name, source)| format!("{name} ({source})")).collect::<Vec<_>>().join(", ")
            };
            return changed(format!("the feeds were {} and are {}", names(&self.feeds), names(&now.feeds)));
        }
        Ok(())
    }
}

fn changed<T>(what: String) -> Result<T, RunError> {
    let hint = "change it back, give the pipeline another [state] dir and output folder, or start anew with --fresh \
                (the outputs are then overwritten)";
    Err(RunError::Changed(format!("{what}; {hint}")))
}

/// A path as seen from the pipeline file's folder, so that the whole folder can be moved.
pub(super) fn relative(plan: &Plan, path: &Path) -> PathBuf {
    let base = plan.file.parent().unwrap_or(Path::new(""));
    path.strip_prefix(base).unwrap_or(path).to_owned()
}

/// The opposite of [`relative`].
pub(super) fn resolved(plan: &Plan, path: &Path) -> PathBuf {
    plan.file.parent().unwrap_or(Path::new("")).join(path)
}

/// The state folder, which nobody else uses while this lives.
pub(super) struct StateDir {
    pub(super) dir: PathBuf,
    /// Unlocked when closed, also by the operating system after a crash.
    _lock: File,
}

impl StateDir {
    pub(super) fn open(dir: &Path) -> Result<StateDir, RunError> {
        fs::create_dir_all(dir).map_err(RunError::state("create the folder", dir))?;
        let path = dir.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(RunError::state("open", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(StateDir { dir: dir.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(RunError::Locked(dir.to_owned())),
            Err(TryLockError::Error(e)) => Err(RunError::state("lock", &path)(e)),
        }
    }

    fn snapshot_path(&self) -> PathBuf {
        self.dir.join("checkpoint")
    }

    /// Throws the state away.
    pub(super) fn clear(&self) -> Result<(), RunError> {
        // The snapshot first: without it nothing else counts.
        let mut paths = vec![self.snapshot_path()];
        let entries = fs::read_dir(&self.dir).map_err(RunError::state("read the folder", &self.dir))?;
        paths.extend(
            entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "journal")),
        );
        for path in paths {
            match fs::remove_file(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(RunError::state("remove", &path)(e));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The last snapshot, if there is one.
    pub(super) fn load(&self) -> Result<Option<Snapshot>, RunError> {
        let path = self.snapshot_path();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(RunError::state("read", &path)(e)),
        };
        let damaged = |what: &str| RunError::Damaged { path: path.clone(), what: what.to_owned() };
        let rest =
            bytes.strip_prefix(MAGIC).ok_or_else(|| damaged("is no checkpoint of this version of earful"))?;
        let (sum, body) = rest.split_first_chunk::<8>().ok_or_else(|| damaged("is cut off"))?;
        if xxh3_64(body) != u64::from_le_bytes(*sum) {
            return Err(damaged("is damaged"));
        }
        postcard::from_bytes(body).map(Some).map_err(|e| damaged(&format!("cannot be read: {e}")))
    }

    /// Replaces the snapshot.
    pub(super) fn save(&self, snapshot: &Snapshot) -> Result<(), RunError> {
        let path = self.snapshot_path();
        let room = Vec::with_capacity(snapshot.engine.len() + SMALL_PARTS_BYTES);
        let body = postcard::to_extend(snapshot, room)
            .map_err(|e| RunError::state("write", &path)(std::io::Error::other(e)))?;
        let fresh = self.dir.join("checkpoint.tmp");
        let write = || {
            let mut file = File::create(&fresh)?;
            file.write_all(MAGIC)?;
            file.write_all(&xxh3_64(&body).to_le_bytes())?;
            file.write_all(&body)?;
            file.sync_all()?;
            fs::rename(&fresh, &path)?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(RunError::state("write", &path))
    }
}
