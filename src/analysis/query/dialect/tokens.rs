//! A text of any dialect to tokens.

use super::super::ast::SourceSpan;
use super::super::chars::{is_quote, plain};
use super::super::problem::Report;
use super::Dialect;
use super::tables::{self, CASED};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Word(String),
    Phrase(String),
    /// `"..."~5`.
    Loose(String, u32),
    /// `name:`.
    Field(String),
    /// A name without a colon: Cision's and Pulsar's `name(`, whose bracket follows as [`Kind::Open`], Meltwater's
    /// `TITLE`, and the signs before what is found in its case only.
    Function(String),
    /// `[...]`.
    Range(String),
    Open,
    Close,
    /// `)~5`.
    LooseClose(u32),
    And,
    Or,
    Not,
    Near {
        distance: u32,
        ordered: bool,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: SourceSpan,
}

/// Cuts the text; what cannot be read becomes a problem.
pub(super) fn cut(text: &str, dialect: Dialect, report: &mut Report) -> Vec<Token> {
    let mut cutter = Cutter { text, at: 0, dialect, out: Vec::new(), lists: Vec::new(), report };
    while let Some(c) = cutter.peek() {
        cutter.step(c);
    }
    cutter.out
}

pub(super) struct Cutter<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) dialect: Dialect,
    out: Vec<Token>,
    /// For each open bracket, whether commas in it part alternatives.
    pub(super) lists: Vec<bool>,
    pub(super) report: &'a mut Report,
}

impl Cutter<'_> {
    pub(super) fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn push(&mut self, start: usize, kind: Kind) {
        self.out.push(Token { kind, span: SourceSpan { start, end: self.at } });
    }

    fn step(&mut self, c: char) {
        let start = self.at;
        if self.rest().starts_with("<<<") {
            return self.comment(start);
        }
        if is_quote(c) {
            return self.phrase(start);
        }
        self.at += c.len_utf8();
        match plain(c) {
            '(' => self.open(start),
            ')' => self.close(start),
            '|' => self.push(start, Kind::Or),
            '-' | '−' if self.negates(start) => self.exclusion(start),
            '!' if self.dialect == Dialect::Pulsar && self.has_operand() => {
                self.push(start, Kind::Function(CASED.to_owned()));
            }
            '+' if self.dialect == Dialect::Talkwalker => self.plus(start),
            '[' => self.range(start),
            ',' | ';' => self.comma(start, c),
            p if p.is_whitespace() || p.is_control() => {}
            _ => {
                self.at = start;
                self.word(start);
            }
        }
    }

    /// The token that ends where the next one starts.
    pub(super) fn glued(&self, start: usize) -> Option<&Kind> {
        self.out.last().filter(|token| token.span.end == start).map(|token| &token.kind)
    }

    /// What stands here is the value of a field.
    pub(super) fn is_value(&self, start: usize) -> bool {
        matches!(self.glued(start), Some(Kind::Field(_)))
    }

    /// More than a closing bracket follows.
    pub(super) fn has_operand(&self) -> bool {
        self.rest().trim_start().starts_with(|c: char| plain(c) != ')')
    }

    fn open(&mut self, start: usize) {
        let list = match self.out.last().map(|token| &token.kind) {
            Some(Kind::Function(name)) => tables::is_list(self.dialect, name),
            _ => false,
        };
        self.lists.push(list);
        self.push(start, Kind::Open);
    }

    fn comment(&mut self, start: usize) {
        let length = self.rest().find(">>>").map_or(self.rest().len(), |length| length + 3);
        self.at += length;
        let message = "the comment is left out";
        self.report.add("W402", (start, self.at), message, "put it into the file after the translation");
    }

    fn phrase(&mut self, start: usize) {
        self.at += self.peek().map_or(0, char::len_utf8);
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                let message = "the quote that starts here is not closed";
                self.report.add("E401", (start, self.at), message, "add the closing quote");
                break;
            };
            self.at += c.len_utf8();
            match c {
                c if is_quote(c) => break,
                '\\' => {
                    if let Some(next) = self.peek() {
                        self.at += next.len_utf8();
                        text.push(next);
                    }
                }
                c => text.push(c),
            }
        }
        let kind = match self.tilde(start) {
            Some(distance) => Kind::Loose(text, distance),
            None => Kind::Phrase(text),
        };
        self.push(start, kind);
    }

    fn close(&mut self, start: usize) {
        self.lists.pop();
        let kind = self.tilde(start).map_or(Kind::Close, Kind::LooseClose);
        self.push(start, kind);
    }

    /// `~5`.
    fn tilde(&mut self, start: usize) -> Option<u32> {
        let blanks = self.rest().len() - self.rest().trim_start().len();
        let digits = self.rest().get(blanks..)?.strip_prefix('~')?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let distance = digits.get(..length)?.parse().ok();
        if blanks > 0 && distance.is_none() {
            return None;
        }
        let sign = self.at + blanks;
        self.at = sign + 1 + length;
        self.doubt_tilde(start, sign, blanks > 0, distance);
        distance
    }

    fn doubt_tilde(&mut self, start: usize, sign: usize, apart: bool, distance: Option<u32>) {
        let hint = "write \"apple juice\"~5";
        if distance.is_none() {
            self.report.add("E401", (start, self.at), "`~` has no distance after it", hint);
        } else if apart {
            let message = "`~` was read as if no blank stood before it";
            self.report.add("W401", (sign, self.at), message, hint);
        }
    }

    fn range(&mut self, start: usize) {
        match self.rest().find(']') {
            Some(length) => {
                let inner = self.rest()[..length].to_owned();
                self.at += length + 1;
                self.push(start, Kind::Range(inner));
            }
            None => {
                self.at = self.text.len();
                self.report.add("E401", (start, start + 1), "`[` is not closed", "close it with ]");
            }
        }
    }

    pub(super) fn word(&mut self, start: usize) {
        while let Some(c) = self.peek() {
            let ends =
                matches!(plain(c), '(' | ')' | '|' | '[' | ']' | ',' | ';') || plain(c).is_whitespace();
            if ends || is_quote(c) || self.rest().starts_with("<<<") {
                break;
            }
            self.at += c.len_utf8();
            let written = &self.text[start..self.at];
            if plain(c) == ':'
                && is_name(&written[..written.len() - c.len_utf8()])
                && !self.rest().starts_with("//")
            {
                let name = written[..written.len() - c.len_utf8()].to_ascii_lowercase();
                return self.push(start, Kind::Field(name));
            }
        }
        if self.at == start {
            self.at += self.peek().map_or(1, char::len_utf8);
            let message = format!("`{}` means nothing here", &self.text[start..self.at]);
            let hint = "remove it, or put the term in quotes";
            self.report.add("E401", (start, self.at), message, hint);
            return;
        }
        let written = self.text[start..self.at].to_owned();
        let kind = self.operator(start, &written);
        self.push(start, kind);
    }
}

pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}
