//! Problems of a query for people.

use super::snippet::snippet;
use super::source::Source;
use crate::analysis::query::Problem;

/// A problem with its line underlined.
pub(super) fn text(source: &Source, problem: &Problem) -> String {
    let Problem { code, message, line, column, hint, .. } = problem;
    let margin = " ".repeat(line.to_string().len());
    format!(
        "{}[{code}]: {message}\n{margin}--> {}:{line}:{column}\n{}\n{margin} = help: {hint}\n",
        problem.severity.as_str(),
        source.name,
        snippet(&source.text, problem.start, problem.end, *line),
    )
}
