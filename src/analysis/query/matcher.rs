//! All queries against one post.
//!
//! **Invariant:** `&self` and pure; a scratch serves one post at a time and does not allocate once grown.

use super::ahead::read_ahead;
use super::arrange::arrange;
use super::ast::{Join, Query};
use super::compile::{self, Op, Program, Zones};
use super::computed::Computed;
use super::field_test::Subject;
use super::fields::Field;
use super::gate::{Gate, Gates};
use super::hits::{Hit, Hits, Search};
use super::index::LeafIndex;
use super::leaf::Leaf;
use super::occurrence::Text;
use super::post_index::PostIndex;
use super::shown::Shown;
use super::trigger::{self, Triggers};
use super::window::{Interval, Known, Window};
use crate::analysis::text::{TextOptions, Tokenizer, Tokens, stated_language};
use crate::model::{BrandId, Language, Post, Span, Zone};

/// The queries of all brands, compiled together.
#[derive(Debug)]
pub struct QuerySet {
    program: Program,
    index: LeafIndex,
    triggers: Triggers,
    gates: Gates,
    options: TextOptions,
    uses_language: bool,
}

/// Memory that is reused from post to post, one for each thread. Serves any set.
#[derive(Debug, Default)]
pub struct MatchScratch {
    places: PostIndex,
    hits: Hits,
    /// Queries to be looked at, and which are on the list.
    candidates: Vec<u32>,
    listed: Vec<u64>,
    gates: Vec<Gate>,
    intervals: Vec<Interval>,
    known: Known,
    buffer: String,
    spans: Vec<Span>,
    found: Vec<Found>,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    brand: BrandId,
    start: u32,
    end: u32,
}

impl MatchScratch {
    /// An empty scratch.
    #[must_use]
    pub fn new() -> MatchScratch {
        MatchScratch::default()
    }
}

/// The brands that a post names, ascending, each once.
#[derive(Clone, Copy, Debug)]
pub struct Matches<'s> {
    found: &'s [Found],
    spans: &'s [Span],
    looked_at: usize,
}

impl<'s> Matches<'s> {
    /// Brand and the places that made it match: ascending, not overlapping, perhaps none when only
    /// fields were asked for.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (BrandId, &'s [Span])> + use<'s> {
        let spans = self.spans;
        self.found.iter().map(move |found| {
            (found.brand, spans.get(found.start as usize..found.end as usize).unwrap_or(&[]))
        })
    }

    /// No brand.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Number of brands.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Number of queries that were evaluated: those with a trigger in the post, and full scans.
    #[must_use]
    pub fn looked_at(&self) -> usize {
        self.looked_at
    }
}

impl QuerySet {
    /// Compiles the queries. Several of one brand are alternatives. Posts must be tokenised with the
    /// same options.
    #[must_use]
    pub fn compile(queries: Vec<(BrandId, Query)>, options: TextOptions) -> QuerySet {
        QuerySet::compiled(queries, options, |_| {})
    }

    /// As [`QuerySet::compile`], but every query is evaluated for every post: to measure what that takes.
    #[must_use]
    pub fn compile_as_full_scans(queries: Vec<(BrandId, Query)>, options: TextOptions) -> QuerySet {
        QuerySet::compiled(queries, options, |keys| keys.fill(None))
    }

    fn compiled(
        queries: Vec<(BrandId, Query)>,
        options: TextOptions,
        change: impl FnOnce(&mut trigger::Keys),
    ) -> QuerySet {
        let mut program = compile::compile(queries, &Tokenizer::new(options));
        let mut keys = trigger::keys(&mut program);
        change(&mut keys);
        arrange(&mut program, &mut keys);
        let (triggers, by_leaf) = Triggers::new(&program, &keys);
        let index = LeafIndex::new(&program.leaves, by_leaf);
        let gates = Gates::new(&program, &index);
        let uses_language = program.tests.iter().any(|test| test.field == Field::Language);
        QuerySet { program, index, triggers, gates, options, uses_language }
    }

