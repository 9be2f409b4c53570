//! What makes a query worth a look, for people.

use super::ast::{FieldClause, FieldValue, Level, Node, NodeKind, Query, Term, TermForm, TermText};
use super::field_test::FieldTest;
use super::fields::Field;
use super::leaf::Leaf;
use super::matcher::QuerySet;
use super::written;
use crate::analysis::text::{TextOptions, Tokenizer};
use crate::model::BrandId;

/// How a query is found among many.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Wakes {
    /// A post is looked at if it has one of these: terms, and `name:value` of fields, as they are written.
    pub on: Vec<String>,
    /// There is nothing to look up, so the query is evaluated for every post.
    pub full_scan: bool,
}

impl Wakes {
    /// Of a query compiled alone. Among others that share its terms, others of its terms may be chosen.
    #[must_use]
    pub fn of(query: &Query) -> Wakes {
        let options = TextOptions::default();
        let set = QuerySet::compile(vec![(BrandId(0), query.clone())], options);
        let mut search = Search { set: &set, tokenizer: Tokenizer::new(options), on: Vec::new() };
        search.node(&query.root);
        Wakes { on: search.on, full_scan: set.full_scans().next().is_some() }
    }
}

struct Search<'a> {
    set: &'a QuerySet,
    tokenizer: Tokenizer,
    on: Vec<String>,
}

impl Search<'_> {
    fn node(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Level(Level { positives, .. }) => positives.iter().for_each(|node| self.node(node)),
            NodeKind::Term(term) => self.term(term),
            NodeKind::Near(near) => {
                self.node(&near.left);
                self.node(&near.right);
            }
            NodeKind::Tilde(tilde) => match &tilde.inner.kind {
                NodeKind::Term(term) => Leaf::words(&term.text).iter().for_each(|word| self.word(word)),
                _ => self.node(&tilde.inner),
            },
            NodeKind::Field(clause) => self.field(clause),
            NodeKind::Missing => {}
        }
    }

    fn add(&mut self, text: String) {
        if !self.on.contains(&text) {
            self.on.push(text);
        }
    }

    fn term(&mut self, term: &Term) {
        if self.wakes(term) {
            self.add(written::term(term));
        }
    }

    /// A word of a phrase, without the quotes.
    fn word(&mut self, term: &Term) {
        if self.wakes(term) {
            self.add(written::term(&Term { form: TermForm::Word, text: term.text.clone() }));
        }
    }

    fn wakes(&self, term: &Term) -> bool {
        Leaf::new(term, &self.tokenizer).is_some_and(|leaf| self.set.wakes_on_leaf(&leaf))
    }

    fn field(&mut self, clause: &FieldClause) {
        let FieldValue::AnyOf(values) = &clause.value else { return };
        let by_value = FieldTest::new(clause, self.tokenizer.options().fold_han)
            .lookup()
            .is_some_and(|mut texts| texts.any(|text| self.set.wakes_on_value(clause.field, text)));
        for value in values {
            let sign = match clause.field {
                Field::Tags => "#",
                Field::AtMentions => "@",
                _ => "",
            };
            let text = TermText {
                text: format!("{sign}{}", value.term.text.text.trim_start_matches(sign)),
                ..TermText::default()
            };
            let as_term = match clause.field {
                Field::Title | Field::Text => self.wakes(&value.term),
                Field::Tags | Field::AtMentions => self.wakes(&Term { form: TermForm::Word, text }),
                _ => false,
            };
            if by_value || as_term {
                self.add(format!("{}:{}", clause.name, written::term(&value.term)));
            }
        }
    }
}
