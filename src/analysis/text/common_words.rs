//! Which of the languages that are written in Latin letters a text has common words of.
//!
//! Trained detectors go by runs of letters and err on short texts, which are what posts often are.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// A language a line, its words behind a tab; see `ORIGIN.md` beside it.
const FILE: &str = include_str!("../../../lexicons/languages/words.tsv");
/// More languages than there are lines.
const LANGUAGES: usize = 16;
/// Longer words are not looked up.
const WORD_BYTES: usize = 16;

/// The file, read once: it is asked for every text that is taken for another language than English.
#[derive(Default)]
struct Table {
    /// The languages in the order of their lines.
    codes: Vec<&'static str>,
    /// For each word the languages that have it, a bit each in that order.
    words: FxHashMap<&'static str, u16>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for (line, bit) in FILE.lines().zip(0..) {
        let mut fields = line.split_ascii_whitespace();
        table.codes.extend(fields.next());
        for word in fields {
            *table.words.entry(word).or_default() |= 1 << bit;
        }
    }
    table
});

/// How many common words of each language a text has.
#[derive(Debug, Default)]
pub(super) struct CommonWords([u32; LANGUAGES]);

impl CommonWords {
    /// Of what stands between all that is neither a letter nor an apostrophe.
    pub(super) fn of(text: &str) -> CommonWords {
        let mut found = CommonWords::default();
        let is_part = |c: char| c.is_alphabetic() || c == '\'';
        for word in text.split(|c| !is_part(c)).filter(|word| (1..=WORD_BYTES).contains(&word.len())) {
            let mut lower = [0; WORD_BYTES];
            let lower = &mut lower[..word.len()];
            lower.copy_from_slice(word.as_bytes());
            lower.make_ascii_lowercase();
            let languages = std::str::from_utf8(lower).ok().and_then(|word| TABLE.words.get(word));
            let Some(languages) = languages else { continue };
            (0..).zip(&mut found.0).for_each(|(bit, count)| *count += u32::from(languages >> bit & 1));
        }
        found
    }

    /// How many are of this language; none of one that has no line.
    pub(super) fn in_language(&self, code: &str) -> u32 {
        let line = TABLE.codes.iter().position(|known| *known == code);
        line.and_then(|line| self.0.get(line)).copied().unwrap_or(0)
    }

    /// How many are of the language that has most.
    pub(super) fn most(&self) -> u32 {
        self.0.iter().copied().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_for_each_language_that_has_them() {
        let found = CommonWords::of("THE service, de la nuit!");
        assert_eq!(["en", "fr", "es", "it", "xx"].map(|code| found.in_language(code)), [2, 3, 2, 1, 0]);
        assert_eq!(found.most(), 3);
        assert_eq!(CommonWords::of("don't 微软 naïve").most(), 1);
    }

    #[test]
    fn every_line_is_a_language_with_words() {
        assert!(FILE.lines().count() <= LANGUAGES);
        for line in FILE.lines() {
            let (code, words) = line.split_once('\t').unwrap();
            assert_eq!((code.len(), words.to_lowercase().as_str()), (2, words), "{line}");
            assert!(words.split(' ').all(|word| (1..=WORD_BYTES).contains(&word.len())), "{line}");
        }
    }
}
