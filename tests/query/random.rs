//! Random queries on random posts: the product and the oracle must agree on matches and spans, for each
//! query alone and for all of them compiled together.

use earful::analysis::query::{MatchScratch, Query, QuerySet};
use earful::analysis::text::TextOptions;
use earful::model::{BrandId, Post, Span, Zone};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::asks::{ASKS, posts};
use crate::common::{parsed, tokens_of};
use crate::oracle::Oracle;
use crate::tree::{Level, Near, Tree};

/// What may stand in a NEAR.
pub(crate) const TERMS: &[&str] = &[
    "apple",
    "juice",
    "pie",
    "nino",
    "niño",
    "tesla",
    "tesla's",
    "#apple",
    "@juice",
    "$pie",
    "微软",
    "苹",
    "苹果微",
    "裁员",
    "#微软裁员",
    "appl*",
    "ju?ce",
    "ap*e",
    "{Apple}",
    "{Juice pie}",
    "{微軟}",
    "zz",
    "社会",
    "\"apple juice\"",
    "\"pie apple pie\"",
    "\"appl* p?e\"",
    "\"裁员 apple\"",
    "❤",
    "👍",
    "👍🏽",
    "🇨🇳",
    "élan",
    "coca-cola",
    "c++",
    "at&t",
    "50%",
    "\"apple! pie\"",
    "juice\\?",
    "#*ple",
    "ёлка",
    "елка",
    "か",
    "strasse",
    "i'm",
    "\"coca cola\"",
    "50",
];

/// Signs without a word, which have no position.
pub(crate) const SIGNS: &[&str] = &["€", "\"%\"", "\\?", "!"];

pub(crate) const RAWS: &[&str] = &["Apple", "C++", "微软", "juice?", "apple pie", "+", "AT&T", "e"];

pub(crate) const SIGNED: &[(&str, &str)] = &[
    ("tags", "#sale"),
    ("hashtags", "#apple"),
    ("at_mentions", "@juice"),
    ("tags", "#微软裁员"),
    ("tags", "#nino"),
    ("tags", "#niño"),
    ("hashtags", "#strasse"),
    ("tags", "#社會"),
    ("tags", "#app*"),
    ("at_mentions", "@nin*"),
];

pub(crate) const WORDS: &[&str] = &[
    "apple",
    "Apple",
    "juice",
    "Juice",
    "pie",
    "nino",
    "niño",
    "Tesla's",
    "tesla",
    "#apple",
    "@juice",
    "$PIE",
    "微软",
    "苹果",
    "社會",
    "裁员",
    "#微软裁员#",
    "❤️",
    "👍🏽",
    "👍",
    "🇨🇳",
    "applet",
    "other",
    "coca cola",
    "微軟",
    "Coca-Cola",
    ",",
    ". ",
    "!",
    "?",
    "https://apple.com/pie",
    "苹果微软",
    "C++",
    "c+",
    "AT&T",
    "at & t",
    "50%",
    "150%",
    "€",
    "％",
    "juice?",
    "Élan",
    "elan",
    "Ёлка",
    "елка",
    "が",
    "Straße",
    "I’m",
    "e\u{301}",
    "@微软_x",
];

pub(crate) const ZONED: &[&str] =
    &["apple", "\"apple juice\"", "{Apple}", "appl*", "#apple", "微软", "❤", "50%"];

/// What stands between words; mostly a blank.
pub(crate) const GLUE: &[&str] = &[" ", " ", " ", "\n", "", " - "];

pub(crate) const TILDE_WORDS: &[&str] = &["apple", "juice", "pie", "appl*", "微软", "coca-cola", "niño"];

fn term() -> impl Strategy<Value = Tree> {
    select(TERMS).prop_map(Tree::Term)
}

pub(crate) fn any_of(positives: Vec<Tree>) -> Tree {
    Tree::Level(Level { any: true, positives, negatives: Vec::new(), not_at: 2, lax: false })
}

fn group() -> impl Strategy<Value = Tree> {
    prop_oneof![2 => term(), 1 => vec(term(), 2..4).prop_map(any_of)]
}

fn near_of(operand: BoxedStrategy<Tree>) -> BoxedStrategy<Tree> {
    let near =
        |(left, distance, ordered, right)| Tree::Near(Box::new(Near { left, right, distance, ordered }));
    (operand.clone(), 0..5_u32, any::<bool>(), operand).prop_map(near).boxed()
}

fn near() -> BoxedStrategy<Tree> {
    let inner = near_of(group().boxed());
    let mixed = (term(), inner.clone()).prop_map(|(term, near)| any_of(vec![term, near]));
    let deeper = prop_oneof![4 => group(), 2 => inner, 1 => mixed].boxed();
    near_of(prop_oneof![3 => deeper.clone(), 1 => near_of(deeper)].boxed())
}

