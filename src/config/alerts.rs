//! `[[alerts]]`.

use super::problem::nearest;
use super::reader::{Report, Table, choose};
use crate::aggregate::{AlertRule, AlertTest};
use crate::model::Severity;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

#[derive(Clone, Copy)]
enum Kind {
    Surge,
    MentionsOver,
    NegativeShareOver,
    NetSentimentUnder,
}

const KINDS: &[(&str, Kind)] = &[
    ("surge", Kind::Surge),
    ("mentions_over", Kind::MentionsOver),
    ("negative_share_over", Kind::NegativeShareOver),
    ("net_sentiment_under", Kind::NetSentimentUnder),
];

/// All rules that can be used; problems with the others are in the report.
pub(super) fn alerts(report: &mut Report<'_>, top: &mut Table<'_>, ids: &[String]) -> Vec<AlertRule> {
    let mut rules: Vec<AlertRule> = Vec::new();
    for mut table in top.tables(report, "alerts", "[[alerts]]") {
        let at = table.at;
        let rule = rule(report, &mut table, ids);
        table.finish(report);
        let Some(rule) = rule else { continue };
        if rules.iter().any(|other| other.name == rule.name) {
            report.error(at, format!("two alerts are called \"{}\"", rule.name), "give each its own name");
        }
        rules.push(rule);
    }
    rules
}

fn rule(report: &mut Report<'_>, table: &mut Table<'_>, ids: &[String]) -> Option<AlertRule> {
    let name = table.required(report, "name", "give each alert a name of its own");
    let listed = listed_brands(report, table, ids);
    let severities: Vec<_> = Severity::ALL.iter().map(|s| (s.as_str(), *s)).collect();
    let severity = table.choice(report, "severity", &severities);
    let min_mentions = table.integer(report, "min_mentions", 0..=1_000_000_000);
    let cool_down = table.duration(report, "cool_down", 0..=365 * DAY_MS);
    let resolve_after = table.duration(report, "resolve_after", MINUTE_MS..=365 * DAY_MS);
    let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
    let kind = table.required(report, "rule", &format!("give one of: {}", names.join(", ")))?;
    let kind = choose(report, &kind, "rule", KINDS)?;
    let test = test(report, table, kind)?;
    let mut rule = AlertRule::new(name?.value, test);
    rule.brands = listed;
    rule.severity = severity.unwrap_or(rule.severity);
    rule.min_mentions = min_mentions.unwrap_or(rule.min_mentions);
    rule.cool_down_ms = cool_down.unwrap_or(rule.cool_down_ms);
    rule.resolve_after_ms = resolve_after.unwrap_or(rule.resolve_after_ms);
    Some(rule)
}

fn test(report: &mut Report<'_>, table: &mut Table<'_>, kind: Kind) -> Option<AlertTest> {
    if let Kind::Surge = kind {
        let threshold = table.number(report, "threshold", 0.01..=1_000.0);
        return Some(AlertTest::Surge { threshold: threshold.unwrap_or(AlertRule::SURGE_THRESHOLD) });
    }
    let window_ms = table.duration(report, "window", MINUTE_MS..=30 * DAY_MS).unwrap_or(60 * MINUTE_MS);
    let (range, hint) = match kind {
        Kind::NegativeShareOver => (0.0..=1.0, "give `limit` as a share, such as 0.4"),
        Kind::NetSentimentUnder => (-1.0..=1.0, "give `limit` between -1 and 1, such as -0.2"),
        Kind::Surge | Kind::MentionsOver => (0.0..=1e9, "give `limit` as a number of mentions"),
    };
    if !table.has("limit") {
        report.error(table.at, "[[alerts]] has no `limit`", hint);
    }
    let limit = table.number(report, "limit", range)?;
    Some(match kind {
        Kind::NegativeShareOver => AlertTest::NegativeShareOver { window_ms, limit },
        Kind::NetSentimentUnder => AlertTest::NetSentimentUnder { window_ms, limit },
        Kind::Surge | Kind::MentionsOver => AlertTest::MentionsOver { window_ms, limit },
    })
}

/// `brands`, each of which must be one of the pipeline's.
pub(super) fn listed_brands(report: &mut Report<'_>, table: &mut Table<'_>, ids: &[String]) -> Vec<String> {
    let listed = table.strings(report, "brands").map(|list| list.value).unwrap_or_default();
    for name in listed.iter().filter(|name| ids.iter().all(|id| id != name.value)) {
        let hint = match nearest(name.value, ids.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "give the `id` of a brand of this pipeline".to_owned(),
        };
        report.error(name.at, format!("no brand has the id \"{}\"", name.value), hint);
    }
    listed.into_iter().map(|name| name.value.to_owned()).collect()
}
