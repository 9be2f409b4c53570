//! Scoring allocates nothing once its buffers have grown. Alone in its file: the allocator that counts serves the whole
//! program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

use allocation_counter::measure;
use earful::analysis::sentiment::{HouseLexicon, Scorer, SentimentScratch};
use earful::model::Language;

/// The texts of the golden files, each in its language and as one of another.
fn texts() -> Vec<(Language, String)> {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sentiment").join(name);
        let rows = fs::read_to_string(path).unwrap();
        rows.lines().map(|row| row.split_once('\t').unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    let (english, chinese) = (read("english_corpora.tsv"), read("chinese_invented.tsv"));
    let english = english.into_iter().flat_map(|text| [(Language::EN, text.clone()), (Language::JA, text)]);
    let chinese = chinese.into_iter().map(|text| (Language::ZH, text));
    english.chain(chinese).chain([(Language::EN, String::new())]).collect()
}

#[test]
fn a_second_look_at_the_same_texts_allocates_nothing() {
    let texts = texts();
    let house = HouseLexicon::new([("good", 1.0), ("of the", -1.0), ("很好", 2.0), ("😀", 1.0)]);
    for scorer in [Scorer::builtin(), Scorer::rules(), Scorer::builtin().with_house(house)] {
        let mut scratch = SentimentScratch::default();
        let mut look = || {
            let scores = texts.iter().map(|(language, text)| {
                let scored = scorer.score(text, *language, &mut scratch);
                let explained = scorer.explain(text, *language, &mut scratch);
                scored.score.e4().unsigned_abs() as usize + usize::from(scored == explained)
            });
            scores.sum::<usize>()
        };
        let first = look();
        let mut second = 0;
        let counted = measure(|| second = look());
        assert!(first == second && first > 100_000, "{first} {second}");
        assert_eq!(counted.count_total, 0, "{} allocations in {} texts", counted.count_total, texts.len());
    }
}
