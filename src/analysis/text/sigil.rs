//! Where tags, handles, cashtags and addresses end. Pure functions over the text; nothing is folded here.

use unicode_normalization::char::is_combining_mark;

use super::chars::{CharTable, Class};
use super::emoji::keycap_len;
use super::fold::is_ignorable;

/// Longest Weibo topic that is looked for, in characters.
const TOPIC_CHARS: usize = 64;
/// Longest handle with letters other than ASCII (Weibo's limit for a name).
const NAME_CHARS: usize = 30;

/// The inside of a tag or handle: its bytes in the text, and where the whole token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) token_end: usize,
}

/// Letters of a word by byte; everything else of ASCII ends a word.
pub(super) const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// End of the run of word characters of any script from `at`; and whether one of them is no digit. No mark begins a run
/// that is not `begun` before it.
fn run(text: &str, at: usize, begun: bool, table: &CharTable) -> (usize, bool) {
    let (mut end, mut next, mut letter) = (at, at, false);
    for c in text[at..].chars() {
        let entry = table.entry(c);
        match entry.class() {
            Class::Ignorable => {
                next += c.len_utf8();
                continue;
            }
            _ if c.is_ascii_digit() && keycap_len(&text[next..]).is_some() => break,
            Class::Word | Class::Cjk if begun || end > at || !entry.is_mark() => {}
            _ => break,
        }
        next += c.len_utf8();
        letter |= c != '_' && !c.is_numeric();
        end = next;
    }
    (end, letter)
}

/// The tag whose sign ends at `at`: a Weibo topic `#...#` if it holds a CJK character, else a run of word
/// characters with a letter among them.
pub(super) fn hashtag(text: &str, at: usize, table: &CharTable) -> Option<Body> {
    if let Some(topic) = topic(text, at, table) {
        return Some(topic);
    }
    let (end, letter) = run(text, at, false, table);
    letter.then_some(Body { start: at, end, token_end: end + closing_sign(&text[end..], table) })
}

/// Length of the `#` that closes a topic without CJK characters, `#iPhone15#新品`; in `#a#b` it opens the next tag.
fn closing_sign(rest: &str, table: &CharTable) -> usize {
    let Some(len) = number_sign_len(rest) else { return 0 };
    let opens = rest[len..].chars().next().is_some_and(|c| table.entry(c).class() == Class::Word);
    if opens { 0 } else { len }
}

/// Length of the `#` at the start of `text`, if it is not under a keycap.
fn number_sign_len(text: &str) -> Option<usize> {
    let sign = text.chars().next().filter(|c| matches!(c, '#' | '＃'))?;
    keycap_len(text).is_none().then_some(sign.len_utf8())
}

fn topic(text: &str, at: usize, table: &CharTable) -> Option<Body> {
    let mut cjk = false;
    let mut space = true;
    for (offset, c) in text[at..].char_indices().take(TOPIC_CHARS) {
        let end = at + offset;
        if let Some(len) = number_sign_len(&text[end..]) {
            return (cjk && !space).then_some(Body { start: at, end, token_end: end + len });
        }
        if matches!(c, '\n' | '\r' | '@' | '＠') || (c.is_whitespace() && offset == 0) {
            return None;
        }
        space = c.is_whitespace();
        let entry = table.entry(c);
        cjk |= entry.class() == Class::Cjk && !entry.is_mark();
    }
    None
}

/// The handle whose sign ends at `at`.
pub(super) fn handle(text: &str, at: usize, table: &CharTable) -> Option<Body> {
    let bytes = text.as_bytes();
    let plain = ascii_name_end(bytes, at, false);
    let keycap = plain > at && keycap_len(&text[plain - 1..]).is_some();
    let plain = if keycap { plain - 1 } else { plain };
    let end = match bytes.get(plain) {
        Some(byte) if !byte.is_ascii() => wide_name_end(text, at, plain, table),
        _ if plain == at => return None,
        _ => federated_end(bytes, at, plain),
    };
    (end > at).then_some(Body { start: at, end, token_end: end })
}

