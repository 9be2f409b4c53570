//! Problems of a query for people and for programs.

use serde::Serialize;

use super::snippet::snippet;
use super::source::Source;
use crate::analysis::query::{Problem, Severity};

/// A problem as JSON. Lines and columns count from 1, columns in characters, `start` and `end` in bytes.
#[derive(Serialize)]
pub(super) struct ProblemLine<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    hint: &'a str,
    start: usize,
    end: usize,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl<'a> ProblemLine<'a> {
    pub(super) fn new(source: &str, problem: &'a Problem) -> ProblemLine<'a> {
        let (end_line, end_column) = end_of(source, problem);
        ProblemLine {
            code: problem.code,
            severity: severity(problem.severity),
            message: &problem.message,
            hint: &problem.hint,
            start: problem.start,
            end: problem.end,
            line: problem.line,
            column: problem.column,
            end_line,
            end_column,
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Line and column of the first character after the place.
fn end_of(source: &str, problem: &Problem) -> (usize, usize) {
    let marked = source.get(problem.start..problem.end).unwrap_or("");
    match marked.rsplit_once('\n') {
        Some((before, last)) => (problem.line + before.matches('\n').count() + 1, last.chars().count() + 1),
        None => (problem.line, problem.column + marked.chars().count()),
    }
}

/// A problem with its line underlined.
pub(super) fn text(source: &Source, problem: &Problem) -> String {
    let Problem { code, message, line, column, hint, .. } = problem;
    let margin = " ".repeat(line.to_string().len());
    format!(
        "{}[{code}]: {message}\n{margin}--> {}:{line}:{column}\n{}\n{margin} = help: {hint}\n",
        severity(problem.severity),
        source.name,
        snippet(&source.text, problem.start, problem.end, *line),
    )
}
