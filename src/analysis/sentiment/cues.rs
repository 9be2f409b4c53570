//! What in a text made its score.
//!
//! **Invariant:** the contributions are integers and add up to the score exactly; each lies within one
//! ten-thousandth of its true part, and has its sign.

use super::{
    characters::Characters,
    model::{Features, Logits, Model, Odds, Piece},
    rated::{GROUPS, Group, Rated},
};
use crate::model::{Score, rounded};

/// Something in a text that gave to its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cue {
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: CueKind,
    /// Its part of the score, in ten-thousandths; never 0. The parts of a text add up to its score.
    pub contribution: i32,
}

/// What a [`Cue`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CueKind {
    /// A word or fixed phrase of the lexicon, with what negations and degree words made of it.
    Word,
    /// An emoji, an emoticon such as `:)`, or a tag such as `[哈哈]`, that the lexicon rates.
    Symbol,
    /// A term of the house lexicon, with what negations and degree words made of it.
    House,
    /// A word that turns the meaning of others.
    Negation,
    /// A word that makes others stronger or weaker.
    Degree,
    /// Something that only the trained model knows.
    Ngram,
    /// A comparison or contrast with another target.
    Comparison,
    /// All exclamation and question marks together; the span is the whole text.
    Marks,
    /// What cannot be put down to a place, such as that no word is rated; the span is the whole text.
    Text,
}

impl CueKind {
    /// Its span is the whole text, whatever stands there.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        matches!(self, CueKind::Marks | CueKind::Text)
    }

    /// The name in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            CueKind::Word => "word",
            CueKind::Symbol => "symbol",
            CueKind::House => "house",
            CueKind::Negation => "negation",
            CueKind::Degree => "degree",
            CueKind::Ngram => "ngram",
            CueKind::Comparison => "comparison",
            CueKind::Marks => "marks",
            CueKind::Text => "text",
        }
    }
}

/// What the rules found at a place; modifiers have no valence of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) kind: CueKind,
    pub(super) valence: f64,
}

/// Buffers for cues.
#[derive(Debug, Default)]
pub(super) struct CueScratch {
    /// Ascending; by bytes, in Chinese by the positions of characters.
    pub(super) parts: Vec<Part>,
    /// The text cut into pieces, ascending, with what the model gives each.
    pub(super) pieces: Vec<Piece>,
    pub(super) characters: Characters,
    /// A buffer for sums.
    pub(super) sums: Vec<i32>,
    pub(super) cues: Vec<Cue>,
}

/// Each group's part of the polarity.
#[derive(Default)]
pub(super) struct Shares {
    pub(super) signed: f64,
    pub(super) positive: f64,
    pub(super) negative: f64,
    pub(super) marks: f64,
    pub(super) text: f64,
}

impl Shares {
    pub(super) fn of(model: &Model, features: &Features) -> Shares {
        let mut shares = Shares { text: f64::from(model.base[0]), ..Shares::default() };
        for ((weight, value), group) in model.rules.iter().zip(&features.rules).zip(GROUPS) {
            let share = match group {
                Group::Signed => &mut shares.signed,
                Group::Positive => &mut shares.positive,
                Group::Negative => &mut shares.negative,
                Group::Marks => &mut shares.marks,
                Group::Text => &mut shares.text,
            };
            *share += f64::from(weight[0]) * value;
        }
        shares
    }

    /// What a valence gives to the polarity.
    pub(super) fn of_valence(&self, valence: f64, rated: &Rated) -> f64 {
        let part = |share: f64, of: f64| if of == 0.0 { 0.0 } else { share * valence / of };
        let own = if valence > 0.0 {
            part(self.positive, rated.positive)
        } else {
            part(self.negative, -rated.negative)
        };
        own + part(self.signed, rated.total())
    }
}

impl CueScratch {
    /// Forgets the last text.
    pub(super) fn clear(&mut self) {
        self.parts.clear();
        self.cues.clear();
    }

    /// The cues of a compound score, from `parts`.
    pub(super) fn of_rules(&mut self, length: usize, rated: &Rated, score: Score) {
        let factor = 10_000.0 / rated.scale();
        let mut sums = Sums { factor, ..Sums::default() };
        // The words that describe an emoji are several at one place.
        for parts in self.parts.chunk_by(|a, b| a.start == b.start) {
            let valence: f64 = parts.iter().map(|part| part.valence).sum();
            parts.iter().take(1).for_each(|part| {
                sums.push(&mut self.cues, (part.start, part.end, part.kind), valence);
            });
        }
        sums.push(&mut self.cues, (0, length as u32, CueKind::Marks), rated.marks);
        settle(&mut self.cues, length, score);
    }

