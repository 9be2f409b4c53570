//! A plan whose queries are replaced while it runs.

use super::plan::{BrandPlan, Plan, SentimentPlan};
use crate::aggregate::EngineSettings;
use crate::analysis::query::Version;
use crate::analysis::sentiment::HouseTerms;

impl Plan {
    /// This plan with the brands, filters, rules and house lexicon of `new`, and what else `new` has changed, which takes a restart.
    ///
    /// Brands keep their places, because whoever runs knows them by these: new ones are added at the end, and those
    /// that are gone stay as retired ones, which nothing matches.
    #[must_use]
    pub fn renewed(&self, new: &Plan) -> (Plan, Vec<String>) {
        let mut notes = self.other_changes(new);
        let mut brands = self.brands.clone();
        for brand in &mut brands {
            match new.brands.iter().find(|other| other.id == brand.id) {
                Some(other) => {
                    if other.peer_set != brand.peer_set {
                        notes.push(format!("`peer_set` of the brand {}", brand.id));
                    }
                    *brand = BrandPlan { peer_set: brand.peer_set.clone(), ..other.clone() };
                }
                None => brand.is_retired = true,
            }
        }
        let is_new = |brand: &&BrandPlan| self.brands.iter().all(|known| known.id != brand.id);
        brands.extend(new.brands.iter().filter(is_new).cloned());
        let engine = EngineSettings {
            brands: brands.iter().map(super::brands::settings).collect(),
            ..self.engine.clone()
        };
        let (filters, rules, files) = (new.filters.clone(), new.rules.clone(), new.files.clone());
        let sentiment = SentimentPlan { lexicon: new.sentiment.lexicon.clone(), ..self.sentiment.clone() };
        (Plan { brands, filters, rules, files, sentiment, engine, ..self.clone() }, notes)
    }

    /// The keys and tables beside the queries that differ.
    fn other_changes(&self, new: &Plan) -> Vec<String> {
        let (before, after) = (&self.engine, &new.engine);
        let same = [
            ("`name`", self.name == new.name),
            ("`lateness`, `skew` or `dedupe`", self.lane == new.lane),
            ("`resolutions`", before.resolutions == after.resolutions),
            ("`top`", before.top == after.top),
            ("`max_record_bytes`", self.max_record_bytes == new.max_record_bytes),
            ("`idle`", self.idle == new.idle),
            ("[text]", self.text == new.text),
            ("`models` or `rules_only`", self.sentiment.same_models(&new.sentiment)),
            ("[state]", self.state == new.state),
            ("[http]", self.http == new.http),
            ("[kafka]", self.kafka == new.kafka),
            ("[[feeds]]", self.feeds == new.feeds),
            ("[[alerts]]", before.alerts == after.alerts),
            ("[[sinks]]", self.sinks == new.sinks),
            ("[[deliveries]]", self.deliveries == new.deliveries),
        ];
        same.iter().filter(|(_, same)| !same).map(|(what, _)| (*what).to_owned()).collect()
    }

    /// The version of all queries together: that of each brand, filter and rule, with its name and what it does, and
    /// of the house lexicons, if there are any.
    #[must_use]
    pub fn queries_version(&self) -> Version {
        let brands = self.brands.iter().filter(|brand| !brand.is_retired);
        let mut brands: Vec<_> = brands
            .map(|brand| {
                let named = format!("brand {} {}{}", brand.id, brand.name, noted(&brand.lexicon));
                (named, brand.query.version())
            })
            .collect();
        // Their order shows nowhere.
        brands.sort();
        let filters =
            self.filters.iter().map(|filter| (format!("filter {}", filter.name), filter.query.version()));
        let rules = self.rules.iter().map(|plan| (format!("{:?}", plan.rule), plan.query.version()));
        let lexicon = &self.sentiment.lexicon;
        let lexicon = (!lexicon.is_empty()).then(|| (noted(lexicon), Version::of_all([])));
        Version::of_all(brands.into_iter().chain(filters).chain(rules).chain(lexicon))
    }
}

/// The terms behind the name of what they are for; nothing if there are none.
fn noted(lexicon: &HouseTerms) -> String {
    if lexicon.is_empty() { String::new() } else { format!("\nlexicon\n{lexicon}") }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::parse;
    use super::*;

    const REST: &str = "[[feeds]]\nname = 'f'\ntype = 'stdin'\n[[sinks]]\ntype = 'stdout'\n";

    fn plan(head: &str, brands: &[(&str, &str)]) -> Plan {
        let brand = |(id, query): &(&str, &str)| format!("[[brands]]\nid = '{id}'\nquery = '{query}'\n");
        let brands: String = brands.iter().map(brand).collect();
        parse(Path::new("p.toml"), &format!("{head}\n{REST}{brands}")).unwrap().plan
    }

    /// Each brand as `id=query`, retired ones in brackets.
    fn brands(plan: &Plan) -> String {
        let one = |brand: &BrandPlan| match brand.is_retired {
            true => format!("({})", brand.id),
            false => format!("{}={}", brand.id, brand.source),
        };
        assert_eq!(plan.engine.brands.len(), plan.brands.len());
        plan.brands.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn brands_keep_their_places() {
        let first = plan("", &[("a", "a1"), ("b", "b1")]);
        let (second, _) = first.renewed(&plan("", &[("c", "c1"), ("b", "b2")]));
        assert_eq!(brands(&second), "(a) b=b2 c=c1");
        let (third, _) = second.renewed(&plan("", &[("a", "a3")]));
        assert_eq!(brands(&third), "a=a3 (b) (c)");
    }

    #[test]
    fn what_takes_a_restart_is_named_and_not_taken() {
        let (old, new) = (plan("top = 5", &[("a", "a1")]), plan("top = 6\nidle = '5s'", &[("a", "a2")]));
        let (renewed, notes) = old.renewed(&new);
        assert_eq!(notes, ["`top`", "`idle`"]);
        assert_eq!((renewed.engine.top, brands(&renewed).as_str()), (5, "a=a2"));
        assert_eq!(old.renewed(&old.clone()).1, Vec::<String>::new());
    }

    #[test]
    fn the_version_of_all_queries_changes_with_any_of_them_only() {
        let version = |text: &str| plan(text, &[("a", "a1"), ("b", "b1")]).queries_version();
        let first = version("");
        assert_eq!(first, version("top = 7"));
        assert_eq!(first, plan("", &[("b", "b1"), ("a", "a1")]).queries_version());
        assert_ne!(first, plan("", &[("a", "a1"), ("b", "b2")]).queries_version());
        assert_ne!(first, plan("", &[("a", "a1")]).queries_version());
        let with_lexicon = version("sentiment.lexicon.sick = 3");
        assert_ne!(first, with_lexicon);
        assert_ne!(with_lexicon, version("sentiment.lexicon.sick = 2"));
        let (removed, _) = plan("", &[("a", "a1"), ("b", "b1"), ("c", "c1")])
            .renewed(&plan("", &[("a", "a1"), ("b", "b1")]));
        assert_eq!(first, removed.queries_version());
    }
}
