//! Query text to lexemes.
//!
//! **Invariant:** never fails and never stops early; what cannot be read becomes a problem.

use super::ast::{SourceSpan, Term, TermForm, TermText};
use super::chars::{is_blank, is_invisible, is_quote, is_term_char, plain};
use super::fields;
use super::problem::{Fix, Report};
use super::{ranges, written};

/// Most words that may be asked to lie in between.
pub(super) const DISTANCE_MAX: u32 = 1_000;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum LexKind {
    Word(TermText),
    Phrase(TermText),
    Cased(TermText),
    /// A name glued to a colon.
    FieldName(TermText),
    /// What stands between `[` and `]`.
    Range(String),
    Open,
    Close,
    And,
    Or,
    Not,
    Near {
        distance: u32,
        ordered: bool,
    },
    /// `~n`, glued on both sides.
    Tilde(u32),
}

#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) kind: LexKind,
    pub(super) span: SourceSpan,
    /// A blank or a comment stands before it.
    pub(super) spaced: bool,
}

/// Splits `source` into lexemes; problems go to `report`.
pub(super) fn lex(source: &str, report: &mut Report) -> Vec<Lexeme> {
    let mut lexer = Lexer { source, at: 0, literal: Literal::No, spaced: true, out: Vec::new(), report };
    while let Some(c) = lexer.peek() {
        let before = lexer.at;
        lexer.step(c);
        debug_assert!(lexer.at > before, "{c:?} is never read");
    }
    lexer.out
}

