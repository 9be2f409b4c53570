//! Analysts' labels in a lane: what they change, and that they change it once.

use proptest::prelude::*;

use super::laws::{mention, reading};
use super::*;
use crate::model::{
    BrandId, Correction, DeadLetter, Fate, FateCounts, MetricRow, Network, Polarity, PostKey, Reading,
    ReadingOutcome, Resolution,
};
use std::sync::Arc;

use Polarity::{Negative, Neutral, Positive};

/// The post of this id has this label when it comes in.
fn post(id: u64, minute: i64, version: i64, polarity: Polarity) -> Reading {
    let mut mention = mention(id, id, 0);
    let found = &mut mention.matches[0];
    (found.polarity, found.score) = (polarity, polarity.full_score());
    reading(id, minute, version, ReadingOutcome::Matched(Arc::new(mention)))
}

fn label(id: u64, minute: i64, polarity: Polarity) -> Reading {
    let correction = Correction {
        key: PostKey { network: Network::ALL[id as usize % 3], id: id.to_string().into() },
        brand: BrandId(0),
        brand_name: "acme".into(),
        polarity,
        by: "ana".into(),
        source: None,
        dead: dead(),
    };
    reading(id, minute, 0, ReadingOutcome::Correction(Box::new(correction)))
}

fn dead() -> DeadLetter {
    DeadLetter {
        reason: String::new(),
        detail: String::new(),
        feed: "desk".to_owned(),
        source: String::new(),
        offset: 0,
        line: 0,
        received_at: None,
        bytes: 0,
        raw: None,
        raw_base64: None,
        truncated: false,
    }
}

/// What one lane makes of readings: with a restart from its journal after each, if `restarts`.
struct Ran {
    fates: Vec<Fate>,
    written: Vec<String>,
    rows: Vec<MetricRow>,
}

fn run(readings: &[Reading], restarts: bool) -> Ran {
    let (mut lane, mut log) = (Lane::new(LaneSettings::default()), Vec::new());
    let (mut fates, mut written, mut deltas) = (Vec::new(), Vec::new(), Vec::new());
    for reading in readings {
        fates.push(lane.accept(reading, &mut |output| match output {
            LaneOutput::Correction(new) => written.push(format!(
                "{} {} was {} v{}",
                new.correction.key.id, new.correction.polarity, new.was.0, new.revision
            )),
            LaneOutput::LabelGone(key, brand) => written.push(format!("{} none for {}", key.id, brand.0)),
            LaneOutput::Dead(dead) => written.push(dead.reason.clone()),
            _ => {}
        }));
        if restarts {
            deltas.push(lane.take_delta());
            log.push(lane.take_journal());
            let records = log.iter().map(Vec::as_slice);
            lane = Lane::restore(LaneSettings::default(), lane.state(), records).unwrap();
        }
    }
    lane.finish();
    deltas.push(lane.take_delta());
    Ran { fates, written, rows: rows(deltas) }
}

fn rows(deltas: Vec<LaneDelta>) -> Vec<MetricRow> {
    let settings = EngineSettings {
        brands: vec![BrandSettings { id: "acme".into(), peer_set: None }],
        resolutions: vec![Resolution::Minute],
        ..EngineSettings::default()
    };
    let (mut engine, mut out) = (Engine::new(settings, 1), Vec::new());
    deltas.into_iter().for_each(|delta| engine.apply(0, delta, &mut out).unwrap());
    let row = |output| match output {
        EngineOutput::Metric(row) => Some(*row),
        EngineOutput::Incident(_) => None,
    };
    out.into_iter().filter_map(row).collect()
}

/// Mentions by label over all rows: positive, neutral, negative.
fn counts(rows: &[MetricRow]) -> (i64, i64, i64) {
    rows.iter().fold((0, 0, 0), |(p, n, m), row| (p + row.positive, n + row.neutral, m + row.negative))
}

#[test]
fn a_label_changes_the_mention_and_its_counts_once() {
    let found = run(
        &[
            post(7, 0, 0, Positive),
            label(7, 1, Negative),
            label(7, 1, Negative),
            // The clock stands still for labels: this post is not late.
            post(8, 0, 0, Positive),
            label(7, 3, Neutral),
            // Decided before the one in force.
            label(7, 2, Positive),
        ],
        false,
    );
    use Fate::{Duplicate, Kept, Retracted};
    assert_eq!(found.fates, [Kept, Retracted, Duplicate, Kept, Retracted, Duplicate]);
    assert_eq!(found.written, ["7 negative was positive v1", "7 neutral was negative v2"]);
    assert_eq!(counts(&found.rows), (1, 1, 0));
}