    /// Number of queries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.program.queries.len()
    }

    /// No queries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.program.queries.is_empty()
    }

    /// Number of distinct terms.
    #[must_use]
    pub fn leaf_count(&self) -> usize {
        self.program.leaves.len()
    }

    /// Brands whose query has no term and no field by which it could be looked up, so that it is
    /// evaluated for every post.
    pub fn full_scans(&self) -> impl Iterator<Item = BrandId> + '_ {
        let brand = |query: &u32| self.program.queries.get(*query as usize).map(|(brand, _)| *brand);
        self.triggers.full_scan.iter().filter_map(brand)
    }

    /// Posts with this term are looked at.
    pub(super) fn wakes_on_leaf(&self, leaf: &Leaf) -> bool {
        let known = self.program.leaves.iter().position(|other| other == leaf);
        known.is_some_and(|at| !self.index.triggers(at as u32).is_empty())
    }

    /// Posts with this value of a field are looked at.
    pub(super) fn wakes_on_value(&self, field: Field, value: &str) -> bool {
        self.triggers.has_value(field, value)
    }

    /// Some query asks for `language:`, so that [`QuerySet::find_in`] wants the detected one.
    #[must_use]
    pub fn uses_language(&self) -> bool {
        self.uses_language
    }

    /// The brands that the post names. `language:` is answered by the language that the feed declares.
    pub fn find<'s>(&self, post: &Post<'_>, tokens: &Tokens, scratch: &'s mut MatchScratch) -> Matches<'s> {
        let declared = post.declared_language.as_deref().filter(|_| self.uses_language);
        let language = declared.map_or(Language::UNKNOWN, stated_language);
        self.find_in(post, tokens, language, scratch)
    }

    /// As [`QuerySet::find`], with the detected language for `language:`.
    pub fn find_in<'s>(
        &self,
        post: &Post<'_>,
        tokens: &Tokens,
        language: Language,
        scratch: &'s mut MatchScratch,
    ) -> Matches<'s> {
        let subject = Subject { post, tokens, language, computed: None };
        self.list_candidates(subject, tokens, scratch);
        let looked_at = scratch.candidates.len();
        let MatchScratch { places, hits, candidates, gates, intervals, known, buffer, spans, found, .. } =
            scratch;
        if candidates.iter().any(|query| self.gates.has_leaves(*query)) {
            places.fill(self.search(tokens).text, self.index.head_lengths());
        }
        read_ahead(candidates.iter().map(|query| self.gates.glance(*query)));
        candidates.retain(|query| self.gates.may_hold(*query, places));
        gates.clear();
        gates.extend(candidates.iter().filter_map(|query| self.gates.get(*query)));
        gates.retain(|gate| self.test_holds(gate, subject, buffer));
        read_ahead(gates.iter().map(|gate| self.gates.glance_leaves(gate) ^ self.program.glance(gate.root)));
        for gate in gates.iter() {
            self.find_leaves(gate, tokens, places, hits);
        }
        spans.clear();
        found.clear();
        let shown = Shown::new(spans);
        let mut judge =
            Judge { program: &self.program, hits, subject, tokens, intervals, known, buffer, shown };
        gates.retain(|gate| judge.holds(gate.root));
        // Few are left to be sorted.
        gates.sort_unstable_by_key(|gate| gate.brand);
        for gate in gates.iter() {
            judge.keep(gate.brand, gate.root, found);
        }
        Matches { found: &scratch.found, spans: &scratch.spans, looked_at }
    }

    /// Lists the rules that may hold for a post, whatever is computed of it; their number. See
    /// [`QuerySet::rule_at`].
    pub fn list_rules(
        &self,
        post: &Post<'_>,
        tokens: &Tokens,
        language: Language,
        scratch: &mut MatchScratch,
    ) -> usize {
        self.list_candidates(Subject { post, tokens, language, computed: None }, tokens, scratch);
        let MatchScratch { places, candidates, .. } = &mut *scratch;
        if candidates.iter().any(|query| self.gates.has_leaves(*query)) {
            places.fill(self.search(tokens).text, self.index.head_lengths());
        }
        scratch.candidates.sort_unstable_by_key(|rule| self.gates.get(*rule).map(|gate| gate.brand));
        scratch.candidates.len()
    }

    /// The rule at this place of the list, if it holds for the post that was listed for, with what is
    /// computed of it by now. The list ascends.
    pub fn rule_at(
        &self,
        at: usize,
        (post, tokens, language): (&Post<'_>, &Tokens, Language),
        computed: Computed<'_>,
        scratch: &mut MatchScratch,
    ) -> Option<BrandId> {
        let rule = *scratch.candidates.get(at)?;
        let gate = self.gates.get(rule)?;
        let subject = Subject { post, tokens, language, computed: Some(computed) };
        let MatchScratch { places, hits, intervals, known, buffer, spans, .. } = scratch;
        if !self.gates.may_hold(rule, places) {
            return None;
        }
        self.find_leaves(gate, tokens, places, hits);
        let shown = Shown::new(spans);
        let mut judge =
            Judge { program: &self.program, hits, subject, tokens, intervals, known, buffer, shown };
        judge.holds(gate.root).then_some(gate.brand)
    }

    fn test_holds(&self, gate: &Gate, subject: Subject<'_>, buffer: &mut String) -> bool {
        let test = self.program.tests.get(gate.test as usize);
        test.is_none_or(|test| test.holds(subject, buffer))
    }

    fn search<'a>(&'a self, tokens: &'a Tokens) -> Search<'a> {
        let text = Text { tokens, match_handles: self.options.match_handles };
        Search { leaves: &self.program.leaves, index: &self.index, text }
    }

    /// Finds what a program asks for besides its triggers.
    fn find_leaves(&self, gate: &Gate, tokens: &Tokens, post: &mut PostIndex, hits: &mut Hits) {
        let search = self.search(tokens);
        for (leaf, print) in self.gates.leaves(gate) {
            if post.may_have(print) {
                search.leaf(leaf, post, hits);
            }
        }
    }

    /// Fills `scratch.candidates`, in no order.
    fn list_candidates(&self, subject: Subject<'_>, tokens: &Tokens, scratch: &mut MatchScratch) {
        let MatchScratch { hits, candidates, listed, buffer, .. } = scratch;
        hits.start(self.program.leaves.len());
        candidates.clear();
        let words = self.program.queries.len().div_ceil(64);
        if listed.len() < words {
            listed.resize(words, 0);
        }
        let mut list = |query: u32| {
            let (word, bit) = (query as usize / 64, 1 << (query % 64));
            if let Some(word) = listed.get_mut(word)
                && *word & bit == 0
            {
                *word |= bit;
                candidates.push(query);
            }
        };
        let triggers = &self.triggers;
        self.search(tokens).triggers(hits);
        read_ahead(hits.seen().iter().filter_map(|leaf| self.index.triggers(*leaf).first().copied()));
        for leaf in hits.seen() {
            self.index.triggers(*leaf).iter().copied().for_each(&mut list);
        }
        triggers.by_fields(subject, buffer, &mut list);
        triggers.full_scan.iter().copied().for_each(&mut list);
        for query in candidates.iter() {
            if let Some(word) = listed.get_mut(*query as usize / 64) {
                *word = 0;
            }
        }
    }
}

