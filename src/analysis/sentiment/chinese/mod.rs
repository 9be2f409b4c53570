//! Chinese, in both scripts: a lexicon and rules of earful's own.
//!
//! **Invariant:** only the poster's own words count: nothing behind the first `//@` of a repost chain,
//! nothing in a handle. Traditional and Simplified spellings score the same.

mod fold;
mod lexicon;
mod patterns;
mod rules;

use fold::Folds;
use lexicon::{Kind, Lexicon};
use rules::{Valence, Walk};

use super::{
    cues::{CueKind, Part},
    house::{Hit, HouseLexicon},
    kaomoji::Face,
    rated::Rated,
    symbols::Symbols,
};

/// The Chinese rules with their lexicon.
#[derive(Debug)]
pub(super) struct Chinese {
    folds: Folds,
    lexicon: Lexicon,
}

/// Buffers of the Chinese rules.
#[derive(Debug, Default)]
pub(super) struct ChineseScratch {
    /// The poster's own words, folded, a character for each of theirs.
    pub(super) folded: Vec<char>,
    /// The same as a text; filled for the house lexicon.
    text: String,
    valences: Vec<Valence>,
    /// The modifiers of the text that was rated last: first character, one past the last, what they are.
    modifiers: Vec<(usize, usize, CueKind)>,
    /// For each character of `folded` its bytes in the original; filled for cues.
    pub(super) originals: Vec<(u32, u32)>,
}

impl ChineseScratch {
    /// Replaces `hits` by the terms of the house lexicon in the poster's own words, by the positions of characters.
    pub(super) fn find_house(&mut self, house: &HouseLexicon, hits: &mut Vec<Hit>) {
        self.text.clear();
        self.text.extend(&self.folded);
        house.find(&self.text, hits);
        let mut starts = (0..).zip(self.text.char_indices().map(|(at, _)| at as u32));
        let mut position = |byte: u32| starts.find(|(_, at)| *at == byte).map(|(position, _)| position);
        for hit in hits {
            let bytes = hit.start as usize..hit.end as usize;
            let chars = self.text.get(bytes).unwrap_or_default().chars().count() as u32;
            hit.start = position(hit.start).unwrap_or(0);
            hit.end = hit.start + chars;
        }
    }
}

impl Chinese {
    /// Compiles the built-in lexicon.
    pub(super) fn builtin(symbols: &Symbols, faces: &[Face]) -> Chinese {
        Chinese { folds: Folds::new(), lexicon: Lexicon::builtin(symbols, faces) }
    }

    /// Takes in the poster's own words of `text`.
    pub(super) fn fold(&self, text: &str, scratch: &mut ChineseScratch) {
        self.folds.own_words(text, &mut scratch.folded);
    }

    /// Rates the poster's own words as they were folded, with `hits` in the place of what the lexicon knows of these
    /// stretches.
    pub(super) fn rate(&self, hits: &[Hit], scratch: &mut ChineseScratch) -> Rated {
        let ChineseScratch { folded, valences, modifiers, .. } = scratch;
        modifiers.clear();
        let mut walk = Walk::new(folded, valences);
        self.lexicon.each(folded, hits, |found| {
            walk.step(found);
            modifiers.extend(modifier(found.entry.kind).map(|kind| (found.start, found.end, kind)));
        });
        let emphasis = walk.emphasis();
        let mut rated = walk.rated();
        valences.iter().for_each(|v| rated.add(v.value, v.is_symbol));
        rated.length = folded.iter().map(|c| c.len_utf8() as u32).sum::<u32>() / 3;
        rated.questions = folded.iter().filter(|c| **c == '?').count() as u32;
        rated.marks = if rated.words == 0.0 { 0.0 } else { emphasis.copysign(rated.words) };
        rated
    }
}

impl ChineseScratch {
    /// The rated words and symbols and the modifiers of `text`, which was rated last.
    pub(super) fn parts(&mut self, text: &str, parts: &mut Vec<Part>) {
        let ChineseScratch { folded, valences, modifiers, originals, .. } = self;
        originals.clear();
        let characters = text.char_indices().map(|(at, c)| (at as u32, (at + c.len_utf8()) as u32));
        originals.extend(characters.take(folded.len()));
        let original = |position: usize| originals.get(position).copied().unwrap_or_default();
        let part = |start, end: usize, kind, valence| {
            let (start, end) = (original(start).0, original(end - 1).1);
            Part { start, end, kind, valence }
        };
        let rated = |v: &Valence| part(v.start, v.end, kind_of(v), v.value);
        let mut valences = valences.iter().peekable();
        for &(start, end, kind) in modifiers.iter() {
            while let Some(v) = valences.next_if(|v| v.start <= start) {
                parts.push(rated(v));
            }
            let new = part(start, end, kind, 0.0);
            // One that was rated itself, or that belongs to the word before, is there already.
            if parts.last().is_none_or(|last| last.end <= new.start) {
                parts.push(new);
            }
        }
        parts.extend(valences.map(rated));
    }
}

fn modifier(kind: Kind) -> Option<CueKind> {
    match kind {
        Kind::Negation(_) => Some(CueKind::Negation),
        Kind::Degree(_) | Kind::Before(_) | Kind::After(_) => Some(CueKind::Degree),
        _ => None,
    }
}

fn kind_of(valence: &Valence) -> CueKind {
    match valence.is_symbol {
        _ if valence.house => CueKind::House,
        true => CueKind::Symbol,
        false => CueKind::Word,
    }
}

#[cfg(test)]
mod tests;
