//! Every code has a query that is answered with it, at the right place, with a hint; limits hold.

use earful::analysis::query::{CODES, DEPTH_MAX, LEAVES_MAX, ParseOptions, Purpose, SOURCE_BYTES_MAX, parse};
use proptest::prelude::*;

use crate::common::{codes, parsed};
use crate::total::check_tools;

/// Code, query, and the text that the problem points at.
const CASES: &[(&str, &str, &str)] = &[
    ("E101", "acme AND \"bad", "\"bad"),
    ("E102", "subreddit : nba", ":"),
    ("E103", "\"apple juice\" ~5", "~5"),
    ("E104", "\"...\"", "\"...\""),
    ("E105", "rating:[1 to 5]", "[1 to 5]"),
    ("E106", "acme <<< note", "<<<"),
    ("E107", "{BT", "{BT"),
    ("E110", "*ab", "*ab"),
    ("E111", "a*", "a*"),
    ("E111", "か*", "か*"),
    ("E111", "한*", "한*"),
    ("E111", "ก?", "ก?"),
    ("E112", "{a*b}", "{a*b}"),
    ("E201", "apple OR banana AND juice", "AND"),
    ("E202", "apple OR NOT juice", "OR NOT"),
    ("E203", "NOT bitter", "NOT bitter"),
    ("E204", "(acme", "("),
    ("E204", "acme)", ")"),
    ("E205", "acme AND", "AND"),
    ("E206", "acme AND ()", "()"),
    ("E210", "apple NEAR/5 juice OR x", "apple NEAR/5 juice"),
    ("E211", "apple NEAR/5 (juice AND x)", "(juice AND x)"),
    ("E212", "((a1 OR (b1 AND c1)) AND d1)~5", "(a1 OR (b1 AND c1))"),
    ("E213", "apple NEAR/9999 juice", "NEAR/9999"),
    ("E302", "acme AND sentiment:negative", "sentiment:"),
    ("E304", "engagementType:LIKE", "LIKE"),
    ("E304", "latitude:[0 TO 91]", "[0 TO 91]"),
    ("E304", "minuteOfDay:[0 TO 1440]", "[0 TO 1440]"),
    ("E304", "authorFollowers:500", "500"),
    ("E304", "authorVerifiedType:gold", "gold"),
    ("E305", "authorFollowers:[9 TO 1]", "[9 TO 1]"),
    ("W101", "apple and juice", "and"),
    ("W102", "apple juice", "juice"),
    ("W103", "A OR B NOT C", "NOT C"),
    ("W104", "apple~5", "apple~5"),
    ("W105", "#*apple OR #?pple", ""),
    ("W106", "engagementType:retweet AND acme", "retweet"),
    ("W107", "languag:en", "languag:"),
    ("W108", "apple NEAR/5 juice AND x", "apple NEAR/5 juice"),
    ("W109", "apple, juice", ","),
    ("W110", "apple OR \"how are you?\"", "\"how are you?\""),
    ("W301", "acme OR brandIds:12", "brandIds:"),
    ("E304", "guid:term", "term"),
    ("E304", "guid:123-456", "123-456"),
    ("E304", "entityId:x1 OR a", "x1"),
    ("E304", "rating:[x TO y]", "[x TO y]"),
];

/// A fix is written in the words of the query.
#[test]
fn a_fix_has_the_words_of_the_query() {
    for (query, fix) in [
        ("tesla OR ford AND volvo", "(tesla OR ford) AND volvo"),
        ("(a OR b) AND author:ann OR \"new york\"~5", "((a OR b) AND author:ann) OR \"new york\"~5"),
        ("tesla NEAR/5 ford OR volvo", "(tesla NEAR/5 ford)"),
        ("*tesla", "`tesla`, or `tesla*`"),
        ("A OR tesla NOT ford", "(A OR tesla) NOT ford"),
    ] {
        let parsed = parse(query, &ParseOptions::default());
        let said = |text: &str| text.contains(fix);
        assert!(
            parsed.problems.iter().any(|p| said(&p.hint) || said(&p.message)),
            "{query}: {:?}",
            parsed.problems
        );
    }
}