/// Evaluates programs on one post.
struct Judge<'a> {
    program: &'a Program,
    hits: &'a Hits,
    subject: Subject<'a>,
    tokens: &'a Tokens,
    intervals: &'a mut Vec<Interval>,
    known: &'a Known,
    buffer: &'a mut String,
    shown: Shown<'a>,
}

impl Judge<'_> {
    /// Adds a query that holds. Those of one brand follow each other.
    fn keep(&mut self, brand: BrandId, root: u32, found: &mut Vec<Found>) {
        let again = found.last().filter(|last| last.brand == brand).map(|last| last.start);
        let start = again.unwrap_or(self.shown.spans.len() as u32);
        self.shown.begin(start as usize);
        self.collect(root);
        self.shown.merge();
        let end = self.shown.spans.len() as u32;
        if again.is_some() {
            found.pop();
        }
        found.push(Found { brand, start, end });
    }

    #[inline]
    fn holds(&mut self, op: u32) -> bool {
        self.step_holds(self.program.op(op))
    }

    fn step_holds(&mut self, op: Op) -> bool {
        let program = self.program;
        match op {
            Op::Leaf { leaf, zones: Zones::ALL } => self.hits.has(leaf),
            Op::Leaf { leaf, zones } => self.hits.of(leaf).any(|hit| zones.has(hit.zone)),
            Op::AnyLeaf(leaves) => program.children(leaves).iter().any(|leaf| self.hits.has(*leaf)),
            Op::Level { join, positives, negatives } => {
                let positives = program.children(positives);
                let positive = match join {
                    Join::All => positives.iter().all(|op| self.holds(*op)),
                    Join::Any => positives.iter().any(|op| self.holds(*op)),
                };
                positive && !program.children(negatives).iter().any(|op| self.holds(*op))
            }
            Op::Test(test) => self.meets(test),
            Op::Stated(test) => self.subject.is_told() && self.meets(test),
            Op::Raw(raw) => program.raws.get(raw as usize).is_some_and(|raw| {
                Zone::ALL.iter().any(|zone| raw.places(self.tokens.source_zone(*zone)).next().is_some())
            }),
            Op::Near { left, right, .. } => self.may_stand(right) && self.may_stand(left) && self.is_near(op),
            Op::Tilde { .. } => self.is_near(op),
            Op::Never => false,
        }
    }

    fn meets(&mut self, test: u32) -> bool {
        let program = self.program;
        program.tests.get(test as usize).is_some_and(|test| test.holds(self.subject, self.buffer))
    }

    /// No operand of a NEAR without one of its leaves.
    fn may_stand(&self, op: u32) -> bool {
        match self.program.op(op) {
            Op::Leaf { leaf, .. } => self.hits.has(leaf),
            Op::AnyLeaf(leaves) => self.program.children(leaves).iter().any(|leaf| self.hits.has(*leaf)),
            _ => true,
        }
    }

    /// A NEAR or tilde holds.
    fn is_near(&mut self, op: Op) -> bool {
        let window = Window { program: self.program, hits: self.hits, known: None };
        self.intervals.clear();
        match op {
            Op::Near { left, right, distance, ordered } => {
                window.near((left, right), distance, ordered, 1, self.intervals);
            }
            Op::Tilde { operands, distance } => {
                window.tilde(self.program.children(operands), distance, None, self.intervals);
            }
            _ => {}
        }
        !self.intervals.is_empty()
    }

    /// Adds the spans of a part that holds.
    fn collect(&mut self, op: u32) {
        let (program, hits) = (self.program, self.hits);
        match program.op(op) {
            Op::Leaf { leaf, zones } => {
                let hits = hits.of(leaf).filter(|hit| zones.has(hit.zone));
                hits.for_each(|hit| self.shown.add(hit.span()));
            }
            Op::AnyLeaf(leaves) => {
                let hits = program.children(leaves).iter().flat_map(|leaf| hits.of(*leaf));
                hits.for_each(|hit| self.shown.add(hit.span()));
            }
            Op::Level { join, positives, .. } => {
                for child in program.children(positives) {
                    if join == Join::All || self.holds(*child) {
                        self.collect(*child);
                    }
                }
            }
            Op::Raw(raw) => {
                let Some(raw) = program.raws.get(raw as usize) else { return };
                for zone in Zone::ALL {
                    let places = raw.places(self.tokens.source_zone(*zone));
                    places.for_each(|(start, end)| self.shown.add(Span { zone: *zone, start, end }));
                }
            }
            Op::Near { .. } => {
                self.intervals.clear();
                self.took_part(op, None);
            }
            Op::Tilde { operands, distance } => {
                let operands = program.children(operands);
                for (member, operand) in operands.iter().enumerate() {
                    self.intervals.clear();
                    let window = Window { program, hits: self.hits, known: None };
                    window.tilde(operands, distance, Some(member), self.intervals);
                    self.took_part(*operand, Some((0, self.intervals.len())));
                }
            }
            Op::Test(_) | Op::Stated(_) | Op::Never => {}
        }
    }

    /// Adds the hits that make up an operand of a NEAR or tilde.
    fn took_part(&mut self, op: u32, wanted: Option<(usize, usize)>) {
        let window = Window { program: self.program, hits: self.hits, known: None }.knowing(self.known);
        let shown = &mut self.shown;
        let mut add = |hit: &Hit| shown.add(hit.span());
        window.took_part(op, wanted, self.intervals, &mut add);
    }
}
