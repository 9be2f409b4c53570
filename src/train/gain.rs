//! Whether another neutral band is better than the present one, as far as labelled texts can tell.
//!
//! A band fits the texts that it was chosen by better than any others, so it is chosen by some of them and tried on the
//! rest, in turns. How much chance is in the difference, other draws of the same texts tell (a paired bootstrap: both
//! bands judge the same draws).

use super::calibrate::{Judged, band, found_with};
use super::measure::Confusion;
use super::shuffle::Chance;
use crate::model::Polarity;

/// Parts that the texts are cut into; each is tried with the band of the others.
const PARTS: usize = 10;
/// Draws, and how many of a thousand lie below and above the interval.
const DRAWS: usize = 2_000;
const OUTSIDE_PER_MILLE: usize = 25;
/// The same texts give the same answer every time.
const SEED: u64 = 1;

/// A figure with the interval in which 95 of 100 draws have it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// Of the texts themselves.
    pub value: f64,
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Macro recall with the present band and with one that was chosen without the texts that it judges.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gain {
    /// With the present band.
    pub before: Interval,
    /// With the new one.
    pub after: Interval,
    /// The second less the first.
    pub difference: Interval,
}

impl Gain {
    /// It is more than chance would give.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.difference.low > 0.0
    }
}

/// A text's label, and the labels that it has with either band.
type Tried = (Polarity, [Polarity; 2]);

/// What a new band would bring, beside the bias `was`.
#[must_use]
pub fn gain(judged: &[Judged], was: f64) -> Gain {
    let tried = tried(judged, was);
    let mut chance = Chance::new(SEED);
    let mut draws = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..if tried.is_empty() { 0 } else { DRAWS } {
        let drawn = (0..tried.len()).map(|_| tried[chance.below(tried.len())]);
        for (figures, figure) in draws.iter_mut().zip(figures(drawn)) {
            figures.push(figure);
        }
    }
    let [mut before, mut after, mut difference] = draws;
    let values = figures(tried.iter().copied());
    Gain {
        before: interval(values[0], &mut before),
        after: interval(values[1], &mut after),
        difference: interval(values[2], &mut difference),
    }
}

fn tried(judged: &[Judged], was: f64) -> Vec<Tried> {
    let part_of = parts(judged);
    let mut tried = Vec::new();
    for part in 0..PARTS {
        let own = |wanted: bool| {
            let all = judged.iter().zip(&part_of);
            all.filter(move |(_, of)| (**of == part) == wanted).map(|(judged, _)| *judged)
        };
        let others: Vec<Judged> = own(false).collect();
        let bias = band(&others).bias;
        tried.extend(own(true).map(|one| (one.label, [found_with(&one, was), found_with(&one, bias)])));
    }
    tried
}

/// The part of each text, by chance, with as much of each label in every part.
fn parts(judged: &[Judged]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..judged.len()).collect();
    Chance::new(SEED).shuffle(&mut order);
    let mut counts = [0; 3];
    let mut part_of = vec![0; judged.len()];
    for number in order {
        let count = &mut counts[judged[number].label as usize];
        part_of[number] = *count % PARTS;
        *count += 1;
    }
    part_of
}

fn figures(tried: impl Iterator<Item = Tried>) -> [f64; 3] {
    let mut confusions = [Confusion::default(); 2];
    for (label, found) in tried {
        confusions.iter_mut().zip(found).for_each(|(confusion, found)| confusion.add(label, found));
    }
    let [before, after] = confusions.map(|confusion| confusion.macro_recall());
    [before, after, after - before]
}

fn interval(value: f64, draws: &mut [f64]) -> Interval {
    draws.sort_unstable_by(f64::total_cmp);
    let outside = draws.len() * OUTSIDE_PER_MILLE / 1_000;
    let (low, high) = (draws.get(outside), draws.len().checked_sub(outside + 1).and_then(|at| draws.get(at)));
    Interval { value, low: low.copied().unwrap_or(value), high: high.copied().unwrap_or(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sentiment::Logits;
    use Polarity::{Negative, Neutral, Positive};

    /// Texts of three labels, all of them taken for neutral by `shift` too much, and a part of them at random.
    fn texts(times: usize, shift: f64) -> Vec<Judged> {
        let mut chance = Chance::new(7);
        let one = |label, polarity: f64, noise: f64| Judged {
            label,
            logits: Logits { polarity: polarity + noise, neutrality: 1.0 + shift },
        };
        let mut noise = || chance.below(1_000) as f64 / 250.0 - 2.0;
        let three =
            |_| [one(Negative, -2.5, noise()), one(Neutral, 0.0, noise()), one(Positive, 2.5, noise())];
        (0..times).flat_map(three).collect()
    }

    #[test]
    fn a_band_that_is_far_off_is_clearly_worse() {
        let gain = gain(&texts(40, 3.0), 0.0);
        assert!(gain.is_clear() && gain.difference.value > 0.2, "{gain:?}");
        for interval in [gain.before, gain.after, gain.difference] {
            assert!(interval.low <= interval.value && interval.value <= interval.high, "{gain:?}");
        }
    }

    #[test]
    fn where_the_band_is_right_a_new_one_gains_nothing_clear() {
        for times in [5, 20, 100] {
            let texts = texts(times, 0.0);
            let best = band(&texts).bias;
            let gain = gain(&texts, best);
            assert!(!gain.is_clear(), "{times}: {gain:?}");
        }
    }

    #[test]
    fn of_no_texts_nothing_is_known() {
        assert!(!gain(&[], 0.0).is_clear());
    }
}
