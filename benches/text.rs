//! How long the text model takes for a post, on real posts (see `data/ORIGIN.md`).
//!
//! The number of tokens is checked inside, so that a bench of something wrong fails.
#![allow(missing_docs, clippy::expect_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use earful::analysis::text::{Stemmer, TextOptions, TokenKind, Tokenizer, Tokens, detect_language};
use earful::model::{Language, Zone};

const POSTS: &str = include_str!("data/posts.txt");
/// 160 characters of plain English, the post of the design's budget.
const PLAIN: &str = "Just landed after nine hours and the airline lost my bag again, nobody at the desk could help, \
                     and now the app says my flight home is gone. Never again, thanks";

fn tokens_of(tokenizer: &Tokenizer, posts: &[&str], tokens: &mut Tokens) -> usize {
    let mut count = 0;
    for post in posts {
        tokens.clear();
        tokenizer.tokenize(Zone::Body, black_box(post), tokens);
        count += black_box(tokens.len());
    }
    count
}

fn tokenize(c: &mut Criterion) {
    let tokenizer = Tokenizer::new(TextOptions::default());
    let english: Vec<&str> = POSTS.lines().step_by(2).collect();
    let chinese: Vec<&str> = POSTS.lines().skip(1).step_by(2).collect();
    let mut group = c.benchmark_group("tokenize");
    for (name, posts) in [("english", &english), ("chinese", &chinese), ("plain_160", &vec![PLAIN])] {
        let mut tokens = Tokens::new();
        let expected = tokens_of(&tokenizer, posts, &mut tokens);
        assert!(expected > posts.len() * 5, "{name}: {expected}");
        group.throughput(Throughput::Elements(posts.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| assert_eq!(tokens_of(&tokenizer, posts, &mut tokens), expected))
        });
    }
    group.finish();
}

fn languages(c: &mut Criterion) {
    let posts: Vec<&str> = POSTS.lines().collect();
    let mut group = c.benchmark_group("language");
    group.throughput(Throughput::Elements(posts.len() as u64));
    let chinese = |declared: [Option<&str>; 2]| {
        let found =
            posts.iter().enumerate().map(|(at, post)| detect_language(black_box(post), declared[at % 2]));
        found.filter(|language| language.is_chinese()).count()
    };
    group.bench_function("detected", |b| b.iter(|| assert!(chinese([None, None]) > 900)));
    group.bench_function("declared", |b| b.iter(|| assert!(chinese([Some("en"), Some("zh")]) > 900)));
    group.finish();
}

fn stems(c: &mut Criterion) {
    let tokenizer = Tokenizer::new(TextOptions::default());
    let posts = POSTS.lines().step_by(2).map(|post| {
        let mut tokens = Tokens::new();
        tokenizer.tokenize(Zone::Body, post, &mut tokens);
        tokens
    });
    let posts: Vec<Tokens> = posts.collect();
    let mut stemmer = Stemmer::new(Language::EN);
    let mut group = c.benchmark_group("stems");
    group.throughput(Throughput::Elements(posts.len() as u64));
    group.bench_function("english", |b| {
        b.iter(|| {
            let words = posts.iter().flat_map(|tokens| {
                tokens.iter().filter(|token| token.kind == TokenKind::Word).map(|token| tokens.kept(token))
            });
            words.map(|word| stemmer.stem(word).len()).sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, tokenize, languages, stems);
criterion_main!(benches);
