//! Open base panes, and how they are written to a log.
//!
//! The pane of a loud brand grows to megabytes, and one commit adds little to it: to write all of it every
//! time would cost many times what came in (twelve times what parts cost, with 100 commits a minute). So a
//! pane is logged in parts, of which it is the sum, by the counter method of Bentley and Saxe (1980): the
//! n-th write of a pane takes up all parts smaller than the largest power of two that divides n, so that
//! part `p` holds 2^p commits. From 2^[`LARGEST`] commits on a part stays as it is. A post is thus written
//! at most `LARGEST` + 1 times.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use serde::{Deserialize, Serialize};

use super::Tally;
use crate::model::{BrandId, Timestamp};

/// Parts from this number on hold 2^6 commits each and are not merged further, so that none grows too long
/// for a record.
const LARGEST: u32 = 6;

/// A pane's end, and the brand.
type PaneKey = (Timestamp, BrandId);

/// Written and read as the bare map.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Panes {
    open: BTreeMap<PaneKey, Box<Tally>>,
    /// `None` while nobody asks for changes.
    #[serde(skip)]
    log: Option<Log>,
}

/// What the log holds, and what is to be written.
#[derive(Clone, Debug, Default)]
struct Log {
    parts: BTreeMap<PaneKey, Parts>,
    changed: BTreeSet<PaneKey>,
    /// Panes that have closed since, and how often they had been written.
    closed: Vec<(PaneKey, u32)>,
}

/// The parts of one pane; they tell how often it was written, and that tells which parts there are.
#[derive(Clone, Debug, Default)]
struct Parts {
    writes: u32,
    /// Not written yet.
    fresh: Option<Box<Tally>>,
    /// Those that will be merged into larger ones.
    small: BTreeMap<u32, Box<Tally>>,
}

impl Panes {
    /// The panes, to be read.
    pub(super) fn entries(&self) -> &BTreeMap<PaneKey, Box<Tally>> {
        &self.open
    }

    /// Adds what a lane has folded.
    pub(super) fn merge(&mut self, key: PaneKey, tally: Box<Tally>) {
        if let Some(log) = &mut self.log {
            log.add(key, tally.clone());
        }
        merge_into(self.open.entry(key), tally);
    }

    /// Takes out the panes that end by `now`.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<(BrandId, Box<Tally>)> {
        let mut due = Vec::new();
        while let Some(entry) = self.open.first_entry().filter(|entry| entry.key().0 <= now) {
            let (key, tally) = entry.remove_entry();
            if let Some(log) = &mut self.log {
                log.close(key);
            }
            due.push((key.1, tally));
        }
        due
    }

    /// From here on changes are kept for the log; what is there now counts as written.
    pub(super) fn track(&mut self) {
        self.log.get_or_insert_default();
    }

    /// A part from the log, in any order.
    pub(super) fn restore(&mut self, key: PaneKey, part: u32, tally: Box<Tally>) {
        let parts = self.log.get_or_insert_default().parts.entry(key).or_default();
        parts.writes = parts.writes.saturating_add(1 << part.min(LARGEST));
        if part < LARGEST {
            parts.small.insert(part, tally.clone());
        }
        merge_into(self.open.entry(key), tally);
    }

    /// Gives the parts that have changed since the last call, or `None` where one is gone. The first call
    /// gives every pane as one part.
    pub(super) fn take_changes(&mut self, give: &mut dyn FnMut(PaneKey, u32, Option<&Tally>)) {
        let log = self.log.get_or_insert_with(|| {
            let mut log = Log::default();
            self.open.iter().for_each(|(key, tally)| log.add(*key, tally.clone()));
            log
        });
        for (key, writes) in log.closed.drain(..) {
            numbers(writes).for_each(|part| give(key, part, None));
        }
        for key in std::mem::take(&mut log.changed) {
            if let Some(parts) = log.parts.get_mut(&key) {
                parts.write(&mut |part, tally| give(key, part, tally));
            }
        }
    }

    /// The same panes under other brands, of which `None` are dropped. Not tracked.
    pub(super) fn rekeyed(self, brand: &dyn Fn(BrandId) -> Option<BrandId>) -> Panes {
        let open = self.open.into_iter().filter_map(|((end, old), tally)| Some(((end, brand(old)?), tally)));
        Panes { open: open.collect(), log: None }
    }
}

