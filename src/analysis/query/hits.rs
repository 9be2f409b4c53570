//! Where the leaves of all queries stand in a post.
//!
//! **Invariant:** every occurrence of every leaf is found exactly once, in the order of the tokens.

use smallvec::SmallVec;

use super::beside::{Around, Side};
use super::index::{LeafIndex, pair_key};
use super::keys::Slot;
use super::leaf::{self, Element, Form, Leaf, Symbols};
use super::simple::{Card, END, Simple};
use crate::analysis::text::{Token, TokenKind, Tokens};
use crate::model::{Span, Zone};

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

/// A leaf's first and last hit.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    head: u32,
    tail: u32,
}

/// Occurrences by leaf, reused from post to post.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// A bit for each leaf: so small that it stays near the processor.
    present: Vec<u64>,
    /// The leaves with a bit.
    seen: Vec<u32>,
    /// Of use for leaves with a bit only.
    ends: Vec<Ends>,
    list: Vec<Hit>,
    /// Keys of the index and where they were made; then what stands behind them; then leaves that may stand there.
    keys: Vec<(u64, Cursor)>,
    entries: Vec<(Slot, Cursor)>,
    waiting: Vec<Waiting>,
}

impl Hits {
    /// Forgets the post before.
    pub(super) fn start(&mut self, leaves: usize) {
        self.list.clear();
        for leaf in self.seen.drain(..) {
            if let Some(word) = self.present.get_mut(leaf as usize / 64) {
                *word = 0;
            }
        }
        if self.ends.len() < leaves {
            self.ends.resize(leaves, Ends::default());
            self.present.resize(leaves.div_ceil(64), 0);
        }
    }

    #[inline]
    pub(super) fn has(&self, leaf: u32) -> bool {
        self.present.get(leaf as usize / 64).is_some_and(|word| word >> (leaf % 64) & 1 == 1)
    }

    /// The occurrences of a leaf.
    pub(super) fn of(&self, leaf: u32) -> impl Iterator<Item = &Hit> {
        let ends = self.ends.get(leaf as usize).filter(|_| self.has(leaf));
        let mut at = ends.map_or(NONE, |ends| ends.head);
        std::iter::from_fn(move || {
            let hit = self.list.get(at as usize)?;
            at = hit.next;
            Some(hit)
        })
    }

    /// The leaves that occur.
    pub(super) fn seen(&self) -> &[u32] {
        &self.seen
    }

    fn add(&mut self, leaf: u32, hit: Hit) {
        let number = self.list.len() as u32;
        let first = !self.has(leaf);
        let Some(ends) = self.ends.get_mut(leaf as usize) else { return };
        if first {
            *ends = Ends { head: number, tail: number };
            self.seen.push(leaf);
            if let Some(word) = self.present.get_mut(leaf as usize / 64) {
                *word |= 1 << (leaf % 64);
            }
        } else {
            if let Some(before) = self.list.get_mut(ends.tail as usize) {
                before.next = number;
            }
            ends.tail = number;
        }
        self.list.push(hit);
    }
}

/// A token, or the inner token of that number in [`Tokens::all_inner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    token: u32,
    inner: Option<u32>,
}

