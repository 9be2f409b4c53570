//! What evaluating a query takes here and now, on posts of which the texts are compiled in.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::analysis::query::{Computed, MatchScratch, Purpose, Query, QuerySet};
use crate::analysis::text::{TextOptions, Tokenizer, Tokens, detect_language};
use crate::analysis::trial::ShortComputed;
use crate::load::{BUNDLED, texts};
use crate::model::{BrandId, Language, Network, Post, Timestamp, Zone};

/// Few enough to be prepared in some milliseconds.
const POSTS: usize = 500;
/// An odd number, so that one of them is the median.
const ROUNDS: usize = 15;
/// After so long no further round is begun.
const PATIENCE: Duration = Duration::from_millis(60);

/// Medians over rounds, nanoseconds a post, beyond reading the post and cutting it into tokens. The query is alone: where
/// there are others, they share the index of the post that terms are looked up in.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    /// Posts of a round.
    pub(super) posts: usize,
    /// Of these, those that have one of the query's triggers; all in a full scan.
    pub(super) looked_at: usize,
    /// Every post is looked at.
    pub(super) full_scan: Median,
    /// As the query is run: posts with a trigger are looked at.
    pub(super) as_run: Median,
    /// Detecting the language of a post, which is done once for all queries; none if the query does not ask for it.
    pub(super) language: Option<Median>,
}

/// A median of rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Median {
    /// Nanoseconds a post.
    pub(super) ns: f64,
    pub(super) rounds: usize,
}

/// A post that is ready to be looked at.
struct Sample {
    post: Post<'static>,
    tokens: Tokens,
    language: Language,
}

pub(super) fn measure(query: &Query, purpose: Purpose) -> Result<Measured, String> {
    let mut samples = samples();
    let queries = || vec![(BrandId(0), query.clone())];
    let as_run = QuerySet::compile(queries(), TextOptions::default());
    let all = QuerySet::compile_as_full_scans(queries(), TextOptions::default());
    let stated = ShortComputed::take(&mut serde_json::Value::Null)?;
    let mut look = Look { purpose, computed: stated.computed(), scratch: MatchScratch::new() };
    let language = as_run.uses_language().then(|| detect_languages(&mut samples));
    let looked_at = samples.iter().map(|sample| look.at(&as_run, sample)).sum();
    Ok(Measured {
        posts: samples.len(),
        looked_at,
        full_scan: median(samples.len(), || samples.iter().map(|sample| look.at(&all, sample)).sum()),
        as_run: median(samples.len(), || samples.iter().map(|sample| look.at(&as_run, sample)).sum()),
        language,
    })
}

/// How a query is evaluated.
struct Look<'a> {
    purpose: Purpose,
    /// What a rule is told of a mention.
    computed: Computed<'a>,
    scratch: MatchScratch,
}

impl Look<'_> {
    /// Evaluates the query; how many were looked at, which is 0 or 1.
    fn at(&mut self, queries: &QuerySet, sample: &Sample) -> usize {
        let Sample { post, tokens, language } = sample;
        if self.purpose == Purpose::Collection {
            return queries.find_in(post, tokens, *language, &mut self.scratch).looked_at();
        }
        let listed = queries.list_rules(post, tokens, *language, &mut self.scratch);
        for at in 0..listed {
            black_box(queries.rule_at(at, (post, tokens, *language), self.computed, &mut self.scratch));
        }
        listed
    }
}

/// The median of several rounds, each over that many posts, after one that is not counted.
fn median(posts: usize, mut round: impl FnMut() -> usize) -> Median {
    black_box(round());
    let begun = Instant::now();
    let mut times = Vec::with_capacity(ROUNDS);
    while times.is_empty() || (times.len() < ROUNDS && begun.elapsed() < PATIENCE) {
        let start = Instant::now();
        black_box(round());
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let middle = times.get(times.len() / 2).map_or(0.0, |time| time.as_nanos() as f64);
    Median { ns: (middle / posts.max(1) as f64 * 10.0).round() / 10.0, rounds: times.len() }
}

fn detect_languages(samples: &mut [Sample]) -> Median {
    let detect = |post: &Post<'_>| detect_language(&post.scored_text(), post.declared_language.as_deref());
    samples.iter_mut().for_each(|sample| sample.language = detect(&sample.post));
    median(samples.len(), || samples.iter().filter(|sample| detect(&sample.post) == Language::EN).count())
}

fn samples() -> Vec<Sample> {
    let tokenizer = Tokenizer::new(TextOptions::default());
    let sample = |(number, text)| {
        let post = post(number, text);
        let mut tokens = Tokens::new();
        tokenizer.tokenize(Zone::Body, &post.body, &mut tokens);
        Sample { post, tokens, language: Language::UNKNOWN }
    };
    (0..).zip(texts(BUNDLED)).take(POSTS).map(sample).collect()
}

/// The text with what feeds state, so that conditions on fields have something to compare.
fn post(number: u64, text: String) -> Post<'static> {
    const NETWORKS: [Network; 4] = [Network::X, Network::Bluesky, Network::Mastodon, Network::Reddit];
    let network = NETWORKS[number as usize % NETWORKS.len()];
    let at = Timestamp::from_millis(1_767_225_600_000 + 60_000 * number as i64);
    let mut post = Post::new(network, number.to_string().into(), text.into(), at);
    post.author.handle = Some(format!("reader{number}").into());
    post.author.followers = Some(number * number);
    post.counts.likes = Some(number % 7);
    post
}
