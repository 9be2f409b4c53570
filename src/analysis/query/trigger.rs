//! Which queries need a look, given the leaves and field values that are present.
//!
//! **Invariant:** a query that holds for a post is triggered by it, or is listed as a full scan.

use rustc_hash::FxHashMap;

use super::ast::Join;
use super::compile::{Op, Program};
use super::field_test::{self, Subject};
use super::fields::Field;
use super::host::readable;
use super::index::frequency;
use super::site;
use super::stated::fold_name;
use crate::analysis::text::hash_folded;

/// Something whose presence makes a query worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Leaf(u32),
    Value(u64),
}

impl Key {
    pub(super) fn leaf(self) -> Option<u32> {
        if let Key::Leaf(leaf) = self { Some(leaf) } else { None }
    }

    /// Gives a leaf the number that stands in its place.
    pub(super) fn renumber(&mut self, numbers: &[u32]) {
        if let Key::Leaf(leaf) = self {
            *leaf = numbers[*leaf as usize];
        }
    }
}

/// What triggers each query, in the order of the queries; `None` stands for a full scan.
pub(super) type Keys = Vec<Option<Vec<Key>>>;

/// Keys of which every post that matches has one, and how often a post has one, as a guess.
struct Need {
    keys: Vec<Key>,
    frequency: f64,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Triggers {
    by_value: FxHashMap<u64, Vec<u32>>,
    /// Fields that `by_value` has keys of.
    fields: Vec<Field>,
    /// As in the text.
    fold_han: bool,
    /// Queries that are looked at for every post.
    pub(super) full_scan: Vec<u32>,
}

impl Triggers {
    /// By the triggers of each query: the triggers, and the queries that each leaf triggers.
    pub(super) fn new(program: &Program, keys: &Keys) -> (Triggers, Vec<Vec<u32>>) {
        let mut by_leaf: Vec<Vec<u32>> = vec![Vec::new(); program.leaves.len()];
        let mut triggers = Triggers::default();
        for (query, keys) in (0..).zip(keys) {
            let Some(keys) = keys else {
                triggers.full_scan.push(query);
                continue;
            };
            for key in keys {
                match key {
                    Key::Leaf(leaf) => by_leaf[*leaf as usize].push(query),
                    Key::Value(value) => triggers.by_value.entry(*value).or_default().push(query),
                }
            }
        }
        triggers.fields =
            program.tests.iter().filter(|test| test.lookup().is_some()).map(|test| test.field).collect();
        triggers.fields.sort_unstable_by_key(|field| *field as u8);
        triggers.fields.dedup();
        triggers.fold_han = program.tests.iter().any(|test| test.fold_han);
        (triggers, by_leaf)
    }

    /// Some query is triggered by this value of a field.
    pub(super) fn has_value(&self, field: Field, value: &str) -> bool {
        self.by_value.contains_key(&value_key(field, value))
    }

