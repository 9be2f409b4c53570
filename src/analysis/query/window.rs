//! NEAR and tilde: occurrences close to each other.
//!
//! **Invariant:** intervals never cross zones; work on one post is bounded by the limits below.

use std::cell::{Cell, RefCell};

use super::ast::Join;
use super::compile::{Op, Program, Zones};
use super::hits::{Hit, Hits};
use crate::model::Zone;

/// Most intervals kept of one operand: the first ones. Posts reach this only by repeating themselves.
const INTERVALS_MAX: usize = 16_384;
/// Most pairs looked at to tell which places took part in a NEAR that holds.
const PARTNERS_MAX: usize = 4_000_000;
/// Most steps spent on placing the operands of one tilde.
const STEPS_MAX: u32 = 200_000;

/// Positions `first..=last` of a zone that an operand covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Interval {
    pub(super) zone: Zone,
    pub(super) first: u32,
    pub(super) last: u32,
    /// Made by a NEAR: other words may stand inside of it.
    pub(super) wide: bool,
}

impl Interval {
    fn of(hit: &Hit) -> Interval {
        Interval { zone: hit.zone, first: hit.first, last: hit.last, wide: false }
    }

    fn length(self) -> u32 {
        self.last - self.first + 1
    }

    fn join(self, other: Interval) -> Interval {
        let (first, last) = (self.first.min(other.first), self.last.max(other.last));
        Interval { zone: self.zone, first, last, wide: true }
    }

    /// Stands strictly inside of a NEAR.
    fn is_inside(self, outer: Interval) -> bool {
        outer.wide && self.zone == outer.zone && self.first > outer.first && self.last < outer.last
    }
}

/// Read access to one post's hits.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    pub(super) program: &'a Program,
    pub(super) hits: &'a Hits,
    /// Where it is asked for the places of the same operand again and again.
    pub(super) known: Option<&'a Known>,
}

/// What telling what took part knows already. It asks for the places of the innermost NEAR at every level.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Where the places of each NEAR inside another that was looked at begin and end.
    ops: RefCell<Vec<(u32, usize, usize)>>,
    places: RefCell<Vec<Interval>>,
    /// So many pairs are still looked at.
    pairs: Cell<usize>,
}

impl Known {
    /// Forgets the post before.
    fn clear(&self) {
        self.ops.borrow_mut().clear();
        self.places.borrow_mut().clear();
        self.pairs.set(PARTNERS_MAX);
    }

    /// Appends the places of `op`, if they are known.
    fn append(&self, op: u32, out: &mut Vec<Interval>) -> bool {
        let ops = self.ops.borrow();
        let Some(&(_, start, end)) = ops.iter().find(|(known, ..)| *known == op) else { return false };
        out.extend_from_slice(self.places.borrow().get(start..end).unwrap_or_default());
        true
    }

    fn remember(&self, op: u32, new: &[Interval]) {
        let mut places = self.places.borrow_mut();
        let start = places.len();
        places.extend_from_slice(new);
        self.ops.borrow_mut().push((op, start, places.len()));
    }
}

impl<'w> Window<'w> {
    /// Appends the places of an operand, ascending and distinct; of too many the first ones.
    pub(super) fn places(self, op: u32, out: &mut Vec<Interval>) {
        let base = out.len();
        self.append(op, base, out);
        settle(out, base);
    }

    /// Appends places of the operand that those from `base` on belong to.
    fn append(self, op: u32, base: usize, out: &mut Vec<Interval>) {
        match self.program.op(op) {
            Op::Leaf { leaf, zones } => self.leaf(leaf, zones, base, out),
            Op::AnyLeaf(leaves) => {
                for leaf in self.program.children(leaves) {
                    self.leaf(*leaf, Zones::ALL, base, out);
                }
            }
            Op::Level { join: Join::Any, positives, .. } => {
                for child in self.program.children(positives) {
                    self.append(*child, base, out);
                }
            }
            Op::Near { .. } if self.known.is_some_and(|known| known.append(op, out)) => {}
            Op::Near { left, right, distance, ordered } => {
                let start = out.len();
                self.near((left, right), distance, ordered, INTERVALS_MAX, out);
                self.known.into_iter().for_each(|known| known.remember(op, &out[start..]));
            }
            _ => {}
        }
    }

    fn leaf(self, leaf: u32, zones: Zones, base: usize, out: &mut Vec<Interval>) {
        for hit in self.hits.of(leaf).filter(|hit| zones.has(hit.zone)) {
            // The first of all places are among the first of those so far.
            if out.len() - base >= 2 * INTERVALS_MAX {
                settle(out, base);
            }
            out.push(Interval::of(hit));
        }
    }

