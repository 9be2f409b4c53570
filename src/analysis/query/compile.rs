//! Trees to programs over shared leaves.
//!
//! **Invariant:** cannot fail: what cannot be evaluated was refused by the parser. Equal terms of all
//! queries are one leaf.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashMap};
use smallvec::SmallVec;

use super::ast::{
    FieldClause, FieldText, FieldValue, Join, Level, Node, NodeKind, Query, Term, TermForm, TermText,
};
use super::field_test::FieldTest;
use super::fields::Field;
use super::leaf::Leaf;
use super::raw::RawText;
use super::stated;
use crate::analysis::text::Tokenizer;
use crate::model::{BrandId, Zone};

/// A set of zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zones(u8);

impl Zones {
    pub(super) const ALL: Zones = Zones(0xff);

    pub(super) const fn only(zone: Zone) -> Zones {
        Zones(1 << zone as u8)
    }

    #[inline]
    pub(super) fn has(self, zone: Zone) -> bool {
        self.0 & (1 << zone as u8) != 0
    }
}

/// A run of `Program::children`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Children {
    start: u32,
    end: u32,
}

impl Children {
    fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// One step of a program; children are numbers of other steps.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    Leaf {
        leaf: u32,
        zones: Zones,
    },
    /// One of these leaves, in any zone; the children are leaves here.
    AnyLeaf(Children),
    Raw(u32),
    Test(u32),
    /// A test that only what the feed states beside the text can meet, which most posts have nothing of.
    Stated(u32),
    Level {
        join: Join,
        positives: Children,
        negatives: Children,
    },
    Near {
        left: u32,
        right: u32,
        distance: u32,
        ordered: bool,
    },
    Tilde {
        operands: Children,
        distance: u32,
    },
    Never,
}

/// The programs of all queries.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) leaves: Vec<Leaf>,
    pub(super) ops: Vec<Op>,
    pub(super) children: Vec<u32>,
    pub(super) raws: Vec<RawText>,
    pub(super) tests: Vec<FieldTest>,
    /// Brand and first step.
    pub(super) queries: Vec<(BrandId, u32)>,
}

impl Program {
    #[inline]
    pub(super) fn op(&self, op: u32) -> Op {
        self.ops.get(op as usize).copied().unwrap_or(Op::Never)
    }

    /// Of the place that [`Program::op`] reads.
    #[inline]
    pub(super) fn glance(&self, op: u32) -> u32 {
        match self.ops.get(op as usize) {
            Some(Op::Level { positives, .. }) => positives.start,
            _ => 0,
        }
    }

    #[inline]
    pub(super) fn children(&self, children: Children) -> &[u32] {
        self.children.get(children.start as usize..children.end as usize).unwrap_or(&[])
    }

    /// Appends a step; its number.
    pub(super) fn push(&mut self, op: Op) -> u32 {
        self.ops.push(op);
        self.ops.len() as u32 - 1
    }

    /// Appends the children of a step.
    pub(super) fn list(&mut self, children: &[u32]) -> Children {
        let start = self.children.len() as u32;
        self.children.extend_from_slice(children);
        Children { start, end: self.children.len() as u32 }
    }

    /// Puts one of the children behind the others.
    pub(super) fn ask_last(&mut self, children: Children, child: usize) {
        let list = self.children.get_mut(children.start as usize..children.end as usize);
        if let Some(list) = list.and_then(|list| list.get_mut(child..)).filter(|list| !list.is_empty()) {
            list.rotate_left(1);
        }
    }
}

/// Compiles the queries, in the order of their brands.
pub(super) fn compile(mut queries: Vec<(BrandId, Query)>, tokenizer: &Tokenizer) -> Program {
    queries.sort_by_key(|(brand, _)| *brand);
    let mut compiler =
        Compiler { tokenizer, program: Program::default(), known: FxHashMap::default(), in_text: false };
    compiler.program.queries.reserve_exact(queries.len());
    for (brand, query) in queries {
        let root = compiler.node(&query.root);
        compiler.program.queries.push((brand, root));
    }
    compiler.program
}

struct Compiler<'a> {
    tokenizer: &'a Tokenizer,
    program: Program,
    /// Leaves by their hash.
    known: FxHashMap<u64, SmallVec<[u32; 1]>>,
    /// Operands of a NEAR or tilde are compiled.
    in_text: bool,
}

