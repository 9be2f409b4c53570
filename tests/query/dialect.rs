//! Queries of other products: the table of translations, and that what comes out can be used.

use earful::analysis::query::CODES as OURS;
use earful::analysis::query::dialect::{CODES, Dialect, translate};
use proptest::prelude::*;

use crate::common::{find, parsed, text_post};

pub(crate) fn check(dialect: Dialect, theirs: &str, ours: &str) {
    let done = translate(theirs, dialect);
    assert_eq!(done.query.as_deref(), Some(ours), "{theirs}: {:?}", done.problems);
    assert!(parsed(ours).query.is_some(), "{ours}");
}

/// The code at the place.
pub(crate) fn refused(dialect: Dialect, theirs: &str, code: &str, place: &str) {
    let done = translate(theirs, dialect);
    let found = done.problems.iter().find(|problem| problem.code == code);
    let found = found.unwrap_or_else(|| panic!("{theirs}: {:?}", done.problems));
    assert_eq!(&theirs[found.start..found.end], place, "{theirs}");
    assert_eq!(done.query.is_none(), code.starts_with('E'), "{theirs}");
}

#[test]
fn x() {
    let check = |theirs, ours| check(Dialect::X, theirs, ours);
    check("apple pie OR cake", "(apple AND pie) OR cake");
    check("apple (pie OR cake) -juice", "apple AND (pie OR cake) NOT juice");
    check("-juice apple", "apple NOT juice");
    check("(-is:retweet -spam) apple", "apple NOT is:retweet NOT spam");
    check("from:united OR to:united", "author:united OR (engagingWith:united AND engagementType:REPLY)");
    check("retweets_of:@united", "engagingWith:united AND engagementType:RETWEET");
    check("@united #fail $UAL", "@united AND #fail AND $UAL");
    check("url:\"https://a.com/b\" acme", "links:\"https://a.com/b\" AND acme");
    check("url:https://a.com/b acme", "links:\"https://a.com/b\" AND acme");
    check("acme lang:en", "acme AND language:en");
    check("acme followers_count:100..200", "acme AND authorFollowers:[100 TO 200]");
    check("acme followers_count:100", "acme AND authorFollowers:[100 TO *]");
    check("acme is:verified has:geo", "acme AND is:verified AND has:geo");
    check("\"apple juice\"~3", "\"apple juice\"~3");
    check("acme sample:10", "acme AND sample:10");
    check("a1 OR b1 sample:2.5", "(a1 OR b1) AND sample:2.5");
    check("a1 OR b1 -sample:10", "(a1 OR b1) NOT sample:10");
    check("a1 -(b1 sample:10)", "a1 NOT (b1 AND sample:10)");
    check("(a1 sample:10) OR (b1 c1)", "(a1 OR (b1 AND c1)) AND sample:10");
    check("a1 -b1 sample:10 -c1", "a1 AND sample:10 NOT b1 NOT c1");
    check("acme lang:zh-cn", "acme AND language:zh-hans");
    check(
        "acme (lang:zh-TW OR lang:in OR lang:iw)",
        "acme AND (language:zh-hant OR language:id OR language:he)",
    );
    check("acme -is:Retweet", "acme NOT is:retweet");
    check(
        "acme bounding_box:[-105.3 39.9 -105.1 40.1]",
        "acme AND longitude:[-105.3 TO -105.1] AND latitude:[39.9 TO 40.1]",
    );
    check("what? cat*", "what\\? AND cat\\*");
    check("and or", "\"and\" AND \"or\"");
    refused(Dialect::X, "acme is:nullcast", "E402", "is:nullcast");
    refused(Dialect::X, "acme context:10.799", "E402", "context:10.799");
    refused(Dialect::X, "acme OR -juice", "E402", "-juice");
    refused(Dialect::X, "-juice", "E403", "-juice");
    refused(Dialect::X, "acme sample:10", "W401", "sample:10");
    refused(Dialect::X, "acme sample:ten", "E402", "sample:ten");
    refused(Dialect::X, "acme sample:101", "E402", "sample:101");
    refused(Dialect::X, "(acme", "E401", "(");
    refused(Dialect::X, "acme)", "E401", ")");
    refused(Dialect::X, "\"acme", "E401", "\"acme");
    refused(Dialect::X, "acme OR", "E401", "");
    refused(Dialect::X, "", "E401", "");
}

