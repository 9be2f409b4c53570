//! What a lane remembers of the posts that it has seen.
//!
//! Identities are remembered for the horizon of event time (by the watermark at their arrival) and at
//! most `limit` of them; the oldest go first. A matched post's numbers are remembered as long as its
//! identity, so that a delete or an edit can be subtracted.
//!
//! **Invariant:** a function of the lane's own input. Every change is also written to the journal
//! ([`super::journal`]), and replaying the journal gives the same memory.

use std::{borrow::Cow, collections::VecDeque};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{
    counters::PostNumbers,
    journal::Op,
    packed::Packed,
    posts::{Place, Posts},
};
use crate::model::{BrandId, Mention, Polarity, PostKey, Score, Timestamp};

/// The version of a deleted post: nothing is newer.
const DELETED: i64 = i64::MAX;

/// An identity and its mark in a journal.
const SEEN_BYTES: usize = 16;

/// A matched post, as it was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered<'a> {
    /// Native id, for a tombstone.
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    /// The time under which it was counted.
    pub(super) at: Timestamp,
    /// Counted as a late addition.
    pub(super) late: bool,
    pub(super) numbers: PostNumbers,
    pub(super) matches: SmallVec<[(BrandId, Polarity, Score); 2]>,
}

impl<'a> Remembered<'a> {
    /// What must be kept of a mention so that it can be taken back.
    pub(super) fn of(mention: &'a Mention, at: Timestamp, late: bool) -> Remembered<'a> {
        Remembered {
            id: Cow::Borrowed(&mention.key().id),
            at,
            late,
            numbers: PostNumbers::of(mention),
            matches: mention.matches.iter().map(|m| (m.brand, m.polarity, m.score)).collect(),
        }
    }

    pub(super) fn key(&self) -> PostKey {
        PostKey { network: self.numbers.network, id: self.id.as_ref().into() }
    }

    pub(super) fn into_owned(self) -> Remembered<'static> {
        Remembered { id: Cow::Owned(self.id.into_owned()), ..self }
    }
}

/// The newest label that an analyst has given a mention of one brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Given {
    /// When it was decided.
    pub(super) at: Timestamp,
    /// How many were in force so far.
    pub(super) revision: u32,
}

/// Recently seen identities, bounded in time and number.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    horizon_ms: i64,
    limit: usize,
    /// By identity: where that is which was counted of it, if it matched.
    known: FxHashMap<u64, Option<Place>>,
    posts: Posts,
    /// Identities ever seen, the forgotten ones too.
    seen: u64,
    /// Identities in the order of arrival.
    order: VecDeque<u64>,
    /// The watermark at arrival, and how many in `order` share it.
    marks: VecDeque<(Timestamp, u32)>,
    /// Versions other than 0.
    versions: FxHashMap<u64, i64>,
    /// Labels of analysts that are in force.
    given: FxHashMap<u64, SmallVec<[(BrandId, Given); 1]>>,
}

