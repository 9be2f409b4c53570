//! What all dialects have in common.

use super::super::ast::SourceSpan;

/// A part of a query of another product, with its place there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expr {
    pub(super) kind: ExprKind,
    pub(super) span: SourceSpan,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ExprKind {
    /// Something in our own spelling that has a place in the text: a word, phrase or `{cased}`.
    Text(String),
    /// Something in our own spelling that has none: `name:value`, `"..."~5`.
    Clause(String),
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Not(Box<Expr>),
    Near {
        left: Box<Expr>,
        right: Box<Expr>,
        distance: u32,
        ordered: bool,
    },
    /// Where an error was reported, or something was left out with a warning.
    Nothing,
}

impl Expr {
    pub(super) fn nothing(span: SourceSpan) -> Expr {
        Expr { kind: ExprKind::Nothing, span }
    }

    pub(super) fn clause(text: impl Into<String>, span: SourceSpan) -> Expr {
        Expr { kind: ExprKind::Clause(text.into()), span }
    }
}
