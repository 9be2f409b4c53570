//! Tests of the text model: one table a rule, then properties.

use proptest::prelude::*;

use super::*;
use crate::model::Zone;

/// `kind:folded` of every token, with a space between. Words and characters go without the kind.
fn show(tokens: &Tokens) -> String {
    let one = |token: &Token| match token.kind {
        TokenKind::Word | TokenKind::Char => tokens.folded(token).to_owned(),
        kind => format!("{}:{}", kind.as_str(), tokens.folded(token)),
    };
    tokens.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn read(text: &str) -> Tokens {
    let mut tokens = Tokens::new();
    Tokenizer::new(TextOptions::default()).tokenize(Zone::Body, text, &mut tokens);
    tokens
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(&read(text)), expected, "{text}");
}

#[track_caller]
fn first<'t>(text: &str, tokens: &'t mut Tokens) -> &'t Token {
    *tokens = read(text);
    tokens.all().first().expect("a token")
}

#[test]
fn words() {
    check("Juice made of apple", "juice made of apple");
    check("Apple, juice!", "apple juice");
    check("A.I. coca-cola snake_case 7-Eleven", "a i coca cola snake_case 7 eleven");
    check("don't rock'n'roll 'quoted' dogs' O’Neill ＯＫ", "don't rock'n'roll quoted dogs o'neill ok");
    check("Ünïcode ŁÓDŹ Straße Ørsted œuvre", "unicode lodz strasse orsted oeuvre");
    check("AT&T C++ 50% €100 AC/DC", "at t c 50 100 ac dc");
    check("", "");
    check("  ...  ", "");
    check("x² ﬁn ①", "x2 fin 1");
    check("5㎏ №7 ℡ ㎢", "5kg no7 tel km2");
    check("acme™ ℠", "acme");
    check("हिन्दी مَرْحَبًا שָׁלוֹם", "हिन्दी مَرْحَبًا שָׁלוֹם");
}

#[test]
fn accents_are_kept_beside() {
    for (text, folded, kept) in [
        ("niño", "nino", "niño"),
        ("nin\u{303}o", "nino", "niño"),
        ("NIÑO", "nino", "niño"),
        ("nino", "nino", "nino"),
        ("Άλφα", "αλφα", "άλφα"),
        ("Ёлка", "елка", "ёлка"),
        ("Е\u{308}лка", "елка", "ёлка"),
        ("Йод", "йод", "йод"),
        ("И\u{306}од", "йод", "йод"),
        ("ΣΟΦΟΣ", "σοφοσ", "σοφοσ"),
        ("σοφος", "σοφοσ", "σοφοσ"),
        ("Æsop", "aesop", "æsop"),
        ("Straße", "strasse", "straße"),
        ("STRAẞE", "strasse", "straße"),
        ("ISTANBUL", "istanbul", "istanbul"),
        ("İstanbul", "istanbul", "istanbul"),
        ("ılık", "ilik", "ılık"),
        ("Việt", "viet", "việt"),
        ("が", "が", "が"),
        ("か\u{3099}", "が", "が"),
        ("ｶﾞ", "ガ", "ガ"),
        ("한", "한", "한"),
        ("\u{1112}\u{1161}\u{11ab}", "한", "한"),
        ("กิ", "กิ", "กิ"),
        ("社", "社", "社"),
        ("會", "会", "会"),
    ] {
        let mut tokens = Tokens::new();
        let token = *first(text, &mut tokens);
        assert_eq!((tokens.folded(&token), tokens.kept(&token)), (folded, kept), "{text}");
        assert_eq!(token.is_accented(), folded != kept, "{text}");
        assert_eq!(tokens.len(), 1, "{text}");
        assert_eq!(token.hash, hash_folded(folded), "{text}");
    }
}

