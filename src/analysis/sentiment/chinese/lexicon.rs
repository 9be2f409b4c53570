//! Words, tags, emoji and modifiers as one set of patterns.
//!
//! **Invariant:** patterns are folded as texts are (`fold`), so that a pattern can match; the first
//! file to name a pattern decides its kind, the words file its score.

use rustc_hash::FxHashMap;

use super::{
    super::{house::Hit, kaomoji::Face, symbols::Symbols},
    fold::fold,
    patterns::Patterns,
};

const MODIFIERS: &str = include_str!("../../../../lexicons/zh/modifiers.tsv");
const WORDS: &str = include_str!("../../../../lexicons/zh/words.tsv");
const TAGS: &str = include_str!("../../../../lexicons/zh/tags.tsv");

/// What a pattern does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// Carries a score of its own, which modifiers change.
    Word,
    /// Carries a score of its own, which nothing changes: a tag, an emoji, an emoticon.
    Symbol,
    /// Keeps a shorter pattern inside it from matching: 好像, 不但.
    Nothing,
    /// The same, and no model is told of it: 不得不说 has negations and denies nothing.
    Idle,
    /// Multiplies the next word by a negative factor.
    Negation(f64),
    /// Multiplies the next word.
    Degree(f64),
    /// Multiplies the next word if that follows at once (好开心), else is a word itself (好).
    Before(f64),
    /// Multiplies the word right before it (开心死了), else is a word itself, if it has a score.
    After(f64),
    /// 难道 and its like: a negation behind it in the clause denies nothing.
    Rhetorical,
    /// 但是 and its like.
    Contrast,
    /// Ends the reach of a modifier.
    Clause,
    /// Ends the reach of a modifier and of a contrast.
    Sentence,
    /// Ends a sentence and adds weight.
    Exclamation,
}

/// A pattern's effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Valence in points, about -4 to 4.
    pub(super) score: f64,
    /// Begins or ends with an ASCII letter or digit, so it must not lie inside a longer such word.
    pub(super) latin: bool,
}

/// A pattern found in a folded text, by the positions of characters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) entry: Entry,
    /// From the house lexicon.
    pub(super) house: bool,
}

impl From<&Hit> for Found {
    fn from(hit: &Hit) -> Found {
        let kind = match hit.is_symbol {
            _ if hit.points == 0.0 => Kind::Nothing,
            true => Kind::Symbol,
            false => Kind::Word,
        };
        let entry = Entry { kind, score: hit.points, latin: false };
        Found { start: hit.start as usize, end: hit.end as usize, entry, house: true }
    }
}

/// The patterns and what they mean.
pub(super) struct Lexicon {
    patterns: Patterns,
    entries: Vec<Entry>,
}

impl Lexicon {
    /// Compiles the built-in files; takes some milliseconds.
    pub(super) fn builtin(symbols: &Symbols, faces: &[Face]) -> Lexicon {
        let mut table = Table::default();
        table.add_modifiers();
        table.add_scores(WORDS, Kind::Word);
        table.add_scores(TAGS, Kind::Symbol);
        for (symbol, points) in symbols.all() {
            table.add(&symbol, Kind::Symbol, points);
        }
        for (face, points) in faces {
            table.add(face, if *points == 0.0 { Kind::Nothing } else { Kind::Symbol }, *points);
        }
        table.compile()
    }

    /// The patterns in a folded text, leftmost, longest, not overlapping; and `hits`, by the positions of characters,
    /// between which they are sought. `places` is a buffer.
    pub(super) fn each(
        &self,
        text: &[char],
        hits: &[Hit],
        places: &mut Vec<u32>,
        mut take: impl FnMut(&Found),
    ) {
        let mut from = 0;
        for hit in hits {
            self.between(text, (from, hit.start as usize), places, &mut take);
            take(&hit.into());
            from = hit.end as usize;
        }
        self.between(text, (from, text.len()), places, &mut take);
    }

    fn between(
        &self,
        text: &[char],
        (from, to): (usize, usize),
        places: &mut Vec<u32>,
        take: &mut impl FnMut(&Found),
    ) {
        self.patterns.each(text.get(from..to).unwrap_or_default(), places, |m| {
            let (start, end) = (from + m.start, from + m.end);
            let Some(entry) = self.entries.get(m.value as usize).copied() else { return };
            if !entry.latin || stands_alone(text, start, end) {
                take(&Found { start, end, entry, house: false });
            }
        });
    }
}

