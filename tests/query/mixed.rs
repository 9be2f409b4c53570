//! Long texts of many scripts, and queries that are made of the texts: with what the oracle reads itself, the product's
//! words are under test too.

use std::borrow::Cow;

use earful::analysis::text::TextOptions;
use earful::model::{Network, Post, Timestamp};

use crate::ask::ask;
use crate::dice::Dice;
use crate::model;
use crate::random::difference;
use crate::tree::Tree;

/// What a post is put together of.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "apple", "Apple", "APPLE’S", "juice", "tesla's", "I'm", "rock'n'roll", "don''t", "'quoted'", "wendy‘s", "o3", "x2", "snake_case",
    "__init__", "C++", "C#", "AT&T", "50%", "€100", "100€", "US$100", "a/b", "a=b", "AC/DC", "7-Eleven!", "coca-cola", "A.I.", "3.14", "1,000", "10:30",
    "niño", " nin\u{303}o", "Łódź", "Straße", "STRASSE", "Œuvre", "æon", "İstanbul", "ışık", " e\u{301}\u{323}", "Zoë", "naïve", "ǆ", "ﬁne", "ŉ",
    "Αθήνα", "ΑΘΗΝΑΣ", "ὀδός", "Ёлка", "ёлка", "елка", "йод", "їжак", "привет", "мир", "українська",
    "微软", "微軟", "社會化", "社会化", "臺灣", "台湾", "裁员", "头发", "頭髮", "⼿机", "々", "〇", "㐂", "𠮷野家", "乾",
    "か", "が", "か\u{3099}", "ﾊﾟﾝ", "ｶﾞ", "スーパー", "トヨタ㈱", "㊗", " ㋐", "゛", "한국어", "ㅋㅋㅜ", "한글", "ไทย", "กำลัง", "ภาษา๑๒", "ລາວ", "ខ្មែរ", "မြန်မာ", "ㄅㄆ",
    "हिन्दी", "नमस्ते", "مَرْحَبًا", "مرحبا", "می\u{200c}خواهم", "שָׁלוֹם", "தமிழ்", "ქართული", "Ꭰꭰ", "አማርኛ",
    "iPhone手机", "微a软b", "3个", "x中", "Tシャツ", "K팝", "５Ｇ手机",
    "#apple", "#Apple#juice", "#привет#мир", "#été#a", "#1", "#2024vote", "#话题#", "＃话题＃", "#iPhone 15 发布#", "#微软裁员", "#中❤文#", "#a_b", "##", "#", "#a-b", "x#y",
    "@juice", "@微软_x", "@vivo智能手机", "@nikeさん", "@Müller微", "@user@host.org", "@name.bsky.social", "@my-name.example.com", "foo@bar.com", "@", "@a.", "@Иван", "@@x",
    "$TSLA", "$BRK.B", "$100", "$toolongg", "＄AAPL", "$a中",
    "https://x.org/a", "(https://x.org/a)", "http://a.b/c?d=e&f#g", "www.großhandel.de", "https://a.b/c，", "http://", "HTTPS://A.B/Œ", "www.a.com中文", "https://a.b/x.\"",
    "❤", "❤️", "👍", "👍🏽", "👩‍💻", "👩🏽‍💻", "👨‍👩‍👧", "🇨🇳", "🇨🇳🇯🇵", "🇨", " 1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "😀😀", "★★★☆", "™", "Tesla™", "©", "ℹ️", "🏽", "☺️", "♥",
    "１２３", "ＡＢＣ", "Ａ＆Ｂ", "％", "！", "，", "。", "「引用」", "…", "№5", "㎏", "½", "x²", "①②", "Ⅳ", "ⓐ", "™️", "℃", "´", "ª", "㍿",
    "ap\u{ad}ple", "ap\u{200d}ple", "a\u{200b}b", "a\u{200e}b\u{200f}", "\u{feff}bom", "x\u{fe0f}y",
    ":)", ":-(", "xD", "^_^", "T_T", "<3", "(´・ω・`)", "¯\\_(ツ)_/¯", "f(x=3)", ":D:D", "list:(a)",
    "“quoted”", "„x“", "‘y’", "\"z\"", "(paren)", "[哈哈]", "{b}", "<i>", "\\", "|", "~", "*", "?", "what?", "-", "_", "'", "’", ".", ",", "!", "?!", ":", ";", "&", "+", "=", "¥5", "£",
];

