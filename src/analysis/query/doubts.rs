//! Fixes are proposed where a problem is found, by what stands around it. Here the whole query is read again with each of
//! them, and those that would not help are withdrawn.
//!
//! **Invariant:** no fix of an error that is left brings an error, or leaves its own problem as it was.

use std::collections::BTreeMap;

use super::parser::{ParseOptions, SOURCE_BYTES_MAX, found};
use super::problem::{Problem, Severity};

/// Fixes that are tried at most.
const TRIED_MAX: usize = 100;
/// Bytes that are read again for that at most; of a long text with many mistakes the first ones have fixes.
const READ_AGAIN_MAX: usize = 2 * SOURCE_BYTES_MAX;

/// Warnings whose fix makes an operator of a word, or takes a word away.
const DOUBTFUL: &[&str] = &["W101", "W107", "W110"];

/// Takes away the fixes that do not help. Those of other warnings are local: they are tried beside errors only, as what is
/// not closed takes them in, and not in the queries that are read by thousands at the start of a run.
pub(super) fn withdraw(source: &str, options: &ParseOptions, problems: &mut [Problem]) {
    let before = tally(problems);
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    let is_doubtful = |problem: &Problem| is_error(problem) || DOUBTFUL.contains(&problem.code);
    let has_errors = problems.iter().any(is_error);
    let (doubtful, others): (Vec<&mut Problem>, Vec<&mut Problem>) =
        problems.iter_mut().partition(|problem| is_doubtful(problem));
    let mut trial = Trial { source, options, before, tried: 0, read: 0 };
    for problem in doubtful {
        if trial.helps(problem) != Some(true) {
            problem.fix = None;
        }
    }
    for problem in others.into_iter().filter(|_| has_errors) {
        if trial.helps(problem) == Some(false) {
            problem.fix = None;
        }
    }
}

/// Reads a query again, as often as it may.
struct Trial<'a> {
    source: &'a str,
    options: &'a ParseOptions,
    /// How many problems of each code there are.
    before: BTreeMap<&'static str, usize>,
    tried: usize,
    read: usize,
}

impl Trial<'_> {
    /// `None` where there is no fix, or too much has been tried.
    fn helps(&mut self, problem: &Problem) -> Option<bool> {
        let fix = problem.fix.as_ref()?;
        (self.tried, self.read) = (self.tried + 1, self.read + self.source.len() + fix.text.len());
        if self.tried > TRIED_MAX || self.read > READ_AGAIN_MAX {
            return None;
        }
        let after = tally(&found(&fix.applied(self.source), self.options));
        Some(helps(problem.code, &self.before, &after))
    }
}

fn tally(problems: &[Problem]) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    problems.iter().for_each(|problem| *tally.entry(problem.code).or_default() += 1);
    tally
}

/// There is less of the problem, and no more of any error.
fn helps(code: &str, before: &BTreeMap<&'static str, usize>, after: &BTreeMap<&'static str, usize>) -> bool {
    let count = |code: &str| before.get(code).copied().unwrap_or(0);
    let mut errors = after.iter().filter(|(code, _)| code.starts_with('E'));
    after.get(code).copied().unwrap_or(0) < count(code) && errors.all(|(code, left)| *left <= count(code))
}
