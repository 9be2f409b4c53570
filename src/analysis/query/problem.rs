//! What is wrong with a query, where, and what to do about it.
//!
//! **Invariant:** every code that the parser can report stands in [`CODES`] with its meaning.

use std::fmt;

use serde::Serialize;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The query works, but perhaps not as its writer thinks.
    Warning,
    /// The query cannot be used.
    Error,
}

impl Severity {
    /// `warning` or `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One finding about a query text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(as = QueryProblem))]
pub struct Problem {
    /// Stable code: `E1xx` lexical, `E2xx` structure, `E3xx` fields, `W...` the same as warnings.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What happened.
    pub message: String,
    /// What to do, never empty.
    pub hint: String,
    /// First byte of the place in the query text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// Column of the first byte in characters, from 1.
    pub column: usize,
    /// Line of the place behind the last byte.
    pub end_line: usize,
    /// Column of the place behind the last byte.
    pub end_column: usize,
    /// A change of the query text that answers the problem, where it can be told from what is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// Bytes of a query text, and what to write in their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema), schema(as = QueryFix))]
pub struct Fix {
    /// First byte that goes.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What comes in their place.
    pub text: String,
}

impl Fix {
    pub(super) fn new(span: (usize, usize), text: impl Into<String>) -> Fix {
        Fix { start: span.0, end: span.1, text: text.into() }
    }

    /// The query text with the change.
    #[must_use]
    pub fn applied(&self, source: &str) -> String {
        let (before, after) = (source.get(..self.start), source.get(self.end..));
        [before.unwrap_or(source), &self.text, after.unwrap_or("")].concat()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} {}; {}", self.line, self.column, self.code, self.message, self.hint)
    }
}

/// Every code with its meaning in one line, in order.
pub const CODES: &[(&str, &str)] = &[
    ("E101", "a quote is not closed"),
    ("E102", "a colon stands alone"),
    ("E103", "a tilde is not glued to its phrase and its number"),
    ("E104", "a term has nothing that can be found"),
    ("E105", "a range is malformed"),
    ("E106", "a comment is not closed"),
    ("E107", "a brace is not closed, or stands alone"),
    ("E110", "a wildcard starts a term"),
    ("E111", "a wildcard has too few letters beside it"),
    ("E112", "a wildcard stands inside braces"),
    ("E201", "AND and OR are mixed without brackets"),
    ("E202", "OR NOT would match nearly everything"),
    ("E203", "there are only exclusions"),
    ("E204", "a bracket has no partner"),
    ("E205", "an operator has nothing to join, or the query is empty"),
    ("E206", "a bracket is empty"),
    ("E210", "a NEAR stands beside OR or another NEAR without brackets"),
    ("E211", "a NEAR has an operand that has no place in the text"),
    ("E212", "a tilde is nested too deeply or holds what it cannot"),
    ("E213", "a distance is missing or out of range"),
    ("E220", "the query text is too long"),
    ("E221", "the query has too many terms"),
    ("E222", "brackets are nested too deeply"),
    ("E301", "no feed carries this field"),
    ("E302", "the field is computed after collection"),
    ("E303", "the field name is not known"),
    ("E304", "the field cannot have this value"),
    ("E305", "a range ends before it starts"),
    ("W101", "a lower-case operator is an ordinary word"),
    ("W102", "a blank is read as AND"),
    ("W103", "NOT in an OR level excludes from the whole level"),
    ("W104", "a tilde has nothing to be near"),
    ("W105", "a wildcard follows # or @ directly"),
    ("W106", "a field value is written in an unusual way"),
    ("W107", "the field name is not known and is read as text"),
    ("W108", "NEAR beside AND binds tighter"),
    ("W109", "a character is ignored"),
    ("W110", "a `?` ends a phrase and is a wildcard"),
    ("W301", "no feed carries this field, the clause is never true"),
];

/// A problem that has just been added: what would answer it may be added, too.
pub(super) struct Proposal<'a> {
    problem: Option<&'a mut Problem>,
    fixes: &'a mut usize,
}

impl Proposal<'_> {
    pub(super) fn fix(self, fix: impl Into<Option<Fix>>) {
        let (Some(problem), Some(fix)) = (self.problem, fix.into()) else { return };
        *self.fixes += fix.text.len();
        if *self.fixes <= FIXES_BYTES_MAX {
            problem.fix = Some(fix);
        }
    }
}

/// Collects problems while a query is read; places become lines and columns at the end.
#[derive(Debug, Default)]
pub(super) struct Report {
    found: Vec<Problem>,
    /// Bytes of all fixes.
    fixes: usize,
}

/// A text of nothing but mistakes would have a fix as long as itself for each of them; beyond so many bytes there are none.
const FIXES_BYTES_MAX: usize = 4 * 64 * 1024;

impl Report {
    /// Adds one. The severity follows from the first letter of the code.
    pub(super) fn add(
        &mut self,
        code: &'static str,
        span: (usize, usize),
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Proposal<'_> {
        let severity = if code.starts_with('E') { Severity::Error } else { Severity::Warning };
        let (message, hint) = (message.into(), hint.into());
        self.found.push(Problem {
            code,
            severity,
            message,
            start: span.0,
            end: span.1,
            line: 0,
            column: 0,
            end_line: 0,
            end_column: 0,
            hint,
            fix: None,
        });
        Proposal { problem: self.found.last_mut(), fixes: &mut self.fixes }
    }

    /// A word that may have been meant as an operator.
    pub(super) fn ordinary_word(&mut self, span: (usize, usize), word: &str, operator: &str) -> Proposal<'_> {
        let message = format!("`{word}` is searched for as an ordinary word");
        let hint = format!("write {operator} if you mean the operator, or \"{word}\" if you mean the word");
        self.add("W101", span, message, hint)
    }

    /// A character that parts terms and means nothing else.
    pub(super) fn read_as_blank(&mut self, span: (usize, usize), c: char) {
        let message = format!("`{c}` is no part of a term and is read as a blank");
        let hint = "write a blank, or put the term in quotes to search for it as it is";
        self.add("W109", span, message, hint).fix(Fix::new(span, " "));
    }

    pub(super) fn has_errors(&self) -> bool {
        self.found.iter().any(|p| p.severity == Severity::Error)
    }

    /// The problems in the order of the text, with lines and columns.
    pub(super) fn finish(mut self, source: &str) -> Vec<Problem> {
        self.found.sort_by_key(|p| (p.start, p.end, p.code));
        self.found.dedup_by(|a, b| a.code == b.code && a.start == b.start && a.end == b.end);
        let mut place = Place { offset: 0, line: 1, column: 1 };
        for problem in &mut self.found {
            place.advance(source, problem.start);
            (problem.line, problem.column) = (place.line, place.column);
            // Spans nest as brackets do, so that their lengths add up to little.
            let mut end = place;
            end.advance(source, problem.end);
            (problem.end_line, problem.end_column) = (end.line, end.column);
        }
        self.found
    }
}

/// A moving place in a text; only forward, so that a report costs one pass.
#[derive(Clone, Copy)]
struct Place {
    offset: usize,
    line: usize,
    column: usize,
}

impl Place {
    fn advance(&mut self, source: &str, to: usize) {
        for c in source.get(self.offset..to).unwrap_or("").chars() {
            if c == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        self.offset = to.max(self.offset);
    }
}
