//! What begins with a sign: tags, handles, tickers; and addresses.

use super::letters::Letter;
use super::{Found, Kind, classes};

/// The most characters of a topic with its closing sign, and of a name that is not of plain letters.
const TOPIC_MAX: usize = 64;
const HANDLE_MAX: usize = 30;

/// A sign that stands behind a word is part of no name: `C#`, `a@b.c`, `US$`.
pub(super) fn sigil(text: &str, letters: &[Letter]) -> Option<Found> {
    // Of the other shapes of these signs only the full-width ones count.
    let shaped = matches!(letters[0].source, '#' | '＃' | '@' | '＠' | '$' | '＄');
    match letters[0].c {
        _ if letters[0].emoji || !shaped => None,
        '#' => topic(text, letters).or_else(|| tag(letters)),
        '@' => handle(letters),
        '$' => ticker(letters),
        _ => None,
    }
}

fn named(kind: Kind, length: usize, name: std::ops::Range<usize>) -> Option<Found> {
    Some(Found { kind, length, name, short: None })
}

/// `#话题#`: between two signs, with a character of an unspaced script.
fn topic(text: &str, letters: &[Letter]) -> Option<Found> {
    let end = 1 + letters[1..].iter().position(is_number_sign)?;
    let name = &letters[1..end];
    let short = text[letters[0].end..letters[end].start].chars().count() < TOPIC_MAX;
    let blank = |letter: Option<&Letter>| letter.is_none_or(|letter| letter.c.is_whitespace());
    let bad = |letter: &Letter| matches!(letter.c, '\n' | '\r' | '@');
    let fits = name.iter().any(|letter| letter.is_unspaced() && !letter.is_mark()) && !name.iter().any(bad);
    (fits && short && !blank(name.first()) && !blank(name.last()))
        .then(|| named(Kind::Hashtag, end + 1, 1..end))?
}

fn is_number_sign(letter: &Letter) -> bool {
    matches!(letter.source, '#' | '＃') && !letter.emoji
}

fn in_name(letter: &Letter) -> bool {
    letter.is_wordy() || letter.is_unspaced()
}

/// How many letters a name has: no mark begins it.
fn name_run(letters: &[Letter]) -> usize {
    let begins = letters.first().is_some_and(|letter| !letter.is_mark());
    if begins { letters.iter().take_while(|letter| in_name(letter)).count() } else { 0 }
}

/// A run of word characters with a letter among them. A sign that closes it belongs to it; one that begins the next tag
/// (`#one#two`) does not.
fn tag(letters: &[Letter]) -> Option<Found> {
    let end = 1 + name_run(&letters[1..]);
    let lettered = letters[1..end].iter().any(|letter| letter.c != '_' && !letter.source.is_numeric());
    let sign = letters.get(end).is_some_and(is_number_sign);
    let closed = sign && !letters.get(end + 1).is_some_and(Letter::is_wordy);
    lettered.then(|| named(Kind::Hashtag, end + usize::from(closed), 1..end))?
}

/// `$TSLA`, `$BRK.B`: up to six letters, and a letter or two behind a dot or `_`.
fn ticker(letters: &[Letter]) -> Option<Found> {
    let at = |n: usize| letters.get(n).filter(|letter| letter.is_ascii()).map_or(' ', |letter| letter.c);
    let count = |from: usize| (from..).take_while(|n| at(*n).is_ascii_alphabetic()).count();
    let free = |end: usize| !(at(end).is_ascii_alphanumeric() || at(end) == '_');
    let main = count(1);
    let class = if matches!(at(1 + main), '.' | '_') { count(2 + main) } else { 0 };
    let ends = [(1..=2).contains(&class).then_some(2 + main + class), Some(1 + main)];
    let end = ends.into_iter().flatten().find(|end| free(*end))?;
    (1..=6).contains(&main).then(|| named(Kind::Cashtag, end, 1..end))?
}

