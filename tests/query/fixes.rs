//! A fix answers its own problem and brings no error along.

use std::collections::BTreeMap;

use earful::analysis::query::{Fix, ParseOptions, Problem, Purpose, Severity, parse};

use crate::dice::Dice;

/// Queries with mistakes of all kinds, and several at once.
#[rustfmt::skip]
const BAD: &[&str] = &[
    "foo:[1 TO 3]", "foo:[1 to 3]", "foo:(a OR b)", "foo:(a AND b)", "foo:\"a b\"", "foo:{Ab}", "foo:a~3", "foo:\"a b\"~3", "foo: x", "foo:", "foo:a*", "-foo:[1 TO 3]",
    "-foo:x", "!site:x.com", "-from:ann", "-site:[1 TO 2]", "foo:~5", "foo:-x", "foo:NOT x", "foo:AND", "\"foo\":x", "foo:bar:baz", "a:b:c", "é:x", "foo\\:x", "a\"b\":x",
    "AND:x", "OR:x", "NOT:x", "NEAR/5:x", "x AND NOT:y", "and:x", "near:x", "TO:x", "AND:(x OR y)", "OR:[1 TO 2]", "AND : x", "AND: x", "x AND:", "x AND AND:y",
    "apple NEAR/5 (a OR b AND c)", "(a OR b AND c) NEAR/5 apple", "apple NEAR/5 (a AND b OR c) NOT d", "a OR b AND c", "a AND b OR c AND d OR e", "a b OR c", "a OR b c NOT d",
    "a OR NOT b AND c", "NOT a OR b AND c", "(a OR b AND c)~5", "(a AND b OR c AND d)~2", "(a OR b AND c) NEAR/2 (d AND e OR f)", "((a OR b AND c))", "x NEAR/1 ((a OR b AND c) OR d)",
    "a NEAR/5 b NOT c", "a NEAR/5 b NOT c AND d", "NOT a NEAR/5 b AND c", "NOT a NEAR/5 b", "a AND NOT b NEAR/5 c", "a NEAR/5 b c", "a NEAR/5 b OR c", "a NEAR/5 b OR c NOT d", "a OR b NOT c NEAR/5 d",
    "a NEAR/2 b NEAR/3 c", "a NEAR/2 b NEAR/3 c NEAR/4 d", "a NEAR/2 b NEAR/3 c OR d", "a NEAR/2 b NEAR/3 c AND d", "a OR b NEAR/2 c NEAR/3 d", "a NEAR/2 (b NEAR/3 c NEAR/4 d)", "(a NEAR/2 b NEAR/3 c)~4",
    "NEAR/5 a", "a NEAR/5", "a NEAR/5 AND b", "a NEAR/5 NOT b", "a NEAR/5 NOT b AND c", "a NEAR/5 NOT (b OR c)", "a NEAR/5 OR b", "a AND NEAR/5 b", "a NEAR/5 NEAR/3 b", "(NEAR/5)", "a NEAR/5 ()", "() NEAR/5 a",
    "a NEAR/5 (b AND c)", "a NEAR/5 (b NOT c)", "(b NOT c) NEAR/5 a", "a NEAR/5 (NOT b)", "a NEAR/5 (b AND c) OR d", "a NEAR/5 (b AND c) NEAR/2 d", "a NEAR/5 author:x", "author:x NEAR/5 author:y", "a NEAR/5 author:x NEAR/2 b",
    "a NEAR/5 \"b c\"~3", "\"b c\"~3 NEAR/5 a", "a NEAR/5 (b AND c)~3", "(a OR author:x) NEAR/5 b", "(a OR (b AND c)) NEAR/5 d", "a NEAR/5 (author:x OR b AND c)", "x NEAR/1 (a AND b) AND y OR z", "(a AND (b OR c AND d)) NEAR/5 x",
    "a NEAR/5 title:b", "a NEAR/5 raw:\"b\"", "a NEAR/5 \"...\"", "a NEAR/5 %", "\"%\" NEAR/5 a", "a NEAR/5 -", "a NEAR/x b", "a NEAR/ b", "a NEAR/-1 b", "a NEAR/1.5 b", "a NEAR/5g b", "a NEAR/99999 b", "a NEAR/99999999999f b", "a NEAR b", "a near b", "a near/5 b", "a NEAR/5F b",
    "~x", "~ x", "~5", "a ~5", "a~ 5", "a~", "a ~ 5", "a~x", "a~5x", "a~1.5", "\"a b\"~1.5", "\"a b\" ~5", "\"a b\"~", "\"a b\"~-1", "\"a b\"~99999", "a OR ~5", "a AND ~x", "(~x)", "~~", "~~5", "a~~5", "author:x~5", "author:(a OR b)~5", "rating:[1 TO 2]~5", "a AND~5", "NOT ~5", "a~5~3", "\"a b\"~5~3", "(a OR b)~5", "(a AND b)~5~3", "~", "(a)~5", "()~5", "a NEAR/5~3 b", "a~NEAR/5 b",
    "((a OR (b AND c)) AND d)~5", "((a NEAR/2 b) AND c)~5", "(a NOT b)~5", "(author:x AND b)~5", "(a AND NOT b)~5", "(a NEAR/2 b)~5", "((a AND b) OR c)~5", "((a AND b)~3 AND c)~5", "(\"a b\"~3 AND c)~5", "x NEAR/3 (a AND b NOT c)~5", "(a AND (b OR (c OR d)))~5",
    "rating:6", "rating:-1", "rating:x", "rating:", "rating:1e9", "rating:(1 OR 9)", "rating:(1 OR x)", "rating:(1 AND 2)", "rating:[0 TO 9]", "rating:[9 TO 0]", "rating:[6 TO 7]", "rating:[-5 TO -3]", "rating:[1 TO]", "rating:[TO 3]", "rating:[1]", "rating:[]", "rating:[ ]", "rating:[1 TO x]", "rating:[a b]", "rating:[1 TO 3", "rating:[1 TO 3 AND a", "rating:[1 TO 3) AND a", "rating:1 TO 3]", "rating:[1 3]", "rating:[3,1]", "rating:[1..3]", "rating:[1-3]", "rating:[3-1]", "rating:[1 TO 3 TO 5]", "rating:[* TO *]", "rating:[9..7]", "rating:[1 to 99]", "rating:\"3\"", "rating:3*", "rating:{3}", "rating:3.5.1", "rating:0.5",
    "likes:500", "likes:-5", "likes:1.5", "likes:99999999999", "likes:99999999999999999999999", "likes:[1.5 TO 2.5]", "likes:[2.5 TO 1.5]", "likes:[1.6 TO 1.4]", "likes:[-5 TO -3]", "likes:[99999999999 TO 999999999999]", "likes:[5 TO 99999999999]", "likes:[99999999999 TO 5]", "likes:[-9 TO -10]", "likes:(5 OR 6)", "likes:>5", "likes:10k", "likes:[1k TO 2k]", "likes:1,000", "likes:[1,000 TO 2,000]", "likes:[ 5 ]", "likes:[5+]", "likes:x*", "likes:0x10",
    "latitude:[100 TO 200]", "latitude:[-100 TO 200]", "latitude:[0.5 TO 91]", "latitude:5", "latitude:95", "latitude:[91 TO -91]", "longitude:[-181 TO 0]", "minuteOfDay:[1440 TO 1500]", "minuteOfDay:[100 TO 20.5]", "minuteOfDay:10", "minuteOfDay:[-1 TO 1440]",
    "sample:0", "sample:101", "sample:x", "sample:10%", "sample:1,5", "sample:0,5", "sample:[1 TO 5]", "sample:", "sample:-5", "sample:(1 OR 200)", "sample:10*", "a NOT sample:10%",
    "language:english", "language:xx-YY", "language:EN", "language:e*", "language:\"zh hans\"", "language:zh_hans", "language:", "language:[a TO b]", "country:uk", "country:u*", "country:xyz", "country:", "region:*", "region:us*", "engagementType:like", "engagementType:REPLAY", "engagementType:(REPLY OR LIKE)", "engagementType:(REPLY AND QUOTE)", "authorVerified:yes", "authorVerified:t*", "authorGender:male", "network:twitter", "network:(x OR facebok)", "is:retwet", "has:photos", "has:l*", "imageType:photo", "continent:asia*",
    "guid:123-4", "guid:x", "guid:\"\"", "guid:1*", "entityId:x", "entityId:1", "site:", "site:\"\"", "site:*", "site:a*", "site:http://", "site:*.com", "url:https://", "author:", "author:\"\"", "author:()", "author:(a b)", "author:(a AND b)", "author:(a, b)", "author:(a NOT b)", "author:(a OR (b OR c))", "author:(a OR b", "author:(a OR", "author:(OR a)", "author:((a))", "author:(a OR b:c)", "author:*", "author:a*", "author:~5", "author:AND", "author:(a\"b\")", "author:(a OR b c)~5", "author:(\"a b\" \"c d\")", "author:(a AND b AND c)", "subreddit:a*", "subreddit:*", "subreddit:\"a?\"", "tags:*", "tags:#", "tags:\"\"", "title:*a", "title:a*", "title:\"...\"", "title:%", "title:(a AND b)", "title:(\"...\" OR a)", "text:a?", "raw:", "raw:\"\"", "raw:\" \"", "raw:(a AND b)", "raw:[1 TO 2]",
    "*", "?", "**", "*a", "*ab", "?ab", "a*", "a?", "*a*", "a**", "*ab*", "é*", "か*", "⼿*", "微*", "*微", "*️⃣", "\"*️⃣\"", "\"*\"", "\"* a\"", "\"a *\"", "\"*ab cd\"", "\"a* b*\"", "\"a* a*\"", "\"ab a*\"", "\"?\"", "\"what?\"", "\"what?\"~5", "\"a b?\"", "\"??\"", "#*", "#*a", "#*ab", "@*", "@?b", "@*ab*", "$*", "#a*", "#?", "＃*ab", "{a*}", "{*}", "{a?b} AND c", "{a*", "\\**", "*\\*", "a\\*", "5*", "*5", "*-a", "-*", "a-*", "*.com", "a*b", "*a b*", "％*", "*％", "\\*ab*", "*ab\\*", "ab\\?*", "*\"ab\"", "*'ab", "'*ab'",
    "\"...\"", "...", "-", "--", "\"\"", "\" \"", "{}", "{ }", "{...}", "\".\" AND a", "a OR ...", "NOT ...", "\"...\"~3", "\"a ...\"~3", "'", "\"'\"", "_", ".", "/", "a AND -", "a - b", "a & b", "a / b", "a | b", "a ! b", "a; b", "a, b", "a; b OR c", "a,b OR c", "a,b,c", "a.b", "a·b", "„a“", "«a»", "a…b", "a\u{200b}b", "a\u{ad}b", "\\", "a\\", "\\\\", "\"a\\", "\"a\\\"", "{a\\", "{a\\}", "™", "㍿", "©", "•",
    "NOT a", "NOT a NOT b", "NOT (a OR b)", "NOT (NOT a)", "a OR (NOT b)", "(NOT a) OR (NOT b)", "NOT NOT a", "a NOT NOT b", "a NOT", "NOT", "AND", "OR", "a AND", "a OR", "OR a", "AND a", "a AND OR b", "a OR AND b", "a AND AND b", "a OR OR b", "a OR NOT b", "a OR NOT b OR NOT c", "OR NOT a", "a OR NOT", "(OR NOT a)", "a AND NOT", "a NOT AND b", "a NOT OR b", "a AND NOT AND b", "(AND a)", "(a OR)", "(a OR) AND b", "(AND)", "a (AND) b", "a OR NOT (b OR NOT c)", "a OR NOT b AND NOT c", "AND NOT a", "a AND NOT NOT b", "a NEAR/5 b OR NOT c", "a OR b NOT c OR d", "a OR b NOT c OR NOT d", "a OR \"b\"NOT c",
    "(", ")", "()", ")(", "(a", "a)", "((a)", "(a))", "(()", "())", "a AND ()", "() AND a", "a OR () OR b", "(() OR a) NOT ()", "NOT ()", "a NOT ()", "a (", "a AND (", "a AND (b OR", "(a OR b", "(a) (b)", "(a)(b)", "a(b)", "(a)b", "\"a\"\"b\"", "\"a\"b", "a\"b\"", "a{b}", "{a}b", "a OR b)", "a OR b) AND c", "(a OR b AND c", "(a OR b)) AND c", "a))))", "((((a", ")a(", "a ) OR ( b", "(a NEAR/5", "(a NEAR/5 b", "\"a", "a \"b", "a \"b OR c", "{a", "a {b OR c", "a}", "a]", "[a", "[", "]", "[1 TO 2]", "a [1 TO 2]", "[1 TO 2", "a AND [1 TO 2]", "a [b] c", "a OR [b]", "<<<", "a <<<", "a <<< b >>", "a <<< \"b", ">>>", "<<<a>>>", "a <<<x>>> OR b AND c", "(a <<<)>>> OR b", "a <<<x", "(a <<<x", "a AND <<<x>>>",
    ":", "a : b", "site : x", "site :x", "site: x", "site : ", ": a", "a :", "title : a", "a AND :", "site:title:x", "site : title : x", "a: b", "a:b", "http://", "https://a.b", "https:x", "a:(b", "title:(a", "title:\"a", "title:{a", "(title:a", "at://x", "12:30", "rating : 3", "rating : [1 TO 3]", "AND : b", "\"a\" : b", "(a) : b", "language : english AND a", "*a : b",
    "sentiment:negative", "a sentiment:bad", "sentiment:[-2 TO 2]", "sentiment:[0.5 TO 0.1]", "sentiment:-0.5", "emotion:happy", "brandIds:1", "a OR brandIds:1", "brand:a*", "tag:[1 TO 2]", "a AND b AND sentiment:negativ",
    "and", "or a", "a or b", "a and b or c", "a not b", "a and not b", "not a", "a AND and b", "a or b AND c", "a near/5 b and c", "near/5 a", "a OR b and c", "or", "and and and", "a and", "(and)", "\"a\" and \"b\"", "a and b OR c",
];

