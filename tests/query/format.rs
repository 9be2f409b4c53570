//! The common layout: the meaning stays, formatting again changes nothing, every comment is kept.

use earful::analysis::query::ParseOptions;
use earful::analysis::query::format::{WIDTH, format, one_line};
use proptest::prelude::*;

use crate::common::parsed;
use crate::random;

fn formatted(text: &str) -> String {
    format(text, &ParseOptions::default()).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

fn check(text: &str, expected: &str) {
    let found = formatted(text);
    assert_eq!(found, expected, "{text}");
    law(text);
}

/// What holds for every query that can be used.
fn law(text: &str) {
    let once = formatted(text);
    let (before, after) = (parsed(text).query.unwrap(), parsed(&once).query.unwrap());
    assert!(before.root.says_the_same_as(&after.root), "{text}\nbecame\n{once}");
    assert_eq!(formatted(&once), once, "again, from {text}");
    let count = |text: &str| text.matches("<<<").count();
    assert_eq!(count(text), count(&once), "{text}\nbecame\n{once}");
    assert!(once.ends_with('\n'));
}

#[test]
fn one_spelling() {
    check("apple   juice", "apple AND juice\n");
    check("a1 AND NOT b1", "a1 NOT b1\n");
    check("NOT b1 AND a1", "a1 NOT b1\n");
    check("（苹果 OR “微软”）", "苹果 OR \"微软\"\n");
    check("((a1 OR (b1)))", "a1 OR b1\n");
    check("a1 NEAR/5F b1 AND c1", "(a1 NEAR/5f b1) AND c1\n");
    check("AUTHORFOLLOWERS:[200-2000]", "authorFollowers:[200 TO 2000]\n");
    check("rating:3 AND latitude:[-1.5 TO *]", "rating:3 AND latitude:[-1.5 TO *]\n");
    check("Author:  ( ann OR \"bob b\" )", "author:(ann OR \"bob b\")\n");
    check("continent:europe OR a1", "continent:europe OR a1\n");
    check("HASHTAGS:x1 OR tags:x1", "hashtags:x1 OR tags:x1\n");
    check("languag:en", "\"languag en\"\n");
    check("apple, juice", "apple AND juice\n");
    check(
        "{BT} OR \"say \\\"hi\\\"\" OR what\\? OR cust* OR https://x.org/a?b",
        "{BT} OR \"say \\\"hi\\\"\" OR what\\? OR cust* OR https://x.org/a?b\n",
    );
    check("(\"apple juice\")~5 AND (a1 AND (b1 OR c1))~3", "\"apple juice\"~5 AND (a1 AND (b1 OR c1))~3\n");
    check("A1 OR B1 NOT C1", "A1 OR B1 NOT C1\n");
}

#[test]
fn comments_stay_where_they_belong() {
    check("acme <<<brand>>> AND (bad OR <<<x>>> awful)", "acme <<<brand>>> AND (bad OR <<<x>>> awful)\n");
    check("<<< Acme >>>\nacme OR acme2", "<<< Acme >>>\nacme OR acme2\n");
    check("<<< Acme >>> acme", "<<< Acme >>>\nacme\n");
    check("acme OR\n<<< products >>>\nroadster", "acme OR\n<<< products >>>\nroadster\n");
    check("acme OR <<< the firm >>>\nroadster", "acme <<< the firm >>> OR roadster\n");
    check("acme <<< end >>>", "acme <<< end >>>\n");
    check("acme OR x1 <<< end >>>", "acme OR x1 <<< end >>>\n");
    check("acme OR x1\n<<< end >>>\n", "acme OR x1 <<< end >>>\n");
    check("(a1 OR b1 <<< in >>>) AND c1", "(a1 OR b1 <<< in >>>) AND c1\n");
    check("(a1 OR b1) <<< out >>> AND c1", "(a1 OR b1) <<< out >>> AND c1\n");
    check("a1 NOT <<< why >>> b1", "a1 NOT <<< why >>> b1\n");
    check("author:(ann <<< boss >>> OR bob)", "author:(ann <<< boss >>> OR bob)\n");
    check("author: <<< boss >>> ann", "<<< boss >>>\nauthor:ann\n");
    check("<<< who >>> author:(ann OR bob)", "<<< who >>>\nauthor:(ann OR bob)\n");
    check("<<< who >>> (a1 AND b1)~5", "<<< who >>>\n(a1 AND b1)~5\n");
    check("((a1) <<< odd >>>)", "<<< odd >>>\na1\n");
}

#[test]
fn long_levels_have_a_clause_a_line() {
    let words: Vec<String> = (0..12).map(|n| format!("\"product number {n}\"")).collect();
    let query = format!("({}) AND (x1 OR y1) NOT spam", words.join(" OR "));
    let lines: Vec<String> = words.iter().map(|word| format!("  {word} OR\n")).collect();
    let list = lines.concat();
    let list = list.strip_suffix(" OR\n").unwrap();
    check(&query, &format!("(\n{list}\n) AND\n(x1 OR y1)\nNOT spam\n"));
    assert!(formatted(&query).lines().all(|line| line.len() <= WIDTH));
}

#[test]
fn errors_are_handed_back() {
    let problems = format("apple AND", &ParseOptions::default()).unwrap_err();
    assert_eq!(problems[0].code, "E205");
}

#[test]
fn one_line_shows_the_brackets() {
    let line = |text: &str| one_line(&parsed(text).query.unwrap().root);
    assert_eq!(line("A1 OR B1 NOT C1"), "(A1 OR B1) NOT C1");
    assert_eq!(line("<<< x >>> a1\nb1"), "a1 AND b1");
}

fn query() -> impl Strategy<Value = String> {
    random::query().prop_map(|tree| tree.to_string())
}

/// The words of a query with comments, blanks and lines thrown in between.
fn scattered() -> impl Strategy<Value = String> {
    let gap =
        proptest::sample::select(&[" ", "  ", "\n", " <<<c>>> ", "\n<<< own\nlines >>>\n", " <<<e>>>\n"][..]);
    (query(), proptest::collection::vec(gap, 0..40)).prop_map(|(query, gaps)| {
        let mut gaps = gaps.into_iter();
        let mut quoted = false;
        let mut out = String::new();
        for c in query.chars() {
            quoted ^= matches!(c, '"' | '{' | '}' | '[' | ']');
            match c {
                ' ' if !quoted => out.push_str(gaps.next().unwrap_or(" ")),
                c => out.push(c),
            }
        }
        out
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 4_000 }))]

    #[test]
    fn the_meaning_stays(text in query()) {
        law(&text);
    }

    #[test]
    fn the_comments_stay(text in scattered()) {
        law(&text);
    }

    #[test]
    fn pieces_keep_their_meaning(pieces in proptest::collection::vec(proptest::sample::select(crate::problems::PIECES), 0..12)) {
        let text = pieces.concat();
        if parsed(&text).query.is_some() && format(&text, &ParseOptions::default()).is_ok() {
            let once = formatted(&text);
            let (before, after) = (parsed(&text).query.unwrap(), parsed(&once).query.unwrap());
            prop_assert!(before.root.says_the_same_as(&after.root));
            prop_assert_eq!(formatted(&once), once);
        }
    }
}