/// `@name`, with what follows behind dots and on another server. Its first part stands for it.
fn handle(letters: &[Letter]) -> Option<Found> {
    let plain = 1 + letters[1..].iter().take_while(|letter| is_plain(letter)).count();
    let wide = letters.get(plain).is_some_and(|letter| !letter.is_ascii());
    let end = if wide { wide_end(letters, plain) } else { host_end(letters, plain) };
    let parts = |letter: &Letter| letter.is_unspaced() || matches!(letter.c, '.' | '@');
    let first = letters[1..end].iter().position(parts).filter(|first| *first > 0);
    let short = first.map(|first| 1..1 + first);
    (end > 1).then_some(Found { kind: Kind::Handle, length: end, name: 1..end, short })
}

fn is_plain(letter: &Letter) -> bool {
    letter.is_ascii() && (letter.c.is_ascii_alphanumeric() || letter.c == '_')
}

/// Where a name of other letters ends. Behind a plain one, kana and Hangul belong to the sentence; Han goes on with it.
fn wide_end(letters: &[Letter], plain: usize) -> usize {
    let sentence = plain > 1 && classes::is_kana_or_hangul(letters[plain].source);
    let more = letters[plain..].iter().take_while(|letter| in_name(letter)).count();
    let end = plain + if plain > 1 { more } else { name_run(&letters[plain..]) };
    if sentence || end - 1 > HANDLE_MAX { plain } else { end }
}

/// Where `name.bsky.social` and `user@host.org` end. Without a dot behind the name there is no host.
fn host_end(letters: &[Letter], plain: usize) -> usize {
    let at = |n: usize| letters.get(n).filter(|letter| letter.is_ascii()).map_or(' ', |letter| letter.c);
    let hyphen = |n: usize| n > 1 && at(n) == '-' && at(n + 1).is_ascii_alphanumeric();
    let in_user = |n: &usize| at(*n).is_ascii_alphanumeric() || at(*n) == '_' || hyphen(*n);
    let name = 1 + (1..).take_while(in_user).count();
    let host = if at(name) == '@' { name + 1 } else { name };
    let goes_on = |n: usize| at(n).is_ascii_lowercase() || at(n).is_ascii_digit();
    let in_host =
        |n: &usize| at(*n).is_ascii_alphanumeric() || (matches!(at(*n), '.' | '-') && goes_on(n + 1));
    let end = host + (host..).take_while(in_host).count();
    let dotted = matches!(at(name), '@' | '.') && (host..end).any(|n| at(n) == '.');
    if dotted && plain > 1 { end } else { plain }
}

/// `http://`, `https://`, `www.` and what follows, without the punctuation that ends a sentence.
pub(super) fn address(letters: &[Letter]) -> Option<usize> {
    let plain = letters.iter().take(8).enumerate().take_while(|(n, letter)| *n == 0 || letter.is_ascii());
    let start: String = plain.map(|(_, letter)| letter.source.to_ascii_lowercase()).collect();
    let scheme = ["https://", "http://", "www."].into_iter().find(|scheme| start.starts_with(scheme))?.len();
    let all = scheme + letters[scheme..].iter().take_while(|letter| in_address(letter)).count();
    let end = scheme + trimmed(&letters[scheme..all]);
    let begins = letters.get(scheme).is_some_and(|letter| letter.c.is_alphanumeric());
    (begins && end > scheme).then_some(end)
}

fn in_address(letter: &Letter) -> bool {
    let sign = letter.c.is_ascii_graphic() && !r#"<>"{}|\^`"#.contains(letter.c);
    if letter.is_ascii() { sign } else { letter.joined && letter.is_wordy() }
}

/// Without closing punctuation, and without brackets that it did not open.
fn trimmed(letters: &[Letter]) -> usize {
    let mut end = letters.len();
    while end > 0 {
        let count = |c: char| letters[..end].iter().filter(|letter| letter.c == c).count();
        let goes = match letters[end - 1].c {
            ')' => count(')') > count('('),
            ']' => count(']') > count('['),
            c => ".,:;!?'*~_&([".contains(c),
        };
        if !goes {
            break;
        }
        end -= 1;
    }
    end
}
