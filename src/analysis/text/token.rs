//! Tokens and the buffer that holds them.

use std::ops::Range;

use super::chars::is_unspaced;
use super::hash::hash_folded;
use crate::model::Zone;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A run of letters, marks, digits, `_` and word-internal apostrophes.
    Word,
    /// One character of a script that writes without spaces (Han, kana, Hangul, Thai, Lao, Khmer,
    /// Burmese), with the marks that stand on it.
    Char,
    /// `#tag`, `＃tag` or `#话题#`. The forms are without the signs.
    Hashtag,
    /// `@name`, `@user@host`. The forms are without the leading sign.
    Handle,
    /// `$TICK`. The forms are without the sign.
    Cashtag,
    /// `https://...` or `www....`. Plain terms do not match it.
    Url,
    /// One emoji: a grapheme cluster.
    Emoji,
    /// `:)`, `^_^`, a kaomoji.
    Emoticon,
}

impl TokenKind {
    /// The name used in JSON and documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            TokenKind::Word => "word",
            TokenKind::Char => "char",
            TokenKind::Hashtag => "hashtag",
            TokenKind::Handle => "handle",
            TokenKind::Cashtag => "cashtag",
            TokenKind::Url => "url",
            TokenKind::Emoji => "emoji",
            TokenKind::Emoticon => "emoticon",
        }
    }
}

/// Small facts about a token, as bits of `Token::flags`.
pub(super) mod flag {
    /// The kept form is not the folded form (there is an accent, or a skin tone).
    pub(in super::super) const KEPT: u8 = 1;
    /// Also answers to a shorter form: see [`super::Tokens::stem`].
    pub(in super::super) const STEM: u8 = 2;
    /// Has inner tokens: see [`super::Tokens::inner`].
    pub(in super::super) const INNER: u8 = 4;
}

/// One token. Its forms live in the [`Tokens`] it came from; ask there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// [`hash_folded`] of the folded form. Equal folded forms have equal hashes, in queries and posts,
    /// whatever the kind.
    pub hash: u64,
    /// First byte in the zone's original text, signs (`#`, `@`, `$`) included. On a character boundary.
    pub start: u32,
    /// First byte after the token in the zone's original text. On a character boundary.
    pub end: u32,
    /// Number of the position within the zone, from 0. Runs on across punctuation.
    /// An inner token has the position of the token that it is inside of.
    pub position: u32,
    /// The folded form, in the folded arena.
    pub(super) folded: (u32, u32),
    /// The cased form, in the side arena.
    pub(super) cased: (u32, u32),
    /// With [`flag::KEPT`]: the form with accents, in the side arena.
    pub(super) kept: (u32, u32),
    /// The part of the post that it stands in.
    pub zone: Zone,
    /// What it is.
    pub kind: TokenKind,
    pub(super) flags: u8,
}

impl Token {
    /// The bytes in the zone's original text.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// There is an accent (or a skin tone) in the text: [`Tokens::kept`] differs from [`Tokens::folded`].
    /// A query term with this bit must be compared by its kept form, one without by the folded form.
    #[must_use]
    pub fn is_accented(&self) -> bool {
        self.flags & flag::KEPT != 0
    }

    /// Also answers to a shorter form: [`Tokens::stem`] is `Some`.
    #[must_use]
    pub fn has_stem(&self) -> bool {
        self.flags & flag::STEM != 0
    }

    /// Has words or characters inside: [`Tokens::inner`] is not empty.
    #[must_use]
    pub fn has_inner(&self) -> bool {
        self.flags & flag::INNER != 0
    }
}

/// A zone's place in the arenas.
#[derive(Clone, Copy, Debug)]
pub(super) struct ZoneText {
    pub(super) zone: Zone,
    pub(super) folded: (u32, u32),
    pub(super) source: (u32, u32),
    pub(super) tokens: (u32, u32),
}

