//! From tokens to valences: the rules of VADER (Hutto and Gilbert 2014) as vaderSentiment 3.3.2 has
//! them, quirks included.
//!
//! **Invariant:** the same floating-point operations in the same order as the reference, so that the
//! fourth decimal is the same.

use std::collections::BTreeSet;

use super::{
    tokens::{Token, Tokens},
    words::{self, BOOST, Word},
};

/// What capitals add.
const CAPITALS: f64 = 0.733;
/// What a negation multiplies by.
const NEGATION: f64 = -0.74;
/// Above so many rated words the but-rule uses an index, so that hostile input costs no square.
const LINEAR_LIMIT: usize = 64;

/// A rated token's final valence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Valence {
    /// Position among the tokens.
    pub(super) token: u32,
    /// After all rules.
    pub(super) value: f64,
}

/// Replaces `out` by the valences that are not zero, in the order of the text.
pub(super) fn valences(tokens: &Tokens, out: &mut Vec<Valence>) {
    out.clear();
    for &token in &tokens.rated {
        let value =
            Context { tokens: &tokens.all, at: token as usize, emphasis: tokens.capitals_differ }.valence();
        if value != 0.0 {
            out.push(Valence { token, value });
        }
    }
    if let Some(but) = tokens.first_but {
        weigh_around_but(but, out);
    }
}

/// A rated token and its surroundings.
struct Context<'a> {
    tokens: &'a [Token],
    at: usize,
    emphasis: bool,
}

impl Context<'_> {
    fn valence(&self) -> f64 {
        let token = &self.tokens[self.at];
        if token.entry.word == Word::Kind && self.next(1) == Word::Of {
            return 0.0;
        }
        let rated = token.entry.valence.unwrap_or(0.0);
        let mut valence = self.after_no(rated);
        if token.upper && self.emphasis {
            valence += if valence > 0.0 { CAPITALS } else { -CAPITALS };
        }
        for distance in 1..=3.min(self.at) {
            let before = &self.tokens[self.at - distance];
            if before.entry.valence.is_some() {
                continue;
            }
            valence += self.boost(before, distance, valence);
            valence = self.negated(valence, distance);
            if distance == 3 {
                valence = self.phrases(valence);
            }
        }
        self.after_least(valence)
    }

    /// The word `distance` before; `Other` if there is none.
    fn word(&self, distance: usize) -> Word {
        self.at.checked_sub(distance).map_or(Word::Other, |i| self.tokens[i].entry.word)
    }

    /// The word `distance` behind; `Other` if there is none.
    fn next(&self, distance: usize) -> Word {
        self.tokens.get(self.at + distance).map_or(Word::Other, |t| t.entry.word)
    }

    /// "no" is a rated word of its own, but in front of another it negates that one.
    fn after_no(&self, rated: f64) -> f64 {
        let after_no = self.word(1) == Word::No
            || self.word(2) == Word::No
            || (self.word(3) == Word::No && matches!(self.word(1), Word::Or | Word::Nor));
        let next_is_rated = self.tokens.get(self.at + 1).is_some_and(|t| t.entry.valence.is_some());
        if after_no {
            rated * NEGATION
        } else if self.tokens[self.at].entry.word == Word::No && next_is_rated {
            0.0
        } else {
            rated
        }
    }

    /// What an intensifier or dampener adds; less from further away.
    fn boost(&self, before: &Token, distance: usize, valence: f64) -> f64 {
        let mut boost = before.entry.boost;
        if boost == 0.0 {
            return 0.0;
        }
        if valence < 0.0 {
            boost *= -1.0;
        }
        if before.upper && self.emphasis {
            boost += if valence > 0.0 { CAPITALS } else { -CAPITALS };
        }
        match distance {
            2 => boost * 0.95,
            3 => boost * 0.9,
            _ => boost,
        }
    }

    fn negated(&self, valence: f64, distance: usize) -> f64 {
        let so_or_this = |d| matches!(self.word(d), Word::So | Word::This);
        let emphatic = match distance {
            2 => self.word(2) == Word::Never && so_or_this(1),
            // The reference's `a and b or c`: "so" or "this" right before is enough.
            3 => (self.word(3) == Word::Never && so_or_this(2)) || so_or_this(1),
            _ => false,
        };
        if emphatic {
            return valence * 1.25;
        }
        let doubtless = distance > 1
            && self.word(distance) == Word::Without
            && (1..distance).any(|d| self.word(d) == Word::Doubt);
        let negates = self.tokens[self.at - distance].entry.negates;
        if negates && !doubtless { valence * NEGATION } else { valence }
    }

    /// Fixed phrases around the token override its valence. Called with three words before it.
    fn phrases(&self, valence: f64) -> f64 {
        let (w3, w2, w1, w0) = (self.word(3), self.word(2), self.word(1), self.word(0));
        let (n1, n2) = (self.next(1), self.next(2));
        let before = words::phrase_of_two(w1, w0)
            .or_else(|| words::phrase_of_three(w2, w1, w0))
            .or_else(|| words::phrase_of_two(w2, w1))
            .or_else(|| words::phrase_of_three(w3, w2, w1))
            .or_else(|| words::phrase_of_two(w3, w2));
        let after = words::phrase_of_three(w0, n1, n2).or_else(|| words::phrase_of_two(w0, n1));
        let mut valence = after.or(before).unwrap_or(valence);
        for (a, b) in [(w3, w2), (w2, w1)] {
            if words::dampening_pair(a, b) {
                valence += -BOOST;
            }
        }
        valence
    }

    /// "least" negates, "at least" and "very least" do not.
    fn after_least(&self, valence: f64) -> f64 {
        let least = self.at > 0 && self.word(1) == Word::Least;
        let exempt = matches!(self.word(2), Word::At | Word::Very);
        if least && !exempt { valence * NEGATION } else { valence }
    }
}

/// Halves what stands before the first "but" and raises what follows by half.
///
/// The reference looks each value up again by `list.index`, so of equal values the first one is changed,
/// perhaps twice. This is kept: `first` finds the same one.
fn weigh_around_but(but: u32, valences: &mut [Valence]) {
    let mut index = (valences.len() > LINEAR_LIMIT).then(|| Index::of(valences));
    for i in 0..valences.len() {
        let value = valences[i].value;
        let first = match &index {
            Some(index) => index.first(value),
            None => valences.iter().position(|v| v.value == value),
        };
        let Some(first) = first else { continue };
        let valence = &mut valences[first];
        // A rated "but" does not exist, so the position is never equal.
        valence.value = value * if valence.token < but { 0.5 } else { 1.5 };
        if let Some(index) = &mut index {
            index.change(first, value, valence.value);
        }
    }
}

/// Where each value stands, for the first place of a value in logarithmic time.
struct Index(BTreeSet<(u64, usize)>);

impl Index {
    fn of(valences: &[Valence]) -> Index {
        Index(valences.iter().enumerate().map(|(i, v)| (v.value.to_bits(), i)).collect())
    }

    fn first(&self, value: f64) -> Option<usize> {
        let bits = value.to_bits();
        self.0.range((bits, 0)..=(bits, usize::MAX)).next().map(|(_, i)| *i)
    }

    fn change(&mut self, at: usize, from: f64, to: f64) {
        self.0.remove(&(from.to_bits(), at));
        self.0.insert((to.to_bits(), at));
    }
}
