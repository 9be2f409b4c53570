//! The difference for people: counts first, then examples. `+` is in the replay only, `-` was published only, `~` is
//! in both and not the same.

use std::collections::BTreeMap;

use crate::kafka::{
    AlertDifference, AlertExample, AlertState, MentionDifference, MentionExample, MetricDifference,
    ReplayReport, RowExample,
};
use crate::model::{Label, Polarity, Timestamp};

/// The whole report, with a line break at its end.
pub(super) fn text(report: &ReplayReport) -> String {
    let mut out = String::new();
    head(&mut out, report);
    let difference = &report.difference;
    counts(&mut out, &difference.alerts, &difference.metrics, &difference.mentions);
    section(&mut out, "alerts", &difference.alerts.examples, alert);
    section(&mut out, "metrics", &difference.metrics.examples, row);
    section(&mut out, "mentions", &difference.mentions.examples, mention);
    if !report.notes.is_empty() {
        out.push('\n');
    }
    for note in &report.notes {
        line(&mut out, &format!("note: {note}"));
    }
    out
}

fn line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

fn head(out: &mut String, report: &ReplayReport) {
    let ReplayReport { records, warm_up_records, .. } = report;
    line(out, &format!("replayed {records} records after a warm-up of {warm_up_records}"));
    let outputs: Vec<String> = report.outputs.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if !outputs.is_empty() {
        line(out, &format!("made     {}", outputs.join(", ")));
    }
    line(out, &compared(report.compared_from, report.compared_until));
}

/// Without a whole pane all counts of rows and alerts are zero, which must not look like a span in which they are the same.
fn compared(from: Option<Timestamp>, until: Option<Timestamp>) -> String {
    let nothing =
        |why: &str| format!("{why}, so no panes and alerts were compared, only the mentions of the span");
    match (from, until) {
        (_, None) => nothing("no pane is closed both in the replay and in the run"),
        (Some(from), Some(until)) if until <= from => nothing(&format!(
            "no whole pane lies in the span: those before {from} are not all of it, and later than {until} none is closed \
             both in the replay and in the run"
        )),
        (from, Some(until)) => {
            let from = from.map_or_else(|| "the beginning".to_owned(), |from| from.to_string());
            format!("compared panes and alerts from {from} to {until}, and the mentions of the span")
        }
    }
}

fn counts(
    out: &mut String,
    alerts: &AlertDifference,
    metrics: &MetricDifference,
    mentions: &MentionDifference,
) {
    let AlertDifference { same, gained, lost, moved, changed, .. } = alerts;
    line(
        out,
        &format!(
            "\nalerts    {same} same, {gained} would have fired and did not, {lost} fired and would not have, \
             {moved} at another time, {changed} with another severity or end"
        ),
    );
    let MetricDifference { same, gained, lost, changed, .. } = metrics;
    line(
        out,
        &format!(
            "metrics   {same} rows same, {changed} changed, {gained} only replayed, {lost} only published"
        ),
    );
    let MentionDifference { same, same_but_version, gained, lost, changed, superseded, brands, .. } =
        mentions;
    line(out, &format!("mentions  {same} same, {changed} changed, {gained} gained, {lost} lost"));
    if *same_but_version > 0 {
        line(out, &format!("          {same_but_version} the same but for the version of a query"));
    }
    if *superseded > 0 {
        line(out, &format!("          {superseded} not compared: published anew after the span"));
    }
    for (brand, found) in brands {
        let (gained, lost, relabelled) = (found.gained, found.lost, found.relabelled);
        line(out, &format!("          {brand}: +{gained} -{lost}, {relabelled} with another label"));
    }
}

fn section<T>(out: &mut String, name: &str, examples: &[T], show: fn(&T) -> String) {
    if !examples.is_empty() {
        line(out, &format!("\n{name}"));
    }
    examples.iter().for_each(|example| line(out, &format!("  {}", show(example))));
}

