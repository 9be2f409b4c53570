//! The beginnings of programs, where most queries fail: before any of their leaves is looked for.
//!
//! **Invariant:** a gate is refused only where its program does not hold.

use super::ast::Join;
use super::compile::{Op, Program};
use super::index::LeafIndex;
use super::post_index::{PostIndex, print};
use crate::model::BrandId;

/// What a program needs at least: all that is read of most of them.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Gate {
    pub(super) brand: BrandId,
    /// The first step of the program.
    pub(super) root: u32,
    /// The condition on fields that is its first clause, or `NO_TEST`.
    pub(super) test: u32,
    /// The part of the leaves of all programs that is its own.
    start: u32,
    end: u32,
    /// So many of these are the ones of which one is needed; 0 if none can be told.
    needed: u16,
    /// The prints of their keys, if there are so few. The unused places repeat the first.
    prints: [u16; GATE_LEAVES],
}

/// So many that a gate is one line of the processor's memory.
const GATE_LEAVES: usize = 20;

/// Of which there are never so many.
const NO_TEST: u32 = u32::MAX;

/// The gates of all queries, and the leaves that have to be looked for behind them.
#[derive(Debug, Default)]
pub(super) struct Gates {
    gates: Vec<Gate>,
    /// The leaves of each program, those in front of which one is needed; those that trigger queries are `FOUND`.
    leaves: Vec<u32>,
    /// The prints of their keys.
    prints: Vec<u16>,
}

/// In the place of a leaf that triggers queries: wherever it stands, it is found already.
const FOUND: u32 = u32::MAX;

impl Gates {
    pub(super) fn new(program: &Program, index: &LeafIndex) -> Gates {
        let mut gates = Gates::default();
        for ((brand, root), query) in program.queries.iter().zip(0..) {
            let tells = |leaves: &[u32]| !leaves.iter().any(|leaf| index.triggers(*leaf).contains(&query));
            let mut leaves =
                needed(program, *root, &tells).filter(|needed| tells(needed)).unwrap_or_default();
            let needed = u16::try_from(leaves.len()).unwrap_or(0);
            leaves_of(program, *root, &mut leaves);
            leaves[usize::from(needed)..].sort_unstable();
            gates.add((*brand, *root), first_test(program, *root), (&leaves, needed), index);
        }
        gates
    }

    fn add(
        &mut self,
        (brand, root): (BrandId, u32),
        test: u32,
        (leaves, needed): (&[u32], u16),
        index: &LeafIndex,
    ) {
        let (start, count) = (self.leaves.len(), usize::from(needed));
        for (at, leaf) in leaves.iter().enumerate() {
            let is_found = !index.triggers(*leaf).is_empty();
            let known = &self.leaves[start..];
            if at < count || !(is_found || known.contains(leaf)) {
                let print = index.sought(*leaf).map_or(0, |(key, _)| print(key));
                self.leaves.push(if is_found { FOUND } else { *leaf });
                self.prints.push(print);
            }
        }
        let (mut prints, all) = ([0; GATE_LEAVES], &self.prints[start..start + count]);
        prints.iter_mut().zip(all.iter().cycle()).for_each(|(place, print)| *place = *print);
        let (start, end) = (start as u32, self.leaves.len() as u32);
        self.gates.push(Gate { brand, root, test, start, end, needed, prints });
    }

    #[inline]
    pub(super) fn get(&self, query: u32) -> Option<&Gate> {
        self.gates.get(query as usize)
    }

    /// One of many leaves of which the program needs one may stand in the post.
    #[inline]
    pub(super) fn may_hold(&self, gate: &Gate, post: &PostIndex) -> bool {
        let (start, count) = (gate.start as usize, usize::from(gate.needed));
        let needed = self.prints.get(start..start + count).unwrap_or(&[]);
        count <= GATE_LEAVES || needed.iter().any(|print| post.may_have(*print))
    }

    /// The leaves of a program that trigger nothing, and the prints of their keys.
    #[inline]
    pub(super) fn leaves(&self, gate: &Gate) -> impl Iterator<Item = (u32, u16)> {
        let own = gate.start as usize..gate.end as usize;
        let leaves = self.leaves.get(own.clone()).unwrap_or(&[]).iter().copied();
        let prints = self.prints.get(own).unwrap_or(&[]).iter().copied();
        leaves.zip(prints).filter(|(leaf, _)| *leaf != FOUND)
    }
}

impl Gate {
    /// It asks for leaves that do not trigger it.
    pub(super) fn has_leaves(&self) -> bool {
        self.start < self.end
    }

    /// One of its leaves may stand in the post, where they are few. Looks at all of them: a look costs less than a wrong
    /// guess.
    #[inline]
    pub(super) fn may_hold(&self, post: &PostIndex) -> bool {
        let is_told = (1..=GATE_LEAVES).contains(&usize::from(self.needed));
        !is_told | self.prints.iter().fold(false, |any, print| any | post.may_have(*print))
    }
}

/// Leaves of which one at least stands where the step holds, if they can be told; of several such lists the shortest that
/// `tells` more than that the query was triggered.
fn needed(program: &Program, op: u32, tells: &impl Fn(&[u32]) -> bool) -> Option<Vec<u32>> {
    let best = |ops: &[u32]| {
        let all = ops.iter().filter_map(|op| needed(program, *op, tells));
        all.min_by_key(|leaves| (!tells(leaves), leaves.len()))
    };
    match program.op(op) {
        Op::Leaf { leaf, .. } => Some(vec![leaf]),
        Op::AnyLeaf(leaves) => Some(program.children(leaves).to_vec()),
        Op::Level { join: Join::Any, positives, .. } => {
            let all = program.children(positives).iter().map(|op| needed(program, *op, tells));
            all.collect::<Option<Vec<_>>>().map(|all| all.concat())
        }
        Op::Level { join: Join::All, positives, .. } => best(program.children(positives)),
        Op::Near { left, right, .. } => best(&[left, right]),
        Op::Tilde { operands, .. } => best(program.children(operands)),
        Op::Raw(_) | Op::Test(_) | Op::Never => None,
    }
}

/// Conditions come first among clauses, because they cost little.
fn first_test(program: &Program, root: u32) -> u32 {
    let first = match program.op(root) {
        Op::Level { join: Join::All, positives, .. } => {
            program.children(positives).first().map_or(Op::Never, |op| program.op(*op))
        }
        step => step,
    };
    if let Op::Test(test) = first { test } else { NO_TEST }
}

/// Appends all leaves of a program.
fn leaves_of(program: &Program, op: u32, out: &mut Vec<u32>) {
    match program.op(op) {
        Op::Leaf { leaf, .. } => out.push(leaf),
        Op::AnyLeaf(leaves) => out.extend_from_slice(program.children(leaves)),
        Op::Level { positives, negatives, .. } => {
            let clauses = program.children(positives).iter().chain(program.children(negatives));
            clauses.for_each(|op| leaves_of(program, *op, out));
        }
        Op::Near { left, right, .. } => [left, right].iter().for_each(|op| leaves_of(program, *op, out)),
        Op::Tilde { operands, .. } => {
            program.children(operands).iter().for_each(|op| leaves_of(program, *op, out));
        }
        Op::Raw(_) | Op::Test(_) | Op::Never => {}
    }
}
