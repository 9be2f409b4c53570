//! The house lexicon: words, phrases and emoji with scores of the user's own.
//!
//! **Invariant:** a term is found as it is written, whatever its case, script or width, where it stands by itself:
//! leftmost, longest, not overlapping. What it covers nothing else sees, neither lexicon nor model.

mod terms;

pub use terms::{HouseTerms, TermProblem};

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::cues::{CueKind, Part};
use crate::analysis::text::fold_han;

/// Makes several emoji one.
const JOINER: char = '\u{200d}';

/// Terms and their scores.
#[derive(Clone, Debug, Default)]
pub struct HouseLexicon {
    /// Low bits of the characters that begin a term.
    firsts: Vec<u64>,
    /// By their first two characters, or their only one: runs of `terms`.
    heads: FxHashMap<(char, Option<char>), (usize, usize)>,
    /// The longest of a run first.
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    folded: Box<[char]>,
    points: f64,
    is_symbol: bool,
}

/// A term in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    /// First byte, and one past the last.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Its score; 0 for what says nothing here.
    pub(super) points: f64,
    /// There is no letter in it.
    pub(super) is_symbol: bool,
    /// It is the user's; else of the tables that are built in.
    pub(super) is_house: bool,
}

impl Hit {
    /// As a part of a score; none if it says nothing.
    pub(super) fn part(&self) -> Option<Part> {
        let part = Part { start: self.start, end: self.end, kind: CueKind::House, valence: self.points };
        (self.points != 0.0).then_some(part)
    }
}

/// From the first to the last of the hits that touch `start..end`, that itself if none does; and what they are.
pub(super) fn hits_in(hits: &[Hit], start: u32, end: u32) -> (u32, u32, CueKind) {
    let first = hits.partition_point(|hit| hit.end <= start);
    let touching = hits.get(first..).unwrap_or_default();
    let touching = &touching[..touching.partition_point(|hit| hit.start < end)];
    match touching {
        [] => (start, end, CueKind::House),
        [first, .., last] => (first.start, last.end, kind_of(touching)),
        [only] => (only.start, only.end, kind_of(touching)),
    }
}

fn kind_of(hits: &[Hit]) -> CueKind {
    match hits {
        hits if hits.iter().any(|hit| hit.is_house) => CueKind::House,
        hits if hits.iter().all(|hit| hit.is_symbol) => CueKind::Symbol,
        _ => CueKind::Word,
    }
}

impl HouseLexicon {
    /// The greatest score of a term, and with a minus sign the least: points as in VADER's lexicon.
    pub const POINTS_MAX: f64 = 4.0;

    /// Compiles terms with their scores. Of those that are the same when folded the last counts; empty ones do not.
    pub fn new<'t>(terms: impl IntoIterator<Item = (&'t str, f64)>) -> HouseLexicon {
        let folded = terms.into_iter().map(|(term, points)| (fold_all(term), points));
        let terms: BTreeMap<Vec<char>, f64> = folded.filter(|(term, _)| !term.is_empty()).collect();
        let mut lexicon = HouseLexicon { firsts: vec![0; 1 << 16 >> 6], ..HouseLexicon::default() };
        let mut runs: BTreeMap<(char, Option<char>), Vec<Term>> = BTreeMap::new();
        for (folded, points) in terms {
            let is_symbol = !folded.iter().any(|c| c.is_alphanumeric());
            let head = (folded[0], folded.get(1).copied());
            runs.entry(head).or_default().push(Term { folded: folded.into(), points, is_symbol });
        }
        for (head, mut run) in runs {
            run.sort_by_key(|term| std::cmp::Reverse(term.folded.len()));
            let start = lexicon.terms.len();
            lexicon.terms.extend(run);
            lexicon.heads.insert(head, (start, lexicon.terms.len()));
            let (word, bit) = place_of(head.0);
            lexicon.firsts[word] |= bit;
        }
        lexicon
    }

    /// There is no term in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Appends the terms in `text`, in its order.
    pub(super) fn find(&self, text: &str, hits: &mut Vec<Hit>) {
        let mut ahead = Folded { text, at: 0 };
        let mut before = None;
        loop {
            let here = ahead;
            let Some(first) = ahead.next() else { return };
            let (word, bit) = place_of(first);
            let may_begin = self.firsts.get(word).is_some_and(|bits| bits & bit != 0);
            if let Some((term, end)) = may_begin.then(|| self.longest(here, before)).flatten() {
                let (start, end) = (here.at as u32, end as u32);
                let Term { points, is_symbol, .. } = *term;
                hits.push(Hit { start, end, points, is_symbol, is_house: true });
                ahead.at = end as usize;
                before = term.folded.last().copied();
            } else {
                ahead.at = end_of_name(here, first, before).unwrap_or(ahead.at);
                before = Some(first);
            }
        }
    }

    /// The longest term that begins at `here`, and where it ends.
    fn longest(&self, here: Folded<'_>, before: Option<char>) -> Option<(&Term, usize)> {
        let mut ahead = here;
        let (first, second) = (ahead.next()?, ahead.next());
        let pair = second.and_then(|second| self.run(first, Some(second)));
        let terms = pair.into_iter().chain(self.run(first, None)).flatten();
        terms.filter_map(|term| Some((term, term.end_at(here, before)?))).next()
    }

    fn run(&self, first: char, second: Option<char>) -> Option<&[Term]> {
        let (start, end) = *self.heads.get(&(first, second))?;
        self.terms.get(start..end)
    }
}

