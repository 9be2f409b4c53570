//! What must hold for any text as a query and any text as a post. Shared with the fuzz targets.

use std::borrow::Cow;

use earful::analysis::query::dialect::{self, Dialect, translate};
use earful::analysis::query::explain::explain;
use earful::analysis::query::format::{format, one_line};
use earful::analysis::query::{
    CODES, MatchScratch, ParseOptions, Parsed, Problem, Purpose, Query, QuerySet, Severity, parse,
};
use earful::analysis::text::{TextOptions, Tokenizer, Tokens};
use earful::model::{BrandId, Network, Post, Span, Timestamp, Zone};

/// Reads a query in every way; all that is reported has to be well formed.
pub(crate) fn check_parse(text: &str) -> Option<Query> {
    for (strict, purpose) in [(true, Purpose::Collection), (false, Purpose::Rule)] {
        check_problems(text, &parse(text, &ParseOptions { strict, purpose }));
    }
    let parsed = parse(text, &ParseOptions::default());
    check_problems(text, &parsed);
    parsed.query
}

fn check_problems(text: &str, parsed: &Parsed) {
    check_places(text, &parsed.problems, CODES);
    let refused = parsed.problems.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(parsed.query.is_none(), refused);
}

fn check_places(text: &str, problems: &[Problem], codes: &[(&str, &str)]) {
    let mut before = 0;
    for problem in problems {
        assert!(text.get(problem.start..problem.end).is_some(), "{problem:?}");
        assert!(problem.start >= before && problem.line > 0 && problem.column > 0, "{problem:?}");
        assert!(!problem.message.is_empty() && !problem.hint.is_empty(), "{problem:?}");
        assert!(codes.iter().any(|(code, _)| *code == problem.code), "{problem:?}");
        before = problem.start;
    }
}

/// What is said about a query, its layout, and its translations: a layout keeps the meaning and every comment, and laying
/// out again changes nothing; what comes out of a translation can be used.
pub(crate) fn check_tools(text: &str) {
    if let Some(query) = parse(text, &ParseOptions::default()).query {
        let _ = explain(&query, Purpose::Collection);
        check_layout(text, &query);
    }
    for (product, _) in Dialect::ALL {
        let done = translate(text, *product);
        check_places(text, &done.problems, &[dialect::CODES, CODES].concat());
        let read = done.query.as_ref().map(|query| parse(query, &ParseOptions::default()));
        assert!(read.is_none_or(|read| read.query.is_some()), "{product:?}: {text}");
    }
}

fn check_layout(text: &str, query: &Query) {
    let read = |text: &str| parse(text, &ParseOptions::default()).query;
    let same = |other: Option<Query>| other.is_some_and(|other| query.root.says_the_same_as(&other.root));
    assert!(same(read(&one_line(&query.root))), "{text}\nin a line {}", one_line(&query.root));
    let Ok(once) = format(text, &ParseOptions::default()) else { return };
    assert!(same(read(&once)), "{text}\nbecame\n{once}");
    assert_eq!(format(&once, &ParseOptions::default()).as_ref(), Ok(&once), "again, from {text}");
    let comments = |text: &str| text.matches("<<<").count();
    // In quotes and behind a backslash the same signs are no comment.
    assert!(
        text.contains(['"', '“', '{', '\\']) || comments(text) == comments(&once),
        "{text}\nbecame\n{once}"
    );
}

/// Matches a query against a post, alone and as a part of one that every post is compared with, so that
/// no trigger can hide it.
pub(crate) fn check_pair(text: &str, title: &str, body: &str) {
    let Some(query) = check_parse(text) else { return };
    let mut post = Post::new(Network::X, Cow::Borrowed("1"), Cow::Borrowed(body), Timestamp::from_millis(0));
    post.title = (!title.is_empty()).then_some(Cow::Borrowed(title));
    let triggered = find(query, &post);
    for span in triggered.iter().flatten() {
        let zone = if span.zone == Zone::Title { title } else { body };
        assert!(zone.get(span.start as usize..span.end as usize).is_some_and(|text| !text.is_empty()));
    }
    for pair in triggered.iter().flat_map(|spans| spans.windows(2)) {
        assert!(pair[0].zone < pair[1].zone || pair[0].end <= pair[1].start, "{pair:?}");
    }
    let scanned = format!("({text}\n) OR raw:\"\u{1}\"");
    if let Some(query) = parse(&scanned, &ParseOptions::default()).query
        && !body.contains('\u{1}')
        && !title.contains('\u{1}')
    {
        assert_eq!(find(query, &post), triggered, "{text}\non {title:?} {body:?}");
    }
}

fn find(query: Query, post: &Post<'_>) -> Option<Vec<Span>> {
    let options = TextOptions::default();
    let set = QuerySet::compile(vec![(BrandId(0), query)], options);
    let (tokenizer, mut tokens) = (Tokenizer::new(options), Tokens::new());
    tokenizer.tokenize(Zone::Title, post.zone(Zone::Title), &mut tokens);
    tokenizer.tokenize(Zone::Body, &post.body, &mut tokens);
    let mut scratch = MatchScratch::new();
    let found = set.find(post, &tokens, &mut scratch);
    found.iter().next().map(|(_, spans)| spans.to_vec())
}
