//! `[[brands]]` and `[[filters]]`.

use std::collections::HashSet;

use super::plan::{BrandPlan, FilterPlan};
use super::reader::{At, Report, Table};
use super::{lexicon, queries};
use crate::aggregate::BrandSettings;
use crate::analysis::query::Purpose;

/// Longer ids make outputs and metric labels unreadable.
const ID_CHARS_MAX: usize = 100;

/// What was found under `[[brands]]`.
#[derive(Default)]
pub(super) struct Brands {
    /// Those that can be used; problems with the others are in the report.
    pub(super) plans: Vec<BrandPlan>,
    /// Every id that was given, also of a brand whose query is wrong.
    pub(super) ids: Vec<String>,
}

pub(super) fn brands(report: &mut Report<'_>, top: &mut Table<'_>) -> Brands {
    let tables = top.tables(report, "brands", "[[brands]]");
    if tables.is_empty() {
        let hint =
            "add one:\n        [[brands]]\n        id = \"united\"\n        query = '''united OR #united'''";
        report.error(0, "the pipeline has no brand", hint);
    }
    let mut brands = Brands::default();
    let mut sets: Vec<(String, usize)> = Vec::new();
    let mut seen = HashSet::new();
    for mut table in tables {
        let at = table.at;
        let id = table.required(report, "id", "give each brand an id of its own, such as \"united\"");
        let id = id.filter(|id| is_id(report, id)).map(|id| id.value.to_owned());
        let peer_set = table.string(report, "peer_set").map(|set| set.value.to_owned());
        let name = table.string(report, "name").map(|name| name.value.to_owned());
        let query = queries::read(report, &mut table, "[[brands]]", Purpose::Collection);
        let lexicon = lexicon::lexicon(report, &mut table, "[brands.lexicon]");
        table.finish(report);
        sets.extend(peer_set.clone().map(|set| (set, at)));
        let Some(id) = id else { continue };
        if !seen.insert(id.clone()) {
            report.error(at, format!("two brands have the id \"{id}\""), "give each its own");
        }
        brands.ids.push(id.clone());
        if let Some((source, query)) = query {
            let name = name.unwrap_or_else(|| id.clone());
            brands.plans.push(BrandPlan {
                id,
                name,
                source,
                query: query.into(),
                peer_set,
                lexicon,
                is_retired: false,
            });
        }
    }
    check_peer_sets(report, &sets);
    brands
}

/// Spam rules: a post that one of these queries matches is left out and counted as `filtered`.
pub(super) fn filters(report: &mut Report<'_>, top: &mut Table<'_>) -> Vec<FilterPlan> {
    let mut filters = Vec::new();
    for mut table in top.tables(report, "filters", "[[filters]]") {
        let name = table.required(report, "name", "give each filter a name, such as \"giveaways\"");
        let name = name.map(|n| n.value.to_owned());
        let query = queries::read(report, &mut table, "[[filters]]", Purpose::Collection);
        table.finish(report);
        if let (Some(name), Some((_, query))) = (name, query) {
            filters.push(FilterPlan { name: name.into(), query });
        }
    }
    filters
}

/// What the engine needs to know of a brand.
pub(super) fn settings(brand: &BrandPlan) -> BrandSettings {
    BrandSettings { id: brand.id.clone(), peer_set: brand.peer_set.clone() }
}

fn is_id(report: &mut Report<'_>, id: &At<&str>) -> bool {
    let fits = id.value.chars().count() <= ID_CHARS_MAX
        && id.value.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    if !fits {
        let hint =
            format!("use letters, digits, `-`, `_` and `.`, at most {ID_CHARS_MAX}; `name` may be anything");
        report.error(id.at, format!("\"{}\" is no brand id", id.value), hint);
    }
    fits
}

fn check_peer_sets(report: &mut Report<'_>, sets: &[(String, usize)]) {
    for (set, at) in sets {
        if sets.iter().filter(|(other, _)| other == set).count() > 1 {
            continue;
        }
        let others = sets.iter().map(|(other, _)| other.as_str()).filter(|other| other != set);
        let hint = match super::problem::nearest(set, others) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "give the same `peer_set` to the brands it is compared with, or remove it".to_owned(),
        };
        report.warning(
            *at,
            format!("the peer set \"{set}\" has one brand: its share of voice is always 1"),
            hint,
        );
    }
}
