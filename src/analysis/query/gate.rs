//! The beginnings of programs, where most queries fail: before any of their leaves is looked for.
//!
//! **Invariant:** a gate is refused only where its program does not hold.

use super::ast::Join;
use super::compile::{Op, Program};
use super::index::LeafIndex;
use super::post_index::{PostIndex, print};
use crate::model::BrandId;

/// The beginning of a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    pub(super) brand: BrandId,
    /// The first step of the program.
    pub(super) root: u32,
    /// The condition on fields that is its first clause, or `NO_TEST`.
    pub(super) test: u32,
    /// The part of the leaves of all programs that is its own.
    start: u32,
    end: u32,
}

/// Of which there are never so many.
const NO_TEST: u32 = u32::MAX;

/// The gates of all queries, and the leaves that have to be looked for behind them.
#[derive(Debug, Default)]
pub(super) struct Gates {
    /// Where the part of `needed` begins that belongs to each query; one more, where the last ends.
    starts: Vec<u32>,
    /// The prints of leaves of which a program needs one; of a program without prints none can be told. All that is read
    /// of most programs, so it is packed.
    needed: Vec<u16>,
    gates: Vec<Gate>,
    /// The leaves of each program that trigger no query.
    leaves: Vec<u32>,
    /// The prints of their keys.
    prints: Vec<u16>,
}

impl Gates {
    pub(super) fn new(program: &Program, index: &LeafIndex) -> Gates {
        let mut gates = Gates { starts: vec![0], ..Gates::default() };
        for ((brand, root), query) in program.queries.iter().zip(0..) {
            let tells = |leaves: &[u32]| !leaves.iter().any(|leaf| index.triggers(*leaf).contains(&query));
            let needed = needed(program, *root, &tells).filter(|needed| tells(needed)).unwrap_or_default();
            gates.needed.extend(needed.iter().map(|leaf| print_of(index, *leaf)));
            gates.starts.push(gates.needed.len() as u32);
            let start = gates.leaves.len() as u32;
            gates.add_leaves(program, *root, index);
            let (test, end) = (first_test(program, *root), gates.leaves.len() as u32);
            gates.gates.push(Gate { brand: *brand, root: *root, test, start, end });
        }
        gates
    }

    fn add_leaves(&mut self, program: &Program, root: u32, index: &LeafIndex) {
        let mut leaves = Vec::new();
        leaves_of(program, root, &mut leaves);
        // Wherever those stand that trigger queries, they are found already.
        leaves.retain(|leaf| index.triggers(*leaf).is_empty());
        leaves.sort_unstable();
        leaves.dedup();
        self.prints.extend(leaves.iter().map(|leaf| print_of(index, *leaf)));
        self.leaves.append(&mut leaves);
    }

    #[inline]
    pub(super) fn get(&self, query: u32) -> Option<&Gate> {
        self.gates.get(query as usize)
    }

    /// The program asks for other leaves than the one that has triggered it, so that a post has to be indexed.
    pub(super) fn has_leaves(&self, query: u32) -> bool {
        !self.needed(query).is_empty() || self.get(query).is_some_and(|gate| gate.start < gate.end)
    }

    /// Of the places that [`Gates::may_hold`] reads.
    #[inline]
    pub(super) fn glance(&self, query: u32) -> u32 {
        let needed = self.needed(query);
        u32::from(needed.first().copied().unwrap_or(0) ^ needed.last().copied().unwrap_or(0))
    }

    /// One of the leaves of which the program needs one may stand in the post.
    #[inline]
    pub(super) fn may_hold(&self, query: u32, post: &PostIndex) -> bool {
        let needed = self.needed(query);
        let has_one = |some: &[u16]| some.iter().fold(false, |any, print| any | post.may_have(*print));
        needed.is_empty() || needed.chunks(8).any(has_one)
    }

    #[inline]
    fn needed(&self, query: u32) -> &[u16] {
        let query = query as usize;
        let (start, end) = (self.starts.get(query), self.starts.get(query + 1));
        let part = start.zip(end).and_then(|(start, end)| self.needed.get(*start as usize..*end as usize));
        part.unwrap_or(&[])
    }

    /// Of the places that [`Gates::leaves`] reads.
    #[inline]
    pub(super) fn glance_leaves(&self, gate: &Gate) -> u32 {
        let start = gate.start as usize;
        self.leaves.get(start).map_or(0, |leaf| *leaf)
            ^ self.prints.get(start).map_or(0, |print| u32::from(*print))
    }

    /// The leaves of a program that trigger nothing, and the prints of their keys.
    #[inline]
    pub(super) fn leaves(&self, gate: &Gate) -> impl Iterator<Item = (u32, u16)> {
        let own = gate.start as usize..gate.end as usize;
        let leaves = self.leaves.get(own.clone()).unwrap_or(&[]).iter().copied();
        let prints = self.prints.get(own).unwrap_or(&[]).iter().copied();
        leaves.zip(prints)
    }
}

fn print_of(index: &LeafIndex, leaf: u32) -> u16 {
    index.sought(leaf).map_or(0, |(key, _)| print(key))
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
        Op::Raw(_) | Op::Test(_) | Op::Stated(_) | Op::Never => None,
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
        Op::Raw(_) | Op::Test(_) | Op::Stated(_) | Op::Never => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::ast::Query;
    use super::super::matcher::{MatchScratch, QuerySet};
    use super::super::{ParseOptions, parse};
    use super::*;
    use crate::analysis::text::{TextOptions, Tokenizer, Tokens};
    use crate::model::{Network, Post, Timestamp, Zone};

    #[test]
    fn a_leaf_that_triggers_another_query_opens_a_gate() {
        let query = |text: &str| -> Query { parse(text, &ParseOptions::default()).query.unwrap() };
        // All leaves of these trigger a query, so that none is looked for behind a gate.
        let queries = ["heron AND plover", "plover"];
        let queries = queries.iter().zip(0..).map(|(text, brand)| (BrandId(brand), query(text))).collect();
        let set = QuerySet::compile(queries, TextOptions::default());
        let mut scratch = MatchScratch::new();
        let mut check = |body: &str, expected: &[u32]| {
            let post = Post::new(Network::Other, "1".into(), body.into(), Timestamp::from_millis(0));
            let mut tokens = Tokens::new();
            Tokenizer::new(TextOptions::default()).tokenize(Zone::Body, body, &mut tokens);
            let found = set.find(&post, &tokens, &mut scratch);
            assert_eq!(found.iter().map(|(brand, _)| brand.0).collect::<Vec<_>>(), expected, "{body}");
        };
        check("a heron", &[]);
        check("a plover", &[1]);
        check("a heron and a plover", &[0, 1]);
        check("a heron", &[]);
    }
}
