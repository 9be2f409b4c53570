//! A term as the oracle reads it: pieces that stand side by side, and the signs around and between them.

use earful::analysis::text::TextOptions;
use unicode_normalization::UnicodeNormalization;

use crate::oracle::model;
use crate::words::{Forms, Kind, Word, is_apostrophe, is_dropped};

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
    kind: Kind,
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

/// Full-width signs as plain ones, and one apostrophe.
pub(crate) fn plain_signs(text: &str) -> String {
    let plain = |c: char| if is_apostrophe(c) { '\'' } else { c };
    text.chars().filter(|c| !is_dropped(*c)).map(plain).nfkc().collect::<String>().to_lowercase()
}

impl Term {
    /// Wildcards stand in Latin words only, as the generator writes them.
    pub(crate) fn new(written: &str, options: TextOptions) -> Term {
        let cased = written.starts_with('{');
        let bare = written.strip_prefix(['{', '"']).map_or(written, |rest| &rest[..rest.len() - 1]);
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
        let words = model(options).words(&text);
        let mut term = Term {
            pieces: Vec::new(),
            before: String::new(),
            after: String::new(),
            gaps: Vec::new(),
            escapes,
        };
        let (Some(head), Some(tail)) = (words.first(), words.last()) else {
            term.before = text;
            return term;
        };
        term.pieces = words.iter().map(|word| piece(word, cased)).collect();
        let is_sign = |c: char| term.is_sign(c);
        let (before, after) = (plain_signs(&text[..head.start]), plain_signs(&text[tail.end..]));
        let start = before.find(is_sign).unwrap_or(before.len());
        let end =
            after.rfind(is_sign).map_or(0, |at| at + after[at..].chars().next().map_or(0, char::len_utf8));
        let gaps = words.windows(2).map(|pair| text.get(pair[0].end..pair[1].start).unwrap_or(""));
        let gaps: Vec<String> = gaps
            .map(|gap| if plain_signs(gap).contains(is_sign) { term.signs_of(gap) } else { String::new() })
            .collect();
        (term.before, term.after) = (before[start..].to_owned(), after[..end].to_owned());
        term.gaps = gaps;
        term
    }

    /// The one piece of a term that asks for nothing else, and not for how it is written.
    pub(crate) fn alone(&self) -> Option<(Kind, &Piece)> {
        let [piece] = self.pieces.as_slice() else { return None };
        let is_bare = self.before.is_empty() && self.after.is_empty() && piece.form != Form::Cased;
        is_bare.then_some((piece.kind, piece))
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

fn piece(word: &Word, cased: bool) -> Piece {
    let Forms { folded, kept, cased: written } = &word.whole;
    let (form, text) = match (cased, kept != folded) {
        (true, _) => (Form::Cased, written),
        (false, true) => (Form::Kept, kept),
        (false, false) => (Form::Folded, folded),
    };
    let text = text.replace('ጀ', "*").replace('ጁ', "?");
    let wild = !cased && text.contains(['*', '?']);
    Piece { kind: word.kind, form, text, wild }
}

impl Piece {
    /// In a handle plain words may be not wanted: it is `silent` to them.
    pub(crate) fn fits(&self, word: &Word, silent: bool) -> bool {
        let named = matches!(word.kind, Kind::Word | Kind::Hashtag | Kind::Handle | Kind::Cashtag);
        let kind = if self.kind == Kind::Word { named } else { self.kind == word.kind };
        let heard = !silent || self.kind == Kind::Handle;
        let form = |forms: &Forms| match self.form {
            Form::Folded => self.reads(&forms.folded),
            Form::Kept => self.reads(&forms.kept),
            Form::Cased => self.reads(&forms.cased),
        };
        kind && heard && (form(&word.whole) || word.short.as_ref().is_some_and(form))
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
