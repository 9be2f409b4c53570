//! `[[rules]]`: a query, and what is done to the mentions that it matches.

use std::collections::HashSet;

use super::plan::RulePlan;
use super::problem::nearest;
use super::queries;
use super::reader::{Report, Table};
use crate::analysis::Rule;
use crate::analysis::query::ast::{FieldValue, Node, NodeKind};
use crate::analysis::query::{Field, Purpose};
use crate::model::Polarity;

/// What the rules so far can have left on a mention.
struct Known<'b> {
    brands: &'b [String],
    tags: Vec<String>,
    categories: Vec<String>,
}

pub(super) fn rules(report: &mut Report<'_>, top: &mut Table<'_>, brands: &[String]) -> Vec<RulePlan> {
    let mut known = Known { brands, tags: Vec::new(), categories: Vec::new() };
    let (mut rules, mut names) = (Vec::new(), HashSet::new());
    for mut table in top.tables(report, "rules", "[[rules]]") {
        let at = table.at;
        let name = table.required(report, "name", "give each rule a name, such as \"lost bags\"");
        let name = name.map_or_else(String::new, |name| name.value.to_owned());
        if !name.is_empty() && !names.insert(name.clone()) {
            report.error(at, format!("two rules have the name \"{name}\""), "give each its own");
        }
        let query = queries::read(report, &mut table, "[[rules]]", Purpose::Rule);
        let rule = action(report, &mut table, &name);
        table.finish(report);
        if let Some((_, query)) = &query {
            known.check(report, at, &query.root);
        }
        known.tags.extend(rule.tags.iter().map(|tag| tag.to_lowercase()));
        known.categories.extend(rule.category.iter().map(|category| category.to_lowercase()));
        rules.extend(query.map(|(_, query)| RulePlan { rule, query }));
    }
    rules
}

/// What the rule does; at least one thing.
fn action(report: &mut Report<'_>, table: &mut Table<'_>, name: &str) -> Rule {
    let labels: Vec<_> = Polarity::ALL.iter().map(|label| (label.as_str(), *label)).collect();
    let does = ["tags", "category", "sentiment"].iter().any(|key| table.has(key));
    if !does {
        report.error(
            table.at,
            "the rule does nothing",
            "add tags = [\"...\"], category = \"...\" or sentiment = \"negative\"",
        );
    }
    let tags = table.strings(report, "tags").map(|list| list.value).unwrap_or_default();
    let category = table.string(report, "category");
    for empty in tags.iter().chain(&category).filter(|text| text.value.trim().is_empty()) {
        report.error(empty.at, "this name is empty", "write a word or two");
    }
    Rule {
        name: name.into(),
        tags: tags.iter().map(|tag| tag.value.into()).collect(),
        category: category.map(|category| category.value.into()),
        sentiment: table.choice(report, "sentiment", &labels),
    }
}

impl Known<'_> {
    /// Warns of conditions that no mention can meet when the rule is reached.
    fn check(&self, report: &mut Report<'_>, at: usize, node: &Node) {
        match &node.kind {
            NodeKind::Level(level) => {
                level.positives.iter().chain(&level.negatives).for_each(|node| self.check(report, at, node));
            }
            NodeKind::Field(clause) => {
                let (known, what) = match clause.field {
                    Field::Brand => (self.brands, "no brand has that id"),
                    Field::Tag => (&*self.tags, "no rule before it adds that tag"),
                    Field::Category => (&*self.categories, "no rule before it sets that category"),
                    _ => return,
                };
                let FieldValue::AnyOf(values) = &clause.value else { return };
                for value in values.iter().map(|value| &value.term.text.text) {
                    unknown(report, at, known, value, what);
                }
            }
            _ => {}
        }
    }
}

fn unknown(report: &mut Report<'_>, at: usize, known: &[String], asked: &str, what: &str) {
    let lower = asked.trim().to_lowercase();
    if known.iter().any(|name| name.to_lowercase() == lower) {
        return;
    }
    let hint = nearest(&lower, known.iter().map(String::as_str));
    let hint = hint.map_or_else(String::new, |near| format!("did you mean \"{near}\"?"));
    report.warning(at, format!("the rule asks for \"{asked}\", and {what}"), hint);
}
