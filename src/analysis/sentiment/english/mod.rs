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
use tokens::Tokens;

use super::{Cue, CueKind, rounding};
use crate::model::Score;

/// Approximates the greatest sum to be expected: the reference's `alpha`.
const ALPHA: f64 = 15.0;

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

/// The two parts of a text's raw score.
struct Sum {
    words: f64,
    /// What marks add: away from zero, nothing if the words come to zero.
    marks: f64,
}

impl Sum {
    fn total(&self) -> f64 {
        self.words + self.marks
    }
}

impl English {
    /// Parses the built-in lexicon.
    pub(super) fn builtin() -> English {
        English { lexicon: Lexicon::builtin() }
    }

    /// The compound score of a text.
    pub(super) fn score(&self, text: &str, scratch: &mut EnglishScratch) -> Score {
        Score::from_e4(rounding::to_e4(normalize(self.sum(text, scratch).total())))
    }

    /// Sum of the valences of every emoji of one code point, in valence points.
    pub(super) fn emoji_valences(&self) -> impl Iterator<Item = (char, f64)> {
        let mut scratch = EnglishScratch::default();
        self.lexicon.all_emoji().map(move |(emoji, words)| {
            let sum = self.sum(words, &mut scratch).words;
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

    /// The words and marks that made the score, and what each gave to it.
    pub(super) fn explain(&self, text: &str, scratch: &mut EnglishScratch, cues: &mut Vec<Cue>) {
        let sum = self.sum(text, scratch);
        let scale = (sum.total() * sum.total() + ALPHA).sqrt();
        for valence in &scratch.valences {
            let Some(token) = scratch.tokens.all.get(valence.token as usize) else { continue };
            let (start, end) = scratch.expanded.original_span(token.start, token.end);
            let original = text.get(start as usize..end as usize).unwrap_or_default();
            cues.push(Cue { start, end, kind: kind_of(original), contribution: valence.value / scale });
        }
        if sum.marks != 0.0 {
            let end = text.len() as u32;
            cues.push(Cue { start: 0, end, kind: CueKind::Marks, contribution: sum.marks / scale });
        }
    }

    fn sum(&self, text: &str, scratch: &mut EnglishScratch) -> Sum {
        let EnglishScratch { expanded, tokens, valences } = scratch;
        expanded.replaced.clear();
        let text = if text.is_ascii() {
            text
        } else {
            expanded.fill(text, &self.lexicon);
            expanded.text.as_str()
        };
        tokens.fill(text, &self.lexicon);
        rules::valences(tokens, valences);
        let words: f64 = valences.iter().fold(0.0, |sum, v| sum + v.value);
        let marks = if words == 0.0 { 0.0 } else { emphasis(text).copysign(words) };
        Sum { words, marks }
    }
}

/// A rated token without a letter, or that was an emoji, is a symbol; `:D` and `xD` are left as words.
fn kind_of(original: &str) -> CueKind {
    if original.bytes().any(|b| b.is_ascii_alphabetic()) { CueKind::Word } else { CueKind::Symbol }
}

/// What exclamation and question marks add.
fn emphasis(text: &str) -> f64 {
    let count = |mark| text.bytes().filter(|b| *b == mark).count();
    let exclamations = count(b'!').min(4) as f64 * 0.292;
    let questions = match count(b'?') {
        0 | 1 => 0.0,
        n @ 2..=3 => n as f64 * 0.18,
        _ => 0.96,
    };
    exclamations + questions
}

/// To -1..=1.
fn normalize(sum: f64) -> f64 {
    sum / (sum * sum + ALPHA).sqrt()
}
