//! The tree of a query for people and for JSON.

use serde::Serialize;

use super::super::ast::{Join, Level, Node, NodeKind, SourceSpan, Term, TermForm};
use super::super::written;

/// A part of a query with the parts inside of it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Branch {
    /// `all`, `any`, `not`, `near`, `tilde`, `word`, `phrase`, `cased` or `field`.
    pub kind: &'static str,
    /// As it is written, or the operator.
    pub label: String,
    /// First byte in the query text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The parts inside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "http", schema(no_recursion))]
    pub parts: Vec<Branch>,
}

impl Branch {
    fn new(kind: &'static str, label: impl Into<String>, span: SourceSpan, parts: Vec<Branch>) -> Branch {
        Branch { kind, label: label.into(), start: span.start, end: span.end, parts }
    }

    /// The same with its places so many bytes further on: in a file with something before the query.
    #[must_use]
    pub fn moved(self, bytes: usize) -> Branch {
        let parts = self.parts.into_iter().map(|part| part.moved(bytes)).collect();
        Branch { start: self.start + bytes, end: self.end + bytes, parts, ..self }
    }

    /// A line a part, with lines that lead to it.
    #[must_use]
    pub fn drawn(&self) -> String {
        let mut out = format!("{}\n", self.label);
        self.draw_parts("", &mut out);
        out
    }

    fn draw_parts(&self, margin: &str, out: &mut String) {
        for (at, part) in self.parts.iter().enumerate() {
            let last = at + 1 == self.parts.len();
            let (elbow, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            out.push_str(&format!("{margin}{elbow}{}\n", part.label));
            part.draw_parts(&format!("{margin}{below}"), out);
        }
    }
}

/// The tree of a node.
pub(super) fn of(node: &Node) -> Branch {
    let span = node.span;
    match &node.kind {
        NodeKind::Level(level) => of_level(level, span),
        NodeKind::Near(near) => {
            Branch::new("near", written::near(near), span, vec![of(&near.left), of(&near.right)])
        }
        NodeKind::Tilde(tilde) => {
            let label = format!("~{}", tilde.distance);
            Branch::new("tilde", label, span, vec![of(&tilde.inner)])
        }
        NodeKind::Term(term) => Branch::new(kind_of(term), written::term(term), span, Vec::new()),
        NodeKind::Field(clause) => {
            let values = written::values(clause);
            let label = match values.as_slice() {
                [one] => format!("{}:{one}", clause.name),
                many => format!("{}:({})", clause.name, many.join(" OR ")),
            };
            Branch::new("field", label, span, Vec::new())
        }
        NodeKind::Missing => Branch::new("missing", "", span, Vec::new()),
    }
}

fn of_level(level: &Level, span: SourceSpan) -> Branch {
    let (kind, label) = if level.join == Join::Any { ("any", "OR") } else { ("all", "AND") };
    let mut positives: Vec<Branch> = level.positives.iter().map(of).collect();
    let nots = level.negatives.iter().map(|node| Branch::new("not", "NOT", node.span, vec![of(node)]));
    if level.negatives.is_empty() {
        return Branch::new(kind, label, span, positives);
    }
    // Exclusions hold for the whole level.
    if level.join == Join::Any && positives.len() > 1 {
        let inner = SourceSpan {
            start: positives.first().map_or(span.start, |part| part.start),
            end: positives.last().map_or(span.end, |part| part.end),
        };
        positives = vec![Branch::new(kind, label, inner, positives)];
    }
    positives.extend(nots);
    Branch::new("all", "AND", span, positives)
}

fn kind_of(term: &Term) -> &'static str {
    match term.form {
        TermForm::Word => "word",
        TermForm::Phrase => "phrase",
        TermForm::Cased => "cased",
    }
}
