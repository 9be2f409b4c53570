//! Which part of the tree a comment belongs to.

use rustc_hash::FxHashMap;

use super::super::ast::{FieldValue, Node, NodeKind, SourceSpan};
use super::super::lexer::{LexKind, Lexeme};

/// Comments of one part.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
    /// One of those before stands in a line of its own.
    pub(super) own_line: bool,
}

/// Comments by the place of their part.
pub(super) type Comments = FxHashMap<(usize, usize), Notes>;

/// Gives every comment of the source to a part of the tree.
pub(super) fn attach(source: &str, lexemes: &[Lexeme], root: &Node) -> Comments {
    let mut comments = Comments::default();
    for (span, after_operand) in find(source, lexemes) {
        let text = source.get(span.start..span.end).unwrap_or("").to_owned();
        let line = Line::of(source, span);
        let (part, before) = part_of(&Part::root(root), span, line.place(after_operand));
        let notes = comments.entry((part.start, part.end)).or_default();
        if before {
            notes.before.push(text);
            notes.own_line |= line.begins && line.ends;
        } else {
            notes.after.push(text);
        }
    }
    comments
}

/// The comments between the lexemes, and whether an operand stands before each.
fn find(source: &str, lexemes: &[Lexeme]) -> Vec<(SourceSpan, bool)> {
    let mut found = Vec::new();
    let starts = lexemes.iter().map(|lexeme| lexeme.span.start).chain([source.len()]);
    let mut from = 0;
    let mut operand = false;
    for (at, start) in starts.enumerate() {
        while let Some(offset) = source.get(from..start).and_then(|gap| gap.find("<<<")) {
            let open = from + offset;
            let length = source[open..].find(">>>").map_or(start - open, |length| length + 3);
            found.push((SourceSpan { start: open, end: open + length }, operand));
            from = open + length;
        }
        if let Some(lexeme) = lexemes.get(at) {
            from = lexeme.span.end;
            operand = !matches!(
                lexeme.kind,
                LexKind::And
                    | LexKind::Or
                    | LexKind::Not
                    | LexKind::Near { .. }
                    | LexKind::Open
                    | LexKind::FieldName(_)
            );
        }
    }
    found
}

/// Where a comment would rather go.
#[derive(Clone, Copy)]
enum Place {
    Next,
    Previous,
}

/// How a comment stands in its line.
struct Line {
    begins: bool,
    ends: bool,
}

impl Line {
    fn of(source: &str, span: SourceSpan) -> Line {
        let before = source.get(..span.start).unwrap_or("").rsplit('\n').next().unwrap_or("");
        let after = source.get(span.end..).unwrap_or("").split('\n').next().unwrap_or("");
        Line { begins: is_blank(before), ends: is_blank(after) }
    }

    /// A comment that begins its line belongs to what follows, one that ends its line to what it follows;
    /// between others it belongs to the operand before it, if there is one.
    fn place(&self, after_operand: bool) -> Place {
        match (self.begins, self.ends) {
            (true, _) => Place::Next,
            (false, true) => Place::Previous,
            (false, false) if after_operand => Place::Previous,
            (false, false) => Place::Next,
        }
    }
}

/// Nothing but blanks and comments.
fn is_blank(mut text: &str) -> bool {
    loop {
        text = text.trim();
        match text.strip_prefix("<<<").and_then(|rest| rest.split_once(">>>")) {
            Some((_, rest)) => text = rest,
            None => return text.is_empty(),
        }
    }
}

/// A node, or a value of a field.
struct Part<'a> {
    span: SourceSpan,
    node: Option<&'a Node>,
}

impl<'a> Part<'a> {
    /// The outermost level is written without brackets, so all that is outside of it is inside, too.
    fn root(node: &'a Node) -> Part<'a> {
        let span = match node.kind {
            NodeKind::Level(_) | NodeKind::Near(_) => SourceSpan { start: 0, end: usize::MAX },
            _ => node.span,
        };
        Part { span, node: Some(node) }
    }

    fn of(node: &'a Node) -> Part<'a> {
        Part { span: node.span, node: Some(node) }
    }

    fn children(&self) -> Vec<Part<'a>> {
        let Some(node) = self.node else { return Vec::new() };
        let mut children: Vec<Part<'a>> = match &node.kind {
            NodeKind::Level(level) => level.positives.iter().chain(&level.negatives).map(Part::of).collect(),
            NodeKind::Near(near) => vec![Part::of(&near.left), Part::of(&near.right)],
            NodeKind::Tilde(tilde) => match &tilde.inner.kind {
                NodeKind::Level(_) => Part::of(&tilde.inner).children(),
                _ => Vec::new(),
            },
            NodeKind::Field(clause) => match &clause.value {
                FieldValue::AnyOf(values) if values.len() > 1 => {
                    values.iter().map(|value| Part { span: value.span, node: None }).collect()
                }
                _ => Vec::new(),
            },
            NodeKind::Term(_) | NodeKind::Missing => Vec::new(),
        };
        children.sort_by_key(|child| child.span.start);
        children
    }
}

/// The place of the part, and whether the comment stands before it.
fn part_of(part: &Part<'_>, comment: SourceSpan, place: Place) -> (SourceSpan, bool) {
    if comment.end <= part.span.start {
        return (part.span, true);
    }
    if comment.start >= part.span.end {
        return (part.span, false);
    }
    let children = part.children();
    let around = children.iter().find(|c| c.span.start < comment.start && comment.end < c.span.end);
    if let Some(child) = around {
        return part_of(child, comment, place);
    }
    let next = children.iter().find(|child| child.span.start >= comment.end);
    let previous = children.iter().rev().find(|child| child.span.end <= comment.start);
    match (place, previous, next) {
        (Place::Next, _, Some(next)) | (Place::Previous, None, Some(next)) => (next.span, true),
        (_, Some(previous), _) => (previous.span, false),
        (_, None, None) => (part.span, true),
    }
}
