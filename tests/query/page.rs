//! The language sentence by sentence: what is taken, what is refused and with which code, what is found.

use std::borrow::Cow;

use crate::common::{codes, find, parsed, text_post};

/// All codes that a query gets, in the order of the text.
fn says(query: &str, expected: &[&str]) {
    let parsed = parsed(query);
    assert_eq!(codes(&parsed), expected, "{query}\n{:?}", parsed.problems);
    assert_eq!(parsed.query.is_some(), !expected.iter().any(|code| code.starts_with('E')), "{query}");
}

fn check(query: &str, text: &str, expected: bool) {
    assert_eq!(find(query, &text_post(text)).is_some(), expected, "{query} on {text}");
}

/// The texts of the places that made the query match.
fn places(query: &str, text: &str) -> Vec<String> {
    let found = find(query, &text_post(text)).unwrap_or_default();
    found.iter().map(|span| text[span.start as usize..span.end as usize].to_owned()).collect()
}

#[test]
fn operators_are_upper_case() {
    says("apple and juice", &["W101", "W102", "W102"]);
    says("near/5", &["W101"]);
    says("\"and\" AND \\or", &[]);
    says("{AND}", &[]);
    says("apple AND\nNOT\tjuice", &[]);
    says("NOT(bitter)AND apple", &[]);
}

#[test]
fn what_is_pasted_is_read_as_it_looks() {
    // A byte order mark, zero-width blanks, blanks of other kinds, full-width signs, curly quotes.
    says("\u{FEFF}author:ann AND\u{200B} apple", &[]);
    says("apple\u{A0}AND\u{3000}juice", &[]);
    says("apple A\u{200E}ND juice", &[]);
    says("（“apple pie” OR \"x\"）", &[]);
    says("rating：［3 TO 5］", &[]);
    says("rating:[3\nTO\n  5]", &[]);
    says("｛BT｝ AND ＃tag", &[]);
    check("｛BT｝", "bt", false);
    check("｛BT｝", "BT", true);
    check("＂apple juice＂", "apple juice", true);
    check("wendy‘s", "wendyʼs", true);
}

#[test]
fn colons_end_names_but_not_those_of_addresses() {
    says("word : word", &["E102", "W102"]);
    says("word :word", &["E102", "W102"]);
    says("subreddit :nba", &["E102"]);
    says("author: \n brandwatch", &[]);
    says("AUTHOR:x AND authorfollowers:[1 TO 2]", &[]);
    says("https://x.org/a", &[]);
    says("https:www.x.org/", &[]);
    says("https:/www.x.org/", &[]);
    says("http://x.org:8080/a?b=c&d=e", &[]);
    says("url:https://x.org/a AND links:\"http://y.org\"", &[]);
    says("author:", &["E304"]);
    says("author:\"\"", &["E304"]);
    says("title:\"\"", &["E104"]);
    check("https://x.org/a", "see https://X.org/a now", true);
    check("https://x.org/a", "see https://x.org/ab now", false);
    check("https:www.x.org/", "https:www.x.org/", true);
}

#[test]
fn a_name_of_no_field_is_text_with_what_follows() {
    says("authorFollower:[500 TO 1000]", &["W107"]);
    says("authr:(a1 OR b1) AND c1", &["W107"]);
    says("authr:(a1 OR b1) OR c1", &["W107"]);
    says("foobar:\"a1 b1\"~5", &["W107"]);
    says("foobar: \"a1\"", &["W107", "W102"]);
    check("authr:(a1 OR b1)", "authr: b1", true);
    check("authr:(a1 OR b1)", "b1", false);
    check("foobar:\"a1 b1\"~5", "b1 a1 foobar", true);
    check("foo:[5 TO 9]", "foo 5 to 9", true);
}

#[test]
fn a_distance_is_a_whole_number_with_nothing_behind_it() {
    says("\"a1 b1\"~1.5", &["E103"]);
    says("\"a1 b1\"~5x", &["E103"]);
    says("apple~5.", &["E103"]);
    says("(a1 AND b1)~5)", &["E204"]);
    says("\"a1 b1\"~1001", &["E213"]);
    says("\"a1 b1\"~4294967296", &["E213"]);
    says("\"a1 b1\"~99999999999999999999999", &["E213"]);
    says("a1 NEAR/99999999999999999999999 b1", &["E213"]);
    says("a1 NEAR/+5 b1", &["E213"]);
    let phrase = |words: usize| format!("\"{}\"~5", vec!["a1"; words].join(" "));
    says(&phrase(64), &[]);
    says(&phrase(65), &["E212"]);
}

