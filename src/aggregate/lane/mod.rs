//! One ordered input: every reading gets its fate here, in one order of checks.
//!
//! 1. Malformed, ignored and filtered frames: counted; they neither move the clock nor are remembered.
//! 2. A delete: a tombstone always; its numbers are taken back when they are remembered. The identity
//!    is remembered as deleted, so that a copy that comes after it is a duplicate.
//! 3. A remembered identity: a greater version is an edit (`retracted`), anything else a duplicate,
//!    also when it is late, and also a second copy of a late post.
//! 4. A new identity older than the watermark: late. But an *edited* post older than the dedupe horizon
//!    may have been counted and forgotten: it replaces the mention and is not counted again.
//! 5. Otherwise it is kept, and moves the watermark.
//!
//! An analyst's label ([`corrections`]) changes what was counted of a remembered post: `retracted`. One that
//! is in force already is a duplicate; one that cannot be applied is malformed, so that it goes to `dead`. The clock
//! does not move, but for a lane that has had no post yet: see [`Lane::keep_pace`].
//!
//! **Invariant:** fates, tallies and memory are a function of the lane's own input and heartbeats. No
//! other lane, batch boundary or restart shows in them.

mod corrections;
mod restore;

use serde::{Deserialize, Serialize};

pub use restore::LaneRestore;

use super::{
    Folding, LaneDelta, LaneMark, LaneSettings,
    dedupe::{Memory, Remembered},
    delta::LateKey,
    journal::{self, Journal, Op},
    packed::Packed,
    tally::Prepared,
    watermark::Watermark,
};
use crate::model::{
    BrandId, Corrected, DeadLetter, Fate, FateCounts, Mention, Output, Polarity, PostKey, Reading,
    ReadingOutcome, Score, Timestamp,
};

