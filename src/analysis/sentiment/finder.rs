//! Wordings of a table, found in one pass over a text.

use aho_corasick::AhoCorasick;

use super::notation::Pattern;

/// Longest text in a gap, in bytes, and how many words.
const GAP_BYTES: usize = 40;
const GAP_WORDS: usize = 5;

/// What a word that is searched for is part of.
#[derive(Clone, Copy, Debug)]
enum Part<T> {
    Whole(T),
    /// What stands before the gap of this pattern.
    Head(usize),
    /// What stands behind it.
    Tail(usize, T),
}

/// The head of a pattern in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    number: usize,
    start: usize,
    end: usize,
}

/// Patterns and what each says.
#[derive(Debug)]
pub(super) struct Finder<T> {
    /// None if the tables cannot be compiled, which a test rules out: then nothing is found.
    automaton: Option<AhoCorasick>,
    /// By number of what is searched for.
    parts: Vec<Part<T>>,
    /// Words stand between spaces.
    spaced: bool,
}

impl<T: Copy> Finder<T> {
    /// Compiles patterns.
    pub(super) fn new(patterns: impl Iterator<Item = (T, Pattern)>, spaced: bool) -> Finder<T> {
        let mut searched: Vec<(String, Part<T>)> = Vec::new();
        for (number, (value, (heads, tails))) in patterns.enumerate() {
            let first = if tails.is_empty() { Part::Whole(value) } else { Part::Head(number) };
            searched.extend(heads.into_iter().map(|head| (head, first)));
            searched.extend(tails.into_iter().map(|tail| (tail, Part::Tail(number, value))));
        }
        let (words, parts): (Vec<String>, Vec<Part<T>>) = searched.into_iter().unzip();
        Finder { automaton: AhoCorasick::new(words).ok(), parts, spaced }
    }

    /// The tables could be compiled.
    #[cfg(test)]
    pub(super) fn is_compiled(&self) -> bool {
        self.automaton.is_some()
    }

    /// Every pattern in `lower`, a text in lower case, with its first byte and one past the last; by its ends. `heads` is
    /// a buffer.
    pub(super) fn each(&self, lower: &str, heads: &mut Vec<Head>, mut take: impl FnMut(usize, usize, T)) {
        heads.clear();
        for found in self.automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(lower)) {
            let (start, end) = (found.start(), found.end());
            if self.spaced && !is_word(lower, start, end) {
                continue;
            }
            match self.parts[found.pattern().as_usize()] {
                Part::Whole(value) => take(start, end, value),
                Part::Head(number) => heads.push(Head { number, start, end }),
                Part::Tail(number, value) => {
                    if let Some(start) = head_of(heads, number, lower, start) {
                        take(start, end, value);
                    }
                }
            }
        }
    }
}

/// Where the nearest head of this pattern begins before `tail`. `heads` have ascending ends.
fn head_of(heads: &[Head], number: usize, lower: &str, tail: usize) -> Option<usize> {
    let near = heads.iter().rev().take_while(|head| head.end + GAP_BYTES >= tail);
    let mut own = near.filter(|head| head.number == number && head.end <= tail);
    own.find(|head| is_gap(&lower[head.end..tail])).map(|head| head.start)
}

fn is_gap(between: &str) -> bool {
    let ends =
        |c: char| matches!(c, '.' | '!' | '?' | ';' | ',' | '\n' | '。' | '！' | '？' | '；' | '，' | '、');
    !between.contains(ends) && between.split_whitespace().count() <= GAP_WORDS
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let inner = &text[start..end];
    let begins = !letter(inner.chars().next()) || !letter(text[..start].chars().next_back());
    let ends = !letter(inner.chars().next_back()) || !letter(text[end..].chars().next());
    begins && ends
}