#[test]
fn comments_stand_between_tokens() {
    says("<<<a>>>apple<<<b>>>AND<<<c>>>juice<<<d>>>", &[]);
    says("author:(ann OR <<<sister>>> bea)", &[]);
    says("author: <<<who>>> ann", &[]);
    says("<<< only this >>>", &["E205"]);
    check("\"<<<a>>> b\"", "a b", true);
    check("apple<<<x>>>AND pie", "apple pie", true);
    // Not nested: the first end closes.
    says("<<< a <<< b >>> apple", &[]);
}

#[test]
fn words_hold_these_characters() {
    for word in [
        "_a",
        "a.b",
        "a-b",
        "a/b",
        "$50",
        "a&b",
        "#a",
        "C++",
        "50%",
        "a=b",
        "a|b",
        "@a",
        "a'b",
        "test;test",
        "a!",
    ]
    .iter()
    .chain(&["£5", "€5", "¥5", "🇪🇺", "दुष्प्रचार", "นคร", "ё", "O'Reilly", "o3", "🎉", "1️⃣", "한국", "ſ"])
    {
        says(word, &[]);
    }
    says("apple, juice", &["W109", "W102"]);
    says("a ] b", &["E107", "W102"]);
    says("apple } b", &["E107", "W102"]);
}

#[test]
fn a_sign_alone_is_found_where_it_stands() {
    says("€ AND price", &[]);
    check("€", "only €100", true);
    check("€", "only 100", false);
    check("\"%\"", "50 %", true);
    check("price NOT €", "price 5€", false);
    check("\\?", "why? ah", true);
    check("\\?", "why", false);
    assert_eq!(places("€ OR $", "€1 and $2"), ["€", "$"]);
    says("€ NEAR/2 price", &["E104"]);
    says("\"...\"", &["E104"]);
    says("-", &["E104"]);
}

#[test]
fn levels() {
    says("apple OR banana AND juice", &["E201"]);
    says("apple AND banana OR juice AND smoothie", &["E201"]);
    says("apple NOT bitter AND sweet OR sour", &["E201"]);
    says("apple banana OR cherry", &["W102", "E201"]);
    says("(apple OR banana) AND juice", &[]);
    says("(apple OR (a AND b OR c))", &["E201"]);
    says("NOT a OR b AND c", &["W103", "E201"]);
    says("NOT a OR b", &["W103"]);
    says("a AND NOT b", &[]);
    says("a NOT NOT b", &["E205"]);
    says("NOT AND a", &["E203", "E205"]);
    says("a OR OR b", &["E205"]);
    says("OR juice", &["E205"]);
    says("a AND", &["E205"]);
    says("a NOT", &["E205"]);
    says("a AND ()", &["E206"]);
    says("((a)", &["E204"]);
    says("a OR NOT b", &["E202"]);
    says("a OR (NOT b)", &["E203"]);
    says("a OR (NOT b NOT c)", &["E203"]);
    says("a AND (NOT b)", &[]);
    says("(NOT a) AND (NOT b)", &["E203"]);
    says("a NOT (b OR (c NOT d))", &[]);
    says("   \n\t", &["E205"]);
    check("A OR B OR C NOT (D OR E)", "a d", false);
    check("A NOT D OR B", "b d", false);
    check("NOT a OR b", "b", true);
    check("NOT a OR b", "a b", false);
    check("x NOT (a NOT b)", "x a", false);
    check("x NOT (a NOT b)", "x a b", true);
    check("x NOT (NOT b)", "x", false);
}

