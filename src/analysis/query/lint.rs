//! Checks of a whole tree: is there something to find, and is it a predicate that can be triggered.

use unicode_normalization::UnicodeNormalization;

use super::ast::{FieldValue, Join, Level, Node, NodeKind, SourceSpan, Term, TermForm, TermText};
use super::chars::is_han;
use super::fields::{self, Shape};
use super::leaf::Leaf;
use super::parser::{idle_tilde, short};
use super::problem::{Fix, Report};
use super::raw::has_sign;
use super::written;
use crate::analysis::text::{TextOptions, Tokenizer};

/// Walks the tree and reports.
pub(super) fn check(root: &Node, source: &str, report: &mut Report) {
    let mut lint = Lint { tokenizer: Tokenizer::new(TextOptions::default()), source, report };
    lint.node(root);
    if !asks_for_something(root) {
        lint.only_exclusions(root.span);
    }
}

struct Lint<'a> {
    tokenizer: Tokenizer,
    source: &'a str,
    report: &'a mut Report,
}

impl<'a> Lint<'a> {
    fn written(&self, span: SourceSpan) -> &'a str {
        self.source.get(span.start..span.end).unwrap_or_default()
    }

    fn node(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Level(level) => self.level(level),
            NodeKind::Term(term) => self.text(term, node.span),
            NodeKind::Near(near) => {
                self.operand(&near.left);
                self.operand(&near.right);
            }
            NodeKind::Tilde(tilde) => self.tilde(&tilde.inner, node.span),
            NodeKind::Field(clause) => {
                if let FieldValue::AnyOf(values) = &clause.value {
                    let shape =
                        fields::FIELDS.iter().find(|row| row.field == clause.field).map(|row| row.shape);
                    for value in values {
                        self.field_term(shape, &value.term, value.span);
                    }
                }
            }
            NodeKind::Missing => {}
        }
    }

    fn level(&mut self, level: &Level) {
        for node in level.positives.iter().chain(&level.negatives) {
            self.node(node);
        }
        if level.join == Join::Any {
            for node in level.positives.iter().filter(|node| !asks_for_something(node)) {
                self.only_exclusions(node.span);
            }
        }
    }

    /// What is near to something has to have a position: a word, and no mere sign.
    fn operand(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Term(term) => self.term(term, node.span),
            NodeKind::Level(level) => level.positives.iter().for_each(|node| self.operand(node)),
            _ => self.node(node),
        }
    }

    /// Every word of a tilde phrase is looked for by itself; what is no word is left out.
    fn tilde(&mut self, inner: &Node, span: SourceSpan) {
        let NodeKind::Term(term) = &inner.kind else { return self.operand(inner) };
        self.wildcards(term, inner.span);
        let words = Leaf::words(&term.text);
        match words.iter().filter(|word| Leaf::new(word, &self.tokenizer).is_some()).count() {
            0 => self.findable(term, inner.span, false),
            1 => idle_tilde(self.report, span, Some(inner.span)),
            _ => {}
        }
    }

    fn only_exclusions(&mut self, span: SourceSpan) {
        let message = "there are only exclusions here, so nearly every post would match";
        let written = short(self.written(span));
        let and = if written.starts_with('(') { "AND " } else { "" };
        let hint = format!("add a term that the posts must have: apple {and}{written}");
        self.report.add("E203", span.pair(), message, hint);
    }

    fn field_term(&mut self, shape: Option<Shape>, term: &Term, span: SourceSpan) {
        match shape {
            Some(Shape::Terms) => self.term(term, span),
            Some(Shape::Names { wildcards: true }) => self.wildcards(term, span),
            _ => {}
        }
    }

    /// A term that may be mere signs.
    fn text(&mut self, term: &Term, span: SourceSpan) {
        match has_sign(&term.text) {
            true => self.wildcards(term, span),
            false => {
                self.wildcards(term, span);
                self.findable(term, span, true);
            }
        }
    }

    fn term(&mut self, term: &Term, span: SourceSpan) {
        self.wildcards(term, span);
        self.findable(term, span, false);
    }

    /// `takes_raw` where a field may stand.
    fn findable(&mut self, term: &Term, span: SourceSpan, takes_raw: bool) {
        if Leaf::new(term, &self.tokenizer).is_none() {
            let message = format!("`{}` holds no letter, digit or emoji that could be found", term.text.text);
            let text = TermText { wildcards: Vec::new(), ..term.text.clone() };
            let phrase = written::term(&Term { form: TermForm::Phrase, text });
            let has_signs = takes_raw && !term.text.text.trim().is_empty();
            let hint = match has_signs {
                true => format!("write a word, or raw:{phrase} to search for mere punctuation"),
                false => "write a word here: with a letter, a digit or an emoji".to_owned(),
            };
            let fix = has_signs.then(|| Fix::new(span.pair(), format!("raw:{phrase}")));
            self.report.add("E104", span.pair(), message, hint).fix(fix);
        }
    }

    fn wildcards(&mut self, term: &Term, span: SourceSpan) {
        if term.form == TermForm::Cased || term.text.wildcards.is_empty() {
            return;
        }
        // Behind a word that stands otherwise in the source, none is looked for: that would be looking for each to the end.
        let mut from = Some(span.start);
        for word in Leaf::words(&term.text) {
            let rest = from.map(|start| SourceSpan { start, end: span.end });
            let place = rest.and_then(|rest| self.place_of(&word.text.text, rest));
            from = place.map(|place| place.end);
            if !word.text.wildcards.is_empty() {
                self.wildcard_word(&word.text.text, &word.text.wildcards, (span, place));
            }
        }
        self.question_mark(term, span);
    }

    /// Who quotes a question mostly means its mark.
    fn question_mark(&mut self, term: &Term, span: SourceSpan) {
        let TermText { text, wildcards, .. } = &term.text;
        let is_wild = text.ends_with('?') && wildcards.last() == Some(&(text.len() - 1));
        if term.form == TermForm::Phrase && is_wild {
            let message = "this `?` stands for one more character, not for a question mark";
            let hint = "write \\? for the mark, or leave it out to match with and without it";
            let mark = self.written(span).rfind(['?', '？']).map(|at| span.start + at);
            let fix = mark.and_then(|at| {
                let end = at + self.source.get(at..)?.chars().next()?.len_utf8();
                Some(Fix::new((at, end), ""))
            });
            self.report.add("W110", span.pair(), message, hint).fix(fix);
        }
    }

    /// Where a word stands in the span as it is.
    fn place_of(&self, word: &str, span: SourceSpan) -> Option<SourceSpan> {
        let start = span.start + self.written(span).find(word)?;
        Some(SourceSpan { start, end: start + word.len() })
    }

    /// `place` is that of the word in the span of its term, if it is told.
    fn wildcard_word(
        &mut self,
        word: &str,
        wildcards: &[usize],
        (span, place): (SourceSpan, Option<SourceSpan>),
    ) {
        let span = place.unwrap_or(span);
        let has_letters = |other: &str| other.chars().any(char::is_alphanumeric);
        let instead = |other: &str| place.filter(|_| has_letters(other)).map(|at| Fix::new(at.pair(), other));
        if wildcards.contains(&0) {
            let message = format!("`{word}` starts with a wildcard");
            let rest = word.trim_start_matches(['*', '?']);
            let bare = word.trim_matches(['*', '?']);
            // A single letter may have no wildcard behind it.
            let rest = if bare.chars().nth(1).is_some() { rest } else { bare };
            let hint = format!(
                "begin with letters: `{rest}`, or `{rest}*`; what may stand before is written out with OR"
            );
            let fix = instead(rest);
            return self.report.add("E110", span.pair(), message, hint).fix(fix);
        }
        let literal = |at: usize| !wildcards.contains(&at);
        let letters = word.char_indices().filter(|(at, _)| literal(*at)).map(|(_, c)| letter_of(c));
        let letters = letters.filter(|c| c.is_alphanumeric());
        let enough: usize = letters.map(|c| if is_han(c) { 2 } else { 1 }).sum();
        if enough < 2 {
            let message = format!("`{word}` has fewer than two letters beside its wildcard");
            let plain: String = word.char_indices().filter(|(at, _)| literal(*at)).map(|(_, c)| c).collect();
            let hint = format!("give it two letters or more, or write `{plain}` without the wildcard");
            let fix = instead(&plain);
            return self.report.add("E111", span.pair(), message, hint).fix(fix);
        }
        if wildcards.contains(&1) && word.starts_with(['#', '@', '$', '＃', '＠']) {
            let message =
                format!("`{word}` has a wildcard directly after its sign, so every tag or name is compared");
            let sign = word.chars().next().map_or(0, char::len_utf8);
            let letters = word[sign..].trim_start_matches(['*', '?']);
            let ahead = format!("{}{}*", &word[..sign], letters.trim_end_matches('*'));
            let hint = format!("write letters before the wildcard if you can: {ahead}");
            let fix = instead(&ahead).filter(|_| letters.chars().nth(1).is_some());
            self.report.add("W105", span.pair(), message, hint).fix(fix);
        }
    }
}

/// The part can only hold if something is there: it is more than exclusions.
fn asks_for_something(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Level(level) => match level.join {
            Join::All => level.positives.iter().any(asks_for_something),
            // An alternative of exclusions only is reported on its own.
            Join::Any => true,
        },
        _ => true,
    }
}

/// The letter that another shape of it stands for, as in the text: `⼿` is 手.
fn letter_of(c: char) -> char {
    let mut form = c.nfkc();
    form.next().filter(|_| form.next().is_none()).unwrap_or(c)
}
