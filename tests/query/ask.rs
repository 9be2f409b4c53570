//! Queries made of pieces of texts, written in other ways here and there.

use earful::analysis::text::TextOptions;
use earful::model::Zone;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::dice::Dice;
use crate::oracle::model;
use crate::random::any_of;
use crate::tree::{Level, Near, Tree};
use crate::words::{Kind, Word};

/// Most letters of a term.
const TERM_MAX: usize = 14;

/// A query of pieces of the texts. None if they have no words.
pub(crate) fn ask(dice: &mut Dice, texts: &[&str], options: TextOptions) -> Option<Tree> {
    let mut asker = Asker { dice, texts, options };
    asker.query(2)
}

struct Asker<'a> {
    dice: &'a mut Dice,
    texts: &'a [&'a str],
    options: TextOptions,
}

/// The tree holds static text, and a run of the tests ends soon.
fn leak(text: String) -> &'static str {
    text.leak()
}

impl Asker<'_> {
    fn query(&mut self, depth: u32) -> Option<Tree> {
        match self.dice.below(if depth == 0 { 7 } else { 10 }) {
            0 | 1 => self.near(1),
            2 => self.tilde(),
            3 => self.zoned(),
            4 => self.raw(),
            5 | 6 => self.term().map(Tree::Term),
            _ => self.level(depth - 1),
        }
    }

    fn level(&mut self, depth: u32) -> Option<Tree> {
        let positives: Vec<Tree> = (0..1 + self.dice.below(3)).filter_map(|_| self.query(depth)).collect();
        let negatives: Vec<Tree> = (0..self.dice.below(2)).filter_map(|_| self.query(depth)).collect();
        let (any, not_at, lax) = (self.dice.one_in(2), self.dice.below(3) as u8, self.dice.one_in(2));
        (!positives.is_empty()).then_some(Tree::Level(Level { any, positives, negatives, not_at, lax }))
    }

    fn near(&mut self, depth: u32) -> Option<Tree> {
        let (left, right) = (self.operand(depth)?, self.operand(depth)?);
        let (distance, ordered) = (self.dice.below(12) as u32, self.dice.one_in(2));
        Some(Tree::Near(Box::new(Near { left, right, distance, ordered })))
    }

    fn operand(&mut self, depth: u32) -> Option<Tree> {
        match self.dice.below(4) {
            0 if depth > 0 => self.near(depth - 1),
            1 => self.group(),
            _ => self.term().map(Tree::Term),
        }
    }

    fn group(&mut self) -> Option<Tree> {
        let terms: Vec<Tree> = (0..2).filter_map(|_| self.term().map(Tree::Term)).collect();
        (terms.len() == 2).then(|| any_of(terms))
    }

    fn tilde(&mut self) -> Option<Tree> {
        let count = 2 + self.dice.below(2);
        let operand = |asker: &mut Self| {
            if asker.dice.one_in(3) { asker.group() } else { asker.term().map(Tree::Term) }
        };
        let operands: Vec<Tree> = (0..count).filter_map(|_| operand(self)).collect();
        let distance = self.dice.below(10) as u32;
        (operands.len() == count).then_some(Tree::Tilde { operands, phrase: false, distance })
    }

    fn zoned(&mut self) -> Option<Tree> {
        let zone = if self.dice.one_in(2) { Zone::Title } else { Zone::Body };
        let terms: Vec<&str> = (0..1 + self.dice.below(2)).filter_map(|_| self.term()).collect();
        (!terms.is_empty()).then_some(Tree::Zoned(zone, terms))
    }

    /// In a query a wide `？` or `＊` is the plain sign, so it cannot be asked for as a literal.
    fn raw(&mut self) -> Option<Tree> {
        let piece = self.piece()?.replace(['"', '\\', '“', '”', '„', '＂', '\n', '\t', '？', '＊'], "");
        let piece = piece.trim().to_owned();
        (!piece.is_empty()).then(|| Tree::Raw(leak(piece)))
    }

    /// A run of letters out of a text.
    fn piece(&mut self) -> Option<String> {
        let text = self.dice.one_of(self.texts);
        let letters: Vec<&str> = text.graphemes(true).collect();
        let start = self.dice.below(letters.len());
        let end = (start + 1 + self.dice.below(TERM_MAX)).min(letters.len());
        letters.get(start..end).map(<[&str]>::concat)
    }

    /// A term that the oracle finds a word in.
    fn term(&mut self) -> Option<&'static str> {
        (0..8).find_map(|_| self.try_term()).map(leak)
    }

    fn try_term(&mut self) -> Option<String> {
        match self.dice.below(6) {
            0 | 1 => self.phrase(),
            2 => self.cased(),
            3 => self.wild(),
            _ => self.word().map(|word| format!("\"{}\"", escaped(&word))),
        }
    }

    fn words(&self, text: &str) -> Vec<Word> {
        model(self.options).words(text)
    }

    fn phrase(&mut self) -> Option<String> {
        let piece = self.piece()?;
        let piece = self.varied(piece);
        // Escaped ones are signs of the term.
        let piece = if self.dice.one_in(2) { piece.replace(['?', '*', '？', '＊'], " ") } else { piece };
        (!self.words(&piece).is_empty()).then(|| format!("\"{}\"", escaped(&piece)))
    }

    fn cased(&mut self) -> Option<String> {
        let word = if self.dice.one_in(2) { self.word()? } else { self.piece()? };
        let wrong = ['{', '}', '｛', '｝', '*', '?', '？', '＊', '\\'];
        let fits = !word.contains(wrong) && !self.words(&word).is_empty();
        fits.then(|| format!("{{{word}}}"))
    }

    /// A whole word, as the oracle reads it.
    fn word(&mut self) -> Option<String> {
        let text = self.dice.one_of(self.texts);
        let words = self.words(text);
        let word = words.get(self.dice.below(words.len()))?;
        let word = text[word.start..word.end].to_owned();
        let word = self.varied(word);
        (!self.words(&word).is_empty()).then_some(word)
    }

    /// A word with a wildcard behind or among its letters.
    fn wild(&mut self) -> Option<String> {
        let word = self.word()?;
        let plain = self
            .words(&word)
            .first()
            .is_some_and(|first| first.kind == Kind::Word && first.end == word.len());
        let letters: Vec<char> = word.nfc().collect();
        let fits = plain && letters.len() > 3 && letters.iter().all(|c| c.is_alphabetic());
        let at = 2 + self.dice.below(letters.len().saturating_sub(2));
        let (head, tail): (String, String) =
            (letters.iter().take(at).collect(), letters.iter().skip(at + 1).collect());
        let wild = self.dice.one_of(&["*", "?"]);
        let tail = if self.dice.one_in(2) && wild == "*" { String::new() } else { tail };
        fits.then(|| format!("\"{head}{wild}{tail}\""))
    }

    /// The same in another case, form, or with or without an accent.
    fn varied(&mut self, text: String) -> String {
        match self.dice.below(12) {
            0 => text.to_uppercase(),
            1 => text.to_lowercase(),
            2 => text.nfd().collect(),
            3 => text.nfkc().collect(),
            4 => text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).collect(),
            5 => text.chars().map(wide).collect(),
            6 => text.replace('\'', "’"),
            _ => text,
        }
    }
}

/// The full-width form.
fn wide(c: char) -> char {
    match c {
        '!'..='~' if c.is_ascii_alphanumeric() => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// As literal text between quotes.
fn escaped(text: &str) -> String {
    let escape = |c: char| {
        let special = matches!(c, '"' | '“' | '”' | '„' | '＂' | '\\' | '*' | '?' | '？' | '＊');
        special.then_some('\\').into_iter().chain(std::iter::once(c))
    };
    text.chars().flat_map(escape).collect()
}
