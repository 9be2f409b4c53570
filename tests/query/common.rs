//! Short ways to say "this query on this post".

use std::borrow::Cow;

use earful::analysis::query::{MatchScratch, ParseOptions, Parsed, QuerySet, Severity, parse};
use earful::analysis::text::{TextOptions, Tokenizer, Tokens};
use earful::model::{BrandId, Network, Post, Span, Timestamp, Zone};

pub(crate) fn parsed(query: &str) -> Parsed {
    parse(query, &ParseOptions::default())
}

pub(crate) fn codes(parsed: &Parsed) -> Vec<&'static str> {
    parsed.problems.iter().map(|p| p.code).collect()
}

pub(crate) fn errors(parsed: &Parsed) -> Vec<&'static str> {
    parsed.problems.iter().filter(|p| p.severity == Severity::Error).map(|p| p.code).collect()
}

pub(crate) fn text_post(body: &str) -> Post<'_> {
    Post::new(Network::Other, Cow::Borrowed("1"), Cow::Borrowed(body), Timestamp::from_millis(0))
}

pub(crate) fn tokens_of(post: &Post<'_>, options: TextOptions) -> Tokens {
    let tokenizer = Tokenizer::new(options);
    let mut tokens = Tokens::new();
    let zones = [
        (Zone::Title, post.title.as_deref()),
        (Zone::Body, Some(post.body.as_ref())),
        (Zone::Warning, post.warning.as_deref()),
    ];
    for (zone, text) in zones {
        if let Some(text) = text {
            tokenizer.tokenize(zone, text, &mut tokens);
        }
    }
    tokens
}

/// The spans if the query matches.
pub(crate) fn find(query: &str, post: &Post<'_>) -> Option<Vec<Span>> {
    find_with(query, post, TextOptions::default())
}

pub(crate) fn find_with(query: &str, post: &Post<'_>, options: TextOptions) -> Option<Vec<Span>> {
    let parsed = parsed(query);
    let query = parsed.query.unwrap_or_else(|| panic!("{query}: {:?}", parsed.problems));
    let set = QuerySet::compile(vec![(BrandId(7), query)], options);
    let mut scratch = MatchScratch::new();
    let tokens = tokens_of(post, options);
    let found = set.find(post, &tokens, &mut scratch);
    let mut all = found.iter();
    let first = all.next().map(|(brand, spans)| {
        assert_eq!(brand, BrandId(7));
        spans.to_vec()
    });
    assert!(all.next().is_none());
    first
}
