//! Chinese, in both scripts: a lexicon and rules of earful's own.
//!
//! **Invariant:** only the poster's own words count: nothing behind the first `//@` of a repost chain,
//! nothing in a handle. Traditional and Simplified spellings score the same.

mod lexicon;
mod patterns;
mod rules;

use lexicon::Lexicon;
use rules::{Valence, Walk};

use super::{Cue, CueKind, rounding, symbols::Symbols};
use crate::{analysis::text::fold_han, model::Score};

/// The scale of the English score, so that scores of both languages can be read alike.
const ALPHA: f64 = 15.0;
/// What begins the repost chain in a Weibo post.
const REPOST: &str = "//@";

/// The Chinese rules with their lexicon.
#[derive(Debug)]
pub(super) struct Chinese {
    lexicon: Lexicon,
}

/// Buffers of the Chinese rules.
#[derive(Debug, Default)]
pub(super) struct ChineseScratch {
    folded: String,
    valences: Vec<Valence>,
}

/// The two parts of a text's raw score.
struct Sum {
    words: f64,
    marks: f64,
}

impl Sum {
    fn total(&self) -> f64 {
        self.words + self.marks
    }

    fn scale(&self) -> f64 {
        (self.total() * self.total() + ALPHA).sqrt()
    }
}

impl Chinese {
    /// Compiles the built-in lexicon.
    pub(super) fn builtin(symbols: &Symbols) -> Chinese {
        Chinese { lexicon: Lexicon::builtin(symbols) }
    }

    /// -1..=1 for a text.
    pub(super) fn score(&self, text: &str, scratch: &mut ChineseScratch) -> Score {
        let sum = self.sum(text, scratch);
        Score::from_e4(rounding::to_e4(sum.total() / sum.scale()))
    }

    /// The words, symbols and marks that made the score.
    pub(super) fn explain(&self, text: &str, scratch: &mut ChineseScratch, cues: &mut Vec<Cue>) {
        let sum = self.sum(text, scratch);
        for valence in &scratch.valences {
            let kind = if valence.is_symbol { CueKind::Symbol } else { CueKind::Word };
            let start = unfolded(text, &scratch.folded, valence.start);
            let end = unfolded(text, &scratch.folded, valence.end);
            cues.push(Cue { start, end, kind, contribution: valence.value / sum.scale() });
        }
        if sum.marks != 0.0 {
            let end = text.len() as u32;
            cues.push(Cue { start: 0, end, kind: CueKind::Marks, contribution: sum.marks / sum.scale() });
        }
    }

    fn sum(&self, text: &str, scratch: &mut ChineseScratch) -> Sum {
        let ChineseScratch { folded, valences } = scratch;
        fold_own_words(text, folded);
        let mut walk = Walk::new(valences);
        self.lexicon.find(folded).for_each(|found| walk.step(&found));
        let emphasis = walk.emphasis();
        let words: f64 = valences.iter().map(|v| v.value).sum();
        let marks = if words == 0.0 { 0.0 } else { emphasis.copysign(words) };
        Sum { words, marks }
    }
}

/// Replaces `folded` by the poster's own words, folded, character for character: what stands at a place
/// in the one stands at the same place in the other. A handle's name is blanked out by `@`.
fn fold_own_words(text: &str, folded: &mut String) {
    folded.clear();
    let own = text.split(REPOST).next().unwrap_or_default();
    let mut in_handle = false;
    for c in own.chars() {
        in_handle = c == '@' || (in_handle && (c.is_alphanumeric() || c == '_' || c == '-'));
        folded.push(if in_handle { '@' } else { fold(c) });
    }
}

/// Simplified for Traditional, lower case for capitals, half width for full width.
fn fold(c: char) -> char {
    match c {
        '\0'..='\x7f' => c.to_ascii_lowercase(),
        '\u{ff01}'..='\u{ff5e}' => {
            let half = u32::from(c) - 0xff01 + u32::from(b'!');
            char::from_u32(half).map_or(c, |half| half.to_ascii_lowercase())
        }
        _ => fold_han(c),
    }
}

/// The place in `text` of byte `at` of its folded form.
fn unfolded(text: &str, folded: &str, at: usize) -> u32 {
    let chars = folded.get(..at).map_or(0, |before| before.chars().count());
    text.chars().take(chars).map(char::len_utf8).sum::<usize>() as u32
}

#[cfg(test)]
mod tests;
