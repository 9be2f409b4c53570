//! `[[brands]]` and `[[filters]]`, and their queries.

use std::path::{Path, PathBuf};

use super::plan::{BrandPlan, FilterPlan};
use super::problem::Problem;
use super::reader::{At, Report, Table};
use crate::aggregate::BrandSettings;
use crate::analysis::query::{self, ParseOptions, Purpose, Query};

/// Longer ids make outputs and metric labels unreadable.
const ID_CHARS_MAX: usize = 100;

/// What was found under `[[brands]]`.
#[derive(Default)]
pub(super) struct Brands {
    /// Those that can be used; problems with the others are in the report.
    pub(super) plans: Vec<BrandPlan>,
    /// Every id that was given, also of a brand whose query is wrong.
    pub(super) ids: Vec<String>,
}

pub(super) fn brands(report: &mut Report<'_>, top: &mut Table<'_>) -> Brands {
    let tables = top.tables(report, "brands", "[[brands]]");
    if tables.is_empty() {
        let hint =
            "add one:\n        [[brands]]\n        id = \"united\"\n        query = '''united OR #united'''";
        report.error(0, "the pipeline has no brand", hint);
    }
    let mut brands = Brands::default();
    let mut sets: Vec<(String, usize)> = Vec::new();
    for mut table in tables {
        let at = table.at;
        let id = table.required(report, "id", "give each brand an id of its own, such as \"united\"");
        let id = id.filter(|id| is_id(report, id)).map(|id| id.value.to_owned());
        let peer_set = table.string(report, "peer_set").map(|set| set.value.to_owned());
        let name = table.string(report, "name").map(|name| name.value.to_owned());
        let query = read_query(report, &mut table, "[[brands]]");
        table.finish(report);
        sets.extend(peer_set.clone().map(|set| (set, at)));
        let Some(id) = id else { continue };
        if brands.ids.contains(&id) {
            report.error(at, format!("two brands have the id \"{id}\""), "give each its own");
        }
        brands.ids.push(id.clone());
        if let Some((source, query)) = query {
            let name = name.unwrap_or_else(|| id.clone());
            brands.plans.push(BrandPlan { id, name, source, query, peer_set });
        }
    }
    check_peer_sets(report, &sets);
    brands
}

/// Spam rules: a post that one of these queries matches is left out and counted as `filtered`.
pub(super) fn filters(report: &mut Report<'_>, top: &mut Table<'_>) -> Vec<FilterPlan> {
    let mut filters = Vec::new();
    for mut table in top.tables(report, "filters", "[[filters]]") {
        let name = table.required(report, "name", "give each filter a name, such as \"giveaways\"");
        let name = name.map(|n| n.value.to_owned());
        let query = read_query(report, &mut table, "[[filters]]");
        table.finish(report);
        if let (Some(name), Some((_, query))) = (name, query) {
            filters.push(FilterPlan { name: name.into(), query });
        }
    }
    filters
}

/// What the engine needs to know of a brand.
pub(super) fn settings(brand: &BrandPlan) -> BrandSettings {
    BrandSettings { id: brand.id.clone(), peer_set: brand.peer_set.clone() }
}

fn is_id(report: &mut Report<'_>, id: &At<&str>) -> bool {
    let fits = id.value.chars().count() <= ID_CHARS_MAX
        && id.value.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    if !fits {
        let hint =
            format!("use letters, digits, `-`, `_` and `.`, at most {ID_CHARS_MAX}; `name` may be anything");
        report.error(id.at, format!("\"{}\" is no brand id", id.value), hint);
    }
    fits
}

fn read_query(report: &mut Report<'_>, table: &mut Table<'_>, list: &str) -> Option<(String, Query)> {
    let inline = table.string(report, "query");
    let file = table.string(report, "query_file");
    match (inline, file) {
        (Some(_), Some(file)) => {
            report.error(file.at, "give a `query` or a `query_file`, not both", "remove one of them");
            None
        }
        (Some(query), None) => {
            let place =
                Place::Inline { at: query.at, start: content_start(report.text, query.at, query.value) };
            parse(report, query.value, &place)
        }
        (None, Some(file)) => {
            let path = report.path(file.value);
            let content = std::fs::read_to_string(&path);
            match content {
                Ok(content) => parse(report, &content, &Place::File(path)),
                Err(e) => {
                    report.error(file.at, format!("{}: {e}", path.display()), "");
                    None
                }
            }
        }
        (None, None) => {
            report.error(
                table.at,
                format!("{list} has no `query`"),
                "add query = '''...''' or query_file = \"...\"",
            );
            None
        }
    }
}

/// Where a query text stands.
enum Place {
    /// In the pipeline file; `start` is where its text begins, if it stands there as it is.
    Inline { at: usize, start: Option<usize> },
    /// In a file of its own.
    File(PathBuf),
}

/// Where the content of a TOML string that stands at `at` begins, if the file holds it byte for byte
/// (no escapes), so that a place in the query is a place in the file.
fn content_start(file: &str, at: usize, content: &str) -> Option<usize> {
    let written = file.get(at..)?;
    let quotes = ["'''", "\"\"\"", "'", "\""].into_iter().find(|q| written.starts_with(q))?;
    let mut start = at + quotes.len();
    if quotes.len() == 3 {
        start += ["\r\n", "\n"].into_iter().find(|n| file[start..].starts_with(n)).map_or(0, str::len);
    }
    file.get(start..)?.starts_with(content).then_some(start)
}

fn parse(report: &mut Report<'_>, source: &str, place: &Place) -> Option<(String, Query)> {
    let options = ParseOptions { strict: true, purpose: Purpose::Collection };
    let parsed = query::parse(source, &options);
    for problem in &parsed.problems {
        add(report, problem, place);
    }
    Some((source.to_owned(), parsed.query?))
}

fn add(report: &mut Report<'_>, problem: &query::Problem, place: &Place) {
    let warning = problem.severity == query::Severity::Warning;
    let what = format!("query: {} {}", problem.code, problem.message);
    match place {
        Place::File(path) => report.problems.0.push(in_file(path, problem, what, warning)),
        Place::Inline { at, start } => {
            let at = start.map_or(*at, |start| start + problem.start);
            if warning {
                report.warning(at, what, problem.hint.clone());
            } else {
                report.error(at, what, problem.hint.clone());
            }
        }
    }
}

fn in_file(path: &Path, problem: &query::Problem, what: String, warning: bool) -> Problem {
    Problem {
        file: path.to_owned(),
        line: problem.line as u32,
        column: problem.column as u32,
        what,
        hint: Some(problem.hint.clone()),
        warning,
    }
}

fn check_peer_sets(report: &mut Report<'_>, sets: &[(String, usize)]) {
    for (set, at) in sets {
        if sets.iter().filter(|(other, _)| other == set).count() > 1 {
            continue;
        }
        let others = sets.iter().map(|(other, _)| other.as_str()).filter(|other| other != set);
        let hint = match super::problem::nearest(set, others) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "give the same `peer_set` to the brands it is compared with, or remove it".to_owned(),
        };
        report.warning(
            *at,
            format!("the peer set \"{set}\" has one brand: its share of voice is always 1"),
            hint,
        );
    }
}
