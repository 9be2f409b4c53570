//! Ends the process when a call to the brokers never comes back.
//!
//! librdkafka's transaction calls have been seen to hang for ever although given a timeout. A process that hangs
//! holds its partitions; one that ends is started again and goes on from the last commit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::observer::Observer;

/// Twice the longest timeout of any call.
const PATIENCE: Duration = Duration::from_secs(75);
/// Longer than any of them: what should have come back by then probably never does.
const SLOW: Duration = Duration::from_secs(35);
const LOOK: Duration = Duration::from_secs(1);

type Call = Option<(&'static str, Instant)>;

/// The call that one worker is in.
#[derive(Clone, Default)]
pub(super) struct Watched(Arc<Mutex<Call>>);

/// In a call until dropped.
pub(super) struct Guard<'w>(&'w Watched);

impl Watched {
    pub(super) fn enter(&self, action: &'static str) -> Guard<'_> {
        *self.lock() = Some((action, Instant::now()));
        Guard(self)
    }

    fn lock(&self) -> MutexGuard<'_, Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hangs(&self, patience: Duration) -> Option<&'static str> {
        self.lock().filter(|(_, since)| since.elapsed() > patience).map(|(action, _)| action)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}

/// Watches as long as the process lives.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn watch(all: Vec<(Watched, Observer)>) -> std::io::Result<()> {
    let look = move || loop {
        thread::sleep(LOOK);
        for (watched, observer) in &all {
            observer.hangs(watched.hangs(SLOW));
            if let Some(action) = watched.hangs(PATIENCE) {
                let (seconds, role) = (PATIENCE.as_secs(), observer.role.as_str());
                tracing::error!(
                    action,
                    seconds,
                    role,
                    "a call to the brokers hangs; ending the process, start it again"
                );
                std::process::abort();
            }
        }
    };
    thread::Builder::new().name("watchdog".to_owned()).spawn(look).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_call_that_is_still_under_way_hangs() {
        let watched = Watched::default();
        let guard = watched.enter("commit");
        assert_eq!(watched.hangs(Duration::ZERO), Some("commit"));
        assert_eq!(watched.hangs(Duration::from_secs(60)), None);
        drop(guard);
        assert_eq!(watched.hangs(Duration::ZERO), None);
    }
}
