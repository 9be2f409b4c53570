//! What scoring a text costs, beside the published crate with the same English rules.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{fs, hint::black_box, path::Path, time::Duration};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use earful::analysis::sentiment::{HouseLexicon, Scorer, SentimentScratch};
use earful::model::Language;
use rustix::time::{ClockId, clock_gettime};

/// Real posts, English and Chinese in turn; see `data/ORIGIN.md`.
const POSTS: &str = include_str!("data/posts.txt");

/// Texts of a golden file, with their scores in ten-thousandths.
fn texts(name: &str) -> Vec<(i32, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sentiment").join(name);
    let file = fs::read_to_string(path).unwrap();
    let rows = file.split_terminator('\n').map(|row| row.split_once('\t').unwrap());
    rows.map(|(score, text)| (score.parse().unwrap(), text.to_owned())).collect()
}

/// Time that this thread has had on a processor: neighbours on a busy machine do not count.
fn thread_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap())
}

/// Benches `work` over all texts. It gives a sum that must be `expected`, so that a bench of something else fails.
fn bench_all(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    texts: &[(i32, String)],
    expected: i32,
    mut work: impl FnMut(&str) -> i32,
) {
    group.bench_function(name, |b| {
        b.iter_custom(|rounds| {
            let began = thread_time();
            for _ in 0..rounds {
                assert_eq!(texts.iter().map(|(_, text)| work(black_box(text))).sum::<i32>(), expected);
            }
            thread_time() - began
        });
    });
}

/// Of 1,000 terms, of which few are found. They begin with any two letters, as words do.
fn house() -> HouseLexicon {
    let letter = |i: u32| char::from(b'a' + (i % 26) as u8);
    let words = (0..990).map(|i| format!("{}{}term{i}", letter(i), letter(i / 26)));
    let found = ["sick", "the best", "great", "🔥", "😀", "好吃", "一般", "服务", "真香", "翻车"];
    let terms: Vec<String> = words.chain(found.map(str::to_owned)).collect();
    HouseLexicon::new(terms.iter().map(|term| (term.as_str(), 2.0)))
}

fn score_all(c: &mut Criterion, group: &str, language: Language, texts: &[(i32, String)]) {
    let (scorer, rules, mut scratch) = (Scorer::builtin(), Scorer::rules(), SentimentScratch::default());
    let unfeeling = Scorer::rules().with_model(scorer.model_for(language).unwrap().clone());
    let housed = Scorer::builtin().with_house(house());
    let expected: i32 = texts.iter().map(|(score, _)| score).sum();
    let mut group = c.benchmark_group(group);
    group.throughput(Throughput::Elements(texts.len() as u64));
    for (name, scorer) in [("rules", &rules), ("rules and model", &unfeeling)] {
        let compound = |text: &str| scorer.score(text, language, &mut scratch).compound.e4();
        bench_all(&mut group, name, texts, expected, compound);
    }
    for (name, scorer) in
        [("rules, model and cues", &unfeeling), ("rules, model, cues and emotions", &scorer)]
    {
        let compound = |text: &str| scorer.explain(text, language, &mut scratch).compound.e4();
        bench_all(&mut group, name, texts, expected, compound);
    }
    let mut compound = |text: &str| housed.explain(text, language, &mut scratch).compound.e4();
    let with_house: i32 = texts.iter().map(|(_, text)| compound(text)).sum();
    assert_ne!(with_house, expected);
    bench_all(&mut group, "all of it and a house lexicon", texts, with_house, compound);
    if language == Language::EN {
        let theirs = vader_parity::SentimentIntensityAnalyzer::new();
        let compound = |text: &str| (theirs.polarity_scores(text).compound * 10_000.0).round() as i32;
        let by_theirs: i32 = texts.iter().map(|(_, text)| compound(text)).sum();
        bench_all(&mut group, "vader-parity", texts, by_theirs, compound);
    }
    group.finish();
}

fn english(c: &mut Criterion) {
    let all = texts("english_corpora.tsv");
    let tweet_sized: Vec<_> = all.iter().filter(|(_, t)| (80..=120).contains(&t.len())).cloned().collect();
    score_all(c, "english/80-120 bytes", Language::EN, &tweet_sized);
}

fn chinese(c: &mut Criterion) {
    let posts: Vec<&str> = POSTS.lines().skip(1).step_by(2).collect();
    let (rules, mut scratch) = (Scorer::rules(), SentimentScratch::default());
    let mut scored = |text: String| (rules.score(&text, Language::ZH, &mut scratch).compound.e4(), text);
    let single: Vec<_> = posts.iter().map(|post| scored((*post).to_owned())).collect();
    score_all(c, "chinese/posts", Language::ZH, &single);
    let pairs: Vec<_> = posts.chunks(2).map(|pair| scored(pair.join("。"))).collect();
    let long: Vec<_> = pairs.into_iter().filter(|(_, t)| (80..=120).contains(&t.chars().count())).collect();
    score_all(c, "chinese/pairs of 80-120 characters", Language::ZH, &long);
}

criterion_group!(benches, english, chinese);
criterion_main!(benches);
