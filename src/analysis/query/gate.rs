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
    /// Leaves of which one is enough for `first`, the unused places filled up with `u32::MAX`.
    leaves: [u32; GATE_LEAVES],
    /// `first` may hold without these leaves.
    pub(super) open: bool,
    /// The first step asks for more.
    pub(super) more: bool,
}

/// So many that a gate is one line of the processor's memory.
const GATE_LEAVES: usize = 8;

impl Gate {
    pub(super) fn new(program: &Program, (brand, root): (BrandId, u32)) -> Gate {
        let step = program.op(root);
        let clause = match step {
            Op::Level { join: Join::All, positives, .. } => program.children(positives).first(),
            _ => None,
        };
        let first = clause.map_or(step, |clause| program.op(*clause));
        let all = match &first {
            Op::Leaf { leaf, zones: Zones::ALL } => std::slice::from_ref(leaf),
            Op::AnyLeaf(leaves) => program.children(*leaves),
            _ => &[],
        };
        let mut leaves = [u32::MAX; GATE_LEAVES];
        leaves.iter_mut().zip(all).for_each(|(place, leaf)| *place = *leaf);
        let open = all.is_empty() || all.len() > GATE_LEAVES;
        Gate { brand, root, first, leaves, open, more: clause.is_some() }
    }

    /// One of its leaves stands in the post. Looks at all of them: a look costs less than a wrong guess.
    #[inline]
    pub(super) fn has_leaf(&self, hits: &Hits) -> bool {
        self.leaves.iter().fold(false, |any, leaf| any | hits.has(*leaf))
    }
}
