//! The worked examples of the language, one table a theme.

use std::borrow::Cow;

use earful::analysis::text::TextOptions;
use earful::model::{Geo, Kind, Network, Post, Span, Zone};

use crate::common::{find, find_with, text_post};

fn check(query: &str, text: &str, expected: bool) {
    assert_eq!(find(query, &text_post(text)).is_some(), expected, "{query} on {text}");
}

#[test]
fn words_and_levels() {
    check("apple AND juice", "Juice made of apple", true);
    check("apple and juice", "apple juice", false);
    check("NOT bitter AND apple", "apple", true);
    check("\"apple juice\"~5", "fresh apple, orange and pear juice", true);
    check("logitech NEAR/2f keyboard", "a keyboard by Logitech", false);
    check("(a1 NEAR/3 b1) NEAR/1 c1", "a1 x b1 y c1", true);
    check("customi?e", "customize", true);
    check("{BT}", "#BT", true);
    check("{AC/DC}", "I love AC/DC", true);
    check("{AC/DC}", "I love ac/dc", false);
    check("niño", "niño", true);
    check("Google+", "Google", false);
    check("AT&T", "at&t outage", true);
    check("AT&T", "at t", false);
    check("coca-cola", "Coca Cola", true);
    check("tesla", "Tesla's stock", true);
    check("\"周受资\"", "TikTok的周受资说", true);
    check("👍", "👍🏽", true);
    check("微软", "#微软裁员# 今天", true);
    check("#微软", "#微软裁员# 今天", false);
    check("\"裁员 今天\"", "#微软裁员# 今天", true);
    check("微?", "微博", true);
    check("\"iph* sucks\"", "my iPhone sucks", true);
    check("(apple OR orange) AND juice", "orange juice", true);
    check("A AND (NOT B)", "A C", true);
    check("A AND (NOT B)", "A B", false);
    check("apple AND <<<all>>> (juice OR \"pie crust\")", "Apple pie crust", true);
    check("raw:\"7-Eleven!\"", "at 7-Eleven! now", true);
    check("raw:\"7-Eleven!\"", "at 7-eleven! now", false);
}

#[test]
fn a_literal_is_as_wide_as_it_is_written() {
    check("raw:\"？\"", "好？", true);
    check("raw:\"？\"", "好?", false);
    check("raw:\"?\"", "好？", false);
    check("raw:？", "好？", true);
    check("raw:(\"＊\" OR \"！\")", "a ＊ b", true);
    check("raw:(\"＊\" OR \"！\")", "a * b", false);
    check("raw:\"a\" OR \"wh？t\"", "what", true);
    check("raw:(\"a\" OR \"b\") OR wh？t", "what", true);
    check("⼿*", "手机", true);
    check("*️⃣", "press *️⃣ now", true);
    check("*️⃣", "press * now", false);
}

/// Those of the page's table that stand nowhere else.
#[test]
fn worked_examples() {
    for (query, yes, no) in [
        ("apple AND juice", "Juice made of apple", "apple"),
        ("\"apple juice\"", "Apple, juice!", "apple and juice"),
        ("\"apple juice\"~5", "fresh apple, orange and pear juice", "apple a b c d e f juice"),
        ("\"apple juice\"~2", "apple, orange and juice", "fresh apple, orange and pear juice"),
        ("logitech NEAR/2f keyboard", "Logitech Bluetooth Keyboard", "a keyboard by Logitech"),
        ("logitech NEAR/2 keyboard", "a keyboard by Logitech", "keyboard a b c logitech"),
        ("crowd NEAR/0f strike*", "crowd strikes again", "crowdstrike"),
        ("(apple OR orange) NEAR/5 (phone OR smartphone)", "my orange smartphone", "my orange"),
        ("apple NEAR/5 apple", "apple apple", "one apple"),
        ("A OR B NOT C", "b", "A C"),
        ("complain*", "complaints", "complai"),
        ("customi?e", "customise", "customie"),
        ("{BT}", "BT down again", "bt down"),
        ("{BT}", "#BT", "#bt"),
        ("{AC/DC}", "I love AC/DC", "ac/dc"),
        ("niño", "niño", "nino"),
        ("か", "か", "が"),
        ("Google+", "google+", "Google"),
        ("C++", "I write C++.", "C"),
        ("AT&T", "at&t outage", "at t"),
        ("wendy's", "wendy’s", "wendy"),
        ("#apple", "#Apple", "apple"),
        ("@brandwatch", "thanks @Brandwatch", "brandwatch"),
        ("社会化", "社會化客戶關係", "社会"),
        ("iphone AND 手机", "新iPhone手机", "iphone"),
        ("微软 NEAR/2 裁员", "微软宣布裁员", "微软今天宣布裁员"),
        ("❤", "I ❤️ it", "I 💔 it"),
        ("👍", "👍🏽", "👎🏽"),
        ("acme <<<brand>>> AND (bad OR <<<x>>> awful)", "acme is awful", "acme is brand"),
        ("NOT country:usa AND acme", "acme", "country usa"),
        ("tesla", "Tesla's stock", "teslas stock"),
        ("google", "Google+", "googles"),
        ("coca-cola", "Coca Cola", "cocacola"),
    ] {
        check(query, yes, true);
        check(query, no, false);
    }
}

