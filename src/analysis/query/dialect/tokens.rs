//! A text of any dialect to tokens.

use super::super::ast::SourceSpan;
use super::super::chars::{is_quote, plain};
use super::super::problem::Report;
use super::Dialect;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Word(String),
    Phrase(String),
    /// `"..."~5`.
    Loose(String, u32),
    /// Pulsar's `!"NASA"`.
    Exact(String),
    /// `name:`.
    Field(String),
    /// Cision's and Pulsar's `name(`; the bracket follows as [`Kind::Open`].
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
    let mut cutter = Cutter { text, at: 0, dialect, out: Vec::new(), report };
    while let Some(c) = cutter.peek() {
        cutter.step(c);
    }
    cutter.out
}

struct Cutter<'a> {
    text: &'a str,
    at: usize,
    dialect: Dialect,
    out: Vec<Token>,
    report: &'a mut Report,
}

impl Cutter<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, start: usize, kind: Kind) {
        self.out.push(Token { kind, span: SourceSpan { start, end: self.at } });
    }

    fn step(&mut self, c: char) {
        let start = self.at;
        if self.rest().starts_with("<<<") {
            return self.comment(start);
        }
        if is_quote(c) {
            return self.phrase(start, false);
        }
        self.at += c.len_utf8();
        match plain(c) {
            '(' => self.push(start, Kind::Open),
            ')' => self.close(start),
            '|' => self.push(start, Kind::Or),
            '-' | '−' if self.negates() => self.push(start, Kind::Not),
            '!' if self.dialect == Dialect::Pulsar && self.peek().is_some_and(is_quote) => {
                self.phrase(start, true);
            }
            '[' => self.range(start),
            p if p.is_whitespace() || p.is_control() || matches!(p, ',' | ';') => {}
            _ => {
                self.at = start;
                self.word(start);
            }
        }
    }

    /// A minus that stands before a term and not in one.
    fn negates(&self) -> bool {
        matches!(self.dialect, Dialect::X | Dialect::Talkwalker | Dialect::YouScan)
            && self.peek().is_some_and(|c| !c.is_whitespace() && plain(c) != '-')
    }

    fn comment(&mut self, start: usize) {
        let length = self.rest().find(">>>").map_or(self.rest().len(), |length| length + 3);
        self.at += length;
        let message = "the comment is left out";
        self.report.add("W402", (start, self.at), message, "put it into the file after the translation");
    }

    fn phrase(&mut self, start: usize, exact: bool) {
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
        let kind = match (exact, self.tilde(start)) {
            (true, _) => Kind::Exact(text),
            (false, Some(distance)) => Kind::Loose(text, distance),
            (false, None) => Kind::Phrase(text),
        };
        self.push(start, kind);
    }

    fn close(&mut self, start: usize) {
        let kind = self.tilde(start).map_or(Kind::Close, Kind::LooseClose);
        self.push(start, kind);
    }

    /// `~5`, glued.
    fn tilde(&mut self, start: usize) -> Option<u32> {
        let digits = self.rest().strip_prefix('~')?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let distance = digits.get(..length)?.parse().ok();
        self.at += 1 + length;
        if distance.is_none() {
            let message = "`~` has no distance after it";
            self.report.add("E401", (start, self.at), message, "write \"apple juice\"~5");
        }
        distance
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

    fn word(&mut self, start: usize) {
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
            return self.report.add(
                "E401",
                (start, self.at),
                message,
                "remove it, or put the term in quotes",
            );
        }
        let written = self.text[start..self.at].to_owned();
        let kind = self.operator(start, &written);
        self.push(start, kind);
    }

    fn operator(&mut self, start: usize, written: &str) -> Kind {
        match written {
            "AND" | "&&" => return Kind::And,
            "OR" | "||" => return Kind::Or,
            "NOT" => return Kind::Not,
            _ => {}
        }
        if let Some(near) = self.near(start, written) {
            return near;
        }
        let has_functions = matches!(self.dialect, Dialect::Cision | Dialect::Pulsar);
        let calls = has_functions && self.rest().starts_with('(') && is_name(written);
        if calls { Kind::Function(written.to_ascii_lowercase()) } else { Kind::Word(written.to_owned()) }
    }

    /// The product's way to say NEAR.
    fn near(&mut self, start: usize, written: &str) -> Option<Kind> {
        let near = |distance, ordered| Some(Kind::Near { distance, ordered });
        let (name, digits) =
            written.split_once('/').map_or((written, None), |(name, digits)| (name, Some(digits)));
        let distance = digits.map(str::parse::<u32>);
        match (self.dialect, name, distance) {
            (Dialect::YouScan, "", Some(Ok(distance))) => self.position_distance(start, distance),
            (Dialect::Cision, "w" | "W", Some(Ok(distance))) => {
                let message = "whether the product counts the words in between or the steps is not known";
                let hint = "try the query on some posts and change the number if needed";
                self.report.add("W401", (start, self.at), message, hint);
                near(distance, false)
            }
            (Dialect::X | Dialect::YouScan | Dialect::Cision, ..) => None,
            (_, "NEAR" | "ONEAR", Some(Ok(distance))) => near(distance, name == "ONEAR"),
            (_, "NEAR" | "ONEAR", Some(Err(_))) => {
                let message = format!("`{written}` has no distance in words");
                self.report.add("E401", (start, self.at), message, format!("write {name}/5"));
                near(0, false)
            }
            (Dialect::Meltwater, "NEAR" | "ONEAR", None) => near(4, name == "ONEAR"),
            (_, "NEAR" | "ONEAR", None) => {
                let message = format!("`{written}` has no distance; ten words in between are taken");
                self.report.add("W401", (start, self.at), message, format!("write {name}/10 to say so"));
                near(10, name == "ONEAR")
            }
            _ => None,
        }
    }

    /// `/1` is the next word.
    fn position_distance(&mut self, start: usize, steps: u32) -> Option<Kind> {
        if steps == 0 {
            let message = "`/0` asks for two words in one place";
            self.report.add("E401", (start, self.at), message, "write /1 for words side by side");
        }
        Some(Kind::Near { distance: steps.saturating_sub(1), ordered: false })
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}
