//! `[[sinks]]`.

use std::path::{Path, PathBuf};

use super::plan::{FeedPlan, SinkPlan, Source};
use super::reader::{At, Report, Table, choose};
use crate::model::OutputKind;

#[derive(Clone, Copy)]
enum Kind {
    Jsonl,
    Stdout,
    Null,
}

const KINDS: &[(&str, Kind)] = &[("jsonl", Kind::Jsonl), ("stdout", Kind::Stdout), ("null", Kind::Null)];

/// All sinks that can be used; problems with the others are in the report.
/// `has_others` when the results go somewhere without a sink.
pub(super) fn sinks(report: &mut Report<'_>, top: &mut Table<'_>, has_others: bool) -> Vec<At<SinkPlan>> {
    let tables = top.tables(report, "sinks", "[[sinks]]");
    if tables.is_empty() && !has_others {
        let hint = "add one:\n        [[sinks]]\n        type = \"jsonl\"\n        dir = \"out\"";
        report.error(0, "the pipeline has no sink and no [http]: its results would go nowhere", hint);
    }
    let mut sinks: Vec<At<SinkPlan>> = Vec::new();
    for mut table in tables {
        let sink = sink(report, &mut table);
        let at = table.at;
        table.finish(report);
        let Some(sink) = sink else { continue };
        if sinks.iter().any(|other| collide(&other.value, &sink)) {
            report.error(at, "two sinks write the same output to the same place", "keep one of them");
        }
        sinks.push(At { value: sink, at });
    }
    sinks
}

fn sink(report: &mut Report<'_>, table: &mut Table<'_>) -> Option<SinkPlan> {
    let kind = table.required(report, "type", "give \"jsonl\", \"stdout\" or \"null\"")?;
    match choose(report, &kind, "type", KINDS)? {
        Kind::Jsonl => {
            let dir = table.required(report, "dir", "give a folder, relative to the pipeline file");
            let kinds = kinds(report, table);
            Some(SinkPlan::Jsonl { dir: report.path(dir?.value), kinds })
        }
        Kind::Stdout => Some(SinkPlan::Stdout { kinds: kinds(report, table) }),
        Kind::Null => Some(SinkPlan::Null),
    }
}

fn kinds(report: &mut Report<'_>, table: &mut Table<'_>) -> Vec<OutputKind> {
    let Some(list) = table.strings(report, "kinds") else {
        return OutputKind::ALL.to_vec();
    };
    if list.value.is_empty() {
        report.error(list.at, "`kinds` is empty", "leave it out for all of them");
    }
    let choices: Vec<_> = OutputKind::ALL.iter().map(|kind| (kind.as_str(), *kind)).collect();
    let mut kinds: Vec<_> =
        list.value.iter().filter_map(|name| choose(report, name, "kinds", &choices)).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

fn collide(a: &SinkPlan, b: &SinkPlan) -> bool {
    let common = |a: &[OutputKind], b: &[OutputKind]| a.iter().any(|kind| b.contains(kind));
    match (a, b) {
        (SinkPlan::Jsonl { dir: d1, kinds: k1 }, SinkPlan::Jsonl { dir: d2, kinds: k2 }) => {
            d1 == d2 && common(k1, k2)
        }
        (SinkPlan::Stdout { kinds: k1 }, SinkPlan::Stdout { kinds: k2 }) => common(k1, k2),
        _ => false,
    }
}

/// A folder that is read must not hold what is written: the run would feed on itself.
pub(super) fn check_overlap(
    report: &mut Report<'_>,
    feeds: &[At<FeedPlan>],
    sinks: &[At<SinkPlan>],
    state: &Path,
) {
    let mut written: Vec<PathBuf> = vec![state.to_owned()];
    written.extend(sinks.iter().filter_map(|sink| match &sink.value {
        SinkPlan::Jsonl { dir, .. } => Some(dir.clone()),
        _ => None,
    }));
    for feed in feeds {
        let Source::Directory(read) = &feed.value.source else { continue };
        for dir in written.iter().filter(|dir| dir.starts_with(read)) {
            let what = format!("the feed reads {}, which holds {}", read.display(), dir.display());
            report.error(feed.at, what, "write outputs and state outside the folder that is read");
        }
    }
}
