//! A closed pane, and the hours and days that are merged from closed panes; and the rows made of them.
//!
//! **Invariant:** summaries are merged in the order of their panes only. Floats appear here for the
//! first time, as ratios of finished integer sums. Every definition is in `docs/metrics.md`.

use serde::{Deserialize, Serialize};

use super::{Tally, counters::Counters, hll::Distinct, keys::Ranked, reach::Audience};
use crate::model::{
    DistinctCount, Label, MetricRow, MetricStatus, NetSentiment, Reach, Resolution, Timestamp, TopEntry,
    TopList,
};

/// Name and version of what `engagement` sums.
const ENGAGEMENT_FORMULA: &str = "interactions@2024-07";

/// One brand over a closed span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) counters: Counters,
    pub(super) authors: Distinct,
    pub(super) audience: Audience,
    pub(super) hashtags: Ranked,
    pub(super) links: Ranked,
    pub(super) top_authors: Ranked,
}

impl Summary {
    /// Closes a pane's tally. Exemplars and causes go to the incidents and are left out here.
    pub(super) fn of(tally: Tally) -> Summary {
        Summary {
            counters: tally.counters,
            authors: tally.authors,
            audience: tally.audience,
            hashtags: tally.hashtags.rank(),
            links: tally.links.rank(),
            top_authors: tally.top_authors.rank(),
        }
    }

    /// Adds the next pane.
    pub(super) fn merge(&mut self, next: &Summary) {
        self.counters.merge(&next.counters);
        self.authors.merge(&next.authors);
        self.audience.merge(&next.audience);
        self.hashtags.merge(&next.hashtags);
        self.links.merge(&next.links);
        self.top_authors.merge(&next.top_authors);
    }
}

/// Which row is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowKey<'a> {
    pub(super) brand: &'a str,
    pub(super) resolution: Resolution,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) as_of: Timestamp,
}

/// A final or provisional row.
pub(super) fn full_row(
    key: &RowKey<'_>,
    status: MetricStatus,
    summary: &Summary,
    share_of_voice: Option<f64>,
    top: usize,
) -> MetricRow {
    let counters = &summary.counters;
    let (estimate, relative_error) = summary.authors.estimate();
    let (potential_unique, unique_relative_error) = summary.audience.estimate();
    let not_negative = |n: i64| u64::try_from(n).unwrap_or(0);
    MetricRow {
        authors: Some(DistinctCount { estimate, relative_error }),
        reach: Some(Reach {
            potential_total: not_negative(counters.followers),
            potential_unique,
            unique_relative_error,
            estimated: not_negative(counters.estimated_reach),
            known: not_negative(counters.followers_known),
        }),
        net_sentiment_polar: net_sentiment(counters, counters.positive + counters.negative),
        net_sentiment_total: net_sentiment(counters, counters.mentions),
        share_of_voice,
        top_hashtags: summary.hashtags.top(top),
        top_links: summary.links.top(top),
        top_authors: summary.top_authors.top(top),
        ..counts_row(key, status, counters)
    }
}

/// A delta row: counts and sums, no ratios of distinct things.
pub(super) fn delta_row(key: &RowKey<'_>, counters: &Counters) -> MetricRow {
    counts_row(key, MetricStatus::Delta, counters)
}

fn counts_row(key: &RowKey<'_>, status: MetricStatus, counters: &Counters) -> MetricRow {
    let mean = |n: i64| counters.score_e4 as f64 / 10_000.0 / n as f64;
    MetricRow {
        brand: key.brand.to_owned(),
        resolution: key.resolution,
        start: key.start,
        end: key.end,
        as_of: key.as_of,
        status,
        mentions: counters.mentions,
        originals: counters.mentions - counters.reposts,
        replies: counters.replies,
        reposts: counters.reposts,
        quotes: counters.quotes,
        positive: counters.positive,
        neutral: counters.neutral,
        negative: counters.negative,
        net_sentiment_polar: None,
        net_sentiment_total: None,
        score_sum: counters.score_e4 as f64 / 10_000.0,
        mean_score: (counters.mentions != 0).then(|| mean(counters.mentions)),
        authors: None,
        reach: None,
        engagement: counters.engagement,
        engagement_formula: ENGAGEMENT_FORMULA.to_owned(),
        impressions: (counters.views_known != 0).then_some(counters.views),
        share_of_voice: None,
        networks: entries(counters.networks.iter().map(|(n, count)| (n.as_str().into(), *count))),
        languages: entries(counters.languages.iter().map(|(l, count)| (l.as_str().into(), *count))),
        top_hashtags: TopList::default(),
        top_links: TopList::default(),
        top_authors: TopList::default(),
    }
}

fn entries(counts: impl Iterator<Item = (Label, i64)>) -> Vec<TopEntry> {
    let mut entries: Vec<_> = counts.map(|(value, count)| TopEntry { value, count }).collect();
    entries.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    entries
}

fn net_sentiment(counters: &Counters, n: i64) -> Option<NetSentiment> {
    (n > 0).then(|| balance(counters.positive - counters.negative, n))
}

/// A balance of -n..=n as a ratio with Wilson's 95 % interval. The balance is read as a share
/// (b + n) / 2n of n trials, so neutral posts count half to each side; the interval is mapped back to -1..1.
fn balance(balance: i64, n: i64) -> NetSentiment {
    const Z: f64 = 1.959_963_984_540_054;
    let trials = n as f64;
    let value = (balance as f64 / trials).clamp(-1.0, 1.0);
    let share = (value + 1.0) / 2.0;
    let scale = 1.0 + Z * Z / trials;
    let centre = (share + Z * Z / (2.0 * trials)) / scale;
    let half = Z / scale * (share * (1.0 - share) / trials + Z * Z / (4.0 * trials * trials)).sqrt();
    let to_unit = |share: f64| (2.0 * share - 1.0).clamp(-1.0, 1.0);
    NetSentiment { value, n, low: to_unit(centre - half).min(value), high: to_unit(centre + half).max(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_interval_matches_known_values() {
        // 8 of 10: Wilson's interval is 0.4902 to 0.9433.
        let ten = balance(6, 10);
        assert!((ten.value - 0.6).abs() < 1e-12);
        assert!((ten.low - (2.0 * 0.490_16 - 1.0)).abs() < 1e-4, "{}", ten.low);
        assert!((ten.high - (2.0 * 0.943_32 - 1.0)).abs() < 1e-4, "{}", ten.high);
    }

    #[test]
    fn ratios_without_a_denominator_are_null() {
        let counters = Counters { mentions: 3, neutral: 3, ..Counters::default() };
        assert_eq!(net_sentiment(&counters, 0), None);
        assert_eq!(net_sentiment(&counters, 3).map(|s| s.value), Some(0.0));
    }
}
