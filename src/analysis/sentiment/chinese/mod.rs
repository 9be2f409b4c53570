//! Chinese, in both scripts: a lexicon and rules of earful's own.
//!
//! **Invariant:** only the poster's own words count: nothing behind the first `//@` of a repost chain,
//! nothing in a handle. Traditional and Simplified spellings score the same.

mod lexicon;
mod patterns;
mod rules;

use lexicon::{Kind, Lexicon};
use rules::{Valence, Walk};

use super::{
    cues::{CueKind, Part},
    house::Hit,
    rated::Rated,
    symbols::Symbols,
};
use crate::analysis::text::fold_han;

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
    /// The poster's own words, folded.
    pub(super) folded: String,
    valences: Vec<Valence>,
    /// For each character of `folded` where it begins, and the bytes of the original; filled for cues.
    places: Vec<(u32, (u32, u32))>,
}

impl ChineseScratch {
    /// Takes in the poster's own words of `text`.
    pub(super) fn fold(&mut self, text: &str) {
        fold_own_words(text, &mut self.folded);
    }

    /// For each character of the text that cues were last asked for, its bytes in the original.
    pub(super) fn places(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.places.iter().map(|(_, original)| *original)
    }
}

impl Chinese {
    /// Compiles the built-in lexicon.
    pub(super) fn builtin(symbols: &Symbols) -> Chinese {
        Chinese { lexicon: Lexicon::builtin(symbols) }
    }

    /// Rates the poster's own words as they were folded, with `hits` in the place of what the lexicon knows of these
    /// stretches.
    pub(super) fn rate(&self, hits: &[Hit], scratch: &mut ChineseScratch) -> Rated {
        let ChineseScratch { folded, valences, .. } = scratch;
        let mut walk = Walk::new(valences);
        self.lexicon.each(folded, hits, |found| walk.step(found));
        let emphasis = walk.emphasis();
        let mut rated = walk.rated();
        valences.iter().for_each(|v| rated.add(v.value, v.is_symbol));
        rated.length = folded.len() as u32 / 3;
        rated.questions = folded.bytes().filter(|b| *b == b'?').count() as u32;
        rated.marks = if rated.words == 0.0 { 0.0 } else { emphasis.copysign(rated.words) };
        rated
    }

    /// The rated words and symbols and the modifiers of the text that was rated last.
    pub(super) fn parts(
        &self,
        text: &str,
        hits: &[Hit],
        scratch: &mut ChineseScratch,
        parts: &mut Vec<Part>,
    ) {
        let ChineseScratch { folded, valences, places } = scratch;
        places.clear();
        let starts = text.char_indices().map(|(at, c)| (at as u32, (at + c.len_utf8()) as u32));
        places.extend(folded.char_indices().map(|(at, _)| at as u32).zip(starts));
        let part = |start, end, kind, valence| {
            let (start, end) = (unfolded(places, start).0, unfolded(places, end - 1).1);
            Part { start, end, kind, valence }
        };
        let mut rated = valences.iter().peekable();
        self.lexicon.each(folded, hits, |found| {
            while let Some(v) = rated.next_if(|v| v.start <= found.start) {
                parts.push(part(v.start, v.end, kind_of(v), v.value));
            }
            let modifier = match found.entry.kind {
                Kind::Negation(_) => CueKind::Negation,
                Kind::Degree(_) | Kind::Before(_) | Kind::After(_) => CueKind::Degree,
                _ => return,
            };
            let new = part(found.start, found.end, modifier, 0.0);
            // One that was rated itself, or that belongs to the word before, is there already.
            if parts.last().is_none_or(|last| last.end <= new.start) {
                parts.push(new);
            }
        });
    }
}

fn kind_of(valence: &Valence) -> CueKind {
    match valence.is_symbol {
        _ if valence.house => CueKind::House,
        true => CueKind::Symbol,
        false => CueKind::Word,
    }
}

/// The bytes of the original text that character of the folded one came from which holds byte `at`.
fn unfolded(places: &[(u32, (u32, u32))], at: usize) -> (u32, u32) {
    let after = places.partition_point(|(folded, _)| *folded as usize <= at);
    places.get(after.wrapping_sub(1)).map_or((0, 0), |(_, original)| *original)
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

#[cfg(test)]
mod tests;
