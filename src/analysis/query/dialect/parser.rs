//! Tokens of any dialect to an expression: AND binds tighter than OR, and a blank is AND.

use super::super::ast::SourceSpan;
use super::super::parser::{DEPTH_MAX, ParseOptions, idle_tilde, parse};
use super::super::problem::Report;
use super::Dialect;
use super::expr::{Expr, ExprKind};
use super::fields;
use super::tokens::{Kind, Token};
use super::values::Value;
use super::writer::text;

/// Reads all tokens. `None` if there is nothing.
pub(super) fn read(tokens: &[Token], end: usize, dialect: Dialect, report: &mut Report) -> Option<Expr> {
    if tokens.is_empty() {
        report.add("E401", (0, end), "the query is empty", "write at least one word");
        return None;
    }
    let mut parser = Parser { tokens, at: 0, depth: 0, excluded: false, end, dialect, report };
    let expr = parser.any();
    if let Some(token) = parser.tokens.get(parser.at) {
        let span = (token.span.start, token.span.end);
        parser.report.add("E401", span, "this `)` closes nothing", "remove it, or open a bracket before");
    }
    Some(expr)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// What is read next stands directly behind a NOT.
    excluded: bool,
    end: usize,
    dialect: Dialect,
    report: &'a mut Report,
}

