//! A query explained: its tree, how it reads, how it is found among many, who can answer it.
//!
//! **Invariant:** says what the compiled query does; nothing here decides anything.

mod branch;
mod carriers;
mod cost;
mod reading;
mod scan;

pub use branch::Branch;
pub use carriers::carriers;
pub use cost::{Cost, LookedAt};
pub use reading::Sentence;
pub use scan::Scan;

use serde::Serialize;

use super::Purpose;
use super::ast::{FieldClause, Node, NodeKind, Query};
use super::chars::is_unspaced;
use super::fields::Field;
use super::format;
pub use super::wakes::Wakes;
use crate::model::Network;

/// All that can be said about a query without posts.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// In one line, in canonical spelling, with its brackets.
    pub normalised: String,
    /// Terms and field clauses.
    pub leaves: usize,
    /// The parts of the query.
    pub tree: Branch,
    /// The query in plain words.
    pub reading: Sentence,
    /// What makes it worth a look.
    pub wakes: Wakes,
    /// What a look takes, and how often there is one.
    pub cost: Cost,
    /// The fields that it asks for.
    pub fields: Vec<FieldUse>,
    /// Remarks.
    pub notes: Vec<String>,
}

/// A field of a query.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct FieldUse {
    /// Canonical name.
    pub name: &'static str,
    /// earful's own, unknown to Brandwatch.
    pub extension: bool,
    /// Networks whose feeds carry the datum. Posts of the others never meet the clause.
    #[cfg_attr(feature = "http", schema(value_type = Vec<String>))]
    pub feeds: Vec<Network>,
}

/// Explains a query. One of a rule is looked at for mentions only.
#[must_use]
pub fn explain(query: &Query, purpose: Purpose) -> Explanation {
    let mut survey = Survey::default();
    survey.node(&query.root);
    let wakes = Wakes::of(query);
    Explanation {
        normalised: format::one_line(&query.root),
        leaves: survey.cost.terms + survey.cost.values,
        tree: branch::of(&query.root),
        reading: reading::of(&query.root),
        cost: survey.cost.often(&wakes, purpose),
        wakes,
        notes: survey.notes(),
        fields: survey.fields,
    }
}

/// What a walk over the tree has seen.
#[derive(Default)]
struct Survey {
    cost: Cost,
    fields: Vec<FieldUse>,
    unspaced: bool,
    excludes_by_field: bool,
}

impl Survey {
    fn node(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Level(level) => {
                level.positives.iter().for_each(|node| self.node(node));
                level.negatives.iter().for_each(|node| self.node(node));
                self.excludes_by_field |=
                    level.negatives.iter().any(|n| matches!(n.kind, NodeKind::Field(_)));
            }
            NodeKind::Near(near) => {
                self.cost.distances += 1;
                self.cost.full_scan.nears += 1;
                self.node(&near.left);
                self.node(&near.right);
            }
            NodeKind::Tilde(tilde) => {
                self.cost.distances += 1;
                self.cost.full_scan.tildes += 1;
                self.node(&tilde.inner);
            }
            NodeKind::Term(term) => {
                self.cost.terms += 1;
                self.cost.full_scan.term(term);
                self.unspaced |= term.text.text.chars().any(is_unspaced);
            }
            NodeKind::Field(clause) => self.field(clause),
            NodeKind::Missing => {}
        }
    }

    fn field(&mut self, clause: &FieldClause) {
        self.cost.full_scan.field(clause);
        self.cost.values += super::written::values(clause).len();
        let field = FieldUse {
            name: clause.name,
            extension: is_extension(clause),
            feeds: carriers(clause.field).to_vec(),
        };
        if !self.fields.contains(&field) {
            self.fields.push(field);
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.cost.distances > 0 && self.unspaced {
            notes.push("Distances count characters, not words, in Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese.");
        } else if self.cost.distances > 0 {
            notes.push("Distances count words; in posts in Chinese, Japanese or Thai they count characters.");
        }
        if self.unspaced {
            notes.push("Terms in scripts without blanks are found anywhere in the text; Traditional finds Simplified and back.");
        }
        if self.excludes_by_field {
            notes.push(
                "A post that lacks a field does not meet the clause, so NOT with a field keeps such posts.",
            );
        }
        notes.into_iter().map(str::to_owned).collect()
    }
}

fn is_extension(clause: &FieldClause) -> bool {
    let ours = matches!(
        clause.field,
        Field::Text
            | Field::Network
            | Field::Likes
            | Field::Reposts
            | Field::Replies
            | Field::Engagement
            | Field::Is
            | Field::Has
            | Field::Sample
    );
    ours || matches!(
        clause.name,
        "hashtags" | "reach" | "sentiment" | "emotion" | "brand" | "tag" | "category"
    )
}
