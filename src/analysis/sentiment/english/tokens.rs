//! Cuts a text into tokens and looks each up.
//!
//! One pass cuts, one tells which tokens the lexicon may know, and one looks these up: what nothing foretells, how long
//! words are and which of them are known, is then no branch inside the others.
//!
//! **Invariant:** white space in the text is ASCII (see `expand`); a token never holds any.

use super::{
    super::house::Hit,
    lexicon::{Entry, KEY_BYTES, Lexicon, hash_of},
    words::Word,
};

/// A token: its place in the (expanded) text and what the lexicon says of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) entry: Entry,
    /// Written in capitals throughout.
    pub(super) upper: bool,
    /// Of its letters, in lower case.
    pub(super) hash: u64,
    /// Its valence is not the lexicon's, but that of a hit.
    pub(super) house: bool,
    /// Of a hit without a letter.
    pub(super) symbol: bool,
}

/// Reused buffers of the token pass.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) all: Vec<Token>,
    /// Positions of the tokens that have a valence.
    pub(super) rated: Vec<u32>,
    /// Position of the first "but".
    pub(super) first_but: Option<u32>,
    /// Some token negates or is otherwise part of idioms.
    pub(super) opens: bool,
    /// Some but not all tokens are in capitals, so that capitals mean emphasis.
    pub(super) capitals_differ: bool,
    /// The text in lower case (ASCII letters only), with room for a whole key behind its end.
    lower: Vec<u8>,
    /// Room for as many runs as there are bytes; never shrinks, so that nothing has to be cleared.
    runs: Vec<Run>,
    /// Positions of the tokens that the lexicon may know.
    known: Vec<u32>,
}

/// What stands between white space: its place, and the classes of its bytes together.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    start: u32,
    end: u32,
    classes: u8,
}

/// How many words away from an opener the other word of a pair may stand: behind a gap inside of what follows that, and
/// before it inside of one wording.
const NEAR_BEHIND: usize = 12;
const NEAR_BEFORE: usize = 5;
/// A curly apostrophe, as people write negations with.
const CURLY: &[u8] = "’".as_bytes();

const SPACE: u8 = 1;
const PUNCTUATION: u8 = 2;
const UPPER: u8 = 4;
const LOWER: u8 = 8;
const APOSTROPHE: u8 = 16;
const NOT_ASCII: u8 = 32;

/// What a byte can be; white space is Python's: the separators 0x1c to 0x1f count.
const CLASS: [u8; 256] = {
    let mut class = [0u8; 256];
    let mut b = 0;
    while b < 256 {
        class[b] = match b as u8 {
            b'\'' => PUNCTUATION | APOSTROPHE,
            9..=13 | 28..=32 => SPACE,
            b'A'..=b'Z' => UPPER,
            b'a'..=b'z' => LOWER,
            128.. => NOT_ASCII,
            c if c.is_ascii_punctuation() => PUNCTUATION,
            _ => 0,
        };
        b += 1;
    }
    class
};

fn class(b: u8) -> u8 {
    CLASS[usize::from(b)]
}

impl Tokens {
    /// Replaces the contents by the tokens of `text`.
    pub(super) fn fill(&mut self, text: &str, lexicon: &Lexicon) {
        self.all.clear();
        self.rated.clear();
        self.first_but = None;
        self.opens = false;
        self.lower.clear();
        self.lower.extend_from_slice(text.as_bytes());
        self.lower.make_ascii_lowercase();
        self.lower.extend_from_slice(&[0; KEY_BYTES]);
        let mut room = std::mem::take(&mut self.runs);
        let runs = cut(text.as_bytes(), &mut room);
        self.known.resize(runs.len(), 0);
        let (mut upper_count, mut known, mut opens) = (0, 0, false);
        for run in runs {
            let mut token = self.token(text, *run);
            token.hash = hash_of(&self.lower[token.start as usize..], (token.end - token.start) as usize);
            upper_count += usize::from(token.upper);
            opens |= token.entry.opens;
            self.known[known] = self.all.len() as u32;
            // No key has a character outside ASCII.
            known += usize::from(lexicon.may_know(token.hash) & (run.classes & NOT_ASCII == 0));
            self.all.push(token);
        }
        self.runs = room;
        self.capitals_differ = upper_count > 0 && upper_count < self.all.len();
        self.known.truncate(known);
        self.opens = opens;
        self.look_up(lexicon);
    }

    /// Gives each of `hits` to the first token that it touches, and nothing to the others; what the lexicon knows
    /// of either is forgotten. `span` gives the bytes of a token in the text of the hits.
    pub(super) fn overlay(&mut self, hits: &[Hit], span: impl Fn(&Token) -> (u32, u32)) {
        let mut next = 0;
        for token in &mut self.all {
            let (start, end) = span(token);
            let begun = hits.get(next..).unwrap_or_default();
            let begun = begun.iter().take_while(|hit| hit.start < end).count();
            let touching = hits[next..next + begun].iter().filter(|hit| hit.end > start);
            token.symbol = touching.clone().next().is_some_and(|hit| hit.is_symbol && !hit.is_house);
            let points = touching.fold(None, |sum, hit| Some(sum.unwrap_or(0.0) + hit.points));
            let goes_on =
                next.checked_sub(1).and_then(|last| hits.get(last)).is_some_and(|hit| hit.end > start);
            next += begun;
            if points.is_some() || goes_on {
                let valence = points.filter(|points| *points != 0.0);
                token.entry = Entry { valence, ..Entry::default() };
                token.house = true;
            }
        }
        self.gather();
    }