impl Parser<'_> {
    fn kind(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    fn here(&self) -> SourceSpan {
        self.tokens.get(self.at).map_or(SourceSpan { start: self.end, end: self.end }, |token| token.span)
    }

    fn closes(&self) -> bool {
        matches!(self.kind(), None | Some(Kind::Close | Kind::LooseClose(_)))
    }

    fn error(
        &mut self,
        code: &'static str,
        span: SourceSpan,
        message: impl Into<String>,
        hint: &str,
    ) -> Expr {
        self.report.add(code, (span.start, span.end), message, hint);
        Expr::nothing(span)
    }

    /// `a OR b OR ...`
    fn any(&mut self) -> Expr {
        let start = self.here();
        let (first, mut mixed) = self.all();
        let mut parts = vec![first];
        let mut first_or = None;
        while matches!(self.kind(), Some(Kind::Or)) {
            first_or.get_or_insert(self.here());
            self.at += 1;
            let (next, joined) = self.all();
            mixed |= joined;
            parts.push(next);
        }
        if let (Some(or), true) = (first_or, mixed && self.dialect != Dialect::X) {
            let message = "AND binds tighter than OR, so it was read first";
            self.report.add("W403", (or.start, or.end), message, "put brackets where you mean them");
        }
        self.joined(start, parts, ExprKind::Any)
    }

    fn joined(&self, start: SourceSpan, mut parts: Vec<Expr>, kind: fn(Vec<Expr>) -> ExprKind) -> Expr {
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let end = parts.last().map_or(start, |part| part.span);
        Expr { kind: kind(parts), span: start.to(end) }
    }

    /// `a AND b -c d ...`, and whether there is more than one part.
    fn all(&mut self) -> (Expr, bool) {
        let start = self.here();
        let mut parts = Vec::new();
        loop {
            let mut operator = None;
            while matches!(self.kind(), Some(Kind::And)) {
                operator = Some(self.here());
                self.at += 1;
                if parts.is_empty() {
                    self.error(
                        "E401",
                        self.here(),
                        "AND has nothing on its left",
                        "remove it, or write a term before it",
                    );
                }
            }
            if self.closes() || matches!(self.kind(), Some(Kind::Or)) {
                if let Some(operator) = operator {
                    self.error(
                        "E401",
                        operator,
                        "AND has nothing on its right",
                        "remove it, or write a term after it",
                    );
                } else if parts.is_empty() {
                    self.error(
                        "E401",
                        self.here(),
                        "a term is missing here",
                        "write one, or remove the operator or brackets",
                    );
                }
                break;
            }
            parts.push(self.unit());
        }
        let several = parts.len() > 1;
        (self.joined(start, parts, ExprKind::All), several)
    }

    /// NOTs, and NEARs from left to right.
    fn unit(&mut self) -> Expr {
        let start = self.here();
        let mut excluded = false;
        while matches!(self.kind(), Some(Kind::Not)) {
            self.at += 1;
            excluded = !excluded;
        }
        self.excluded = excluded;
        let mut expr = self.primary();
        let mut nears = 0_usize;
        while let Some(Kind::Near { distance, ordered }) = self.kind().cloned() {
            self.at += 1;
            nears += 1;
            let right = self.primary();
            let span = expr.span.to(right.span);
            let (left, right) = (Box::new(expr), Box::new(right));
            expr = Expr { kind: ExprKind::Near { left, right, distance, ordered }, span };
            if nears > DEPTH_MAX {
                self.at = self.tokens.len();
                return self.error(
                    "E401",
                    span,
                    "too many NEARs stand side by side",
                    "put brackets around some",
                );
            }
        }
        if !excluded {
            return expr;
        }
        let span = start.to(expr.span);
        Expr { kind: ExprKind::Not(Box::new(expr)), span }
    }

    fn primary(&mut self) -> Expr {
        let span = self.here();
        let excluded = std::mem::take(&mut self.excluded);
        let Some(kind) = self.kind().cloned() else {
            return self.error(
                "E401",
                span,
                "a term is missing at the end",
                "write one, or remove the operator",
            );
        };
        if matches!(kind, Kind::Close | Kind::LooseClose(_)) {
            return self.error("E401", span, "a term is missing before this bracket", "write one");
        }
        self.at += 1;
        match kind {
            Kind::Word(word) => Expr { kind: ExprKind::Text(text(&word, self.dialect != Dialect::X)), span },
            Kind::Phrase(phrase) => {
                Expr { kind: ExprKind::Text(text_of_phrase(&phrase, self.dialect)), span }
            }
            Kind::Loose(phrase, distance) => self.loose_phrase(&phrase, distance, span),
            Kind::Open => self.bracket(span),
            Kind::Field(name) => {
                let value = self.value(span);
                fields::field(self.dialect, (&name, excluded), span, value, self.report)
            }
            Kind::Function(name) => {
                let value = self.value(span);
                fields::function(self.dialect, (&name, excluded), span, value, self.report)
            }
            Kind::Range(_) => self.error("E402", span, "a range stands outside of a field", "remove it"),
            Kind::And | Kind::Or | Kind::Not | Kind::Near { .. } => self.error(
                "E401",
                span,
                "this operator has nothing to join",
                "remove it, or write a term beside it",
            ),
            Kind::Close | Kind::LooseClose(_) => Expr::nothing(span),
        }
    }

    /// What a field is asked for: as it was written for a single value, else an expression.
    fn value(&mut self, name: SourceSpan) -> Value {
        let span = self.here();
        match self.kind().cloned() {
            Some(Kind::Word(word)) => {
                self.at += 1;
                Value::Word(word, span)
            }
            Some(Kind::Phrase(phrase)) => {
                self.at += 1;
                Value::Phrase(phrase, span)
            }
            Some(Kind::Loose(phrase, distance)) => {
                self.at += 1;
                Value::List(Box::new(self.loose_phrase(&phrase, distance, span)))
            }
            Some(Kind::Range(inner)) => {
                self.at += 1;
                Value::Range(inner, span)
            }
            Some(Kind::Field(head)) => {
                // `url:a:b`: the value has a colon in it.
                self.at += 1;
                let tail = match self.kind().cloned() {
                    Some(Kind::Word(word)) if self.here().start == span.end => {
                        self.at += 1;
                        word
                    }
                    _ => String::new(),
                };
                Value::Word(format!("{head}:{tail}"), span)
            }
            Some(Kind::Open) => {
                self.at += 1;
                Value::List(Box::new(self.bracket(span)))
            }
            _ => {
                let hint = "write a word or a phrase after it, or put the name in quotes to search for it";
                self.error("E401", name, "this field has no value", hint);
                Value::List(Box::new(Expr::nothing(name)))
            }
        }
    }

    /// The opening bracket has been consumed.
    fn bracket(&mut self, open: SourceSpan) -> Expr {
        if self.depth == DEPTH_MAX {
            self.at = self.tokens.len();
            let message = format!("brackets are nested more than {DEPTH_MAX} deep");
            return self.error("E401", open, message, "remove brackets that are not needed");
        }
        self.depth += 1;
        let mut expr = self.any();
        self.depth -= 1;
        expr.span = open.to(self.here());
        match self.kind().cloned() {
            Some(Kind::Close) => self.at += 1,
            Some(Kind::LooseClose(distance)) => {
                self.at += 1;
                return self.loose(expr, distance);
            }
            _ => {
                self.error(
                    "E401",
                    open,
                    "the bracket that opens here is not closed",
                    "add the closing bracket",
                );
            }
        }
        expr
    }

    /// `"a b"~5`
    fn loose_phrase(&mut self, phrase: &str, distance: u32, span: SourceSpan) -> Expr {
        let inner = text_of_phrase(phrase, self.dialect);
        let loose = format!("{inner}~{distance}");
        if self.is_idle(&loose, span) {
            return Expr { kind: ExprKind::Text(inner), span };
        }
        Expr::clause(loose, span)
    }

    /// `(a AND b)~5`
    fn loose(&mut self, expr: Expr, distance: u32) -> Expr {
        let span = expr.span;
        let Some(inner) = super::writer::write(&expr, self.report) else { return Expr::nothing(span) };
        let loose = format!("({inner})~{distance}");
        if self.is_idle(&loose, span) { expr } else { Expr::clause(loose, span) }
    }

    /// Whether the tilde has nothing to be near, as our own language tells it.
    fn is_idle(&mut self, loose: &str, span: SourceSpan) -> bool {
        let problems = parse(loose, &ParseOptions::default()).problems;
        let is_idle = problems.iter().any(|problem| problem.code == "W104");
        if is_idle {
            idle_tilde(self.report, span, None);
        }
        is_idle
    }
}

/// A phrase of one word is that word in quotes.
fn text_of_phrase(phrase: &str, dialect: Dialect) -> String {
    super::writer::quoted(phrase, dialect != Dialect::X)
}
