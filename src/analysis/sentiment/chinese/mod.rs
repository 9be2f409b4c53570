//! Chinese, in both scripts: a lexicon and rules of earful's own.
//!
//! **Invariant:** only the poster's own words count: nothing behind the first `//@` of a repost chain,
//! nothing in a handle. Traditional and Simplified spellings score the same.

mod bits;
mod fold;
mod lexicon;
mod patterns;
mod rules;

use fold::Folds;
use lexicon::Lexicon;
use rules::{Modifier, Valence, Walk};

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
    /// Where a pattern may begin.
    places: Vec<u32>,
    valences: Vec<Valence>,
    /// Of the text that was rated last.
    modifiers: Vec<Modifier>,
    /// Of that text, phrases of which no model is told, by the positions of characters.
    idle: Vec<(u32, u32)>,
    /// Where each character of `folded` begins in the original, and where the last one ends.
    pub(super) bounds: Vec<u32>,
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

    /// Adds the idle phrases of the text that was rated last to the `hits` that it was rated with.
    pub(super) fn add_idle(&self, hits: &mut Vec<Hit>) {
        if self.idle.is_empty() {
            return;
        }
        let hit =
            |&(start, end): &(u32, u32)| Hit { start, end, points: 0.0, is_symbol: false, is_house: false };
        hits.extend(self.idle.iter().map(hit));
        hits.sort_unstable_by_key(|hit| hit.start);
    }
}

impl Chinese {
    /// Compiles the built-in lexicon.
    pub(super) fn builtin(symbols: &Symbols, faces: &[Face]) -> Chinese {
        Chinese { folds: Folds::new(), lexicon: Lexicon::builtin(symbols, faces) }
    }

    /// Takes in the poster's own words of `text`.
    pub(super) fn fold(&self, text: &str, scratch: &mut ChineseScratch) {
        self.folds.own_words(text, &mut scratch.folded, &mut scratch.bounds);
    }

    /// Rates the poster's own words as they were folded, with `hits` in the place of what the lexicon knows of these
    /// stretches.
    pub(super) fn rate(&self, hits: &[Hit], scratch: &mut ChineseScratch) -> Rated {
        let ChineseScratch { folded, places, valences, modifiers, idle, .. } = scratch;
        idle.clear();
        let mut walk = Walk::new(folded, valences, modifiers);
        self.lexicon.each(folded, hits, places, |found| {
            if found.entry.kind == lexicon::Kind::Idle {
                idle.push((found.start as u32, found.end as u32));
            }
            walk.step(found);
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
    /// The rated words and symbols and the modifiers of the text that was rated last, by the positions of characters;
    /// none overlaps another.
    pub(super) fn parts(&self, parts: &mut Vec<Part>) {
        let ChineseScratch { valences, modifiers, .. } = self;
        let part = |start: usize, end: usize, kind, valence| Part {
            start: start as u32,
            end: end as u32,
            kind,
            valence,
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

fn kind_of(valence: &Valence) -> CueKind {
    match valence.is_symbol {
        _ if valence.house => CueKind::House,
        true => CueKind::Symbol,
        false => CueKind::Word,
    }
}

#[cfg(test)]
mod tests;
