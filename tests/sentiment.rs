//! Sentiment against golden values, and what must hold for any text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{fs, path::Path};

use earful::analysis::sentiment::{Cue, CueKind, HouseLexicon, Scorer, SentimentScratch};
use earful::model::{Language, Polarity};
use proptest::prelude::*;

/// Rows `score<TAB>text` of a golden file.
fn golden(name: &str) -> Vec<(i32, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sentiment").join(name);
    let file = fs::read_to_string(path).unwrap();
    let rows = file.split_terminator('\n').map(|row| row.split_once('\t').unwrap());
    rows.map(|(score, text)| (score.parse().unwrap(), text.to_owned())).collect()
}

/// Every text of the file gets exactly its golden score from the rules.
fn check_golden(name: &str, language: Language) {
    let mut scratch = SentimentScratch::default();
    let mut wrong = Vec::new();
    let rows = golden(name);
    for (expected, text) in &rows {
        let by_rules = rules().score(text, language, &mut scratch);
        assert_eq!((by_rules.score, by_rules.odds), (by_rules.compound, None));
        let got = shared().score(text, language, &mut scratch).compound.e4();
        assert_eq!(got, by_rules.score.e4(), "{text}");
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

/// The label of `text` as a text of `language`, by rules and model.
fn check_label(language: Language, text: &str, expected: Polarity) {
    let found = shared().score(text, language, &mut SentimentScratch::default());
    assert_eq!(found.polarity, expected, "{language}: {text} scored {}", found.score.as_f64());
}

/// The label, with cues that add up to the score; and the compound score is that of the rules.
fn check_told(language: Language, expected: Polarity, texts: &[&str]) {
    let mut scratch = SentimentScratch::default();
    for text in texts {
        check_label(language, text, expected);
        check_cues(shared(), text, language, &mut scratch);
        let by_rules = rules().score(text, language, &mut scratch).score;
        assert_eq!(shared().score(text, language, &mut scratch).compound, by_rules, "{text}");
    }
}

#[test]
fn english_wordings_are_told_as_what_they_mean() {
    let praise = [
        "I can't recommend Heron enough",
        "I can’t recommend this place enough",
        "Heron never disappoints",
        "never disappoints",
        "Honestly I couldn't be happier with my new Heron router",
        "You can't go wrong with Heron",
        "Ten years with Heron and never had a problem with them",
        "I have nothing but good things to say about Heron",
        "Three flights, not a single complaint",
        "Can't fault the Heron crew today",
        "Heron prices are hard to beat",
        "The service at Heron is second to none",
        "wouldn't change a thing about Heron",
        "Heron has yet to let me down",
    ];
    check_told(Language::EN, Polarity::Positive, &praise);
    let blame = [
        "I can't stand Heron",
        "The Heron helpdesk couldn't be worse",
        "Wouldn't recommend Heron to anyone",
        "New Heron update and nothing works",
        "The Heron driver could not have been less helpful",
        "Never using Heron again",
    ];
    check_told(Language::EN, Polarity::Negative, &blame);
}

#[test]
fn english_models_are_told_of_symbols_that_vader_does_not_rate() {
    check_told(Language::EN, Polarity::Positive, &["👍", "👍👍👍👍", "Heron (≧▽≦)", "Heron ^_^"]);
    check_told(
        Language::EN,
        Polarity::Negative,
        &["The new Heron app 👎", "Heron today 🙄", "Heron (╥﹏╥)", "Heron T_T", "😡😡😡"],
    );
}

#[test]
fn chinese_negations_that_deny_nothing_praise() {
    let praise = [
        "千万别错过苍鹭的新品",
        "千萬別錯過蒼鷺的新品",
        "谁不喜欢苍鹭呢",
        "誰不喜歡蒼鷺呢",
        "没有人不喜欢苍鹭",
        "苍鹭的客服别提多耐心了",
        "從來沒有讓我失望",
    ];
    check_told(Language::ZH, Polarity::Positive, &praise);
    let blame = ["苍鹭的客服别提多烦人了", "又晚点两小时，苍鹭[呵呵]"];
    check_told(Language::ZH, Polarity::Negative, &blame);
    check_told(Language::ZH, Polarity::Neutral, &["不得不说，苍鹭今天发布了新品"]);
    let mocked = shared().score("苍鹭[呵呵]", Language::ZH, &mut SentimentScratch::default());
    assert_ne!(mocked.polarity, Polarity::Positive);
}

#[test]
fn grades_and_single_words_are_told() {
    let english = [
        "5/5",
        "10/10",
        "4/5 stars, would go again",
        "5 out of 5 stars",
        "★★★★★",
        "★★★★☆",
        "Great",
        "Amazing!",
        "never been disappointed",
        "I have never been disappointed by them",
        "No issues with my phone at all",
        "not bad at all",
        "Not a problem",
    ];
    check_told(Language::EN, Polarity::Positive, &english);
    let english = [
        "Avoid!!!",
        "Avoid",
        "Avoid at all costs",
        "Awful",
        "1/5",
        "1/10",
        "2 out of 5 stars",
        "★☆☆☆☆",
        "I have not received the parcel yet",
    ];
    check_told(Language::EN, Polarity::Negative, &english);
    let facts = [
        "The shop is not on Main Street",
        "The shop is not open on Sundays",
        "She is not coming on Monday",
        "6/10",
        "due on 1/5",
    ];
    check_told(Language::EN, Polarity::Neutral, &facts);
    let chinese = [
        "不得不说很好用",
        "不得不说真好吃",
        "不但便宜而且质量好",
        "不仅便宜，而且质量好",
        "★★★★★",
        "没人不喜欢",
    ];
    check_told(Language::ZH, Polarity::Positive, &chinese);
    check_told(
        Language::ZH,
        Polarity::Negative,
        &["没人喜欢", "没人爱", "没人喜欢这个", "★☆☆☆☆", "不但贵而且难吃", "不得不说太差了"],
    );
}

#[test]
fn a_phrase_again_and_again_says_what_it_says_once() {
    for (language, phrase) in [
        (Language::EN, "awful service "),
        (Language::EN, "I love it! "),
        (Language::ZH, "垃圾 "),
        (Language::ZH, "很好用。"),
    ] {
        let polarity = shared().score(phrase, language, &mut SentimentScratch::default()).polarity;
        for times in [3, 10, 100, 1000] {
            check_told(language, polarity, &[phrase.repeat(times).as_str()]);
        }
    }
}

#[test]
fn marks_alone_are_neutral() {
    for text in ["......", "……", "。。。", "!!!", "？？？", " - "] {
        for language in [Language::EN, Language::ZH, Language::UNKNOWN] {
            check_told(language, Polarity::Neutral, &[text]);
        }
    }
}

/// The contributions of all cues are the score, to the last ten-thousandth, and every cue is a piece of the text.
fn check_cues(scorer: &Scorer, text: &str, language: Language, scratch: &mut SentimentScratch) {
    let scored = scorer.score(text, language, scratch);
    assert_eq!(scorer.explain(text, language, scratch), scored, "{text:?}");
    let sum: i32 = scratch.cues().iter().map(|cue| cue.contribution).sum();
    assert_eq!(sum, scored.score.e4(), "{text:?}: {:?}", scratch.cues());
    for cue in scratch.cues() {
        let piece = text.get(cue.start as usize..cue.end as usize);
        assert!(cue.contribution != 0 && piece.is_some_and(|s| !s.is_empty()), "{text:?}: {cue:?}");
    }
    let placed: Vec<_> = scratch.cues().iter().filter(|cue| !cue.kind.is_whole()).collect();
    assert!(placed.windows(2).all(|w| w[0].end <= w[1].start), "{text:?}: {placed:?}");
}

#[test]
fn cues_add_up_to_the_score_on_every_golden_text() {
    let mut scratch = SentimentScratch::default();
    for (name, language) in [
        ("english_corpora.tsv", Language::EN),
        ("english_synthetic.tsv", Language::EN),
        ("chinese_invented.tsv", Language::ZH),
    ] {
        for (_, text) in golden(name) {
            check_cues(shared(), &text, language, &mut scratch);
            check_cues(rules(), &text, language, &mut scratch);
            check_cues(shared(), &text, Language::JA, &mut scratch);
        }
    }
}

/// The cues of `text` as `kind:piece`, those of the whole text left out, with their signs.
fn shown(language: Language, text: &str) -> Vec<String> {
    let mut scratch = SentimentScratch::default();
    let _ = shared().explain(text, language, &mut scratch);
    let placed = scratch.cues().iter().filter(|cue| !cue.kind.is_whole());
    let show = |cue: &Cue| {
        let (sign, kind) = (if cue.contribution > 0 { '+' } else { '-' }, cue.kind.as_str());
        format!("{sign}{kind}:{}", &text[cue.start as usize..cue.end as usize])
    };
    placed.map(show).collect()
}

#[test]
fn cues_say_what_they_are() {
    let check = |language, text: &str, expected: &[&str]| {
        let found = shown(language, text);
        assert!(expected.iter().all(|cue| found.iter().any(|f| f == cue)), "{text}: {found:?}");
    };
    check(Language::EN, "I don't like it", &["-negation:don't", "-word:like"]);
    check(Language::EN, "late again :(", &["-symbol::("]);
    check(Language::EN, "this is a great phone 😍", &["+word:great", "+symbol:😍"]);
    check(Language::ZH, "服務太差了，氣死我了", &["-word:太差了"]);
    check(Language::ZH, "这家店很棒[赞]", &["+word:棒", "+symbol:[赞]"]);
}

/// The label by the scorer with this term, and the pieces of the text that it is found in.
fn check_house(language: Language, term: (&str, f64), text: &str, label: Polarity, pieces: &[&str]) {
    let mut scratch = SentimentScratch::default();
    for base in [shared(), rules()] {
        let scorer = base.clone().with_house(HouseLexicon::new([term]));
        check_cues(&scorer, text, language, &mut scratch);
        let found = scorer.explain(text, language, &mut scratch);
        let cues = scratch.cues().iter().filter(|cue| cue.kind == CueKind::House);
        let found_in: Vec<&str> = cues.map(|cue| &text[cue.start as usize..cue.end as usize]).collect();
        assert_eq!((found.polarity, found_in.as_slice()), (label, pieces), "{term:?} in {text}: {found:?}");
    }
}

#[test]
fn house_terms_count_as_the_house_says() {
    use Polarity::{Negative, Neutral, Positive};
    let en = |term, text, label, pieces: &[&str]| check_house(Language::EN, term, text, label, pieces);
    en(("sick", 3.0), "this board is sick", Positive, &["sick"]);
    en(("sick", 3.0), "Sick board, so SICK!", Positive, &["Sick", "SICK"]);
    en(("sick", 3.0), "this board is not sick", Negative, &["sick"]);
    en(("love", -3.0), "I love this", Negative, &["love"]);
    en(("on fire", 2.5), "the team is On  Fire today", Positive, &["On  Fire"]);
    en(("on fire", 2.5), "the team isn't on fire", Negative, &["on fire"]);
    en(("glorp", -3.0), "what a glorp", Negative, &["glorp"]);
    en(("🤌", 3.0), "the new lounge 🤌", Positive, &["🤌"]);
    en(("🔥", -3.0), "the new lounge🔥🔥", Negative, &["🔥", "🔥"]);
    en(("best buy", 0.0), "Best Buy opens at 9", Neutral, &[]);
    en(("glorp", 3.0), "@glorp https://glorp.example", Neutral, &[]);
    let zh = |term, text, label, pieces: &[&str]| check_house(Language::ZH, term, text, label, pieces);
    zh(("翻车", -3.0), "这款手机又翻車了", Negative, &["翻車"]);
    zh(("真香", 3.0), "新出的手机真香", Positive, &["真香"]);
    zh(("真香", 3.0), "这手机不真香", Negative, &["真香"]);
    zh(("太差", 3.0), "太差//@某人:太差", Positive, &["太差"]);
    zh(("太难吃", 0.0), "太难吃", Neutral, &[]);
    let german = Language::from_tag("de");
    check_house(german, ("pünktlich", 2.0), "die Bahn ist Pünktlich 💔💔", Negative, &["Pünktlich"]);
    check_house(german, ("pünktlich", 2.0), "die Bahn ist pünktlich", Positive, &["pünktlich"]);
}

/// Words that the rules look at, and what stands in many texts.
fn busy_house() -> Scorer {
    let terms = [
        ("good", -1.0),
        ("the", 0.5),
        ("not", 0.0),
        ("but", 2.0),
        ("of the", 1.5),
        ("i", 0.0),
        ("😀", -2.0),
        ("!", 1.0),
        ("很", -1.0),
        ("不好", 2.0),
        ("我", 0.0),
        ("[哈哈]", -2.0),
        ("死了", 1.0),
    ];
    shared().clone().with_house(HouseLexicon::new(terms))
}

#[test]
fn with_a_house_lexicon_cues_add_up_to_the_score_too() {
    let mut scratch = SentimentScratch::default();
    let elsewhere = shared().clone().with_house(HouseLexicon::new([("qqqqq", 3.0)]));
    for (name, language) in [
        ("english_corpora.tsv", Language::EN),
        ("english_synthetic.tsv", Language::EN),
        ("chinese_invented.tsv", Language::ZH),
    ] {
        for (_, text) in golden(name) {
            check_cues(busy(), &text, language, &mut scratch);
            let same = shared().score(&text, language, &mut scratch);
            assert_eq!(elsewhere.score(&text, language, &mut scratch), same, "{text}");
        }
    }
}

#[test]
fn odd_input_has_a_defined_answer() {
    let long = "the wörst 服务太差了 😡 ".repeat(4_000);
    let zwj = "👨\u{200d}👩\u{200d}👧";
    let bidi = "مرحبا \u{202e}good\u{202c} שלום 好";
    for text in [
        "",
        " ",
        "\n\t",
        "\u{fe0f}",
        "\u{0}",
        "😀",
        zwj,
        "https://a.example/b",
        bidi,
        "a",
        "...",
        "@a",
        "//@",
        &long,
    ] {
        for language in [Language::EN, Language::ZH, Language::UNKNOWN, Language::JA] {
            check_cues(shared(), text, language, &mut SentimentScratch::default());
        }
    }
    for text in ["", " ", "https://a.example/b https://b.example", "@anna"] {
        check_label(Language::EN, text, Polarity::Neutral);
    }
    for text in ["", "@某人", "//@某人:太差了"] {
        check_label(Language::ZH, text, Polarity::Neutral);
    }
}

#[test]
fn label_and_score_agree() {
    let mut scratch = SentimentScratch::default();
    for (name, language) in [("english_corpora.tsv", Language::EN), ("chinese_invented.tsv", Language::ZH)] {
        for (_, text) in golden(name) {
            let found = shared().score(&text, language, &mut scratch);
            let agrees = match found.polarity {
                Polarity::Positive => found.score.e4() > 0,
                Polarity::Negative => found.score.e4() < 0,
                Polarity::Neutral => true,
            };
            let Some(odds) = found.odds else { continue };
            let all = [odds.negative, odds.neutral, odds.positive].map(|score| score.e4());
            assert!(agrees && (9_998..=10_002).contains(&all.iter().sum::<i32>()), "{text}: {found:?}");
        }
    }
}

#[test]
fn the_built_in_models_are_read_and_have_their_cards() {
    for language in [Language::EN, Language::ZH, Language::ZH_HANT] {
        assert!(shared().model_for(language).is_some(), "{language}");
    }
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    for name in ["en", "zh"] {
        let size = fs::metadata(models.join(format!("{name}.bin"))).unwrap().len();
        let card = fs::read_to_string(models.join(format!("{name}.md"))).unwrap();
        assert!(
            size < 300_000 && card.contains(&format!("; {size} bytes.")) && card.contains("Attribution:"),
            "{name}"
        );
    }
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
        let mut scratch = SentimentScratch::default();
        check_cues(shared(), &text, language, &mut scratch);
        check_cues(rules(), &text, language, &mut scratch);
        check_cues(busy(), &text, language, &mut scratch);
    }

    #[test]
    fn english_equals_another_implementation(text in texts()) {
        let theirs = vader_parity::SentimentIntensityAnalyzer::new().polarity_scores(&text).compound;
        let ours = shared().score(&text, Language::EN, &mut SentimentScratch::default()).compound;
        prop_assert!((ours.as_f64() - theirs).abs() < 1e-9, "{} against {}", ours.as_f64(), theirs);
    }
}

/// One scorer for all cases of a property: to build it takes milliseconds.
fn shared() -> &'static Scorer {
    static SCORER: std::sync::LazyLock<Scorer> = std::sync::LazyLock::new(Scorer::builtin);
    &SCORER
}

/// The same with a house lexicon.
fn busy() -> &'static Scorer {
    static SCORER: std::sync::LazyLock<Scorer> = std::sync::LazyLock::new(busy_house);
    &SCORER
}

/// The same without models.
fn rules() -> &'static Scorer {
    static SCORER: std::sync::LazyLock<Scorer> = std::sync::LazyLock::new(Scorer::rules);
    &SCORER
}