fn ways() -> [ParseOptions; 3] {
    let usual = ParseOptions::default();
    [usual, ParseOptions { strict: true, ..usual }, ParseOptions { purpose: Purpose::Rule, ..usual }]
}

fn tally(problems: &[Problem]) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    problems.iter().for_each(|problem| *tally.entry(problem.code).or_default() += 1);
    tally
}

/// What is wrong with the fixes of a query, a line each.
fn faults(query: &str) -> Vec<String> {
    let mut found = Vec::new();
    for options in ways() {
        let problems = parse(query, &options).problems;
        let before = tally(&problems);
        for (problem, fix) in problems.iter().filter_map(|problem| Some((problem, problem.fix.as_ref()?))) {
            found.extend(fault(query, problem, fix, &before, &options));
        }
    }
    found.dedup();
    found
}

fn fault(
    query: &str,
    problem: &Problem,
    fix: &Fix,
    before: &BTreeMap<&'static str, usize>,
    options: &ParseOptions,
) -> Option<String> {
    let text = fix.applied(query);
    let problems = parse(&text, options).problems;
    let after = tally(&problems);
    let count = |tally: &BTreeMap<&str, usize>, code: &str| tally.get(code).copied().unwrap_or(0);
    let stays = count(&after, problem.code) >= count(before, problem.code);
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let new = errors.map(|problem| problem.code).find(|code| count(&after, code) > count(before, code));
    let what = match (stays, new) {
        (_, Some(new)) => format!("brings {new}"),
        (true, None) => "stays".to_owned(),
        (false, None) => return None,
    };
    Some(format!("{} of {query:?} became {text:?}: {what}", problem.code))
}