#[test]
fn cased_form_is_as_written() {
    for (text, cased) in [
        ("BT", "BT"),
        ("#BT", "BT"),
        ("＠BT", "BT"),
        ("Nin\u{303}o", "Niño"),
        ("Wendy’s", "Wendy's"),
        ("Te\u{ad}sla", "Tesla"),
        ("微軟", "微"),
        ("#微軟X#", "微軟X"),
        ("ＢＴ", "ＢＴ"),
    ] {
        let mut tokens = Tokens::new();
        let token = *first(text, &mut tokens);
        assert_eq!(tokens.cased(&token), cased, "{text}");
    }
}

#[test]
fn possessives_answer_to_the_name() {
    for (text, folded, stem) in [
        ("Tesla's", "tesla's", Some("tesla")),
        ("TESLA’S", "tesla's", Some("tesla")),
        ("Citroën's", "citroen's", Some("citroen")),
        ("Tesla", "tesla", None),
        ("'s", "s", None),
        ("don't", "don't", None),
        ("@user@host.org", "user@host.org", Some("user")),
        ("@Nike.com", "nike.com", Some("nike")),
        ("@nike", "nike", None),
        ("@vivo智能手机", "vivo智能手机", Some("vivo")),
    ] {
        let mut tokens = Tokens::new();
        let token = *first(text, &mut tokens);
        assert_eq!((tokens.folded(&token), tokens.stem(&token)), (folded, stem), "{text}");
        assert_eq!(tokens.stem_hash(&token), stem.map(hash_folded), "{text}");
    }
    let tokens = read("Citroën's");
    assert_eq!(tokens.kept_stem(&tokens.all()[0]), Some("citroën"));
    assert_eq!(tokens.cased_stem(&tokens.all()[0]), Some("Citroën"));
}

#[test]
fn cjk_by_character() {
    check("我在微软工作", "我 在 微 软 工 作");
    check("社會化客戶關係", "社 会 化 客 户 关 系");
    check("新iPhone手机", "新 iphone 手 机");
    check("TikTok的周受资说", "tiktok 的 周 受 资 说");
    check("5月15日，好！", "5 月 15 日 好");
    check("すごいアプリー 々", "す ご い ア プ リ ー 々");
    check("안녕 ABC하세요", "안 녕 abc 하 세 요");
    check("กินข้าว", "กิ น ข้ า ว");
    check("𠮷野家", "𠮷 野 家");
    let mut tokens = Tokens::new();
    let options = TextOptions { fold_han: false, ..TextOptions::default() };
    Tokenizer::new(options).tokenize(Zone::Body, "社會", &mut tokens);
    assert_eq!(show(&tokens), "社 會");
}

#[test]
fn tags() {
    check("#Apple pie", "hashtag:apple pie");
    check("I love #AppleWatch!", "i love hashtag:applewatch");
    check("#微软裁员# 来了", "hashtag:微软裁员 来 了");
    check("＃微軟＃好", "hashtag:微软 好");
    check("#iPhone 15 发布会#今天", "hashtag:iphone 15 发布会 今 天");
    check("#微软 #苹果 #谷歌", "hashtag:微软 hashtag:苹果 hashtag:谷歌");
    check("C# F#5 #1 # #", "c f 5 1");
    check("今天#话题#真好", "今 天 hashtag:话题 真 好");
    check("#a#b", "hashtag:a hashtag:b");
    check("#iPhone15#发布 #x#", "hashtag:iphone15 发 布 hashtag:x");
    check("#café", "hashtag:cafe");
    check("#\u{3099}\u{3099}# #\u{301}#", "");
    check("##tag", "hashtag:tag");
    check("#Größe2024_x.", "hashtag:grosse2024_x");
}

