//! Where programs and their leaves stand in memory: what the same posts need stands side by side, so that the processor
//! gets it at once.
//!
//! **Invariant:** the arranged program says of every post what the program says; only numbers differ.

use std::cmp::Reverse;
use std::mem;

use smallvec::SmallVec;

use super::compile::{Children, Op, Program};
use super::trigger::Keys;

/// Gives the queries a new order, those next to each other that one leaf triggers, and new numbers to the leaves, those
/// in front that trigger most queries and the others as the queries have them.
pub(super) fn arrange(program: &mut Program, keys: &mut Keys) {
    let loads = loads(program.leaves.len(), keys);
    // Of several leaves the one with most queries, which is met most often.
    let home = |query: &usize| {
        let leaves = keys[*query].iter().flatten().filter_map(|key| key.leaf());
        leaves.map(|leaf| (Reverse(loads[leaf as usize]), leaf)).min().unwrap_or((Reverse(0), NONE))
    };
    let mut order: Vec<usize> = (0..program.queries.len()).collect();
    order.sort_by_cached_key(|query| (home(query), *query));
    let mut copy = Copy::new(program, &loads);
    for query in &order {
        let (brand, root) = program.queries[*query];
        let root = copy.step(root);
        copy.to.queries.push((brand, root));
    }
    let Copy { to, leaves, .. } = copy;
    *keys = order.iter().map(|query| mem::take(&mut keys[*query])).collect();
    keys.iter_mut().flatten().flatten().for_each(|key| key.renumber(&leaves));
    (program.ops, program.children, program.queries) = (to.ops, to.children, to.queries);
    put_in_places(&mut program.leaves, leaves);
}

/// No leaf, or none yet.
const NONE: u32 = u32::MAX;

/// How many queries each leaf triggers.
fn loads(leaves: usize, keys: &Keys) -> Vec<u32> {
    let mut loads = vec![0; leaves];
    let all = keys.iter().flatten().flatten();
    all.filter_map(|key| key.leaf()).for_each(|leaf| loads[leaf as usize] += 1);
    loads
}

/// Writes programs one behind the other.
struct Copy<'a> {
    from: &'a Program,
    to: Program,
    /// The new numbers of the leaves, as far as they have one.
    leaves: Vec<u32>,
    next_leaf: u32,
}

impl<'a> Copy<'a> {
    fn new(from: &'a Program, loads: &[u32]) -> Copy<'a> {
        let mut triggers: Vec<u32> =
            (0..loads.len() as u32).filter(|leaf| loads[*leaf as usize] > 0).collect();
        triggers.sort_by_key(|leaf| Reverse(loads[*leaf as usize]));
        let mut copy = Copy { from, to: Program::default(), leaves: vec![NONE; loads.len()], next_leaf: 0 };
        triggers.into_iter().for_each(|leaf| _ = copy.leaf(leaf));
        copy
    }

    fn leaf(&mut self, leaf: u32) -> u32 {
        let number = &mut self.leaves[leaf as usize];
        if *number == NONE {
            *number = self.next_leaf;
            self.next_leaf += 1;
        }
        *number
    }

    fn step(&mut self, op: u32) -> u32 {
        let from = self.from;
        let op = match from.op(op) {
            Op::Leaf { leaf, zones } => Op::Leaf { leaf: self.leaf(leaf), zones },
            Op::AnyLeaf(leaves) => {
                let leaves: SmallVec<[u32; 32]> =
                    from.children(leaves).iter().map(|leaf| self.leaf(*leaf)).collect();
                Op::AnyLeaf(self.to.list(&leaves))
            }
            Op::Level { join, positives, negatives } => {
                Op::Level { join, positives: self.steps(positives), negatives: self.steps(negatives) }
            }
            Op::Near { left, right, distance, ordered } => {
                Op::Near { left: self.step(left), right: self.step(right), distance, ordered }
            }
            Op::Tilde { operands, distance } => Op::Tilde { operands: self.steps(operands), distance },
            Op::Raw(_) | Op::Test(_) | Op::Stated(_) | Op::Never => from.op(op),
        };
        self.to.push(op)
    }

    fn steps(&mut self, ops: Children) -> Children {
        let from = self.from;
        let ops: SmallVec<[u32; 8]> = from.children(ops).iter().map(|op| self.step(*op)).collect();
        self.to.list(&ops)
    }
}

/// Moves each item to the place with its number.
fn put_in_places<T>(items: &mut [T], mut numbers: Vec<u32>) {
    for at in 0..items.len() {
        while numbers[at] as usize != at {
            let to = numbers[at] as usize;
            items.swap(at, to);
            numbers.swap(at, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile::compile;
    use super::super::trigger;
    use super::super::{ParseOptions, parse};
    use super::*;
    use crate::analysis::text::{TextOptions, Tokenizer};
    use crate::model::BrandId;

    #[test]
    fn queries_of_one_leaf_stand_side_by_side_and_that_leaf_in_front() {
        let check = |texts: &[&str], order: &[u32], leaves: &[&str]| {
            let read = |text: &&str| parse(text, &ParseOptions::default()).query.unwrap();
            let queries = (0..).map(BrandId).zip(texts.iter().map(read)).collect();
            let mut program = compile(queries, &Tokenizer::new(TextOptions::default()));
            let mut keys = trigger::keys(&mut program);
            arrange(&mut program, &mut keys);
            let brands: Vec<u32> = program.queries.iter().map(|(brand, _)| brand.0).collect();
            assert_eq!(brands, order, "{texts:?}");
            let found: Vec<&str> = program.leaves.iter().map(|leaf| &*leaf.elements[0].prefix).collect();
            assert_eq!(found, leaves, "{texts:?}");
        };
        check(&[], &[], &[]);
        check(&["authorFollowers:[5 TO *]", "gull", "heron"], &[1, 2, 0], &["gull", "heron"]);
        check(
            &["gull AND the", "plover OR heron", "rail", "heron NOT to"],
            &[1, 3, 0, 2],
            &["heron", "gull", "plover", "rail", "to", "the"],
        );
    }

    #[test]
    fn items_go_to_their_places() {
        let check = |numbers: &[u32], expected: &str| {
            let mut items: Vec<char> = "abcdef".chars().take(numbers.len()).collect();
            put_in_places(&mut items, numbers.to_vec());
            assert_eq!(String::from_iter(items), expected);
        };
        check(&[], "");
        check(&[0, 1, 2], "abc");
        check(&[2, 0, 1, 4, 3, 5], "bcaedf");
    }
}