impl Term {
    /// Where the term ends if it begins at `here` and stands by itself.
    fn end_at(&self, here: Folded<'_>, before: Option<char>) -> Option<usize> {
        let mut ahead = here;
        if !self.folded.iter().all(|c| ahead.next() == Some(*c)) {
            return None;
        }
        let end = ahead.at;
        let (first, last) = (self.folded.first()?, self.folded.last()?);
        let opens = !before.is_some_and(|before| goes_on(before, *first));
        let closes = match (ahead.next(), ahead.next()) {
            (Some(JOINER), _) => false,
            // can't is not can, but Acme's is Acme.
            (Some('\''), Some(next)) if is_letter(*last) => !is_letter(next) || next == 's',
            (Some(next), _) => !(is_letter(*last) && is_letter(next)),
            (None, _) => true,
        };
        (opens && closes).then_some(end)
    }
}

/// A term that begins with `first` is only the rest of what `before` is part of: of a word, of joined emoji, or of
/// a time such as 6:30, which is no :3.
fn goes_on(before: char, first: char) -> bool {
    before == JOINER || (is_letter(before) && (is_letter(first) || first.is_ascii_punctuation()))
}

/// A letter or digit of a script that puts spaces between words.
fn is_letter(c: char) -> bool {
    let unspaced = matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}');
    c.is_alphanumeric() && !unspaced
}

/// Where a link or a handle ends that begins at `here`: what stands in it is no word of the text.
fn end_of_name(here: Folded<'_>, first: char, before: Option<char>) -> Option<usize> {
    let rest = here.text.get(here.at..)?;
    let begins = |start: &str| rest.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
    let is_link = matches!(first, 'h' | 'w')
        && !before.is_some_and(is_letter)
        && ["http://", "https://", "www."].into_iter().any(begins);
    let length = match first {
        '@' => rest.find(|c: char| !matches!(fold(c), '@' | '_') && !c.is_alphanumeric()),
        _ if is_link => rest.find(|c: char| !c.is_ascii_graphic()),
        _ => return None,
    };
    Some(here.at + length.unwrap_or(rest.len()))
}

fn place_of(c: char) -> (usize, u64) {
    let low = c as usize & 0xffff;
    (low / 64, 1 << (low % 64))
}

fn fold_all(term: &str) -> Vec<char> {
    Folded { text: term.trim(), at: 0 }.collect()
}

/// The characters of a text as they are compared: white space is one space, variation selectors and skin tones belong
/// to the emoji before them.
#[derive(Clone, Copy)]
struct Folded<'t> {
    text: &'t str,
    at: usize,
}

impl Folded<'_> {
    fn skip_while(&mut self, belongs: impl Fn(char) -> bool) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    }
}

