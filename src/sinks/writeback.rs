//! Sends written data on its way to the disk, so that a checkpoint has less to wait for.
//!
//! **Invariant:** promises nothing. What is durable is decided by `flush` alone: this thread opens each file anew, so
//! that an error which the system reports once for each open file still reaches the sink's own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// The sending half; the thread ends when it is dropped.
#[derive(Clone, Debug)]
pub(super) struct Writeback(SyncSender<PathBuf>);

impl Writeback {
    /// Without a thread to be had, data waits for the checkpoint, as it would without this.
    pub(super) fn start() -> Writeback {
        let (sender, paths) = sync_channel(4);
        let _ = thread::Builder::new().name("writeback".to_owned()).spawn(move || work(&paths));
        Writeback(sender)
    }

    /// Asks for the data of this file to be written; when the disk is busy with earlier ones, forgets it.
    pub(super) fn push(&self, path: &Path) {
        let _ = self.0.try_send(path.to_owned());
    }
}

fn work(paths: &Receiver<PathBuf>) {
    for path in paths {
        let _ = File::open(path).and_then(|file| file.sync_data());
    }
}
