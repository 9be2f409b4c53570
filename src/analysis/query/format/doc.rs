//! A tree as texts and groups that can be broken into lines.

use super::super::ast::{FieldClause, FieldValue, Join, Level, Near, Node, NodeKind, SourceSpan, Tilde};
use super::super::written;
use super::comments::{Comments, Notes};

/// Something to be written, with the comments around it.
#[derive(Debug)]
pub(super) struct Doc {
    pub(super) notes: Notes,
    pub(super) kind: DocKind,
}

#[derive(Debug)]
pub(super) enum DocKind {
    /// In one piece.
    Text(String),
    /// `open clause join clause NOT clause close`.
    Group { open: String, clauses: Vec<Clause>, close: String },
}

/// One line of a broken group.
#[derive(Debug)]
pub(super) struct Clause {
    pub(super) not: bool,
    pub(super) doc: Doc,
    /// The operator that joins it to the next, or nothing.
    pub(super) join: String,
}

/// The tree with its comments.
pub(super) fn of(root: &Node, comments: Comments) -> Doc {
    Maker { comments, explicit: false }.root(root)
}

/// The tree without comments, with brackets around ORs that have a NOT beside them.
pub(super) fn explicit(root: &Node) -> Doc {
    Maker { comments: Comments::default(), explicit: true }.root(root)
}

struct Maker {
    comments: Comments,
    explicit: bool,
}

impl Maker {
    /// The outermost level needs no brackets.
    fn root(&mut self, node: &Node) -> Doc {
        let mut kind = match &node.kind {
            NodeKind::Level(level) => self.level(level, "", ""),
            NodeKind::Near(near) => self.near(near, "", ""),
            _ => return self.node(node),
        };
        // What is said at the head of a query is said of all of it.
        let mut notes = Notes::default();
        if let DocKind::Group { clauses, .. } = &mut kind
            && let Some(first) = clauses.first_mut().filter(|clause| !clause.not)
        {
            notes.before = std::mem::take(&mut first.doc.notes.before);
            first.doc.notes.own_line = false;
        }
        Doc { notes, kind }
    }

    fn doc(&mut self, span: SourceSpan, kind: DocKind) -> Doc {
        let notes = self.comments.remove(&(span.start, span.end)).unwrap_or_default();
        Doc { notes, kind }
    }

    fn node(&mut self, node: &Node) -> Doc {
        let kind = match &node.kind {
            NodeKind::Level(level) => self.level(level, "(", ")"),
            NodeKind::Near(near) => self.near(near, "(", ")"),
            NodeKind::Tilde(tilde) => self.tilde(tilde),
            NodeKind::Term(term) => DocKind::Text(written::term(term)),
            NodeKind::Field(clause) => self.field(clause),
            NodeKind::Missing => DocKind::Text(String::new()),
        };
        self.doc(node.span, kind)
    }

    fn level(&mut self, level: &Level, open: &str, close: &str) -> DocKind {
        let join = if level.join == Join::Any { "OR" } else { "AND" };
        let mut clauses = self.joined(&level.positives, join);
        if self.explicit && level.join == Join::Any && clauses.len() > 1 && !level.negatives.is_empty() {
            let inner = DocKind::Group { open: "(".into(), clauses, close: ")".into() };
            let doc = Doc { notes: Notes::default(), kind: inner };
            clauses = vec![Clause { not: false, doc, join: String::new() }];
        }
        let not = |doc| Clause { not: true, doc, join: String::new() };
        let negatives: Vec<Clause> = level.negatives.iter().map(|node| not(self.node(node))).collect();
        clauses.extend(negatives);
        DocKind::Group { open: open.into(), clauses, close: close.into() }
    }

    fn joined(&mut self, nodes: &[Node], join: &str) -> Vec<Clause> {
        let docs: Vec<Doc> = nodes.iter().map(|node| self.node(node)).collect();
        clauses(docs, join)
    }

    fn near(&mut self, near: &Near, open: &str, close: &str) -> DocKind {
        let docs = vec![self.node(&near.left), self.node(&near.right)];
        let clauses = clauses(docs, &written::near(near));
        DocKind::Group { open: open.into(), clauses, close: close.into() }
    }

    fn tilde(&mut self, tilde: &Tilde) -> DocKind {
        match &tilde.inner.kind {
            NodeKind::Level(level) => self.level(level, "(", &format!(")~{}", tilde.distance)),
            NodeKind::Term(term) => DocKind::Text(format!("{}~{}", written::term(term), tilde.distance)),
            _ => DocKind::Text(String::new()),
        }
    }

    fn field(&mut self, clause: &FieldClause) -> DocKind {
        let texts = written::values(clause);
        match (&clause.value, texts.as_slice()) {
            (_, [text]) => DocKind::Text(format!("{}:{text}", clause.name)),
            (FieldValue::AnyOf(values), _) => {
                let docs =
                    values.iter().zip(texts).map(|(value, text)| self.doc(value.span, DocKind::Text(text)));
                let clauses = clauses(docs.collect(), "OR");
                DocKind::Group { open: format!("{}:(", clause.name), clauses, close: ")".into() }
            }
            (FieldValue::Range { .. }, _) => DocKind::Text(String::new()),
        }
    }
}

fn clauses(docs: Vec<Doc>, join: &str) -> Vec<Clause> {
    let last = docs.len().saturating_sub(1);
    let clause = |(at, doc)| {
        let join = if at == last { String::new() } else { join.to_owned() };
        Clause { not: false, doc, join }
    };
    docs.into_iter().enumerate().map(clause).collect()
}
