//! Where the leaves of all queries stand in a post.
//!
//! **Invariant:** every occurrence of every leaf is found exactly once, in the order of the tokens.

use super::index::{LeafIndex, Slot, pair_key};
use super::leaf::{self, Element, Form, Leaf, Symbols};
use crate::analysis::text::{Token, TokenKind, Tokens};
use crate::model::Zone;

/// One occurrence of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) zone: Zone,
    /// Positions of the first and the last token.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Bytes in the zone.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The leaf's next hit, or `NONE`.
    next: u32,
}

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug, Default)]
struct LeafState {
    epoch: u32,
    head: u32,
    tail: u32,
}

/// Occurrences by leaf, reused from post to post.
#[derive(Debug, Default)]
pub(super) struct Hits {
    epoch: u32,
    states: Vec<LeafState>,
    list: Vec<Hit>,
}

impl Hits {
    /// Forgets the post before.
    pub(super) fn start(&mut self, leaves: usize) {
        self.list.clear();
        self.states.resize(self.states.len().max(leaves), LeafState::default());
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            self.states.fill(LeafState::default());
            self.epoch = 1;
        }
    }

    #[inline]
    pub(super) fn has(&self, leaf: u32) -> bool {
        self.states.get(leaf as usize).is_some_and(|state| state.epoch == self.epoch)
    }

    /// The occurrences of a leaf.
    pub(super) fn of(&self, leaf: u32) -> impl Iterator<Item = &Hit> {
        let state = self.states.get(leaf as usize).filter(|state| state.epoch == self.epoch);
        let mut at = state.map_or(NONE, |state| state.head);
        std::iter::from_fn(move || {
            let hit = self.list.get(at as usize)?;
            at = hit.next;
            Some(hit)
        })
    }

    /// Adds an occurrence; true if it is the leaf's first.
    fn add(&mut self, leaf: u32, hit: Hit) -> bool {
        let number = self.list.len() as u32;
        let Some(state) = self.states.get_mut(leaf as usize) else { return false };
        let first = state.epoch != self.epoch;
        if first {
            *state = LeafState { epoch: self.epoch, head: number, tail: number };
        } else {
            if let Some(before) = self.list.get_mut(state.tail as usize) {
                before.next = number;
            }
            state.tail = number;
        }
        self.list.push(hit);
        first
    }
}

/// A token, or the inner token of that number in [`Tokens::all_inner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    token: u32,
    inner: Option<u32>,
}

/// Finds all leaves in the tokens. `first_seen` is told each leaf once.
pub(super) fn scan(
    leaves: &[Leaf],
    index: &LeafIndex,
    tokens: &Tokens,
    match_handles: bool,
    hits: &mut Hits,
    first_seen: &mut dyn FnMut(u32),
) {
    let mut scan = Scan { text: Text { tokens, match_handles }, leaves, index, hits, first_seen };
    for (number, token) in tokens.all().iter().enumerate() {
        scan.probe(token, Cursor { token: number as u32, inner: None });
    }
    for (number, (owner, token)) in tokens.all_inner().iter().enumerate() {
        let cursor = Cursor { token: *owner, inner: Some(number as u32) };
        if scan.text.is_open(cursor) {
            scan.probe(token, cursor);
        }
    }
}

struct Scan<'a> {
    text: Text<'a>,
    leaves: &'a [Leaf],
    index: &'a LeafIndex,
    hits: &'a mut Hits,
    first_seen: &'a mut dyn FnMut(u32),
}