#[test]
fn nears() {
    says("a NEAR/5 b OR c", &["E210"]);
    says("c OR a NEAR/5 b", &["E210"]);
    says("a NEAR/2 b NEAR/3 c", &["E210"]);
    says("a NEAR/5 b AND c NEAR/2 d", &["W108", "W108"]);
    says("a NEAR/5 b c", &["W108", "W102"]);
    says("a NEAR/5 b NOT c", &[]);
    says("complain* AND product* NEAR/5 (quality OR \"customer service\") NOT spam*", &["W108"]);
    says("a NEAR/5 (b AND c)", &["E211"]);
    says("a NEAR/5 (b NOT c)", &["E211"]);
    says("a NEAR/5 NOT b", &["W108", "E211", "W102"]);
    says("a NEAR/5 \"b c\"~2", &["E211"]);
    says("a NEAR/5 title:b", &["E211"]);
    says("a NEAR/5 (b OR (c NEAR/1 d))", &[]);
    says("(a OR (b NEAR/2f {C})) NEAR/0 (#d OR @e OR fg*)", &[]);
    says("a NEAR/1000 b", &[]);
    says("a NEAR/1001 b", &["E213"]);
    for bad in ["a NEAR/ b", "a NEAR/x b", "a NEAR/+5 b", "a NEAR/5ff b", "a NEAR/-1 b", "a NEAR/5x b"] {
        says(bad, &["E213"]);
    }
    says("a NEAR b", &["W101", "W102", "W102"]);
    says("a NEAR/3", &["E205"]);
    says("NEAR/3 a", &["E205", "W102"]);
    check("a NEAR/0 b", "b a", true);
    check("a NEAR/0f b", "b a", false);
    check("\"a b\" NEAR/1 \"c d\"", "c d x a b", true);
    check("\"a b\" NEAR/1 \"c d\"", "c d x y a b", false);
    check("\"a b\" NEAR/9 \"b c\"", "a b c", false);
    check("a NEAR/5 (a OR b)", "a", false);
    check("(a NEAR/3 b) NEAR/0 c", "a c b", true);
    check("(a NEAR/3 b) NEAR/0f c", "a c b", false);
    check("c NEAR/0f (a NEAR/3 b)", "c a x b", true);
    check("(a NEAR/3 b) NEAR/0 a", "a b", false);
    check("a NEAR/0 b", "a! ... (b)", true);
    check("微软 NEAR/2 裁员", "微软宣布裁员", true);
}

#[test]
fn near_looks_at_the_first_places_of_an_operand() {
    // Of all terms of a group together, wherever they stand in it, and of a single term.
    let check_after = |operand: &str, words: &str, places: usize, expected: bool| {
        let text = format!("{} pie", words.repeat(places / words.split_whitespace().count()));
        assert_eq!(
            find(&format!("{operand} NEAR/0f pie"), &text_post(&text)).is_some(),
            expected,
            "{operand} {places}"
        );
        let tilde = format!("({operand} AND pie)~0");
        assert_eq!(find(&tilde, &text_post(&text)).is_some(), expected, "{tilde} {places}");
    };
    check_after("apple", "apple ", 16_384, true);
    check_after("apple", "apple ", 16_385, false);
    check_after("(apple OR juice)", "apple juice ", 16_384, true);
    check_after("(apple OR juice)", "apple juice ", 16_386, false);
    check_after("(juice OR apple)", "apple juice ", 16_386, false);
    // Two terms at one place are one place.
    check_after("(appl* OR ap*le OR apple)", "apple ", 16_384, true);
    check_after("(appl* OR ap*le OR apple)", "apple ", 16_385, false);
}

/// The rare word is placed first: otherwise the many ways to place the others use up all steps.
#[test]
fn a_tilde_finds_one_rare_word_among_many_repeated_ones() {
    let group = "(a1 AND b1 AND c1 AND d1 AND e1 AND zz)~40";
    check(group, &format!("{}zz", "a1 b1 c1 d1 e1 ".repeat(60)), true);
    check("\"a1 b1 c1 zz\"~20", &format!("{}zz", "a1 b1 c1 ".repeat(1_500)), true);
    check("\"a1 b1 c1 zz\"~20", &format!("{}{}zz", "a1 b1 c1 ".repeat(100), "x ".repeat(21)), false);
}

#[test]
fn near_shows_what_took_part() {
    assert_eq!(places("a NEAR/1 b", "a x x x a b x x b"), ["a", "b"]);
    // The second a stands inside the outer pair, but is near to no b.
    assert_eq!(places("(a NEAR/1 b) NEAR/5 c", "b a x x a c"), ["b", "a", "c"]);
    assert_eq!(places("(a NEAR/0 b) NEAR/2 (c OR d)", "a b c x x x a b"), ["a", "b", "c"]);
    assert_eq!(places("\"a b\"~0 OR (c NEAR/1f d)", "b a d c"), ["b", "a"]);
    // The tag as a whole is an appl*, too, but here its inside is the apple.
    assert_eq!(places("\"apple appl*\"~0", "#apple微软 applet"), ["apple", "applet"]);
}

