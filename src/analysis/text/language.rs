//! Which language a text is written in.
//!
//! Letters are counted by script first; that settles most languages that are not written in Latin letters, and it
//! checks what the feed declares. Latin, Cyrillic and the like go on to whichlang. Addresses, handles and tags have
//! no vote: they are the same in every language.

use whichlang::Lang;

use super::{
    common_words::CommonWords,
    han::{HanScript, is_han, script_of},
};
use crate::model::Language;

/// So much of the text is read for scripts.
const SCAN_BYTES: usize = 600;
/// So much of it goes to whichlang (which costs about 10 ns a byte).
const SAMPLE_BYTES: usize = 104;
/// Fewer letters of an alphabet say nothing.
const MIN_LETTERS: u32 = 6;
/// Two Han characters or more among Latin names are a Chinese text with foreign names, if there are not more than so many
/// Latin letters for each, ...
const LATIN_TO_HAN: u32 = 12;
/// ... and fewer common words of any language that is written in Latin letters: "MacBook Pro真香".
const LATIN_WORDS: u32 = 2;

/// A writing system, as far as it narrows down the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Devanagari,
    Han,
    Kana,
    Hangul,
    /// A script with one great language, by its index in [`SINGLE`].
    Single(u8),
}

/// Scripts that stand for one language: the block, and its code.
const SINGLE: &[(char, char, &str)] = &[
    ('\u{370}', '\u{3ff}', "el"),
    ('\u{530}', '\u{58f}', "hy"),
    ('\u{590}', '\u{5ff}', "he"),
    ('\u{980}', '\u{9ff}', "bn"),
    ('\u{a00}', '\u{a7f}', "pa"),
    ('\u{a80}', '\u{aff}', "gu"),
    ('\u{b80}', '\u{bff}', "ta"),
    ('\u{c00}', '\u{c7f}', "te"),
    ('\u{c80}', '\u{cff}', "kn"),
    ('\u{d00}', '\u{d7f}', "ml"),
    ('\u{d80}', '\u{dff}', "si"),
    ('\u{e00}', '\u{e7f}', "th"),
    ('\u{e80}', '\u{eff}', "lo"),
    ('\u{1000}', '\u{109f}', "my"),
    ('\u{10a0}', '\u{10ff}', "ka"),
    ('\u{1200}', '\u{137f}', "am"),
    ('\u{1780}', '\u{17ff}', "km"),
];

/// The last character of the last row.
const SINGLE_END: char = '\u{17ff}';

/// What was counted.
#[derive(Debug)]
struct Sample {
    latin: u32,
    cyrillic: u32,
    ukrainian: u32,
    arabic: u32,
    persian: u32,
    urdu: u32,
    devanagari: u32,
    han: u32,
    traditional: u32,
    simplified: u32,
    kana: u32,
    hangul: u32,
    single: [u32; SINGLE.len()],
    text: [u8; SAMPLE_BYTES],
    len: usize,
}

/// The language of a text: by its letters, then by whichlang. What the feed declares is taken when the letters agree with
/// it, and when there are too few to tell; without it, too few letters give `und`. Chinese is told apart by characters that only
/// one script uses, so that `zh-cn` on Traditional text gives `zh-hant`.
#[must_use]
pub fn detect_language(text: &str, declared: Option<&str>) -> Language {
    let declared = declared.map_or(Language::UNKNOWN, stated_language);
    let sample = Sample::take(text);
    let Some(script) = sample.main_script() else { return declared };
    if script == Script::Han && declared != Language::JA {
        return sample.chinese(declared);
    }
    if declared != Language::UNKNOWN && agrees(declared, script) {
        return declared;
    }
    sample.language(script)
}

/// Codes of three letters for Chinese and its languages.
const CHINESE: &[&str] = &["zho", "chi", "cmn", "yue", "wuu", "nan", "hak", "gan", "hsn"];