/// Is what is read a value of `raw:`, in which every character is what it is?
#[derive(Clone, Copy, PartialEq)]
enum Literal {
    No,
    One,
    List,
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    literal: Literal,
    spaced: bool,
    out: Vec<Lexeme>,
    report: &'a mut Report,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn push(&mut self, start: usize, kind: LexKind) {
        let span = SourceSpan { start, end: self.at };
        self.literal = match (&kind, self.literal) {
            (LexKind::FieldName(name), _) if fields::is_literal(&name.text) => Literal::One,
            (LexKind::Open, Literal::One) => Literal::List,
            (LexKind::Word(_) | LexKind::Phrase(_) | LexKind::Or, Literal::List) => Literal::List,
            _ => Literal::No,
        };
        self.out.push(Lexeme { kind, span, spaced: self.spaced });
        self.spaced = false;
    }

    fn step(&mut self, c: char) {
        let start = self.at;
        if self.rest().starts_with("<<<") {
            return self.comment(start);
        }
        if is_quote(c) {
            return self.phrase(start);
        }
        match plain(c) {
            _ if is_blank(c) => {
                self.at += c.len_utf8();
                self.spaced = true;
            }
            _ if is_invisible(c) => self.at += c.len_utf8(),
            '(' | ')' => {
                self.at += c.len_utf8();
                self.push(start, if plain(c) == '(' { LexKind::Open } else { LexKind::Close });
            }
            '{' => self.cased(start),
            '[' => self.range(start),
            '~' => self.tilde(start),
            ':' => self.colon(start),
            '\\' => self.word(start),
            _ if is_term_char(c) => self.word(start),
            _ => self.ignored(start, c),
        }
    }

    fn ignored(&mut self, start: usize, c: char) {
        self.at += c.len_utf8();
        let span = (start, self.at);
        self.spaced = true;
        if matches!(c, '}' | ']') {
            let message = format!("`{c}` closes nothing");
            let added = self.report.add("E107", span, message, "remove it, or put the term in quotes");
            return added.fix(Fix::new(span, ""));
        }
        if c.is_control() {
            return;
        }
        self.report.read_as_blank(span, c);
    }

    fn comment(&mut self, start: usize) {
        self.spaced = true;
        match self.rest().find(">>>") {
            Some(length) => self.at += length + 3,
            None => {
                self.at = self.source.len();
                let message = "the comment that starts here is not closed";
                let fix = Fix::new((self.at, self.at), " >>>");
                self.report.add("E106", (start, start + 3), message, "close it with >>>").fix(fix);
            }
        }
    }

    fn phrase(&mut self, start: usize) {
        self.bump();
        let (text, closed) = self.enclosed(is_quote);
        if !closed {
            let message = "the quote that starts here is not closed";
            let fix = self.closing('"');
            self.report.add("E101", (start, self.at), message, "add the closing quote").fix(fix);
        }
        self.push(start, LexKind::Phrase(text));
    }

    fn cased(&mut self, start: usize) {
        self.bump();
        let (text, closed) = self.enclosed(|c| plain(c) == '}');
        if !closed {
            let message = "the brace that starts here is not closed";
            let fix = self.closing('}');
            let hint = format!("add the closing brace: {{{}}}", text.text.trim());
            self.report.add("E107", (start, self.at), message, hint).fix(fix);
        }
        if !text.wildcards.is_empty() {
            let message = "inside braces there are no wildcards";
            let literal = TermText { wildcards: Vec::new(), ..text.clone() };
            let literal = written::term(&Term { form: TermForm::Cased, text: literal });
            let hint = format!("write the wildcard outside of braces, or escape the character: {literal}");
            self.report.add("E112", (start, self.at), message, hint).fix(Fix::new((start, self.at), literal));
        }
        self.push(start, LexKind::Cased(text));
    }

    /// The closing sign at the end of all text, where a backslash does not make it a letter.
    fn closing(&self, sign: char) -> Option<Fix> {
        let is_free = !self.source.ends_with(['\\', '＼']);
        is_free.then(|| Fix::new((self.at, self.at), sign))
    }

    /// Text up to a closing character, which is consumed. The flag says whether it was there.
    fn enclosed(&mut self, closes: impl Fn(char) -> bool) -> (TermText, bool) {
        let mut text = TermText::default();
        while let Some(c) = self.bump() {
            if closes(c) {
                return (text, true);
            }
            self.take(c, &mut text);
        }
        (text, false)
    }

    /// Adds one character, the next one as it is if this is a backslash.
    fn take(&mut self, c: char, text: &mut TermText) {
        match plain(c) {
            '*' if self.rest().trim_start_matches('\u{FE0F}').starts_with('\u{20E3}') => {
                // A key of a telephone, which is an emoji.
                text.escaped.push(text.text.len());
                text.text.push(c);
            }
            '\\' => {
                if let Some(literal) = self.bump() {
                    text.escaped.push(text.text.len());
                    text.text.push(literal);
                }
            }
            '*' | '?' => {
                text.wildcards.push(text.text.len());
                text.text.push(if self.literal == Literal::No { plain(c) } else { c });
            }
            _ => text.text.push(c),
        }
    }

    fn range(&mut self, start: usize) {
        self.bump();
        let mut inner = String::new();
        while let Some(c) = self.peek().map(plain).filter(|c| !matches!(c, '(' | ')' | '[' | '"')) {
            self.bump();
            if c == ']' {
                return self.push(start, LexKind::Range(inner));
            }
            inner.push(c);
        }
        // What follows is read as if the range ended with its line.
        let line = self.source.get(start..self.at).and_then(|text| text.find('\n'));
        self.at = line.map_or(self.at, |length| start + length);
        let message = "the range that starts here is not closed";
        let written = ranges::of_two(inner.trim());
        let hint = format!("close it: {}", written.as_deref().unwrap_or("[500 TO 1000]"));
        let fix = written.map(|range| Fix::new((start, self.at), range));
        self.report.add("E105", (start, self.at), message, hint).fix(fix);
        self.push(start, LexKind::Range(String::new()));
    }

    fn tilde(&mut self, start: usize) {
        self.bump();
        let glued = !self.spaced && self.out.last().is_some_and(|last| takes_tilde(&last.kind));
        let blanks = self.rest().len() - self.rest().trim_start_matches(' ').len();
        let is_digit = |c: char| c.is_ascii_digit();
        let tail: String = self.rest()[blanks..].chars().take_while(|c| is_term_char(*c)).collect();
        if tail.trim_start_matches('-').starts_with(is_digit) {
            self.at += blanks + tail.len();
        }
        let is_number = !tail.is_empty() && tail.chars().all(is_digit);
        match is_number && glued && blanks == 0 {
            true => self.finish_tilde(start, &tail),
            false => self.loose_tilde(start, &tail),
        }
    }

    fn loose_tilde(&mut self, start: usize, tail: &str) {
        let message = "`~` must stand directly between a phrase or bracket and a number";
        let digits: String = tail.trim_start_matches('-').chars().take_while(char::is_ascii_digit).collect();
        let distance = if digits.is_empty() { "5" } else { &digits };
        let before = self.out.last().filter(|last| takes_tilde(&last.kind)).map(|last| last.span);
        let shown = before.and_then(|span| self.source.get(span.start..span.end)).filter(|text| *text != ")");
        let hint = format!("write {}~{distance} without blanks around ~", shown.unwrap_or("\"apple juice\""));
        // What follows would be a part of the number.
        let blank = if self.peek().is_some_and(is_term_char) { " " } else { "" };
        let fix = before.map(|span| Fix::new((span.end, self.at), format!("~{distance}{blank}")));
        self.report.add("E103", (start, self.at), message, hint).fix(fix);
    }

    fn finish_tilde(&mut self, start: usize, digits: &str) {
        let distance = self.distance(start, digits);
        self.push(start, LexKind::Tilde(distance));
    }

    /// Of digits; more than fit a number are too many in any case.
    fn distance(&mut self, start: usize, digits: &str) -> u32 {
        let distance = digits.parse().unwrap_or(u32::MAX);
        if distance > DISTANCE_MAX {
            let message = format!("the distance {digits} is greater than {DISTANCE_MAX}");
            let greatest = self.source[start..self.at].replacen(digits, &DISTANCE_MAX.to_string(), 1);
            let hint = format!("write {greatest}, or use AND to ask for both anywhere in the post");
            let fix = Fix::new((start, self.at), greatest);
            self.report.add("E213", (start, self.at), message, hint).fix(fix);
        }
        distance
    }

    fn colon(&mut self, start: usize) {
        self.bump();
        let (source, last) = (self.source, self.out.last_mut());
        // A word before it that is a field was meant as one: one problem is enough.
        let field = last.filter(
            |last| matches!(&last.kind, LexKind::Word(text) if fields::by_name(&text.text).is_some()),
        );
        let fix = field.as_ref().map(|last| Fix::new((last.span.end, self.at), ":"));
        let name = field.as_ref().and_then(|last| source.get(last.span.start..last.span.end));
        let hint = format!(
            "write {}:value without a blank before the colon; to search for a colon use quotes",
            name.unwrap_or("name")
        );
        if let Some(Lexeme { kind, .. }) = field
            && let LexKind::Word(text) = kind
        {
            *kind = LexKind::FieldName(std::mem::take(text));
        }
        self.report.add("E102", (start, self.at), "a colon stands alone", hint).fix(fix);
    }

    fn word(&mut self, start: usize) {
        let mut text = TermText::default();
        while let Some(c) = self.peek() {
            if self.rest().starts_with("<<<") || is_quote(c) {
                break;
            }
            if plain(c) == ':' {
                if self.is_address(&text) {
                    return self.address(start, text);
                }
                self.bump();
                return self.push(start, LexKind::FieldName(text));
            }
            if is_invisible(c) {
                self.bump();
                continue;
            }
            if plain(c) != '\\' && !is_term_char(c) && !self.parts_digits(c, &text) {
                break;
            }
            self.bump();
            self.take(c, &mut text);
        }
        let kind = self.operator(start, &text).unwrap_or(LexKind::Word(text));
        self.push(start, kind);
    }

    /// The comma that comes next is meant as a part of a number: it is told as one that no field takes.
    fn parts_digits(&self, c: char, text: &TermText) -> bool {
        let is_digit = |c: char| c.is_ascii_digit();
        let is_asked = self.out.last().is_some_and(|last| match &last.kind {
            LexKind::FieldName(name) => fields::is_number(&name.text),
            _ => false,
        });
        let begun = text.text.ends_with(is_digit) && text.text.trim_start_matches('-').starts_with(is_digit);
        plain(c) == ',' && begun && is_asked && self.rest()[c.len_utf8()..].starts_with(is_digit)
    }

    /// The colon that comes next belongs to an address. `https:x` is one too, as analysts write it.
    fn is_address(&self, scheme: &TermText) -> bool {
        let after = self.rest().chars().nth(1);
        match scheme.text.to_ascii_lowercase().as_str() {
            "http" | "https" | "ftp" => after.is_some_and(|c| is_term_char(c) && !is_quote(c)),
            "at" => self.rest().starts_with("://"),
            _ => false,
        }
    }

    /// A full address is one word, with no wildcard but `*`.
    fn address(&mut self, start: usize, mut text: TermText) {
        while let Some(c) = self.peek() {
            let part_of_it = is_term_char(c) || matches!(c, ':' | ',' | '\\');
            if !part_of_it {
                break;
            }
            self.bump();
            match c {
                '?' => text.text.push(c),
                _ => self.take(c, &mut text),
            }
        }
        self.push(start, LexKind::Word(text));
    }

    fn operator(&mut self, start: usize, text: &TermText) -> Option<LexKind> {
        if !text.escaped.is_empty() {
            return None;
        }
        match text.text.as_str() {
            "AND" => Some(LexKind::And),
            "OR" => Some(LexKind::Or),
            "NOT" => Some(LexKind::Not),
            other => {
                if let Some(distance) = other.strip_prefix("NEAR/") {
                    return Some(self.near(start, distance));
                }
                self.warn_lower_case(start, other);
                None
            }
        }
    }

    fn near(&mut self, start: usize, distance: &str) -> LexKind {
        let digits = distance.strip_suffix(['f', 'F']).unwrap_or(distance);
        let ordered = digits.len() < distance.len();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match is_number {
            true => LexKind::Near { distance: self.distance(start, digits), ordered },
            false => {
                let message = format!("`NEAR/{distance}` has no distance in words");
                let number: String = digits.chars().filter(char::is_ascii_digit).take(3).collect();
                let number = if number.is_empty() { "5" } else { &number };
                let hint = format!("write NEAR/{number}, or NEAR/{number}f to keep the order");
                let fix = format!("NEAR/{number}{}", if ordered { "f" } else { "" });
                let added = self.report.add("E213", (start, self.at), message, hint);
                added.fix(Fix::new((start, self.at), fix));
                LexKind::Near { distance: 0, ordered }
            }
        }
    }

    fn warn_lower_case(&mut self, start: usize, word: &str) {
        let upper = word.to_ascii_uppercase();
        let operator = match upper.as_str() {
            "AND" | "OR" | "NOT" => upper.as_str(),
            _ if upper == "NEAR" && word == "NEAR" => "NEAR/5",
            _ if upper.starts_with("NEAR/") => upper.as_str(),
            _ => return,
        };
        let span = (start, self.at);
        // Nothing stands before the first word that it could join.
        let fix = if self.out.is_empty() { format!("\"{word}\"") } else { operator.to_owned() };
        self.report.ordinary_word(span, word, operator).fix(Fix::new(span, fix));
    }
}

fn takes_tilde(kind: &LexKind) -> bool {
    matches!(kind, LexKind::Word(_) | LexKind::Phrase(_) | LexKind::Cased(_) | LexKind::Close)
}
