//! What scoring a text costs, beside the published crate with the same English rules.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{fs, hint::black_box, path::Path};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use earful::analysis::sentiment::{Scorer, SentimentScratch};
use earful::model::Language;

/// Texts of a golden file, with their scores in ten-thousandths.
fn texts(name: &str) -> Vec<(i32, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sentiment").join(name);
    let file = fs::read_to_string(path).unwrap();
    let rows = file.split_terminator('\n').map(|row| row.split_once('\t').unwrap());
    rows.map(|(score, text)| (score.parse().unwrap(), text.to_owned())).collect()
}

/// The sum of all scores is asserted, so that a bench that computes something else fails.
fn score_all(c: &mut Criterion, group: &str, language: Language, texts: &[(i32, String)]) {
    let (scorer, rules, mut scratch) = (Scorer::builtin(), Scorer::rules(), SentimentScratch::default());
    let expected: i32 = texts.iter().map(|(score, _)| score).sum();
    let mut group = c.benchmark_group(group);
    group.throughput(Throughput::Elements(texts.len() as u64));
    for (name, scorer) in [("rules", &rules), ("rules and model", &scorer)] {
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut compound =
                    |text: &str| scorer.score(black_box(text), language, &mut scratch).compound.e4();
                assert_eq!(texts.iter().map(|(_, text)| compound(text)).sum::<i32>(), expected);
            });
        });
    }
    group.bench_function("rules, model and cues", |b| {
        b.iter(|| {
            let mut compound =
                |text: &str| scorer.explain(black_box(text), language, &mut scratch).compound.e4();
            assert_eq!(texts.iter().map(|(_, text)| compound(text)).sum::<i32>(), expected);
        });
    });
    if language == Language::EN {
        let theirs = vader_parity::SentimentIntensityAnalyzer::new();
        group.bench_function("vader-parity", |b| {
            b.iter(|| texts.iter().map(|(_, t)| theirs.polarity_scores(black_box(t)).compound).sum::<f64>());
        });
    }
    group.finish();
}

fn english(c: &mut Criterion) {
    let all = texts("english_corpora.tsv");
    let tweet_sized: Vec<_> = all.iter().filter(|(_, t)| (100..=160).contains(&t.len())).cloned().collect();
    score_all(c, "english/100-160 bytes", Language::EN, &tweet_sized);
    score_all(c, "english/all", Language::EN, &all);
}

fn chinese(c: &mut Criterion) {
    score_all(c, "chinese/all", Language::ZH, &texts("chinese_invented.tsv"));
}

criterion_group!(benches, english, chinese);
criterion_main!(benches);