    /// Appends the spans of at most `limit` satisfied pairs.
    pub(super) fn near(
        self,
        sides: (u32, u32),
        distance: u32,
        ordered: bool,
        limit: usize,
        out: &mut Vec<Interval>,
    ) {
        let base = out.len();
        self.places(sides.0, out);
        let middle = out.len();
        if middle == base {
            return;
        }
        self.places(sides.1, out);
        let end = out.len();
        let widest = out[middle..end].iter().map(|right| right.length()).max().unwrap_or(0);
        for at in base..middle {
            let left = out[at];
            // In order, nothing before the left one fits; repeated words would make that dear.
            let first = left.first.saturating_sub(widest.saturating_add(distance + 1));
            let from = (left.zone, if ordered { left.last.saturating_add(1) } else { first });
            let to = (left.zone, left.last.saturating_add(distance + 1));
            let skip = out[middle..end].partition_point(|right| (right.zone, right.first) < from);
            for other in middle + skip..end {
                let right = out[other];
                if (right.zone, right.first) > to || out.len() - end >= limit {
                    break;
                }
                if let Some(pair) = pair(left, right, distance, ordered) {
                    out.push(pair);
                }
            }
        }
        out.drain(base..end);
    }

    /// This window for telling what took part, which knows nothing of it yet.
    pub(super) fn knowing(self, known: &'w Known) -> Window<'w> {
        known.clear();
        Window { known: Some(known), ..self }
    }

    /// Tells the hits that a satisfied operand is made of: all of its places, or those that stand in
    /// `wanted`, a sorted run of `buffer`, whose end is used as a stack.
    pub(super) fn took_part(
        self,
        op: u32,
        wanted: Option<(usize, usize)>,
        buffer: &mut Vec<Interval>,
        each: &mut dyn FnMut(&Hit),
    ) {
        match self.program.op(op) {
            Op::Leaf { leaf, zones } => self.leaf_took_part(leaf, zones, (buffer, wanted), each),
            Op::AnyLeaf(leaves) => {
                for leaf in self.program.children(leaves) {
                    self.leaf_took_part(*leaf, Zones::ALL, (buffer, wanted), each);
                }
            }
            Op::Level { positives, .. } => {
                for child in self.program.children(positives) {
                    self.took_part(*child, wanted, buffer, each);
                }
            }
            Op::Near { left, right, distance, ordered } => {
                let base = buffer.len();
                for (one, other, flipped) in [(left, right, false), (right, left, true)] {
                    let fits = |a: Interval, b: Interval| {
                        if flipped { pair(b, a, distance, ordered) } else { pair(a, b, distance, ordered) }
                    };
                    self.with_partner((one, other), distance, wanted, buffer, fits);
                    let partners = (base, buffer.len());
                    self.took_part(one, Some(partners), buffer, each);
                    buffer.truncate(base);
                }
            }
            _ => {}
        }
    }

    fn leaf_took_part(
        self,
        leaf: u32,
        zones: Zones,
        (buffer, wanted): (&[Interval], Option<(usize, usize)>),
        each: &mut dyn FnMut(&Hit),
    ) {
        let hits = self.hits.of(leaf).filter(|hit| zones.has(hit.zone));
        hits.filter(|hit| is_wanted(buffer, wanted, Interval::of(hit))).for_each(each);
    }

    /// Appends the places of the first operand that make a wanted pair with one of the other's.
    fn with_partner(
        self,
        sides: (u32, u32),
        distance: u32,
        wanted: Option<(usize, usize)>,
        out: &mut Vec<Interval>,
        fits: impl Fn(Interval, Interval) -> Option<Interval>,
    ) {
        let base = out.len();
        self.places(sides.0, out);
        let middle = out.len();
        self.places(sides.1, out);
        let end = out.len();
        let widest = out[middle..end].iter().map(|other| other.length()).max().unwrap_or(0);
        let mut pairs = self.known.map_or(PARTNERS_MAX, |known| known.pairs.get());
        for at in base..middle {
            let one = out[at];
            let from = (one.zone, one.first.saturating_sub(widest.saturating_add(distance + 1)));
            let to = (one.zone, one.last.saturating_add(distance + 1));
            let skip = out[middle..end].partition_point(|other| (other.zone, other.first) < from);
            let near = out[middle + skip..end].iter().take_while(|other| (other.zone, other.first) <= to);
            let near = near.take(pairs).inspect(|_| pairs -= 1);
            if near.filter_map(|other| fits(one, *other)).any(|joined| is_wanted(out, wanted, joined)) {
                out.push(one);
            }
        }
        self.known.into_iter().for_each(|known| known.pairs.set(pairs));
        out.drain(base..end);
    }

    /// Appends the places of one operand that a satisfied tilde can be made of. Without a `member` it
    /// stops at the first proof.
    pub(super) fn tilde(
        self,
        operands: &[u32],
        distance: u32,
        member: Option<usize>,
        out: &mut Vec<Interval>,
    ) {
        let base = out.len();
        let mut ends = smallvec::SmallVec::<[usize; 16]>::new();
        for operand in operands {
            self.places(*operand, out);
            ends.push(out.len());
        }
        let end = out.len();
        let mut board = Board::new(&out[base..end], &ends, base, distance);
        let mut found = smallvec::SmallVec::<[Interval; 16]>::new();
        // Every operand takes part in every proof, so any one decides: the rarest soonest.
        let operand = member.or(board.order.first().copied()).unwrap_or(0);
        for place in board.of(operand) {
            if board.fits(operand, *place) {
                found.push(*place);
                if member.is_none() {
                    break;
                }
            }
        }
        out.truncate(base);
        out.extend(found);
    }
}

/// Sorts the intervals from `base` on, drops repeated ones, and keeps the first [`INTERVALS_MAX`] of them.
fn settle(out: &mut Vec<Interval>, base: usize) {
    if out.len() - base < 2 {
        return;
    }
    out[base..].sort_unstable();
    let mut kept = base;
    for at in base..out.len() {
        if at == base || out[at] != out[kept - 1] {
            out[kept] = out[at];
            kept += 1;
        }
    }
    out.truncate(kept.min(base + INTERVALS_MAX));
}

fn is_wanted(buffer: &[Interval], wanted: Option<(usize, usize)>, place: Interval) -> bool {
    wanted.is_none_or(|(start, end)| {
        buffer.get(start..end).is_some_and(|list| list.binary_search(&place).is_ok())
    })
}

/// The span of two operands that are near enough.
fn pair(left: Interval, right: Interval, distance: u32, ordered: bool) -> Option<Interval> {
    if left.zone != right.zone {
        return None;
    }
    let near = |before: Interval, after: Interval| {
        before.last < after.first && after.first - before.last - 1 <= distance
    };
    let inside = !ordered && (left.is_inside(right) || right.is_inside(left));
    let ok = near(left, right) || (!ordered && near(right, left)) || inside;
    ok.then(|| left.join(right))
}

/// The places of all operands of a tilde.
struct Board<'a> {
    places: &'a [Interval],
    /// Where the places of each operand end, counted from `base`.
    ends: &'a [usize],
    base: usize,
    distance: u32,
    /// The operands, those with the fewest places first: each narrows down where the next may stand.
    order: smallvec::SmallVec<[usize; 16]>,
    /// Of the places of each operand.
    longest: smallvec::SmallVec<[u32; 16]>,
    steps: u32,
}

