//! Rules: what is done to mentions after they were matched and scored.
//!
//! **Invariant:** pure. The rules are applied in their order, to each brand of a mention on its own, and each sees what
//! those before it have done.

use std::sync::Arc;

use smallvec::SmallVec;

use super::document::BrandLabel;
use super::query::{Computed, MatchScratch, Query, QuerySet};
use super::sentiment::Emotions;
use super::text::{TextOptions, Tokens};
use crate::model::{BrandId, BrandMatch, Language, Polarity, Post};

/// What a rule does to the mentions that its query matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: Arc<str>,
    /// Tags that it adds.
    pub tags: Vec<Arc<str>>,
    /// The category that it sets.
    pub category: Option<Arc<str>>,
    /// The label that it sets.
    pub sentiment: Option<Polarity>,
}

/// All rules of a pipeline, in their order.
#[derive(Debug)]
pub struct Rules {
    /// The query of each rule; its `BrandId` is the rule's place.
    queries: QuerySet,
    rules: Vec<Rule>,
    /// `rule:NAME` of each.
    names: Vec<Arc<str>>,
}

/// What rules have done to a mention of one brand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Tags, in the order in which they were added, each once.
    pub tags: SmallVec<[Arc<str>; 2]>,
    /// The category that was set last.
    pub category: Option<Arc<str>>,
    /// Who set the sentiment last: `rule:NAME`; none when it is as scored.
    pub sentiment_by: Option<Arc<str>>,
}

/// A mention that rules are applied to.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) post: &'a Post<'a>,
    pub(super) tokens: &'a Tokens,
    pub(super) language: Language,
    pub(super) brands: &'a [BrandLabel],
    /// Of the whole text.
    pub(super) emotions: Emotions,
}

impl Rules {
    /// Compiles the rules. Posts must be tokenised with the same options.
    #[must_use]
    pub fn compile(rules: Vec<(Rule, Query)>, options: TextOptions) -> Rules {
        let (rules, queries): (Vec<Rule>, Vec<Query>) = rules.into_iter().unzip();
        let queries = queries.into_iter().zip(0..).map(|(query, at)| (BrandId(at), query)).collect();
        let names = rules.iter().map(|rule| format!("rule:{}", rule.name).into()).collect();
        Rules { queries: QuerySet::compile(queries, options), rules, names }
    }

    /// Applies the rules to every brand found. `marks` gets what they did, one for each.
    pub(super) fn apply(
        &self,
        subject: Subject<'_>,
        found: &mut [BrandMatch],
        marks: &mut Vec<Marks>,
        scratch: &mut MatchScratch,
    ) {
        marks.clear();
        marks.resize_with(found.len(), Marks::default);
        let Subject { post, tokens, language, brands, emotions } = subject;
        let listed = self.queries.list_rules(post, tokens, language, scratch);
        for (found, marks) in found.iter_mut().zip(marks) {
            let Some(brand) = brands.get(found.brand.0 as usize) else { continue };
            for at in 0..listed {
                let known = marks.computed(brand, found, emotions);
                if let Some(rule) = self.queries.rule_at(at, (post, tokens, language), known, scratch) {
                    self.act(rule, found, marks);
                }
            }
        }
    }

    fn act(&self, rule: BrandId, found: &mut BrandMatch, marks: &mut Marks) {
        let at = rule.0 as usize;
        let (Some(rule), Some(name)) = (self.rules.get(at), self.names.get(at)) else { return };
        for tag in &rule.tags {
            if !marks.tags.contains(tag) {
                marks.tags.push(Arc::clone(tag));
            }
        }
        if rule.category.is_some() {
            marks.category.clone_from(&rule.category);
        }
        if let Some(polarity) = rule.sentiment {
            set_sentiment(found, polarity);
            marks.sentiment_by = Some(Arc::clone(name));
        }
    }
}

impl Marks {
    fn computed<'a>(&'a self, brand: &'a BrandLabel, found: &BrandMatch, emotions: Emotions) -> Computed<'a> {
        Computed {
            brand: &brand.id,
            polarity: found.polarity,
            score: found.score,
            emotions,
            tags: &self.tags,
            category: self.category.as_deref(),
        }
    }
}