/// End of `[A-Za-z0-9_]+`, with hyphens inside if allowed.
fn ascii_name_end(bytes: &[u8], at: usize, hyphens: bool) -> usize {
    let mut end = at;
    while let Some(byte) = bytes.get(end) {
        let inner =
            hyphens && *byte == b'-' && end > at && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
        if !is_word_byte(*byte) && !inner {
            break;
        }
        end += 1;
    }
    end
}

/// A name in other letters (Weibo): a run, not over-long. After an ASCII name, kana and Hangul are a suffix
/// of the sentence (`@nikeさん`), Han goes on with the name.
fn wide_name_end(text: &str, at: usize, plain: usize, table: &CharTable) -> usize {
    let next = text[plain..].chars().next().unwrap_or(' ');
    let suffix = matches!(next, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}'
        | '\u{ac00}'..='\u{d7a3}');
    let (end, _) = run(text, plain, plain > at, table);
    let too_long = text[at..end].chars().count() > NAME_CHARS;
    if (plain > at && suffix) || too_long { plain } else { end }
}

/// Goes on over `.bsky.social` and `@host.org`.
fn federated_end(bytes: &[u8], at: usize, plain: usize) -> usize {
    let name = ascii_name_end(bytes, at, true);
    let mut end = match bytes.get(name) {
        Some(b'@') => name + 1,
        Some(b'.') => name,
        _ => return plain,
    };
    let host = end;
    while let Some(byte) = bytes.get(end) {
        let next = bytes.get(end + 1).copied().unwrap_or(b' ');
        let joint = matches!(byte, b'.' | b'-') && (next.is_ascii_lowercase() || next.is_ascii_digit());
        if !byte.is_ascii_alphanumeric() && !joint {
            break;
        }
        end += 1;
    }
    let dotted = bytes.get(host..end).is_some_and(|part| part.contains(&b'.'));
    if dotted { end } else { plain }
}

/// The cashtag whose sign ends at `at`: one to six letters, and `.A` or `_X` of one or two.
pub(super) fn cashtag(text: &str, at: usize) -> Option<Body> {
    let bytes = text.as_bytes();
    let letters =
        |from: usize| bytes.get(from..).unwrap_or(&[]).iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let mut end = at + Some(letters(at)).filter(|n| (1..=6).contains(n))?;
    if matches!(bytes.get(end), Some(b'.' | b'_')) {
        let class = letters(end + 1);
        let closed = closes_ticker(&text[end + 1 + class..]);
        end += if (1..=2).contains(&class) && closed { 1 + class } else { 0 };
    }
    closes_ticker(&text[end..]).then_some(Body { start: at, end, token_end: end })
}

/// What stands behind is no further letter, digit or accent.
fn closes_ticker(rest: &str) -> bool {
    let Some(c) = rest.chars().next() else { return true };
    let goes_on = c.is_ascii_alphanumeric() || c == '_' || is_combining_mark(c);
    !goes_on || is_ignorable(c) || keycap_len(rest).is_some()
}

/// Length of the address at the start of `text`: a scheme or `www.`, then no space, no CJK, no quotes, and no closing
/// punctuation at the end.
pub(super) fn url_len(text: &str, table: &CharTable) -> Option<usize> {
    let bytes = text.as_bytes();
    let prefix = ["https://", "http://", "www."].into_iter().find(|prefix| {
        bytes.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
    })?;
    let rest = &text[prefix.len()..];
    let stop = rest.char_indices().find(|(_, c)| !in_url(*c, table)).map_or(rest.len(), |(at, _)| at);
    let body = trim_url(&rest[..stop]);
    let starts_well = body.chars().next().is_some_and(char::is_alphanumeric);
    starts_well.then_some(prefix.len() + body.len())
}

fn in_url(c: char, table: &CharTable) -> bool {
    if c.is_ascii() {
        return c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`');
    }
    table.entry(c).class() == Class::Word
}

/// Closing punctuation belongs to the sentence; a bracket only if it was not opened in the address.
fn trim_url(mut body: &str) -> &str {
    while let Some(last) = body.chars().last() {
        let count = |c: char| body.matches(c).count();
        let trim = match last {
            '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '*' | '~' | '_' | '&' | '(' | '[' => true,
            ')' => count(')') > count('('),
            ']' => count(']') > count('['),
            _ => false,
        };
        if !trim {
            break;
        }
        body = &body[..body.len() - 1];
    }
    body
}