#[test]
fn no_fix_of_a_bad_query_brings_an_error() {
    let found: Vec<String> = BAD.iter().flat_map(|query| faults(query)).collect();
    assert!(found.is_empty(), "{} faults\n{}", found.len(), found.join("\n"));
    assert!(BAD.len() > 500);
}

/// Parts that are put together at random.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "a1", "b2", "c3*", "*d4", "e*", "\"f g\"", "\"h i\"~3", "{J}", "#k", "@l", "AND", "OR", "NOT", "AND", "OR", "NOT", "NEAR/5", "NEAR/2f", "NEAR", "and", "or", "not", "~5", "~", "(", ")", "(", ")", "(", ")",
    "author:", "rating:", "[1 TO 3]", "[5 TO 2]", "[1 to 9]", "foo:", "-foo:", ":", ",", ";", "...", "\"...\"", "%", "<<<x>>>", "\"", "{", "}", "]", "[", "sample:", "10%", "title:", "raw:", "-site:", "\"why?\"",
];

fn jumble(dice: &mut Dice) -> String {
    let count = 1 + dice.below(9);
    let glue = |dice: &mut Dice| if dice.one_in(5) { "" } else { " " };
    (0..count).flat_map(|_| [dice.one_of(PARTS), glue(dice)]).collect()
}

/// More: `EARFUL_QUERY_JUMBLES=1000000 cargo test --test query jumbles`.
#[test]
fn no_fix_of_jumbles_brings_an_error() {
    let usual = 2_000;
    let count =
        std::env::var("EARFUL_QUERY_JUMBLES").ok().map_or(usual, |number| number.parse().expect("a number"));
    let mut dice = Dice::new(7);
    let mut found: Vec<String> = (0..count).flat_map(|_| faults(&jumble(&mut dice))).collect();
    found.sort_by_key(String::len);
    let shown = &found[..found.len().min(20)];
    assert!(found.is_empty(), "{} faults\n{}", found.len(), shown.join("\n"));
}