/// The language that a feed or a query states: some codes are no language (`qme`, `zxx`), or are old (`in`, `iw`), or tell
/// one of the languages that are written in Chinese, which no text tells apart (`cmn`, `yue`).
#[must_use]
pub fn stated_language(tag: &str) -> Language {
    let first = tag.trim().split(['-', '_']).next().unwrap_or("");
    if CHINESE.iter().any(|code| first.eq_ignore_ascii_case(code)) {
        return Language::from_tag(&tag.trim().replacen(first, "zh", 1));
    }
    let language = Language::from_tag(tag);
    match language.as_str() {
        "in" => Language::from_tag("id"),
        "iw" => Language::from_tag("he"),
        "zxx" | "mis" | "mul" | "art" => Language::UNKNOWN,
        code if code.len() == 3 && code.starts_with('q') => Language::UNKNOWN,
        _ => language,
    }
}

/// The language may be written in this script.
fn agrees(language: Language, script: Script) -> bool {
    let code = language.as_str();
    let own = match code {
        "ru" | "uk" | "bg" | "be" | "mk" | "kk" | "ky" | "mn" | "tg" => script == Script::Cyrillic,
        "ar" | "fa" | "ur" | "ps" | "ckb" | "sd" | "ug" => script == Script::Arabic,
        "hi" | "mr" | "ne" => script == Script::Devanagari,
        "ja" => matches!(script, Script::Kana | Script::Han),
        "ko" => script == Script::Hangul,
        "zh" | "zh-hans" | "zh-hant" => script == Script::Han,
        _ => SINGLE
            .iter()
            .position(|row| row.2 == code)
            .map_or(script == Script::Latin, |at| script == Script::Single(at as u8)),
    };
    own || (code == "sr" && script == Script::Cyrillic) || (code == "yi" && script == Script::Single(2))
}

fn script_of_char(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'A'..='Z' => Script::Latin,
        '\0'..='\u{7f}' => return None,
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | 'Ḁ'..='ỿ' => Script::Latin,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{620}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => Script::Arabic,
        '\u{900}'..='\u{963}' | '\u{966}'..='\u{97f}' => Script::Devanagari,
        '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{ff66}'..='\u{ff9d}' => Script::Kana,
        _ if is_han(c) => Script::Han,
        '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' => Script::Hangul,
        _ if c > SINGLE_END => return None,
        _ => {
            let at = SINGLE.partition_point(|row| row.1 < c);
            let row = SINGLE.get(at).filter(|row| row.0 <= c && c.is_alphabetic());
            return row.map(|_| Script::Single(at as u8));
        }
    })
}

impl Sample {
    fn take(text: &str) -> Sample {
        let mut sample = Sample {
            latin: 0,
            cyrillic: 0,
            ukrainian: 0,
            arabic: 0,
            persian: 0,
            urdu: 0,
            devanagari: 0,
            han: 0,
            traditional: 0,
            simplified: 0,
            kana: 0,
            hangul: 0,
            single: [0; SINGLE.len()],
            text: [0; SAMPLE_BYTES],
            len: 0,
        };
        let (mut at, mut glued) = (0, false);
        while let Some(byte) = text.as_bytes().get(at).filter(|_| at < SCAN_BYTES) {
            let sign = matches!(byte, b'#' | b'@' | b'$' | b'h' | b'H' | b'w' | b'W' | 0x80..) && !glued;
            let c = if byte.is_ascii() { char::from(*byte) } else { char_at(text, at) };
            let skip = if sign { voteless_len(&text[at..], c) } else { 0 };
            if skip > 0 {
                at += skip;
                continue;
            }
            glued = byte.is_ascii_alphanumeric();
            at += c.len_utf8();
            if byte.is_ascii() {
                sample.latin += u32::from(byte.is_ascii_alphabetic());
                sample.keep_ascii(*byte);
            } else {
                sample.count(c);
                sample.keep(c);
            }
        }
        sample
    }

