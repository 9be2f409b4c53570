//! Queries of other products, translated.
//!
//! Follow one query: `tokens` cuts the text, with the `signs` that the product knows, and `operators` tells
//! its operators from words; `parser` reads it with that product's precedence into an `expr::Expr`; `fields`
//! finds our field for each of theirs in `tables`; `writer` writes it in our language, with every bracket that the meaning needs.
//!
//! **Invariant:** what is handed out parses in our language. What has no counterpart is an error or a
//! warning with its place in the text that was given, never dropped in silence.

mod expr;
mod fields;
mod operators;
mod parser;
mod sample;
mod signs;
mod tables;
mod tokens;
mod values;
mod writer;

use super::parser::{ParseOptions, SOURCE_BYTES_MAX, parse};
use super::problem::{Problem, Report};

/// A product whose queries can be translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// X API v2 and PowerTrack.
    X,
    /// Talkwalker and Hootsuite.
    Talkwalker,
    /// Meltwater.
    Meltwater,
    /// Sprinklr.
    Sprinklr,
    /// YouScan.
    YouScan,
    /// Cision.
    Cision,
    /// Pulsar.
    Pulsar,
    /// SentiOne.
    SentiOne,
    /// PeakMetrics.
    PeakMetrics,
    /// NetBase.
    NetBase,
    /// Lexalytics.
    Lexalytics,
}

impl Dialect {
    /// Every dialect with its name on the command line, then other names of some.
    pub const ALL: &'static [(Dialect, &'static str)] = &[
        (Dialect::X, "x"),
        (Dialect::Talkwalker, "talkwalker"),
        (Dialect::Meltwater, "meltwater"),
        (Dialect::Sprinklr, "sprinklr"),
        (Dialect::YouScan, "youscan"),
        (Dialect::Cision, "cision"),
        (Dialect::Pulsar, "pulsar"),
        (Dialect::SentiOne, "sentione"),
        (Dialect::PeakMetrics, "peakmetrics"),
        (Dialect::NetBase, "netbase"),
        (Dialect::Lexalytics, "lexalytics"),
        (Dialect::Talkwalker, "hootsuite"),
        (Dialect::X, "powertrack"),
    ];

    /// The dialect of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Dialect> {
        Dialect::ALL.iter().find(|(_, known)| *known == name).map(|(dialect, _)| *dialect)
    }

    /// The name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Dialect::ALL.iter().find(|(dialect, _)| *dialect == self).map_or("", |(_, name)| name)
    }
}

/// What came of a translation.
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    /// The query in our language in one line; absent if there is an error.
    pub query: Option<String>,
    /// Places are those of the text that was given. Codes are those of [`CODES`], and E220, W101, W104
    /// and W109 of the language.
    pub problems: Vec<Problem>,
}

/// Every code of a translation with its meaning in one line.
pub const CODES: &[(&str, &str)] = &[
    ("E401", "the query cannot be read as a query of that product"),
    ("E402", "this has no counterpart in our language"),
    ("E403", "the translation breaks a rule of our language"),
    ("W401", "the translation is close and not exact"),
    ("W402", "this is left out, as it has no effect on what matches"),
    ("W403", "AND and OR are mixed; the brackets show how it was read"),
];

/// Translates a query of another product.
///
/// ```
/// use earful::analysis::query::dialect::{Dialect, translate};
///
/// let done = translate("apple pie OR cake -is:retweet", Dialect::X);
/// assert_eq!(done.query.as_deref(), Some("(apple AND pie) OR (cake NOT is:retweet)"));
/// ```
#[must_use]
pub fn translate(text: &str, dialect: Dialect) -> Translation {
    let mut report = Report::default();
    let query = read(text, dialect, &mut report).filter(|_| !report.has_errors());
    let query = query.filter(|query| is_ours(query, text, &mut report));
    Translation { query, problems: report.finish(text) }
}

fn read(text: &str, dialect: Dialect, report: &mut Report) -> Option<String> {
    if text.len() > SOURCE_BYTES_MAX {
        let message = format!("the query is {} bytes long, more than {SOURCE_BYTES_MAX}", text.len());
        report.add("E220", (0, text.len()), message, "split it into several queries of the same brand");
        return None;
    }
    let tokens = tokens::cut(text, dialect, report);
    let expr = parser::read(&tokens, text.len(), dialect, report)?;
    let query = writer::write(&sample::for_all(expr), report);
    if query.is_none() && !report.has_errors() {
        let message = "nothing is left of the query";
        report.add("E402", (0, text.len()), message, "add a word that the posts must have");
    }
    query
}

/// Where the words at a place of a translation stand in the text that was translated, if they stand there once.
#[must_use]
pub fn place_in(text: &str, query: &str, (start, end): (usize, usize)) -> Option<(usize, usize)> {
    let words = query.get(start..end).filter(|words| !words.is_empty())?;
    let mut places = text.match_indices(words).map(|(at, _)| (at, at + words.len()));
    places.next().filter(|_| places.next().is_none())
}

/// The last check: our own parser takes it.
fn is_ours(query: &str, text: &str, report: &mut Report) -> bool {
    let parsed = parse(query, &ParseOptions::default());
    for problem in parsed.errors() {
        let message =
            format!("the translation `{query}` cannot be used: {} {}", problem.code, problem.message);
        let span = place_in(text, query, (problem.start, problem.end)).unwrap_or((0, text.len()));
        report.add("E403", span, message, problem.hint.clone());
    }
    parsed.query.is_some()
}
