//! A term as what has to stand in the tokens: consecutive elements, with symbols in their places.
//!
//! **Invariant:** made by the same tokeniser as the posts, so that both agree on what a word is.

use smallvec::SmallVec;

use super::ast::{Term, TermForm, TermText};
use super::chars::is_symbol;
use super::glob::Glob;
use super::marks::Marks;
use crate::analysis::text::{Token, TokenKind, Tokenizer, Tokens};
use crate::model::Zone;

/// A set of token kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NONE: Kinds = Kinds(0);

    pub(super) const fn of(kind: TokenKind) -> Kinds {
        Kinds(1 << kind as u16)
    }

    const fn and(self, other: TokenKind) -> Kinds {
        Kinds(self.0 | 1 << other as u16)
    }

    #[inline]
    pub(super) fn has(self, kind: TokenKind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    /// The kinds of post tokens that a term token of this kind finds: a plain word finds tags and
    /// names too, everything else only its like.
    fn found_by(kind: TokenKind, match_handles: bool) -> Kinds {
        let plain = Kinds::of(TokenKind::Word).and(TokenKind::Hashtag).and(TokenKind::Cashtag);
        match kind {
            TokenKind::Word if match_handles => plain.and(TokenKind::Handle),
            TokenKind::Word => plain,
            kind => Kinds::of(kind),
        }
    }
}

/// What an element compares.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// The folded form.
    Folded(Box<str>),
    /// The form with accents, because the term has one.
    Kept(Box<str>),
    /// The form as written, from `{...}`.
    Cased(Box<str>),
    /// The folded form against a pattern.
    Pattern(Glob),
    /// The form with accents against a pattern.
    KeptPattern(Glob),
}

/// One token of a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Element {
    pub(super) kinds: Kinds,
    /// Hash of the folded form; of no use for patterns.
    pub(super) hash: u64,
    pub(super) form: Form,
    /// Written as one character of an unspaced script.
    pub(super) is_char: bool,
    /// The folded letters before the first wildcard, or all of them.
    pub(super) prefix: Box<str>,
}

impl Element {
    /// Without wildcards, so that its hash says what it finds.
    pub(super) fn is_literal(&self) -> bool {
        !matches!(self.form, Form::Pattern(_) | Form::KeptPattern(_))
    }
}

/// Symbols that must stand around and between the elements.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Symbols {
    pub(super) before: Box<str>,
    /// After each element but the last; empty where anything may stand.
    pub(super) between: Box<[Box<str>]>,
    pub(super) after: Box<str>,
    /// `?` and `*` count, because the term escapes one.
    pub(super) escapes: bool,
}

/// What a term looks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Leaf {
    /// Never empty.
    pub(super) elements: SmallVec<[Element; 2]>,
    pub(super) symbols: Option<Box<Symbols>>,
}

impl Leaf {
    /// `None` if the term has no token: nothing to look for.
    pub(super) fn new(term: &Term, tokenizer: &Tokenizer) -> Option<Leaf> {
        let marks = Marks::unused_in(&term.text.text);
        let marked = marks.mark(&term.text);
        let mut tokens = Tokens::new();
        tokenizer.tokenize(Zone::Body, &marks.tickers_as_tags(&marked), &mut tokens);
        let cased = term.form == TermForm::Cased;
        let builder = Builder { tokens: &tokens, marks, cased, term: &term.text, marked: &marked };
        builder.leaf(tokenizer.options().match_handles)
    }

    /// The words of a phrase, split at blanks, each a term of its own.
    pub(super) fn words(text: &TermText) -> Vec<Term> {
        let mut words = Vec::new();
        let mut at = 0;
        for piece in text.text.split(char::is_whitespace) {
            let (start, end) = (at, at + piece.len());
            at = end + text.text[end..].chars().next().map_or(0, char::len_utf8);
            let inside = |list: &[usize]| -> Vec<usize> {
                list.iter().filter(|i| (start..end).contains(*i)).map(|i| i - start).collect()
            };
            let text = TermText {
                text: piece.to_owned(),
                wildcards: inside(&text.wildcards),
                escaped: inside(&text.escaped),
            };
            if !piece.is_empty() {
                words.push(Term { form: TermForm::Phrase, text });
            }
        }
        words
    }
}

struct Builder<'a> {
    tokens: &'a Tokens,
    marks: Marks,
    cased: bool,
    term: &'a TermText,
    /// As written, with marks for wildcards.
    marked: &'a str,
}