#[test]
fn inside_of_cjk_tags() {
    let tokens = read("看 #微軟iPhone裁員# 好");
    let tag = tokens.all()[1];
    assert_eq!(tokens.folded(&tag), "微软iphone裁员");
    let inner: Vec<_> = tokens.inner(&tag).map(|token| (tokens.folded(token), token.position)).collect();
    assert_eq!(inner, [("微", 1), ("软", 1), ("iphone", 1), ("裁", 1), ("员", 1)]);
    assert_eq!(tokens.all()[2].position, 2);
    assert!(tokens.inner(&tokens.all()[0]).next().is_none());
    assert!(!read("#applepie").all()[0].has_inner());
    let two = read("#微软##苹果#");
    let inner: Vec<_> = two.inner(&two.all()[1]).map(|token| two.folded(token)).collect();
    assert_eq!(inner, ["苹", "果"]);
    assert_eq!(two.all_inner().len(), 4);
}

#[test]
fn handles_and_cashtags() {
    check("thanks @Brandwatch", "thanks handle:brandwatch");
    check("RT @user@mastodon.social: hi", "rt handle:user@mastodon.social hi");
    check("@alice.bsky.social. Bye", "handle:alice.bsky.social bye");
    check("@united.Worst airline", "handle:united worst airline");
    check("foo@bar.com", "foo bar com");
    check("//@微软中国：好", "handle:微软中国 好");
    check("感谢@nikeさん", "感 谢 handle:nike さ ん");
    check("@ @@ @-", "");
    check(
        "$TSLA to $BRK.B, $100 US$5 $TOOLONGTICKER",
        "cashtag:tsla to cashtag:brk.b 100 us 5 toolongticker",
    );
    check("＄AAPL", "cashtag:aapl");
}

#[test]
fn addresses() {
    check("see https://t.co/AbC.", "see url:https://t.co/abc");
    check("看https://t.cn/A6x，好", "看 url:https://t.cn/a6x 好");
    check("https://t.cn/A6x好看", "url:https://t.cn/a6x 好 看");
    check("(www.example.com/a_(b)) x", "url:www.example.com/a_(b) x");
    check("http:// www. bbc.com", "http www bbc com");
    check("HTTPS://X.ORG/a?b=c&d=1#e!", "url:https://x.org/a?b=c&d=1#e");
    check("https://t.co/abc…", "url:https://t.co/abc");
    let mut tokens = Tokens::new();
    let options = TextOptions { terms_in_urls: true, ..TextOptions::default() };
    Tokenizer::new(options).tokenize(Zone::Body, "https://marriott.com/x", &mut tokens);
    assert_eq!(show(&tokens), "https marriott com x");
}

#[test]
fn emoji() {
    check("I ❤️ it", "i emoji:❤ it");
    check("I ❤ it", "i emoji:❤ it");
    check("👍🏽", "emoji:👍");
    check("👩🏽‍💻👩", "emoji:👩‍💻 emoji:👩");
    check("🇨🇳🇯🇵", "emoji:🇨🇳 emoji:🇯🇵");
    check("👨‍👩‍👧‍👦x", "emoji:👨‍👩‍👧‍👦 x");
    check("1️⃣ #️⃣ 12️⃣", "emoji:1⃣ emoji:#⃣ 1 emoji:2⃣");
    check("Tesla™ rocks©", "tesla rocks");
    check("好😂😂", "好 emoji:😂 emoji:😂");
    let tokens = read("👍🏽");
    let token = tokens.all()[0];
    assert_eq!((tokens.kept(&token), tokens.cased(&token)), ("👍🏽", "👍🏽"));
    assert!(token.is_accented());
    assert_eq!(show(&read("\u{1f3fd}")), "emoji:\u{1f3fd}");
}

#[test]
fn emoticons() {
    check("good :) bad :-( ;D xD", "good emoticon::) bad emoticon::-( emoticon:;d emoticon:xd");
    check(
        "I <3 you :'( ^_^ -_- T_T",
        "i emoticon:<3 you emoticon::'( emoticon:^_^ emoticon:-_- emoticon:t_t",
    );
    check("lol:D", "lol emoticon::d");
    check("at 10:30 list:(a) f(x=3) ftp://x 1<3", "at 10 30 list a f x 3 ftp x 1 3");
    check("好的:)", "好 的 emoticon::)");
    check(r"¯\_(ツ)_/¯", r"emoticon: ̄\_(ツ)_/ ̄");
    check("(≧▽≦)", "emoticon:(≧▽≦)");
    check("xDrive dxd", "xdrive dxd");
}

