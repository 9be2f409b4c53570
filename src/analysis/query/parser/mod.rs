//! Lexemes to a tree. Recursive descent; the depth is limited, so the stack is.
//!
//! **Invariant:** reads every query to its end and collects all problems; no lexeme is looked at twice
//! in vain. No tokeniser here: what a term finds is decided when it is compiled.

mod field;
mod level;
mod near;
mod range;
mod shown;
mod value;

use super::ast::{Node, Query, SourceSpan, Term, TermForm};
use super::doubts;
use super::lexer::{self, LexKind, Lexeme};
use super::lint;
use super::problem::{Fix, Problem, Report};

pub(super) use near::idle_tilde;
pub(super) use shown::short;

/// Most bytes of query text.
pub const SOURCE_BYTES_MAX: usize = 64 * 1024;
/// Most terms and field values of one query.
pub const LEAVES_MAX: usize = 4_096;
/// Most brackets within brackets.
pub const DEPTH_MAX: usize = 64;

/// What a query is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Decides which posts belong to a brand; sees the post only.
    #[default]
    Collection,
    /// Runs after collection and may ask for what was computed by then.
    Rule,
}

/// How a query is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// Unknown and unanswered fields are errors, as fits for saving a query.
    pub strict: bool,
    /// What the query is for.
    pub purpose: Purpose,
}

/// What came of reading a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The query, if there is no error.
    pub query: Option<Query>,
    /// All problems, in the order of the text.
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// The errors among the problems.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|p| p.severity == super::problem::Severity::Error)
    }
}

/// Reads a query.
///
/// ```
/// use earful::analysis::query::{ParseOptions, parse};
///
/// let parsed = parse("united AND (airline* OR #unitedAirlines) NOT \"manchester united\"", &ParseOptions::default());
/// assert!(parsed.query.is_some() && parsed.problems.is_empty());
///
/// let parsed = parse("apple OR banana AND juice", &ParseOptions::default());
/// assert_eq!(parsed.problems[0].code, "E201");
/// ```
#[must_use]
pub fn parse(text: &str, options: &ParseOptions) -> Parsed {
    let mut report = Report::default();
    let root = read(text, *options, &mut report);
    let query = match root {
        Some(root) if !report.has_errors() => Some(Query { source: text.into(), root }),
        _ => None,
    };
    let mut problems = report.finish(text);
    doubts::withdraw(text, options, &mut problems);
    Parsed { query, problems }
}

/// The problems of a text, with what fixes come to mind.
pub(super) fn found(text: &str, options: &ParseOptions) -> Vec<Problem> {
    let mut report = Report::default();
    read(text, *options, &mut report);
    report.finish(text)
}

fn read(text: &str, options: ParseOptions, report: &mut Report) -> Option<Node> {
    if text.len() > SOURCE_BYTES_MAX {
        let message = format!("the query is {} bytes long, more than {SOURCE_BYTES_MAX}", text.len());
        report.add("E220", (0, text.len()), message, "split it into several queries of the same brand");
        return None;
    }
    let lexemes = lexer::lex(text, report);
    let mut parser = Parser {
        source: text,
        lexemes: &lexemes,
        at: 0,
        depth: 0,
        leaves: 0,
        end: text.len(),
        options,
        report,
    };
    let root = parser.query();
    lint::check(&root, text, report);
    Some(root)
}

pub(super) struct Parser<'a> {
    source: &'a str,
    lexemes: &'a [Lexeme],
    at: usize,
    depth: usize,
    leaves: usize,
    /// Length of the source.
    end: usize,
    options: ParseOptions,
    report: &'a mut Report,
}

impl<'a> Parser<'a> {
    fn query(&mut self) -> Node {
        if self.lexemes.is_empty() {
            let message = "the query is empty";
            self.report.add("E205", (0, self.end), message, "write at least one word");
            return Node::missing(SourceSpan { start: 0, end: self.end });
        }
        let root = self.level();
        while let Some(lexeme) = self.peek() {
            let message = "this `)` closes nothing";
            let fix = Fix::new(lexeme.span.pair(), "");
            let hint = "remove it, or open a bracket before";
            self.report.add("E204", lexeme.span.pair(), message, hint).fix(fix);
            self.at += 1;
            if self.peek().is_some() {
                self.level();
            }
        }
        if self.leaves > LEAVES_MAX {
            let message = format!("the query has {} terms, more than {LEAVES_MAX}", self.leaves);
            self.report.add(
                "E221",
                (0, self.end),
                message,
                "split it into several queries of the same brand",
            );
        }
        root
    }

    fn peek(&self) -> Option<&'a Lexeme> {
        self.lexemes.get(self.at)
    }

    fn kind(&self) -> Option<&'a LexKind> {
        self.peek().map(|lexeme| &lexeme.kind)
    }

    /// The place of the next lexeme, or the end of the text.
    fn here(&self) -> SourceSpan {
        self.peek().map_or(SourceSpan { start: self.end, end: self.end }, |lexeme| lexeme.span)
    }

    /// The term that the lexeme is, if it is one.
    fn as_term(lexeme: &Lexeme) -> Option<Term> {
        let (form, text) = match &lexeme.kind {
            LexKind::Word(text) => (TermForm::Word, text),
            LexKind::Phrase(text) => (TermForm::Phrase, text),
            LexKind::Cased(text) => (TermForm::Cased, text),
            _ => return None,
        };
        Some(Term { form, text: text.clone() })
    }
}
