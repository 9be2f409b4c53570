//! What becomes of a post: exactly one of seven fates.

use serde::{Deserialize, Serialize};

use super::post::named_enum;

named_enum! {
    /// The end of every post and every frame that comes in.
    Fate {
        /// Taken in on time.
        Kept = "kept",
        /// Older than its own lane's watermark: still a mention, marked late, and an additive metric delta.
        Late = "late",
        /// Seen before within the dedupe horizon.
        Duplicate = "duplicate",
        /// Left out by a spam rule.
        Filtered = "filtered",
        /// A frame that is no post: a like, a follow, a keep-alive.
        Ignored = "ignored",
        /// A delete or an edit of an earlier post, or an analyst's label for it.
        Retracted = "retracted",
        /// Not to be read; it goes to `dead`.
        Malformed = "malformed",
    }
}

/// How many ended in which fate. Their sum is the number received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FateCounts([u64; 7]);

impl FateCounts {
    /// Counts one.
    pub fn count(&mut self, fate: Fate) {
        self.0[fate as usize] += 1;
    }

    /// Counts several that ended in the same way.
    pub fn count_many(&mut self, fate: Fate, n: u64) {
        self.0[fate as usize] += n;
    }

    /// How many ended so.
    #[must_use]
    pub fn of(&self, fate: Fate) -> u64 {
        self.0[fate as usize]
    }

    /// All that were received.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.0.iter().sum()
    }

    /// What came on top of `before`.
    #[must_use]
    pub fn since(&self, before: &FateCounts) -> FateCounts {
        let mut difference = *self;
        for (a, b) in difference.0.iter_mut().zip(before.0) {
            *a = a.saturating_sub(b);
        }
        difference
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: &FateCounts) {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a += b;
        }
    }
}
