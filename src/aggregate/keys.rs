//! Most frequent keys: exact within a pane, then short lists with an error bound.
//!
//! [`KeyCounts`] counts every key of one pane. Beyond [`KEYS_MAX`] distinct keys it keeps only those
//! whose hash passes a level (Gibbons 2001, distinct sampling) with their exact counts; what the others
//! may have had at most is the error. At the close it becomes a [`Ranked`], which hours and days merge
//! in pane order: counts are lower bounds, and every pruning adds the greatest dropped count to the
//! error (mergeable summaries: Agarwal et al. 2012, without the subtraction, so that a key which
//! always was in the list keeps its exact count).
//!
//! **Invariant:** `KeyCounts` is a function of the multiset of keys, not of their order.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_64;

use super::keymap::KeyMap;
use crate::model::{TopEntry, TopList};

/// Distinct keys kept in one pane.
const KEYS_MAX: usize = 65_536;
/// Entries kept when a list is pruned.
const RANKED_KEEP: usize = 256;
/// A merged list is pruned when it has grown past this.
const RANKED_MAX: usize = 512;

/// A short list is pruned to half when it has grown past this.
const SHORT_MAX: usize = 64;

/// How often each key came, within one pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyCounts {
    /// Keys stay when their hash ends in at least so many zero bits.
    level: u32,
    /// Everything that was counted, kept or not.
    total: u64,
    counts: KeyMap<u64>,
}

/// How a key's hash fares: it passes every level up to this.
pub(super) fn key_level(key: &str) -> u32 {
    xxh3_64(key.as_bytes()).trailing_zeros()
}

impl KeyCounts {
    /// Counts one.
    pub(super) fn count(&mut self, key: &str) {
        self.total += 1;
        if let Some(n) = self.counts.get_mut(key) {
            *n += 1;
        } else {
            self.insert(key.into(), 1);
        }
    }

    fn insert(&mut self, key: Arc<str>, n: u64) {
        if self.level > 0 && key_level(&key) < self.level {
            return;
        }
        match self.counts.get_mut(&key) {
            Some(known) => *known += n,
            None => self.counts.insert(key, n),
        }
        while self.counts.len() > KEYS_MAX {
            self.raise_to(self.level + 1);
        }
    }

    fn raise_to(&mut self, level: u32) {
        if level > self.level {
            self.level = level;
            self.counts.retain(|key| key_level(key) >= level);
        }
    }

    /// Adds other counts.
    pub(super) fn merge(&mut self, other: KeyCounts) {
        if self.total == 0 {
            *self = other;
            return;
        }
        self.total += other.total;
        self.raise_to(other.level);
        for (key, n) in other.counts.into_entries() {
            self.insert(key, n);
        }
    }

    /// The list of the most frequent, at the close of the pane.
    pub(super) fn rank(self) -> Ranked {
        let kept: u64 = self.counts.iter().map(|(_, n)| n).sum();
        let error = if self.level == 0 { 0 } else { self.total - kept };
        let mut ranked = Ranked { error, counts: self.counts };
        if ranked.counts.len() > RANKED_KEEP {
            ranked.prune(RANKED_KEEP);
        }
        ranked
    }
}

/// The most frequent keys of a longer span: lower bounds, and by how much they may be too low.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranked {
    error: u64,
    counts: KeyMap<u64>,
}

impl Ranked {
    /// Adds the list of the next pane.
    pub(super) fn merge(&mut self, other: &Ranked) {
        self.error += other.error;
        self.counts.add_all(&other.counts);
        if self.counts.len() > RANKED_MAX {
            self.prune(RANKED_KEEP);
        }
    }

    /// As [`Ranked::merge`], for the short lists that incidents show.
    pub(super) fn merge_short(&mut self, other: &Ranked) {
        self.merge(other);
        self.shorten();
    }

    /// Prunes to the length of the lists that incidents show.
    pub(super) fn shorten(&mut self) {
        if self.counts.len() > SHORT_MAX {
            self.prune(SHORT_MAX / 2);
        }
    }

