//! One thread for each feed: reads, cuts, hands over.
//!
//! **Invariant:** batches of a feed are numbered without a gap, and the end is announced with their number.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::batch::{Batch, FeedPosition, Head, Permit, Permits};
use super::cutter::{Cut, Cutter, Limits, cut_whole, read_head};
use super::open::{list_files, open_file};
use super::{PushBatch, PushError, PushReply};
use crate::analysis::decode::detect_framing;
use crate::config::Source;
use crate::model::Timestamp;

/// How often a push feed that gets nothing looks whether the run is stopping.
const PUSH_WAIT: Duration = Duration::from_millis(100);

/// What a reader thread needs.
pub struct FeedReader {
    /// The feed's position in the plan.
    pub feed: usize,
    /// What to read.
    pub source: Source,
    /// Where it was left.
    pub resume: Option<FeedPosition>,
    /// How to cut it.
    pub limits: Limits,
    /// Bounds what is on the way.
    pub permits: Permits,
    /// Takes the batches; closed when the run is over.
    pub work: Sender<Batch>,
    /// Set when the run is stopping.
    pub stop: Arc<AtomicBool>,
    /// Batches handed over so far.
    pub handed: Arc<AtomicU64>,
    /// Pushed bodies, for a push feed.
    pub pushed: Option<Receiver<PushBatch>>,
}

/// Why a feed ended before its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct FeedError {
    /// Which file.
    pub place: String,
    /// What happened, and what to do where that is known.
    pub reason: String,
}

/// Why reading stopped.
enum Halt {
    /// The run is stopping or over.
    Stopped,
    Failed(FeedError),
}

impl FeedReader {
    /// Reads to the end, or until the run stops.
    ///
    /// # Errors
    /// When the source fails; all whole records before that have been handed over.
    pub fn run(mut self) -> Result<(), FeedError> {
        let source = self.source.clone();
        let result = match &source {
            Source::File(path) => self.file(path, &file_name(path), self.resume.clone().as_ref()),
            Source::Directory(dir) => self.directory(dir),
            Source::Stdin => self.stdin(),
            // A pipeline of topics is not run by these readers.
            Source::Kafka(_) => Ok(()),
            Source::Push => {
                self.push();
                Ok(())
            }
        };
        match result {
            Err(Halt::Failed(error)) => Err(error),
            Ok(()) | Err(Halt::Stopped) => Ok(()),
        }
    }

    fn file(&mut self, path: &Path, name: &str, resume: Option<&FeedPosition>) -> Result<(), Halt> {
        let opened = open_file(path, resume).map_err(|e| failed(path, &e))?;
        let cutter = Cutter::new(opened.reader, opened.framing, self.limits, opened.offset, opened.line);
        self.cut(cutter, &Arc::from(name), opened.head).map_err(|halt| match halt {
            CutHalt::Stopped => Halt::Stopped,
            CutHalt::Io(e) => failed(path, &e),
        })
    }

    /// Files before the one that was left are done; it is read on, then those behind it.
    fn directory(&mut self, dir: &Path) -> Result<(), Halt> {
        let files = list_files(dir).map_err(|e| failed(dir, &e))?;
        let resume = self.resume.clone();
        let left = resume.as_ref().map(|position| dir.join(&position.source));
        if let Some(left) = left.as_ref().filter(|left| !files.contains(left)) {
            tracing::warn!(file = %left.display(), "the file that was read last is gone; going on with the files behind it");
        }
        for path in files.iter().filter(|path| left.as_ref().is_none_or(|left| *path >= left)) {
            let name = relative_name(dir, path);
            let resume = resume.as_ref().filter(|position| position.source == name);
            self.file(path, &name, resume)?;
        }
        Ok(())
    }

    fn stdin(&mut self) -> Result<(), Halt> {
        let mut input = io::stdin();
        let stopped = |e: &io::Error| failed(Path::new("standard input"), e);
        let first = read_head(&mut input, true).map_err(|e| stopped(&e))?;
        let framing = detect_framing(&first);
        let reader = io::Cursor::new(first).chain(input);
        let cutter = Cutter::new(reader, framing, self.limits, 0, 1);
        self.cut(cutter, &Arc::from(""), Head::default()).map_err(|halt| match halt {
            CutHalt::Stopped => Halt::Stopped,
            CutHalt::Io(e) => stopped(&e),
        })
    }

    fn cut<R: Read>(&mut self, mut cutter: Cutter<R>, source: &Arc<str>, head: Head) -> Result<(), CutHalt> {
        loop {
            let mut permit = self.permits.take();
            if self.stop.load(Ordering::Relaxed) {
                return Err(CutHalt::Stopped);
            }
            cutter.lend(permit.take_buffer());
            let Some(cut) = cutter.next_cut().map_err(CutHalt::Io)? else { return Ok(()) };
            if !self.hand_over(cut, source, head, permit, None) {
                return Err(CutHalt::Stopped);
            }
        }
    }

    fn push(&mut self) {
        let Some(pushed) = self.pushed.take() else { return };
        let source: Arc<str> = Arc::from("");
        loop {
            let batch = pushed.recv_timeout(PUSH_WAIT);
            if self.stop.load(Ordering::Relaxed) {
                let waiting = batch.into_iter().chain(pushed.try_iter());
                waiting.for_each(|batch| (batch.reply)(Err(PushError::Stopping)));
                return;
            }
            match batch {
                Ok(batch) => {
                    let permit = self.permits.take();
                    let reply = Some((batch.received_at, batch.reply));
                    if !self.hand_over(cut_whole(batch.payload), &source, Head::default(), permit, reply) {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// False when nobody takes batches any more.
    fn hand_over(
        &mut self,
        cut: Cut,
        source: &Arc<str>,
        head: Head,
        permit: Permit,
        pushed: Option<(Timestamp, PushReply)>,
    ) -> bool {
        let (received_at, reply) = pushed.map_or((None, None), |(at, reply)| (Some(at), Some(reply)));
        // Counted before it is sent, so that whoever waits for the last batch cannot miss it.
        let sequence = self.handed.fetch_add(1, Ordering::SeqCst);
        let batch = Batch {
            feed: self.feed,
            sequence,
            source: Arc::clone(source),
            head,
            payload: cut.payload,
            slices: cut.slices,
            received_at,
            reply,
            permit,
        };
        self.work.send(batch).is_ok()
    }
}

enum CutHalt {
    Stopped,
    Io(io::Error),
}

fn failed(path: &Path, error: &io::Error) -> Halt {
    let reason = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the compressed file ends too early; what came before is taken in. \
             Put the whole file in its place and run again: it goes on from there"
            .to_owned(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            format!(
                "the compressed file is damaged ({error}); what came before is taken in. \
                     Put an intact file in its place and run again: it goes on from there"
            )
        }
        _ => error.to_string(),
    };
    Halt::Failed(FeedError { place: path.display().to_string(), reason })
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn relative_name(dir: &Path, path: &Path) -> String {
    path.strip_prefix(dir).unwrap_or(path).to_string_lossy().into_owned()
}