/// What a lane lets out while it accepts one reading.
#[derive(Clone, Copy, Debug)]
pub enum LaneOutput<'a> {
    /// A matched post: kept, late, or retracted for an edit that replaces the earlier record of the same key.
    Mention(Fate, &'a Mention),
    /// The post of this key is gone, or no longer names a brand.
    Tombstone(&'a PostKey),
    /// The label of a mention is another one.
    Correction(&'a Corrected<'a>),
    /// An analyst's label for this brand is in force no more, because the text that it was given for is gone.
    LabelGone(&'a PostKey, BrandId),
    /// A record that cannot be used.
    Dead(&'a DeadLetter),
}

impl<'a> LaneOutput<'a> {
    /// The same as one of the four outputs. None for the end of a label, which the line of its mention says.
    #[must_use]
    pub fn output(self) -> Option<Output<'a>> {
        Some(match self {
            LaneOutput::Mention(fate, mention) => Output::Mention(fate, mention),
            LaneOutput::Tombstone(key) => Output::Tombstone(key),
            LaneOutput::Correction(corrected) => Output::Correction(corrected),
            LaneOutput::LabelGone(..) => return None,
            LaneOutput::Dead(dead) => Output::Dead(dead),
        })
    }
}

/// The small part of a lane's state; the remembered identities are in its journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneState {
    watermark: Watermark,
    fates: FateCounts,
    uncorrected: u64,
    sequence: u64,
}

impl LaneState {
    /// Nothing on time comes before this.
    #[must_use]
    pub fn watermark(&self) -> Timestamp {
        self.watermark.now()
    }

    /// How many ended in which fate.
    #[must_use]
    pub fn fates(&self) -> &FateCounts {
        &self.fates
    }
}

/// Midnight on 0001-01-01 and on 9999-12-30: times beyond are moved here, so that panes have printable ends.
const EARLIEST: Timestamp = Timestamp::from_millis(-62_135_596_800_000);
const LATEST: Timestamp = Timestamp::from_millis(253_402_128_000_000);

/// One ordered input: the unit of order, parallelism, dedupe, watermark and commit.
#[derive(Clone, Debug)]
pub struct Lane {
    settings: LaneSettings,
    watermark: Watermark,
    memory: Memory,
    journal: Journal,
    folding: Folding,
    fates: FateCounts,
    uncorrected: u64,
    sequence: u64,
    /// Reused buffers of the fold.
    author_name: String,
    text: String,
    /// A reused buffer of the memory.
    packed: Vec<u8>,
}

impl Lane {
    /// A lane that has seen nothing.
    #[must_use]
    pub fn new(settings: LaneSettings) -> Lane {
        let settings = LaneSettings { pane_ms: settings.pane_ms.max(1), ..settings };
        Lane {
            memory: Memory::new(settings.dedupe_horizon_ms, settings.dedupe_limit),
            settings,
            watermark: Watermark::new(),
            journal: Journal::new(),
            folding: Folding::default(),
            fates: FateCounts::default(),
            uncorrected: 0,
            sequence: 0,
            author_name: String::new(),
            text: String::new(),
            packed: Vec::new(),
        }
    }

    /// Gives one reading its fate, counts it, folds it, and lets out what must be written.
    pub fn accept(&mut self, reading: &Reading, emit: &mut dyn FnMut(LaneOutput<'_>)) -> Fate {
        let fate = match &reading.outcome {
            ReadingOutcome::Malformed(dead) => {
                emit(LaneOutput::Dead(dead));
                Fate::Malformed
            }
            ReadingOutcome::Ignored(_) => Fate::Ignored,
            ReadingOutcome::Filtered(_) => Fate::Filtered,
            ReadingOutcome::Delete(key) => {
                emit(LaneOutput::Tombstone(key));
                self.let_go_of_labels(reading.identity, key, emit);
                self.delete(reading.identity)
            }
            ReadingOutcome::Correction(correction) => {
                self.keep_pace(reading);
                self.label(reading, correction, emit)
            }
            ReadingOutcome::Unmatched => self.post(reading, None, emit),
            ReadingOutcome::Matched(mention) => self.post(reading, Some(mention), emit),
        };
        self.fates.count(fate);
        fate
    }

    fn delete(&mut self, identity: u64) -> Fate {
        match self.memory.post(identity).map(Remembered::into_owned) {
            Some(old) => self.correct(&old, -1),
            None if identity == 0 || self.memory.version(identity).is_none() => self.uncorrected += 1,
            None => {}
        }
        if identity != 0 {
            if self.memory.version(identity).is_none() {
                self.remember(Op::Seen { identity, mark: self.watermark.now() });
            }
            self.remember(Op::Deleted { identity });
        }
        Fate::Retracted
    }

    fn post(
        &mut self,
        reading: &Reading,
        mention: Option<&Mention>,
        emit: &mut dyn FnMut(LaneOutput<'_>),
    ) -> Fate {
        let at = self.counted_time(reading);
        let known = if reading.identity == 0 { None } else { self.memory.version(reading.identity) };
        match known {
            Some(version) if reading.version > version => self.edit(reading, mention, at, emit),
            Some(_) => Fate::Duplicate,
            None => self.new_post(reading, mention, at, emit),
        }
    }

    /// The published time, not after the received time and its skew: one bot with a wrong clock must
    /// not make everybody else late.
    fn counted_time(&self, reading: &Reading) -> Timestamp {
        reading.published_at.min(reading.received_at.plus(self.settings.skew_ms)).clamp(EARLIEST, LATEST)
    }

    fn new_post(
        &mut self,
        reading: &Reading,
        mention: Option<&Mention>,
        at: Timestamp,
        emit: &mut dyn FnMut(LaneOutput<'_>),
    ) -> Fate {
        let late = at < self.watermark.now();
        let forgotten = at < self.watermark.now().plus(-self.settings.dedupe_horizon_ms);
        if !late {
            self.advance(reading, at);
        }
        let uncorrected = forgotten && reading.version > 0;
        let fate = match (late, uncorrected) {
            (_, true) => Fate::Retracted,
            (true, _) => Fate::Late,
            (false, _) => Fate::Kept,
        };
        self.uncorrected += u64::from(uncorrected);
        self.remember_new(reading, mention.filter(|_| !uncorrected), at, late);
        if let Some(mention) = mention {
            if !uncorrected {
                self.fold(mention, at, late);
            }
            emit(LaneOutput::Mention(fate, mention));
        }
        fate
    }

    fn advance(&mut self, reading: &Reading, at: Timestamp) {
        let confirmed = reading.received_at != reading.published_at;
        let before = self.watermark.now();
        if self.watermark.advance(at, self.settings.lateness_ms, confirmed) {
            self.remember(Op::Remark { before, mark: self.watermark.now() });
        }
        self.memory.expire(self.watermark.now());
    }

    /// A lane that has had no post yet goes by the times of its corrections, so that a feed of nothing else does not hold
    /// the others back: a post of that lane that is older than such a label by more than the lateness is late. Any other
    /// lane does not: there a correction makes no post late.
    pub fn keep_pace(&mut self, reading: &Reading) {
        if self.fates.of(Fate::Kept) == 0 {
            self.advance(reading, self.counted_time(reading));
        }
    }

    fn edit(
        &mut self,
        reading: &Reading,
        mention: Option<&Mention>,
        at: Timestamp,
        emit: &mut dyn FnMut(LaneOutput<'_>),
    ) -> Fate {
        let identity = reading.identity;
        let old = self.memory.post(identity).map(Remembered::into_owned);
        if let Some(old) = &old {
            self.let_go_of_labels(identity, &old.key(), emit);
            self.correct(old, -1);
        }
        self.remember(Op::Version { identity, version: reading.version });
        // An edit does not move a post in time.
        let (at, late) = old.as_ref().map_or((at, false), |o| (o.at, o.late));
        match (mention, old) {
            (Some(mention), _) => {
                let new = Remembered::of(mention, at, late);
                self.correct(&new, 1);
                self.remember_post(identity, &new);
                emit(LaneOutput::Mention(Fate::Retracted, mention));
            }
            (None, Some(old)) => {
                self.remember(Op::Forget { identity });
                emit(LaneOutput::Tombstone(&old.key()));
            }
            (None, None) => {}
        }
        Fate::Retracted
    }

    fn remember_new(&mut self, reading: &Reading, mention: Option<&Mention>, at: Timestamp, late: bool) {
        let identity = reading.identity;
        if identity == 0 {
            return;
        }
        self.remember(Op::Seen { identity, mark: self.watermark.now() });
        if reading.version != 0 {
            self.remember(Op::Version { identity, version: reading.version });
        }
        if let Some(mention) = mention {
            self.remember_post(identity, &Remembered::of(mention, at, late));
        }
    }

    fn remember_post(&mut self, identity: u64, post: &Remembered<'_>) {
        post.matches.iter().for_each(|(brand, ..)| self.journal.name(*brand));
        let mut buffer = std::mem::take(&mut self.packed);
        self.remember(Op::Post { identity, post: Packed::pack(post, &mut buffer) });
        self.packed = buffer;
    }

    fn remember(&mut self, op: Op<'_>) {
        self.journal.push(&op);
        self.memory.apply(&op);
    }

    /// Folds a new mention: on time into its open pane, late as an addition that is due at the epoch.
    fn fold(&mut self, mention: &Mention, at: Timestamp, late: bool) {
        if late {
            return self.correct(&Remembered::of(mention, at, true), 1);
        }
        let start = at.floor(self.settings.pane_ms);
        let post = Prepared::new(mention, at, &mut self.author_name);
        for found in &mention.matches {
            let tally = self.folding.panes.entry((start, found.brand)).or_default();
            tally.add(&post, found, &self.author_name, &mut self.text);
        }
    }

    /// Adds (1) or takes back (-1) counts and sums: in the open pane, else as an addition.
    fn correct(&mut self, post: &Remembered<'_>, sign: i64) {
        post.matches.iter().for_each(|found| self.correct_one(post, *found, sign));
    }

    fn correct_one(
        &mut self,
        post: &Remembered<'_>,
        (brand, polarity, score): (BrandId, Polarity, Score),
        sign: i64,
    ) {
        let start = post.at.floor(self.settings.pane_ms);
        let closed = start.plus(self.settings.pane_ms) <= self.watermark.now();
        let epoch = self.watermark.now().floor(self.settings.pane_ms).plus(self.settings.pane_ms);
        let counters = if post.late || closed {
            self.folding.late.entry(LateKey { epoch, brand, start }).or_default()
        } else {
            &mut self.folding.panes.entry((start, brand)).or_default().counters
        };
        counters.add(&post.numbers, polarity, score, sign);
    }

    /// The runtime's promise that nothing on time will come before `to`. It must be durable in the
    /// lane's own order before anything is written because of it. Never moves the watermark back.
    pub fn heartbeat(&mut self, to: Timestamp) {
        let (starts, before) = (self.watermark.is_unset(), self.watermark.now());
        self.watermark.raise(to);
        if starts && !self.watermark.is_unset() && self.memory.len() > 0 {
            self.remember(Op::Remark { before, mark: self.watermark.now() });
        }
        self.memory.expire(self.watermark.now());
    }

    /// The input has ended: every pane may close.
    pub fn finish(&mut self) {
        self.heartbeat(Timestamp::MAX);
    }

    /// Nothing on time comes before this.
    #[must_use]
    pub fn watermark(&self) -> Timestamp {
        self.watermark.now()
    }

    /// How many ended in which fate.
    #[must_use]
    pub fn fates(&self) -> &FateCounts {
        &self.fates
    }

    /// Deletes and edits of posts that were not remembered (any more), and labels that could not be applied, so that
    /// metrics were not corrected.
    #[must_use]
    pub fn uncorrected(&self) -> u64 {
        self.uncorrected
    }

    /// True when a post of this identity is remembered and counted for some brand.
    #[must_use]
    pub fn counts(&self, identity: u64) -> bool {
        self.memory.post(identity).is_some()
    }

    /// Identities remembered now.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.memory.len()
    }

    /// What was folded since the last call. Call as often as is convenient: rows do not depend on it.
    pub fn take_delta(&mut self) -> LaneDelta {
        LaneDelta { mark: self.take_mark(), folded: self.folding.take() }
    }

    /// How far the lane has come, for an owner that has what it folded by [`Lane::swap_folding`].
    pub fn take_mark(&mut self) -> LaneMark {
        let Lane { sequence, watermark, .. } = self;
        let mark = LaneMark { sequence: *sequence, watermark: watermark.now(), reached: watermark.reached() };
        self.sequence += 1;
        mark
    }

    /// Exchanges what the lane is folding. An owner of many lanes lends one `Folding` to each in turn, so that a
    /// brand that all of them name has one tally and not one a lane.
    pub fn swap_folding(&mut self, folding: &mut Folding) {
        std::mem::swap(&mut self.folding, folding);
    }

    /// What was remembered or forgotten on purpose since the last call, to be appended to a log as one
    /// record (empty: nothing). State plus the records so far restore the lane.
    pub fn take_journal(&mut self) -> Vec<u8> {
        self.journal.take(self.watermark.now())
    }

    /// The brands that stand by their numbers in what [`Lane::take_journal`] would return, ascending. A log that
    /// outlives a list of brands must keep their names beside each record.
    pub fn journal_brands(&self) -> impl Iterator<Item = BrandId> {
        self.journal.brands()
    }

    /// About the length of what [`Lane::take_journal`] would return.
    #[must_use]
    pub fn journal_bytes(&self) -> usize {
        self.journal.len()
    }

    /// Everything that is remembered, as one record that replaces the whole log so far. Also clears
    /// what `take_journal` would return.
    pub fn dump_journal(&mut self) -> Vec<u8> {
        self.journal = Journal::new();
        let mut whole = Journal::with_capacity(self.memory.journal_bytes());
        self.memory.dump(&mut |op| whole.push(op));
        whole.take(self.watermark.now())
    }

    /// True when no identity of this journal record is remembered any more by its age, so that a log
    /// may drop it from its front.
    #[must_use]
    pub fn is_expired(&self, journal_record: &[u8]) -> bool {
        let oldest = self.watermark.now().plus(-self.settings.dedupe_horizon_ms);
        // What a record holds from before time stood still counts as seen when it went on (`Op::Remark`).
        let resumed = self.watermark.resumed();
        let newest = journal::newest_mark(journal_record).map(|mark| mark.max(resumed));
        newest.is_some_and(|mark| mark > Timestamp::MIN && mark < oldest)
    }

    /// The small state; take it after `take_delta` and together with `take_journal`, between two readings.
    #[must_use]
    pub fn state(&self) -> LaneState {
        LaneState {
            watermark: self.watermark,
            fates: self.fates,
            uncorrected: self.uncorrected,
            sequence: self.sequence,
        }
    }
}