/// A score on the other side of the label would contradict it.
fn set_sentiment(found: &mut BrandMatch, polarity: Polarity) {
    if found.polarity != polarity {
        (found.polarity, found.score) = (polarity, polarity.full_score());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::query::{ParseOptions, Purpose, parse};
    use crate::analysis::sentiment::Emotion;
    use crate::analysis::text::Tokenizer;
    use crate::model::{Network, Score, Timestamp, Zone};

    fn rule(name: &str, query: &str, tag: &str, category: &str, sentiment: &str) -> (Rule, Query) {
        let options = ParseOptions { strict: true, purpose: Purpose::Rule };
        let query = parse(query, &options).query.unwrap_or_else(|| panic!("{query}"));
        let some = |text: &str| (!text.is_empty()).then(|| text.into());
        let rule = Rule {
            name: name.into(),
            tags: some(tag).into_iter().collect(),
            category: some(category),
            sentiment: Polarity::ALL.iter().copied().find(|p| p.as_str() == sentiment),
        };
        (rule, query)
    }

    /// What the rules make of a mention of `heron` with this text and score, as one line.
    fn applied(rules: &[(Rule, Query)], text: &str, e4: i32) -> String {
        applied_with(rules, text, e4, "")
    }

    /// The same of a text with these emotions.
    fn applied_with(rules: &[(Rule, Query)], text: &str, e4: i32, emotions: &str) -> String {
        let is_named = |emotion: &&Emotion| emotions.split(' ').any(|name| name == emotion.as_str());
        let emotions = Emotion::ALL.iter().filter(is_named).map(|found| (*found, Score::from_e4(9_000)));
        let emotions = emotions.collect();
        let options = TextOptions::default();
        let rules = Rules::compile(rules.to_vec(), options);
        let post = Post::new(Network::X, "1".into(), text.into(), Timestamp::default());
        let mut tokens = Tokens::default();
        Tokenizer::new(options).tokenize(Zone::Body, text, &mut tokens);
        let score = Score::from_e4(e4);
        let mut found =
            [BrandMatch { brand: BrandId(0), spans: SmallVec::new(), polarity: score.polarity(), score }];
        let brands = [BrandLabel { id: "heron".to_owned(), version: String::new() }];
        let subject =
            Subject { post: &post, tokens: &tokens, language: Language::EN, brands: &brands, emotions };
        let mut marks = Vec::new();
        rules.apply(subject, &mut found, &mut marks, &mut MatchScratch::new());
        let Marks { tags, category, sentiment_by } = &marks[0];
        let tags: Vec<&str> = tags.iter().map(|tag| &**tag).collect();
        format!(
            "{} {} by={} tags={} category={}",
            found[0].polarity,
            found[0].score.as_f64(),
            sentiment_by.as_deref().unwrap_or("-"),
            tags.join(","),
            category.as_deref().unwrap_or("-")
        )
    }

    #[test]
    fn one_rule() {
        let check = |query: &str, holds: bool| {
            let found = applied(&[rule("r", query, "t", "", "")], "heron lost my bag", -6_000);
            assert_eq!(
                found,
                format!("negative -0.6 by=- tags={} category=-", if holds { "t" } else { "" }),
                "{query}"
            );
        };
        for query in [
            "bag",
            "lost NEAR/1 bag",
            "sentiment:negative",
            "Sentiment:NEGATIVE",
            "sentiment:(negative OR neutral)",
            "sentiment:[-1 TO -0.5]",
            "sentiment:[* TO -0.6]",
            "brand:heron",
            "brand:(jade OR Heron)",
            "bag AND brand:heron AND sentiment:negative",
            "bag NOT sentiment:positive",
            "bag NOT tag:t",
            "gate OR sentiment:negative",
            "network:x AND sentiment:negative",
            "language:en AND bag",
        ] {
            check(query, true);
        }
        for query in [
            "gate",
            "sentiment:positive",
            "sentiment:[-0.5 TO 1]",
            "sentiment:neutral",
            "brand:jade",
            "brand:her",
            "tag:t",
            "category:c",
            "bag NOT sentiment:negative",
            "gate AND sentiment:negative",
            "network:weibo AND sentiment:negative",
        ] {
            check(query, false);
        }
    }

    #[test]
    fn rules_may_ask_for_emotions() {
        let text = "heron lost my bag, I am so angry, what a disgrace";
        let feeling = rule("one", "emotion:anger NOT emotion:joy", "angry", "", "");
        for (emotions, expected) in [("anger", "angry"), ("joy", ""), ("anger joy", ""), ("", "")] {
            let found = applied_with(std::slice::from_ref(&feeling), text, -6_000, emotions);
            assert!(found.contains(&format!("tags={expected} ")), "{emotions}: {found}");
        }
    }

    #[test]
    fn rules_see_what_those_before_them_did() {
        let (bag, then) = (rule("one", "bag", "luggage", "Service", ""), "tag:luggage AND category:service");
        let later = rule("two", then, "seen", "", "positive");
        let check = |rules: &[(Rule, Query)], expected: &str| {
            assert_eq!(applied(rules, "heron lost my bag", -6_000), expected);
        };
        check(&[bag.clone(), later.clone()], "positive 1 by=rule:two tags=luggage,seen category=Service");
        check(&[later, bag], "negative -0.6 by=- tags=luggage category=Service");
    }

    #[test]
    fn the_last_category_and_sentiment_hold_and_tags_add_up_once() {
        let rules = [
            rule("one", "bag", "a", "first", "neutral"),
            rule("two", "bag", "a", "second", "negative"),
            rule("three", "bag", "b", "", ""),
        ];
        let found = applied(&rules, "heron lost my bag", -6_000);
        assert_eq!(found, "negative -1 by=rule:two tags=a,b category=second");
    }

    #[test]
    fn a_score_that_fits_the_label_stays() {
        for (e4, set, expected) in [
            (-6_000, "negative", "negative -0.6 by=rule:r"),
            (-6_000, "neutral", "neutral 0 by=rule:r"),
            (-6_000, "positive", "positive 1 by=rule:r"),
            (6_000, "negative", "negative -1 by=rule:r"),
        ] {
            let found = applied(&[rule("r", "bag", "", "", set)], "heron lost my bag", e4);
            assert_eq!(found, format!("{expected} tags= category=-"));
        }
    }
}
