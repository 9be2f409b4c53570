//! How well labels fit.

use crate::{analysis::sentiment::Sentiment, model::Polarity};

/// How often each label was taken for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Rows are what people say, columns what the model says, both in the order of `Polarity::ALL`.
    pub counts: [[u64; 3]; 3],
}

impl Confusion {
    /// Counts one text.
    pub fn add(&mut self, wanted: Polarity, found: Polarity) {
        self.counts[wanted as usize][found as usize] += 1;
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Confusion) {
        let cells = self.counts.iter_mut().flatten().zip(other.counts.iter().flatten());
        cells.for_each(|(cell, more)| *cell += more);
    }

    /// Texts.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// The part of texts whose label fits; 0 of none.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        let right: u64 = (0..3).map(|class| self.counts[class][class]).sum();
        ratio(right, self.n())
    }

    /// Mean over the labels that people gave of the part of their texts that was found.
    #[must_use]
    pub fn macro_recall(&self) -> f64 {
        self.mean(|class| ratio(self.counts[class][class], self.wanted(class)))
    }

    /// Mean over the labels that people gave of the harmonic mean of precision and recall.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        self.mean(|class| {
            let found: u64 = self.counts.iter().map(|row| row[class]).sum();
            ratio(2 * self.counts[class][class], found + self.wanted(class))
        })
    }

    /// The labels that people gave.
    pub fn labels(&self) -> impl Iterator<Item = Polarity> + '_ {
        Polarity::ALL.iter().copied().filter(|label| self.wanted(*label as usize) > 0)
    }

    fn wanted(&self, class: usize) -> u64 {
        self.counts[class].iter().sum()
    }

    fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        let values: Vec<f64> = self.labels().map(|label| of(label as usize)).collect();
        if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
    }
}

fn ratio(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 / of as f64 }
}

/// The label when only some can be: the likeliest of `labels`. Between positive and negative the sign of the
/// score decides, then that of the compound score, then it is positive.
#[must_use]
pub fn label_among(labels: &[Polarity], found: &Sentiment) -> Polarity {
    if labels.len() > 2 || labels.is_empty() {
        return found.polarity;
    }
    if !labels.contains(&Polarity::Neutral) {
        let sign = if found.score.e4() == 0 { found.compound } else { found.score };
        let label = if sign.e4() >= 0 { Polarity::Positive } else { Polarity::Negative };
        return if labels.contains(&label) { label } else { labels[0] };
    }
    match found.odds {
        Some(odds) => labels.iter().copied().max_by_key(|label| odds.of(*label)).unwrap_or(found.polarity),
        None if labels.contains(&found.polarity) => found.polarity,
        None => Polarity::Neutral,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Score;
    use Polarity::{Negative, Neutral, Positive};

    #[test]
    fn figures_are_means_over_the_labels_given() {
        let mut confusion = Confusion::default();
        for (wanted, found, times) in [
            (Negative, Negative, 3),
            (Negative, Positive, 1),
            (Positive, Positive, 2),
            (Positive, Neutral, 2),
        ] {
            (0..times).for_each(|_| confusion.add(wanted, found));
        }
        assert_eq!((confusion.n(), confusion.accuracy()), (8, 5.0 / 8.0));
        assert!((confusion.macro_recall() - 0.625).abs() < 1e-12);
        assert!((confusion.macro_f1() - (6.0 / 7.0 + 4.0 / 7.0) / 2.0).abs() < 1e-12);
        assert_eq!(Confusion::default().macro_f1(), 0.0);
    }

    #[test]
    fn of_two_labels_one_is_chosen() {
        let found = |polarity, e4| {
            let score = Score::from_e4(e4);
            Sentiment { polarity, score, compound: score, odds: None }
        };
        let check = |labels: &[Polarity], sentiment: Sentiment, expected| {
            assert_eq!(label_among(labels, &sentiment), expected, "{labels:?} {sentiment:?}");
        };
        check(&[Negative, Positive], found(Neutral, 100), Positive);
        check(&[Negative, Positive], found(Neutral, -100), Negative);
        check(&[Negative, Positive], found(Neutral, 0), Positive);
        check(&[Negative, Neutral], found(Positive, 900), Neutral);
        check(&[Negative, Neutral, Positive], found(Neutral, 100), Neutral);
        check(&[Positive], found(Negative, -100), Positive);
    }
}
