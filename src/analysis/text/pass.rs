//! One pass over one zone: the folded text grows along with the tokens.
//!
//! **Invariant:** `folded` holds the folded form of the text up to `filled`, and nothing else of this zone. Where
//! `filled` runs ahead of the scan, the text between is ASCII, so that offsets map one to one.

use super::chars::{CharTable, bit};
use super::fold;
use super::han::fold_han;
use super::hash::hash_bytes;
use super::token::{Token, TokenKind, Tokens, ZoneText, flag, stem_len};
use super::tokenizer::TextOptions;
use crate::model::Zone;

/// The state of a pass.
pub(super) struct Pass<'t, 'o> {
    /// The text up to where the scan may go (the inside of a tag, else all).
    pub(super) text: &'t str,
    pub(super) out: &'o mut Tokens,
    pub(super) table: &'static CharTable,
    pub(super) options: TextOptions,
    zone: Zone,
    position: u32,
    filled: usize,
    side_base: u32,
    /// Inner tokens are being written, for the token with this index.
    inner_of: Option<u32>,
    /// Where the last word ended, to know what a sign is glued to.
    pub(super) word_end: usize,
}

/// Byte offsets fit: a zone is cut at [`super::tokenizer::MAX_ZONE_BYTES`].
#[inline]
fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl<'t, 'o> Pass<'t, 'o> {
    pub(super) fn run(
        zone: Zone,
        text: &'t str,
        options: TextOptions,
        table: &'static CharTable,
        out: &'o mut Tokens,
    ) {
        let (folded, side, first) =
            (offset(out.folded.len()), offset(out.side.len()), offset(out.list.len()));
        out.side.push_str(text);
        let source = (side, offset(out.side.len()));
        let mut pass = Pass {
            text,
            out,
            table,
            options,
            zone,
            position: 0,
            filled: 0,
            side_base: side,
            inner_of: None,
            word_end: usize::MAX,
        };
        pass.scan(0);
        pass.fold_to(text.len());
        let folded = (folded, offset(out.folded.len()));
        out.zones.push(ZoneText { zone, folded, source, tokens: (first, offset(out.list.len())) });
    }

    /// Folds the text up to `end`, at least.
    #[inline]
    pub(super) fn fold_to(&mut self, end: usize) {
        while self.filled < end {
            self.fold_one();
        }
    }

    /// Makes sure that the ASCII at `at` is folded, so that [`Pass::folded_at`] holds while it is read.
    #[inline]
    pub(super) fn fill_ahead(&mut self, at: usize) {
        if self.filled == at && self.text.as_bytes().get(at).is_some_and(u8::is_ascii) {
            self.fold_one();
        }
    }

    /// Folds one character, or the whole run of ASCII that begins here.
    fn fold_one(&mut self) {
        let rest = &self.text[self.filled..];
        match rest.chars().next() {
            None => self.filled = self.text.len(),
            Some(c) if c.is_ascii() => self.fold_ascii(rest),
            Some(c) => self.fold_char(c),
        }
    }

    fn fold_ascii(&mut self, rest: &str) {
        let run = ascii_len(rest.as_bytes());
        let from = self.out.folded.len();
        self.out.folded.push_str(&rest[..run]);
        self.out.folded[from..].make_ascii_lowercase();
        self.filled += run;
    }

    #[inline]
    pub(super) fn fold_char(&mut self, c: char) {
        let entry = self.table.entry(c);
        self.filled += c.len_utf8();
        if entry.is_mark() {
            // Marks on letters go with their word; this one stands on nothing that we keep.
            return;
        }
        if entry.bits() & bit::SLOW != 0 {
            let mut buffer = [0; 4];
            return self.push_exact(c.encode_utf8(&mut buffer));
        }
        if entry.class() == super::chars::Class::Ignorable {
            return;
        }
        let folded = self.folded_char(c);
        self.out.folded.push(folded);
    }

    /// Of a character whose entry is not slow.
    #[inline]
    fn folded_char(&self, c: char) -> char {
        if self.options.fold_han { self.table.simplified(c) } else { self.table.folded(c) }
    }

    fn push_exact(&mut self, text: &str) {
        let mut kept = std::mem::take(&mut self.out.scratch);
        kept.clear();
        fold::push_kept(text, self.options.fold_han, &mut kept);
        fold::push_stripped(&kept, &mut self.out.folded);
        self.out.scratch = kept;
    }

    /// Offset in the folded arena of a place between the scan and `filled`.
    #[inline]
    fn folded_at(&self, at: usize) -> usize {
        self.out.folded.len() - (self.filled - at)
    }

    /// Writes the token of `start..end` whose forms are those of `body`, of which `bits` are the bits of all
    /// characters. The text before `body.0` is folded already.
    pub(super) fn push(&mut self, kind: TokenKind, span: (usize, usize), body: (usize, usize), bits: u8) {
        if bits & bit::SLOW != 0 {
            return self.push_slow(kind, span, body);
        }
        let from = self.folded_at(body.0);
        self.fold_to(body.1);
        let mut token = self.token(kind, span, (from, self.folded_at(body.1)));
        token.cased = (self.side_base + offset(body.0), self.side_base + offset(body.1));
        if bits & bit::ACCENT != 0 {
            token.kept = self.side_chars(body);
            token.flags |= flag::KEPT;
        }
        if bits & bit::RECASE != 0 {
            token.cased = self.side_cased(body);
        }
        self.add(token);
    }

    /// The same where the whole string must be normalised.
    fn push_slow(&mut self, kind: TokenKind, span: (usize, usize), body: (usize, usize)) {
        let from = self.folded_at(body.0);
        self.out.folded.truncate(from);
        let side = self.out.side.len();
        fold::push_kept(&self.text[body.0..body.1], self.options.fold_han, &mut self.out.side);
        fold::push_stripped(&self.out.side[side..], &mut self.out.folded);
        self.filled = body.1;
        let mut token = self.token(kind, span, (from, self.out.folded.len()));
        self.set_kept(&mut token, side);
        token.cased = self.side_cased(body);
        self.add(token);
    }

    /// Takes what was written to the side arena from `side` as the kept form, if it says more.
    pub(super) fn set_kept(&mut self, token: &mut Token, side: usize) {
        if self.out.side[side..] == *self.out.folded(token) {
            self.out.side.truncate(side);
        } else {
            token.kept = (offset(side), offset(self.out.side.len()));
            token.flags |= flag::KEPT;
        }
    }

    fn side_chars(&mut self, body: (usize, usize)) -> (u32, u32) {
        let from = offset(self.out.side.len());
        let (table, han) = (self.table, self.options.fold_han);
        let kept =
            self.text[body.0..body.1].chars().filter(|c| !fold::is_ignorable(*c)).map(|c| table.kept(c));
        self.out.side.extend(kept.map(|c| if han { fold_han(c) } else { c }));
        (from, offset(self.out.side.len()))
    }

    fn side_cased(&mut self, body: (usize, usize)) -> (u32, u32) {
        let from = offset(self.out.side.len());
        fold::push_cased(&self.text[body.0..body.1], &mut self.out.side);
        (from, offset(self.out.side.len()))
    }

    /// An emoji, whose forms have rules of their own. The text before is folded already.
    pub(super) fn push_emoji(&mut self, start: usize, end: usize) {
        let cluster = &self.text[start..end];
        let from = self.folded_at(start);
        self.out.folded.truncate(from);
        super::emoji::push_folded(cluster, &mut self.out.folded);
        self.filled = end;
        let mut token = self.token(TokenKind::Emoji, (start, end), (from, self.out.folded.len()));
        let side = self.out.side.len();
        super::emoji::push_kept(cluster, &mut self.out.side);
        if self.out.side.len() == side + cluster.len() {
            self.set_kept(&mut token, side);
        } else {
            self.set_bare(&mut token, side);
        }
        self.add(token);
    }

    /// Takes what was written from `side` as the cased form too: selectors leave no trace there either.
    fn set_bare(&mut self, token: &mut Token, side: usize) {
        token.cased = (offset(side), offset(self.out.side.len()));
        if self.out.side[side..] != *self.out.folded(token) {
            token.kept = token.cased;
            token.flags |= flag::KEPT;
        }
    }

    /// One character that folds to one character: the way most CJK text goes.
    #[inline]
    pub(super) fn push_char(&mut self, start: usize, c: char) {
        self.fold_to(start);
        let from = self.out.folded.len();
        let end = start + c.len_utf8();
        let folded = self.folded_char(c);
        self.out.folded.push(folded);
        self.filled = end;
        let token = self.token(TokenKind::Char, (start, end), (from, self.out.folded.len()));
        self.add(token);
    }

    /// A token whose inside is read on its own: the folded text of the body is that of the inner tokens.
    pub(super) fn push_with_inner(&mut self, kind: TokenKind, span: (usize, usize), body: (usize, usize)) {
        let from = self.folded_at(body.0);
        let whole = self.text;
        self.text = &whole[..body.1];
        self.inner_of = Some(offset(self.out.list.len()));
        self.scan_inside(body.0);
        self.fold_to(body.1);
        self.inner_of = None;
        self.text = whole;
        let mut token = self.token(kind, span, (from, self.folded_at(body.1)));
        let side = self.out.side.len();
        fold::push_kept(&whole[body.0..body.1], self.options.fold_han, &mut self.out.side);
        self.set_kept(&mut token, side);
        token.cased = self.side_cased(body);
        token.flags |= flag::INNER;
        self.add(token);
    }

    /// A token with its hash and place, cased as in the text.
    #[inline]
    fn token(&self, kind: TokenKind, span: (usize, usize), folded: (usize, usize)) -> Token {
        let form = self.out.folded.get(folded.0..folded.1).unwrap_or("");
        Token {
            hash: hash_bytes(form.as_bytes()),
            start: offset(span.0),
            end: offset(span.1),
            position: self.position,
            folded: (offset(folded.0), offset(folded.1)),
            cased: (self.side_base + offset(span.0), self.side_base + offset(span.1)),
            kept: (0, 0),
            zone: self.zone,
            kind,
            flags: if stem_len(kind, form).is_some() { flag::STEM } else { 0 },
        }
    }

    #[inline]
    fn add(&mut self, token: Token) {
        match self.inner_of {
            Some(owner) => self.out.inner.push((owner, token)),
            None => {
                self.out.list.push(token);
                self.position += 1;
            }
        }
    }
}

/// Length of the run of ASCII at the start.
fn ascii_len(bytes: &[u8]) -> usize {
    let mut len = 0;
    for chunk in bytes.chunks(32) {
        if !chunk.is_ascii() {
            return len + chunk.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
        }
        len += chunk.len();
    }
    len
}