    /// An opener and a token near it are such a pair, by the hashes of these words; the third tells whether the other one
    /// stands behind the opener.
    pub(super) fn has_pair(&self, is_pair: impl Fn(u64, u64, bool) -> bool) -> bool {
        if !self.opens {
            return false;
        }
        let near = |from: usize, to: usize| self.all.get(from..to.min(self.all.len())).unwrap_or_default();
        let mut openers = self.all.iter().enumerate().filter(|(_, token)| token.entry.opens);
        openers.any(|(at, opener)| {
            let before = near(at.saturating_sub(NEAR_BEFORE), at);
            let behind = near(at + 1, at + 1 + NEAR_BEHIND);
            behind.iter().any(|other| is_pair(opener.hash, other.hash, true))
                || before.iter().any(|other| is_pair(opener.hash, other.hash, false))
        })
    }

    /// Finds the rated tokens and the first "but" again.
    fn gather(&mut self) {
        let is_rated = |entry: &Entry| entry.valence.is_some() && entry.boost == 0.0;
        let rated = (0..).zip(&self.all).filter(|(_, token)| is_rated(&token.entry));
        self.rated.clear();
        self.rated.extend(rated.map(|(at, _): (u32, _)| at));
        let but = self.all.iter().position(|t| t.entry.word == Word::But && !is_rated(&t.entry));
        self.first_but = but.map(|at| at as u32);
    }

    /// The token of a run, without what the lexicon says of it.
    #[inline]
    fn token(&self, text: &str, Run { start, end, classes }: Run) -> Token {
        let is_ascii = classes & NOT_ASCII == 0;
        let (start, end) = (start as usize, end as usize);
        let (start, end) =
            if classes & PUNCTUATION == 0 { (start, end) } else { strip(text, start, end, is_ascii) };
        let mut token = Token { start: start as u32, end: end as u32, ..Token::default() };
        token.upper = if is_ascii { classes & (UPPER | LOWER) == UPPER } else { is_upper(&text[start..end]) };
        token.entry.negates =
            classes & APOSTROPHE != 0 && self.lower[start..end].windows(3).any(|w| w == b"n't");
        token.entry.opens =
            token.entry.negates || (!is_ascii && self.lower[start..end].windows(3).any(|w| w == CURLY));
        token
    }

    /// Looks up the tokens that the lexicon may know.
    fn look_up(&mut self, lexicon: &Lexicon) {
        for &at in &self.known {
            let Some(token) = self.all.get_mut(at as usize) else { continue };
            let (start, length) = (token.start as usize, (token.end - token.start) as usize);
            let Some(entry) = lexicon.find(&self.lower[start..], length) else { continue };
            let negates = entry.negates || token.entry.negates;
            let opens = entry.opens || token.entry.opens;
            token.entry = Entry { negates, opens, ..*entry };
            self.opens |= opens;
            if entry.valence.is_some() && entry.boost == 0.0 {
                self.rated.push(at);
            } else if entry.word == Word::But && self.first_but.is_none() {
                self.first_but = Some(at);
            }
        }
    }
}

/// The runs of `bytes`: a loop without branches that depend on the text.
fn cut<'r>(bytes: &[u8], room: &'r mut Vec<Run>) -> &'r [Run] {
    if room.len() <= bytes.len() {
        room.resize(bytes.len() + 1, Run::default());
    }
    let (mut count, mut open) = (0, Run::default());
    for (at, &b) in (0..).zip(bytes.iter().chain(b" ")) {
        let class = class(b);
        let is_space = class == SPACE;
        room[count] = Run { end: at, ..open };
        count += usize::from(is_space & (open.start < at));
        open.start = if is_space { at + 1 } else { open.start };
        open.classes = if is_space { 0 } else { open.classes | class };
    }
    &room[..count]
}

/// Takes ASCII punctuation off both ends. What would be left with two characters or fewer is rather an
/// emoticon and stays whole.
fn strip(text: &str, start: usize, end: usize, is_ascii: bool) -> (usize, usize) {
    let token = &text.as_bytes()[start..end];
    let is_word = |b: &u8| class(*b) & PUNCTUATION == 0;
    let (Some(first), Some(last)) = (token.iter().position(is_word), token.iter().rposition(is_word)) else {
        return (start, end);
    };
    let stripped = (start + first, start + last + 1);
    let bytes = stripped.1 - stripped.0;
    let chars = if is_ascii { bytes } else { text[stripped.0..stripped.1].chars().take(3).count() };
    if chars <= 2 { (start, end) } else { stripped }
}

/// Python's `str.isupper`: a cased character, and none in lower or title case.
fn is_upper(token: &str) -> bool {
    let mut cased = false;
    for c in token.chars() {
        if c.is_lowercase() || is_title(c) {
            return false;
        }
        cased |= c.is_uppercase();
    }
    cased
}

/// The 31 letters of general category Lt.
fn is_title(c: char) -> bool {
    matches!(c, '\u{1c5}' | '\u{1c8}' | '\u{1cb}' | '\u{1f2}' | '\u{1f88}'..='\u{1f8f}'
        | '\u{1f98}'..='\u{1f9f}' | '\u{1fa8}'..='\u{1faf}' | '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}')
}