/// Finds all leaves in the tokens, in loops of many independent steps each: the processor then waits for memory once
/// for several of them.
pub(super) fn scan(
    leaves: &[Leaf],
    index: &LeafIndex,
    tokens: &Tokens,
    match_handles: bool,
    hits: &mut Hits,
) {
    let text = Text { tokens, match_handles };
    hits.keys.clear();
    Probe { text, index, keys: &mut hits.keys }.all();
    hits.entries.clear();
    hits.entries.extend(hits.keys.iter().map(|(key, cursor)| (index.get(*key), *cursor)));
    let (entries, mut waiting) = (std::mem::take(&mut hits.entries), std::mem::take(&mut hits.waiting));
    let mut compare = |waiting: &mut Vec<Waiting>| {
        for one in waiting.drain(..) {
            if let Some(hit) = text.hit(leaves, index, &one) {
                hits.add(one.slot.leaf, hit);
            }
        }
    };
    for (entry, cursor) in &entries {
        let list = index.list(entry);
        let around = if list.is_empty() { Around::UNCLEAR } else { text.around(*cursor) };
        let slots = list.iter().filter(|slot| around.allows(slot.beside));
        waiting.extend(
            slots.filter_map(|slot| {
                Some(Waiting { slot: *slot, cursor: *cursor, card: index.card(slot.leaf)? })
            }),
        );
        if waiting.len() >= WAITING_MAX {
            compare(&mut waiting);
        }
    }
    compare(&mut waiting);
    (hits.entries, hits.waiting) = (entries, waiting);
}

/// A leaf that may stand at a token.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    slot: Slot,
    cursor: Cursor,
    card: Card,
}

/// Leaves that wait to be compared at a time; few posts have more. Each of thousands of wildcards with the same first
/// letters may stand at every word.
const WAITING_MAX: usize = 8_192;

/// Makes the keys.
struct Probe<'a> {
    text: Text<'a>,
    index: &'a LeafIndex,
    keys: &'a mut Vec<(u64, Cursor)>,
}

impl<'a> Probe<'a> {
    fn all(&mut self) {
        for (number, token) in self.text.tokens.all().iter().enumerate() {
            self.token(token, Cursor { token: number as u32, inner: None });
        }
        for (number, (owner, token)) in self.text.tokens.all_inner().iter().enumerate() {
            let cursor = Cursor { token: *owner, inner: Some(number as u32) };
            if self.text.is_open(cursor) {
                self.token(token, cursor);
            }
        }
    }

    #[inline]
    fn token(&mut self, token: &'a Token, cursor: Cursor) {
        let stem = self.text.tokens.stem_hash(token);
        for hash in [Some(token.hash), stem].into_iter().flatten() {
            if self.index.has_word(hash) {
                self.keys.push((hash, cursor));
            }
        }
        self.pairs(token, stem, cursor);
        self.index.prefix_keys(self.text.tokens.folded(token), |key| self.keys.push((key, cursor)));
    }

    /// The token with the one behind it.
    #[inline]
    fn pairs(&mut self, token: &'a Token, stem: Option<u64>, cursor: Cursor) {
        if cursor.inner.is_none() {
            // Nearly always: two tokens side by side without anything inside, or the end of a zone.
            let next = self.text.tokens.all().get(cursor.token as usize + 1);
            let Some(next) = next.filter(|next| next.zone == token.zone) else { return };
            if !next.has_inner() && !next.has_stem() && stem.is_none() {
                return self.pair(token.hash, next.hash, cursor);
            }
        }
        self.all_pairs(token, stem, cursor);
    }

    /// Every way to read the token with every way to read what stands behind it.
    fn all_pairs(&mut self, token: &'a Token, stem: Option<u64>, cursor: Cursor) {
        let (whole, inside) = self.text.neighbours(cursor, true);
        let mut seconds = SmallVec::<[u64; 4]>::new();
        for next in [whole, inside].into_iter().flatten().filter_map(|next| self.text.token(next)) {
            let hashes = [Some(next.hash), self.text.tokens.stem_hash(next)];
            seconds.extend(hashes.into_iter().flatten());
        }
        // `#微` and what is inside of it read the same.
        seconds.sort_unstable();
        seconds.dedup();
        for first in [Some(token.hash), stem].into_iter().flatten() {
            seconds.iter().for_each(|second| self.pair(first, *second, cursor));
        }
    }

    #[inline]
    fn pair(&mut self, first: u64, second: u64, cursor: Cursor) {
        let key = pair_key(first, second);
        if self.index.has_pair(key) {
            self.keys.push((key, cursor));
        }
    }
}