impl std::fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lexicon").field("patterns", &self.entries.len()).finish_non_exhaustive()
    }
}

/// No ASCII letter or digit touches `start..end`.
fn stands_alone(text: &[char], start: usize, end: usize) -> bool {
    let touches = |i: Option<usize>| i.and_then(|i| text.get(i)).is_some_and(char::is_ascii_alphanumeric);
    !touches(start.checked_sub(1)) && !touches(Some(end))
}

/// The patterns while they are gathered.
#[derive(Default)]
struct Table {
    index: FxHashMap<String, usize>,
    patterns: Vec<(String, Entry)>,
}

impl Table {
    fn add_modifiers(&mut self) {
        for line in MODIFIERS.lines() {
            let mut fields = line.split('\t');
            let (Some(kind), Some(word)) = (fields.next(), fields.next()) else { continue };
            let percent = fields.next().and_then(|p| p.parse::<f64>().ok());
            if let Some(kind) = kind_of(kind, percent.unwrap_or(100.0) / 100.0) {
                self.add(word, kind, 0.0);
            }
        }
        for space in [" ", "\t", "\u{3000}"] {
            self.add(space, Kind::Clause, 0.0);
        }
        self.add("\n", Kind::Sentence, 0.0);
    }

    /// Lines `pattern<TAB>score`, the score in tenths of a point; 0 is "no sentiment word".
    fn add_scores(&mut self, file: &str, kind: Kind) {
        for line in file.lines() {
            let Some((word, score)) = line.split_once('\t') else { continue };
            let Ok(tenths) = score.parse::<i32>() else { continue };
            let kind = if tenths == 0 { Kind::Nothing } else { kind };
            self.add(word, kind, f64::from(tenths) / 10.0);
        }
    }

    fn add(&mut self, pattern: &str, kind: Kind, score: f64) {
        let pattern: String = pattern.chars().map(fold).collect();
        if let Some(&known) = self.index.get(&pattern) {
            self.fill_in_score(known, score);
            return;
        }
        let alphanumeric = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let latin = alphanumeric(pattern.as_bytes().first()) || alphanumeric(pattern.as_bytes().last());
        self.index.insert(pattern.clone(), self.patterns.len());
        self.patterns.push((pattern, Entry { kind, score, latin }));
    }

    /// 好 and 死了 are modifiers and words at once.
    fn fill_in_score(&mut self, known: usize, score: f64) {
        if let Some((_, entry)) = self.patterns.get_mut(known)
            && matches!(entry.kind, Kind::Before(_) | Kind::After(_))
            && entry.score == 0.0
        {
            entry.score = score;
        }
    }

    fn compile(self) -> Lexicon {
        let patterns = self.patterns.iter().enumerate().map(|(i, (p, _))| (p.as_str(), i as u32));
        let patterns = Patterns::new(patterns);
        Lexicon { patterns, entries: self.patterns.into_iter().map(|(_, entry)| entry).collect() }
    }
}

fn kind_of(name: &str, factor: f64) -> Option<Kind> {
    Some(match name {
        "negation" => Kind::Negation(factor),
        "degree" => Kind::Degree(factor),
        "before" => Kind::Before(factor),
        "after" => Kind::After(factor),
        "rhetorical" => Kind::Rhetorical,
        "contrast" => Kind::Contrast,
        "clause" => Kind::Clause,
        "sentence" => Kind::Sentence,
        "exclamation" => Kind::Exclamation,
        "nothing" => Kind::Nothing,
        "idle" => Kind::Idle,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_modifiers_is_understood() {
        for line in MODIFIERS.lines() {
            let kind = line.split('\t').next().unwrap();
            assert!(kind_of(kind, 1.0).is_some(), "{line}");
        }
    }

    #[test]
    fn every_line_of_the_scores_is_understood() {
        for line in WORDS.lines().chain(TAGS.lines()) {
            let (pattern, score) = line.split_once('\t').unwrap();
            assert!(!pattern.is_empty() && (-40..=40).contains(&score.parse::<i32>().unwrap()), "{line}");
        }
    }
}
