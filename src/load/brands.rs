//! By which words a post can name a brand.

use std::borrow::Cow;

use crate::analysis::query::ast::{Join, Level, Node, NodeKind, TermText};
use crate::analysis::query::{MatchScratch, Query, QuerySet};
use crate::analysis::text::{TextOptions, Tokenizer, Tokens};
use crate::model::{BrandId, Network, Post, Timestamp, Zone};

/// More would make no post more real.
const PHRASES_MAX: usize = 8;

/// A brand as posts name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBrand {
    /// Its id in the pipeline.
    pub id: String,
    /// Each names it by itself. A brand without any is in no post.
    pub phrases: Vec<String>,
}

/// Phrases that the query finds: the literal words of its alternatives, each tried on the query itself. None
/// when the query asks for what a text alone does not have, such as a field.
#[must_use]
pub fn phrases(query: &Query, options: TextOptions) -> Vec<String> {
    let set = QuerySet::compile(vec![(BrandId(0), query.clone())], options);
    let tokenizer = Tokenizer::new(options);
    let mut found = alternatives(&query.root);
    found.retain(|phrase| !phrase.is_empty() && is_found(&set, &tokenizer, phrase));
    found.dedup();
    found.truncate(PHRASES_MAX);
    found
}

fn is_found(set: &QuerySet, tokenizer: &Tokenizer, phrase: &str) -> bool {
    let (id, body) = (Cow::Borrowed("1"), Cow::Borrowed(phrase));
    let post = Post::new(Network::Other, id, body, Timestamp::from_millis(0));
    let mut tokens = Tokens::new();
    tokenizer.tokenize(Zone::Body, phrase, &mut tokens);
    !set.find(&post, &tokens, &mut MatchScratch::new()).is_empty()
}

/// Texts each of which the node asks for. The parser bounds the depth.
fn alternatives(node: &Node) -> Vec<String> {
    match &node.kind {
        NodeKind::Level(level) => of_level(level),
        NodeKind::Term(term) => vec![literal(&term.text)],
        NodeKind::Near(near) => vec![format!("{} {}", first(&near.left), first(&near.right))],
        NodeKind::Tilde(tilde) => alternatives(&tilde.inner),
        // Nothing that a text can give; whether it is needed shows when the phrase is tried.
        NodeKind::Field(_) | NodeKind::Missing => Vec::new(),
    }
}

fn of_level(level: &Level) -> Vec<String> {
    match (level.join, level.positives.split_first()) {
        (Join::Any, _) => level.positives.iter().flat_map(alternatives).collect(),
        (Join::All, Some((head, rest))) => {
            let rest: Vec<String> = rest.iter().map(first).filter(|text| !text.is_empty()).collect();
            let heads = Some(alternatives(head)).filter(|heads| !heads.is_empty());
            let heads = heads.unwrap_or_else(|| vec![String::new()]);
            heads.into_iter().map(|head| join(head, &rest)).collect()
        }
        (Join::All, None) => Vec::new(),
    }
}

fn join(head: String, rest: &[String]) -> String {
    let parts: Vec<&str> = std::iter::once(head.as_str()).chain(rest.iter().map(String::as_str)).collect();
    parts.join(" ").trim().to_owned()
}

fn first(node: &Node) -> String {
    alternatives(node).into_iter().next().unwrap_or_default()
}

/// `*` stands for nothing and `?` for a letter.
fn literal(text: &TermText) -> String {
    let letter = |(at, c): (usize, char)| match c {
        '*' if text.wildcards.contains(&at) => None,
        '?' if text.wildcards.contains(&at) => Some('a'),
        c => Some(c),
    };
    text.text.char_indices().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::query::{ParseOptions, parse};

    fn of(query: &str) -> Vec<String> {
        phrases(&parse(query, &ParseOptions::default()).query.unwrap(), TextOptions::default())
    }

    #[test]
    fn every_alternative_gives_its_words() {
        assert_eq!(of("acme OR @acme OR #acme"), ["acme", "@acme", "#acme"]);
        assert_eq!(of("\"acme coffee\" OR 顶峰"), ["acme coffee", "顶峰"]);
        assert_eq!(of("acm? OR acme*"), ["acma", "acme"]);
        assert_eq!(of("{ACME}"), ["ACME"]);
    }

    #[test]
    fn what_is_joined_comes_together() {
        assert_eq!(of("(heron OR bird) AND (flight* OR gate)"), ["heron flight", "bird flight"]);
        assert_eq!(of("heron NEAR/3 gate"), ["heron gate"]);
        assert_eq!(of("(heron AND gate)~4"), ["heron gate"]);
    }

    #[test]
    fn what_the_query_does_not_find_is_left_out() {
        assert_eq!(of("(acme OR hiring) NOT hiring"), ["acme"]);
        assert!(of("acme AND network:x").is_empty(), "{:?}", of("acme AND network:x"));
    }
}