/// Operands placed so far.
#[derive(Clone)]
struct Placed {
    taken: smallvec::SmallVec<[Interval; 16]>,
    words: u32,
    first: u32,
    last: u32,
}

impl<'a> Board<'a> {
    fn new(places: &'a [Interval], ends: &'a [usize], base: usize, distance: u32) -> Board<'a> {
        let (order, longest) = (smallvec::SmallVec::new(), smallvec::SmallVec::new());
        let mut board = Board { places, ends, base, distance, order, longest, steps: STEPS_MAX };
        let longest = |operand| board.of(operand).iter().map(|place| place.length()).max().unwrap_or(0);
        board.longest = (0..ends.len()).map(longest).collect();
        let mut order: smallvec::SmallVec<[usize; 16]> = (0..ends.len()).collect();
        order.sort_unstable_by_key(|operand| (board.of(*operand).len(), *operand));
        board.order = order;
        board
    }

    fn of(&self, operand: usize) -> &'a [Interval] {
        let start = operand.checked_sub(1).and_then(|before| self.ends.get(before)).unwrap_or(&self.base);
        let end = self.ends.get(operand).unwrap_or(start);
        self.places.get(start - self.base..end - self.base).unwrap_or(&[])
    }

    /// There is a window with `place` for that operand and a place for every other one.
    fn fits(&mut self, operand: usize, place: Interval) -> bool {
        let (words, first, last) = (place.length(), place.first, place.last);
        let placed = Placed { taken: smallvec::smallvec![place], words, first, last };
        self.place(0, operand, &placed)
    }

    /// Places the operands from `next` in the order on, but not `fixed`, which is placed already.
    fn place(&mut self, next: usize, fixed: usize, placed: &Placed) -> bool {
        let Some(&operand) = self.order.get(next) else {
            return placed.last - placed.first + 1 - placed.words <= self.distance;
        };
        if operand == fixed {
            return self.place(next + 1, fixed, placed);
        }
        let Some(zone) = placed.taken.first().map(|place| place.zone) else { return false };
        // The rest may fill gaps, but no wider window can be filled.
        let others = self.order[next..].iter().filter(|other| **other != fixed);
        let rest: u32 = others.map(|other| self.longest[*other]).sum();
        let room = placed.words + rest + self.distance;
        let from = (zone, placed.last.saturating_add(1).saturating_sub(room));
        let candidates = self.of(operand);
        let skip = candidates.partition_point(|place| (place.zone, place.first) < from);
        for place in &candidates[skip..] {
            if place.zone != zone || place.first >= placed.first.saturating_add(room) {
                break;
            }
            if self.steps == 0 {
                return false;
            }
            self.steps -= 1;
            let overlaps =
                placed.taken.iter().any(|other| place.first <= other.last && other.first <= place.last);
            let window = placed.last.max(place.last) - placed.first.min(place.first) + 1;
            if overlaps || window > room {
                continue;
            }
            let mut more = placed.clone();
            more.taken.push(*place);
            more.words += place.length();
            (more.first, more.last) = (placed.first.min(place.first), placed.last.max(place.last));
            if self.place(next + 1, fixed, &more) {
                return true;
            }
        }
        false
    }
}
