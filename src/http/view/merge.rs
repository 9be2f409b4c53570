//! Adding a delta to the final row that it corrects.

use crate::model::{MetricRow, NetSentiment, TopEntry};

/// The 97.5th percentile of the normal distribution: a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// Scores are in steps of one ten-thousandth, so sums are rounded to it.
const SCORE_UNITS: f64 = 10_000.0;

/// Adds counts and sums; sentiments follow from them. What cannot be added (distinct authors, reach,
/// top lists) stays as it was when the pane closed.
pub(super) fn add_delta(row: &mut MetricRow, delta: &MetricRow) {
    row.mentions += delta.mentions;
    row.score_sum = ((row.score_sum + delta.score_sum) * SCORE_UNITS).round() / SCORE_UNITS;
    row.mean_score = (row.mentions > 0).then(|| (row.score_sum / row.mentions as f64).clamp(-1.0, 1.0));
    row.originals += delta.originals;
    row.replies += delta.replies;
    row.reposts += delta.reposts;
    row.quotes += delta.quotes;
    row.positive += delta.positive;
    row.neutral += delta.neutral;
    row.negative += delta.negative;
    row.engagement += delta.engagement;
    row.impressions = add_known(row.impressions, delta.impressions);
    add_entries(&mut row.networks, &delta.networks);
    add_entries(&mut row.languages, &delta.languages);
    let difference = row.positive - row.negative;
    let polar = row.positive + row.negative;
    row.net_sentiment_polar = net_sentiment(difference, polar);
    row.net_sentiment_total = net_sentiment(difference, polar + row.neutral);
    row.as_of = row.as_of.max(delta.as_of);
}

/// `difference / n` with Wilson's score interval (Wilson 1927), of the share `(value + 1) / 2`.
fn net_sentiment(difference: i64, n: i64) -> Option<NetSentiment> {
    if n <= 0 {
        return None;
    }
    let count = n as f64;
    let value = difference as f64 / count;
    let share = (value + 1.0) / 2.0;
    let scale = 1.0 + Z * Z / count;
    let centre = (share + Z * Z / (2.0 * count)) / scale;
    let spread = (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).max(0.0).sqrt();
    let half = Z / scale * spread;
    Some(NetSentiment { value, n, low: 2.0 * (centre - half) - 1.0, high: 2.0 * (centre + half) - 1.0 })
}

fn add_known(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    match (a, b) {
        (None, None) => None,
        _ => Some(a.unwrap_or(0) + b.unwrap_or(0)),
    }
}

/// Adds counts by value; entries that fall to nothing go; most first, ties by value.
fn add_entries(entries: &mut Vec<TopEntry>, more: &[TopEntry]) {
    for entry in more {
        match entries.iter_mut().find(|e| e.value == entry.value) {
            Some(found) => found.count += entry.count,
            None => entries.push(entry.clone()),
        }
    }
    entries.retain(|e| e.count > 0);
    entries.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
}