impl Hit {
    fn new(first: &Token, last: &Token) -> Hit {
        Hit {
            zone: first.zone,
            first: first.position,
            last: last.position,
            start: first.start,
            end: last.end,
            next: NONE,
        }
    }

    pub(super) fn span(&self) -> Span {
        Span { zone: self.zone, start: self.start, end: self.end }
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

    /// What stands beside the token there and the next one.
    #[inline]
    fn around(self, cursor: Cursor) -> Around {
        let (list, at) = (self.tokens.all(), cursor.token as usize);
        let zone =
            list.get(at).filter(|token| cursor.inner.is_none() && !token.has_inner()).map(|token| token.zone);
        let whole =
            |at: Option<usize>| at.and_then(|at| list.get(at)).filter(|token| Some(token.zone) == zone);
        if zone.is_none() || whole(Some(at + 1)).is_none_or(Token::has_inner) {
            return Around::UNCLEAR;
        }
        let side = |at: Option<usize>| match whole(at) {
            Some(token) if token.has_inner() || token.has_stem() => Side::Unclear,
            Some(token) => Side::Token(token.hash),
            None => Side::End,
        };
        Around { before: side(at.checked_sub(1)), behind: side(Some(at + 2)) }
    }

    /// The occurrence of the leaf that has the slot's element there.
    #[inline]
    fn hit(self, leaves: &[Leaf], index: &LeafIndex, waiting: &Waiting) -> Option<Hit> {
        let Waiting { slot, cursor, card } = *waiting;
        let token = self.token(cursor).filter(|token| slot.kinds.has(token.kind))?;
        let one = |holds: bool| holds.then(|| Hit::new(token, token));
        let tokens = self.tokens;
        match index.simple(&card) {
            Some(Simple::Word(word)) => one(word == tokens.folded(token).as_bytes()
                || tokens.stem(token).is_some_and(|stem| word == stem.as_bytes())),
            Some(Simple::Cased(word)) => one(word == tokens.cased(token).as_bytes()
                || tokens.cased_stem(token).is_some_and(|stem| word == stem.as_bytes())),
            Some(Simple::Prefix(prefix)) => one(tokens.folded(token).as_bytes().starts_with(prefix)),
            Some(Simple::Run(run)) => match self.run(run, slot, cursor) {
                Some(known) => known,
                None => self.occurrence(leaves.get(slot.leaf as usize)?, usize::from(slot.element), cursor),
            },
            None => self.occurrence(leaves.get(slot.leaf as usize)?, usize::from(slot.element), cursor),
        }
    }

    /// The occurrence of a run; `None` if its tokens can be read in more than one way.
    #[inline]
    fn run(self, run: &[u8], slot: Slot, cursor: Cursor) -> Option<Option<Hit>> {
        if cursor.inner.is_some() {
            return None;
        }
        let Some(start) = (cursor.token as usize).checked_sub(usize::from(slot.element)) else {
            // Too near to the beginning: no such run, unless what is before is inside of a tag.
            return None;
        };
        let list = self.tokens.all();
        // What stands before may have to be read from inside.
        if list.get(start..cursor.token as usize)?.iter().any(Token::has_inner) {
            return None;
        }
        let (mut rest, mut at) = (run, start);
        let (head, mut last) = (list.get(start)?, list.get(start)?);
        while !rest.is_empty() {
            let Some(token) = list.get(at) else { return Some(None) };
            if token.has_inner() || token.has_stem() {
                return None;
            }
            let behind = rest
                .strip_prefix(self.tokens.folded(token).as_bytes())
                .and_then(|rest| rest.strip_prefix(&[END]));
            let Some(behind) = behind.filter(|_| slot.kinds.has(token.kind) && token.zone == head.zone)
            else {
                return Some(None);
            };
            (rest, at, last) = (behind, at + 1, token);
        }
        Some(Some(Hit::new(head, last)))
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
        Some(Hit::new(self.token(first)?, self.token(last)?))
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