impl Log {
    fn add(&mut self, key: PaneKey, tally: Box<Tally>) {
        self.changed.insert(key);
        match &mut self.parts.entry(key).or_default().fresh {
            Some(fresh) => fresh.merge(*tally),
            none => *none = Some(tally),
        }
    }

    fn close(&mut self, key: PaneKey) {
        self.changed.remove(&key);
        if let Some(parts) = self.parts.remove(&key).filter(|parts| parts.writes > 0) {
            self.closed.push((key, parts.writes));
        }
    }
}

impl Parts {
    fn write(&mut self, give: &mut dyn FnMut(u32, Option<&Tally>)) {
        let Some(mut tally) = self.fresh.take() else { return };
        self.writes = self.writes.saturating_add(1);
        let level = self.writes.trailing_zeros().min(LARGEST);
        for part in 0..level {
            if let Some(smaller) = self.small.remove(&part) {
                tally.merge(*smaller);
                give(part, None);
            }
        }
        if level == LARGEST {
            return give(LARGEST - 1 + (self.writes >> LARGEST), Some(&tally));
        }
        give(level, Some(&tally));
        self.small.insert(level, tally);
    }
}

/// The parts of a pane that was written so often: the bits of the number, then the large ones.
fn numbers(writes: u32) -> impl Iterator<Item = u32> {
    let small = (0..LARGEST).filter(move |part| writes >> part & 1 == 1);
    small.chain(LARGEST..LARGEST + (writes >> LARGEST))
}

fn merge_into(slot: Entry<'_, PaneKey, Box<Tally>>, tally: Box<Tally>) {
    match slot {
        Entry::Vacant(slot) => drop(slot.insert(tally)),
        Entry::Occupied(mut slot) => slot.get_mut().merge(*tally),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: PaneKey = (Timestamp::from_millis(60_000), BrandId(0));

    fn one() -> Box<Tally> {
        let mut tally = Box::<Tally>::default();
        tally.counters.mentions = 1;
        tally
    }

    /// Takes the changes into a log; the mentions that were written.
    fn commit(panes: &mut Panes, log: &mut BTreeMap<u32, Tally>) -> i64 {
        let mut written = 0;
        panes.take_changes(&mut |_, part, tally| match tally {
            Some(tally) => {
                written += tally.counters.mentions;
                log.insert(part, tally.clone());
            }
            None => assert!(log.remove(&part).is_some(), "a tombstone of what was never there"),
        });
        written
    }

    #[test]
    fn a_pane_is_the_sum_of_few_parts_and_each_post_is_written_few_times() {
        let (mut panes, mut log, mut written) = (Panes::default(), BTreeMap::new(), 0);
        for n in 1..=1_000_u32 {
            panes.merge(KEY, one());
            written += commit(&mut panes, &mut log);
            assert!(log.keys().copied().eq(numbers(n)), "{n} writes");
            let mut back = Panes::default();
            // Any order will do.
            log.iter().rev().for_each(|(part, tally)| back.restore(KEY, *part, Box::new(tally.clone())));
            assert_eq!(back.open, panes.open);
            if n % 3 == 0 {
                panes = back;
            }
        }
        assert!(written <= 1_000 * i64::from(LARGEST + 1), "{written}");
        assert_eq!(panes.take_due(KEY.0).len(), 1);
        assert_eq!((commit(&mut panes, &mut log), log.len()), (0, 0));
        let left = panes.log.unwrap();
        assert!(left.parts.is_empty() && left.changed.is_empty() && left.closed.is_empty());
    }

    #[test]
    fn nothing_is_kept_for_a_log_that_nobody_asks_for() {
        let mut panes = Panes::default();
        panes.merge(KEY, one());
        panes.merge(KEY, one());
        assert!(panes.log.is_none());
        let bytes = postcard::to_stdvec(&panes).unwrap();
        assert_eq!(bytes, postcard::to_stdvec(&panes.open).unwrap());
    }
}