/// The query with fixes of that code applied, one after the other, until none is left.
fn fixed(query: &str, code: &str) -> String {
    let mut text = query.to_owned();
    for _ in 0..20 {
        let options = ParseOptions { strict: code == "E303", ..ParseOptions::default() };
        let problems = parse(&text, &options).problems;
        let Some(fix) = problems.into_iter().filter(|p| p.code == code).find_map(|p| p.fix) else { break };
        text = fix.applied(&text);
    }
    let problems = parsed(&text).problems;
    assert!(!problems.iter().any(|p| p.code == code), "{query} became {text}: {problems:?}");
    text
}

/// Code, query, and the query with the fixes of that code.
const FIXES: &[(&str, &str, &str)] = &[
    ("E101", "acme AND \"bad", "acme AND \"bad\""),
    ("E102", "subreddit : nba", "subreddit: nba"),
    ("E103", "\"fresh pear\" ~5", "\"fresh pear\"~5"),
    ("E103", "\"fresh pear\"~ 3 AND x", "\"fresh pear\"~3 AND x"),
    ("E103", "(a1 AND b1)~", "(a1 AND b1)~5"),
    ("E103", "\"fresh pear\"~1.5", "\"fresh pear\"~1"),
    ("E103", "author:ann~5 OR x", "author:ann OR x"),
    ("E104", "acme AND \"...\"", "acme AND raw:\"...\""),
    ("E105", "rating:[1 to 5]", "rating:[1 TO 5]"),
    ("E105", "likes:[5 2]", "likes:[2 TO 5]"),
    ("E105", "likes:[10..20]", "likes:[10 TO 20]"),
    ("E105", "likes:[3 TO 9", "likes:[3 TO 9]"),
    ("E106", "acme <<< note", "acme <<< note >>>"),
    ("E107", "acme AND {BT", "acme AND {BT}"),
    ("E107", "acme] AND x", "acme AND x"),
    ("E110", "*tesla", "tesla"),
    ("E110", "\"the *tesla\"", "\"the tesla\""),
    ("E111", "acme OR b*", "acme OR b"),
    ("E112", "{a*b}", "{a\\*b}"),
    ("E201", "tesla OR ford AND volvo", "(tesla OR ford) AND volvo"),
    ("E201", "a1 AND b1 OR c1 AND d1", "((a1 AND b1) OR c1) AND d1"),
    ("E201", "a1 b1 OR (c1 OR d1 AND \"e f\"~2)", "(a1 AND b1) OR ((c1 OR d1) AND \"e f\"~2)"),
    ("E201", "a1 OR b1 AND c1 NOT d1", "(a1 OR b1) AND c1 NOT d1"),
    ("E202", "tesla OR NOT ford", "tesla NOT ford"),
    ("E204", "(tesla AND (ford OR volvo", "(tesla AND (ford OR volvo))"),
    ("E204", "tesla) AND ford)", "tesla AND ford"),
    ("E204", "author:(ann OR bob", "author:(ann OR bob)"),
    ("E205", "tesla AND", "tesla "),
    ("E205", "OR tesla", " tesla"),
    ("E205", "tesla AND OR ford", "tesla AND  ford"),
    ("E205", "tesla AND NOT", "tesla "),
    ("E205", "tesla NEAR/5", "tesla "),
    ("E206", "tesla AND ()", "tesla "),
    ("E206", "() OR tesla", " tesla"),
    ("E206", "(() OR tesla) NOT ()", "( tesla) "),
    ("E210", "tesla NEAR/5 ford OR volvo", "(tesla NEAR/5 ford) OR volvo"),
    ("E210", "a1 NEAR/2 b1 NEAR/3f c1", "(a1 NEAR/2 b1) NEAR/3f c1"),
    ("E211", "vanilla NEAR/5 (cream AND cake)", "((vanilla NEAR/5 cream) AND cake)"),
    ("E211", "(cream cake NOT pie) NEAR/5f vanilla", "((cream NEAR/5f vanilla) AND cake NOT pie)"),
    ("E211", "vanilla NEAR/5 author:ann", "(vanilla AND author:ann)"),
    ("E211", "vanilla NEAR/5 NOT cream", "vanilla NOT cream"),
    ("E212", "((a1 OR (b1 AND c1)) AND d1)~5", "((a1 OR (b1 AND c1)) AND d1)"),
    ("E213", "tesla NEAR/9999f ford", "tesla NEAR/1000f ford"),
    ("E213", "\"tesla ford\"~99999999999", "\"tesla ford\"~1000"),
    ("E213", "tesla NEAR/x3 ford", "tesla NEAR/3 ford"),
    ("E303", "languag:en AND acme", "language:en AND acme"),
    ("E303", "acme AND zzzzzz:fish", "acme AND \"zzzzzz:fish\""),
    ("E304", "network:twitter", "network:x"),
    ("E304", "engagementType:REPLAY", "engagementType:REPLY"),
    ("E304", "imageType:photo", "imageType:image"),
    ("E304", "acme AND sample:10%", "acme AND sample:10"),
    ("E304", "country:uk", "country:gbr"),
    ("E304", "guid:123-456", "guid:\"123-456\""),
    ("E304", "authorFollowers:500", "authorFollowers:[500 TO *]"),
    ("E304", "latitude:[0 TO 91]", "latitude:[0 TO 90]"),
    ("E304", "rating:6", "rating:5"),
    ("E304", "author:(ann AND bob)", "author:(ann OR bob)"),
    ("E304", "author:(ann bob \"c d\")", "author:(ann OR bob OR \"c d\")"),
    ("E304", "subreddit:rus*", "subreddit:rus\\*"),
    ("E305", "authorFollowers:[9 TO 1]", "authorFollowers:[1 TO 9]"),
    ("W101", "tesla and ford near/3 volvo", "tesla AND ford NEAR/3 volvo"),
    ("W101", "or tesla", "\"or\" tesla"),
    ("W102", "tesla ford volvo", "tesla AND ford AND volvo"),
    ("W102", "tesla\"ford focus\"(volvo OR fiat)", "tesla AND \"ford focus\" AND (volvo OR fiat)"),
    (
        "W103",
        "tesla OR NOT_ OR ford NOT volvo OR fiat NOT x",
        "(tesla OR NOT_ OR ford OR fiat) NOT volvo NOT x",
    ),
    ("W104", "tesla~5 OR \"ford ...\"~3", "tesla OR \"ford ...\""),
    ("W105", "#*tesla OR #?ord*", "#tesla* OR #ord*"),
    ("W106", "engagementType:retweet", "engagementType:RETWEET"),
    ("W106", "language:(EN OR french OR pt-BR)", "language:(en OR fr OR pt)"),
    ("W106", "publisherSubType:video", "publisherSubType:VIDEO"),
    ("W107", "from:united", "author:united"),
    // As other products exclude.
    ("W107", "tesla -site:x.com AND -from:(ann OR bob)", "tesla NOT site:x.com AND NOT author:(ann OR bob)"),
    ("W107", "zzzzzz:fish", "\"zzzzzz:fish\""),
    ("W108", "tesla NEAR/5 ford AND x", "(tesla NEAR/5 ford) AND x"),
    ("W109", "tesla,ford", "tesla ford"),
    ("W106", "language:(cmn OR yue OR jp)", "language:(zh OR zh OR ja)"),
    ("E304", "sample:1,5 AND x", "sample:1.5 AND x"),
    ("E304", "rating:3,5", "rating:3.5"),
    ("E304", "likes:1,000", "likes:[1000 TO *]"),
    ("E210", "a1 NEAR/2 b1 NEAR/3 c1 NEAR/4f d1", "((a1 NEAR/2 b1) NEAR/3 c1) NEAR/4f d1"),
    ("W107", "foo:[1 TO 3] OR x", "\"foo:[1 TO 3]\" OR x"),
    ("W107", "a1 AND:x1", "a1 AND x1"),
    ("W107", "and:x1", "\"and:x1\""),
    ("E103", "tesla~x", "tesla~5 x"),
    ("E103", "\"a1 b1\"~-3", "\"a1 b1\"~3"),
    ("E103", "author:ann~5", "author:ann"),
    ("E105", "rating:[1 to 99]", "rating:[1 TO 5]"),
    ("E105", "rating:[9..7]", "rating:[5 TO 5]"),
    ("E110", "*a* OR x", "a OR x"),
    ("E111", "\"a* b*\"", "\"a b\""),
    ("E304", "author:(a1 AND b1 AND c1)", "author:(a1 OR b1 OR c1)"),
    ("E304", "author:(a1\"b1\")", "author:(a1 OR \"b1\")"),
    ("W110", "acme OR “how are you?”", "acme OR “how are you”"),
];

