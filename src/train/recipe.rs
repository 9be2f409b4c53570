//! What a model is made of: corpora with their weights, and the settings of the training.

use serde::Deserialize;

use crate::{
    analysis::sentiment::{Emotion, Scope, Sizes},
    model::Language,
};

/// How a model is trained. As a file it is TOML; what it leaves out is as in [`Recipe::new`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What the model tells.
    #[serde(default)]
    pub kind: Kind,
    /// The language of the texts, `en` or `zh`.
    pub language: Language,
    /// Decides the order of the texts.
    #[serde(default = "seed")]
    pub seed: u64,
    /// How often all texts are gone through.
    #[serde(default = "epochs")]
    pub epochs: u32,
    /// Size of the steps.
    #[serde(default = "rate")]
    pub rate: f32,
    /// How strongly weights are pulled towards 0.
    #[serde(default = "decay")]
    pub decay: f32,
    /// Slots of the table of words, as a power of two.
    #[serde(default = "word_bits")]
    pub word_bits: u32,
    /// Slots of the table of characters, as a power of two.
    #[serde(default = "char_bits")]
    pub char_bits: u32,
    /// Added to neutrality in the finished model: below 0 fewer texts are neutral.
    #[serde(default)]
    pub neutral_bias: f32,
    /// Where the neutral bias comes from, for the card.
    #[serde(default)]
    pub neutral_bias_note: String,
    /// The texts.
    pub corpora: Vec<CorpusNote>,
    /// Of emotions only: texts to measure with, which nothing is learned from.
    #[serde(default)]
    pub held_out: Option<String>,
    /// Of emotions only: those that nobody looked for in the texts, so that the model cannot tell them.
    #[serde(default)]
    pub unlabelled: Vec<Emotion>,
    /// Of emotions only: what is to be said of the texts, for the card.
    #[serde(default)]
    pub note: String,
}

/// What a model tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Negative, neutral or positive.
    #[default]
    Label,
    /// The same of a part of a text, which speaks of one of several brands.
    Parts,
    /// Which of six emotions.
    Emotions,
}

/// A corpus and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusNote {
    /// The file, `label<TAB>text`.
    pub file: String,
    /// What its texts count, as a multiple.
    #[serde(default = "weight")]
    pub weight: f64,
    /// Under which terms the texts are.
    #[serde(default = "not_stated")]
    pub licence: String,
    /// Whom to name.
    #[serde(default = "not_stated")]
    pub attribution: String,
}

/// Why a recipe cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RecipeError(String);

/// Larger tables win nothing and cost memory.
const BITS_MAX: u32 = 20;

fn seed() -> u64 {
    1
}

fn epochs() -> u32 {
    4
}

fn rate() -> f32 {
    0.05
}

fn decay() -> f32 {
    1e-5
}

fn word_bits() -> u32 {
    15
}

fn char_bits() -> u32 {
    16
}

fn weight() -> f64 {
    1.0
}

fn not_stated() -> String {
    "not stated".to_owned()
}

impl Recipe {
    /// The usual settings over corpora of which nothing else is known.
    #[must_use]
    pub fn new(language: Language, corpora: Vec<(String, f64)>) -> Recipe {
        let note =
            |(file, weight)| CorpusNote { file, weight, licence: not_stated(), attribution: not_stated() };
        Recipe {
            kind: Kind::Label,
            language,
            seed: seed(),
            epochs: epochs(),
            rate: rate(),
            decay: decay(),
            word_bits: word_bits(),
            char_bits: char_bits(),
            neutral_bias: 0.0,
            neutral_bias_note: String::new(),
            corpora: corpora.into_iter().map(note).collect(),
            held_out: None,
            unlabelled: Vec::new(),
            note: String::new(),
        }
    }

    /// Reads a recipe file and checks it.
    ///
    /// # Errors
    /// It is not TOML, has unknown or missing keys, or a value that cannot be.
    pub fn parse(text: &str) -> Result<Recipe, RecipeError> {
        let recipe: Recipe =
            toml::from_str(text).map_err(|e| RecipeError(e.to_string().trim().to_owned()))?;
        recipe.check()?;
        Ok(recipe)
    }

    /// Checks that every value can be.
    ///
    /// # Errors
    /// The first value that cannot.
    pub fn check(&self) -> Result<(), RecipeError> {
        let within = |name: &str, value: f64, range: std::ops::RangeInclusive<f64>| {
            let (low, high) = (range.start(), range.end());
            let problem = || RecipeError(format!("{name} is {value}; give {low} to {high}"));
            if range.contains(&value) { Ok(()) } else { Err(problem()) }
        };
        within("epochs", f64::from(self.epochs), 1.0..=100.0)?;
        within("rate", f64::from(self.rate), 1e-6..=10.0)?;
        within("decay", f64::from(self.decay), 0.0..=1.0)?;
        within("word_bits", f64::from(self.word_bits), 1.0..=f64::from(BITS_MAX))?;
        within("char_bits", f64::from(self.char_bits), 1.0..=f64::from(BITS_MAX))?;
        within("neutral_bias", f64::from(self.neutral_bias), -10.0..=10.0)?;
        for corpus in &self.corpora {
            if corpus.weight == 0.0 {
                let what = format!(
                    "the weight of {} is 0, so nothing would be learned from it; leave the file out",
                    corpus.file
                );
                return Err(RecipeError(what));
            }
            within(&format!("the weight of {}", corpus.file), corpus.weight, 1e-6..=1e6)?;
        }
        if Emotion::ALL.iter().all(|emotion| self.unlabelled.contains(emotion)) {
            let what = "all emotions are unlabelled, so there is nothing to learn; take out those that the texts have";
            return Err(RecipeError(what.to_owned()));
        }
        if self.corpora.is_empty() {
            return Err(RecipeError("there are no corpora; name at least one".to_owned()));
        }
        Ok(())
    }

    pub(super) fn scope(&self) -> Scope {
        if self.kind == Kind::Parts { Scope::Part } else { Scope::Text }
    }

    pub(super) fn sizes(&self) -> Sizes {
        Sizes { words: self.word_bits, chars: self.char_bits }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_as_usual() {
        let recipe = Recipe::parse("language = \"en\"\n[[corpora]]\nfile = \"a.tsv\"").unwrap();
        assert_eq!(recipe, Recipe::new(Language::EN, vec![("a.tsv".to_owned(), 1.0)]));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let check = |text: &str, what: &str| {
            let problem = Recipe::parse(text).unwrap_err().to_string();
            assert!(problem.contains(what), "{problem}");
        };
        check("language = \"en\"", "corpora");
        check("language = \"en\"\ncorpora = []", "no corpora");
        check("language = \"en\"\nepochs = 0\n[[corpora]]\nfile = \"a\"", "epochs is 0; give 1 to 100");
        check("language = \"en\"\nspeed = 1\n[[corpora]]\nfile = \"a\"", "speed");
        check("language = \"en\"\n[[corpora]]\nfile = \"a\"\nweight = nan", "weight of a");
        check("language = \"en\"\n[[corpora]]\nfile = \"a\"\nweight = 0", "weight of a is 0, so nothing");
        let all: Vec<&str> = Emotion::ALL.iter().map(|emotion| emotion.as_str()).collect();
        check(
            &format!("language = \"en\"\nunlabelled = {all:?}\n[[corpora]]\nfile = \"a\""),
            "all emotions are unlabelled",
        );
    }
}
