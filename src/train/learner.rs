//! Linear regression by AdaGrad: columns of weights, one step a text. The label takes a softmax over three
//! columns, each emotion a sigmoid of its own.

use super::balance::CLASSES;
use crate::analysis::sentiment::{EMOTIONS, FEATURES, Features, Six, Sizes, exp, weight_of};

/// What a column has learned of one feature.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<const N: usize> {
    pub(super) weight: [f32; N],
    /// Sums of squared gradients.
    squares: [f32; N],
}

/// How large the steps are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) rate: f32,
    /// Pulls weights towards 0.
    pub(super) decay: f32,
}

/// The weights while they are learned.
pub(super) struct Learner<const N: usize> {
    pub(super) words: Vec<Cell<N>>,
    pub(super) chars: Vec<Cell<N>>,
    pub(super) rules: [Cell<N>; FEATURES],
    pub(super) base: Cell<N>,
    pace: Pace,
}

/// Keeps the first step finite.
const EPSILON: f32 = 1e-8;

impl<const N: usize> Cell<N> {
    const NEW: Cell<N> = Cell { weight: [0.0; N], squares: [0.0; N] };

    fn step(&mut self, errors: [f32; N], value: f32, pace: Pace) {
        for (class, error) in errors.into_iter().enumerate() {
            let gradient = error * value + pace.decay * self.weight[class];
            self.squares[class] += gradient * gradient;
            self.weight[class] -= pace.rate * gradient / (self.squares[class].sqrt() + EPSILON);
        }
    }

    fn add_to(&self, sums: &mut [f32; N], value: f32) {
        sums.iter_mut().zip(self.weight).for_each(|(sum, weight)| *sum += weight * value);
    }
}

impl<const N: usize> Learner<N> {
    pub(super) fn new(sizes: Sizes, pace: Pace) -> Learner<N> {
        let cells = |bits: u32| vec![Cell::NEW; 1 << bits];
        Learner {
            words: cells(sizes.words),
            chars: cells(sizes.chars),
            rules: [Cell::NEW; FEATURES],
            base: Cell::NEW,
            pace,
        }
    }

    /// Takes a step against the `errors` of a text.
    fn learn(&mut self, features: &Features, errors: [f32; N]) {
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

    fn sums(&self, features: &Features) -> [f32; N] {
        let mut sums = self.base.weight;
        for (cells, slots) in [(&self.words, &features.grams.words), (&self.chars, &features.grams.chars)] {
            let value = weight_of(slots.len()) as f32;
            slots.iter().for_each(|slot| cells[*slot as usize].add_to(&mut sums, value));
        }
        for (cell, value) in self.rules.iter().zip(&features.rules) {
            cell.add_to(&mut sums, *value as f32);
        }
        sums
    }
}

impl Learner<CLASSES> {
    /// Learns from one text of class `class` that counts `importance`.
    pub(super) fn step(&mut self, features: &Features, class: usize, importance: f32) {
        let mut errors = softmax(self.sums(features));
        errors[class] -= 1.0;
        self.learn(features, errors.map(|error| error * importance));
    }
}

impl Learner<EMOTIONS> {
    /// Learns from one text which emotions it has and what that counts for each.
    pub(super) fn step_each(&mut self, features: &Features, truth: [bool; EMOTIONS], importance: Six) {
        let sums = self.sums(features);
        let odds = |i: usize| (1.0 / (1.0 + exp(-f64::from(sums[i])))) as f32;
        let error = |i: usize| (odds(i) - if truth[i] { 1.0 } else { 0.0 }) * importance[i];
        self.learn(features, std::array::from_fn(error));
    }
}

fn softmax(sums: [f32; CLASSES]) -> [f32; CLASSES] {
    let most = sums.iter().fold(f32::MIN, |most, sum| most.max(*sum));
    let odds = sums.map(|sum| exp(f64::from(sum - most)));
    let all: f64 = odds.iter().sum();
    odds.map(|odds| (odds / all) as f32)
}
