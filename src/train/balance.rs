//! How much each text counts.

use crate::model::Polarity;

/// Classes in the order of the learner's columns.
pub(super) const CLASSES: usize = Polarity::ALL.len();

/// What each of `examples` (corpus and label) counts: classes alike inside each corpus, a corpus by its size
/// times its weight, then classes alike over all. The mean is 1.
pub(super) fn importances(examples: &[(usize, Polarity)], corpus_weights: &[f64]) -> Vec<f32> {
    let mut counts = vec![[0usize; CLASSES]; corpus_weights.len()];
    for (corpus, label) in examples {
        counts[*corpus][*label as usize] += 1;
    }
    let inside = |corpus: usize, label: Polarity| {
        let counts = &counts[corpus];
        let classes = counts.iter().filter(|n| **n > 0).count();
        let size: usize = counts.iter().sum();
        corpus_weights[corpus] * size as f64 / (classes * counts[label as usize]) as f64
    };
    let mut weights: Vec<f64> = examples.iter().map(|(corpus, label)| inside(*corpus, *label)).collect();
    let mut sums = [0.0; CLASSES];
    for ((_, label), weight) in examples.iter().zip(&weights) {
        sums[*label as usize] += weight;
    }
    let classes = sums.iter().filter(|sum| **sum > 0.0).count().max(1);
    for ((_, label), weight) in examples.iter().zip(&mut weights) {
        let sum = sums[*label as usize];
        *weight *= if sum > 0.0 { examples.len() as f64 / (classes as f64 * sum) } else { 0.0 };
    }
    weights.into_iter().map(|weight| weight as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_weigh_alike_whatever_their_numbers() {
        let (negative, positive) = (Polarity::Negative, Polarity::Positive);
        let examples =
            [(0, negative), (0, positive), (0, positive), (0, positive), (1, negative), (1, positive)];
        let weights = importances(&examples, &[1.0, 2.0]);
        let sum = |label| -> f32 {
            examples.iter().zip(&weights).filter(|((_, l), _)| *l == label).map(|(_, w)| *w).sum()
        };
        assert!((sum(negative) - 3.0).abs() < 1e-6 && (sum(positive) - 3.0).abs() < 1e-6, "{weights:?}");
        // Corpus 0 counts 4, corpus 1 counts 2 times 2.
        assert!((weights[0] - weights[4]).abs() < 1e-6 && (weights[1] * 3.0 - weights[5]).abs() < 1e-6);
    }

    #[test]
    fn a_corpus_of_weight_nothing_counts_nothing() {
        let examples = [(0, Polarity::Neutral), (1, Polarity::Neutral)];
        assert_eq!(importances(&examples, &[0.0, 1.0]), [0.0, 2.0]);
    }
}
