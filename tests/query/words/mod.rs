//! The text model as the page has it, slowly: a text becomes letters of the compatibility form, each with its place in
//! the source, and these are read from left to right. Nothing of the product is called; of its data only the table of
//! Traditional characters is read.
//!
//! Where the page is silent, this follows what `docs/text-model.md` decides:
//!
//! - an emoticon is one position, and which ones there are is a list ([`faces`]);
//! - `© ® ™ ‼ ⁉ ℹ` are no emoji;
//! - what a handle is made of, where it ends, and that its first part stands for it;
//! - between two `#` there is a topic if it holds a character of an unspaced script;
//! - where an address ends.

mod classes;
mod faces;
mod forms;
mod letters;
mod names;

use std::ops::Range;

pub(crate) use classes::{in_unspaced_block, is_apostrophe, is_dropped};
use earful::model::{Post, Zone};
use letters::Letter;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Word,
    Char,
    Hashtag,
    Handle,
    Cashtag,
    Url,
    Emoji,
    Emoticon,
}

/// How a word reads: without case and accents, without case, and as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Forms {
    pub(crate) folded: String,
    pub(crate) kept: String,
    pub(crate) cased: String,
}

/// One position of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Word {
    pub(crate) kind: Kind,
    /// In bytes of the source.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) position: u32,
    pub(crate) whole: Forms,
    /// The name of a possessive, the first part of a handle.
    pub(crate) short: Option<Forms>,
    /// What stands in a tag or handle of an unspaced script. They share its position.
    pub(crate) inside: Vec<Word>,
}

/// The options of a text model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    pub(crate) fold_han: bool,
    pub(crate) terms_in_urls: bool,
}

/// The words of each zone of a post.
pub(crate) struct Texts(Vec<(Zone, Vec<Word>)>);

impl Texts {
    pub(crate) fn of(post: &Post<'_>, model: Model) -> Texts {
        Texts(Zone::ALL.iter().map(|zone| (*zone, model.words(post.zone(*zone)))).collect())
    }

    pub(crate) fn zone(&self, zone: Zone) -> &[Word] {
        self.0.iter().find(|(other, _)| *other == zone).map_or(&[], |(_, words)| words)
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.0.iter().any(|(_, words)| words.iter().any(|word| word.kind == kind))
    }

    pub(crate) fn addresses<'a>(&'a self, post: &'a Post<'_>) -> impl Iterator<Item = &'a str> {
        let urls = |words: &'a [Word]| words.iter().filter(|word| word.kind == Kind::Url);
        self.0
            .iter()
            .flat_map(move |(zone, words)| urls(words).map(|word| &post.zone(*zone)[word.start..word.end]))
    }
}

/// What was found at a place: its kind, how many letters it takes, and those that make its name.
struct Found {
    kind: Kind,
    length: usize,
    name: Range<usize>,
    short: Option<Range<usize>>,
}

impl Model {
    pub(crate) fn words(self, text: &str) -> Vec<Word> {
        let letters = letters::of(text);
        let mut words: Vec<Word> = Vec::new();
        let mut at = 0;
        while at < letters.len() {
            let behind = words.last().filter(|word| word.kind == Kind::Word).map(|word| word.end);
            let glued = behind == Some(letters[at].start);
            let Some(found) = self.at(text, &letters[at..], glued) else {
                at += 1;
                continue;
            };
            let position = words.len() as u32;
            words.push(self.word(text, &letters[at..at + found.length], &found, position));
            at += found.length;
        }
        words
    }

    /// What begins here; `glued` to a word or not.
    fn at(self, text: &str, letters: &[Letter], glued: bool) -> Option<Found> {
        let Some(found) = plain(letters).filter(|found| found.kind != Kind::Char) else {
            let sigil = || if glued { None } else { names::sigil(text, letters) };
            return sigil().or_else(|| face(text, letters, 0)).or_else(|| plain(letters));
        };
        let address = if self.terms_in_urls { None } else { names::address(letters) };
        let face = || face(text, letters, found.length);
        address.map(|length| whole(Kind::Url, length)).or_else(face).or(Some(found))
    }

