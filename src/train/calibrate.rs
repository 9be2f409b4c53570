//! Where the neutral band ends.
//!
//! One number moves it: what is added to neutrality. It is the one thing about a model that depends on whose
//! posts are judged, and that a few hundred labelled ones settle.

use super::{corpus::Example, measure::Confusion};
use crate::{
    analysis::sentiment::{Logits, Model, Scorer, SentimentScratch},
    model::Polarity,
};

/// Candidates lie so far apart, and reach so far to either side.
const STEP: f64 = 0.125;
const STEPS: i32 = 24;

/// A text's label and what a model without neutral bias makes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    pub(super) label: Polarity,
    pub(super) logits: Logits,
}

/// A neutral bias and how well labels fit with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Added to neutrality.
    pub bias: f64,
    /// What comes out.
    pub confusion: Confusion,
}

/// Judges texts by `model`; those without anything to judge are left out.
#[must_use]
pub fn judge(scorer: &Scorer, model: &Model, examples: &[Example<'_>]) -> Vec<Judged> {
    let mut scratch = SentimentScratch::default();
    let unbiased = Model { neutral_bias: 0.0, ..model.clone() };
    let judged = examples.iter().filter_map(|example| {
        let features = scorer.features(example.text, model.language(), model.sizes, &mut scratch);
        let logits = unbiased.logits(features);
        (!features.is_empty()).then_some(Judged { label: example.label, logits })
    });
    judged.collect()
}

/// The confusion with a neutral bias.
#[must_use]
pub fn with_bias(judged: &[Judged], bias: f64) -> Confusion {
    let mut confusion = Confusion::default();
    judged.iter().for_each(|one| confusion.add(one.label, found_with(one, bias)));
    confusion
}

/// The label of a text with a neutral bias.
pub(super) fn found_with(judged: &Judged, bias: f64) -> Polarity {
    let logits = judged.logits;
    Logits { neutrality: logits.neutrality + bias, ..logits }.odds().label()
}

/// The bias with the greatest macro recall, smoothed over its neighbours so that a few texts do not decide;
/// of several as good, the one nearest to 0.
#[must_use]
pub fn band(judged: &[Judged]) -> Band {
    let bias = |step: i32| f64::from(step) * STEP;
    let recalls: Vec<f64> =
        (-STEPS - 1..=STEPS + 1).map(|step| with_bias(judged, bias(step)).macro_recall()).collect();
    let smooth = |step: i32| {
        let at = (step + STEPS + 1) as usize;
        recalls[at - 1..=at + 1].iter().sum::<f64>()
    };
    let better = |best: i32, step: i32| {
        let (new, old) = (smooth(step), smooth(best));
        if new > old + 1e-9 || (new > old - 1e-9 && step.abs() < best.abs()) { step } else { best }
    };
    let best = bias((-STEPS..=STEPS).reduce(better).unwrap_or(0));
    Band { bias: best, confusion: with_bias(judged, best) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Polarity::{Negative, Neutral, Positive};

    fn judged(label: Polarity, polarity: f64, neutrality: f64) -> Judged {
        Judged { label, logits: Logits { polarity, neutrality } }
    }

    #[test]
    fn the_band_is_moved_to_where_the_labels_are() {
        // Neutral by 1 too much: every polar text is taken for neutral.
        let texts: Vec<_> = (0..30)
            .flat_map(|_| {
                [judged(Negative, -4.0, 2.5), judged(Positive, 4.0, 2.5), judged(Neutral, 1.0, 2.5)]
            })
            .collect();
        assert!(with_bias(&texts, 0.0).macro_recall() < 0.4);
        let found = band(&texts);
        assert!(found.bias < -0.5 && found.bias > -2.0, "{found:?}");
        assert_eq!(found.confusion.macro_recall(), 1.0);
    }

    #[test]
    fn where_nothing_is_to_be_won_nothing_moves() {
        let texts = [judged(Negative, -9.0, -9.0), judged(Positive, 9.0, -9.0), judged(Neutral, 0.0, 9.0)];
        assert_eq!(band(&texts).bias, 0.0);
    }
}