    /// Keeps what says something of the language. Signs and figures do not, nor do letters that are drawn out; ten
    /// exclamation marks made French of anything.
    #[inline]
    fn keep_ascii(&mut self, byte: u8) {
        let byte = if byte.is_ascii_alphabetic() || byte == b'\'' { byte } else { b' ' };
        let before = self.len.checked_sub(1).and_then(|at| self.text.get(at));
        let one_before = self.len.checked_sub(2).and_then(|at| self.text.get(at));
        let is_repeat = before == Some(&byte) && (byte == b' ' || one_before == Some(&byte));
        if let Some(place) = self.text.get_mut(self.len).filter(|_| !is_repeat) {
            *place = byte;
            self.len += 1;
        }
    }

    fn count(&mut self, c: char) {
        match script_of_char(c) {
            None => {}
            Some(Script::Latin) => self.latin += 1,
            Some(Script::Cyrillic) => {
                self.cyrillic += 1;
                self.ukrainian += u32::from(matches!(c, 'і' | 'ї' | 'є' | 'ґ' | 'І' | 'Ї' | 'Є' | 'Ґ'));
            }
            Some(Script::Arabic) => {
                self.arabic += 1;
                self.persian += u32::from(matches!(c, 'پ' | 'چ' | 'ژ' | 'گ'));
                self.urdu += u32::from(matches!(c, 'ٹ' | 'ڈ' | 'ڑ' | 'ے' | 'ں'));
            }
            Some(Script::Devanagari) => self.devanagari += 1,
            Some(Script::Han) => {
                self.han += 1;
                self.traditional += u32::from(script_of(c) == HanScript::Traditional);
                self.simplified += u32::from(script_of(c) == HanScript::Simplified);
            }
            Some(Script::Kana) => self.kana += 1,
            Some(Script::Hangul) => self.hangul += 1,
            Some(Script::Single(index)) => self.single[usize::from(index)] += 1,
        }
    }

    fn keep(&mut self, c: char) {
        if let Some(place) = self.text.get_mut(self.len..self.len + c.len_utf8()) {
            c.encode_utf8(place);
            self.len += c.len_utf8();
        } else {
            // Later, shorter characters must not be glued on.
            self.text[self.len..].fill(b' ');
            self.len = SAMPLE_BYTES;
        }
    }

    /// The script that holds most of the text, if there is enough of it. A Han or Hangul character says
    /// about as much as three letters; some kana among Han is Japanese, a single の among many is fashion.
    fn main_script(&self) -> Option<Script> {
        let japanese = self.kana > 0 && self.kana * 8 >= self.han;
        let (han, kana) = if japanese { (0, self.han + self.kana) } else { (self.han, 0) };
        let single = self.single.iter().enumerate().max_by_key(|(_, count)| **count);
        let (index, single) = single.map_or((0, 0), |(index, count)| (index, *count));
        let ranked = [
            (self.latin, Script::Latin),
            (self.cyrillic, Script::Cyrillic),
            (self.arabic * 3 / 2, Script::Arabic),
            (self.devanagari * 2, Script::Devanagari),
            (han * 3, Script::Han),
            (kana * 3, Script::Kana),
            (self.hangul * 3, Script::Hangul),
            (single * 3 / 2, Script::Single(index as u8)),
        ];
        ranked
            .into_iter()
            .max_by_key(|(weight, _)| *weight)
            .filter(|(weight, _)| *weight >= MIN_LETTERS)
            .map(|(_, script)| if self.is_chinese_with_names(script, han) { Script::Han } else { script })
    }

    /// Latin letters are most of it, but they are names and single words in a Chinese text.
    fn is_chinese_with_names(&self, script: Script, han: u32) -> bool {
        script == Script::Latin
            && han >= 2
            && self.latin <= LATIN_TO_HAN * han
            && CommonWords::of(self.sample()).most() < LATIN_WORDS
    }

    /// What is kept of the text for whichlang.
    fn sample(&self) -> &str {
        std::str::from_utf8(&self.text[..self.len]).unwrap_or("")
    }

