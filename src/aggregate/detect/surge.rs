//! HY0: a brand is in a surge when it is far above its own last 14 days on four time scales at once.
//!
//! At a row (five minutes), for each scale of 5 min, 15 min, 1 h and 3 h: let `l` be
//! ln(1 + mean mentions a row over the scale), and m and q the median and the 99th percentile of `l` over the
//! last 14 days. The score is the mean over the scales of (l - m) / (q - m + 0.25). Dividing by the brand's own
//! high quantile carries one threshold from loud brands to silent ones. `docs/alerts.md` has the
//! measurements and what the rule misses.
//!
//! The quantiles are taken once an hour of event time, over the rows before, so that a busy brand costs
//! a selection over 4,032 numbers an hour, and a silent one nothing.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::model::Baseline;

/// Width of a row in milliseconds.
pub(in crate::aggregate) const ROW_MS: i64 = 300_000;
/// Rows of history: 14 days.
pub(in crate::aggregate) const HISTORY_ROWS: i64 = 14 * 288;
/// Rows before the rule speaks: one day.
const LEARN_ROWS: i64 = 288;
/// Rows of the four scales.
const SCALES: [i64; 4] = [1, 3, 12, 36];
/// The scale that evidence speaks of: one hour.
const HOUR_SCALE: usize = 2;
/// Rows for which quantiles are kept.
const BLOCK_ROWS: i64 = 12;
/// Keeps brands that hardly vary from alarming over nothing.
const SOFTENING: f64 = 0.25;

/// One brand's rows of the last 14 days, those that are not zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::aggregate) struct History {
    rows: VecDeque<(i64, u32)>,
    usual: Option<Usual>,
}

/// Quantiles by scale, as sums of mentions, taken at the first evaluation in a block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Usual {
    block: i64,
    n: i64,
    median: [u64; 4],
    p99: [u64; 4],
}

impl History {
    /// Adds mentions to a row; rows come in order.
    pub(in crate::aggregate) fn add(&mut self, row: i64, mentions: i64) {
        let mentions = u32::try_from(mentions).unwrap_or(if mentions < 0 { 0 } else { u32::MAX });
        match self.rows.back_mut() {
            Some((last, n)) if *last == row => *n = n.saturating_add(mentions),
            _ => self.rows.push_back((row, mentions)),
        }
        let oldest = row - HISTORY_ROWS - SCALES[3];
        while self.rows.front().is_some_and(|(first, _)| *first < oldest) {
            self.rows.pop_front();
        }
    }

    /// For which block of rows the quantiles were last taken: judging changes them and nothing else.
    pub(in crate::aggregate) fn block(&self) -> Option<i64> {
        self.usual.as_ref().map(|usual| usual.block)
    }

    /// Mentions in the `scale` rows up to `row`.
    fn sum(&self, row: i64, scale: i64) -> u64 {
        let recent = self.rows.iter().rev().skip_while(|(r, _)| *r > row);
        recent.take_while(|(r, _)| *r > row - scale).map(|(_, n)| u64::from(*n)).sum()
    }

    /// The verdict at the end of `row`; none while the stream (which began at row `since`) is too young,
    /// or when the row is too quiet to open anything and `open` is false.
    pub(in crate::aggregate) fn judge(
        &mut self,
        row: i64,
        since: i64,
        min: i64,
        threshold: f64,
        open: bool,
    ) -> Option<Verdict> {
        let since = since.max(row - HISTORY_ROWS);
        let enough = self.sum(row, 1) >= u64::try_from(min).unwrap_or(0);
        if row - since < LEARN_ROWS || !(enough || open) {
            return None;
        }
        self.refresh(row, since);
        let usual = self.usual.as_ref()?;
        let now = SCALES.map(|scale| self.sum(row, scale));
        let score =
            (0..SCALES.len()).map(|i| part(now[i], usual.median[i], usual.p99[i], SCALES[i])).sum::<f64>()
                / SCALES.len() as f64;
        Some(Verdict {
            fires: enough && score >= threshold,
            calm: score < threshold / 2.0,
            ratio: score / threshold,
            observed: now[HOUR_SCALE] as f64,
            score,
            threshold,
            baseline: Baseline {
                method: "mentions in an hour, quantiles of the last 14 days".to_owned(),
                median: usual.median[HOUR_SCALE] as f64,
                p99: usual.p99[HOUR_SCALE] as f64,
                n: u64::try_from(usual.n).unwrap_or(0),
            },
        })
    }