    /// Queries triggered by the fields of a post, some perhaps more than once.
    #[inline]
    pub(super) fn by_fields(&self, subject: Subject<'_>, buffer: &mut String, each: &mut dyn FnMut(u32)) {
        if self.by_value.is_empty() {
            return;
        }
        for field in &self.fields {
            values((*field, self.fold_han), subject, buffer, &mut |value| {
                for query in self.by_value.get(&value_key(*field, value)).into_iter().flatten() {
                    each(*query);
                }
            });
        }
    }
}

/// What triggers each query. The programs then ask last for what has triggered them: it mostly holds.
pub(super) fn keys(program: &mut Program) -> Keys {
    let uses = leaf_uses(program);
    ask_for_triggers_last(program, &uses);
    let keys_of = |root: u32| {
        let mut keys = need(program, &uses, root)?.keys;
        keys.sort_unstable();
        keys.dedup();
        Some(keys)
    };
    program.queries.iter().map(|(_, root)| keys_of(*root)).collect()
}

fn value_key(field: Field, value: &str) -> u64 {
    hash_folded(value) ^ (field as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The folded values of a post by which a field is looked up.
fn values(
    (field, fold_han): (Field, bool),
    subject: Subject<'_>,
    buffer: &mut String,
    each: &mut dyn FnMut(&str),
) {
    let post = subject.post;
    let hosts = |address: site::Address<'_>, buffer: &mut String, each: &mut dyn FnMut(&str)| {
        for host in address.suffixes() {
            field_test::fold(site::alias(host), field, buffer);
            each(buffer);
        }
    };
    match field {
        Field::Site => {
            if let Some(url) = site::of_post(post) {
                hosts(site::Address::new(&readable(url)), buffer, each);
            }
        }
        Field::Links => {
            field_test::links(subject, &mut |url| hosts(site::Address::new(&readable(url)), buffer, each));
        }
        Field::Language => field_test::languages(subject.language).for_each(|one| each(one.as_str())),
        _ => field_test::names(field, post, &mut |name| {
            fold_name(name, (field, fold_han), false, buffer);
            each(buffer);
        }),
    }
}

/// How many programs mention a leaf: shared leaves are poor triggers.
fn leaf_uses(program: &Program) -> Vec<u32> {
    let mut uses = vec![0_u32; program.leaves.len()];
    for op in &program.ops {
        match op {
            Op::Leaf { leaf, .. } => uses[*leaf as usize] += 1,
            Op::AnyLeaf(leaves) => {
                program.children(*leaves).iter().for_each(|leaf| uses[*leaf as usize] += 1)
            }
            _ => {}
        }
    }
    uses
}

fn ask_for_triggers_last(program: &mut Program, uses: &[u32]) {
    for query in 0..program.queries.len() {
        let (_, root) = program.queries[query];
        if let Op::Level { join: Join::All, positives, .. } = program.op(root) {
            let needs = program.children(positives).iter().map(|op| need(program, uses, *op));
            let needs = needs.enumerate().filter_map(|(at, need)| Some((at, need?.frequency)));
            if let Some((at, _)) = needs.min_by(|a, b| a.1.total_cmp(&b.1)) {
                program.ask_last(positives, at);
            }
        }
    }
}

fn need(program: &Program, uses: &[u32], op: u32) -> Option<Need> {
    match program.op(op) {
        Op::Leaf { leaf, .. } => Some(present(program, uses, &[leaf])),
        Op::AnyLeaf(leaves) => Some(present(program, uses, program.children(leaves))),
        Op::Level { join: Join::Any, positives, .. } => every(program, uses, program.children(positives)),
        Op::Level { join: Join::All, positives, .. } => rarest(program, uses, program.children(positives)),
        Op::Tilde { operands, .. } => rarest(program, uses, program.children(operands)),
        Op::Near { left, right, .. } => rarest(program, uses, &[left, right]),
        Op::Test(test) | Op::Stated(test) => {
            let test = program.tests.get(test as usize)?;
            let keys: Vec<Key> =
                test.lookup()?.map(|value| Key::Value(value_key(test.field, value))).collect();
            let one = match test.field {
                Field::Network | Field::Language => 0.3,
                Field::Site | Field::Links => 0.01,
                _ => 0.001,
            };
            Some(Need { frequency: one * keys.len() as f64, keys })
        }
        Op::Raw(_) => None,
        Op::Never => Some(Need { keys: Vec::new(), frequency: 0.0 }),
    }
}

/// One of these leaves.
fn present(program: &Program, uses: &[u32], leaves: &[u32]) -> Need {
    let one = |leaf: &u32| {
        let shared = f64::from(uses[*leaf as usize].max(1));
        frequency(&program.leaves[*leaf as usize]) * (1.0 + shared.ln())
    };
    let keys = leaves.iter().map(|leaf| Key::Leaf(*leaf)).collect();
    Need { keys, frequency: leaves.iter().map(one).sum() }
}

fn every(program: &Program, uses: &[u32], ops: &[u32]) -> Option<Need> {
    let mut all = Need { keys: Vec::new(), frequency: 0.0 };
    for op in ops {
        let need = need(program, uses, *op)?;
        all.keys.extend(need.keys);
        all.frequency += need.frequency;
    }
    Some(all)
}

fn rarest(program: &Program, uses: &[u32], ops: &[u32]) -> Option<Need> {
    let needs = ops.iter().filter_map(|op| need(program, uses, *op));
    needs.min_by(|a, b| a.frequency.total_cmp(&b.frequency))
}
