//! From what was learned to a model of small integers.

use super::learner::{Cell, Learner};
use crate::{
    analysis::sentiment::{Model, Pair, Sizes, Table},
    model::Language,
};

/// So many of a table's weights keep their size; the few beyond are cut to it.
const KEPT: f64 = 0.9999;
const LARGEST: f32 = 127.0;

/// The two columns of three: the classes are positive against negative, and neutral against both.
fn columns(cell: &Cell) -> Pair {
    let [negative, neutral, positive] = cell.weight;
    [positive - negative, neutral - (positive + negative) / 2.0]
}

/// The model of what a learner has learned.
pub(super) fn model(learner: &Learner, language: Language, sizes: Sizes, neutral_bias: f32) -> Model {
    Model {
        language,
        sizes,
        words: table(&learner.words),
        chars: table(&learner.chars),
        rules: std::array::from_fn(|i| columns(&learner.rules[i])),
        base: columns(&learner.base),
        neutral_bias,
    }
}

fn table(cells: &[Cell]) -> Table {
    let pairs: Vec<Pair> = cells.iter().map(columns).collect();
    let scale = [0, 1].map(|column| scale(&pairs, column));
    let small = |weight: f32, scale: f32| (weight / scale).round().clamp(-LARGEST, LARGEST) as i8;
    let weights = pairs.iter().map(|[a, b]| [small(*a, scale[0]), small(*b, scale[1])]).collect();
    Table { weights, scale }
}

/// What one unit of a column stands for; never 0.
fn scale(pairs: &[Pair], column: usize) -> f32 {
    let mut sizes: Vec<f32> = pairs.iter().map(|pair| pair[column].abs()).collect();
    sizes.sort_unstable_by(f32::total_cmp);
    let last = sizes.len().saturating_sub(1);
    let largest = sizes.get((last as f64 * KEPT) as usize).copied().unwrap_or(0.0);
    if largest > 0.0 { largest / LARGEST } else { 1.0 }
}