    fn chinese(&self, declared: Language) -> Language {
        match self.traditional.cmp(&self.simplified) {
            std::cmp::Ordering::Greater => Language::ZH_HANT,
            std::cmp::Ordering::Less => Language::ZH_HANS,
            std::cmp::Ordering::Equal if declared.is_chinese() => declared,
            std::cmp::Ordering::Equal => Language::ZH,
        }
    }

    fn language(&self, script: Script) -> Language {
        match script {
            Script::Han => self.chinese(Language::UNKNOWN),
            Script::Kana => Language::JA,
            Script::Hangul => Language::from_tag("ko"),
            Script::Cyrillic if self.ukrainian > 0 => Language::from_tag("uk"),
            Script::Cyrillic => Language::from_tag("ru"),
            Script::Arabic if self.urdu > 0 => Language::from_tag("ur"),
            Script::Arabic if self.persian > 0 => Language::from_tag("fa"),
            Script::Arabic => Language::from_tag("ar"),
            Script::Devanagari => Language::from_tag("hi"),
            Script::Single(index) => {
                SINGLE.get(usize::from(index)).map_or(Language::UNKNOWN, |row| Language::from_tag(row.2))
            }
            Script::Latin => self.latin_language(),
        }
    }

    fn latin_language(&self) -> Language {
        let text = self.sample();
        let found = match whichlang::detect_language(text) {
            Lang::Eng => return Language::EN,
            Lang::Deu => "de",
            Lang::Fra => "fr",
            Lang::Ita => "it",
            Lang::Nld => "nl",
            Lang::Por => "pt",
            Lang::Spa => "es",
            Lang::Swe => "sv",
            Lang::Tur => "tr",
            Lang::Vie => "vi",
            // It was misled by single foreign characters; the letters are Latin.
            _ => "und",
        };
        let words = CommonWords::of(text);
        let (english, other) = (words.in_language("en"), words.in_language(found));
        // A single word that both have ("Terrible") is English more often than not.
        let is_english = english > other || (english > 0 && english == other && is_one_word(text));
        if is_english && !has_foreign_letters(text) { Language::EN } else { Language::from_tag(found) }
    }
}

fn is_one_word(text: &str) -> bool {
    !text.trim().contains(' ')
}

/// Letters that English words do without, or accents that stand by themselves.
fn has_foreign_letters(text: &str) -> bool {
    text.chars().any(|c| !c.is_ascii() && (c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36f}')))
}

fn char_at(text: &str, at: usize) -> char {
    text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(' ')
}

/// Length of an address, handle, tag or cashtag at the start of `rest`, which begins with `c`; 0 if there is none.
fn voteless_len(rest: &str, c: char) -> usize {
    let run = |from: usize, more: fn(char) -> bool| {
        rest[from..].find(|c: char| !more(c)).map_or(rest.len(), |at| from + at)
    };
    match c {
        '#' | '＃' => {
            let end = run(c.len_utf8(), |c| c.is_alphanumeric() || c == '_');
            end + usize::from(rest[end..].starts_with('#') && !rest[..end].is_ascii())
        }
        '@' | '＠' => run(c.len_utf8(), |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '@')),
        '$' => run(1, |c| c.is_ascii_alphanumeric()),
        'h' | 'H' | 'w' | 'W' if is_address(rest) => run(0, |c| c.is_ascii_graphic()),
        _ => 0,
    }
}

