//! Sentiment against golden values, and what must hold for any text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{fs, path::Path};

use earful::analysis::sentiment::{Scorer, SentimentScratch};
use earful::model::Language;

/// Rows `score<TAB>text` of a golden file.
fn golden(name: &str) -> Vec<(i32, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sentiment").join(name);
    let file = fs::read_to_string(path).unwrap();
    let rows = file.split_terminator('\n').map(|row| row.split_once('\t').unwrap());
    rows.map(|(score, text)| (score.parse().unwrap(), text.to_owned())).collect()
}

/// Every text of the file gets exactly its golden score.
fn check_golden(name: &str, language: Language) {
    let (scorer, mut scratch) = (Scorer::builtin(), SentimentScratch::default());
    let mut wrong = Vec::new();
    let rows = golden(name);
    for (expected, text) in &rows {
        let got = scorer.score(text, language, &mut scratch).score.e4();
        if got != *expected {
            wrong.push(format!("expected {expected}, got {got}: {text:?}"));
        }
    }
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {} differ, first:\n{shown}", wrong.len(), rows.len());
}

#[test]
fn english_equals_the_reference_on_posts_and_reviews() {
    check_golden("english_corpora.tsv", Language::EN);
}

#[test]
fn english_equals_the_reference_on_invented_oddities() {
    check_golden("english_synthetic.tsv", Language::EN);
}