#[test]
fn invisible_characters_leave_no_trace() {
    check("Te\u{200d}s\u{ad}la\u{feff} \u{202e}x\u{200f}", "tesla x");
    check("微\u{200d}软\u{fe0f}", "微 软");
    check("a\u{200b}b", "a b");
    let tokens = read("AT\u{200d}&\u{feff}T");
    assert_eq!(tokens.folded_zone(Zone::Body), "at&t");
}

#[test]
fn symbols_can_be_checked_in_place() {
    for (text, term, before, after) in [
        ("I write C++.", "c", "i write ", "++."),
        ("150% off", "150", "", "% off"),
        ("only €100", "100", "only €", ""),
        ("＃1 ％", "1", "#", " %"),
        ("Ä ＡＴ＆Ｔ", "at", "a ", "&t"),
        ("x #Tag!", "tag", "x #", "!"),
        ("é…Google＋", "google", "e...", "+"),
    ] {
        let tokens = read(text);
        let token = tokens.iter().find(|token| tokens.folded(token) == term).expect(text);
        assert_eq!((tokens.before(token), tokens.after(token)), (before, after), "{text}");
        assert_eq!(&tokens.folded_zone(Zone::Body)[tokens.folded_range(token)], term, "{text}");
    }
    let tokens = read("now AT&T is");
    assert_eq!(tokens.between(&tokens.all()[1], &tokens.all()[2]), "&");
}

#[test]
fn zones_start_anew() {
    let tokenizer = Tokenizer::new(TextOptions::default());
    let mut tokens = Tokens::new();
    tokenizer.tokenize(Zone::Title, "Apple Café", &mut tokens);
    tokenizer.tokenize(Zone::Body, "Juice #微软# x", &mut tokens);
    let places: Vec<_> = tokens.iter().map(|token| (token.zone, token.position)).collect();
    let expected = [(Zone::Title, 0), (Zone::Title, 1), (Zone::Body, 0), (Zone::Body, 1), (Zone::Body, 2)];
    assert_eq!(places, expected);
    assert_eq!(tokens.folded_zone(Zone::Body), "juice #微软# x");
    assert_eq!(tokens.source_zone(Zone::Title), "Apple Café");
    assert_eq!(tokens.zone(Zone::Title).len(), 2);
    assert_eq!(tokens.before(&tokens.all()[2]), "");
    tokens.clear();
    assert!(tokens.is_empty() && tokens.folded_zone(Zone::Body).is_empty());
}

/// A term as the query language means it, without an index: its tokens next to each other, by kept form if the
/// term has an accent, else by folded form or stem; tags only tags; in CJK tags also the inside.
fn finds(term: &str, text: &str) -> bool {
    let (query, post) = (read(term), read(text));
    let answers = |q: &Token, t: &Token| {
        let sign = matches!(q.kind, TokenKind::Hashtag | TokenKind::Handle | TokenKind::Cashtag);
        let kind = if sign { q.kind == t.kind } else { t.kind != TokenKind::Url };
        let form = match q.is_accented() {
            true => query.kept(q) == post.kept(t) || post.kept_stem(t) == Some(query.kept(q)),
            false => query.folded(q) == post.folded(t) || post.stem(t) == Some(query.folded(q)),
        };
        kind && form
    };
    let phrase = |run: &[Token]| query.iter().zip(run).all(|(q, t)| answers(q, t));
    let inside = |tag: &Token| post.inner(tag).copied().collect::<Vec<_>>().windows(query.len()).any(phrase);
    post.all().windows(query.len()).any(phrase) || post.iter().any(inside)
}

