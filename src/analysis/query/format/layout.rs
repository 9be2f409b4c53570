//! Texts and groups to lines: a group stands in one line, or has a clause a line.

use unicode_width::UnicodeWidthStr;

use super::doc::{Clause, Doc, DocKind};

/// Blanks by which a level stands to the right of the one around it.
const INDENT: usize = 2;

/// All in one line.
pub(super) fn flat(doc: &Doc) -> String {
    let mut out = String::new();
    write_flat(doc, &mut out);
    out
}

fn write_flat(doc: &Doc, out: &mut String) {
    for note in &doc.notes.before {
        out.push_str(note);
        out.push(' ');
    }
    write_bare(doc, out);
}

/// Without the comments before it.
fn write_bare(doc: &Doc, out: &mut String) {
    match &doc.kind {
        DocKind::Text(text) => out.push_str(text),
        DocKind::Group { open, clauses, close } => {
            out.push_str(open);
            for (at, clause) in clauses.iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                write_clause(clause, out);
            }
            out.push_str(close);
        }
    }
    for note in &doc.notes.after {
        out.push(' ');
        out.push_str(note);
    }
}

fn write_clause(clause: &Clause, out: &mut String) {
    if clause.not {
        out.push_str("NOT ");
    }
    write_flat(&clause.doc, out);
    if !clause.join.is_empty() {
        out.push(' ');
        out.push_str(&clause.join);
    }
}

/// In lines of at most `width` columns, where that is possible.
pub(super) fn lines(doc: &Doc, width: usize) -> String {
    let mut layout = Layout { width, out: String::new() };
    layout.doc(doc, 0, "", "");
    layout.out
}

/// Inside is a comment with a line of its own.
fn has_own_lines(doc: &Doc) -> bool {
    match &doc.kind {
        DocKind::Text(_) => false,
        DocKind::Group { clauses, .. } => {
            clauses.iter().any(|clause| clause.doc.notes.own_line || has_own_lines(&clause.doc))
        }
    }
}

struct Layout {
    width: usize,
    out: String,
}

impl Layout {
    fn line(&mut self, indent: usize, text: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// `prefix` is a NOT before it, `suffix` the operator after it.
    fn doc(&mut self, doc: &Doc, indent: usize, prefix: &str, suffix: &str) {
        for note in &doc.notes.before {
            self.line(indent, note);
        }
        let mut text = prefix.to_owned();
        write_bare(doc, &mut text);
        text.push_str(suffix);
        let fits = !text.contains('\n') && !has_own_lines(doc) && indent + text.width() <= self.width;
        match &doc.kind {
            DocKind::Group { open, clauses, close } if !fits => {
                let end: String = doc.notes.after.iter().map(|note| format!(" {note}")).collect();
                self.broken(clauses, indent, &format!("{prefix}{open}"), &format!("{close}{end}{suffix}"));
            }
            _ => self.line(indent, &text),
        }
    }

    fn broken(&mut self, clauses: &[Clause], indent: usize, open: &str, close: &str) {
        let inner = if open.is_empty() { indent } else { indent + INDENT };
        if !open.is_empty() {
            self.line(indent, open);
        }
        for clause in clauses {
            let not = if clause.not { "NOT " } else { "" };
            let join = if clause.join.is_empty() { String::new() } else { format!(" {}", clause.join) };
            self.doc(&clause.doc, inner, not, &join);
        }
        if !close.is_empty() {
            self.line(indent, close.trim_start());
        }
    }
}
