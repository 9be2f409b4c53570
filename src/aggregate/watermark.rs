//! How far a lane's time has come.
//!
//! **Invariant:** never goes back; moved by the lane's own posts and heartbeats only.
//!
//! Where a feed has no clock of its own beside the published time (a file), a single post dated 2100
//! would make everything after it late. So without such a clock a leap of more than [`LEAP_MS`] must be
//! confirmed by [`CONFIRMATIONS`] posts in a row; until then they are on time, and time stands still.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// A step forward that a lone published time may not make: one day.
const LEAP_MS: i64 = 86_400_000;
/// Posts in a row that must agree on a leap.
const CONFIRMATIONS: u32 = 16;

/// The watermark of one lane. Plain numbers, so that the ends of time survive any format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watermark {
    now_ms: i64,
    /// The input has ended; `now_ms` stays where it was.
    ended: bool,
    /// Posts in a row that lie a leap ahead, and the least of their times.
    leaping: u32,
    leap_to_ms: i64,
}

impl Watermark {
    pub(super) fn new() -> Watermark {
        Watermark { now_ms: i64::MIN, ended: false, leaping: 0, leap_to_ms: i64::MAX }
    }

    /// Nothing on time comes before this.
    pub(super) fn now(&self) -> Timestamp {
        if self.ended { Timestamp::MAX } else { self.reached() }
    }

    /// How far the lane's time came before its input ended.
    pub(super) fn reached(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms)
    }

    /// An on-time post of `at`; `confirmed` when the feed has a second clock that agrees.
    pub(super) fn advance(&mut self, at: Timestamp, lateness_ms: i64, confirmed: bool) {
        let mut to = at;
        if !confirmed && self.now_ms > i64::MIN && at > self.now().plus(LEAP_MS) {
            self.leaping += 1;
            self.leap_to_ms = self.leap_to_ms.min(at.millis());
            if self.leaping < CONFIRMATIONS {
                return;
            }
            to = Timestamp::from_millis(self.leap_to_ms);
        }
        self.leaping = 0;
        self.leap_to_ms = i64::MAX;
        self.raise(to.plus(-lateness_ms));
    }

    /// Moves to `to`, never back; the end of time ends the lane.
    pub(super) fn raise(&mut self, to: Timestamp) {
        if to == Timestamp::MAX {
            self.ended = true;
        } else {
            self.now_ms = self.now_ms.max(to.millis());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn stays_behind_and_never_goes_back() {
        let mut watermark = Watermark::new();
        for (post, expected) in [(1_000, 900), (500, 900), (2_000, 1_900)] {
            watermark.advance(at(post), 100, false);
            assert_eq!(watermark.now(), at(expected));
        }
    }

    #[test]
    fn one_wrong_clock_does_not_move_it_but_a_gap_does() {
        let mut watermark = Watermark::new();
        watermark.advance(at(0), 0, false);
        watermark.advance(at(LEAP_MS * 9_000), 0, false);
        watermark.advance(at(5), 0, false);
        assert_eq!(watermark.now(), at(5));
        for i in 0..i64::from(CONFIRMATIONS) {
            assert_eq!(watermark.now(), at(5));
            watermark.advance(at(LEAP_MS * 3 + i), 0, false);
        }
        assert_eq!(watermark.now(), at(LEAP_MS * 3));
        watermark.advance(at(LEAP_MS * 9), 0, true);
        assert_eq!(watermark.now(), at(LEAP_MS * 9));
    }
}
