//! From what was learned to a model of small integers.

use super::{
    balance::CLASSES,
    learner::{Cell, Learner},
};
use crate::{
    analysis::sentiment::{EMOTIONS, EmotionModel, Model, Pair, Scope, Six, Sizes, Table},
    model::Language,
};

/// So many of a table's weights keep their size; the few beyond are cut to it.
const KEPT: f64 = 0.9999;
const LARGEST: f32 = 127.0;

/// The two columns of three: the classes are positive against negative, and neutral against both.
fn columns(cell: &Cell<CLASSES>) -> Pair {
    let [negative, neutral, positive] = cell.weight;
    [positive - negative, neutral - (positive + negative) / 2.0]
}

/// The model of what a learner has learned.
pub(super) fn model(
    learner: &Learner<CLASSES>,
    (language, scope): (Language, Scope),
    sizes: Sizes,
    neutral_bias: f32,
) -> Model {
    Model {
        language,
        scope,
        sizes,
        words: table(&learner.words),
        chars: table(&learner.chars),
        rules: std::array::from_fn(|i| columns(&learner.rules[i])),
        base: columns(&learner.base),
        neutral_bias,
    }
}

/// The model of what a learner has learned of emotions.
pub(super) fn emotions(
    learner: &Learner<EMOTIONS>,
    language: Language,
    sizes: Sizes,
    thresholds: Six,
) -> EmotionModel {
    let rows =
        |cells: &[Cell<EMOTIONS>]| small(&cells.iter().map(|cell| cell.weight).collect::<Vec<_>>()).widened();
    EmotionModel {
        language,
        sizes,
        words: rows(&learner.words),
        chars: rows(&learner.chars),
        rules: learner.rules.map(|cell| cell.weight),
        base: learner.base.weight,
        thresholds,
    }
}

fn table(cells: &[Cell<CLASSES>]) -> Table {
    small(&cells.iter().map(columns).collect::<Vec<_>>())
}

fn small<const N: usize>(rows: &[[f32; N]]) -> Table<N> {
    let scale: [f32; N] = std::array::from_fn(|column| scale(rows, column));
    let small = |weight: f32, scale: f32| (weight / scale).round().clamp(-LARGEST, LARGEST) as i8;
    let weights = rows.iter().map(|row| std::array::from_fn(|i| small(row[i], scale[i]))).collect();
    Table { weights, scale }
}

/// What one unit of a column stands for; never 0.
fn scale<const N: usize>(rows: &[[f32; N]], column: usize) -> f32 {
    let mut sizes: Vec<f32> = rows.iter().map(|row| row[column].abs()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let last = sizes.len().saturating_sub(1);
    let largest = sizes.get((last as f64 * KEPT) as usize).copied().unwrap_or(0.0);
    if largest > 0.0 { largest / LARGEST } else { 1.0 }
}