#[test]
fn talkwalker() {
    let check = |theirs, ours| check(Dialect::Talkwalker, theirs, ours);
    check("apple AND NOT juice", "apple NOT juice");
    check("apple AND pie OR cake", "(apple AND pie) OR cake");
    check("apple NEAR/5 juice", "apple NEAR/5 juice");
    check("(apple OR pear) ONEAR/5 juice AND x1", "((apple OR pear) NEAR/5f juice) AND x1");
    check("title:\"apple juice\" -spam", "title:\"apple juice\" NOT spam");
    check("title:(apple AND (juice OR pie))", "title:apple AND title:(juice OR pie)");
    check("site:\"a.com\" AND sourcetype:SOCIALMEDIA_TWITTER", "site:\"a.com\" AND network:x");
    check("acme AND engagement:>10", "acme AND engagement:[11 TO *]");
    check("+acme -banana", "acme NOT banana");
    check("++Acme++ AND +\"p&t\" AND C++", "{Acme} AND \"p&t\" AND C++");
    check("(++\"Acme\") AND title:+pie", "{Acme} AND title:pie");
    refused(Dialect::Talkwalker, "acme SENTENCE banana", "E402", "SENTENCE");
    refused(Dialect::Talkwalker, "apple AND pie OR cake", "W403", "OR");
    refused(Dialect::Talkwalker, "acme AND sentiment:negative", "E402", "sentiment:negative");
    refused(Dialect::Talkwalker, "apple NEAR/5 (pie AND cake)", "E402", "(pie AND cake)");
    refused(Dialect::Talkwalker, "apple NEAR/x pie", "E401", "NEAR/x");
}

#[test]
fn meltwater() {
    let check = |theirs, ours| check(Dialect::Meltwater, theirs, ours);
    check("apple NEAR juice", "apple NEAR/4 juice");
    check("apple NEAR/7 juice", "apple NEAR/7 juice");
    check("apple ONEAR juice", "apple NEAR/4f juice");
    check("apple ONEAR/2 juice", "apple NEAR/2f juice");
    check("TITLE:apple", "title:apple");
    check("TITLE apple AND pie", "title:apple AND pie");
    check("TITLE(apple OR pie)", "title:(apple OR pie)");
    check("INGRESS \"apple pie\"", "title:\"apple pie\"");
    check("INGRESS(apple)", "title:apple");
    check("apple ANDNOT banana", "apple NOT banana");
    refused(Dialect::Meltwater, "apple AND TITLE", "E401", "TITLE");
    check("ingress:(apple OR pear)", "title:(apple OR pear)");
    refused(Dialect::Meltwater, "ingress:apple", "W401", "ingress:apple");
}

#[test]
fn sprinklr() {
    let check = |theirs, ours| check(Dialect::Sprinklr, theirs, ours);
    check("\"apple juice\"~5", "\"apple juice\"~5");
    check("(apple OR pear) NEAR/3 (juice)", "(apple OR pear) NEAR/3 juice");
    check("apple ONEAR/3 juice", "apple NEAR/3f juice");
    check("message:apple AND title:pie AND author:ann", "text:apple AND title:pie AND author:ann");
    check("\"apple juice\" ~5", "\"apple juice\"~5");
    refused(Dialect::Sprinklr, "\"apple juice\" ~5", "W401", "~5");
    refused(Dialect::Sprinklr, "message:\"apple pie\"~5", "E402", "message:\"apple pie\"~5");
    refused(Dialect::Sprinklr, "title:\"apple pie\"~5", "E402", "title:\"apple pie\"~5");
    check("exactMessage:\"7-Eleven!\"", "raw:\"7-Eleven!\"");
}

