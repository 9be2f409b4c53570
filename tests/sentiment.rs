//! Sentiment against golden values, and what must hold for any text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{fs, path::Path};

use earful::analysis::sentiment::{Scorer, SentimentScratch};
use earful::model::{Language, Polarity};
use proptest::prelude::*;

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

#[test]
fn chinese_scores_are_as_they_were() {
    check_golden("chinese_invented.tsv", Language::ZH);
}

/// The label of `text` as a text of `language`.
fn check_label(language: Language, text: &str, expected: Polarity) {
    let found = Scorer::builtin().score(text, language, &mut SentimentScratch::default());
    assert_eq!(found.polarity, expected, "{language}: {text} scored {}", found.score.as_f64());
}

#[test]
fn the_language_chooses_the_rules() {
    check_label(Language::EN, "I love it", Polarity::Positive);
    check_label(Language::UNKNOWN, "I love it", Polarity::Positive);
    check_label(Language::UNKNOWN, "太差了", Polarity::Negative);
    check_label(Language::ZH_HANT, "氣死我了", Polarity::Negative);
    check_label(Language::ZH_HANS, "气死我了", Polarity::Negative);
}

#[test]
fn other_languages_are_scored_by_symbols_alone() {
    let german = Language::from_tag("de");
    check_label(german, "die Bahn ist pünktlich", Polarity::Neutral);
    check_label(german, "die Bahn ist pünktlich :)", Polarity::Positive);
    check_label(german, "die Bahn 💔", Polarity::Negative);
    check_label(Language::JA, "今日は天気がいい 😍", Polarity::Positive);
    check_label(Language::JA, "最高", Polarity::Neutral);
    check_label(Language::UNKNOWN, "最高です", Polarity::Neutral);
}

#[test]
fn repeated_words_around_but_cost_no_square() {
    let text = format!("{} but {}", "good bad ".repeat(100_000), "good great ".repeat(100_000));
    check_label(Language::EN, &text, Polarity::Positive);
}

/// Strings rich in what the rules look at.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z' ]{0,12}",
        2 => "[!?.,:;()<3DpP=-]{1,4}",
        2 => "[不没很太好差坏喜欢但是可是，。！？極氣難]{1,8}",
        1 => "\\PC{0,6}",
        1 => any::<String>(),
        2 => prop::sample::select(vec![
            "but ", "not ", "never so ", "GREAT ", "😀", "❤\u{fe0f}", "[哈哈]", "//@", "@a", "\u{212a}", "\u{130}", "n't ",
            " kind of ", "no ", "\u{1f}", "\u{3000}", "死了", "很漂亮",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn languages() -> impl Strategy<Value = Language> {
    prop::sample::select(vec![Language::EN, Language::ZH, Language::ZH_HANT, Language::UNKNOWN, Language::JA])
}

proptest! {
    #[test]
    fn any_text_has_one_score_whatever_was_scored_before(text in texts(), before in texts(), language in languages()) {
        let scorer = shared();
        let fresh = scorer.score(&text, language, &mut SentimentScratch::default());
        prop_assert!((-10_000..=10_000).contains(&fresh.score.e4()));
        let mut used = SentimentScratch::default();
        let _ = scorer.score(&before, Language::EN, &mut used);
        let _ = scorer.score(&before, Language::ZH, &mut used);
        prop_assert_eq!(scorer.score(&text, language, &mut used), fresh);
    }

    #[test]
    fn cues_add_up_to_the_score_and_lie_in_the_text(text in texts(), language in languages()) {
        let (scorer, mut scratch) = (shared(), SentimentScratch::default());
        let score = scorer.score(&text, language, &mut scratch).score.as_f64();
        let cues = scorer.explain(&text, language, &mut scratch);
        let sum: f64 = cues.iter().map(|c| c.contribution).sum();
        prop_assert!((sum - score).abs() < 1e-4, "{} against {}", sum, score);
        for cue in cues {
            prop_assert!(text.get(cue.start as usize..cue.end as usize).is_some_and(|s| !s.is_empty()), "{:?}", cue);
        }
    }

    #[test]
    fn english_equals_another_implementation(text in texts()) {
        let theirs = vader_parity::SentimentIntensityAnalyzer::new().polarity_scores(&text).compound;
        let ours = shared().score(&text, Language::EN, &mut SentimentScratch::default()).score;
        prop_assert!((ours.as_f64() - theirs).abs() < 1e-9, "{} against {}", ours.as_f64(), theirs);
    }
}

/// One scorer for all cases of a property: to build it takes milliseconds.
fn shared() -> &'static Scorer {
    static SCORER: std::sync::LazyLock<Scorer> = std::sync::LazyLock::new(Scorer::builtin);
    &SCORER
}
