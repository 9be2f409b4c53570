//! Parts of a level in the words of the query: short in messages, whole in fixes.

use super::super::ast::{Join, Node, NodeKind, SourceSpan};
use super::super::lexer::LexKind;
use super::super::problem::Fix;
use super::level::Draft;
use super::{DEPTH_MAX, Parser};

/// So many parts of a level are shown in a message, each with so many characters.
pub(super) const SHOWN: usize = 4;
const SHOWN_CHARACTERS: usize = 40;

impl<'a> Parser<'a> {
    /// The text of a span.
    pub(super) fn source_of(&self, span: SourceSpan) -> &'a str {
        self.source.get(span.start..span.end).unwrap_or_default()
    }

    /// The words of a span, a long one cut short.
    pub(super) fn shown(&self, span: SourceSpan) -> String {
        short(self.source_of(span))
    }

    /// The first nodes of a level as they are written.
    pub(super) fn joined(&self, nodes: &[Node], join: Join) -> String {
        let mut texts: Vec<String> = nodes.iter().take(SHOWN).map(|node| self.shown(node.span)).collect();
        if nodes.len() > SHOWN {
            texts.push("…".to_owned());
        }
        texts.join(&format!(" {} ", word_of(join)))
    }

    /// How a level of alternatives with exclusions is read, long parts cut short.
    pub(super) fn reading(&self, draft: &Draft) -> String {
        let alternatives = self.joined(&draft.positives, Join::Any);
        let exclusions: Vec<String> = draft.nots.iter().take(SHOWN).map(|span| self.shown(*span)).collect();
        format!("({alternatives}) {}", exclusions.join(" "))
    }

    /// Two terms that only a blank joins.
    pub(super) fn joined_by_and(&self, before: Option<&Node>, node: &Node) -> String {
        let Some(before) = before else {
            return format!("write AND {}", self.shown(node.span));
        };
        let is_word = |node: &Node| matches!(&node.kind, NodeKind::Term(_));
        let (first, second) = (self.shown(before.span), self.shown(node.span));
        let both = format!("write {first} AND {second}");
        let plain = |text: &str| !text.contains(['"', '{', '“', '”']);
        match is_word(before) && is_word(node) && plain(&first) && plain(&second) {
            true => format!("{both}, or \"{first} {second}\" for the phrase"),
            false => both,
        }
    }

    /// The alternatives of a level in brackets, and behind them what it excludes. Comments would be lost, so that there is
    /// none where there are any.
    pub(super) fn in_brackets(&self, draft: &Draft) -> Option<Fix> {
        let written = |node: &Node| self.source_of(node.span);
        let alternatives: Vec<&str> = draft.positives.iter().map(written).collect();
        let exclusions: Vec<&str> = draft.nots.iter().map(|span| self.source_of(*span)).collect();
        let spans = || draft.positives.iter().map(|node| node.span).chain(draft.nots.iter().copied());
        let whole = SourceSpan {
            start: spans().map(|span| span.start).min()?,
            end: spans().map(|span| span.end).max()?,
        };
        let fixed = format!("({}) {}", alternatives.join(" OR "), exclusions.join(" "));
        (!self.source_of(whole).contains("<<<")).then(|| Fix::new(whole.pair(), fixed))
    }

    /// A mixed level with brackets around all that stands before an operator of the other kind.
    pub(super) fn grouped_from_the_left(&self, draft: &Draft) -> Option<Fix> {
        let (first, rest) = draft.positives.split_first()?;
        let whole = first.span.to(rest.last()?.span);
        let is_inside = |not: &SourceSpan| not.start > whole.start && not.start < whole.end;
        if draft.nots.iter().any(is_inside) || self.source_of(whole).contains("<<<") {
            return None;
        }
        let (mut fixed, mut before, mut opened) = (self.source_of(first.span).to_owned(), None, 0);
        for (node, join) in rest.iter().zip(&draft.joins) {
            if before.is_some_and(|before| before != *join) {
                opened += 1;
                fixed.push(')');
            }
            fixed.extend([" ", word_of(*join), " ", self.source_of(node.span)]);
            before = Some(*join);
        }
        let fixed = format!("{}{fixed}", "(".repeat(opened));
        (opened + self.depth < DEPTH_MAX).then(|| Fix::new(whole.pair(), fixed))
    }

    /// From one lexeme to another with the operators that join them with what stands before; at the beginning, with that
    /// behind.
    pub(super) fn with_its_operators(&self, mut first: usize, mut last: usize) -> SourceSpan {
        let is_operator = |at: usize| {
            let kind = self.lexemes.get(at).map(|lexeme| &lexeme.kind);
            matches!(kind, Some(LexKind::And | LexKind::Or | LexKind::Not | LexKind::Near { .. }))
        };
        let opens = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| self.lexemes.get(at));
            before.is_none_or(|before| before.kind == LexKind::Open)
        };
        while first.checked_sub(1).is_some_and(is_operator) {
            first -= 1;
        }
        while opens(first) && is_operator(last + 1) {
            last += 1;
        }
        let span = |at: usize| self.lexemes.get(at).map_or_else(|| self.here(), |lexeme| lexeme.span);
        span(first).to(span(last))
    }
}

/// On one line, and not too long for a message.
pub(in super::super) fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

pub(super) fn word_of(join: Join) -> &'static str {
    match join {
        Join::All => "AND",
        Join::Any => "OR",
    }
}
