//! Random queries on random posts: the product and the oracle must agree on matches and spans, for each
//! query alone and for all of them compiled together.

use std::borrow::Cow;

use earful::analysis::query::{MatchScratch, Query, QuerySet};
use earful::analysis::text::{TextOptions, Tokenizer};
use earful::model::{BrandId, Span};
use proptest::prelude::*;

use crate::common::{parsed, text_post, tokens_of};
use crate::oracle::Oracle;

const TERMS: &[&str] = &[
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
    "appl*",
    "ju?ce",
    "a*e",
    "ap*",
    "{Apple}",
    "{Juice pie}",
    "\"apple juice\"",
    "\"pie apple pie\"",
    "❤",
    "👍",
    "zz",
    "社会",
    "coca-cola",
];

const WORDS: &[&str] = &[
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
    "❤️",
    "👍🏽",
    "applet",
    "other",
    "coca cola",
    ",",
    ". ",
    "https://apple.com/pie",
    "苹果微软",
];

fn term() -> impl Strategy<Value = String> {
    proptest::sample::select(TERMS).prop_map(str::to_owned)
}

fn group() -> impl Strategy<Value = String> {
    prop_oneof![term(), (term(), term()).prop_map(|(a, b)| format!("({a} OR {b})"))]
}

fn near() -> impl Strategy<Value = String> {
    let operand = prop_oneof![
        3 => group(),
        1 => (group(), 0..4_u32, any::<bool>(), group())
            .prop_map(|(a, n, f, b)| format!("({a} NEAR/{n}{} {b})", if f { "f" } else { "" })),
    ];
    (operand.clone(), 0..4_u32, any::<bool>(), operand)
        .prop_map(|(a, n, f, b)| format!("({a} NEAR/{n}{} {b})", if f { "f" } else { "" }))
}

fn tilde() -> impl Strategy<Value = String> {
    let words = proptest::sample::select(&["apple", "juice", "pie", "appl*", "微软"][..]);
    prop_oneof![
        (proptest::collection::vec(words, 2..4), 0..4_u32)
            .prop_map(|(w, n)| format!("\"{}\"~{n}", w.join(" "))),
        (proptest::collection::vec(group(), 2..4), 0..4_u32)
            .prop_map(|(w, n)| format!("({})~{n}", w.join(" AND "))),
    ]
}

pub(crate) fn query() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![6 => term(), 2 => near(), 2 => tilde()];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let all = proptest::collection::vec(inner.clone(), 1..4);
        (all, any::<bool>(), proptest::option::of(inner)).prop_map(|(clauses, or, not)| {
            let level = clauses.join(if or { " OR " } else { " AND " });
            match not {
                Some(not) => format!("({level} NOT {not})"),
                None => format!("({level})"),
            }
        })
    })
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(WORDS), 0..14).prop_map(|words| words.join(" "))
}

fn compare(queries: &[String], title: Option<&str>, body: &str) {
    let options = TextOptions::default();
    let tokenizer = Tokenizer::new(options);
    let mut post = text_post(body);
    post.title = title.map(Cow::Borrowed);
    let tokens = tokens_of(&post, options);
    let oracle = Oracle { tokens: &tokens, tokenizer: &tokenizer };
    let read = |text: &String| -> Query {
        let parsed = parsed(text);
        parsed.query.unwrap_or_else(|| panic!("{text}: {:?}", parsed.problems))
    };
    let compiled: Vec<(BrandId, Query)> =
        queries.iter().map(read).enumerate().map(|(n, q)| (BrandId(n as u32), q)).collect();
    let expected: Vec<(BrandId, Vec<Span>)> = compiled
        .iter()
        .filter(|(_, query)| oracle.holds(&query.root))
        .map(|(brand, query)| (*brand, oracle.spans(&query.root)))
        .collect();
    let set = QuerySet::compile(compiled, options);
    let mut scratch = MatchScratch::new();
    for _ in 0..2 {
        let found = set.find(&post, &tokens, &mut scratch);
        let found: Vec<(BrandId, Vec<Span>)> =
            found.iter().map(|(brand, spans)| (brand, spans.to_vec())).collect();
        assert_eq!(found, expected, "{queries:#?}\non {title:?} {body:?}");
    }
}

proptest! {
    // More cases: PROPTEST_CASES=100000 cargo test --test query
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn product_equals_oracle(
        queries in proptest::collection::vec(query(), 1..6),
        title in proptest::option::of(text()),
        body in text(),
    ) {
        compare(&queries, title.as_deref(), &body);
    }
}
