//! What a feed states beside the text is compared as the text is: tags, names, and hosts of addresses.

use std::borrow::Cow;

use earful::analysis::query::{MatchScratch, QuerySet};
use earful::analysis::text::TextOptions;
use earful::model::{BrandId, Link, Post};

use crate::common::{find, find_with, parsed, text_post, tokens_of};

/// Alone, and among others by which it is triggered.
fn holds(query: &str, post: &Post<'_>) -> bool {
    let queries = [query, "zzz", query].into_iter().zip([1, 2, 3]);
    let queries = queries.map(|(text, brand)| (BrandId(brand), parsed(text).query.unwrap())).collect();
    let options = TextOptions::default();
    let set = QuerySet::compile(queries, options);
    let found = !set.find(post, &tokens_of(post, options), &mut MatchScratch::new()).is_empty();
    assert_eq!(find(query, post).is_some(), found, "{query}");
    found
}

fn check_tag(query: &str, tag: &'static str, expected: bool) {
    let mut post = text_post("acme");
    post.hashtags = vec![Cow::Borrowed(tag)];
    assert_eq!(holds(query, &post), expected, "{query} and the tag {tag}");
}

#[test]
fn tags_fold_as_in_the_text() {
    check_tag("tags:jose", "José", true);
    check_tag("tags:josé", "JOSÉ", true);
    check_tag("tags:josé", "Jose", false);
    check_tag("tags:社會", "社会", true);
    check_tag("tags:社会", "社會", true);
    check_tag("hashtags:strasse", "Straße", true);
    check_tag("tags:straße", "STRASSE", false);
    check_tag("tags:foo", "ＦＯＯ", true);
    check_tag("tags:ｆｏｏ", "foo", true);
    check_tag("tags:＃foo", "foo", true);
    check_tag("tags:#话题#", "话题", true);
    check_tag("tags:foo", "#Foo", true);
    check_tag("tags:\"new york\"", "New York", true);
    check_tag("tags:\"jose luis\"", "José Luis", true);
    check_tag("tags:jos*", "José", true);
    check_tag("tags:jo?é", "José", true);
    check_tag("tags:jo?é", "Jose", false);
    check_tag("tags:fo", "foo", false);
}

#[test]
fn a_tag_alone_is_also_one_that_the_feed_states() {
    check_tag("#foo", "Foo", true);
    check_tag("\"#foo\"", "Foo", true);
    check_tag("#jose", "José", true);
    check_tag("#josé", "Jose", false);
    check_tag("#社會", "社会", true);
    check_tag("#fo*", "foo", true);
    check_tag("bar OR #foo OR baz", "foo", true);
    check_tag("acme AND (bar OR #foo)", "foo", true);
    check_tag("acme NOT #foo", "foo", false);
    check_tag("acme NOT (bar OR #foo)", "foo", false);
    // It has no place, and nobody has written it.
    check_tag("foo", "foo", false);
    check_tag("acme NEAR/5 #foo", "foo", false);
    check_tag("(acme AND #foo)~5", "foo", false);
    check_tag("title:#foo", "foo", false);
    check_tag("{#Foo}", "Foo", false);
    check_tag("\"#foo!\"", "foo", false);
    check_tag("@foo", "foo", false);
    check_tag("$foo", "foo", false);
}

#[test]
fn names_that_the_feed_states() {
    let check = |query: &str, name: &'static str, expected: bool| {
        let mut post = text_post("acme");
        post.mentions = vec![Cow::Borrowed(name)];
        assert_eq!(holds(query, &post), expected, "{query} and the name {name}");
    };
    check("at_mentions:ann", "Ann", true);
    check("@ann", "Ann", true);
    check("@ann OR zzz", "@Ann", true);
    check("@社會", "社会", true);
    check("at_mentions:ann", "ann@host.org", true);
    check("@ann@host.org", "ann@host.org", true);
    check("at_mentions:ann@host.org", "ann@other.org", false);
    check("at_mentions:ann", "ann.bsky.social", true);
    check("at_mentions:ann", "annie", false);
    check("#ann", "ann", false);
}

#[test]
fn traditional_tags_are_others_where_they_are_not_folded() {
    let mut post = text_post("acme");
    post.hashtags = vec![Cow::Borrowed("社會")];
    let options = TextOptions { fold_han: false, ..TextOptions::default() };
    assert!(find_with("tags:社会", &post, options).is_none());
    assert!(find_with("#社会", &post, options).is_none());
    assert!(find_with("#社會 AND tags:社會", &post, options).is_some());
}

#[test]
fn hosts_in_other_letters_have_two_forms() {
    let check = |query: &str, url: &'static str, expected: bool| {
        let mut post = text_post("acme");
        post.url = Some(Cow::Borrowed(url));
        post.links = vec![Link { url: Cow::Borrowed(url), expanded: None }];
        assert_eq!(holds(query, &post), expected, "{query} at {url}");
    };
    for (query, url) in [
        ("münchen.de", "https://xn--mnchen-3ya.de/weg"),
        ("MÜNCHEN.de", "https://www.münchen.de/"),
        ("xn--mnchen-3ya.de", "https://MÜNCHEN.DE"),
        ("XN--MNCHEN-3YA.DE", "https://shop.xn--mnchen-3ya.de"),
        ("пример.рф", "http://xn--e1afmkfd.xn--p1ai/"),
        ("例子.中国", "https://xn--fsqu00a.xn--fiqs8s"),
        ("münchen.de/Straße", "https://xn--mnchen-3ya.de/straße/1"),
        ("bbc.com/É", "https://bbc.com/é"),
        ("mün*.de", "https://xn--mnchen-3ya.de"),
    ] {
        check(&format!("site:{query}"), url, true);
        check(&format!("links:{query}"), url, true);
    }
    check("url:\"münchen.de/weg\"", "https://xn--mnchen-3ya.de/Weg/1", true);
    check("topLevelDomain:рф", "http://xn--e1afmkfd.xn--p1ai/", true);
    check("site:munchen.de", "https://xn--mnchen-3ya.de", false);
    check("site:münchen.de", "https://munchen.de", false);
    check("site:bbc.com", "https://bbc.com／x.evil.org", false);
    check("site:bbc.com", "https://xn--bbc-k83d.com", false);
    check("site:bbc.com", "https://BBC.com/É", true);
}