    /// Keeps the `keep` most frequent; the greatest count that is dropped joins the error.
    pub(super) fn prune(&mut self, keep: usize) {
        let order = sorted(&self.counts);
        let Some(&(_, dropped)) = order.get(keep) else { return };
        self.error += dropped;
        self.counts = order[..keep].iter().map(|&(key, n)| (Arc::clone(key), n)).collect();
    }

    /// The first `n`, most frequent first, ties by key.
    pub(super) fn top(&self, n: usize) -> TopList {
        let entries = sorted(&self.counts)
            .into_iter()
            .take(n)
            .map(|(key, n)| TopEntry { value: key.into(), count: n as i64 })
            .collect();
        TopList { entries, error: self.error }
    }
}

/// Most frequent first, ties by key.
fn sorted(counts: &KeyMap<u64>) -> Vec<(&Arc<str>, u64)> {
    let mut entries: Vec<(&Arc<str>, u64)> = counts.iter().map(|(key, n)| (key, *n)).collect();
    entries.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    entries
}

/// As [`sorted`], to be written.
fn written(counts: &KeyMap<u64>) -> Vec<(&str, u64)> {
    sorted(counts).into_iter().map(|(key, n)| (&**key, n)).collect()
}

// Maps are written in their sorted order, so that equal contents are equal bytes.

impl Serialize for KeyCounts {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (self.level, self.total, written(&self.counts)).serialize(s)
    }
}

impl<'de> Deserialize<'de> for KeyCounts {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<KeyCounts, D::Error> {
        let (level, total, counts) = <(u32, u64, Vec<(Box<str>, u64)>)>::deserialize(d)?;
        Ok(KeyCounts { level, total, counts: counts.into_iter().collect() })
    }
}

impl Serialize for Ranked {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (self.error, written(&self.counts)).serialize(s)
    }
}

impl<'de> Deserialize<'de> for Ranked {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Ranked, D::Error> {
        let (error, counts) = <(u64, Vec<(Box<str>, u64)>)>::deserialize(d)?;
        Ok(Ranked { error, counts: counts.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(keys: impl Iterator<Item = u64>) -> KeyCounts {
        let mut counts = KeyCounts::default();
        for key in keys {
            counts.count(&format!("key{key}"));
        }
        counts
    }

    #[test]
    fn counts_are_exact_and_ties_go_by_key() {
        let list = counted([3, 1, 3, 2, 1, 3].into_iter()).rank().top(2);
        let found: Vec<_> = list.entries.iter().map(|e| (&*e.value, e.count)).collect();
        assert_eq!((found, list.error), (vec![("key3", 3), ("key1", 2)], 0));
    }

    #[test]
    fn too_many_keys_are_sampled_the_same_in_any_order() {
        let n = KEYS_MAX as u64 + 9_000;
        let forward = counted((0..n).chain(0..50));
        let mut halves = counted((n / 2..n).rev());
        halves.merge(counted((0..n / 2).chain(0..50)));
        assert_eq!(forward, halves);
        assert_eq!(forward.level, 1);
        assert!(forward.rank().error > n / 3);
    }

    #[test]
    fn the_error_bounds_what_pruned_merges_lose() {
        let (mut day, mut exact) = (Ranked::default(), KeyCounts::default());
        for hour in 0..24_u64 {
            // One steady key, and a long tail that changes by the hour and comes back.
            let keys = (0..600).map(|i| if i % 3 == 0 { 7 } else { 100 + (hour % 5) * 400 + i });
            day.merge(&counted(keys.clone()).rank());
            exact.merge(counted(keys));
        }
        let list = day.top(1_000);
        assert_eq!((&*list.entries[0].value, list.entries[0].count), ("key7", 24 * 200));
        assert!(list.error > 0 && list.error <= 48, "{}", list.error);
        for entry in &list.entries {
            let truth = *exact.counts.get(&entry.value).unwrap();
            let count = entry.count as u64;
            assert!(
                count <= truth && truth - count <= list.error,
                "{entry:?} of {truth}, error {}",
                list.error
            );
        }
    }
}