fn alert(AlertExample { brand, rule, published, replayed }: &AlertExample) -> String {
    let state = |state: &AlertState| {
        let ended = state.ended_at.map_or_else(String::new, |ended| format!(" to {ended}"));
        format!("{}{ended} {}", state.started_at, state.severity.as_str())
    };
    match (published, replayed) {
        (Some(a), Some(b)) => format!("~ {brand} {rule}: {} -> {}", state(a), state(b)),
        (Some(a), None) => format!("- {brand} {rule}: {}: {}", state(a), a.summary),
        (None, Some(b)) => format!("+ {brand} {rule}: {}: {}", state(b), b.summary),
        (None, None) => String::new(),
    }
}

fn row(RowExample { key, published, replayed, fields }: &RowExample) -> String {
    match (published, replayed) {
        (Some(mentions), None) => format!("- {key}: {mentions} mentions"),
        (None, Some(mentions)) => format!("+ {key}: {mentions} mentions"),
        _ => {
            // Lists and intervals are in the JSON.
            let plain: Vec<String> = fields
                .iter()
                .filter(|(_, (published, replayed))| is_plain(published) && is_plain(replayed))
                .map(|(name, (published, replayed))| format!("{name} {published} -> {replayed}"))
                .collect();
            let names = || fields.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            format!("~ {key}: {}", if plain.is_empty() { names() } else { plain.join(", ") })
        }
    }
}

fn is_plain(value: &serde_json::Value) -> bool {
    !value.is_array() && !value.is_object()
}

fn mention(MentionExample { key, record, published, replayed }: &MentionExample) -> String {
    let labels = |brands: &BTreeMap<Label, Polarity>| {
        let brands: Vec<String> =
            brands.iter().map(|(brand, label)| format!("{brand} {}", label.as_str())).collect();
        brands.join(", ")
    };
    match (published, replayed) {
        (Some(a), Some(b)) if a == b => format!("~ {key} ({record}): {}; other in something else", labels(a)),
        (Some(a), Some(b)) => format!("~ {key} ({record}): {} -> {}", labels(a), labels(b)),
        (Some(a), None) => format!("- {key} ({record}): {}", labels(a)),
        (None, Some(b)) => format!("+ {key} ({record}): {}", labels(b)),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Difference;

    fn said(from: Option<i64>, until: Option<i64>) -> String {
        said_of(from, until, Difference::default())
    }

    fn said_of(from: Option<i64>, until: Option<i64>, difference: Difference) -> String {
        let [compared_from, compared_until] = [from, until].map(|at| at.map(Timestamp::from_seconds));
        text(&ReplayReport {
            partitions: Vec::new(),
            warm_up_records: 0,
            records: 3,
            fates: BTreeMap::new(),
            outputs: BTreeMap::new(),
            compared_from,
            compared_until,
            difference,
            notes: Vec::new(),
        })
    }

    #[test]
    fn versions_are_told_apart_from_changes() {
        let check = |same_but_version, expected: &str| {
            let mentions = MentionDifference { same: 7, same_but_version, ..MentionDifference::default() };
            let said = said_of(None, Some(60), Difference { mentions, ..Difference::default() });
            let (_, found) = said.split_once("mentions  ").unwrap();
            assert_eq!(found, expected);
        };
        check(0, "7 same, 0 changed, 0 gained, 0 lost\n");
        check(
            3,
            "7 same, 0 changed, 0 gained, 0 lost\n          3 the same but for the version of a query\n",
        );
    }

    #[test]
    fn a_comparison_of_no_pane_is_called_that() {
        let none = "no panes and alerts were compared, only the mentions of the span";
        let check = |from, until, expected: &str| {
            let said = said(from, until);
            assert!(said.contains(expected), "no {expected:?} in\n{said}");
            assert_eq!(said.contains(none), expected == none, "{said}");
        };
        let span =
            "compared panes and alerts from 1970-01-01T00:01:00Z to 1970-01-01T00:02:00Z, and the mentions";
        check(Some(60), Some(120), span);
        check(None, Some(120), "compared panes and alerts from the beginning to 1970-01-01T00:02:00Z, ");
        check(Some(120), Some(60), none);
        check(Some(120), Some(120), none);
        check(Some(120), None, none);
        check(None, None, none);
        let said = said(Some(120), Some(60));
        assert!(said.contains("1970-01-01T00:02:00Z") && said.contains("1970-01-01T00:01:00Z"), "{said}");
    }
}