/// What no change of the text alone can answer: a word is missing, too much is asked for, or no feed can tell it.
const WITHOUT_FIX: &[&str] = &["E203", "E220", "E221", "E222", "E301", "E302", "W301"];

#[test]
fn a_fix_applied_to_its_query_answers_the_problem() {
    for (code, query, expected) in FIXES {
        assert_eq!(fixed(query, code), *expected, "{code} of {query}");
    }
    for (code, _) in CODES {
        assert!(FIXES.iter().any(|(c, ..)| c == code) != WITHOUT_FIX.contains(code), "{code}");
    }
    // Whatever else is proposed answers its problem, too.
    for (code, query, _) in CASES {
        let problems = parsed(query).problems;
        for fix in problems.into_iter().filter(|p| p.code == *code).filter_map(|p| p.fix) {
            let text = fix.applied(query);
            let left = parsed(&text).problems.iter().filter(|p| p.code == *code).count();
            let before = parsed(query).problems.iter().filter(|p| p.code == *code).count();
            assert!(left < before, "{code} of {query} became {text}");
        }
    }
}

#[test]
fn fixes_of_a_text_of_nothing_but_mistakes_stay_small() {
    let texts = [
        "A1 OR B1 NOT C1 NOT D1 ".repeat(2_500),
        "(a AND b) NEAR/1 ".repeat(3_000),
        "a AND b OR ".repeat(5_000),
    ];
    for text in texts {
        let bytes: usize =
            parsed(&text).problems.iter().filter_map(|p| p.fix.as_ref()).map(|fix| fix.text.len()).sum();
        assert!(bytes <= 4 * SOURCE_BYTES_MAX, "{bytes} of {}", &text[..20]);
    }
}