impl Builder<'_> {
    fn leaf(&self, match_handles: bool) -> Option<Leaf> {
        let kept: Vec<&Token> =
            self.tokens.all().iter().enumerate().filter(|(i, _)| !self.is_idle(*i)).map(|(_, t)| t).collect();
        let elements: SmallVec<[Element; 2]> = kept.iter().map(|t| self.element(t, match_handles)).collect();
        if elements.is_empty() {
            return None;
        }
        Some(Leaf { elements, symbols: self.symbols(&kept).map(Box::new) })
    }

    /// A `*` directly after a character that is a position of its own, or after a sign, adds nothing: the run may be empty.
    fn is_idle(&self, index: usize) -> bool {
        let Some([left, token]) = index.checked_sub(1).and_then(|i| self.tokens.all().get(i..=index)) else {
            return false;
        };
        let only_runs = self.tokens.folded(token).chars().all(|c| c == self.marks.run);
        only_runs && !self.tokens.between(left, token).contains(char::is_whitespace)
    }

    /// What the tokeniser took for a tag may be a ticker.
    fn kind(&self, token: &Token) -> TokenKind {
        let is_ticker = self.marked.as_bytes().get(token.start as usize) == Some(&b'$');
        if token.kind == TokenKind::Hashtag && is_ticker { TokenKind::Cashtag } else { token.kind }
    }

    fn element(&self, token: &Token, match_handles: bool) -> Element {
        let folded = self.tokens.folded(token);
        let wild = self.marks.in_text(folded);
        let glob = |text: &str| Glob::new(text, self.marks.run, self.marks.one);
        let form = match (self.cased, wild, token.is_accented()) {
            (true, _, _) => Form::Cased(self.tokens.cased(token).into()),
            (false, true, false) => Form::Pattern(glob(folded)),
            (false, true, true) => Form::KeptPattern(glob(self.tokens.kept(token))),
            (false, false, false) => Form::Folded(folded.into()),
            (false, false, true) => Form::Kept(self.tokens.kept(token).into()),
        };
        let prefix = if wild { glob(folded).prefix().into() } else { folded.into() };
        let mut kinds = Kinds::found_by(self.kind(token), match_handles);
        if wild && folded.chars().all(|c| c == self.marks.one) {
            // `微?`: any one character.
            kinds = kinds.and(TokenKind::Char);
        }
        Element { kinds, hash: token.hash, form, is_char: token.kind == TokenKind::Char, prefix }
    }

    fn symbols(&self, tokens: &[&Token]) -> Option<Symbols> {
        let escaped = |c: char| self.term.escaped.iter().any(|at| self.term.text[*at..].starts_with(c));
        let escapes = escaped('?') || escaped('*');
        let (first, last) = (tokens.first()?, tokens.last()?);
        let before = without_sign_at_end(self.tokens.before(first), self.kind(first));
        let after = without_sign_at_start(self.tokens.after(last), self.tokens, last);
        let is_mark = |c: char| counts(c, escapes);
        let before = before.find(is_mark).map_or("", |at| &before[at..]);
        let after = after.rfind(is_mark).map_or("", |at| {
            let end = at + after[at..].chars().next().map_or(0, char::len_utf8);
            &after[..end]
        });
        let between: Box<[Box<str>]> = tokens.windows(2).map(|pair| self.gap(pair, escapes)).collect();
        let any = !before.is_empty() || !after.is_empty() || between.iter().any(|gap| !gap.is_empty());
        any.then(|| Symbols { before: before.into(), between, after: after.into(), escapes })
    }

    fn gap(&self, pair: &[&Token], escapes: bool) -> Box<str> {
        let gap = without_sign_at_start(self.tokens.between(pair[0], pair[1]), self.tokens, pair[0]);
        let gap = without_sign_at_end(gap, self.kind(pair[1]));
        if gap.contains(|c| counts(c, escapes)) {
            reduced(gap, escapes).collect::<String>().into()
        } else {
            "".into()
        }
    }
}

/// The character must be found in its place.
pub(super) fn counts(c: char, escapes: bool) -> bool {
    is_symbol(c) || (escapes && matches!(c, '?' | '*'))
}

/// What of a gap is compared: symbols, and one blank for every run of blanks.
pub(super) fn reduced(gap: &str, escapes: bool) -> impl Iterator<Item = char> {
    let mut blank = false;
    gap.chars().filter_map(move |c| {
        if c.is_whitespace() {
            let first = !blank;
            blank = true;
            return first.then_some(' ');
        }
        let keep = counts(c, escapes);
        blank &= !keep;
        keep.then_some(c)
    })
}

/// The sign of a tag or name belongs to its token, not to the gap before it.
pub(super) fn without_sign_at_end(gap: &str, kind: TokenKind) -> &str {
    let has_sign = matches!(kind, TokenKind::Hashtag | TokenKind::Handle | TokenKind::Cashtag);
    if has_sign { gap.strip_suffix(['#', '@', '$']).unwrap_or(gap) } else { gap }
}

/// Nor does the one that closes `#话题#` to the gap behind.
pub(super) fn without_sign_at_start<'a>(gap: &'a str, tokens: &Tokens, token: &Token) -> &'a str {
    let closed = token.kind == TokenKind::Hashtag
        && tokens.source_zone(token.zone).get(token.range()).is_some_and(|tag| tag.ends_with(['#', '＃']));
    if closed { gap.strip_prefix('#').unwrap_or(gap) } else { gap }
}
