//! What a query asks of a post when it is looked at.

use serde::Serialize;

use super::super::ast::{FieldClause, FieldValue, Term, TermForm};
use super::super::fields::Field;

/// The leaves of a query by kind. A full scan asks every post for them, in an order that puts what costs little first, and
/// until the outcome is certain: so these are the most that it asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Scan {
    /// Words, tags, names and emoji: looked up in an index of the post.
    pub words: usize,
    /// Phrases: looked up by their rarest two words.
    pub phrases: usize,
    /// Words and phrases with wildcards: compared with the tokens that begin alike.
    pub wildcards: usize,
    /// Terms in braces: looked up as words, then compared with the text as it was written.
    pub cased: usize,
    /// `raw:`: all of the text is searched.
    pub raw: usize,
    /// Values of other fields: compared with what the feed states.
    pub values: usize,
    /// NEARs: the places of their operands are compared.
    pub nears: usize,
    /// Tildes: windows over the places of their words are compared.
    pub tildes: usize,
    /// `language:` is asked for, so that the language of every post is detected: once, however many queries ask.
    pub language: bool,
}

impl Scan {
    /// Each kind that there is with its number, in the order of the fields.
    pub fn parts(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let all = [
            (self.words, "word"),
            (self.phrases, "phrase"),
            (self.wildcards, "wildcard"),
            (self.cased, "cased term"),
            (self.raw, "raw text"),
            (self.values, "field value"),
            (self.nears, "NEAR"),
            (self.tildes, "tilde"),
        ];
        all.into_iter().filter(|(number, _)| *number > 0)
    }

    pub(super) fn term(&mut self, term: &Term) {
        let has_wildcards = !term.text.wildcards.is_empty();
        let kind = match term.form {
            TermForm::Cased => &mut self.cased,
            _ if has_wildcards => &mut self.wildcards,
            TermForm::Phrase if term.text.text.trim().contains(char::is_whitespace) => &mut self.phrases,
            TermForm::Phrase | TermForm::Word => &mut self.words,
        };
        *kind += 1;
    }

    pub(super) fn field(&mut self, clause: &FieldClause) {
        self.language |= clause.field == Field::Language;
        match (&clause.value, clause.field) {
            (FieldValue::AnyOf(values), Field::Title | Field::Text) => {
                values.iter().for_each(|value| self.term(&value.term));
            }
            (FieldValue::AnyOf(values), Field::Raw) => self.raw += values.len(),
            (FieldValue::AnyOf(values), _) => self.values += values.len(),
            (FieldValue::Range { .. }, _) => self.values += 1,
        }
    }
}
