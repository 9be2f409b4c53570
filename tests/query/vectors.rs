//! Every line of the case file: a query with a post and its outcome, or with its error.

use std::borrow::Cow;

use earful::analysis::query::Severity;
use earful::model::{Author, Kind, Link, Post, Review};
use serde_json::Value;

use crate::common::{codes, errors, find, parsed, text_post};

const VECTORS: &str = include_str!("../data/query-vectors.jsonl");

fn post_of(value: &Value) -> Post<'_> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let mut post = text_post(value.as_str().or(text("text")).unwrap_or(""));
    post.title = text("title").map(Cow::Borrowed);
    post.url = text("url").map(Cow::Borrowed);
    let links = value.get("links").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    post.links = links.map(|url| Link { url: Cow::Borrowed(url), expanded: None }).collect();
    let handle = value.pointer("/author/0").and_then(Value::as_str).map(Cow::Borrowed);
    let followers = value.get("authorfollowers").and_then(Value::as_u64);
    post.author = Author { handle, followers, ..Author::default() };
    post.review = value.get("rating").map(|rating| Review { rating: rating.as_f64(), item: None });
    if text("engagementtype") == Some("RETWEET") {
        post.kind = Kind::Repost;
    }
    post
}

#[test]
fn all_vectors() {
    let mut count = 0;
    for line in VECTORS.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let query = case["q"].as_str().unwrap();
        let parsed = parsed(query);
        count += 1;
        if let Some(code) = case.get("error").and_then(Value::as_str) {
            assert_eq!(errors(&parsed), [code], "{line}\n{:?}", parsed.problems);
            assert!(parsed.query.is_none(), "{line}");
            continue;
        }
        for warning in case.get("warn").and_then(Value::as_array).into_iter().flatten() {
            assert!(codes(&parsed).contains(&warning.as_str().unwrap()), "{line}\n{:?}", parsed.problems);
        }
        // A NOT before the OR of its level is as easily misread as one after it: we warn there too.
        let quiet = case.get("warn").is_none() && query != "apple NOT (bitter AND sweet) OR sour";
        let warned = parsed.problems.iter().any(|p| p.severity == Severity::Warning);
        assert!(!(quiet && warned), "{line}\n{:?}", parsed.problems);
        let post = post_of(&case["post"]);
        assert_eq!(find(query, &post).is_some(), case["match"].as_bool().unwrap(), "{line}");
    }
    assert_eq!(count, 111);
}