#[test]
fn tildes() {
    says("(brand OR company)~3", &["W104"]);
    says("((a OR b) OR c)~3", &["W104"]);
    says("apple~5 AND \"apple\"~5 AND {BT}~2 AND #tag~1", &["W104", "W104", "W104", "W104"]);
    says("(apple)~3", &["W104"]);
    for glued in ["apple ~5", "apple~ 5", "apple~", "\"apple juice\"~", "apple~5t", "(a AND b) ~5", "a ~ b"] {
        let parsed = parsed(glued);
        assert!(codes(&parsed).contains(&"E103") && parsed.query.is_none(), "{glued}: {:?}", parsed.problems);
    }
    says("((a OR b) AND c)~5", &[]);
    says("(a b)~5", &["W102"]);
    says("((a AND b) AND c)~5", &["E212"]);
    says("((a OR (b OR c)) AND d)~5", &["E212"]);
    says("(a AND site:x.com)~5", &["E212"]);
    says("(a NEAR/3 b)~5", &["E212"]);
    says("(a AND b NOT c)~5", &["E212"]);
    says("\"a b\"~1001", &["E213"]);
    says("\"coca cola - zero\"~3", &[]);
    says("\"cola -\"~3", &["W104"]);
    says("\"- ...\"~3", &["E104"]);
    check("\"coca cola - zero\"~0", "zero coca cola", true);
    check("\"apple juice\"~0", "juice apple", true);
    check("\"a b c\"~1", "c x a b", true);
    check("\"a b c\"~1", "c x a y b", false);
    check("\"a a\"~3", "a", false);
    check("\"a a\"~3", "a x a", true);
    check("(\"a b\" AND c)~1", "c x a b", true);
    check("((a OR \"b c\") AND d)~0", "d b c", true);
    check("\"微软 裁员\"~2", "裁员的是微软", true);
    check("\"coca-cola zero\"~1", "zero sugar coca cola", true);
}

#[test]
fn wildcards() {
    says("\"how are you?\"", &["W110"]);
    says("\"how are you\\?\" OR \"wom?n first\" OR customi?e OR what?", &[]);
    for ok in ["ab*", "t*est", "24*", "微*", "微?", "a?b", "t?s*", "\"blast* doors\"", "#ab*", "o3*"] {
        says(ok, &[]);
    }
    for start in ["*ab", "?ab", "\"*ab c\"", "\"c *ab\"", "*"] {
        says(start, &["E110"]);
    }
    for short in ["a*", "#a*", "a?", "_*a"] {
        says(short, &["E111"]);
    }
    says("{a*b}", &["E112"]);
    says("{a\\*b}", &[]);
    says("#*apple", &["W105"]);
    says("@?pple", &["W105"]);
    for field in ["author:ab*", "site:ab*.com", "url:\"ab.c/*d\"", "links:ab*", "tags:ab*"] {
        says(field, &[]);
    }
    says("subreddit:ab*", &["E304"]);
    says("channelId:ab*", &["E304"]);
    says("country:us*", &["E304"]);
    says("language:e?", &["E304"]);
    check("ab*", "ab", true);
    check("ab*cd", "ab cd", false);
    check("t?st*", "#Testing", true);
    check("caf*", "café", true);
    check("caf?", "café", true);
    check("cafés*", "cafe", false);
}

/// A run may be empty, also where it follows on a sign.
#[test]
fn wildcards_beside_signs() {
    for (query, yes) in [
        ("50%*", "50% off"),
        ("Disney+*", "on Disney+ now"),
        ("Disney+*", "on Disney+Hotstar"),
        ("yahoo!*", "go yahoo!"),
        ("AT&*", "AT& t"),
        ("\"50%* off\"", "50% off"),
        ("coca-*", "a coca"),
        ("coca-*", "coca-cola"),
        ("$TS*", "$TSLA up"),
        ("$TSL?", "buy $tsla"),
        ("$T*LA", "$TSLA"),
        ("\"$TS* up\"", "$TSLA up"),
        ("$TS* NEAR/2 up", "$TSLA is up"),
        ("$10*", "$100"),
    ] {
        check(query, yes, true);
    }
    for (query, no) in [
        ("50%*", "50 off"),
        ("Disney+*", "Disney"),
        ("$TS*", "TSLA up"),
        ("$TS*", "#TSLA"),
        ("$TSL?", "$TSLAX"),
        ("$10*", "100"),
    ] {
        check(query, no, false);
    }
    says("$*SLA", &["W105"]);
    check("$*SLA", "$TSLA", true);
}

/// A longer run is found by two of its words, and what stands beside these may be read in several ways.
#[test]
fn what_stands_beside_two_words() {
    check("\"buy cheap tesla\"", "buy cheap Tesla's", true);
    check("\"buy cheap tesla\"", "buy cheap Teslas", false);
    check("\"tesla stock falls\"", "Tesla's stock falls", true);
    check("\"ann bob kim\"", "@ann@example.org bob kim", true);
    check("\"ann bob kim\"", "ann bob @kim@example.org", true);
    check("我买微", "我买#微软手机#", true);
    check("机我买", "#微软手机#我买", true);
    check("我买微", "我买#软件#", false);
    check("我买微", "我买", false);
    check("机我买", "我买", false);
}

