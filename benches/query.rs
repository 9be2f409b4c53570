//! Matching alone: 1,000 and 10,000 brand queries against posts that are tokenised already.
//!
//! The queries are made from the words of the posts themselves, by rank: a brand is a rare word, its
//! context words are of any rank, so that triggers, misses and full evaluations all occur.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::borrow::Cow;
use std::collections::HashMap;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use earful::analysis::query::{MatchScratch, ParseOptions, QuerySet, parse};
use earful::analysis::text::{TextOptions, TokenKind, Tokenizer, Tokens};
use earful::model::{BrandId, Network, Post, Timestamp, Zone};

const POSTS: &str = include_str!("data/posts.txt");

/// A small generator with a fixed seed: the queries are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

fn tokenised() -> Vec<(Post<'static>, Tokens)> {
    let tokenizer = Tokenizer::new(TextOptions::default());
    let post = |line: &'static str| {
        let mut tokens = Tokens::new();
        tokenizer.tokenize(Zone::Body, line, &mut tokens);
        (Post::new(Network::X, Cow::Borrowed("1"), Cow::Borrowed(line), Timestamp::from_millis(0)), tokens)
    };
    POSTS.lines().filter(|line| !line.trim().is_empty()).map(post).collect()
}

/// Distinct words, the most frequent first, then invented ones that stand in no post.
fn vocabulary(posts: &[(Post<'_>, Tokens)]) -> Vec<String> {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for (_, tokens) in posts {
        for token in tokens.iter().filter(|token| token.kind == TokenKind::Word) {
            *counts.entry(tokens.folded(token)).or_default() += 1;
        }
    }
    let mut words: Vec<(&str, u32)> = counts.into_iter().filter(|(word, _)| word.len() > 2).collect();
    words.sort_unstable_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
    let real = words.len();
    let mut words: Vec<String> = words.into_iter().map(|(word, _)| word.to_owned()).collect();
    words.extend((0..real * 3).map(|n| format!("brand{n}x")));
    words
}

/// One to twenty leaves: a brand's names, often with a context, often with exclusions.
fn query(words: &[String], random: &mut Random) -> String {
    let rare = |random: &mut Random| words[words.len() / 8 + random.below(words.len() * 7 / 8)].clone();
    let any = |random: &mut Random| words[random.below(words.len())].clone();
    let mut names: Vec<String> = (0..1 + random.below(5)).map(|_| rare(random)).collect();
    names.push(format!("\"{} {}\"", rare(random), any(random)));
    names.push(format!("#{}", rare(random)));
    if random.below(4) == 0 {
        names.push(format!("{}*", rare(random)));
    }
    let mut query = format!("({})", names.join(" OR "));
    if random.below(2) == 0 {
        let context: Vec<String> = (0..1 + random.below(6)).map(|_| any(random)).collect();
        query = format!("{query} AND ({})", context.join(" OR "));
    }
    if random.below(3) == 0 {
        query = format!("{query} NOT ({} OR \"{} {}\")", any(random), any(random), any(random));
    }
    query
}

fn query_set(count: u32, words: &[String]) -> QuerySet {
    let mut random = Random(42);
    let read = |n: u32| {
        let text = query(words, &mut random);
        let parsed = parse(&text, &ParseOptions::default());
        (BrandId(n), parsed.query.unwrap_or_else(|| panic!("{text}: {:?}", parsed.problems)))
    };
    QuerySet::compile((0..count).map(read).collect(), TextOptions::default())
}

fn matching(c: &mut Criterion) {
    let posts = tokenised();
    let words = vocabulary(&posts);
    let mut group = c.benchmark_group("match");
    group.throughput(Throughput::Elements(posts.len() as u64));
    for count in [0, 1_000, 10_000] {
        let set = query_set(count, &words);
        assert_eq!(set.full_scans().count(), 0);
        let mut scratch = MatchScratch::new();
        let matches: usize =
            posts.iter().map(|(post, tokens)| set.find(post, tokens, &mut scratch).len()).sum();
        eprintln!("{count} queries, {} leaves, {} posts: {matches} matches", set.leaf_count(), posts.len());
        group.bench_with_input(BenchmarkId::from_parameter(count), &set, |b, set| {
            b.iter(|| {
                let mut found = 0;
                for (post, tokens) in &posts {
                    found += set.find(black_box(post), tokens, &mut scratch).len();
                }
                assert_eq!(found, matches);
                found
            });
        });
    }
    group.finish();
}

criterion_group!(benches, matching);
criterion_main!(benches);