/// Mostly a blank.
const GLUE: &[&str] = &[
    " ", " ", " ", " ", " ", " ", "", "", "", "\n", "\t", "\u{a0}", "\u{3000}", "-", " - ", ", ", ". ", "/",
    "'", "_",
];

/// Most pieces of a post.
const PIECES_MAX: usize = 60;

/// A post repeats some of its own pieces.
fn text(dice: &mut Dice) -> String {
    let count = dice.below(PIECES_MAX + 1);
    let few: Vec<&str> = (0..1 + dice.below(20)).map(|_| dice.one_of(PIECES)).collect();
    let piece = |dice: &mut Dice| if dice.one_in(3) { dice.one_of(PIECES) } else { dice.one_of(&few) };
    (0..count).flat_map(|_| [piece(dice), dice.one_of(GLUE)]).collect()
}

fn options(dice: &mut Dice) -> TextOptions {
    TextOptions { fold_han: !dice.one_in(4), match_handles: !dice.one_in(4), terms_in_urls: dice.one_in(4) }
}

fn post_of(body: &str, title: &str) -> Post<'static> {
    let (id, body) = (Cow::Borrowed("1"), Cow::Owned(body.to_owned()));
    let mut post = Post::new(Network::Other, id, body, Timestamp::from_millis(0));
    post.title = (!title.is_empty()).then(|| Cow::Owned(title.to_owned()));
    post
}

/// Posts of such texts against queries that are made of them and of another text; how many of these there were.
fn run(posts: u64, seed: u64, text: impl Fn(&mut Dice) -> String) -> usize {
    let mut pairs = 0;
    for n in 0..posts {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(n);
        let mut dice = Dice::new(seed);
        let (body, other) = (text(&mut dice), text(&mut dice));
        let title = if dice.one_in(2) { text(&mut dice) } else { String::new() };
        let options = options(&mut dice);
        let sources = [body.as_str(), &body, &title, &other];
        let queries: Vec<Tree> = (0..4).filter_map(|_| ask(&mut dice, &sources, options)).collect();
        pairs += queries.len();
        let differ = |body: &str, title: &str| {
            let words = model::difference(body, options).or_else(|| model::difference(title, options));
            words.or_else(|| difference(&queries, &post_of(body, title), options))
        };
        if differ(&body, &title).is_some() {
            let title = smaller(&title, |title| differ(&body, title).is_some());
            let body = smaller(&body, |body| differ(body, &title).is_some());
            panic!("number {n}, {options:?}: {}", differ(&body, &title).unwrap());
        }
    }
    pairs
}

/// The text without what the failure does not need.
fn smaller(text: &str, fails: impl Fn(&str) -> bool) -> String {
    let mut text: Vec<char> = text.chars().collect();
    let mut size = text.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < text.len() {
            let (head, tail) = (&text[..at], &text[(at + size).min(text.len())..]);
            let less = [head, tail].concat();
            if fails(&less.iter().collect::<String>()) {
                text = less;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    text.into_iter().collect()
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().expect(name))
}

/// More: `EARFUL_QUERY_POSTS=100000 cargo test --test query mixed`; other ones: `EARFUL_QUERY_SEED=5`.
#[test]
fn long_posts_of_many_scripts() {
    run(number("EARFUL_QUERY_POSTS", 250), number("EARFUL_QUERY_SEED", 1), text);
}

/// The same with the lines of a file as posts: `EARFUL_QUERY_FILE=texts.txt`.
#[test]
fn posts_of_a_file() {
    let Ok(path) = std::env::var("EARFUL_QUERY_FILE") else { return };
    let all = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = all.lines().collect();
    let (posts, seed) = (number("EARFUL_QUERY_POSTS", 10_000), number("EARFUL_QUERY_SEED", 1));
    let pairs = run(posts, seed, |dice| dice.one_of(&lines).to_owned());
    eprintln!("{pairs} pairs of queries and posts");
}
