use super::*;
use crate::analysis::sentiment::{english::English, kaomoji::faces};

fn scorer() -> Chinese {
    let faces = faces();
    Chinese::builtin(&Symbols::new(&English::builtin(), &faces), &faces)
}

fn score(text: &str) -> i32 {
    let mut scratch = ChineseScratch::default();
    let chinese = scorer();
    chinese.fold(text, &mut scratch);
    let rated = chinese.rate(&[], &mut scratch);
    crate::analysis::sentiment::rounding::to_e4(rated.compound())
}

/// `texts` score in ascending order, strictly.
fn check_ascending(texts: &[&str]) {
    let scores: Vec<_> = texts.iter().map(|t| (score(t), *t)).collect();
    assert!(scores.windows(2).all(|w| w[0].0 < w[1].0), "{scores:?}");
}

fn check_sign(expected: i32, texts: &[&str]) {
    for text in texts {
        assert_eq!(score(text).signum(), expected, "{text}: {}", score(text));
    }
}

#[test]
fn words_and_idioms_have_a_sign() {
    check_sign(1, &["这家酒店很干净", "质量不错", "宾至如归", "没错，就是它，赞", "yyds"]);
    check_sign(-1, &["服务太差了", "客服态度恶劣", "货不对板", "智商税", "被坑了"]);
    check_sign(0, &["", "今天星期三", "好像是他", "转发微博", "特别的人是别人"]);
}

#[test]
fn english_words_in_a_chinese_text_have_a_sign() {
    check_sign(1, &["今晚的live太amazing了", "客服真的Very Nice", "这家店not bad"]);
    check_sign(-1, &["这家店 not good", "服务态度 very bad", "I hate这家店的奶茶", "太disappointed了"]);
    check_sign(0, &["badminton", "昨天去了Goodwood"]);
}

#[test]
fn negation_turns_the_sign() {
    check_sign(-1, &["不好吃", "一点也不开心", "没有想象中那么好", "并不推荐", "不是一个好的选择"]);
    check_sign(1, &["不难吃", "没有任何问题", "毫无怨言，赞", "并不麻烦"]);
    check_sign(0, &["别害怕", "不要乱骂人"]);
}

#[test]
fn what_only_looks_like_a_negation_turns_nothing() {
    check_sign(1, &["不但好看", "不得不赞", "不仅便宜", "非常好", "特别喜欢", "没错很棒"]);
}

#[test]
fn a_negation_that_denies_nothing_turns_nothing() {
    check_sign(
        1,
        &[
            "千万别错过",
            "千萬別錯過蒼鷺的新品",
            "谁不喜欢呢",
            "誰不喜歡呢",
            "谁能不爱它",
            "难道不好吗",
            "難道不好看嗎",
            "难道苍鹭不好用吗",
            "难道这家店做得不好吃吗",
            "怎么可能不喜欢",
            "谁说苍鹭不好用",
            "它不香吗",
            "没有人不喜欢它",
            "没人不喜欢它",
            "無人不愛",
            "从来没有让我失望",
            "没有比这更好的了",
            "再好不过了",
        ],
    );
    check_sign(-1, &["难道不难吃吗", "没有比这更差的了", "好不狼狈"]);
    check_sign(0, &["不得不说", "谁不知道", "好不容易到了", "苍鹭好不好用", "没有之一"]);
    check_ascending(&["热闹", "好不热闹"]);
    check_ascending(&["别提多烦人了", "烦人", "耐心", "别提多耐心了"]);
    check_ascending(&["不喜欢", "喜欢", "谁不喜欢"]);
}

#[test]
fn two_negations_make_a_weaker_yes() {
    check_ascending(&["不喜欢", "不是不喜欢", "喜欢"]);
}

#[test]
fn degree_words_grade() {
    check_ascending(&["太难吃了", "难吃", "有点难吃", "有点好吃", "好吃", "非常好吃", "极其好吃"]);
    check_ascending(&["很不满意", "不是很满意", "满意", "很满意"]);
    check_ascending(&["开心", "开心死了"]);
    check_ascending(&["难受死了", "难受"]);
}

#[test]
fn the_clause_behind_a_contrast_weighs_more() {
    check_ascending(&["很漂亮，但是很脏", "很脏，但是很漂亮"]);
    check_sign(-1, &["房间不错，可是服务太差"]);
}

#[test]
fn exclamation_marks_add_weight() {
    check_ascending(&["喜欢", "喜欢！", "喜欢！！！"]);
    assert_eq!(score("喜欢！！！"), score("喜欢！！！！！！"));
    assert_eq!(score("！！！"), 0);
}

#[test]
fn weibo_tags_and_emoji_count() {
    check_sign(1, &["[哈哈]", "到了[爱你]", "👍", "今天:)"]);
    check_sign(-1, &["[怒]", "到了[泪]", "💔", "今天:(", "[呵呵]", "呵呵"]);
}

#[test]
fn only_the_posters_own_words_count() {
    assert_eq!(score("支持//@某人:垃圾//@别人:太差了"), score("支持"));
    assert_eq!(score("//@某人:垃圾"), 0);
    assert_eq!(score("@开心果 你好吗"), score("@某人甲 你好吗"));
}

#[test]
fn both_scripts_score_the_same() {
    for (traditional, simplified) in
        [("這家飯店很乾淨，服務週到，讚！", "这家饭店很干净，服务周到，赞！"), ("難過", "难过")]
    {
        assert_ne!(score(simplified), 0);
        assert_eq!(score(traditional), score(simplified), "{traditional}");
    }
}

#[test]
fn latin_patterns_stand_alone() {
    assert_eq!(score("插入usb接口，cmd命令"), 0);
    check_sign(-1, &["真是sb"]);
}

#[test]
fn parts_point_at_their_words() {
    let text = "@某人 這家飯店很乾淨，但是服務太差了，不开心！[怒]";
    let (chinese, mut scratch, mut parts) = (scorer(), ChineseScratch::default(), Vec::new());
    chinese.fold(text, &mut scratch);
    let _ = chinese.rate(&[], &mut scratch);
    scratch.parts(&mut parts);
    let characters: Vec<char> = text.chars().collect();
    let words = |p: &Part| characters[p.start as usize..p.end as usize].iter().collect::<String>();
    let found: Vec<_> = parts.iter().map(|p| (words(p), p.kind, p.valence != 0.0)).collect();
    let expected = [
        ("很", CueKind::Degree, false),
        ("乾淨", CueKind::Word, true),
        ("太差了", CueKind::Word, true),
        ("不开心", CueKind::Word, true),
        ("[怒]", CueKind::Symbol, true),
    ];
    assert_eq!(found, expected.map(|(word, kind, rated)| (word.to_owned(), kind, rated)));
}

#[test]
fn kaomoji_have_a_sign_whatever_is_drawn_around_them() {
    check_sign(1, &["今天去了(≧▽≦)", "今天去了ヾ(≧O≦)〃嗷~", "今天去了（*＾▽＾*）", "(｡◕‿◕｡)"]);
    check_sign(
        -1,
        &["今天去了(╥﹏╥)", "今天去了（Ｔ＿Ｔ）", "今天去了(´；ω；`)", "(╯°□°）╯︵ ┻━┻", "今天去了QAQ"],
    );
    check_sign(0, &["今天去了(⊙_⊙)", "今天去了╮(╯▽╰)╭", "¯\\_(ツ)_/¯", "比分030", "tattoo"]);
}
