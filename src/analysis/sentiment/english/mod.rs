//! English: the rules of VADER (Hutto and Gilbert, ICWSM 2014), equal to vaderSentiment 3.3.2.
//!
//! **Invariant:** for every text the compound score is the reference's, rounded to four decimals.

mod expand;
mod lexicon;
mod rules;
mod tokens;
mod words;

use expand::Expanded;
use lexicon::Lexicon;
use rules::Valence;
use tokens::{Token, Tokens};

pub(super) use lexicon::word_hash;

use super::{
    cues::{CueKind, Part},
    house::{Hit, hits_in},
    rated::Rated,
};

/// The English rules with their lexicon.
#[derive(Debug)]
pub(super) struct English {
    lexicon: Lexicon,
}

/// Buffers of the English rules.
#[derive(Debug, Default)]
pub(super) struct EnglishScratch {
    expanded: Expanded,
    tokens: Tokens,
    valences: Vec<Valence>,
}

impl English {
    /// Parses the built-in lexicon.
    pub(super) fn builtin() -> English {
        English { lexicon: Lexicon::builtin() }
    }

    /// Sum of the valences of every emoji of one code point, in valence points.
    pub(super) fn emoji_valences(&self) -> impl Iterator<Item = (char, f64)> {
        let mut scratch = EnglishScratch::default();
        self.lexicon.all_emoji().map(move |(emoji, words)| {
            let sum = self.rate(words, &[], &mut scratch).words;
            (emoji, sum)
        })
    }

    /// Valence of a token taken by itself, by its spelling in lower case.
    pub(super) fn emoticon_valence(&self, token: &str) -> Option<f64> {
        let mut padded = [0; lexicon::KEY_BYTES];
        padded.get_mut(..token.len())?.copy_from_slice(token.as_bytes());
        padded.make_ascii_lowercase();
        self.lexicon.find(&padded, token.len())?.valence
    }

    /// Rates a text by VADER's rules, with `hits` in the place of what the lexicon knows of these stretches.
    pub(super) fn rate(&self, text: &str, hits: &[Hit], scratch: &mut EnglishScratch) -> Rated {
        let EnglishScratch { expanded, tokens, valences } = scratch;
        expanded.replaced.clear();
        let text = if text.is_ascii() {
            text
        } else {
            expanded.fill(text, &self.lexicon);
            expanded.text.as_str()
        };
        tokens.fill(text, &self.lexicon);
        if !hits.is_empty() {
            tokens.overlay(hits, |token| expanded.original_span(token.start, token.end));
        }
        rules::valences(tokens, valences);
        let mut rated = Rated { length: tokens.all.len() as u32, ..Rated::default() };
        for v in valences.iter() {
            rated.add(v.value, tokens.all.get(v.token as usize).is_some_and(|token| token.symbol));
        }
        rated.capitals = tokens.capitals_differ;
        rated.contrast = tokens.first_but.is_some();
        (rated.exclamations, rated.questions) = marks(text);
        let emphasis = emphasis(rated.exclamations, rated.questions);
        rated.marks = if rated.words == 0.0 { 0.0 } else { emphasis.copysign(rated.words) };
        rated
    }

    /// The text that was rated last may have an idiom: one of its words negates, or opens one, and a word near it
    /// stands beside that one in an idiom, by their hashes ([`word_hash`]).
    pub(super) fn may_have_idioms(
        scratch: &EnglishScratch,
        is_pair: impl Fn(u64, u64, bool) -> bool,
    ) -> bool {
        scratch.tokens.has_pair(is_pair)
    }

    /// The rated words and the modifiers of the text that was rated last.
    pub(super) fn parts(&self, text: &str, hits: &[Hit], scratch: &EnglishScratch, parts: &mut Vec<Part>) {
        let mut rated = scratch.valences.iter().peekable();
        for (position, token) in (0..).zip(&scratch.tokens.all) {
            let valence = rated.next_if(|v| v.token == position).map(|v| v.value);
            let modifier = modifier_kind(token);
            if valence.is_none() && modifier.is_none() {
                continue;
            }
            let (start, end) = scratch.expanded.original_span(token.start, token.end);
            if token.house {
                let (start, end, kind) = hits_in(hits, start, end);
                parts.push(Part { start, end, kind, valence: valence.unwrap_or(0.0) });
                continue;
            }
            let original = text.get(start as usize..end as usize).unwrap_or_default();
            let kind = modifier.filter(|_| valence.is_none()).unwrap_or_else(|| kind_of(original));
            parts.push(Part { start, end, kind, valence: valence.unwrap_or(0.0) });
        }
    }
}

/// The reference's list has the word.
pub(super) fn negates(word: &str) -> bool {
    words::NEGATIONS.contains(&word)
}

fn modifier_kind(token: &Token) -> Option<CueKind> {
    if token.entry.negates {
        return Some(CueKind::Negation);
    }
    (token.entry.boost != 0.0).then_some(CueKind::Degree)
}

/// A rated token without a letter, or that was an emoji, is a symbol; `:D` and `xD` are left as words.
fn kind_of(original: &str) -> CueKind {
    if original.bytes().any(|b| b.is_ascii_alphabetic()) { CueKind::Word } else { CueKind::Symbol }
}

/// How many exclamation and question marks there are.
fn marks(text: &str) -> (u32, u32) {
    // So few that a byte can count them, of which a processor adds sixteen at once.
    let few = |bytes: &[u8], mark| bytes.iter().map(|b| u8::from(*b == mark)).sum::<u8>();
    let count = |mark| text.as_bytes().chunks(255).map(|bytes| u32::from(few(bytes, mark))).sum();
    (count(b'!'), count(b'?'))
}

/// What the marks add.
fn emphasis(exclamations: u32, questions: u32) -> f64 {
    let exclaimed = f64::from(exclamations.min(4)) * 0.292;
    let asked = match questions {
        0 | 1 => 0.0,
        2 | 3 => f64::from(questions) * 0.18,
        _ => 0.96,
    };
    exclaimed + asked
}