#[test]
fn worked_examples_of_the_query_language() {
    for (term, text, expected) in [
        ("apple juice", "Apple, juice!", true),
        ("apple juice", "apple and juice", false),
        ("crowd strikes", "crowdstrike", false),
        ("niño", "nino", false),
        ("niño", "niño", true),
        ("NIÑO", "nin\u{303}o's", true),
        ("nino", "nino", true),
        ("nino", "niño", true),
        ("か", "が", false),
        ("が", "か\u{3099}", true),
        ("google", "Google+", true),
        ("C", "I write C++.", true),
        ("at t", "at&t outage", true),
        ("coca-cola", "Coca Cola", true),
        ("coca-cola", "cocacola", false),
        ("A.I.", "AI", false),
        ("A.I.", "an A.I. thing", true),
        ("tesla", "Tesla's stock", true),
        ("tesla stock", "Tesla’s stock", true),
        ("wendy's", "wendy’s", true),
        ("wendy's", "wendy", false),
        ("apple", "#Apple", true),
        ("#apple", "apple", false),
        ("#apple", "#Apple", true),
        ("#apple", "#applepie", false),
        ("apple", "#applepie", false),
        ("@brandwatch", "thanks @Brandwatch", true),
        ("@brandwatch", "brandwatch", false),
        ("@brandwatch", "@brandwatch@mastodon.social hi", true),
        ("微软", "我在微软工作", true),
        ("微软", "微 x 软", false),
        ("微软", "#微软裁员#", true),
        ("软裁", "#微軟裁員#", true),
        ("#微软", "#微软裁员#", false),
        ("#微软裁员", "#微軟裁員# 来了", true),
        ("#微软裁员#", "#微軟裁員 来了", true),
        ("周受资", "TikTok的周受资说", true),
        ("社会化", "社會化客戶關係", true),
        ("社會化", "社会化客户关系", true),
        ("iphone", "新iPhone手机", true),
        ("手机", "新iPhone手机", true),
        ("❤", "I ❤️ it", true),
        ("❤️", "I ❤ it", true),
        ("👍", "👍🏽", true),
        ("👍🏽", "👍", false),
        ("👍🏽", "👍🏽", true),
        ("👩", "👩‍💻", false),
        ("🇨🇳", "🇨🇳🇯🇵", true),
        ("marriott", "https://marriott.com/x", false),
        ("straße", "STRASSE", false),
        ("strasse", "Straße", true),
        ("елка", "ёлка", true),
        ("ёлка", "елка", false),
        ("и", "й", false),
        ("กิน", "เรากินข้าว", true),
    ] {
        assert_eq!(finds(term, text), expected, "{term} in {text}");
    }
}

/// Text with everything in it that the pass looks at.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,6}",
        "[a-zA-Z' _.0-9]{0,12}",
        "[微軟软会會がかｶﾞกิข้한á́ñЙёßﬁœ，。]{1,6}",
        "[#＃@＠$＄:;=<>^*&%+()/-]{1,3}",
        "[\u{200d}\u{fe0f}\u{ad}\u{20e3}\u{3099}\u{301}\u{11a8}\u{1f3fd}👍❤🇨🇳👩💻#1]{1,5}",
        Just("https://t.co/aB".to_owned()),
        Just("www.x".to_owned()),
        Just(" ".to_owned()),
        Just("\n".to_owned()),
        any::<String>(),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn check_places(text: &str, tokens: &Tokens) {
    let mut end = 0;
    for (index, token) in tokens.iter().enumerate() {
        assert!(text.get(token.range()).is_some_and(|part| !part.is_empty()), "{token:?}");
        assert!(token.start as usize >= end, "{token:?}");
        assert_eq!(token.position as usize, index);
        assert!(!tokens.folded(token).is_empty(), "{token:?}");
        assert!(!tokens.cased(token).is_empty(), "{token:?}");
        assert_eq!(token.hash, hash_folded(tokens.folded(token)));
        assert_eq!(token.is_accented(), tokens.kept(token) != tokens.folded(token));
        assert_eq!(&tokens.folded_zone(token.zone)[tokens.folded_range(token)], tokens.folded(token));
        end = token.end as usize;
    }
    for (owner, token) in tokens.all_inner() {
        let tag = tokens.all()[*owner as usize];
        assert!(text.get(token.range()).is_some_and(|part| !part.is_empty()));
        assert!(token.start > tag.start && token.end <= tag.end && token.position == tag.position);
        assert_eq!(token.hash, hash_folded(tokens.folded(token)));
    }
}

