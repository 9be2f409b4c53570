//! Fixed limits over a sliding window: mentions, negative share, net sentiment.

use super::Verdict;
use crate::{aggregate::AlertTest, model::Baseline};

/// Counts of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::aggregate) struct WindowCounts {
    pub(in crate::aggregate) mentions: i64,
    pub(in crate::aggregate) positive: i64,
    pub(in crate::aggregate) negative: i64,
}

/// A share ends an incident below this part of its limit: half would hardly ever be reached.
const CALM_SHARE: f64 = 0.8;

/// The verdict of a fixed limit; none for a rule that has none.
pub(in crate::aggregate) fn judge(
    test: &AlertTest,
    min_mentions: i64,
    window: WindowCounts,
) -> Option<Verdict> {
    let enough = window.mentions >= min_mentions.max(1);
    let quiet = window.mentions * 2 < min_mentions.max(1);
    let of_all = |n: i64| if window.mentions > 0 { n as f64 / window.mentions as f64 } else { 0.0 };
    let (observed, limit, fires, calm, ratio) = match *test {
        AlertTest::Surge { .. } => return None,
        AlertTest::MentionsOver { limit, .. } => {
            let mentions = window.mentions as f64;
            (mentions, limit, mentions > limit, mentions < limit / 2.0, mentions / limit.max(1.0))
        }
        AlertTest::NegativeShareOver { limit, .. } => {
            let share = of_all(window.negative);
            (share, limit, share > limit, share < limit * CALM_SHARE, share / limit.max(0.01))
        }
        AlertTest::NetSentimentUnder { limit, .. } => {
            let net = of_all(window.positive - window.negative);
            let half_way = limit + (1.0 - limit) * (1.0 - CALM_SHARE);
            (net, limit, net < limit, net > half_way, (1.0 - net) / (1.0 - limit).max(0.01))
        }
    };
    Some(Verdict {
        fires: fires && enough,
        calm: calm || quiet,
        ratio,
        observed,
        score: observed,
        threshold: limit,
        baseline: Baseline { method: "fixed limit".to_owned(), median: limit, p99: limit, n: 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(test: AlertTest, mentions: i64, positive: i64, negative: i64, fires: bool, calm: bool) {
        let verdict = judge(&test, 10, WindowCounts { mentions, positive, negative }).unwrap();
        assert_eq!((verdict.fires, verdict.calm), (fires, calm), "{test:?} {mentions} {positive} {negative}");
    }

    #[test]
    fn limits_need_enough_mentions_and_end_well_below() {
        let window_ms = 3_600_000;
        let share = AlertTest::NegativeShareOver { window_ms, limit: 0.4 };
        check(share, 10, 0, 5, true, false);
        check(share, 9, 0, 9, false, false);
        check(share, 4, 0, 4, false, true);
        check(share, 10, 0, 4, false, false);
        check(share, 10, 0, 3, false, true);
        let volume = AlertTest::MentionsOver { window_ms, limit: 100.0 };
        check(volume, 101, 0, 0, true, false);
        check(volume, 100, 0, 0, false, false);
        check(volume, 49, 0, 0, false, true);
        let net = AlertTest::NetSentimentUnder { window_ms, limit: -0.3 };
        check(net, 10, 1, 5, true, false);
        check(net, 10, 5, 5, false, true);
    }
}