#[test]
fn one_of_many_words_is_enough_beside_a_rare_one() {
    // Few, as many as a gate holds, and more.
    for count in [1, 2, 19, 20, 21, 60] {
        let word = |number: usize| match number % 4 {
            0 => format!("word{number}"),
            1 => format!("\"two words{number}\""),
            2 => format!("wild{number}x*"),
            _ => format!("{{Cased{number}}}"),
        };
        let text = |number: usize| word(number).replace(['"', '{', '}'], "").replace('*', "card");
        let words: Vec<String> = (0..count).map(word).collect();
        let any = words.join(" OR ");
        for query in [
            format!("rarity AND ({any})"),
            format!("({any}) NEAR/3 rarity"),
            format!("rarity AND (({any}) OR (plain NEAR/2 {}))", words[0]),
        ] {
            (0..count).for_each(|number| check(&query, &format!("rarity {}", text(number)), true));
            check(&query, "rarity and wild1 words cased3 word", false);
        }
        let without = format!("rarity NOT ({any})");
        (0..count).for_each(|number| check(&without, &format!("rarity {}", text(number)), false));
        check(&without, "rarity and wild1 words cased3 word", true);
    }
}

#[test]
fn a_long_real_shape() {
    let query = "Marriott OR \"Residence inn\" OR links:marriott.com OR author:(MarriottIntl OR Marriott) \
                 OR @MarriottIntl OR #LetYourMindTravel NOT (\"Willard Marriott\" OR \"Bill Marriott\")";
    check(query, "Bill Marriott was my uncle", false);
    check(query, "Stayed at a Residence Inn", true);
    check(query, "#letyourmindtravel", true);
}

#[test]
fn options_of_the_text_model() {
    let han = TextOptions { fold_han: false, ..TextOptions::default() };
    assert!(find_with("社会化", &text_post("社會化"), han).is_none());
    let handles = TextOptions { match_handles: false, ..TextOptions::default() };
    assert!(find("united", &text_post("hey @united")).is_some());
    assert!(find_with("united", &text_post("hey @united"), handles).is_none());
    assert!(find_with("@united", &text_post("hey @united"), handles).is_some());
}

fn spans(query: &str, text: &str) -> Vec<String> {
    let found = find(query, &text_post(text)).unwrap_or_default();
    found.iter().map(|span| text[span.start as usize..span.end as usize].to_owned()).collect()
}

#[test]
fn spans_of_what_took_part() {
    assert_eq!(
        spans("juice OR \"apple juice\" OR pear", "Apple, juice and juice"),
        ["Apple, juice", "juice"]
    );
    assert_eq!(spans("apple NEAR/1 pie", "apple pie, and much later one apple"), ["apple", "pie"]);
    assert_eq!(spans("\"apple pie\"~1", "pie x apple y y y apple"), ["pie", "apple"]);
    assert_eq!(spans("微软 NOT 苹果", "在微软工作"), ["微软"]);
    assert_eq!(spans("raw:C++ OR you", "C++ for you"), ["C++", "you"]);
    // Spans that touch stay apart; one common byte joins them.
    assert_eq!(spans("微软 OR 苹果", "微软苹果"), ["微软", "苹果"]);
    assert_eq!(spans("\"a b\" OR \"b c\"", "a b c"), ["a b c"]);
    let mut post = text_post("b");
    post.title = Some(Cow::Borrowed("a b"));
    let span = |zone, start, end| Span { zone, start, end };
    assert_eq!(find("title:b", &post).unwrap(), [span(Zone::Title, 2, 3)]);
    assert_eq!(find("b", &post).unwrap(), [span(Zone::Title, 2, 3), span(Zone::Body, 0, 1)]);
    assert!(find("\"b b\"", &post).is_none() && find("text:a", &post).is_none());
}

fn check_post(query: &str, expected: bool, change: impl Fn(&mut Post<'static>)) {
    let mut post = text_post("acme");
    change(&mut post);
    assert_eq!(find(query, &post).is_some(), expected, "{query}");
}

#[test]
fn fields_of_the_post() {
    let url = |url: &'static str| move |post: &mut Post<'static>| post.url = Some(Cow::Borrowed(url));
    check_post("site:bbc.com", true, url("https://www.news.bbc.com/x"));
    check_post("site:bbc.com", false, url("https://notbbc.com/x"));
    check_post("site:b?c.com", true, url("https://www.news.bbc.com/x"));
    check_post("topLevelDomain:.com", true, url("https://bbc.com/x"));
    check_post("site:twitter.com", true, |post| post.network = Network::X);
    check_post("author:philrudd", false, |post| post.author.handle = Some(Cow::Borrowed("philrudd54")));
    check_post("author:philrudd*", true, |post| post.author.handle = Some(Cow::Borrowed("philrudd54")));
    check_post("author:ann", true, |post| post.author.handle = Some(Cow::Borrowed("Ann@example.social")));
    check_post("author:\"ann b\"", true, |post| post.author.name = Some(Cow::Borrowed("Ann.B")));
    check_post("authorFollowers:[500 TO *]", true, |post| post.author.followers = Some(501));
    check_post("authorVerified:true", true, |post| post.author.verified = Some(true));
    check_post("language:en", true, |post| post.declared_language = Some(Cow::Borrowed("en-US")));
    check_post("language:zh", true, |post| post.declared_language = Some(Cow::Borrowed("zh-Hant")));
    check_post("engagementType:REPLY", true, |post| post.kind = Kind::Reply);
    check_post("engagementType:ORIGINAL", true, |_| {});
    check_post("network:reddit", false, |_| {});
    check_post("minuteOfDay:[1320 TO 60]", true, |_| {});
    check_post("hashtags:sale", true, |post| post.hashtags = vec![Cow::Borrowed("Sale")]);
    check_post("hashtags:sale", true, |post| post.body = Cow::Borrowed("#SALE"));
    let geo = |country: &'static str| {
        move |post: &mut Post<'static>| {
            post.geo = Some(Geo { country: Some(Cow::Borrowed(country)), ..Geo::default() });
        }
    };
    check_post("country:gbr", true, geo("GB"));
    check_post("acme NOT country:usa", false, geo("us"));
    check_post("acme NOT country:usa", true, |_| {});
}
