//! What a brand's last hours looked like, so that an incident can say why.
//!
//! Five-minute buckets of the sketches and short lists of closed panes, and the counts of every pane in
//! the longest window of the brand's rules. Bounded: buckets reach back [`BUCKETS_MS`] at most.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{
    causes::Causes,
    detect::{surge::ROW_MS, threshold::WindowCounts},
    digest::Exemplars,
    hll::Distinct,
    keys::Ranked,
    summary::Summary,
};
use crate::model::Timestamp;

/// Lists, authors and posts are remembered for three hours, whatever the window of a rule.
const BUCKETS_MS: i64 = 3 * 3_600_000;
/// Causes kept in a bucket.
const BUCKET_CAUSES: usize = 24;
/// Posts kept over a span.
const SPAN_EXEMPLARS: usize = 10;
/// Causes kept over a span.
const SPAN_CAUSES: usize = 64;

/// What stands out in one pane.
#[derive(Debug, Default)]
pub(super) struct Highlights {
    pub(super) exemplars: Exemplars,
    pub(super) causes: Causes,
}

/// One pane in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PaneCounts {
    end: Timestamp,
    mentions: i64,
    positive: i64,
    negative: i64,
}

/// Five minutes, or a span of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bucket {
    end: Timestamp,
    pub(super) authors: Distinct,
    pub(super) hashtags: Ranked,
    pub(super) links: Ranked,
    pub(super) top_authors: Ranked,
    pub(super) exemplars: Exemplars,
    pub(super) causes: Causes,
}

impl Bucket {
    /// The first pane of a bucket is taken over as it is: most brands have no second one.
    fn of(end: Timestamp, pane: Summary, seen: Highlights) -> Bucket {
        let Summary { authors, hashtags, links, top_authors, .. } = pane;
        let Highlights { exemplars, causes } = seen;
        let mut bucket = Bucket { end, authors, hashtags, links, top_authors, exemplars, causes };
        bucket.shorten();
        bucket
    }

    fn add(&mut self, pane: &Summary, seen: Highlights) {
        self.authors.merge(&pane.authors);
        self.hashtags.merge(&pane.hashtags);
        self.links.merge(&pane.links);
        self.top_authors.merge(&pane.top_authors);
        self.exemplars.absorb(seen.exemplars);
        self.causes.merge(seen.causes);
        self.shorten();
    }

    fn shorten(&mut self) {
        self.hashtags.shorten();
        self.links.shorten();
        self.top_authors.shorten();
        self.causes.prune(BUCKET_CAUSES);
    }

    fn merge(&mut self, other: &Bucket) {
        self.authors.merge(&other.authors);
        self.hashtags.merge_short(&other.hashtags);
        self.links.merge_short(&other.links);
        self.top_authors.merge_short(&other.top_authors);
        self.gather(&other.exemplars, &other.causes);
    }

    /// Adds what stands out in a pane to a span's memory.
    pub(super) fn gather(&mut self, exemplars: &Exemplars, causes: &Causes) {
        self.exemplars.merge(exemplars, SPAN_EXEMPLARS);
        self.causes.merge(causes.clone());
        self.causes.prune(SPAN_CAUSES);
    }
}

/// The recent past of one brand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Recent {
    panes: VecDeque<PaneCounts>,
    buckets: VecDeque<Bucket>,
}

impl Recent {
    /// Adds a closed pane; `keep_ms` is the longest window of the brand's rules.
    pub(super) fn add(&mut self, end: Timestamp, pane: Summary, seen: Highlights, keep_ms: i64) {
        let counters = &pane.counters;
        self.panes.push_back(PaneCounts {
            end,
            mentions: counters.mentions,
            positive: counters.positive,
            negative: counters.negative,
        });
        while self.panes.front().is_some_and(|p| p.end <= end.plus(-keep_ms)) {
            self.panes.pop_front();
        }
        self.add_to_bucket(end, pane, seen);
        let oldest = end.plus(-keep_ms.min(BUCKETS_MS));
        while self.buckets.front().is_some_and(|b| b.end <= oldest) {
            self.buckets.pop_front();
        }
    }

    fn add_to_bucket(&mut self, end: Timestamp, pane: Summary, seen: Highlights) {
        let bucket_end = end.plus(-1).floor(ROW_MS).plus(ROW_MS);
        match self.buckets.back_mut().filter(|bucket| bucket.end == bucket_end) {
            Some(bucket) => bucket.add(&pane, seen),
            None => self.buckets.push_back(Bucket::of(bucket_end, pane, seen)),
        }
    }

    /// Counts of the panes that end in `from..=to`, `from` exclusive.
    pub(super) fn counts(&self, from: Timestamp, to: Timestamp) -> WindowCounts {
        let mut counts = WindowCounts::default();
        for pane in self.panes.iter().rev().skip_while(|p| p.end > to).take_while(|p| p.end > from) {
            counts.mentions += pane.mentions;
            counts.positive += pane.positive;
            counts.negative += pane.negative;
        }
        counts
    }

    /// Everything in the buckets that end after `from`.
    pub(super) fn span(&self, from: Timestamp) -> Bucket {
        let mut span = Bucket::default();
        for bucket in self.buckets.iter().filter(|b| b.end > from) {
            span.merge(bucket);
        }
        span
    }
}