#[test]
fn youscan() {
    let check = |theirs, ours| check(Dialect::YouScan, theirs, ours);
    check("apple /1 juice", "apple NEAR/0 juice");
    check("apple /4 juice -spam", "(apple NEAR/3 juice) NOT spam");
    check("apple | pear juice", "apple OR (pear AND juice)");
    check("apple <<< brand >>> juice", "apple AND juice");
    refused(Dialect::YouScan, "apple /0 juice", "E401", "/0");
    refused(Dialect::YouScan, "apple <<< brand >>>", "W402", "<<< brand >>>");
}

#[test]
fn cision() {
    let check = |theirs, ours| check(Dialect::Cision, theirs, ours);
    check("apple w/5 juice", "apple NEAR/5 juice");
    check("cs(\"BT\") AND NOT phone", "{BT} NOT phone");
    check("cs(BT OR AA)", "{BT} OR {AA}");
    check("headline(apple AND \"new pie\")", "title:apple AND title:\"new pie\"");
    check(
        "headline(apple OR pear) OR publication(\"The Times\")",
        "title:(apple OR pear) OR publication:\"The Times\"",
    );
    check("apple pre/3 juice", "apple NEAR/3f juice");
    check("apple w/ 5 juice", "apple NEAR/5 juice");
    check("apple w/ 5g juice", "apple AND w/ AND 5g AND juice");
    refused(Dialect::Cision, "apple w/ 5g juice", "W401", "w/");
    check("apple NEAR/5 juice", "apple NEAR/5 juice");
    check("headline (apple) AND pie", "title:apple AND pie");
    check("publication(\"The Times\", Sun)", "publication:(\"The Times\" OR Sun)");
    refused(Dialect::Cision, "apple w/5 juice", "W401", "w/5");
    refused(Dialect::Cision, "apple w/ 5 juice", "W401", "w/ 5");
    refused(Dialect::Cision, "apple pre/3 juice", "W401", "pre/3");
    refused(Dialect::Cision, "apple NEAR/5 juice", "W401", "NEAR/5");
    refused(Dialect::Cision, "headline (apple)", "W401", "headline");
    refused(Dialect::Cision, "apple w/s juice", "E402", "w/s");
    refused(Dialect::Cision, "apple w/P juice", "E402", "w/P");
    refused(Dialect::Cision, "headline(\"new pie\"~5)", "E402", "headline(\"new pie\"~5)");
    refused(Dialect::Cision, "spine(apple)", "E402", "spine(apple)");
}

#[test]
fn pulsar() {
    let check = |theirs, ours| check(Dialect::Pulsar, theirs, ours);
    check("!\"NASA\" AND moon", "{NASA} AND moon");
    check("moon NEAR/7 rocket", "moon NEAR/7 rocket");
    check("BY_TWITTER(nasa) OR IN_URL(nasa.gov)", "author:nasa OR links:nasa.gov");
    check("! \"NASA\" AND !ESA", "{NASA} AND {ESA}");
    check("!(\"NASA\" OR \"ESA\") AND moon!", "({NASA} OR {ESA}) AND moon!");
    check("BY_TWITTER(acme, bob)", "author:(acme OR bob)");
    check("BY_TWITTER(acme bob) AND moon", "author:(acme OR bob) AND moon");
    check("BY_REDDIT(acme) OR moon", "(network:reddit AND author:acme) OR moon");
    check("BY_YOUTUBE(acme, bob)", "network:youtube AND author:(acme OR bob)");
    refused(Dialect::Pulsar, "BY_INSTAGRAM(acme)", "E402", "BY_INSTAGRAM(acme)");
    refused(Dialect::Pulsar, "!(\"NASA moon\"~3)", "E402", "!(\"NASA moon\"~3)");
    refused(Dialect::Pulsar, "BY_TIKTOK(nasa)", "E402", "BY_TIKTOK(nasa)");
}

