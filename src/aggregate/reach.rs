//! Audience over distinct authors: the sum of followers, each author counted once.
//!
//! Exact up to [`SAMPLE`] authors. Beyond, a bottom-k sketch of authors (Bar-Yossef et al. 2002) whose
//! ranks are divided by the followers: priority sampling (Duffield, Lund, Thorup 2007). Followers are
//! so unequal that a plain bottom-k would mostly miss the few accounts that make the sum; with
//! priorities the relative standard error is at most 1/sqrt(k-1) whatever the distribution (Szegedy 2006).
//!
//! **Invariant:** integers only, a function of the set of (author, greatest followers): an author's rank
//! is final once the post with the most followers has been seen, and ranks of others only fall.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::counters::FOLLOWERS_MAX;

/// Authors sampled; one more is kept as the threshold.
const SAMPLE: usize = 256;
/// Upper bound of the relative standard error when sampled.
const RELATIVE_ERROR: f64 = 0.0626;

/// An author and the most followers that any of the posts stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    hash: u64,
    followers: u64,
}

impl Entry {
    /// By rank = hash / followers, smallest first; ties by hash. Exact in 128 bits.
    fn by_rank(&self, other: &Entry) -> Ordering {
        let mine = u128::from(self.hash) * u128::from(other.followers);
        let theirs = u128::from(other.hash) * u128::from(self.followers);
        mine.cmp(&theirs).then(self.hash.cmp(&other.hash))
    }

    /// The followers at which an author with this rank would be sampled for certain.
    fn threshold(&self) -> u128 {
        (u128::from(self.followers) << 64) / (u128::from(self.hash) + 1)
    }
}

/// A mergeable sum of followers over distinct authors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Audience {
    /// Ascending by rank, at most `SAMPLE + 1`.
    entries: Vec<Entry>,
}

impl Audience {
    /// An author's post; authors without followers add nothing and are not kept.
    pub(super) fn insert(&mut self, hash: u64, followers: u64) {
        if followers > 0 {
            self.insert_entry(Entry { hash, followers: followers.min(FOLLOWERS_MAX) });
        }
    }

    fn insert_entry(&mut self, entry: Entry) {
        if self.entries.len() > SAMPLE && self.entries.last().is_some_and(|e| e.by_rank(&entry).is_lt()) {
            return;
        }
        if let Some(at) = self.entries.iter().position(|e| e.hash == entry.hash) {
            if self.entries[at].followers >= entry.followers {
                return;
            }
            self.entries.remove(at);
        }
        let at = self.entries.partition_point(|e| e.by_rank(&entry).is_lt());
        self.entries.insert(at, entry);
        self.entries.truncate(SAMPLE + 1);
    }

    /// The union, each author with the greater number.
    pub(super) fn merge(&mut self, other: &Audience) {
        if self.entries.is_empty() {
            self.entries.clone_from(&other.entries);
            return;
        }
        for entry in &other.entries {
            self.insert_entry(*entry);
        }
    }

    /// The sum, and its relative standard error.
    pub(super) fn estimate(&self) -> (u64, f64) {
        if self.entries.len() <= SAMPLE {
            return (self.entries.iter().map(|e| e.followers).sum(), 0.0);
        }
        let threshold = self.entries[SAMPLE].threshold();
        let sum = self.entries[..SAMPLE].iter().map(|e| u128::from(e.followers).max(threshold)).sum::<u128>();
        (u64::try_from(sum).unwrap_or(u64::MAX), RELATIVE_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64_with_seed;

    /// Followers as they are: most authors have a hundred, a few have millions.
    fn followers(i: u64) -> u64 {
        if i.is_multiple_of(500) { 1_000_000 + i } else { 10 + i % 300 }
    }

    fn filled(range: std::ops::Range<u64>, seed: u64) -> Audience {
        let mut audience = Audience::default();
        for i in range {
            audience.insert(xxh3_64_with_seed(&i.to_le_bytes(), seed), followers(i));
        }
        audience
    }

    #[test]
    fn is_exact_while_small_and_takes_the_greatest_number() {
        let mut audience = filled(0..256, 0);
        let exact: u64 = (0..256).map(followers).sum();
        assert_eq!(audience.estimate(), (exact, 0.0));
        let mut few = Audience::default();
        for n in [5, 9, 7] {
            few.insert(1, n);
        }
        few.insert(2, 0);
        assert_eq!(few.estimate(), (9, 0.0));
        audience.merge(&few);
        assert!(audience.estimate().1 > 0.0);
    }

    #[test]
    fn an_unequal_audience_is_estimated_within_three_sigma() {
        let exact = (0..20_000).map(followers).sum::<u64>() as f64;
        for seed in 0..10 {
            let (estimate, error) = filled(0..20_000, seed).estimate();
            assert!(
                (estimate as f64 - exact).abs() / exact <= 3.0 * error,
                "seed {seed}: {estimate} of {exact}"
            );
        }
    }

    #[test]
    fn parts_in_any_order_make_the_same_sketch() {
        let whole = filled(0..3_000, 4);
        let mut parts = filled(1_500..3_000, 4);
        parts.merge(&filled(0..1_800, 4));
        assert_eq!(parts, whole);
    }
}