impl Scan<'_> {
    #[inline]
    fn probe(&mut self, token: &Token, cursor: Cursor) {
        let index = self.index;
        self.check_all(index.by_hash(token.hash), cursor);
        if token.kind == TokenKind::Char && index.has_pairs() {
            self.probe_pairs(token, cursor);
        }
        if token.has_stem()
            && let Some(hash) = self.text.tokens.stem_hash(token)
        {
            self.check_all(index.by_hash(hash), cursor);
        }
        if index.has_patterns() {
            index.by_prefix(self.text.tokens.folded(token), |slot| self.check(slot, cursor));
        }
    }

    /// The character with the one behind it.
    #[inline]
    fn probe_pairs(&mut self, token: &Token, cursor: Cursor) {
        let (index, text) = (self.index, self.text);
        if cursor.inner.is_none() {
            // Nearly always: two characters side by side, or the end of a run of them.
            let Some(next) = text.tokens.all().get(cursor.token as usize + 1) else { return };
            if next.kind == TokenKind::Char && next.zone == token.zone {
                return self.check_all(index.by_hash(pair_key(token.hash, next.hash)), cursor);
            }
            if !next.has_inner() {
                return;
            }
        }
        let (whole, inside) = text.neighbours(cursor, true);
        for next in [whole, inside].into_iter().flatten().filter_map(|next| text.token(next)) {
            if next.kind == TokenKind::Char {
                self.check_all(index.by_hash(pair_key(token.hash, next.hash)), cursor);
            }
        }
    }

    #[inline]
    fn check_all(&mut self, slots: &[Slot], cursor: Cursor) {
        for slot in slots {
            self.check(*slot, cursor);
        }
    }

    fn check(&mut self, slot: Slot, cursor: Cursor) {
        let Some(leaf) = self.leaves.get(slot.leaf as usize) else { return };
        if let Some(hit) = self.text.occurrence(leaf, slot.element as usize, cursor)
            && self.hits.add(slot.leaf, hit)
        {
            (self.first_seen)(slot.leaf);
        }
    }
}

/// The tokens as a sequence in which a tag stands for itself or for what is inside.
#[derive(Clone, Copy)]
struct Text<'a> {
    tokens: &'a Tokens,
    match_handles: bool,
}