/// The tokens of all zones of a post, and the arenas that hold their forms. Made to be reused:
/// [`Tokens::clear`] keeps the memory.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    pub(super) list: Vec<Token>,
    pub(super) inner: Vec<(u32, Token)>,
    pub(super) zones: Vec<ZoneText>,
    /// Folded text of the zones, one after the other.
    pub(super) folded: String,
    /// Original text of the zones, each followed by those forms that are not a part of it.
    pub(super) side: String,
    /// Working space of the pass.
    pub(super) scratch: String,
}

impl Tokens {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Tokens {
        Tokens::default()
    }

    /// Forgets all tokens, keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.inner.clear();
        self.zones.clear();
        self.folded.clear();
        self.side.clear();
    }

    /// The tokens of all zones, in the order of tokenising, then of the text.
    #[must_use]
    pub fn all(&self) -> &[Token] {
        &self.list
    }

    /// [`Tokens::all`] as an iterator.
    pub fn iter(&self) -> std::slice::Iter<'_, Token> {
        self.list.iter()
    }

    /// The tokens of one zone, in the order of the text; `position` is ascending by one.
    #[must_use]
    pub fn zone(&self, zone: Zone) -> &[Token] {
        self.zones
            .iter()
            .find(|z| z.zone == zone)
            .map_or(&[], |z| self.list.get(z.tokens.0 as usize..z.tokens.1 as usize).unwrap_or(&[]))
    }

    /// Number of tokens.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// No tokens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The form that is compared by default: compatibility forms resolved (NFKC), case folded, accents
    /// stripped (rule 3.6), Traditional folded to Simplified if so set, without signs, joiners, variation
    /// selectors and skin tones.
    #[must_use]
    pub fn folded(&self, token: &Token) -> &str {
        slice(&self.folded, token.folded)
    }

    /// As [`Tokens::folded`], but with accents and skin tones. The same text if there are none.
    #[must_use]
    pub fn kept(&self, token: &Token) -> &str {
        if token.is_accented() { slice(&self.side, token.kept) } else { self.folded(token) }
    }

    /// Letters as written, in NFC, joiners dropped, apostrophes as `'`, without signs: what `{BT}` is compared with.
    #[must_use]
    pub fn cased(&self, token: &Token) -> &str {
        slice(&self.side, token.cased)
    }

    /// The shorter folded form that the token also answers to: `tesla` of `tesla's`;
    /// `user` of `@user@host.org` and of `@user.bsky.social`; `vivo` of `@vivo智能手机`.
    #[must_use]
    pub fn stem(&self, token: &Token) -> Option<&str> {
        token.has_stem().then(|| cut_stem(token.kind, self.folded(token)))
    }

    /// [`Tokens::stem`] with accents kept.
    #[must_use]
    pub fn kept_stem(&self, token: &Token) -> Option<&str> {
        token.has_stem().then(|| cut_stem(token.kind, self.kept(token)))
    }

    /// [`Tokens::stem`] as written.
    #[must_use]
    pub fn cased_stem(&self, token: &Token) -> Option<&str> {
        token.has_stem().then(|| cut_stem(token.kind, self.cased(token)))
    }

    /// [`hash_folded`] of [`Tokens::stem`].
    #[must_use]
    pub fn stem_hash(&self, token: &Token) -> Option<u64> {
        self.stem(token).map(hash_folded)
    }

    /// What stands inside a tag or handle that holds CJK characters: its characters and words, in order.
    /// They are not part of [`Tokens::all`] and share the position of `token`; two that follow each other in
    /// this slice are adjacent. So the plain term `微软` finds `#微软裁员#`, and `#微软` does not.
    pub fn inner(&self, token: &Token) -> impl Iterator<Item = &Token> {
        self.inner_of(self.index_of(token).filter(|_| token.has_inner()))
    }

    /// Every inner token with the index in [`Tokens::all`] of the token that it is inside of, ascending.
    #[must_use]
    pub fn all_inner(&self) -> &[(u32, Token)] {
        &self.inner
    }

    fn inner_of(&self, index: Option<u32>) -> impl Iterator<Item = &Token> {
        let from = index.map_or(self.inner.len(), |i| self.inner.partition_point(|(owner, _)| *owner < i));
        let tail = self.inner.get(from..).unwrap_or(&[]);
        tail.iter().take_while(move |(owner, _)| Some(*owner) == index).map(|(_, token)| token)
    }

    fn index_of(&self, token: &Token) -> Option<u32> {
        let at = self.list.partition_point(|t| t.folded.0 < token.folded.0);
        let index = at + self.list.get(at..)?.iter().position(|t| t == token)?;
        u32::try_from(index).ok()
    }

    /// The whole folded text of a zone, punctuation and spaces in place.
    #[must_use]
    pub fn folded_zone(&self, zone: Zone) -> &str {
        self.zones.iter().find(|z| z.zone == zone).map_or("", |z| slice(&self.folded, z.folded))
    }

    /// The original text of a zone.
    #[must_use]
    pub fn source_zone(&self, zone: Zone) -> &str {
        self.zones.iter().find(|z| z.zone == zone).map_or("", |z| slice(&self.side, z.source))
    }

    /// Where [`Tokens::folded`] of this token stands in [`Tokens::folded_zone`], in bytes.
    #[must_use]
    pub fn folded_range(&self, token: &Token) -> Range<usize> {
        let base = self.zone_text(token).map_or(0, |z| z.folded.0);
        token.folded.0.saturating_sub(base) as usize..token.folded.1.saturating_sub(base) as usize
    }

    /// The folded text of the zone before the token's folded form (so it may end with `#`).
    #[must_use]
    pub fn before(&self, token: &Token) -> &str {
        self.zone_text(token).map_or("", |z| slice(&self.folded, (z.folded.0, token.folded.0)))
    }

    /// The folded text of the zone after the token's folded form.
    #[must_use]
    pub fn after(&self, token: &Token) -> &str {
        self.zone_text(token).map_or("", |z| slice(&self.folded, (token.folded.1, z.folded.1)))
    }

    /// The folded text between two tokens of one zone: `&` in `AT&T`. Empty if they are not in this order.
    #[must_use]
    pub fn between(&self, left: &Token, right: &Token) -> &str {
        slice(&self.folded, (left.folded.1, right.folded.0))
    }

    fn zone_text(&self, token: &Token) -> Option<&ZoneText> {
        self.zones.iter().rev().find(|z| z.folded.0 <= token.folded.0 && token.zone == z.zone)
    }
}