#[test]
fn every_code_at_its_place() {
    for (code, query, place) in CASES {
        let parsed = parsed(query);
        let found = parsed.problems.iter().find(|p| p.code == *code);
        let found = found.unwrap_or_else(|| panic!("{code} not found in {query}: {:?}", parsed.problems));
        assert!(!found.message.is_empty() && !found.hint.is_empty(), "{query}");
        if !place.is_empty() {
            assert_eq!(&query[found.start..found.end], *place, "{query}");
        }
        assert_eq!(parsed.query.is_none(), parsed.errors().next().is_some(), "{query}");
    }
    let strict = ParseOptions { strict: true, ..ParseOptions::default() };
    assert!(codes(&parse("objects:3902", &strict)).contains(&"E301"));
    assert!(codes(&parse("languag:en", &strict)).contains(&"E303"));
    let rule = ParseOptions { purpose: Purpose::Rule, ..ParseOptions::default() };
    for query in [
        "sentiment:negative",
        "sentiment:[-1 TO -0.5]",
        "brand:acme AND tag:(a1 OR \"b c\")",
        "NOT category:x AND acme",
        "emotion:joy OR emotion:(anger OR fear)",
    ] {
        assert_eq!(codes(&parse(query, &rule)), Vec::<&str>::new(), "{query}");
    }
    for (query, code) in [
        ("sentiment:bad", "E304"),
        ("emotion:glee", "E304"),
        ("sentiment:[-2 TO 0]", "E304"),
        ("brand:ac*", "E304"),
        ("tag:[1 TO 2]", "E304"),
    ] {
        assert!(codes(&parse(query, &rule)).contains(&code), "{query}");
    }
    for query in ["brand:acme", "tag:x", "category:x", "emotion:joy", "acme NOT sentiment:[-1 TO 0]"] {
        assert!(codes(&parsed(query)).contains(&"E302"), "{query}");
    }
    let elsewhere = ["E220", "E221", "E222", "E301", "E303"];
    for (code, _) in CODES {
        assert!(CASES.iter().any(|(c, ..)| c == code) || elsewhere.contains(code), "{code} has no case");
    }
}