impl<'a> Text<'a> {
    fn token(self, cursor: Cursor) -> Option<&'a Token> {
        match cursor.inner {
            None => self.tokens.all().get(cursor.token as usize),
            Some(inner) => self.tokens.all_inner().get(inner as usize).map(|(_, token)| token),
        }
    }

    /// What is inside of names is closed when plain terms do not match names.
    fn is_open(self, owner: Cursor) -> bool {
        let whole = self.tokens.all().get(owner.token as usize);
        whole.is_some_and(|token| self.match_handles || token.kind != TokenKind::Handle)
    }

    fn first_inner(self, whole: Cursor) -> Option<Cursor> {
        let list = self.tokens.all_inner();
        let at = list.partition_point(|(owner, _)| *owner < whole.token);
        let open = list.get(at).is_some_and(|(owner, _)| *owner == whole.token) && self.is_open(whole);
        open.then_some(Cursor { token: whole.token, inner: Some(at as u32) })
    }

    fn last_inner(self, whole: Cursor) -> Option<Cursor> {
        let list = self.tokens.all_inner();
        let at = list.partition_point(|(owner, _)| *owner <= whole.token).checked_sub(1)?;
        let open = list.get(at).is_some_and(|(owner, _)| *owner == whole.token) && self.is_open(whole);
        open.then_some(Cursor { token: whole.token, inner: Some(at as u32) })
    }

    /// What may stand after (or before): a whole token, and the nearest one inside of it.
    fn neighbours(self, cursor: Cursor, forward: bool) -> (Option<Cursor>, Option<Cursor>) {
        if let Some(inner) = cursor.inner {
            let beside = if forward { inner.checked_add(1) } else { inner.checked_sub(1) };
            let same = |inner: &u32| {
                self.tokens.all_inner().get(*inner as usize).is_some_and(|(owner, _)| *owner == cursor.token)
            };
            if let Some(inner) = beside.filter(same) {
                return (Some(Cursor { token: cursor.token, inner: Some(inner) }), None);
            }
        }
        let beside = if forward { cursor.token.checked_add(1) } else { cursor.token.checked_sub(1) };
        let zone = self.token(cursor).map(|token| token.zone);
        let whole = beside.map(|token| Cursor { token, inner: None });
        let whole = whole.filter(|whole| self.token(*whole).map(|token| token.zone) == zone);
        let Some(next) = whole.filter(|whole| self.token(*whole).is_some_and(Token::has_inner)) else {
            return (whole, None);
        };
        (whole, if forward { self.first_inner(next) } else { self.last_inner(next) })
    }

    /// The occurrence of `leaf` whose element of that number stands at `cursor`.
    fn occurrence(self, leaf: &Leaf, element: usize, cursor: Cursor) -> Option<Hit> {
        if !self.fits(leaf.elements.get(element)?, cursor) {
            return None;
        }
        let last = self.extend(&leaf.elements, element, cursor, true, 0)?;
        let first = self.extend(&leaf.elements, element, cursor, false, 0)?;
        if let Some(symbols) = &leaf.symbols
            && !self.has_symbols(symbols, leaf.elements.len(), first, last)
        {
            return None;
        }
        let (from, to) = (self.token(first)?, self.token(last)?);
        let (zone, start, end) = (from.zone, from.start, to.end);
        Some(Hit { zone, first: from.position, last: to.position, start, end, next: NONE })
    }

    /// Follows the elements from the one at `cursor` to an end of the leaf; the cursor of that end.
    fn extend(
        self,
        elements: &[Element],
        at: usize,
        cursor: Cursor,
        forward: bool,
        forks: u32,
    ) -> Option<Cursor> {
        let (mut at, mut cursor) = (at, cursor);
        loop {
            let next_at = if forward { at.checked_add(1) } else { at.checked_sub(1) };
            let Some((next_at, element)) = next_at.and_then(|at| Some((at, elements.get(at)?))) else {
                return Some(cursor);
            };
            let (whole, inside) = self.neighbours(cursor, forward);
            let whole = whole.filter(|next| self.fits(element, *next));
            let inside = inside.filter(|next| self.fits(element, *next));
            cursor = match (whole, inside) {
                // Both ways are open: try the tag as a whole, else go on inside.
                (Some(whole), Some(inside)) if forks < FORKS_MAX => {
                    match self.extend(elements, next_at, whole, forward, forks + 1) {
                        Some(end) => return Some(end),
                        None => inside,
                    }
                }
                (Some(next), _) | (None, Some(next)) => next,
                (None, None) => return None,
            };
            at = next_at;
        }
    }

    fn fits(self, element: &Element, cursor: Cursor) -> bool {
        let Some(token) = self.token(cursor) else { return false };
        if !element.kinds.has(token.kind) {
            return false;
        }
        let tokens = self.tokens;
        match &element.form {
            Form::Folded(text) => {
                (element.hash == token.hash && **text == *tokens.folded(token))
                    || tokens.stem(token) == Some(text)
            }
            Form::Kept(text) => **text == *tokens.kept(token) || tokens.kept_stem(token) == Some(text),
            Form::Cased(text) => **text == *tokens.cased(token) || tokens.cased_stem(token) == Some(text),
            Form::Pattern(glob) => {
                glob.matches(tokens.folded(token))
                    || tokens.stem(token).is_some_and(|stem| glob.matches(stem))
            }
            Form::KeptPattern(glob) => {
                glob.matches(tokens.kept(token))
                    || tokens.kept_stem(token).is_some_and(|stem| glob.matches(stem))
            }
        }
    }

    /// The symbols of a term stand around and between its tokens.
    fn has_symbols(self, symbols: &Symbols, count: usize, first: Cursor, last: Cursor) -> bool {
        let (Some(head), Some(tail)) = (self.token(first), self.token(last)) else { return false };
        let before = leaf::without_sign_at_end(self.tokens.before(head), head.kind);
        let after = leaf::without_sign_at_start(self.tokens.after(tail), tail.kind);
        if !before.ends_with(&*symbols.before) || !after.starts_with(&*symbols.after) {
            return false;
        }
        (1..count).all(|step| {
            let wanted = symbols.between.get(step - 1).map_or("", |gap| gap);
            let pair = (self.step(first, last, count, step - 1), self.step(first, last, count, step));
            wanted.is_empty()
                || matches!(pair, (Some(left), Some(right)) if self.gap_is(left, right, wanted, symbols.escapes))
        })
    }

    fn gap_is(self, left: &Token, right: &Token, wanted: &str, escapes: bool) -> bool {
        let gap = leaf::without_sign_at_start(self.tokens.between(left, right), left.kind);
        let gap = leaf::without_sign_at_end(gap, right.kind);
        leaf::reduced(gap, escapes).eq(wanted.chars())
    }

    /// The token of that number in a run that lies wholly outside of tags or wholly inside of one.
    fn step(self, first: Cursor, last: Cursor, count: usize, step: usize) -> Option<&'a Token> {
        let step = u32::try_from(step).ok()?;
        let length = u32::try_from(count).ok()? - 1;
        match (first.inner, last.inner) {
            (None, None) if first.token + length == last.token => {
                self.token(Cursor { token: first.token + step, inner: None })
            }
            (Some(from), Some(to)) if from + length == to => {
                self.token(Cursor { token: first.token, inner: Some(from + step) })
            }
            _ => None,
        }
    }
}

/// Most tags in one phrase that are tried both as a whole and from inside.
const FORKS_MAX: u32 = 8;