impl Compiler<'_> {
    fn node(&mut self, node: &Node) -> u32 {
        match &node.kind {
            NodeKind::Level(level) => self.level(level),
            NodeKind::Term(term) => self.term_anywhere(term),
            NodeKind::Near(near) => {
                let (left, right) = self.in_text(|own| (own.node(&near.left), own.node(&near.right)));
                self.program.push(Op::Near { left, right, distance: near.distance, ordered: near.ordered })
            }
            NodeKind::Tilde(tilde) => {
                let operands = self.in_text(|own| own.tilde_operands(&tilde.inner));
                let operands = self.program.list(&operands);
                self.program.push(Op::Tilde { operands, distance: tilde.distance })
            }
            NodeKind::Field(clause) => self.field(clause),
            NodeKind::Missing => self.program.push(Op::Never),
        }
    }

    fn level(&mut self, level: &Level) -> u32 {
        let positives = self.clauses(&level.positives, level.join);
        let negatives = self.clauses(&level.negatives, Join::Any);
        let (join, positives) = self.flat(level.join, positives);
        if let ([only], []) = (positives.as_slice(), negatives.as_slice()) {
            return *only;
        }
        let (positives, negatives) = (self.program.list(&positives), self.program.list(&negatives));
        self.program.push(Op::Level { join, positives, negatives })
    }

    /// What must hold together in one list: an AND inside of an AND, or alone before a NOT, costs no step of its own.
    fn flat(&self, join: Join, clauses: SmallVec<[u32; 8]>) -> (Join, SmallVec<[u32; 8]>) {
        let inner = |clause: &u32| match self.program.op(*clause) {
            Op::Level { join: Join::All, positives, negatives } if negatives.is_empty() => {
                Some(self.program.children(positives))
            }
            _ => None,
        };
        if (join == Join::Any && clauses.len() != 1) || !clauses.iter().any(|clause| inner(clause).is_some())
        {
            return (join, clauses);
        }
        let mut flat = SmallVec::<[u32; 8]>::new();
        for clause in &clauses {
            flat.extend_from_slice(inner(clause).unwrap_or(std::slice::from_ref(clause)));
        }
        flat.sort_by_key(|op| self.effort(*op));
        (Join::All, flat)
    }

    /// The clauses of a level, cheap conditions first: they decide most posts.
    fn clauses(&mut self, nodes: &[Node], join: Join) -> SmallVec<[u32; 8]> {
        let (mut ops, mut leaves) = (SmallVec::<[u32; 8]>::new(), SmallVec::<[u32; 32]>::new());
        for node in nodes {
            match &node.kind {
                NodeKind::Term(term) if join == Join::Any => match self.leaf(term) {
                    Some(leaf) => leaves.push(leaf),
                    None => ops.push(self.signs(term)),
                },
                _ => ops.push(self.node(node)),
            }
        }
        leaves.sort_unstable();
        leaves.dedup();
        ops.extend(self.stated(&leaves));
        match leaves.as_slice() {
            [] => {}
            [leaf] => ops.push(self.program.push(Op::Leaf { leaf: *leaf, zones: Zones::ALL })),
            leaves => {
                let leaves = self.program.list(leaves);
                ops.push(self.program.push(Op::AnyLeaf(leaves)));
            }
        }
        ops.sort_by_key(|op| self.effort(*op));
        ops
    }

    fn effort(&self, op: u32) -> u32 {
        match self.program.op(op) {
            Op::Never => 0,
            Op::Leaf { zones: Zones::ALL, .. } => 1,
            Op::AnyLeaf(_) => 2,
            Op::Leaf { .. } | Op::Test(_) | Op::Stated(_) => 3,
            Op::Level { .. } => 4,
            Op::Near { .. } | Op::Tilde { .. } => 5,
            Op::Raw(_) => 6,
        }
    }

    fn any(&mut self, ops: &[u32]) -> u32 {
        if let [only] = ops {
            return *only;
        }
        let (positives, negatives) = (self.program.list(ops), self.program.list(&[]));
        self.program.push(Op::Level { join: Join::Any, positives, negatives })
    }

    /// What is near to something has to have a place in the text.
    fn in_text<T>(&mut self, compile: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.in_text, true);
        let done = compile(self);
        self.in_text = before;
        done
    }

    /// A `#tag` or `@name` may be stated beside the text.
    fn term_anywhere(&mut self, term: &Term) -> u32 {
        let op = self.term(term, Zones::ALL);
        let stated = match self.program.op(op) {
            Op::Leaf { leaf, .. } => self.stated(&[leaf]),
            _ => Vec::new(),
        };
        self.any(&[&[op][..], &stated].concat())
    }

    /// Conditions on what the feed states for those of the leaves that are tags and names, one a field.
    fn stated(&mut self, leaves: &[u32]) -> Vec<u32> {
        if self.in_text {
            return Vec::new();
        }
        let leaf = |leaf: &u32| self.program.leaves.get(*leaf as usize).and_then(stated::asked);
        let (tags, names): (Vec<_>, Vec<_>) =
            leaves.iter().filter_map(leaf).partition(|(field, _)| *field == Field::Tags);
        let fold_han = self.tokenizer.options().fold_han;
        let mut ops = Vec::new();
        for (field, asked) in [(Field::Tags, tags), (Field::AtMentions, names)] {
            let values: Vec<_> = asked.into_iter().map(|(_, value)| value).collect();
            if !values.is_empty() {
                let test = self.test(FieldTest::of_stated(field, values, fold_han));
                ops.push(self.program.push(Op::Stated(test)));
            }
        }
        ops
    }

    /// The number of a condition that steps may ask.
    fn test(&mut self, test: FieldTest) -> u32 {
        self.program.tests.push(test);
        self.program.tests.len() as u32 - 1
    }

    fn term(&mut self, term: &Term, zones: Zones) -> u32 {
        match self.leaf(term) {
            Some(leaf) => self.program.push(Op::Leaf { leaf, zones }),
            None => self.signs(term),
        }
    }

    /// A term without a word: its signs, as they are.
    fn signs(&mut self, term: &Term) -> u32 {
        let Some(raw) = RawText::signs(&term.text) else { return self.program.push(Op::Never) };
        self.program.raws.push(raw);
        let raw = self.program.raws.len() as u32 - 1;
        self.program.push(Op::Raw(raw))
    }

    fn leaf(&mut self, term: &Term) -> Option<u32> {
        let leaf = Leaf::new(term, self.tokenizer)?;
        let Program { leaves, .. } = &mut self.program;
        let known = self.known.entry(FxBuildHasher.hash_one(&leaf)).or_default();
        let same = known.iter().find(|known| leaves.get(**known as usize) == Some(&leaf));
        if let Some(same) = same {
            return Some(*same);
        }
        let number = leaves.len() as u32;
        leaves.push(leaf);
        known.push(number);
        Some(number)
    }

    /// The words of a phrase, or the operands of an AND.
    fn tilde_operands(&mut self, inner: &Node) -> Vec<u32> {
        match &inner.kind {
            NodeKind::Term(term) => {
                let words = Leaf::words(&term.text);
                words
                    .iter()
                    .filter_map(|word| self.leaf(word))
                    .collect::<Vec<_>>()
                    .into_iter()
                    .map(|leaf| self.program.push(Op::Leaf { leaf, zones: Zones::ALL }))
                    .collect()
            }
            NodeKind::Level(level) => level.positives.iter().map(|node| self.node(node)).collect(),
            _ => vec![self.node(inner)],
        }
    }

    fn field(&mut self, clause: &FieldClause) -> u32 {
        let values: &[FieldText] = match &clause.value {
            FieldValue::AnyOf(values) => values,
            FieldValue::Range { .. } => &[],
        };
        let mut ops = match clause.field {
            Field::Unanswered => return self.program.push(Op::Never),
            Field::Title => return self.zone(values, Zones::only(Zone::Title)),
            Field::Text => return self.zone(values, Zones::only(Zone::Body)),
            Field::Raw => return self.raw(values),
            Field::Tags => self.signed(values, '#'),
            Field::AtMentions => self.signed(values, '@'),
            _ => Vec::new(),
        };
        let test = self.test(FieldTest::new(clause, self.tokenizer.options().fold_han));
        ops.push(self.program.push(Op::Test(test)));
        self.any(&ops)
    }

    fn zone(&mut self, values: &[FieldText], zones: Zones) -> u32 {
        let ops: Vec<u32> = values.iter().map(|value| self.term(&value.term, zones)).collect();
        self.any(&ops)
    }

    fn raw(&mut self, values: &[FieldText]) -> u32 {
        let mut ops = Vec::new();
        for value in values {
            self.program.raws.push(RawText::new(&value.term.text.text));
            let raw = self.program.raws.len() as u32 - 1;
            ops.push(self.program.push(Op::Raw(raw)));
        }
        self.any(&ops)
    }

    /// The values as `#tag` or `@name` in the text; those with blanks can stand in the feed's list only.
    fn signed(&mut self, values: &[FieldText], sign: char) -> Vec<u32> {
        let mut ops = Vec::new();
        for value in values {
            let plain = &value.term.text;
            if plain.text.contains(char::is_whitespace) {
                continue;
            }
            let is_sign = |c: &char| super::chars::plain(*c) == sign;
            let bare = plain.text.chars().next().filter(is_sign).map_or(0, char::len_utf8);
            let shift = |list: &[usize]| list.iter().map(|at| at + 1 - bare).collect();
            let text = format!("{sign}{}", &plain.text[bare..]);
            let text = TermText { text, wildcards: shift(&plain.wildcards), escaped: shift(&plain.escaped) };
            if let Some(leaf) = self.leaf(&Term { form: TermForm::Word, text }) {
                ops.push(self.program.push(Op::Leaf { leaf, zones: Zones::ALL }));
            }
        }
        ops
    }
}