    fn word(self, text: &str, letters: &[Letter], found: &Found, position: u32) -> Word {
        // A selector of a shape belongs to its character, though it says nothing.
        let behind = text[letters[letters.len() - 1].end..].chars();
        let selectors =
            behind.take_while(|c| is_dropped(*c) && classes::is_mark(*c)).map(char::len_utf8).sum();
        let selectors: usize = if found.kind == Kind::Char { selectors } else { 0 };
        let forms =
            |range: &Range<usize>| forms::of(text, &letters[range.clone()], found.kind, self.fold_han);
        let holds_unspaced = letters[found.name.clone()].iter().any(Letter::is_unspaced);
        let tagged = matches!(found.kind, Kind::Hashtag | Kind::Handle) && holds_unspaced;
        Word {
            kind: found.kind,
            start: letters[0].start,
            end: letters[letters.len() - 1].end + selectors,
            position,
            whole: forms(&found.name),
            short: found.short.as_ref().map(forms),
            inside: if tagged {
                self.inside(text, &letters[found.name.clone()], position)
            } else {
                Vec::new()
            },
        }
    }

    /// The plain words of a tag. Emoji are signs there, since a tag is compared as it is spelt; but keycaps are not.
    fn inside(self, text: &str, letters: &[Letter], position: u32) -> Vec<Word> {
        let mut words = Vec::new();
        let mut at = 0;
        while at < letters.len() {
            let rest = &letters[at..];
            let found = plain(rest).filter(|found| found.kind != Kind::Emoji || rest[0].c.is_ascii());
            let word = found.as_ref().map_or(0, |found| found.length);
            let face = (word > 0 || !rest[0].source.is_ascii()).then(|| face(text, rest, word)).flatten();
            let found = face.or(found);
            let length = found.as_ref().map_or(1, |found| found.length);
            words.extend(found.map(|found| self.word(text, &letters[at..at + length], &found, position)));
            at += length;
        }
        words
    }
}

/// A face, also one that begins with a word of so many letters.
fn face(text: &str, letters: &[Letter], word: usize) -> Option<Found> {
    let start = letters[0].start;
    let bytes = letters[..word].last().map_or(0, |last| last.end - start);
    let short = if bytes > 0 { faces::word(text, start, bytes) } else { None };
    let end = start + short.or_else(|| faces::sign(text, start))?;
    Some(whole(Kind::Emoticon, letters.iter().take_while(|letter| letter.start < end).count()))
}

fn whole(kind: Kind, length: usize) -> Found {
    Found { kind, length, name: 0..length, short: None }
}

/// An emoji, a character of an unspaced script with its marks, or a run of the letters of others. No mark begins one.
fn plain(letters: &[Letter]) -> Option<Found> {
    let first = &letters[0];
    if first.emoji {
        return Some(whole(Kind::Emoji, 1));
    }
    if first.is_mark() {
        return None;
    }
    if first.is_unspaced() {
        return Some(whole(
            Kind::Char,
            1 + letters[1..].iter().take_while(|letter| letter.is_mark()).count(),
        ));
    }
    let length = run(letters);
    (length > 0).then(|| Found { short: name_of_owner(&letters[..length]), ..whole(Kind::Word, length) })
}

/// Letters, marks, digits, `_`, and apostrophes between them.
fn run(letters: &[Letter]) -> usize {
    let wordy =
        |n: usize| letters.get(n).is_some_and(|letter| letter.is_wordy() || (n > 0 && letter.is_mark()));
    let inner = |n: usize| letters[n].is_apostrophe() && n > 0 && wordy(n - 1) && wordy(n + 1);
    (0..letters.len()).find(|n| !wordy(*n) && !inner(*n)).unwrap_or(letters.len())
}

/// `tesla` of `tesla's`.
fn name_of_owner(letters: &[Letter]) -> Option<Range<usize>> {
    let name = letters.len().checked_sub(2).filter(|name| *name > 0)?;
    let owns = letters[name].is_apostrophe() && matches!(letters[name + 1].c, 's' | 'S');
    owns.then_some(0..name)
}
