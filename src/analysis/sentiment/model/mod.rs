//! The trained model: a linear one over n-grams and what the rules found, for the three-way label.
//!
//! **Invariant:** a post's label and score are a function of its text and the model's bytes, the same on every
//! platform; nothing is allocated once the buffers have grown.
//!
//! The three classes have two degrees of freedom, and the model has two columns: `polarity`, what speaks for
//! positive rather than negative, and `neutrality`, what speaks for neutral rather than either. So what gave a
//! text its score is the first column alone.

mod chinese;
mod emotion_file;
mod emotions;
mod english;
mod exp;
mod file;
mod grams;

pub use emotions::{Emotion, EmotionModel, Emotions};
pub use file::ModelError;

pub(crate) use emotions::{EMOTIONS, Six};
pub(crate) use exp::exp;
pub(crate) use grams::{Grams, HASH, Sizes};

use super::{
    cues::CueKind,
    house::Hit,
    rated::{FEATURES, Rated},
};
use crate::model::{Language, Polarity, Score};

/// A weight in each column.
pub(crate) type Pair = [f32; 2];

/// A table of weights as small integers with a scale for each column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table<const N: usize = 2> {
    pub(crate) weights: Vec<[i8; N]>,
    pub(crate) scale: [f32; N],
}

/// What a model judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Whole texts.
    Text,
    /// The part of a text that speaks of one of several targets.
    Part,
}

/// The weights for one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(crate) language: Language,
    pub(crate) scope: Scope,
    pub(crate) sizes: Sizes,
    pub(crate) words: Table,
    pub(crate) chars: Table,
    pub(crate) rules: [Pair; FEATURES],
    /// What a text without anything has.
    pub(crate) base: Pair,
    /// Added to neutrality: where the neutral band ends.
    pub(crate) neutral_bias: f32,
}

/// What a model takes from a text.
#[derive(Debug, Default)]
pub(crate) struct Features {
    pub(crate) grams: Grams,
    pub(crate) rules: [f64; FEATURES],
    cleaned: english::Cleaned,
    /// Of a Chinese text, where its n-grams stand.
    positions: Vec<u32>,
}

/// The two sums of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Logits {
    pub(crate) polarity: f64,
    pub(crate) neutrality: f64,
}

/// How likely each label is; the three add up to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Odds {
    pub(crate) negative: f64,
    pub(crate) neutral: f64,
    pub(crate) positive: f64,
}

/// A stretch of a text and what it gives to polarity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) kind: CueKind,
    pub(crate) value: f64,
}

impl Features {
    /// There is nothing to judge.
    pub(crate) fn is_empty(&self) -> bool {
        self.grams.words.is_empty() && self.grams.chars.is_empty()
    }

    /// There is something for a model to judge: an n-gram, or an idiom that is all of the text.
    pub(crate) fn says_something(&self) -> bool {
        // The first of the rules' features is the compound score.
        !self.is_empty() || self.rules[0] != 0.0
    }

    pub(crate) fn clear(&mut self) {
        self.grams.clear();
        self.rules = [0.0; FEATURES];
    }

    pub(in crate::analysis::sentiment) fn read_english(
        &mut self,
        text: &str,
        hits: &[Hit],
        rated: &Rated,
        sizes: Sizes,
    ) {
        self.rules = rated.features();
        english::read(text, hits, sizes, &mut self.cleaned, &mut self.grams);
    }

    /// Takes what the rules found, and no n-gram.
    pub(in crate::analysis::sentiment) fn read_rules(&mut self, rated: &Rated) {
        self.clear();
        english::forget(&mut self.cleaned);
        self.rules = rated.features();
    }

    /// `hits` by the positions of characters of `folded`.
    pub(in crate::analysis::sentiment) fn read_chinese(
        &mut self,
        folded: &[char],
        hits: &[Hit],
        rated: &Rated,
        sizes: Sizes,
    ) {
        self.rules = rated.features();
        chinese::read(folded, hits, sizes, &mut self.grams, &mut self.positions);
    }

    /// Replaces `pieces` by one for each token of the English text that was read last, and for each of the `hits` in it.
    /// `sums` is a buffer.
    pub(in crate::analysis::sentiment) fn english_pieces(
        &self,
        model: &Model,
        hits: &[Hit],
        (sums, pieces): (&mut Vec<i32>, &mut Vec<Piece>),
    ) {
        pieces.clear();
        english::pieces(model, &self.cleaned, &self.grams, sums, pieces);
        if !hits.is_empty() {
            pieces.extend(hits.iter().map(|hit| Piece::new(hit.start, hit.end)));
            pieces.sort_unstable_by_key(|piece| piece.start);
        }
    }

    /// Replaces `values` by what each of the `length` characters of the Chinese text that was read last with its places
    /// gives to polarity, in units of which one is given back.
    pub(crate) fn chinese_values(&self, model: &Model, length: usize, values: &mut Vec<i32>) -> f64 {
        chinese::values(model, length, (&self.grams, &self.positions), values)
    }
}

impl Piece {
    pub(crate) fn new(start: u32, end: u32) -> Piece {
        Piece { start, end, kind: CueKind::Ngram, value: 0.0 }
    }
}