impl Iterator for Folded<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let c = self.text.get(self.at..)?.chars().next()?;
        self.at += c.len_utf8();
        if c.is_whitespace() {
            self.skip_while(char::is_whitespace);
            return Some(' ');
        }
        if !c.is_ascii() || self.text.as_bytes().get(self.at).is_some_and(|next| *next >= 0xe0) {
            self.skip_while(|next| matches!(next, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'));
        }
        Some(fold(c))
    }
}

/// Simplified for Traditional, small letters for capitals, half width for full width, straight apostrophes.
fn fold(c: char) -> char {
    match c {
        '\0'..='\x7f' => c.to_ascii_lowercase(),
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xff01 + 0x21).map_or(c, |half| half.to_ascii_lowercase())
        }
        '\u{80}'..='\u{2fff}' => c.to_lowercase().next().unwrap_or(c),
        _ => fold_han(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(terms: &[&str], text: &str, expected: &[&str]) {
        let lexicon = HouseLexicon::new(terms.iter().map(|term| (*term, 1.0)));
        let mut hits = Vec::new();
        lexicon.find(text, &mut hits);
        let found: Vec<_> = hits.iter().map(|hit| &text[hit.start as usize..hit.end as usize]).collect();
        assert_eq!(found, expected, "{terms:?} in {text}");
    }

    #[test]
    fn terms_are_found_whatever_their_case_script_and_width() {
        check(&["sick"], "Sick! so SICK, #sick (sick)", &["Sick", "SICK", "sick", "sick"]);
        check(&["On Fire"], "on  fire, ON\nFIRE", &["on  fire", "ON\nFIRE"]);
        check(&["翻车"], "又翻車了，翻车", &["翻車", "翻车"]);
        check(&["ＧＧ", "géniale"], "gg ＧＧ GÉNIALE", &["gg", "ＧＧ", "GÉNIALE"]);
        check(&["ain't"], "ain’t it", &["ain’t"]);
        check(&["❤️", "👍"], "❤ ❤\u{fe0f} 👍🏽!", &["❤", "❤\u{fe0f}", "👍🏽"]);
    }

    #[test]
    fn terms_stand_by_themselves() {
        check(&["sick"], "sickly homesick sick1 sickо", &[]);
        check(&["sick"], "是sick的 sick's sick-looking 😀sick😀", &["sick", "sick", "sick", "sick"]);
        check(&["can"], "I can't, can I", &["can"]);
        check(&[":3", ":("], "at 6:30 or :3 or note:(a", &[":3"]);
        check(&["👨", "👨\u{200d}👩"], "👨\u{200d}👩 👨 👨\u{200d}👧", &["👨\u{200d}👩", "👨"]);
    }

    #[test]
    fn names_and_links_are_no_words_of_the_text() {
        check(&["sick"], "@sick http://sick.example/sick www.sick.com https://t.cn/a好sick", &["sick"]);
        check(&["sick", "@sick"], "@sick", &["@sick"]);
    }

    #[test]
    fn of_several_the_leftmost_longest_counts() {
        check(&["on fire", "fire", "on"], "on fire on", &["on fire", "on"]);
        check(&["好吃", "不好吃", "好"], "不好吃好吃好", &["不好吃", "好吃", "好"]);
        check(&["a b", "b c d"], "a b c d", &["a b"]);
        check(&["", " "], "a b", &[]);
    }

    /// A full-width `＠` was a handle of no length, and looked at for ever; random texts seldom hold one.
    #[test]
    fn every_character_is_passed() {
        let lexicon = HouseLexicon::new([("sick", 2.0), (":3", 1.0)]);
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let mut hits = Vec::new();
            lexicon.find(&format!("{c}a {c}{c}. sick"), &mut hits);
            assert_eq!(hits.len(), 1, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn the_last_of_the_same_term_counts() {
        let lexicon = HouseLexicon::new([("Sick", 1.0), ("sick", -2.0)]);
        let mut hits = Vec::new();
        lexicon.find("sick", &mut hits);
        assert_eq!(hits, [Hit { start: 0, end: 4, points: -2.0, is_symbol: false, is_house: true }]);
    }
}
