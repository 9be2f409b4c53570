//! Queries of a pipeline: written in it, or in a file of their own; in our language, or in that of another
//! product.

use std::path::{Path, PathBuf};

use super::problem::Problem;
use super::reader::{At, Report, Table};
use crate::analysis::query::dialect::{Dialect, Translation, place_in, translate};
use crate::analysis::query::{self, ParseOptions, Purpose, Query, SOURCE_BYTES_MAX};

/// A file longer than this is not read to find out that it is no query.
const FILE_BYTES_MAX: u64 = 16 * SOURCE_BYTES_MAX as u64;

/// How the queries of a table are read.
#[derive(Clone, Copy)]
struct Reading {
    /// `None`: ours.
    dialect: Option<Dialect>,
    purpose: Purpose,
}

/// The `query` or the `query_file` of a table, in our language and parsed.
pub(super) fn read(
    report: &mut Report<'_>,
    table: &mut Table<'_>,
    list: &str,
    purpose: Purpose,
) -> Option<(String, Query)> {
    let inline = table.string(report, "query");
    let file = table.string(report, "query_file");
    let reading = Reading { dialect: dialect(report, table)?, purpose };
    match (inline, file) {
        (Some(_), Some(file)) => {
            report.error(file.at, "give a `query` or a `query_file`, not both", "remove one of them");
            None
        }
        (Some(query), None) => {
            let place =
                Place::Inline { at: query.at, start: content_start(report.text, query.at, query.value) };
            parse(report, query.value, &place, reading)
        }
        (None, Some(file)) => {
            let path = report.path(file.value);
            report.files.push(path.clone());
            let content = content(report, &path, &file)?;
            parse(report, &content, &Place::File(path), reading)
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

/// The language of the query; the outer `None` if there is no such.
fn dialect(report: &mut Report<'_>, table: &mut Table<'_>) -> Option<Option<Dialect>> {
    if !table.has("dialect") {
        return Some(None);
    }
    let choices: Vec<_> = Dialect::ALL.iter().map(|(dialect, name)| (*name, *dialect)).collect();
    table.choice(report, "dialect", &choices).map(Some)
}

fn content(report: &mut Report<'_>, path: &Path, written: &At<&str>) -> Option<String> {
    match text_of(path) {
        Ok(text) => Some(text),
        Err(what) => {
            let folder = report.file.parent().filter(|folder| !folder.as_os_str().is_empty());
            let hint = format!(
                "give the path of a query file as seen from {}",
                folder.map_or_else(|| "the pipeline file's folder".to_owned(), |f| f.display().to_string())
            );
            report.error(written.at, format!("`query_file`: {} {what}", path.display()), hint);
            None
        }
    }
}

fn text_of(path: &Path) -> Result<String, String> {
    let unreadable = |e: std::io::Error| format!("cannot be read: {e}");
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > FILE_BYTES_MAX {
        return Err(format!("has {length} bytes; a query has at most {SOURCE_BYTES_MAX}"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = String::from_utf8(bytes)
        .map_err(|e| format!("is not UTF-8 at byte {}", e.utf8_error().valid_up_to()))?;
    // Some editors begin a file with a byte order mark.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
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

fn parse(
    report: &mut Report<'_>,
    source: &str,
    place: &Place,
    Reading { dialect, purpose }: Reading,
) -> Option<(String, Query)> {
    let ours = match dialect {
        Some(dialect) => translated(report, source, place, dialect)?,
        None => source.to_owned(),
    };
    let parsed = query::parse(&ours, &ParseOptions { strict: true, purpose });
    for problem in parsed.problems {
        let problem = if dialect.is_some() { brought_back(problem, &ours, source) } else { problem };
        add(report, &problem, place);
    }
    Some((ours, parsed.query?))
}

fn translated(report: &mut Report<'_>, source: &str, place: &Place, dialect: Dialect) -> Option<String> {
    let Translation { query, problems } = translate(source, dialect);
    problems.iter().for_each(|problem| add(report, problem, place));
    query
}

/// A problem of a translation at its place in the text that was translated: where the same words stand, if they
/// stand there once, else at the beginning.
fn brought_back(problem: query::Problem, ours: &str, source: &str) -> query::Problem {
    let (start, _) = place_in(source, ours, (problem.start, problem.end)).unwrap_or_default();
    let (line, column) = super::problem::place(source, start);
    let message = format!("{} (translated: {})", problem.message, excerpt(ours));
    query::Problem { start, line: line as usize, column: column as usize, message, fix: None, ..problem }
}

/// The beginning of a query, in one line.
fn excerpt(query: &str) -> String {
    const CHARS: usize = 200;
    let cut: String = query.chars().take(CHARS).collect();
    if cut.len() < query.len() { cut + "..." } else { cut }
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