    fn refresh(&mut self, row: i64, since: i64) {
        let block = row.div_euclid(BLOCK_ROWS);
        if self.usual.as_ref().is_some_and(|u| u.block == block) {
            return;
        }
        let n = row - since;
        let mut usual = Usual { block, n, median: [0; 4], p99: [0; 4] };
        for (i, &scale) in SCALES.iter().enumerate() {
            let mut sums = self.moving_sums(scale, since, row);
            usual.median[i] = quantile(&mut sums, n, n / 2);
            usual.p99[i] = quantile(&mut sums, n, n * 99 / 100);
        }
        self.usual = Some(usual);
    }

    /// The moving sums that are not zero, over rows `from..to`; gaps are jumped over.
    fn moving_sums(&self, scale: i64, from: i64, to: i64) -> Vec<u64> {
        let (mut entering, mut leaving, mut sum, mut row) = (0, 0, 0, from);
        let mut sums = Vec::new();
        while row < to {
            while let Some((_, n)) = self.rows.get(entering).filter(|(r, _)| *r <= row) {
                sum += u64::from(*n);
                entering += 1;
            }
            while let Some((_, n)) = self.rows.get(leaving).filter(|(r, _)| *r <= row - scale) {
                sum -= u64::from(*n);
                leaving += 1;
            }
            if sum > 0 {
                sums.push(sum);
                row += 1;
            } else {
                let Some((next, _)) = self.rows.get(entering) else { break };
                row = *next;
            }
        }
        sums
    }
}

/// The `k`-th smallest of `n` values, of which those not in `sums` are zero.
fn quantile(sums: &mut [u64], n: i64, k: i64) -> u64 {
    let zeros = n - sums.len() as i64;
    match usize::try_from(k - zeros) {
        Ok(at) if at < sums.len() => *sums.select_nth_unstable(at).1,
        _ => 0,
    }
}

fn part(now: u64, median: u64, p99: u64, scale: i64) -> f64 {
    let level = |sum: u64| (sum as f64 / scale as f64).ln_1p();
    (level(now) - level(median)) / (level(p99) - level(median) + SOFTENING)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady(days: i64) -> History {
        let mut history = History::default();
        for row in 0..days * 288 {
            history.add(row, 8 + row % 5);
        }
        history
    }

    #[test]
    fn says_nothing_in_the_first_day() {
        let mut young = steady(1);
        young.add(287, 900);
        assert_eq!(young.judge(287, 0, 5, 1.0, false), None);
    }

    #[test]
    fn a_surge_fires_and_a_usual_row_does_not() {
        let mut history = steady(3);
        let usual = history.judge(3 * 288 - 1, 0, 5, 1.0, false).map(|v| v.fires);
        assert_eq!(usual, Some(false));
        history.add(3 * 288, 400);
        let surge = history.judge(3 * 288, 0, 5, 1.0, false).unwrap();
        assert!(surge.fires && surge.score > 1.5, "{surge:?}");
        assert!((surge.baseline.median - 120.0).abs() <= 2.0, "{surge:?}");
    }

    #[test]
    fn zeros_count_as_history_and_sparse_equals_dense() {
        let mut sparse = History::default();
        for row in [3, 4, 90, 91, 200, 600, 601, 602] {
            sparse.add(row, 7);
        }
        for scale in SCALES {
            let dense: Vec<u64> = (0..700).map(|row| sparse.sum(row, scale)).filter(|s| *s > 0).collect();
            assert_eq!(sparse.moving_sums(scale, 0, 700), dense, "scale {scale}");
        }
    }
}
