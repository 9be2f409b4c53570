//! Exceptions: "all were late except A", "nobody but A answered", 除了A都很差.

use super::regions::{Mention, next_named};
use super::words::{Hit, Role};

/// Words of all others, of which one is an exception.
const ALL: [&str; 19] = [
    "everybody",
    "everyone",
    "everything",
    "every",
    "all",
    "any",
    "nobody",
    "none",
    "nothing",
    "nowhere",
    "no",
    "others",
    "rest",
    "else",
    "anybody",
    "anyone",
    "anything",
    "both",
    "each",
];
const ALL_CHINESE: [&str; 5] = ["都", "全", "其他", "没有一", "没一"];

/// One of these stands before each exception; case aside, which is why some lack their first letter.
const SIGNS: [&[u8]; 6] = [b"xcept", b"part from", b"side from", b"but ", b"ther than", "除".as_bytes()];
/// No further from the name than so many bytes.
const SIGNS_WITHIN: usize = 40;

/// A name that begins at `start` may be an exception: a quick look, which spares most texts the longer one.
pub(super) fn may_be(text: &str, start: usize) -> bool {
    let near = text.as_bytes().get(start.saturating_sub(SIGNS_WITHIN)..start).unwrap_or_default();
    SIGNS.iter().any(|sign| memchr::memmem::find(near, sign).is_some())
}

/// "But" before the last name of a sentence that speaks of all makes an exception of it: "nobody answered but A".
pub(super) fn settle(lower: &str, hits: &mut [Hit], mentions: &[Mention]) {
    for hit in hits.iter_mut().filter(|hit| hit.role == Role::Contrast) {
        let named = next_named(lower, hit.end, mentions).filter(|_| &lower[hit.start..hit.end] == "but");
        let Some(mention) = named.map(|number| &mentions[number]) else { continue };
        let (before, after) = sentence(lower, hit.start, mention.end);
        if !after.contains(char::is_alphanumeric) && has_word(before) {
            hit.role = Role::Except;
        }
    }
}

/// What is said before one place and after another, in their sentence.
fn sentence(text: &str, start: usize, end: usize) -> (&str, &str) {
    let is_end = |c: char| matches!(c, '.' | '!' | '?' | '\n' | '。' | '！' | '？');
    let before = text[..start].rsplit(is_end).next().unwrap_or_default();
    let after = &text[end..];
    (before, &after[..after.find(is_end).unwrap_or(after.len())])
}

fn has_word(part: &str) -> bool {
    part.split(|c: char| !c.is_alphanumeric()).any(|word| ALL.contains(&word))
}

/// It is an exception from what is said of all others, or 除了 in front of one more of the kind.
pub(super) fn mark(text: &str, hit: &Hit, mention: &mut Mention) {
    let (before, after) = sentence(text, mention.end, mention.end);
    let speaks_of_all = |part: &str| has_word(part) || ALL_CHINESE.iter().any(|word| part.contains(word));
    mention.is_joined = after.contains(['还', '也', '又']) && !speaks_of_all(after);
    let is_last = !after.contains(char::is_alphanumeric);
    // "Nobody but A answered", "all but A were late".
    let own = &text[hit.start..hit.end];
    mention.is_only = !is_last && own.starts_with('n') && has_word(own);
    let is_followed = !is_last && !mention.is_only && has_word(own);
    // "Except A, which ..." has its own judgement.
    let has_own = ["which", "who", "whose", "where", "because"].iter().any(|word| after.contains(word));
    let is_excepted = is_followed || (is_last && speaks_of_all(before)) || (!has_own && speaks_of_all(after));
    mention.is_excepted = !mention.is_joined && !mention.is_only && is_excepted;
}
