//! How far a lane's time has come.
//!
//! **Invariant:** never goes back; moved by the lane's own posts and heartbeats only.
//!
//! Where a feed has no clock of its own beside the published time (a file), a single post dated 2100
//! would make everything after it late. So without such a clock a leap of more than [`LEAP_MS`] must be
//! confirmed by [`CONFIRMATIONS`] posts in a row; until then they are on time, and time stands still.
//! For the same reason the first so many posts only set the time together, to the least of theirs: a first
//! post from 2100 does not count then, and one from 1970 is left behind by the next leap.

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
    /// Posts in a row that lie a leap ahead (or before any time is known), and the least of their times.
    leaping: u32,
    leap_to_ms: i64,
    /// Where time last went on after it had stood still.
    resumed_ms: i64,
}

impl Watermark {
    pub(super) fn new() -> Watermark {
        Watermark { now_ms: i64::MIN, ended: false, leaping: 0, leap_to_ms: i64::MAX, resumed_ms: i64::MIN }
    }

    /// Nothing on time comes before this.
    pub(super) fn now(&self) -> Timestamp {
        if self.ended { Timestamp::MAX } else { self.reached() }
    }

    /// How far the lane's time came before its input ended.
    pub(super) fn reached(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms)
    }

    /// An on-time post of `at`; `confirmed` when the feed has a second clock that agrees. True when this
    /// post ends a time during which posts were taken in and time stood still.
    pub(super) fn advance(&mut self, at: Timestamp, lateness_ms: i64, confirmed: bool) -> bool {
        let mut to = at;
        let leaps = self.now_ms == i64::MIN || at > self.now().plus(LEAP_MS);
        if leaps && !confirmed {
            self.leaping += 1;
            self.leap_to_ms = self.leap_to_ms.min(at.millis());
            if self.leaping < CONFIRMATIONS {
                return false;
            }
            to = Timestamp::from_millis(self.leap_to_ms);
        }
        let stood_still = leaps && self.leaping > 0;
        self.raise(to.plus(-lateness_ms));
        if stood_still {
            self.resumed_ms = self.now_ms;
        }
        self.leaping = 0;
        self.leap_to_ms = i64::MAX;
        stood_still
    }

    /// True while no time is known.
    pub(super) fn is_unset(&self) -> bool {
        self.now_ms == i64::MIN
    }

    /// What was seen while time stood still counts as seen when it went on: the last such time.
    pub(super) fn resumed(&self) -> Timestamp {
        Timestamp::from_millis(self.resumed_ms)
    }

    /// Moves to `to`, never back; the end of time ends the lane.
    pub(super) fn raise(&mut self, to: Timestamp) {
        if to == Timestamp::MAX {
            self.ended = true;
        } else {
            if self.is_unset() {
                (self.leaping, self.leap_to_ms) = (0, i64::MAX);
                self.resumed_ms = to.millis();
            }
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
            watermark.advance(at(post), 100, true);
            assert_eq!(watermark.now(), at(expected));
        }
    }

    #[test]
    fn one_wrong_clock_does_not_move_it_but_a_gap_does() {
        let mut watermark = Watermark::new();
        watermark.raise(at(0));
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

    /// The first post is of `first`, all others follow on each other from day 20,000 (2024).
    fn check_start(first: i64) {
        let mut watermark = Watermark::new();
        watermark.advance(at(first), 100, false);
        for i in 1..i64::from(CONFIRMATIONS) * 2 {
            assert!(watermark.now() < at(LEAP_MS * 20_000), "post {i} would be late");
            watermark.advance(at(LEAP_MS * 20_000 + i), 100, false);
        }
        let last = LEAP_MS * 20_000 + i64::from(CONFIRMATIONS) * 2 - 1;
        assert!(watermark.now() >= at(LEAP_MS * 20_000 - 100) && watermark.now() <= at(last));
    }

    #[test]
    fn a_first_post_with_a_wrong_clock_does_not_decide_for_the_others() {
        check_start(LEAP_MS * 47_482); // 2100
        check_start(0); // 1970
        check_start(LEAP_MS * 20_000);
    }
}