#[test]
fn the_smaller_ones() {
    check(Dialect::Lexalytics, "apple NEAR juice", "apple NEAR/10 juice");
    check(Dialect::SentiOne, "apple NEAR juice AND NOT pie", "(apple NEAR/10 juice) NOT pie");
    check(Dialect::PeakMetrics, "apple AND (\"new pie\" OR cake)", "apple AND (\"new pie\" OR cake)");
    check(Dialect::NetBase, "title:apple AND pie", "title:apple AND pie");
    refused(Dialect::SentiOne, "apple NEAR juice", "W401", "NEAR");
    assert!(translate("apple NEAR juice", Dialect::Lexalytics).problems.is_empty());
}

#[test]
fn products_have_other_names() {
    assert_eq!(Dialect::from_name("hootsuite"), Some(Dialect::Talkwalker));
    assert_eq!(Dialect::from_name("powertrack"), Some(Dialect::X));
    assert_eq!(Dialect::Talkwalker.as_str(), "talkwalker");
}

#[test]
fn the_meaning_is_kept() {
    let matches = |theirs: &str, post: &str| {
        find(&translate(theirs, Dialect::X).query.unwrap(), &text_post(post)).is_some()
    };
    assert!(matches("apple pie OR cake", "cake"));
    assert!(matches("apple pie OR cake", "apple pie"));
    assert!(!matches("apple pie OR cake", "apple"));
    assert!(!matches("apple -(pie OR cake)", "apple cake"));
}

const PIECES: &[&str] = &[
    "apple",
    "pie",
    "OR",
    "AND",
    "NOT",
    "-",
    "(",
    ")",
    "\"new pie\"",
    "\"a b\"~3",
    "NEAR/3",
    "ONEAR",
    "w/2",
    "/2",
    "|",
    "from:a",
    "to:b",
    "title:",
    "cs(",
    "headline(",
    "!\"NASA\"",
    "IN_URL(",
    "url:a.com",
    "lang:en",
    "followers_count:1..5",
    "is:retweet",
    "[",
    "]",
    "*",
    "?",
    "\\",
    "\"",
    "~",
    ":",
    "微软",
    "❤",
    "#tag",
    "@name",
    "{",
    "}",
    "<<<c>>>",
    ",",
    "and",
    "ANDNOT",
    "TITLE",
    "SENTENCE",
    "w/",
    "w/s",
    "pre/3",
    "/x",
    "+",
    "++",
    "!",
    "!(",
    "BY_REDDIT(",
    "headline (",
    "NEAR",
    "~5",
    "5",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 1_000 } else { 10_000 }))]

    #[test]
    fn what_comes_out_can_be_used(
        pieces in proptest::collection::vec((proptest::sample::select(PIECES), any::<bool>()), 0..14),
        dialect in proptest::sample::select(Dialect::ALL),
    ) {
        let text: String = pieces.iter().map(|(piece, glued)| format!("{piece}{}", if *glued { "" } else { " " })).collect();
        let done = translate(&text, dialect.0);
        if let Some(ours) = &done.query {
            prop_assert!(parsed(ours).query.is_some(), "{} became {}", text, ours);
        }
        prop_assert_eq!(done.query.is_none(), done.problems.iter().any(|problem| problem.code.starts_with('E')));
        for problem in &done.problems {
            prop_assert!(text.get(problem.start..problem.end).is_some() && !problem.hint.is_empty(), "{} {:?}", text, problem);
            let mut known = CODES.iter().chain(OURS);
            prop_assert!(known.any(|(code, _)| *code == problem.code), "{:?}", problem);
        }
    }

    #[test]
    fn any_text_is_answered(text in any::<String>(), dialect in proptest::sample::select(Dialect::ALL)) {
        let done = translate(&text, dialect.0);
        prop_assert_eq!(done.query.is_none(), done.problems.iter().any(|problem| problem.code.starts_with('E')));
    }
}
