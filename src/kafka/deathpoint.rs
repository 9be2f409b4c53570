//! Named points at which a debug build can be told to die or to halt, so that tests can show that nothing is lost there.
//!
//! `EARFUL_DIE_AT=POINT:N` ends the process as SIGKILL does, when any of its threads reaches the point of this name
//! for the Nth time. `EARFUL_HALT_AT=POINT:N:SECONDS` has that thread, and no other, sleep there once. A release build has
//! neither the points nor the variables.

/// The process may die here, or the thread halt.
#[cfg(not(all(debug_assertions, unix)))]
#[inline(always)]
pub(super) const fn reach(_: &str) {}

/// The process may die here, or the thread halt.
#[cfg(all(debug_assertions, unix))]
pub(super) fn reach(point: &str) {
    use std::sync::OnceLock;
    static DEATH: OnceLock<Option<Sentence>> = OnceLock::new();
    static HALT: OnceLock<Option<(Sentence, std::time::Duration)>> = OnceLock::new();
    let told = |variable| std::env::var(variable).ok();
    if let Some(sentence) = DEATH.get_or_init(|| Sentence::read(&told("EARFUL_DIE_AT")?))
        && sentence.is_due(point)
    {
        tracing::error!(point, "dying here, as EARFUL_DIE_AT says");
        let _ = signal_hook::low_level::raise(signal_hook::consts::SIGKILL);
    }
    if let Some((sentence, pause)) = HALT.get_or_init(|| Sentence::read_with_pause(&told("EARFUL_HALT_AT")?))
        && sentence.is_due(point)
    {
        tracing::error!(point, "halting here, as EARFUL_HALT_AT says");
        std::thread::sleep(*pause);
    }
}

/// Where and when to die, or to halt.
#[cfg(all(debug_assertions, unix))]
struct Sentence {
    point: String,
    /// Times that the point is still to be reached.
    left: std::sync::atomic::AtomicU64,
}

#[cfg(all(debug_assertions, unix))]
impl Sentence {
    /// From `POINT:N`.
    fn read(text: &str) -> Option<Sentence> {
        let (point, times) = text.split_once(':')?;
        Some(Sentence { point: point.to_owned(), left: times.parse::<u64>().ok()?.into() })
    }

    /// From `POINT:N:SECONDS`.
    fn read_with_pause(text: &str) -> Option<(Sentence, std::time::Duration)> {
        let (sentence, seconds) = text.rsplit_once(':')?;
        Some((Sentence::read(sentence)?, std::time::Duration::from_secs(seconds.parse().ok()?)))
    }

    fn is_due(&self, point: &str) -> bool {
        self.point == point && self.left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) == 1
    }
}

#[cfg(all(test, debug_assertions, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_due_once_and_at_its_point_only() {
        let sentence = Sentence::read("after_poll:2").unwrap();
        let due = ["after_poll", "mid_produce", "after_poll", "after_poll"].map(|p| sentence.is_due(p));
        assert_eq!(due, [false, false, true, false]);
        for wrong in ["", "after_poll", "after_poll:", "after_poll:x"] {
            assert!(Sentence::read(wrong).is_none(), "{wrong}");
        }
        let (sentence, pause) = Sentence::read_with_pause("after_poll:1:75").unwrap();
        assert!(sentence.is_due("after_poll") && pause.as_secs() == 75);
        assert!(Sentence::read_with_pause("after_poll:1").is_none());
    }
}
