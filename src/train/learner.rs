//! Softmax regression by AdaGrad: three columns of weights, one step a text.

use super::balance::CLASSES;
use crate::analysis::sentiment::{FEATURES, Features, Sizes, exp, weight_of};

/// What a column has learned of one feature.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cell {
    pub(super) weight: [f32; CLASSES],
    /// Sums of squared gradients.
    squares: [f32; CLASSES],
}

/// How large the steps are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) rate: f32,
    /// Pulls weights towards 0.
    pub(super) decay: f32,
}

/// The weights while they are learned.
pub(super) struct Learner {
    pub(super) words: Vec<Cell>,
    pub(super) chars: Vec<Cell>,
    pub(super) rules: [Cell; FEATURES],
    pub(super) base: Cell,
    pace: Pace,
}

/// Keeps the first step finite.
const EPSILON: f32 = 1e-8;

impl Cell {
    fn step(&mut self, errors: [f32; CLASSES], value: f32, pace: Pace) {
        for (class, error) in errors.into_iter().enumerate() {
            let gradient = error * value + pace.decay * self.weight[class];
            self.squares[class] += gradient * gradient;
            self.weight[class] -= pace.rate * gradient / (self.squares[class].sqrt() + EPSILON);
        }
    }

    fn add_to(&self, sums: &mut [f32; CLASSES], value: f32) {
        sums.iter_mut().zip(self.weight).for_each(|(sum, weight)| *sum += weight * value);
    }
}

impl Learner {
    pub(super) fn new(sizes: Sizes, pace: Pace) -> Learner {
        let cells = |bits: u32| vec![Cell::default(); 1 << bits];
        Learner {
            words: cells(sizes.words),
            chars: cells(sizes.chars),
            rules: [Cell::default(); FEATURES],
            base: Cell::default(),
            pace,
        }
    }

    /// Learns from one text of class `class` that counts `importance`.
    pub(super) fn step(&mut self, features: &Features, class: usize, importance: f32) {
        let mut errors = self.odds(features);
        errors[class] -= 1.0;
        let errors = errors.map(|error| error * importance);
        let pace = self.pace;
        for (cells, slots) in
            [(&mut self.words, &features.grams.words), (&mut self.chars, &features.grams.chars)]
        {
            let value = weight_of(slots.len()) as f32;
            slots.iter().for_each(|slot| cells[*slot as usize].step(errors, value, pace));
        }
        for (cell, value) in self.rules.iter_mut().zip(&features.rules) {
            cell.step(errors, *value as f32, pace);
        }
        self.base.step(errors, 1.0, pace);
    }

    fn odds(&self, features: &Features) -> [f32; CLASSES] {
        let mut sums = self.base.weight;
        for (cells, slots) in [(&self.words, &features.grams.words), (&self.chars, &features.grams.chars)] {
            let value = weight_of(slots.len()) as f32;
            slots.iter().for_each(|slot| cells[*slot as usize].add_to(&mut sums, value));
        }
        for (cell, value) in self.rules.iter().zip(&features.rules) {
            cell.add_to(&mut sums, *value as f32);
        }
        let most = sums.iter().fold(f32::MIN, |most, sum| most.max(*sum));
        let odds = sums.map(|sum| exp(f64::from(sum - most)));
        let all: f64 = odds.iter().sum();
        odds.map(|odds| (odds / all) as f32)
    }
}
