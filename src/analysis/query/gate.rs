//! The beginnings of programs, where most queries fail.
//!
//! **Invariant:** a gate is refused only where its program does not hold.

use super::ast::Join;
use super::compile::{Op, Program, Zones};
use super::hits::Hits;
use crate::model::BrandId;

/// The beginning of a program, by which most queries fail: all that is read of them.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Gate {
    pub(super) brand: BrandId,
    /// The first step of the program.
    pub(super) root: u32,
    /// That step, or if it is an AND the first clause of it.
    pub(super) first: Op,
    /// Leaves of which one is enough for `first`, or for one operand of it, the unused places filled up with `u32::MAX`.
    leaves: [u32; GATE_LEAVES],
    /// `first` may hold without these leaves.
    pub(super) open: bool,
    /// The program asks for more than one of these leaves.
    pub(super) more: bool,
}

/// So many that a gate is one line of the processor's memory.
const GATE_LEAVES: usize = 8;

impl Gate {
    /// `triggers` says of a leaf that the query is looked at where it stands: to ask for it would tell nothing.
    pub(super) fn new(
        program: &Program,
        (brand, root): (BrandId, u32),
        triggers: impl Fn(u32) -> bool,
    ) -> Gate {
        let step = program.op(root);
        let clause = match step {
            Op::Level { join: Join::All, positives, .. } => program.children(positives).first(),
            _ => None,
        };
        let first = clause.map_or(step, |clause| program.op(*clause));
        let operands = match first {
            Op::Near { left, right, .. } => vec![left, right],
            Op::Tilde { operands, .. } => program.children(operands).to_vec(),
            _ => Vec::new(),
        };
        let tells = |leaves: &Vec<u32>| fits(leaves) && !leaves.iter().any(|leaf| triggers(*leaf));
        let operand = operands.iter().map(|op| one_of(program, program.op(*op))).find(tells);
        let all = operand.clone().unwrap_or_else(|| one_of(program, first));
        let mut leaves = [u32::MAX; GATE_LEAVES];
        leaves.iter_mut().zip(&all).for_each(|(place, leaf)| *place = *leaf);
        Gate { brand, root, first, leaves, open: !fits(&all), more: clause.is_some() || operand.is_some() }
    }

    /// One of its leaves stands in the post. Looks at all of them: a look costs less than a wrong guess.
    #[inline]
    pub(super) fn has_leaf(&self, hits: &Hits) -> bool {
        self.leaves.iter().fold(false, |any, leaf| any | hits.has(*leaf))
    }
}

/// They can be asked for at a gate.
fn fits(leaves: &[u32]) -> bool {
    (1..=GATE_LEAVES).contains(&leaves.len())
}

/// The leaves of which one is enough for this step; none if it asks for something else.
fn one_of(program: &Program, op: Op) -> Vec<u32> {
    match op {
        Op::Leaf { leaf, zones: Zones::ALL } => vec![leaf],
        Op::AnyLeaf(leaves) => program.children(leaves).to_vec(),
        _ => Vec::new(),
    }
}
