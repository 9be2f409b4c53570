//! Wildcards in a term while it is tokenised.

use super::ast::TermText;

/// Two letters of a dead script that stand for the wildcards while a term is tokenised.
#[derive(Clone, Copy)]
pub(super) struct Marks {
    pub(super) run: char,
    pub(super) one: char,
}

impl Marks {
    /// Phoenician letters: they have no case, no accents, and need blanks. If a query really asks for
    /// some of them, others are taken.
    pub(super) fn unused_in(text: &str) -> Marks {
        let mut free = ('\u{10900}'..='\u{10915}').filter(|c| !text.contains(*c));
        Marks { run: free.next().unwrap_or('\u{10900}'), one: free.next().unwrap_or('\u{10901}') }
    }

    pub(super) fn mark(self, term: &TermText) -> String {
        let mark = |(at, c): (usize, char)| match c {
            '*' if term.wildcards.contains(&at) => self.run,
            '?' if term.wildcards.contains(&at) => self.one,
            c => c,
        };
        term.text.char_indices().map(mark).collect()
    }

    /// A ticker is a few letters to the tokeniser, and a tag goes on. The text is as long as before.
    pub(super) fn tickers_as_tags(self, marked: &str) -> String {
        let is_part = |c: &char| c.is_ascii_alphabetic() || self.in_text(c.encode_utf8(&mut [0; 4]));
        let is_wild = |rest: &str| {
            let ticker: String = rest.chars().take_while(is_part).collect();
            let ends = rest[ticker.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
            ends && self.in_text(&ticker)
        };
        let sign = |(at, c): (usize, char)| if c == '$' && is_wild(&marked[at + 1..]) { '#' } else { c };
        marked.char_indices().map(sign).collect()
    }

    pub(super) fn in_text(self, text: &str) -> bool {
        text.contains([self.run, self.one])
    }
}