    /// The cues of a model's score, from the first `count` of the pieces, over which the parts were laid.
    pub(super) fn of_model(
        &mut self,
        (length, count): (usize, usize),
        (shares, rated): (&Shares, &Rated),
        (logits, odds): (Logits, Odds),
    ) {
        let mut sums = Sums { factor: odds.score_of_polarity(logits) * 10_000.0, ..Sums::default() };
        let mut pieces = self.pieces[..count].iter().filter(|piece| piece.value != 0.0).peekable();
        while let Some(&(mut piece)) = pieces.next() {
            while let Some(next) = pieces.next_if(|next| joins(&piece, next)) {
                piece.value += next.value;
                piece.end = next.end;
            }
            sums.push(&mut self.cues, (piece.start, piece.end, piece.kind), piece.value);
        }
        let whole = |kind| (0, length as u32, kind);
        let signed = if rated.total() == 0.0 { 0.0 } else { shares.signed * rated.marks / rated.total() };
        sums.push(&mut self.cues, whole(CueKind::Marks), shares.marks + signed);
        sums.push(&mut self.cues, whole(CueKind::Text), shares.text);
        settle(&mut self.cues, length, odds.score());
    }

    /// Places the parts of a Chinese text by bytes; they were by the positions of characters.
    pub(super) fn place_parts(&mut self, bounds: &[u32]) {
        let bound = |position: u32| bounds.get(position as usize).copied().unwrap_or_default();
        for part in &mut self.parts {
            (part.start, part.end) = (bound(part.start), bound(part.end));
        }
    }

    /// A part takes over the pieces that it touches, with their values.
    pub(super) fn lay_parts_over_pieces(&mut self, shares: &Shares, rated: &Rated) {
        let mut from = 0;
        for part in &self.parts {
            let touches = |piece: &Piece| piece.end > part.start;
            from += self.pieces[from..].iter().position(touches).unwrap_or(0);
            let covered = self.pieces[from..].iter().take_while(|piece| piece.start < part.end).count();
            let value: f64 = self.pieces[from..from + covered].iter().map(|piece| piece.value).sum();
            let end = self.pieces[from..from + covered].last().map_or(part.end, |piece| piece.end);
            self.pieces[from..from + covered].iter_mut().for_each(|piece| piece.value = 0.0);
            if let Some(first) = self.pieces.get_mut(from) {
                first.value = value + shares.of_valence(part.valence, rated);
                (first.end, first.kind) = (end, part.kind);
            }
        }
    }
}

/// Neighbours that only the model knows, and that speak for the same, are one.
fn joins(piece: &Piece, next: &Piece) -> bool {
    let of_model = piece.kind == CueKind::Ngram && next.kind == CueKind::Ngram;
    of_model && piece.end == next.start && (piece.value > 0.0) == (next.value > 0.0)
}

/// Rounds running sums, so that what is rounded away of one value goes to the next.
#[derive(Default)]
struct Sums {
    factor: f64,
    exact: f64,
    rounded: i32,
}

impl Sums {
    fn push(&mut self, cues: &mut Vec<Cue>, (start, end, kind): (u32, u32, CueKind), value: f64) {
        self.exact += value * self.factor;
        let rounded = rounded(self.exact);
        let contribution = rounded - std::mem::replace(&mut self.rounded, rounded);
        if contribution != 0 {
            cues.push(Cue { start, end, kind, contribution });
        }
    }
}

/// The floats' own rounding can leave a ten-thousandth; it has no place.
fn settle(cues: &mut Vec<Cue>, length: usize, score: Score) {
    let sum: i32 = cues.iter().map(|cue| cue.contribution).sum();
    let rest = score.e4() - sum;
    match cues.last_mut() {
        _ if rest == 0 => {}
        Some(last) if last.contribution + rest != 0 => last.contribution += rest,
        _ => cues.push(Cue { start: 0, end: length as u32, kind: CueKind::Text, contribution: rest }),
    }
}
