//! What a lane remembers of the posts that it has seen.
//!
//! Identities are remembered for the horizon of event time (by the watermark at their arrival) and at
//! most `limit` of them; the oldest go first. A matched post's numbers are remembered as long as its
//! identity, so that a delete or an edit can be subtracted.
//!
//! **Invariant:** a function of the lane's own input. Every change is also written to the journal
//! ([`super::journal`]), and replaying the journal gives the same memory.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{counters::PostNumbers, journal::Op};
use crate::model::{BrandId, Polarity, Score, Timestamp};

/// The version of a deleted post: nothing is newer.
const DELETED: i64 = i64::MAX;

/// A matched post, as it was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// Native id, for a tombstone.
    pub(super) id: Box<str>,
    /// The time under which it was counted.
    pub(super) at: Timestamp,
    /// Counted as a late addition.
    pub(super) late: bool,
    pub(super) numbers: PostNumbers,
    pub(super) matches: SmallVec<[(BrandId, Polarity, Score); 2]>,
}

/// Recently seen identities, bounded in time and number.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    horizon_ms: i64,
    limit: usize,
    /// By identity: what was counted of it, if it matched. Boxed, because most match nothing.
    known: FxHashMap<u64, Option<Box<Remembered>>>,
    /// Identities in the order of arrival.
    order: VecDeque<u64>,
    /// The watermark at arrival, and how many in `order` share it.
    marks: VecDeque<(Timestamp, u32)>,
    /// Versions other than 0.
    versions: FxHashMap<u64, i64>,
}

impl Memory {
    pub(super) fn new(horizon_ms: i64, limit: usize) -> Memory {
        Memory {
            horizon_ms,
            limit: limit.max(1),
            known: FxHashMap::default(),
            order: VecDeque::new(),
            marks: VecDeque::new(),
            versions: FxHashMap::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The version last seen of this identity; none when it is not remembered.
    pub(super) fn version(&self, identity: u64) -> Option<i64> {
        self.known.contains_key(&identity).then(|| self.versions.get(&identity).copied().unwrap_or(0))
    }

    /// Applies one change; the same function serves the live lane and the replay of its journal.
    pub(super) fn apply(&mut self, op: Op) {
        match op {
            Op::Seen { identity, mark } => self.insert(identity, mark),
            Op::Version { identity, version } => {
                if self.known.contains_key(&identity) {
                    self.versions.insert(identity, version);
                }
            }
            Op::Post { identity, post } => {
                if let Some(slot) = self.known.get_mut(&identity) {
                    *slot = Some(post);
                }
            }
            Op::Forget { identity } => {
                if let Some(slot) = self.known.get_mut(&identity) {
                    *slot = None;
                }
            }
            Op::Deleted { identity } => {
                if let Some(slot) = self.known.get_mut(&identity) {
                    *slot = None;
                    self.versions.insert(identity, DELETED);
                }
            }
            Op::Remark { before, mark } => {
                // The live lane has forgotten this much; a heartbeat that made it so leaves no trace in the journal.
                self.expire(before);
                self.remark(mark);
            }
        }
    }

    /// Everything counts as seen at `mark`, unless it already does later.
    fn remark(&mut self, mark: Timestamp) {
        for (old, _) in &mut self.marks {
            *old = mark.max(*old);
        }
    }

    /// What was counted of this identity.
    pub(super) fn post(&self, identity: u64) -> Option<&Remembered> {
        self.known.get(&identity)?.as_deref()
    }

    fn insert(&mut self, identity: u64, mark: Timestamp) {
        self.expire(mark);
        // A live lane asks before it inserts. On replay of a log whose front was dropped, an earlier
        // life of the identity may still be here: the live lane had forgotten it and all before it.
        while self.known.contains_key(&identity) {
            self.forget_oldest();
        }
        self.known.insert(identity, None);
        self.order.push_back(identity);
        match self.marks.back_mut() {
            Some((last, n)) if *last == mark && *n < u32::MAX => *n += 1,
            _ => self.marks.push_back((mark, 1)),
        }
        while self.order.len() > self.limit {
            self.forget_oldest();
        }
    }

    /// Forgets what is older than the horizon.
    pub(super) fn expire(&mut self, watermark: Timestamp) {
        while self.marks.front().is_some_and(|(mark, _)| *mark < watermark.plus(-self.horizon_ms)) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        let Some(identity) = self.order.pop_front() else { return };
        self.known.remove(&identity);
        if !self.versions.is_empty() {
            self.versions.remove(&identity);
        }
        if let Some((_, n)) = self.marks.front_mut() {
            *n -= 1;
            if *n == 0 {
                self.marks.pop_front();
            }
        }
    }

    /// Everything remembered, as the changes that make it.
    pub(super) fn dump(&self, write: &mut dyn FnMut(&Op)) {
        let marks = self.marks.iter().flat_map(|(mark, n)| (0..*n).map(|_| *mark));
        for (&identity, mark) in self.order.iter().zip(marks) {
            write(&Op::Seen { identity, mark });
            if let Some(&version) = self.versions.get(&identity) {
                write(&Op::Version { identity, version });
            }
            if let Some(Some(post)) = self.known.get(&identity) {
                write(&Op::Post { identity, post: post.clone() });
            }
        }
    }

    /// Renames the brands of all remembered posts; a brand that is gone is taken out.
    pub(super) fn remap(&mut self, brand: &dyn Fn(BrandId) -> Option<BrandId>) {
        for post in self.known.values_mut().flatten() {
            post.matches = post.matches.iter().filter_map(|&(b, p, s)| Some((brand(b)?, p, s))).collect();
        }
    }
}