/// What each n-gram of a block of `n` counts, so that long texts weigh no more than short ones.
pub(crate) fn weight_of(n: usize) -> f64 {
    if n == 0 { 0.0 } else { 1.0 / (n as f64).sqrt() }
}

/// What the rules' features give to each column: the columns side by side, for a processor adds several numbers at once,
/// but one after the other it has to wait for each sum.
fn weigh<const N: usize>(weights: &[[f32; N]; FEATURES], features: &[f64; FEATURES]) -> [f64; N] {
    let mut sums = [0.0; N];
    for (weights, feature) in weights.iter().zip(features) {
        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += f64::from(*weight) * feature);
    }
    sums
}

impl<const N: usize> Table<N> {
    /// The sum of each column over `slots` without their lowest `shift` bits.
    fn sum(&self, slots: &[u32], shift: u32) -> [f64; N] {
        let mut sums = [0i32; N];
        // So many small integers fit a larger one, of which a processor adds eight at once.
        for slots in slots.chunks(256) {
            let some = self.sum_of_few(slots, shift);
            sums.iter_mut().zip(some).for_each(|(sum, some)| *sum += i32::from(some));
        }
        let weight = weight_of(slots.len());
        std::array::from_fn(|i| f64::from(sums[i]) * f64::from(self.scale[i]) * weight)
    }

    /// Apart from [`Table::sum`], whose floats would have the compiler add two columns at a time.
    #[inline(never)]
    fn sum_of_few(&self, slots: &[u32], shift: u32) -> [i16; N] {
        let mut sums = [0i16; N];
        for slot in slots {
            if let Some(weights) = self.weights.get((*slot >> shift) as usize) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += i16::from(*weight));
            }
        }
        sums
    }
}

impl Table {
    /// The first column.
    fn polarity(&self, slot: u32) -> i32 {
        self.weights.get(slot as usize).map_or(0, |weight| i32::from(weight[0]))
    }

    /// What one unit of the first column gives, of a text with `count` n-grams in this table.
    fn unit(&self, count: usize) -> f64 {
        weight_of(count) * f64::from(self.scale[0])
    }

    /// Replaces `sums` by those of the first column over the first 0, 1, 2 and so on of `slots`.
    fn running_polarities(&self, slots: &[u32], sums: &mut Vec<i32>) {
        let mut sum = 0;
        sums.clear();
        sums.push(0);
        sums.extend(slots.iter().map(|slot| {
            sum += self.polarity(*slot);
            sum
        }));
    }

    /// The sum of the first column over `slots`.
    fn polarities(&self, slots: &[u32]) -> i32 {
        slots.iter().map(|slot| self.polarity(*slot)).sum()
    }
}

impl Model {
    /// The two sums of a text.
    pub(crate) fn logits(&self, features: &Features) -> Logits {
        let [words, chars] =
            [self.words.sum(&features.grams.words, 0), self.chars.sum(&features.grams.chars, 0)];
        let rules = weigh(&self.rules, &features.rules);
        let column = |i: usize| f64::from(self.base[i]) + words[i] + chars[i] + rules[i];
        Logits { polarity: column(0), neutrality: column(1) + f64::from(self.neutral_bias) }
    }
}

impl Logits {
    pub(crate) fn odds(self) -> Odds {
        let (positive, neutral) = (exp(self.polarity / 2.0), exp(self.neutrality));
        let negative = 1.0 / positive;
        let all = positive + neutral + negative;
        Odds { negative: negative / all, neutral: neutral / all, positive: positive / all }
    }
}

impl Odds {
    /// The likeliest label; in a tie neutral, and where the score has no sign in its digits.
    pub(crate) fn label(self) -> Polarity {
        if self.neutral >= self.positive.max(self.negative) || self.score() == Score::default() {
            Polarity::Neutral
        } else if self.positive > self.negative {
            Polarity::Positive
        } else {
            Polarity::Negative
        }
    }

    /// By how much a unit of polarity raises the score, taken evenly over all of it. The odds are those of `logits`.
    pub(crate) fn score_of_polarity(self, logits: Logits) -> f64 {
        if logits.polarity.abs() < 1e-9 {
            // Where the score is a straight line.
            return (self.positive + self.negative) / 2.0;
        }
        (self.positive - self.negative) / logits.polarity
    }

    /// How much likelier positive is than negative, -1 to 1.
    pub(crate) fn score(self) -> Score {
        Score::from_f64(self.positive - self.negative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(negative: f64, positive: f64, expected: Polarity) {
        let odds = Odds { negative, neutral: 1.0 - negative - positive, positive };
        assert_eq!(odds.label(), expected, "{odds:?}");
    }

    #[test]
    fn a_label_has_the_sign_of_its_score() {
        check(0.418, 0.418, Polarity::Neutral);
        check(0.41802, 0.41799, Polarity::Neutral);
        check(0.4182, 0.418, Polarity::Negative);
        check(0.418, 0.4182, Polarity::Positive);
        check(0.3, 0.35, Polarity::Neutral);
    }
}