/// What a token says, without where it is.
fn forms(tokens: &Tokens, zone: Zone) -> Vec<(TokenKind, u32, u32, u32, String, String, String)> {
    let own = |token: &Token| {
        let (folded, kept, cased) = (tokens.folded(token), tokens.kept(token), tokens.cased(token));
        (token.kind, token.position, token.start, token.end, folded.into(), kept.into(), cased.into())
    };
    tokens.iter().filter(|token| token.zone == zone).map(own).collect()
}

/// Random texts meet a rare character once in years; these are all of them, between two letters.
#[test]
fn every_character_folds_once_for_all() {
    let once = |fold: &dyn Fn(&str, &mut String), text: &str| {
        let mut out = String::new();
        fold(text, &mut out);
        out
    };
    let kept = |text: &str, out: &mut String| fold::push_kept(text, true, out);
    for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
        let text = format!("a{c}b");
        let kept_form = once(&kept, &text);
        let folded = once(&fold::push_stripped, &kept_form);
        let cased = once(&fold::push_cased, &text);
        assert_eq!(once(&kept, &kept_form), kept_form, "kept, U+{:04X}", u32::from(c));
        assert_eq!(once(&kept, &folded), folded, "folded and kept, U+{:04X}", u32::from(c));
        assert_eq!(once(&fold::push_stripped, &folded), folded, "folded, U+{:04X}", u32::from(c));
        assert_eq!(once(&fold::push_cased, &cased), cased, "cased, U+{:04X}", u32::from(c));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn places_are_right_on_any_text(text in any_text()) {
        let tokens = read(&text);
        check_places(&text, &tokens);
        prop_assert_eq!(tokens.source_zone(Zone::Body), &text);
    }

    #[test]
    fn zones_do_not_touch_each_other(left in any_text(), right in any_text()) {
        let tokenizer = Tokenizer::new(TextOptions::default());
        let (mut both, mut title, mut body) = (Tokens::new(), Tokens::new(), Tokens::new());
        tokenizer.tokenize(Zone::Title, &left, &mut both);
        tokenizer.tokenize(Zone::Body, &right, &mut both);
        tokenizer.tokenize(Zone::Title, &left, &mut title);
        tokenizer.tokenize(Zone::Body, &right, &mut body);
        prop_assert_eq!(forms(&both, Zone::Title), forms(&title, Zone::Title));
        prop_assert_eq!(forms(&both, Zone::Body), forms(&body, Zone::Body));
        prop_assert_eq!(both.folded_zone(Zone::Body), body.folded_zone(Zone::Body));
    }

    #[test]
    fn folding_twice_is_folding_once(text in any_text()) {
        let tokens = read(&text);
        for token in tokens.iter().filter(|token| token.kind != TokenKind::Emoji) {
            for form in [tokens.folded(token), tokens.kept(token)] {
                let (mut kept, mut folded) = (String::new(), String::new());
                fold::push_kept(form, true, &mut kept);
                prop_assert_eq!(&kept, form);
                fold::push_stripped(tokens.folded(token), &mut folded);
                prop_assert_eq!(&folded, tokens.folded(token));
            }
        }
    }

    #[test]
    fn the_fast_way_agrees_with_the_exact_way(text in any_text()) {
        let tokens = read(&text);
        for token in tokens.iter().filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Char)) {
            let (mut kept, mut folded) = (String::new(), String::new());
            fold::push_kept(&text[token.range()], true, &mut kept);
            fold::push_stripped(&kept, &mut folded);
            prop_assert_eq!(tokens.kept(token), kept);
            prop_assert_eq!(tokens.folded(token), folded);
        }
    }
}