impl Memory {
    pub(super) fn new(horizon_ms: i64, limit: usize) -> Memory {
        Memory {
            horizon_ms,
            limit: limit.max(1),
            known: FxHashMap::default(),
            posts: Posts::default(),
            seen: 0,
            order: VecDeque::new(),
            marks: VecDeque::new(),
            versions: FxHashMap::default(),
            given: FxHashMap::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The version last seen of this identity; none when it is not remembered.
    pub(super) fn version(&self, identity: u64) -> Option<i64> {
        self.known.contains_key(&identity).then(|| self.versions.get(&identity).copied().unwrap_or(0))
    }

    /// The newest label that an analyst has given the mention of this brand.
    pub(super) fn given(&self, identity: u64, brand: BrandId) -> Option<Given> {
        let all = self.given.get(&identity)?;
        all.iter().find(|(of, _)| *of == brand).map(|(_, given)| *given)
    }

    /// The brands for which labels of analysts are in force.
    pub(super) fn labelled(&self, identity: u64) -> impl Iterator<Item = BrandId> {
        self.given.get(&identity).into_iter().flatten().map(|(brand, _)| *brand)
    }

    /// Applies one change; the same function serves the live lane and the replay of its journal.
    pub(super) fn apply(&mut self, op: &Op<'_>) {
        match *op {
            Op::Seen { identity, mark } => self.insert(identity, mark),
            Op::Version { identity, version } => {
                if self.known.contains_key(&identity) {
                    self.versions.insert(identity, version);
                    self.given.remove(&identity);
                }
            }
            Op::Post { identity, post } => self.set(identity, Some(post)),
            Op::Forget { identity } => self.set(identity, None),
            Op::Deleted { identity } => {
                self.set(identity, None);
                self.given.remove(&identity);
                if self.known.contains_key(&identity) {
                    self.versions.insert(identity, DELETED);
                }
            }
            Op::Remark { before, mark } => {
                // The live lane has forgotten this much; a heartbeat that made it so leaves no trace in the journal.
                self.expire(before);
                self.remark(mark);
            }
            Op::Labelled { identity, brand, given } => self.label(identity, brand, given),
        }
    }

    /// What is counted of a known identity from now on.
    fn set(&mut self, identity: u64, post: Option<Packed<'_>>) {
        let Some(slot) = self.known.get_mut(&identity) else { return };
        if let Some(old) = *slot {
            self.posts.waste(old);
        }
        *slot = post.map(|post| self.posts.push(post, self.seen));
        if self.posts.is_mostly_waste() {
            self.pack();
        }
    }

    fn label(&mut self, identity: u64, brand: BrandId, given: Given) {
        if !self.known.contains_key(&identity) {
            return;
        }
        let all = self.given.entry(identity).or_default();
        all.retain(|(of, _)| *of != brand);
        all.push((brand, given));
    }

    /// Writes all posts anew, without gaps.
    fn pack(&mut self) {
        let old = std::mem::take(&mut self.posts);
        let forgotten = self.seen - self.order.len() as u64;
        for (identity, number) in self.order.iter().zip(forgotten + 1..) {
            if let Some(slot) = self.known.get_mut(identity) {
                let post = slot.and_then(|place| old.get(place));
                *slot = post.map(|post| self.posts.push(post, number));
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
    pub(super) fn post(&self, identity: u64) -> Option<Remembered<'_>> {
        self.packed(identity)?.unpack()
    }

    fn packed(&self, identity: u64) -> Option<Packed<'_>> {
        self.posts.get((*self.known.get(&identity)?)?)
    }

    fn insert(&mut self, identity: u64, mark: Timestamp) {
        self.expire(mark);
        // A live lane asks before it inserts. On replay of a log whose front was dropped, an earlier
        // life of the identity may still be here: the live lane had forgotten it and all before it.
        while self.known.insert(identity, None).is_some() {
            while self.known.contains_key(&identity) {
                self.forget_oldest();
            }
        }
        self.order.push_back(identity);
        self.seen += 1;
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
        if !self.given.is_empty() {
            self.given.remove(&identity);
        }
        if let Some((_, n)) = self.marks.front_mut() {
            *n -= 1;
            if *n == 0 {
                self.marks.pop_front();
            }
        }
        self.posts.forget(self.seen - self.order.len() as u64);
    }

    /// Everything remembered, as the changes that make it.
    pub(super) fn dump(&self, write: &mut dyn FnMut(&Op<'_>)) {
        let marks = self.marks.iter().flat_map(|(mark, n)| (0..*n).map(|_| *mark));
        for (&identity, mark) in self.order.iter().zip(marks) {
            write(&Op::Seen { identity, mark });
            if let Some(&version) = self.versions.get(&identity) {
                write(&Op::Version { identity, version });
            }
            if let Some(post) = self.packed(identity) {
                write(&Op::Post { identity, post });
            }
            for &(brand, given) in self.given.get(&identity).into_iter().flatten() {
                write(&Op::Labelled { identity, brand, given });
            }
        }
    }

    /// About what [`Memory::dump`] takes in a journal.
    pub(super) fn journal_bytes(&self) -> usize {
        self.len() * SEEN_BYTES + self.posts.kept_bytes() as usize * 5 / 4
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::aggregate::laws::mention;

    const HORIZON_MS: i64 = 1_000;

    /// A step: how far time goes on, the identity, and what is done with it.
    type Step = (i64, u64, u8);

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        // Many edits of few posts, so that packing sets in; and many posts, so that chunks are dropped.
        prop_oneof![
            prop::collection::vec((0..2_i64, 1..40_u64, 0..6_u8), 0..6_000),
            prop::collection::vec((0..3_i64, 1..100_000_u64, 0..6_u8), 0..6_000),
        ]
    }

    /// What should be known: number and time of arrival, and the followers that were counted.
    #[derive(Default)]
    struct Oracle(BTreeMap<u64, (i64, Option<Option<u64>>)>);

    impl Oracle {
        fn expire(&mut self, now: i64) {
            self.0.retain(|_, (at, _)| *at >= now - HORIZON_MS);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn what_is_remembered_is_what_was_last_said(steps in steps()) {
            let (mut memory, mut oracle, mut now) = (Memory::new(HORIZON_MS, usize::MAX), Oracle::default(), 0);
            for (number, (passed, identity, kind)) in steps.into_iter().enumerate() {
                now += passed;
                let mark = Timestamp::from_millis(now);
                memory.expire(mark);
                oracle.expire(now);
                if memory.version(identity).is_none() {
                    memory.apply(&Op::Seen { identity, mark });
                    oracle.0.insert(identity, (now, None));
                }
                let mention = mention(identity, number as u64, 0);
                let entry = oracle.0.get_mut(&identity).unwrap();
                match kind {
                    0 => {}
                    1 => { memory.apply(&Op::Forget { identity }); entry.1 = None }
                    2 => { memory.apply(&Op::Deleted { identity }); entry.1 = None }
                    _ => {
                        let post = Remembered::of(&mention, mark, false);
                        memory.apply(&Op::Post { identity, post: Packed::pack(&post, &mut Vec::new()) });
                        entry.1 = Some(mention.excerpt.followers);
                    }
                }
            }
            prop_assert_eq!(memory.len(), oracle.0.len());
            for (identity, (_, followers)) in &oracle.0 {
                let post = memory.post(*identity);
                prop_assert_eq!(post.as_ref().map(|post| post.numbers.followers), *followers);
                prop_assert!(post.is_none_or(|post| post.id == identity.to_string()));
            }
        }
    }

    #[test]
    fn a_post_that_is_edited_for_ever_takes_no_more_room() {
        let mut memory = Memory::new(HORIZON_MS, 10);
        memory.apply(&Op::Seen { identity: 1, mark: Timestamp::from_millis(0) });
        for author in 0..100_000 {
            let mention = mention(1, author, 0);
            let post = Remembered::of(&mention, Timestamp::from_millis(0), false);
            memory.apply(&Op::Post { identity: 1, post: Packed::pack(&post, &mut Vec::new()) });
        }
        assert!(memory.posts.kept_bytes() < 400_000, "{}", memory.posts.kept_bytes());
    }
}
