//! Sentiment towards each of several brands of a post.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "targets/beside.rs"]
mod beside;

use std::collections::BTreeMap;
use std::{fs, path::Path};

use earful::analysis::sentiment::{
    Cue, CueKind, HouseLexicon, Model, Scope, Scorer, SentimentScratch, TARGETS_PLACES_MAX,
    TARGETS_TEXT_BYTES_MAX, TargetSentiment,
};
use earful::model::{Language, Polarity};
use proptest::prelude::*;

fn shared() -> &'static Scorer {
    static SCORER: std::sync::OnceLock<Scorer> = std::sync::OnceLock::new();
    SCORER.get_or_init(Scorer::builtin)
}

fn places(text: &str, name: &str) -> Vec<(usize, usize)> {
    let (text, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    text.match_indices(&name).map(|(at, found)| (at, at + found.len())).collect()
}

fn towards(language: Language, text: &str, names: &[&str]) -> Vec<TargetSentiment> {
    let targets: Vec<_> = names.iter().map(|name| places(text, name)).collect();
    shared().explain_targets(text, language, &targets, &mut SentimentScratch::default())
}

fn labels(language: Language, text: &str, names: &[&str]) -> Vec<Polarity> {
    towards(language, text, names).iter().map(|found| found.sentiment.polarity).collect()
}

/// Of a text about the first brands of its language, as many as there are signs: `+`, `-` and `0` for each.
fn check(language: Language, text: &str, expected: &str) {
    let wanted: Vec<Polarity> = expected
        .chars()
        .map(|sign| match sign {
            '+' => Polarity::Positive,
            '-' => Polarity::Negative,
            _ => Polarity::Neutral,
        })
        .collect();
    let english = language == Language::EN;
    let brands = if english { ["Heron", "Plover", "Gannet"] } else { ["苍鹭", "岚岛", "海雀"] };
    assert_eq!(labels(language, text, &brands[..expected.len()]), wanted, "{text}");
}

#[test]
fn who_comes_off_better_in_a_comparison() {
    for (text, expected) in [
        ("Heron beats Plover", "+-"),
        ("Heron is so much better than Plover", "+-"),
        ("Heron is nowhere near as good as Plover", "-+"),
        ("Heron is worse than Plover", "-+"),
        ("I prefer Heron to Plover", "+-"),
        ("switched from Heron to Plover", "-+"),
        ("if only Heron ran its app the way Plover does", "-+"),
        ("Heron > Plover", "+-"),
        ("Heron doesn't beat Plover", "-+"),
        ("Heron isn't better than Plover", "-+"),
        ("Heron used to be far better than Plover, now it is the other way round", "-+"),
        ("Heron isn't great but it's still a hundred times better than Plover", "+-"),
        ("My friend hates Heron but I think it's great, better than Plover", "+-"),
        ("Going back to Heron after six months in Plover", "+-"),
        // Neither is good, and how bad the other is nobody says.
        ("Heron is no better than Plover", "-0"),
        ("Heron is not any better than Plover", "-0"),
    ] {
        check(Language::EN, text, expected);
    }
    for (text, expected) in [
        ("苍鹭比岚岛好用", "+-"),
        ("苍鹭比岚岛慢", "-+"),
        ("苍鹭比起岚岛还差着辈分", "-+"),
        ("苍鹭比起岚岛好用", "+-"),
        ("苍鹭秒杀岚岛", "+-"),
        ("苍鹭不如岚岛", "-+"),
        ("苍鹭跟岚岛没法比", "-+"),
        ("从苍鹭换成岚岛", "-+"),
        ("宁可坐苍鹭也不坐岚岛", "+-"),
        ("苍鹭并不比岚岛好", "-0"),
        ("苍鹭也不比岚岛好到哪去", "-0"),
    ] {
        check(Language::ZH, text, expected);
    }
}

#[test]
fn those_that_are_listed_come_off_alike() {
    for (text, expected) in [
        ("I prefer Heron and Plover to Gannet", "++-"),
        ("Heron and Plover beat Gannet", "++-"),
        ("Heron beats Plover and Gannet", "+--"),
        ("Heron beats both Plover & Gannet", "+--"),
        ("Unlike Heron and Plover, Gannet answers", "--+"),
        ("Unlike Heron, Plover and Gannet answer", "-++"),
        ("Unlike Heron, Plover answers", "-+"),
        ("Unlike Heron, Plover is terrible", "+-"),
        ("Heron, unlike Plover, answers", "+-"),
        ("Heron, unlike Plover, answers every email within the hour", "+-"),
        ("Heron (unlike Plover) has lovely staff", "+-"),
        ("Heron, unlike Plover, lost my bag", "-+"),
        ("Compared with Heron, Plover is a joke", "+-"),
        ("Compared to Heron, Plover is wonderful", "-+"),
        ("Plover is wonderful compared to the Heron", "-+"),
        ("Neither Heron nor Plover answered my emails", "--"),
        ("I recommend neither Heron nor Plover", "--"),
        ("Everybody was rude except Heron. Plover was the worst", "+-"),
        ("Plover was awful, except Heron nobody helped", "+-"),
        ("All of them were lovely except Heron. Plover was the best", "-+"),
        ("Everything about Heron is great except Plover, which crashed", "+-"),
        // Nothing is compared with a brand.
        ("Compared to last year Heron is lovely, Plover has wonderful staff, too", "++"),
        ("switched from Heron and Plover to Gannet", "--+"),
        ("I prefer Heron and Plover", "++"),
        ("Replaced Heron with Plover", "-+"),
        // What was preferred in another sentence is no list of this one.
        ("I prefer Heron. Heron has a stand here, Plover has one too", "+0"),
    ] {
        check(Language::EN, text, expected);
    }
    for (text, expected) in [
        ("苍鹭和岚岛都比海雀好用", "++-"),
        ("苍鹭比岚岛、海雀慢", "-++"),
        ("苍鹭和岚岛不如海雀", "--+"),
        ("苍鹭和岚岛没法比", "-+"),
        ("还得看苍鹭，岚岛糊得很", "+-"),
        ("除了苍鹭，岚岛和别家都不好用", "+-"),
        ("除了苍鹭，其他都很差，岚岛最烂", "+-"),
        ("除了苍鹭都不行，岚岛更是垃圾", "+-"),
        ("除了苍鹭都很好用，岚岛最好", "-+"),
        ("除了苍鹭，我还喜欢岚岛", "++"),
        ("除了苍鹭之外，还推荐岚岛", "++"),
    ] {
        check(Language::ZH, text, expected);
    }
}

#[test]
fn a_comparison_is_shown_where_it_is() {
    for (text, expected) in [
        ("Heron beats Plover", [" beats ", " beats "]),
        ("I prefer Heron, Plover", [", ", ", "]),
        ("Heron was wonderful, but Plover", ["", "Plover"]),
    ] {
        for (found, expected) in towards(Language::EN, text, &["Heron", "Plover"]).iter().zip(expected) {
            let compared = found.cues.iter().filter(|cue| cue.kind == CueKind::Comparison);
            let shown = compared.map(|cue| &text[cue.start as usize..cue.end as usize]);
            assert_eq!(shown.collect::<String>(), expected, "{text}");
        }
    }
}

/// The models of parts know them; those of whole texts do not.
#[test]
fn what_happened_tells_without_a_word_that_judges() {
    for (text, expected) in [
        ("Two bars on Heron all weekend. Plover answered before I had finished typing", "-+"),
        ("Heron left the parcel in the rain. Plover's driver carried it up four floors", "-+"),
    ] {
        check(Language::EN, text, expected);
    }
    for (text, expected) in [
        ("苍鹭的客服已读不回三天了。岚岛半夜两点还有人接电话", "-+"),
        ("苍鹭用了五年没修过一次。岚岛第三台了，同一个地方裂", "+-"),
    ] {
        check(Language::ZH, text, expected);
    }
}

#[test]
fn a_model_of_parts_has_no_say_in_whole_texts() {
    let parts = |language: &str| {
        let path = format!("{}/models/{language}-parts.bin", env!("CARGO_MANIFEST_DIR"));
        Model::from_bytes(&fs::read(path).unwrap()).unwrap()
    };
    for (language, tag, text, name) in [
        (Language::EN, "en", "I stood at the Heron desk till the lights went out … Plover", "Heron"),
        (Language::ZH, "zh", "苍鹭又让我重填一遍表。Plover", "苍鹭"),
    ] {
        let of = |scorer: &Scorer, targets: &[Vec<(usize, usize)>]| {
            let scratch = &mut SentimentScratch::default();
            scorer.explain_targets(text, language, targets, scratch)[0].sentiment
        };
        let model = parts(tag);
        assert_eq!((model.scope(), model.language()), (Scope::Part, language));
        let without = Scorer::rules();
        let with = Scorer::rules().with_model(model);
        let whole = |scorer: &Scorer| scorer.score(text, language, &mut SentimentScratch::default());
        assert_eq!(whole(&with), whole(&without));
        let one = [places(text, name)];
        assert_eq!(of(&with, &one), of(&without, &one));
        let two = [places(text, name), places(text, "Plover")];
        let found = [of(&without, &two), of(&with, &two)].map(|found| found.polarity);
        assert_eq!(found, [Polarity::Neutral, Polarity::Negative], "{text}");
    }
}

#[test]
fn terms_of_the_house_lexicon_praise_and_blame() {
    let house = HouseLexicon::new([("glorp", 3.0), ("blarg", -3.0), ("潮爆", 3.0), ("拉胯了", -3.0)]);
    let scorer = shared().clone().with_house(house);
    for (language, text, names, expected) in [
        (
            Language::EN,
            "Heron is glorp. Plover is blarg",
            ["Heron", "Plover"],
            "positive negative glorp blarg",
        ),
        (
            Language::EN,
            "Heron was not glorp. Plover never blarg",
            ["Heron", "Plover"],
            "negative positive glorp blarg",
        ),
        (Language::ZH, "苍鹭的新品潮爆。岚岛的外卖拉胯了", ["苍鹭", "岚岛"], "positive negative 潮爆 拉胯了"),
    ] {
        let targets = names.map(|name| places(text, name));
        let found = scorer.explain_targets(text, language, &targets, &mut SentimentScratch::default());
        let labels = found.iter().map(|found| found.sentiment.polarity.as_str());
        let house = found.iter().flat_map(|found| &found.cues).filter(|cue| cue.kind == CueKind::House);
        let terms = house.map(|cue| &text[cue.start as usize..cue.end as usize]);
        assert_eq!(labels.chain(terms).collect::<Vec<_>>().join(" "), expected, "{text}");
    }
}

#[test]
fn each_has_the_label_of_its_own_clause() {
    for (text, expected) in [
        ("Heron was wonderful, but Plover was terrible", "+-"),
        ("Heron lost my bag. Plover was on time and kind", "-+"),
        ("Heron: superb. Plover: rude and late", "+-"),
        ("Heron and Plover are both great", "++"),
        ("Heron 9/10, Plover 2/10", "+-"),
        ("Heron \u{1f60d} Plover \u{1f92e}", "+-"),
        ("Flew Heron and Plover. The former was awful, the latter lovely", "-+"),
    ] {
        check(Language::EN, text, expected);
    }
    for (text, expected) in [
        ("苍鹭很好，但是岚岛太差了", "+-"),
        ("苍鹭丢了我的行李，岚岛却很贴心", "-+"),
        ("坐过苍鹭和岚岛，前者延误，后者准时又干净", "-+"),
    ] {
        check(Language::ZH, text, expected);
    }
}

#[test]
fn who_asks_reports_or_withholds_does_not_judge() {
    for (text, expected) in [
        ("has anyone flown Heron or Plover?", "00"),
        ("Anyone moved a whole team from Heron to Plover?", "00"),
        ("My sister swears Heron is the best. Plover was awful", "0-"),
        ("Heron was awful. Plover I haven't tried", "-0"),
        ("Heron is ok. Plover was great, I loved it", "0+"),
    ] {
        check(Language::EN, text, expected);
    }
    for (text, expected) in
        [("苍鹭和岚岛哪家好？", "00"), ("有人从苍鹭换到岚岛吗？", "00"), ("苍鹭太差了，岚岛没坐过", "-0")]
    {
        check(Language::ZH, text, expected);
    }
}

#[test]
fn a_negation_turns_what_comes_a_few_words_behind() {
    for (text, expected) in [
        ("Heron never let me down. Plover let me down twice", "+-"),
        ("Heron didn't crash once. Plover crashes daily", "+-"),
        ("Heron didn’t crash once. Plover crashes daily", "+-"),
        ("The staff at Heron are not helpful. The staff at Plover are helpful", "-+"),
        ("Heron was not late, not rude. Plover was late", "+-"),
        ("The staff at Heron were not at all helpful. The staff at Plover were helpful", "-+"),
    ] {
        check(Language::EN, text, expected);
    }
    for (text, expected) in [
        ("苍鹭从不卡顿，岚岛天天闪退", "+-"),
        ("苍鹭没有延误，岚岛延误了", "+-"),
        ("苍鹭没有一次延误，岚岛延误了", "+-"),
    ] {
        check(Language::ZH, text, expected);
    }
}

#[test]
fn a_means_takes_no_blame() {
    for (text, expected) in [
        ("Ordered on Heron, the Plover burger was stone cold", "0-"),
        ("Got the Heron lamp via Plover, and it was broken", "-0"),
    ] {
        check(Language::EN, text, expected);
    }
    check(Language::ZH, "在苍鹭买的岚岛，低音绝了", "0+");
}

#[test]
fn what_others_say_ends_where_the_poster_speaks() {
    for (text, expected) in [
        ("My boss says Heron is awful but mine is flawless. Plover I haven't tried", "+0"),
        ("Heron said no refund. Plover was kind", "-+"),
    ] {
        check(Language::EN, text, expected);
    }
    check(Language::ZH, "同事说苍鹭好，我用了三天就闪退，岚岛没用过", "-0");
}

#[test]
fn some_words_are_read_by_what_stands_beside_them() {
    for (text, expected) in [
        ("Heron is not as bad as Plover", "0-"),
        ("Heron for winter, Plover for summer, they're both fab", "++"),
        ("Thank you Heron for cancelling on me. Plover was kind", "-+"),
        ("Heron couldn't find my booking. Plover left us all waiting", "--"),
        ("Heron never had a single dropout. Plover was rude", "+-"),
    ] {
        check(Language::EN, text, expected);
    }
    check(Language::ZH, "苍鹭没有岚岛好用", "-+");
    check(Language::ZH, "苍鹭没有岚岛那么差", "0-");
    check(Language::ZH, "相比岚岛，苍鹭太慢了", "-+");
}

#[test]
fn one_brand_is_judged_by_the_whole_text() {
    let (text, mut scratch) = ("Loved the crew. Heron, see you again!", SentimentScratch::default());
    let whole = shared().explain(text, Language::EN, &mut scratch);
    let cues = scratch.cues().to_vec();
    // The other one was found by a field of the post.
    let found = towards(Language::EN, text, &["Heron", "nowhere in it"]);
    assert!(found.iter().all(|found| found.sentiment == whole && found.cues == cues));
    assert!(towards(Language::EN, text, &[]).is_empty());
}

#[test]
fn a_text_that_is_longer_than_posts_is_judged_whole() {
    let check = |text: &str, is_whole: bool| {
        let mut scratch = SentimentScratch::default();
        let whole = shared().explain(text, Language::EN, &mut scratch);
        let found = towards(Language::EN, text, &["Heron", "Plover"]);
        assert_eq!(found.iter().all(|found| found.sentiment == whole), is_whole, "{} bytes", text.len());
    };
    let opposite = "Heron is the best, so good. Plover is the worst, so bad.";
    let filled = |bytes: usize| format!("{opposite}{}", " ".repeat(bytes - opposite.len()));
    check(opposite, false);
    check(&filled(TARGETS_TEXT_BYTES_MAX), false);
    check(&filled(TARGETS_TEXT_BYTES_MAX + 1), true);
    let named = |times: usize| format!("{opposite}{}", " Heron".repeat(times - 2));
    check(&named(TARGETS_PLACES_MAX), false);
    check(&named(TARGETS_PLACES_MAX + 1), true);
}

/// Takes minutes where negations or gaps are followed through a whole text.
#[test]
fn long_texts_without_a_full_stop_are_judged() {
    let judged = |piece: &str| {
        let text = format!("Heron and Plover {}", piece.repeat(20_000 / piece.len()));
        labels(Language::EN, &text, &["Heron", "Plover"])
    };
    assert_eq!(judged("not late "), [Polarity::Positive; 2]);
    assert_eq!(judged("late "), [Polarity::Negative; 2]);
    for piece in [
        "not good nor late ",
        "won't fail fails didn't Heron and Plover both ",
        "she said Heron says ",
        "left Heron for waiting ",
        "苍鹭没有延误不卡",
    ] {
        assert_eq!(judged(piece).len(), 2);
    }
}

/// Accuracy over the rows `label<TAB>target<TAB>text` of a file, all targets of a text together.
fn accuracy(name: &str, language: Language) -> f64 {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sentiment/contrast").join(name);
    let file = fs::read_to_string(path).unwrap();
    let mut by_text: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for row in file.lines() {
        let fields: Vec<&str> = row.splitn(3, '\t').collect();
        by_text.entry(fields[2]).or_default().push((fields[0], fields[1]));
    }
    let (mut right, mut all) = (0, 0);
    for (text, rows) in by_text {
        let names: Vec<&str> = rows.iter().map(|(_, name)| *name).collect();
        let found = labels(language, text, &names);
        right += rows.iter().zip(found).filter(|((label, _), found)| *label == found.as_str()).count();
        all += rows.len();
    }
    f64::from(u32::try_from(right).unwrap()) / f64::from(u32::try_from(all).unwrap())
}

/// What was reached when this was written, less a little; `docs/sentiment.md` has the figures.
#[test]
fn the_contrast_set_is_judged_as_well_as_it_was() {
    for (name, language, least) in [
        ("en.dev.tsv", Language::EN, 0.82),
        ("zh.dev.tsv", Language::ZH, 0.84),
        ("en.test.tsv", Language::EN, 0.71),
        ("zh.test.tsv", Language::ZH, 0.76),
        ("en.more.tsv", Language::EN, 0.80),
        ("zh.more.tsv", Language::ZH, 0.73),
        ("zh.fresh.tsv", Language::ZH, 0.74),
        ("en.later.tsv", Language::EN, 0.67),
        ("zh.later.tsv", Language::ZH, 0.75),
        ("en.wide.tsv", Language::EN, 0.76),
    ] {
        let reached = accuracy(name, language);
        assert!(reached >= least, "{name}: {reached:.4}");
    }
}

fn texts() -> impl Strategy<Value = String> {
    let words = [
        "Heron",
        "Plover",
        "but",
        "beats",
        "?",
        "!",
        ". ",
        ", ",
        "the latter",
        "great",
        "awful",
        "比",
        "苍鹭",
        "但是",
        "，",
        "。",
        "9/10",
        "\u{1f60d}",
        "not",
        "said",
        "\n",
        "İ",
        "e\u{301}",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..24).prop_map(|words| words.join(" "))
}

proptest! {
    /// Also where targets overlap, are empty or stand in the middle of words.
    #[test]
    fn cues_add_up_to_the_score_and_agree_with_the_label(
        text in texts(),
        ends in prop::collection::vec((0..200_usize, 0..12_usize, 0..3_usize), 0..6),
        chinese in any::<bool>(),
    ) {
        let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let mut targets: Vec<Vec<(usize, usize)>> = vec![Vec::new(); 3];
        for (start, length, target) in ends {
            let start = start % boundaries.len();
            let end = (start + length).min(boundaries.len() - 1);
            targets[target].push((boundaries[start], boundaries[end]));
        }
        let language = if chinese { Language::ZH } else { Language::EN };
        let found = shared().explain_targets(&text, language, &targets, &mut SentimentScratch::default());
        prop_assert_eq!(found.len(), 3);
        for TargetSentiment { sentiment, cues } in found {
            let sum: i32 = cues.iter().map(|cue: &Cue| cue.contribution).sum();
            prop_assert_eq!(sum, sentiment.score.e4(), "{:?} {:?}", text, cues);
            prop_assert!(cues.iter().all(|cue| text.get(cue.start as usize..cue.end as usize).is_some()));
            let agrees = match sentiment.polarity {
                Polarity::Positive => sentiment.score.e4() > 0,
                Polarity::Negative => sentiment.score.e4() < 0,
                Polarity::Neutral => true,
            };
            prop_assert!(agrees, "{:?} {:?}", text, sentiment);
        }
    }
}
