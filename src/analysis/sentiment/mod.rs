//! Sentiment of a text: a label and a graded score.
//!
//! **Invariant:** pure; a score is defined for every string, lies in -1..=1 and depends on nothing
//! but the text, the language and the lexicons built into the program.
//!
//! English goes by the rules of VADER, Chinese by rules and a lexicon of earful's own, every other
//! language by its emoji and emoticons alone. How good each is stands in `docs/sentiment.md`.

mod chinese;
mod english;
mod rounding;
mod symbols;

use chinese::{Chinese, ChineseScratch};
use english::{English, EnglishScratch};
use symbols::Symbols;

use crate::model::{Language, Polarity, Score};

/// Label and graded score of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentiment {
    /// Three-way label, by the cut-offs of the language's rules.
    pub polarity: Polarity,
    /// Graded score, -1 to 1 in steps of 1e-4.
    pub score: Score,
}

/// From here up a text is positive, and from `negative` down negative; in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutOffs {
    /// Least score of a positive text.
    pub positive: i32,
    /// Greatest score of a negative text.
    pub negative: i32,
}

impl CutOffs {
    /// VADER's own: 0.05 on either side.
    pub const ENGLISH: CutOffs = CutOffs { positive: 500, negative: -500 };

    /// Chosen for the greatest macro recall of the three labels; see `docs/sentiment.md`.
    pub const CHINESE: CutOffs = CutOffs { positive: 500, negative: -500 };

    fn label(self, score: Score) -> Sentiment {
        let polarity = match score.e4() {
            e4 if e4 >= self.positive => Polarity::Positive,
            e4 if e4 <= self.negative => Polarity::Negative,
            _ => Polarity::Neutral,
        };
        Sentiment { polarity, score }
    }
}

/// Something in a text that gave to its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cue {
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: CueKind,
    /// Its part of the score. The parts of a text add up to its score, up to rounding.
    pub contribution: f64,
}

/// What a [`Cue`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CueKind {
    /// A word or fixed phrase, with what negations and degree words made of it.
    Word,
    /// An emoji, an emoticon such as `:)`, or a tag such as `[哈哈]`.
    Symbol,
    /// All exclamation and question marks together; the span is the whole text.
    Marks,
}

/// Buffers that scoring reuses, so that no text allocates once they have grown.
#[derive(Debug, Default)]
pub struct SentimentScratch {
    english: EnglishScratch,
    chinese: ChineseScratch,
}

/// The rules and lexicons of every language, built once.
#[derive(Debug)]
pub struct Scorer {
    english: English,
    chinese: Chinese,
    symbols: Symbols,
}

/// Which rules a text is scored by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rules {
    English,
    Chinese,
    Symbols,
}

impl Scorer {
    /// The scorer over the lexicons that come with the program. Takes some milliseconds; build one and
    /// share it.
    #[must_use]
    pub fn builtin() -> Scorer {
        let english = English::builtin();
        let symbols = Symbols::new(&english);
        let chinese = Chinese::builtin(&symbols);
        Scorer { english, chinese, symbols }
    }

    /// Scores `text` by the rules of `language`.
    ///
    /// ```
    /// use earful::analysis::sentiment::{Scorer, SentimentScratch};
    /// use earful::model::{Language, Polarity};
    /// let scorer = Scorer::builtin();
    /// let found = scorer.score("VADER is smart, handsome, and funny.", Language::EN, &mut SentimentScratch::default());
    /// assert_eq!(found.polarity, Polarity::Positive);
    /// assert_eq!(found.score.e4(), 8316);
    /// ```
    #[must_use]
    pub fn score(&self, text: &str, language: Language, scratch: &mut SentimentScratch) -> Sentiment {
        match rules_for(text, language) {
            Rules::English => CutOffs::ENGLISH.label(self.english.score(text, &mut scratch.english)),
            Rules::Chinese => CutOffs::CHINESE.label(self.chinese.score(text, &mut scratch.chinese)),
            Rules::Symbols => CutOffs::ENGLISH.label(self.symbols.score(text)),
        }
    }

    /// What in `text` made its score, in the order of the text. Slower than [`Scorer::score`]; for
    /// showing one post to a person.
    #[must_use]
    pub fn explain(&self, text: &str, language: Language, scratch: &mut SentimentScratch) -> Vec<Cue> {
        let mut cues = Vec::new();
        match rules_for(text, language) {
            Rules::English => self.english.explain(text, &mut scratch.english, &mut cues),
            Rules::Chinese => self.chinese.explain(text, &mut scratch.chinese, &mut cues),
            Rules::Symbols => self.symbols.explain(text, &mut cues),
        }
        cues
    }
}

/// A text of unknown language is Chinese if it holds Chinese characters and no kana, else English:
/// short posts are often unknown, and most of them are in one of the two.
fn rules_for(text: &str, language: Language) -> Rules {
    match language {
        Language::EN => Rules::English,
        language if language.is_chinese() => Rules::Chinese,
        Language::UNKNOWN if text.is_ascii() => Rules::English,
        Language::UNKNOWN => rules_for_unknown(text),
        _ => Rules::Symbols,
    }
}

fn rules_for_unknown(text: &str) -> Rules {
    let mut rules = Rules::English;
    for c in text.chars() {
        match c {
            '\u{3041}'..='\u{30ff}' => return Rules::Symbols,
            '\u{3400}'..='\u{9fff}' => rules = Rules::Chinese,
            _ => {}
        }
    }
    rules
}