impl<'a> IntoIterator for &'a Tokens {
    type Item = &'a Token;
    type IntoIter = std::slice::Iter<'a, Token>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

/// A slice that is empty rather than a panic.
#[inline]
fn slice(arena: &str, range: (u32, u32)) -> &str {
    arena.get(range.0 as usize..range.1 as usize).unwrap_or("")
}

/// `user` of `user@host.org` and of `user.bsky.social`: the shorter name that a handle also answers to.
pub(in super::super) fn short_name(handle: &str) -> Option<&str> {
    stem_len(TokenKind::Handle, handle).and_then(|len| handle.get(..len))
}

/// The part of a form that is the shorter name.
fn cut_stem(kind: TokenKind, form: &str) -> &str {
    stem_len(kind, form).and_then(|len| form.get(..len)).unwrap_or(form)
}

/// Length of the shorter name that a form holds, if it holds one. In capitals only the cased form is.
#[inline]
pub(super) fn stem_len(kind: TokenKind, form: &str) -> Option<usize> {
    match kind {
        TokenKind::Word => form.strip_suffix("'s").or_else(|| form.strip_suffix("'S")).map(str::len),
        TokenKind::Handle => form.find(|c| matches!(c, '.' | '@') || is_unspaced(c)),
        _ => None,
    }
    .filter(|len| *len > 0)
}