#[test]
fn the_label_that_was_decided_last_stands_whatever_came_last() {
    let found = run(
        &[post(7, 0, 0, Positive), label(7, 1, Negative), label(7, 3, Negative), label(7, 2, Neutral)],
        false,
    );
    assert_eq!(counts(&found.rows), (0, 0, 1));
    assert_eq!(found.written, ["7 negative was positive v1"]);
}

#[test]
fn a_label_after_the_pane_is_closed_is_a_signed_row() {
    let found = run(&[post(7, 0, 0, Positive), post(8, 30, 0, Positive), label(7, 40, Negative)], false);
    let late: Vec<_> = found
        .rows
        .iter()
        .filter(|row| row.status == crate::model::MetricStatus::Delta)
        .map(|row| (row.mentions, row.positive, row.negative))
        .collect();
    assert_eq!(late, [(0, -1, 1)]);
    assert_eq!(counts(&found.rows), (1, 0, 1));
}

#[test]
fn a_label_that_cannot_be_applied_is_told_why() {
    let unmatched = reading(9, 0, 0, ReadingOutcome::Unmatched);
    let found = run(
        &[
            label(7, 1, Negative),
            unmatched,
            label(9, 1, Negative),
            post(7, 0, 0, Positive),
            // Edited at a time after the label was decided: the new text has to be read again.
            post(7, 0, 5 * 60_000, Positive),
            label(7, 4, Negative),
            label(7, 6, Negative),
        ],
        false,
    );
    let reasons = ["correction_unknown_post", "correction_no_mention", "correction_outdated"];
    assert_eq!(&found.written[..3], reasons);
    assert_eq!(found.written[3..], ["7 negative was positive v1"]);
    let count = |fate| found.fates.iter().filter(|found| **found == fate).count();
    assert_eq!((count(Fate::Malformed), counts(&found.rows)), (3, (0, 0, 1)));
}

#[test]
fn an_edit_begins_anew_and_a_delete_takes_the_label_along() {
    let gone = reading(7, 3, 0, ReadingOutcome::Delete(PostKey { network: Network::X, id: "7".into() }));
    let edited = run(&[post(7, 0, 0, Positive), label(7, 1, Negative), post(7, 0, 120_000, Positive)], false);
    assert_eq!(counts(&edited.rows), (1, 0, 0));
    let deleted = run(&[post(7, 0, 0, Positive), label(7, 1, Negative), gone.clone()], false);
    assert_eq!(counts(&deleted.rows), (0, 0, 0));
    let expected = ["7 negative was positive v1", "7 none for 0"];
    assert_eq!([edited.written, deleted.written], [expected, expected]);
    // Once, and only for labels that are in force.
    let again = [
        post(7, 0, 0, Positive),
        label(7, 1, Negative),
        post(7, 0, 120_000, Positive),
        post(7, 0, 180_000, Positive),
        gone.clone(),
        gone,
    ];
    for restarts in [false, true] {
        assert_eq!(run(&again, restarts).written, expected);
    }
}

fn steps() -> impl Strategy<Value = Vec<(u64, i64, Option<usize>)>> {
    // Post or label, of few ids; a label's time may lie before that of another.
    prop::collection::vec((1..7_u64, 0..60_i64, prop::option::of(0..3_usize)), 0..60)
}

proptest! {
    /// Whatever the order, the counts are those of the labels in force, and a restart after every reading shows in nothing.
    #[test]
    fn the_rows_add_up_to_the_labels_in_force(steps in steps()) {
        let mut readings = Vec::new();
        // When the label in force was decided; before the first of an analyst the least time of all.
        let mut force: std::collections::BTreeMap<u64, (i64, Polarity)> = std::collections::BTreeMap::new();
        for (id, minute, given) in steps {
            match given {
                None => {
                    readings.push(post(id, 0, 0, Positive));
                    force.entry(id).or_insert((i64::MIN, Positive));
                }
                Some(number) => {
                    readings.push(label(id, minute, Polarity::ALL[number]));
                    if let Some(newest) = force.get_mut(&id).filter(|(at, _)| minute > *at) {
                        *newest = (minute, Polarity::ALL[number]);
                    }
                }
            }
        }
        let found = run(&readings, false);
        let count = |of| force.values().filter(|(_, polarity)| *polarity == of).count() as i64;
        prop_assert_eq!(counts(&found.rows), (count(Positive), count(Neutral), count(Negative)));
        let mut all = FateCounts::default();
        found.fates.iter().for_each(|fate| all.count(*fate));
        // A lane whose first readings are labels goes by their times, so a post may be late.
        prop_assert_eq!(all.of(Fate::Kept) + all.of(Fate::Late), force.len() as u64);
        let again = run(&readings, true);
        prop_assert_eq!((found.fates, found.written, found.rows), (again.fates, again.written, again.rows));
    }
}