#[test]
fn how_a_not_beside_or_is_read_is_told_in_the_words_of_the_query() {
    let check = |query: &str, reading: &str| {
        let parsed = parsed(query);
        let told = parsed.problems.iter().find(|p| p.code == "W103").unwrap();
        assert!(told.message.ends_with(&format!(": {reading}")), "{query}: {}", told.message);
    };
    check("acme OR b1 NOT c1", "(acme OR b1) NOT c1");
    check("acme OR b1 NOT (c1 OR\n  d1) NOT e1", "(acme OR b1) NOT (c1 OR d1) NOT e1");
    check("a1 OR b1 OR c1 OR d1 OR e1 NOT x1", "(a1 OR b1 OR c1 OR d1 OR …) NOT x1");
    check(&format!("a1 OR {} NOT x1", "b".repeat(50)), &format!("(a1 OR {}…) NOT x1", "b".repeat(40)));
}

#[test]
fn the_guide_lists_every_code() {
    let guide = include_str!("../../docs/query-language.md");
    for (code, meaning) in CODES {
        assert!(guide.contains(&format!("| {code} | {meaning} |")), "{code} {meaning}");
    }
    let listed = guide.lines().filter(|line| line.starts_with("| E") || line.starts_with("| W")).count();
    assert_eq!(listed, CODES.len());
}

#[test]
fn all_problems_at_once_with_lines_and_columns() {
    let parsed = parsed("苹果 AND\n  (a* OR \"x\" AND y)\n  rating:6");
    let places: Vec<_> = parsed.problems.iter().map(|p| (p.code, p.line, p.column)).collect();
    assert_eq!(places, [("E111", 2, 4), ("E201", 2, 14), ("W102", 3, 3), ("E304", 3, 10)]);
    let ends: Vec<_> = parsed.problems.iter().map(|p| (p.end_line, p.end_column)).collect();
    assert_eq!(ends, [(2, 6), (2, 17), (3, 10), (3, 11)]);
    let parsed = self::parsed("苹果 <<<\n>>> NOT\n微软~3");
    let spans: Vec<_> =
        parsed.problems.iter().map(|p| (p.code, (p.line, p.column), (p.end_line, p.end_column))).collect();
    assert_eq!(spans, [("W104", (3, 1), (3, 5))]);
}

#[test]
fn an_unknown_field_names_the_nearest() {
    assert!(parsed("languag:en").problems[0].hint.contains("`language:`"));
    assert!(parsed("from:united").problems[0].hint.contains("`author:`"));
}

#[test]
fn accepted_without_a_word() {
    let queries = [
        "acme <<<brand>>> AND (bad OR <<<x>>> awful)",
        "“apple juice”",
        "（苹果 OR 微软）",
        "author:  brandwatch",
        "authorFollowers:[200-2000]",
        "authorFollowers:[500 TO *]",
        "minuteOfDay:[1320 TO 60] AND acme",
        "https://x.org/a",
        "url:\"https://www.msn.com/news\"",
        "what\\?",
        "(vanilla NEAR/5 \"ice cream\") AND cake",
        "((apple OR orange) AND (smartphone OR phone))~5",
        "A AND (NOT B)",
        "\"blast* doors\"",
        "微*",
    ];
    for query in queries {
        let parsed = parsed(query);
        assert!(parsed.problems.is_empty() && parsed.query.is_some(), "{query}: {:?}", parsed.problems);
    }
}

#[test]
fn limits_hold() {
    let has = |query: &str, code: &str| codes(&parsed(query)).contains(&code);
    assert!(has(&"(".repeat(60_000), "E222"));
    assert!(has(&"(a NEAR/1 ".repeat(6_000), "E222"));
    assert!(!has(&format!("{}acme{}", "(".repeat(DEPTH_MAX), ")".repeat(DEPTH_MAX)), "E222"));
    assert!(has(&format!("{}acme{}", "(".repeat(DEPTH_MAX + 1), ")".repeat(DEPTH_MAX + 1)), "E222"));
    assert!(has(&"a".repeat(SOURCE_BYTES_MAX + 1), "E220"));
    let terms = |count: usize| (0..count).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" OR ");
    assert!(!has(&terms(LEAVES_MAX), "E221"));
    assert!(has(&terms(LEAVES_MAX + 1), "E221"));
    assert!(has(&format!("\"{}\"~3", "a b ".repeat(40)), "E212"));
    assert!(has(&"NOT ".repeat(10_000), "E205"));
    assert!(has(&"a NEAR/1 ".repeat(6_000), "E210"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 2_000 }))]

    #[test]
    fn never_panics(text in any::<String>()) {
        check_total(&text);
    }

    #[test]
    fn never_panics_on_pieces(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40)) {
        check_total(&pieces.concat());
        check_tools(&pieces.concat());
    }
}

