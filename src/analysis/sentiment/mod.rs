//! Sentiment of a text: a label and a graded score.
//!
//! **Invariant:** pure; a score is defined for every string, lies in -1..=1 and depends on nothing
//! but the text, the language and the lexicons built into the program.

use crate::model::{Language, Polarity, Score};

/// Label and graded score of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentiment {
    /// Three-way label, by the cut-offs of the language's rules.
    pub polarity: Polarity,
    /// Graded score, -1 to 1 in steps of 1e-4.
    pub score: Score,
}

/// Buffers that scoring reuses, so that no text allocates once they have grown.
#[derive(Debug, Default)]
pub struct SentimentScratch {}

/// The rules and lexicons of every language, built once.
#[derive(Debug)]
pub struct Scorer {}

impl Scorer {
    /// The scorer over the lexicons that come with the program.
    #[must_use]
    pub fn builtin() -> Scorer {
        Scorer {}
    }

    /// Scores `text` by the rules of `language`.
    #[must_use]
    pub fn score(&self, text: &str, language: Language, scratch: &mut SentimentScratch) -> Sentiment {
        let _ = (text, language, scratch);
        let score = Score::default();
        Sentiment { polarity: score.polarity(), score }
    }
}
