//! Whether a leaf stands at a token of a post, which may be read in several ways.
//!
//! **Invariant:** says where a leaf begins and ends, if one of its elements stands at that token.

use super::beside::{Around, Side};
use super::hits::Hit;
use super::index::LeafIndex;
use super::keys::Slot;
use super::leaf::{self, Element, Form, Leaf, Symbols};
use super::simple::{END, Simple};
use crate::analysis::text::{Token, TokenKind, Tokens};

/// A token, or the inner token of that number in [`Tokens::all_inner`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) token: u32,
    pub(super) inner: Option<u32>,
}

/// A leaf that may stand at a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) slot: Slot,
    pub(super) cursor: Cursor,
}

/// The tokens as a sequence in which a tag stands for itself or for what is inside.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) tokens: &'a Tokens,
    pub(super) match_handles: bool,
}

impl<'a> Text<'a> {
    pub(super) fn token(self, cursor: Cursor) -> Option<&'a Token> {
        match cursor.inner {
            None => self.tokens.all().get(cursor.token as usize),
            Some(inner) => self.tokens.all_inner().get(inner as usize).map(|(_, token)| token),
        }
    }

    /// All tokens, then those inside of others that are open.
    #[inline]
    pub(super) fn each_token(self, mut each: impl FnMut(&'a Token, Cursor)) {
        for (number, token) in self.tokens.all().iter().enumerate() {
            each(token, Cursor { token: number as u32, inner: None });
        }
        for (number, (owner, token)) in self.tokens.all_inner().iter().enumerate() {
            let cursor = Cursor { token: *owner, inner: Some(number as u32) };
            if self.is_open(cursor) {
                each(token, cursor);
            }
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
    pub(super) fn neighbours(self, cursor: Cursor, forward: bool) -> (Option<Cursor>, Option<Cursor>) {
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
    pub(super) fn around(self, cursor: Cursor) -> Around {
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
    pub(super) fn hit(self, leaves: &[Leaf], index: &LeafIndex, candidate: &Candidate) -> Option<Hit> {
        let Candidate { slot, cursor } = *candidate;
        let token = self.token(cursor).filter(|token| slot.kinds.has(token.kind))?;
        let one = |holds: bool| holds.then(|| Hit::new(token, token));
        let tokens = self.tokens;
        match index.simple(index.card(slot.leaf)?) {
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
        let last = self.token(self.extend(leaf, element, cursor, true, 0)?)?;
        let first = self.token(self.extend(leaf, element, cursor, false, 0)?)?;
        let around = leaf.symbols.as_ref().is_none_or(|symbols| self.has_symbols(symbols, first, last));
        around.then(|| Hit::new(first, last))
    }

    /// Follows the elements from the one at `cursor` to an end of the leaf; the cursor of that end.
    fn extend(self, leaf: &Leaf, at: usize, cursor: Cursor, forward: bool, forks: u32) -> Option<Cursor> {
        let (mut at, mut cursor) = (at, cursor);
        loop {
            let next_at = if forward { at.checked_add(1) } else { at.checked_sub(1) };
            let Some((next_at, element)) = next_at.and_then(|at| Some((at, leaf.elements.get(at)?))) else {
                return Some(cursor);
            };
            let (whole, inside) = self.neighbours(cursor, forward);
            let gap = leaf.symbols.as_ref().map(|symbols| (&**symbols, at.min(next_at)));
            let beside = |next: &Cursor| {
                let (left, right) = if forward { (cursor, *next) } else { (*next, cursor) };
                self.fits(element, *next)
                    && gap.is_none_or(|(symbols, at)| self.gap_is(left, right, symbols, at))
            };
            let (whole, inside) = (whole.filter(beside), inside.filter(beside));
            cursor = match (whole, inside) {
                // Both ways are open: try the tag as a whole, else go on inside.
                (Some(whole), Some(inside)) if forks < FORKS_MAX => {
                    match self.extend(leaf, next_at, whole, forward, forks + 1) {
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

    /// The symbols of a term stand around its tokens.
    fn has_symbols(self, symbols: &Symbols, head: &Token, tail: &Token) -> bool {
        let before = leaf::without_sign_at_end(self.tokens.before(head), head.kind);
        let after = leaf::without_sign_at_start(self.tokens.after(tail), self.tokens, tail);
        before.ends_with(&*symbols.before) && after.starts_with(&*symbols.after)
    }

    /// Those that a term has behind its element of that number stand between the two tokens.
    fn gap_is(self, left: Cursor, right: Cursor, symbols: &Symbols, at: usize) -> bool {
        let wanted = symbols.between.get(at).map_or("", |gap| gap);
        let (Some(left), Some(right)) = (self.token(left), self.token(right)) else { return false };
        let gap = || leaf::without_sign_at_start(self.tokens.between(left, right), self.tokens, left);
        let gap = || leaf::without_sign_at_end(gap(), right.kind);
        wanted.is_empty() || leaf::reduced(gap(), symbols.escapes).eq(wanted.chars())
    }
}

/// Most tags in one phrase that are tried both as a whole and from inside.
const FORKS_MAX: u32 = 8;
