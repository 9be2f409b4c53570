//! A term as the oracle reads it: pieces that stand side by side, and the signs around and between them.

use earful::analysis::text::{Token, TokenKind, Tokenizer, Tokens};
use earful::model::Zone;
use unicode_normalization::UnicodeNormalization;

use crate::oracle::is_wordy;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Folded,
    /// With accents, since the term has one.
    Kept,
    Cased,
}

/// One position of a term.
#[derive(Debug)]
pub(crate) struct Piece {
    kind: TokenKind,
    form: Form,
    text: String,
    wild: bool,
}

#[derive(Debug)]
pub(crate) struct Term {
    pub(crate) pieces: Vec<Piece>,
    /// Signs directly before the first piece and after the last; all of the text if there is no piece.
    pub(crate) before: String,
    pub(crate) after: String,
    /// Signs after each piece but the last.
    pub(crate) gaps: Vec<String>,
    /// `?` and `*` are signs, since the term escapes one.
    escapes: bool,
}

/// Full-width signs as plain ones.
pub(crate) fn plain_signs(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase()
}

impl Term {
    /// Wildcards stand in Latin words only, as the generator writes them.
    pub(crate) fn new(written: &str, tokenizer: &Tokenizer) -> Term {
        let cased = written.starts_with('{');
        let bare = written.trim_start_matches(['{', '"']).trim_end_matches(['}', '"']);
        let (mut text, mut escapes) = (String::new(), false);
        let mut chars = bare.chars();
        // Stand-ins for wildcards: two letters that no text of the generator has.
        while let Some(c) = chars.next() {
            match c {
                '\\' => {
                    let literal = chars.next().unwrap();
                    escapes |= matches!(literal, '?' | '*');
                    text.push(literal);
                }
                '*' => text.push('ጀ'),
                '?' => text.push('ጁ'),
                c => text.push(c),
            }
        }
        let mut own = Tokens::new();
        tokenizer.tokenize(Zone::Body, &text, &mut own);
        let mut term = Term {
            pieces: Vec::new(),
            before: String::new(),
            after: String::new(),
            gaps: Vec::new(),
            escapes,
        };
        let tokens = own.all();
        let (Some(head), Some(tail)) = (tokens.first(), tokens.last()) else {
            term.before = text;
            return term;
        };
        term.pieces = tokens.iter().map(|token| piece(&own, token, cased)).collect();
        let is_sign = |c: char| term.is_sign(c);
        let (before, after) =
            (plain_signs(&text[..head.start as usize]), plain_signs(&text[tail.end as usize..]));
        let start = before.find(is_sign).unwrap_or(before.len());
        let end =
            after.rfind(is_sign).map_or(0, |at| at + after[at..].chars().next().map_or(0, char::len_utf8));
        let gaps = tokens.windows(2).map(|pair| &text[pair[0].end as usize..pair[1].start as usize]);
        let gaps: Vec<String> =
            gaps.map(|gap| if gap.contains(is_sign) { term.signs_of(gap) } else { String::new() }).collect();
        (term.before, term.after) = (before[start..].to_owned(), after[..end].to_owned());
        term.gaps = gaps;
        term
    }

    fn is_sign(&self, c: char) -> bool {
        "%|#/!&+=@$€£¥:％＃／！＆＋＝＠＄￥：｜￡".contains(c) || (self.escapes && "?*？＊".contains(c))
    }

    /// The signs of a gap, with one blank for what blanks there are before, between and after them.
    pub(crate) fn signs_of(&self, gap: &str) -> String {
        let mut out = String::new();
        for c in plain_signs(gap).chars() {
            if self.is_sign(c) {
                out.push(c);
            } else if c.is_whitespace() && !out.ends_with(' ') {
                out.push(' ');
            }
        }
        out
    }
}

fn piece(own: &Tokens, token: &Token, cased: bool) -> Piece {
    let (form, text) = match (cased, token.is_accented()) {
        (true, _) => (Form::Cased, own.cased(token)),
        (false, true) => (Form::Kept, own.kept(token)),
        (false, false) => (Form::Folded, own.folded(token)),
    };
    let text = text.replace('ጀ', "*").replace('ጁ', "?");
    let wild = !cased && text.contains(['*', '?']);
    Piece { kind: token.kind, form, text, wild }
}

impl Piece {
    pub(crate) fn fits(&self, tokens: &Tokens, token: &Token) -> bool {
        let kind = if self.kind == TokenKind::Word { is_wordy(token.kind) } else { self.kind == token.kind };
        let (whole, stem) = match self.form {
            Form::Folded => (tokens.folded(token), tokens.stem(token)),
            Form::Kept => (tokens.kept(token), tokens.kept_stem(token)),
            Form::Cased => (tokens.cased(token), tokens.cased_stem(token)),
        };
        kind && (self.reads(whole) || stem.is_some_and(|stem| self.reads(stem)))
    }

    fn reads(&self, text: &str) -> bool {
        if !self.wild {
            return self.text == text;
        }
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        glob(&chars(&self.text), &chars(text))
    }
}

fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|n| glob(rest, &text[n..])),
        Some(('?', rest)) => !text.is_empty() && glob(rest, &text[1..]),
        Some((c, rest)) => text.first() == Some(c) && glob(rest, &text[1..]),
    }
}
