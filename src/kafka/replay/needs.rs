//! How much history a plan looks back on.

use super::span::Span;
use crate::aggregate::{AlertRule, AlertTest};
use crate::config::Plan;

/// A surge is judged by so much.
const SURGE_MS: i64 = 14 * 86_400_000;

/// The warm-up that is enough for all but surge rules: ids are remembered for the dedupe horizon, and a rule looks
/// back over its window and its cool-down.
pub(super) fn warm_up_ms(plan: &Plan) -> i64 {
    let lane = &plan.lane;
    let rules = plan.engine.alerts.iter().filter(|rule| !is_surge(rule)).map(look_back);
    rules.fold(lane.dedupe_horizon_ms, i64::max) + lane.lateness_ms + lane.skew_ms
}

fn is_surge(rule: &AlertRule) -> bool {
    matches!(rule.test, AlertTest::Surge { .. })
}

fn look_back(rule: &AlertRule) -> i64 {
    if is_surge(rule) { SURGE_MS } else { rule.test.window_ms() + rule.cool_down_ms }
}

/// What the warm-up is too short for.
pub(super) fn notes(plan: &Plan, span: &Span, warm_up_ms: i64) -> Vec<String> {
    // A log that is read from its very beginning has no more to tell.
    if span.lanes.iter().all(|lane| lane.since.is_none()) {
        return Vec::new();
    }
    let horizon = plan.lane.dedupe_horizon_ms;
    let dedupe = (warm_up_ms < horizon).then(|| {
        format!(
            "the warm-up is shorter than the dedupe horizon of {}: posts that came before it are not recognised",
            words(horizon)
        )
    });
    let rules = plan.engine.alerts.iter().filter(|rule| warm_up_ms < look_back(rule)).map(|rule| {
        let (name, back) = (&rule.name, words(look_back(rule)));
        format!("the rule `{name}` looks back on up to {back}, the warm-up is shorter: give --warm-up {back} to be sure")
    });
    dedupe.into_iter().chain(rules).collect()
}

/// As it is written on the command line.
fn words(ms: i64) -> String {
    match ms / 1_000 {
        s if s % 86_400 == 0 => format!("{}d", s / 86_400),
        s if s % 3_600 == 0 => format!("{}h", s / 3_600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::AlertRule;

    #[test]
    fn rules_look_back_over_window_and_cool_down() {
        let many = AlertRule::new("many", AlertTest::MentionsOver { window_ms: 600_000, limit: 5.0 });
        assert_eq!(words(look_back(&many)), "70m");
        let surge = AlertRule::new("surge", AlertTest::Surge { threshold: 1.0 });
        assert_eq!(words(look_back(&surge)), "14d");
    }

    #[test]
    fn spans_are_written_as_they_are_read() {
        for (ms, expected) in
            [(1_000, "1s"), (60_000, "1m"), (5_400_000, "90m"), (7_200_000, "2h"), (86_400_000, "1d")]
        {
            assert_eq!(words(ms), expected);
        }
    }
}