#[test]
fn case_and_raw() {
    check("{Brand Watch}", "Brand, Watch", true);
    check("{É}", "E\u{301}", true);
    check("{E}", "É", false);
    check("{Tesla}", "Tesla's", true);
    check("{微軟}", "微软", false);
    check("raw:\"7-Eleven!\"", "7-Eleven!x", false);
    check("raw:e", "e\u{301}", false);
    check("raw:(Google+ OR \"C #\")", "C # it", true);
    check("raw:Google", "Google's", true);
    check("raw:a*b", "a*b", true);
    check("raw:a*b", "axb", false);
    says("raw:\"\"", &["E304"]);
    assert_eq!(places("raw:C++ AND c", "C++ c"), ["C++", "c"]);
}

#[test]
fn accents_by_script() {
    check("resume", "résumé", true);
    check("résumé", "resume", false);
    check("résumé", "RÉSUMÉ", true);
    check("елка", "ёлка", true);
    check("ёлка", "елка", false);
    check("и", "й", false);
    check("か", "が", false);
    check("कि", "क", false);
    check("strasse", "Straße", true);
    check("straße", "strasse", false);
    check("lodz", "Łódź", true);
    check("αθηνα", "Αθήνα", true);
    check("\"nino feliz\"", "niño feliz", true);
    check("nino NOT niño", "nino y niño", false);
}

#[test]
fn signs_have_to_be_in_place() {
    check("AT&T", "AT & T", false);
    check("H&M", "h&m", true);
    check("50%", "50 %", false);
    check("100€", "100€", true);
    check("100€", "€100", false);
    check("C#", "c# 7", true);
    check("C#", "c #7", false);
    check("\"10:30\"", "at 10:30", true);
    check("\"10:30\"", "at 10.30", false);
    check("a\\:b", "a:b", true);
    check("yahoo!", "Yahoo! is", true);
    check("yahoo!", "yahoo is", false);
    check("what\\?", "What?!", true);
    check("\"really\\? yes\"", "really? Yes", true);
    check("\"really\\? yes\"", "really yes", false);
    check("$100", "US$100", true);
    check("a/b", "a/b", true);
    check("a/b", "a b", false);
    check("coca-cola", "coca.cola", true);
    check("\"A.I.\"", "A.I. and", true);
    check("\"A.I.\"", "a-i", true);
    check("o'reilly", "O’Reilly", true);
    check("google", "Google+", true);
}

#[test]
fn tags_names_emoji_addresses() {
    check("#apple", "＃Apple", true);
    check("apple", "#apple", true);
    check("apple", "@apple", true);
    check("apple", "$APPLE", true);
    check("@apple", "#apple", false);
    check("$AAPL", "$aapl", true);
    check("$AAPL", "aapl", false);
    check("#话题", "#话题# 今天", true);
    check("👍", "👍🏽", true);
    check("👍🏽", "👍", false);
    check("🇨🇳", "🇨🇳🇯🇵", true);
    check("🇨", "🇨🇳", false);
    check("👩", "👩‍💻", false);
    check("👩‍💻", "👩🏽‍💻", true);
    check("❤️", "❤", true);
    check("😀 NEAR/0 a", "a 😀", true);
    check("marriott", "www.marriott.com/marriott", false);
    check("ap\u{AD}ple", "apple", true);
    check("apple", "ap\u{200D}ple", true);
}

#[test]
fn zones_are_apart() {
    let mut post = text_post("body words");
    post.title = Some(Cow::Borrowed("title words"));
    post.warning = Some(Cow::Borrowed("spoiler ahead"));
    for (query, expected) in [
        ("spoiler AND title AND body", true),
        ("title NEAR/9 body", false),
        ("\"words body\"", false),
        ("\"title body\"~9", false),
        ("title:(words OR x) AND text:body", true),
        ("text:spoiler", false),
        ("title:body", false),
        ("title:{Title}", false),
        ("title:ti*le", true),
        ("raw:ahead", true),
    ] {
        assert_eq!(find(query, &post).is_some(), expected, "{query}");
    }
}

#[test]
fn only_positive_leaves_that_took_part_are_shown() {
    assert_eq!(places("a OR (b AND c)", "a b"), ["a"]);
    assert_eq!(places("a AND (b OR c) NOT (d AND e)", "c a d"), ["c", "a"]);
    assert_eq!(places("a OR (b NOT c)", "a b c"), ["a"]);
    assert_eq!(places("a NOT (b NOT a)", "a b"), ["a"]);
    assert_eq!(places("#a OR a", "#a a"), ["#a", "a"]);
}
