//! Matching allocates nothing once its buffers have grown. Alone in its file: the allocator that counts serves the
//! whole program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::borrow::Cow;

use allocation_counter::measure;
use earful::analysis::query::{MatchScratch, ParseOptions, QuerySet, parse};
use earful::analysis::text::{TextOptions, Tokenizer, Tokens};
use earful::model::{BrandId, Network, Post, Timestamp, Zone};

const POSTS: &str = include_str!("../benches/data/posts.txt");

/// Every operator, with words that stand in the posts.
const QUERIES: &[&str] = &[
    "the OR you OR 我",
    "(love OR good OR great) AND (you OR my) NOT (hate OR bad*)",
    "th* OR wh?t OR g*d",
    "(i OR you) NEAR/5 (love OR like OR hate)",
    "((i NEAR/9 you) NEAR/9f the)",
    "\"i you\"~9 OR ((i OR my) AND (is OR are))~9",
    "\"of the\" OR \"in the\" OR {I} OR {The}",
    "什么 OR 自己 OR \"我们的\" OR 我?",
    "raw:\"!\" OR raw:...",
    "network:x AND author:(one OR two.three) AND the",
    "site:x.com AND NOT language:zh AND authorFollowers:[1 TO *]",
    "title:the OR text:the OR hashtags:love OR links:example.org",
    "C++ OR AT&T OR \"7-eleven\" OR 50% OR I'm",
];

fn posts() -> Vec<(Post<'static>, Tokens)> {
    let tokenizer = Tokenizer::new(TextOptions::default());
    let post = |line: &'static str| {
        let mut tokens = Tokens::new();
        tokenizer.tokenize(Zone::Body, line, &mut tokens);
        let mut post =
            Post::new(Network::X, Cow::Borrowed("1"), Cow::Borrowed(line), Timestamp::from_millis(0));
        post.author.handle = Some(Cow::Borrowed("Two.Three"));
        post.author.followers = Some(7);
        (post, tokens)
    };
    POSTS.lines().map(post).collect()
}

#[test]
fn a_second_look_at_the_same_posts_allocates_nothing() {
    let posts = posts();
    let read = |(number, text): (usize, &&str)| {
        let parsed = parse(text, &ParseOptions::default());
        let query = parsed.query.unwrap_or_else(|| panic!("{text}: {:?}", parsed.problems));
        (BrandId(number as u32), query)
    };
    let set = QuerySet::compile(QUERIES.iter().enumerate().map(read).collect(), TextOptions::default());
    let mut scratch = MatchScratch::new();
    let mut found = vec![0_u32; QUERIES.len()];
    let mut look = |found: &mut [u32]| {
        for (post, tokens) in &posts {
            for (brand, _) in set.find(post, tokens, &mut scratch).iter() {
                found[brand.0 as usize] += 1;
            }
        }
    };
    let first = measure(|| look(&mut found));
    assert!(first.count_total > 0, "the allocator counts");
    let silent: Vec<&str> =
        QUERIES.iter().zip(&found).filter(|(_, found)| **found == 0).map(|(text, _)| *text).collect();
    assert!(silent.is_empty(), "each query matches somewhere: {silent:?}");
    let second = measure(|| look(&mut found));
    assert_eq!(second.count_total, 0, "{second:?}");
}

#[test]
fn a_query_that_names_the_same_words_often_takes_no_more_memory_than_they_do() {
    let text = "a1 b1 ".repeat(1_000);
    let post = Post::new(Network::X, Cow::Borrowed("1"), Cow::Borrowed(&text), Timestamp::from_millis(0));
    let mut tokens = Tokens::new();
    Tokenizer::new(TextOptions::default()).tokenize(Zone::Body, &text, &mut tokens);
    let often = |part: &str, operator: &str| vec![part; 1_000].join(operator);
    let check = |query: String| {
        let query = parse(&query, &ParseOptions::default()).query.unwrap();
        let set = QuerySet::compile(vec![(BrandId(0), query)], TextOptions::default());
        let mut spans = 0;
        let used = measure(|| {
            let mut scratch = MatchScratch::new();
            spans = set.find(&post, &tokens, &mut scratch).iter().map(|(_, spans)| spans.len()).sum();
        });
        assert_eq!(spans, 2_000, "the words");
        assert!(used.bytes_max < 4 << 20, "{used:?}");
    };
    check(format!("b1 OR {}", often("a1", " OR ")));
    check(often("(a1 AND b1)", " OR "));
    check(often("(a1 NEAR/3 b1)", " OR "));
    check(format!("({}) NEAR/3 b1", often("a1", " OR ")));
    check(format!("(({}) AND b1)~3", often("a1", " OR ")));
}

#[test]
fn many_wildcards_with_the_same_first_letters_wait_for_each_word_in_little_memory() {
    let text: String = (0..1_500).map(|n| format!("ab{n}x #cd{n} ")).collect();
    let post = Post::new(Network::X, Cow::Borrowed("1"), Cow::Borrowed(&text), Timestamp::from_millis(0));
    let mut tokens = Tokens::new();
    Tokenizer::new(TextOptions::default()).tokenize(Zone::Body, &text, &mut tokens);
    let check = |wildcard: fn(u32) -> String| {
        let query = (0..300).map(wildcard).collect::<Vec<_>>().join(" OR ");
        let query = parse(&query, &ParseOptions::default()).query.unwrap();
        let set = QuerySet::compile(vec![(BrandId(0), query)], TextOptions::default());
        let used = measure(|| {
            let mut scratch = MatchScratch::new();
            assert_eq!(set.find(&post, &tokens, &mut scratch).len(), 1);
        });
        assert!(used.bytes_max < 4 << 20, "{used:?}");
    };
    check(|n| format!("ab*{n}x"));
    check(|n| format!("#*d{n}"));
}