fn is_address(rest: &str) -> bool {
    ["http://", "https://", "www."].into_iter().any(|prefix| {
        rest.as_bytes().get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, declared: Option<&str>, expected: &str) {
        assert_eq!(detect_language(text, declared).as_str(), expected, "{text}");
    }

    #[test]
    fn short_posts() {
        check("United lost my luggage again, worst airline ever", None, "en");
        check("微软宣布裁员，员工很难过", None, "zh-hans");
        check("微軟宣布裁員，員工很難過", None, "zh-hant");
        check("新しいiPhoneを買いました！", None, "ja");
        check("今日は楽しかった", None, "ja");
        check("새로운 아이폰을 샀어요", None, "ko");
        check("Самолёт опять опоздал на три часа", None, "ru");
        check("Літак знову запізнився", None, "uk");
        check("تأخرت الرحلة مرة أخرى", None, "ar");
        check("پرواز ما دیر کرد و گم شدیم", None, "fa");
        check("El vuelo llegó tarde otra vez y nadie nos ayudó", None, "es");
        check("Der Flug hatte schon wieder drei Stunden Verspätung", None, "de");
        check("Le vol est encore en retard, c'est insupportable", None, "fr");
        check("O voo atrasou de novo e ninguém da empresa ajudou", None, "pt");
        check("Uçak yine üç saat geç kaldı, çok sinirliyim", None, "tr");
        check("เครื่องบินล่าช้าอีกแล้ว", None, "th");
        check("Η πτήση καθυστέρησε πάλι", None, "el");
    }

    /// Short ones and loud ones; the detector for longer texts takes each of them for another language.
    #[test]
    fn short_english() {
        for text in [
            "Worst service ever!!!!!!",
            "I love this phone!!!!!",
            "Terrible airline",
            "Aurora is terrible",
            "Horrible customer service",
            "no complaints",
            "Terrible",
            "Disgusting!",
            "UNACCEPTABLE!!!",
            "Gorgeous",
            "Underrated",
            "NIKE EMPLOYEE'S: If anyone want to work tomorrow at 5am call!!!!",
        ] {
            check(text, None, "en");
        }
        check("Servicio terrible", None, "es");
        check("C'est terrible", None, "fr");
        check("Perfecto", None, "it");
        check("Schrecklich!", None, "de");
        check("Great", None, "und");
        check("Muy mal servicio!!!!!!", None, "es");
        check("Dịch vụ rất tốt, do to all", None, "vi");
    }

    #[test]
    fn chinese_with_foreign_names() {
        check("Facebook垃圾", None, "zh");
        check("iPhone不如Samsung", None, "zh");
        check("MacBook Pro真香", None, "zh");
        check("太disappointed了", None, "zh");
        check("this 奶茶 is so good", None, "en");
        check("I love 北京 so much", None, "en");
    }

    #[test]
    fn what_the_feed_declares() {
        check("ok lol", Some("en"), "en");
        check("ok", None, "und");
        check("", None, "und");
        check("", Some("ja"), "ja");
        check("微軟宣布裁員", Some("zh-cn"), "zh-hant");
        check("你好", Some("zh-TW"), "zh-hant");
        check("", Some("cmn"), "zh");
        check("", Some("Yue-Hant"), "zh-hant");
        check("", Some("zh-yue-HK"), "zh-hant");
        check("微软宣布裁员了", Some("en"), "zh-hans");
        check("東京都渋谷区", Some("ja"), "ja");
        check("Dziękuję bardzo za pomoc", Some("pl"), "pl");
        check("United lost my luggage again", Some("qme"), "en");
        check("Pesawat terlambat lagi hari ini", Some("in"), "id");
        check("United lost my luggage again", Some("not a tag"), "en");
    }

    #[test]
    fn addresses_handles_and_tags_have_no_vote() {
        check("https://example.com/the-english-words-of-a-long-address 微软裁员了", None, "zh-hans");
        check("@UnitedAirlines @AmericanAirlines #CustomerService 行李丢了", None, "zh-hans");
        check("#微软裁员# United lost my luggage", None, "en");
        check("https://example.com/what-a-day #monday", None, "und");
        check("可爱の猫咪，今天我们一起出去玩", None, "zh-hans");
    }

    proptest::proptest! {
        #[test]
        fn total(text in "\\PC{0,300}", declared in proptest::option::of("\\PC{0,6}")) {
            let _ = detect_language(&text, declared.as_deref());
        }
    }
}