/// A name that no field has is text with all its marks.
#[test]
fn an_unknown_field_keeps_its_wildcards_and_backslashes() {
    let unknown = [
        "*://",
        "wom*n:fashion",
        "wom?n:\\*",
        "\\*a:b",
        "a\\*:b*c",
        "x*y :z",
        "x:{a\"b}",
        "x:http://y?z",
        "a OR b NOT c",
    ];
    for text in unknown {
        check_tools(text);
    }
    assert_eq!(codes(&parsed("*://")), ["E110", "W107"]);
    assert_eq!(codes(&parsed("wom*n:fashion")), ["W107"]);
    let on = |text: &str| crate::common::find("wom*n:fashion", &crate::common::text_post(text)).is_some();
    assert!(on("women: fashion!") && !on("wom n fashion"));
}

pub(crate) const PIECES: &[&str] = &[
    "apple", "AND", " OR ", "NOT ", " NEAR/5 ", "NEAR/", "(", ")", "\"", "“", "{", "}", "[", "]", "[1 TO 5]",
    "~5", "~", "*", "?", "\\", "#", "@", "$", ":", "author:", "rating:", "raw:", "title:", "tags:", "<<<",
    ">>>", " ", "\n", "微软", "❤️", "niño", "é", "C++", "x:", "https://", "site:(", ",", "\u{0}", "（", "a",
];

/// A full-width `＼` alone was read for ever; random texts meet it once in many thousands.
#[test]
fn every_character_is_read() {
    for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
        parsed(&c.to_string());
        parsed(&format!("a{c}b"));
    }
    let escaped = parsed("\u{ff3c}*").query;
    assert!(escaped.is_some(), "as in phrases, it takes the meaning from what follows");
}

fn check_total(text: &str) {
    let parsed = parsed(text);
    for problem in &parsed.problems {
        assert!(text.get(problem.start..problem.end).is_some(), "{text:?} {problem:?}");
        assert!(
            problem.line > 0 && problem.column > 0 && CODES.iter().any(|(code, _)| *code == problem.code)
        );
    }
    if parsed.query.is_some() {
        crate::common::find(text, &crate::common::text_post("apple 微软 and niño C++ #apple @a \"x\""));
    }
}

/// The hint of the first problem with that code.
fn hint(query: &str, code: &str) -> String {
    let problems = parsed(query).problems;
    problems.into_iter().find(|problem| problem.code == code).map_or_else(String::new, |problem| problem.hint)
}

#[test]
fn hints_can_be_followed() {
    // What is written before brackets needs an operator.
    assert!(hint("(NOT a1) OR b1", "E203").ends_with("apple AND (NOT a1)"));
    assert!(hint("NOT a1 NOT b1", "E203").ends_with("apple NOT a1 NOT b1"));
    // A field has no place in a NEAR.
    assert!(hint("a1 AND \"...\"", "E104").contains("raw:\"...\""));
    for query in ["a1 NEAR/5 \"...\"", "title:\"...\"", "\" \"", "\"% …\"~3"] {
        assert!(!hint(query, "E104").contains("raw"), "{query}: {}", hint(query, "E104"));
    }
    assert!(hint("a1 AND:x", "W107").contains("leave the colon out"));
    assert!(hint("sample:1,5", "E304").ends_with("sample:1.5"));
    for query in ["language:xk", "language:qq", "language:cn"] {
        assert_eq!(codes(&parsed(query)), ["W106"], "{query}");
    }
    // A radical is the character that it stands for, and a key of a telephone has a star and no wildcard.
    for query in ["⼿*", "*️⃣", "\"*️⃣ now\"", "*\u{20e3}", "{*️⃣}"] {
        assert!(codes(&parsed(query)).is_empty(), "{query}: {:?}", parsed(query).problems);
    }
}