fn tilde() -> impl Strategy<Value = Tree> {
    let words = select(TILDE_WORDS).prop_map(Tree::Term);
    let tilde = |phrase| move |(operands, distance)| Tree::Tilde { operands, phrase, distance };
    prop_oneof![
        (vec(words, 2..4), 0..4_u32).prop_map(tilde(true)),
        (vec(group(), 2..4), 0..4_u32).prop_map(tilde(false)),
    ]
}

fn field() -> impl Strategy<Value = Tree> {
    let zones = select(&[Zone::Title, Zone::Body][..]);
    prop_oneof![
        4 => select(ASKS).prop_map(Tree::Field),
        1 => (zones, vec(select(ZONED), 1..3)).prop_map(|(zone, terms)| Tree::Zoned(zone, terms)),
        1 => select(RAWS).prop_map(Tree::Raw),
        1 => select(SIGNED).prop_map(|(field, name)| Tree::Signed(field, name)),
    ]
}

pub(crate) fn query() -> impl Strategy<Value = Tree> {
    let signs = select(SIGNS).prop_map(Tree::Term);
    let leaf = prop_oneof![6 => term(), 2 => near(), 2 => tilde(), 3 => field(), 1 => signs];
    leaf.prop_recursive(4, 20, 4, |inner| {
        let clauses = (vec(inner.clone(), 1..5), vec(inner, 0..3));
        (clauses, any::<bool>(), 0..3_u8, any::<bool>()).prop_map(
            |((positives, negatives), any, not_at, lax)| {
                Tree::Level(Level { any, positives, negatives, not_at, lax })
            },
        )
    })
}

/// As it is written in a file: the outermost level needs no brackets.
fn written(query: &Tree) -> String {
    match query {
        Tree::Level(level) => level.to_string(),
        other => other.to_string(),
    }
}

fn text(most: usize) -> impl Strategy<Value = String> {
    let glue = select(GLUE);
    vec((select(WORDS), glue), 0..most)
        .prop_map(|words| words.iter().flat_map(|(word, glue)| [*word, *glue]).collect())
}

fn post() -> impl Strategy<Value = Post<'static>> {
    let title = prop_oneof![Just(String::new()), text(5)];
    let warning = prop_oneof![3 => Just(String::new()), 1 => text(3)];
    posts((title, text(14), warning).prop_map(|(title, body, warning)| [title, body, warning]))
}

pub(crate) fn compare(queries: &[Tree], post: &Post<'_>, options: TextOptions) {
    if let Some(difference) = difference(queries, post, options) {
        panic!("{difference}");
    }
}

/// What the product finds and the oracle does not, or in other places.
pub(crate) fn difference(queries: &[Tree], post: &Post<'_>, options: TextOptions) -> Option<String> {
    let tokens = tokens_of(post, options);
    let oracle = Oracle::new(post, options);
    let read = |(n, tree): (usize, &Tree)| -> (BrandId, Query) {
        let text = written(tree);
        let parsed = parsed(&text);
        (BrandId(n as u32), parsed.query.unwrap_or_else(|| panic!("{text}: {:?}", parsed.problems)))
    };
    let compiled: Vec<(BrandId, Query)> = queries.iter().enumerate().map(read).collect();
    let holding = queries.iter().enumerate().filter(|(_, tree)| oracle.holds(tree));
    let expected: Vec<(BrandId, Vec<Span>)> =
        holding.map(|(n, tree)| (BrandId(n as u32), oracle.spans(tree))).collect();
    let set = QuerySet::compile(compiled, options);
    let mut scratch = MatchScratch::new();
    let mut find = || -> Vec<(BrandId, Vec<Span>)> {
        let found = set.find(post, &tokens, &mut scratch);
        found.iter().map(|(brand, spans)| (brand, spans.to_vec())).collect()
    };
    // A second time with what the first one left.
    let found = [find(), find()].into_iter().find(|found| *found != expected)?;
    let texts: Vec<String> = queries.iter().map(written).collect();
    Some(format!("{texts:#?}\nproduct {found:?}\noracle  {expected:?}\non {post:#?}"))
}

proptest! {
    // More cases: PROPTEST_CASES=100000 cargo test --test query product_equals_oracle
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn product_equals_oracle(queries in vec(query(), 1..6), post in post(), fold_han in any::<bool>()) {
        compare(&queries, &post, TextOptions { fold_han, ..TextOptions::default() });
    }
}
