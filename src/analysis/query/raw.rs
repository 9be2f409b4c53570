//! `raw:` the literal string, case and every symbol, bounded by non-word characters.

use memchr::memmem::Finder;
use unicode_normalization::char::is_combining_mark;

use super::ast::TermText;
use super::chars::{is_symbol, is_unspaced};

/// A literal to be found in the original text.
#[derive(Debug)]
pub(super) struct RawText {
    finder: Finder<'static>,
    /// The ends need a boundary: they are not letters of a script without blanks.
    bounded: (bool, bool),
}

impl RawText {
    pub(super) fn new(literal: &str) -> RawText {
        let bounded = |c: Option<char>| c.is_some_and(|c| !is_unspaced(c));
        let bounded = (bounded(literal.chars().next()), bounded(literal.chars().next_back()));
        RawText { finder: Finder::new(literal.as_bytes()).into_owned(), bounded }
    }

    /// Signs that stand in no word, such as `€`: found wherever they are. `None` if the text has none.
    pub(super) fn signs(text: &TermText) -> Option<RawText> {
        let signs = text.text.trim();
        let finder = Finder::new(signs.as_bytes()).into_owned();
        has_sign(text).then_some(RawText { finder, bounded: (false, false) })
    }

    /// Byte ranges of the places in `text`, ascending, not overlapping.
    pub(super) fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
        let length = self.finder.needle().len();
        let mut free_from = 0;
        // Overlapping candidates are looked at one by one: the first may lack its boundary.
        let mut from = 0;
        std::iter::from_fn(move || {
            if length == 0 {
                return None;
            }
            loop {
                let start = from + self.finder.find(text.as_bytes().get(from..)?)?;
                from = start + 1;
                if start >= free_from && self.stands_alone(text, start, start + length) {
                    free_from = start + length;
                    return Some((start as u32, (start + length) as u32));
                }
            }
        })
    }

    fn stands_alone(&self, text: &str, start: usize, end: usize) -> bool {
        let in_word = |c: char| c.is_alphanumeric() || c == '_' || is_combining_mark(c);
        let open = |c: Option<char>| !c.is_some_and(|c| in_word(c) && !is_unspaced(c));
        let before = text.get(..start).is_some_and(|head| open(head.chars().next_back()));
        let after = text.get(end..).is_some_and(|tail| open(tail.chars().next()));
        (before || !self.bounded.0) && (after || !self.bounded.1)
    }
}

/// The term holds a sign that has to be in its place.
pub(super) fn has_sign(text: &TermText) -> bool {
    let escaped = |at: &usize| text.text[*at..].starts_with(['?', '*']);
    text.text.contains(is_symbol) || text.escaped.iter().any(escaped)
}

#[cfg(test)]
mod tests {
    use super::RawText;

    fn check(literal: &str, text: &str, expected: &[(u32, u32)]) {
        assert_eq!(RawText::new(literal).places(text).collect::<Vec<_>>(), expected, "{literal} in {text}");
    }

    #[test]
    fn finds_the_exact_string_between_boundaries() {
        check("Google+", "Google+ rules, Google+", &[(0, 7), (15, 22)]);
        check("Google+", "google+ rules", &[]);
        check("Google", "Googles Google", &[(8, 14)]);
        check("7-Eleven!", "(7-Eleven!)", &[(1, 10)]);
        check("微软", "在微软工作", &[(3, 9)]);
        check("aa", "aaa aa", &[(4, 6)]);
        check(":-)", "so :-) :-)", &[(3, 6), (7, 10)]);
    }
}
