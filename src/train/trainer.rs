//! The order of training: balance, learn, check on what was held out, make small.

use xxhash_rust::xxh3::xxh3_64;

use super::{
    balance::importances,
    calibrate::{Judged, judge},
    corpus::Example,
    learner::{Learner, Pace},
    quantise,
    recipe::Recipe,
    shuffle::Chance,
};
use crate::{
    analysis::sentiment::{Emotion, Model, Scorer, SentimentScratch},
    model::Polarity,
};

/// Parts of the cross-validation.
pub(super) const FOLDS: u64 = 5;

/// What training gives.
#[derive(Debug)]
pub struct Outcome {
    /// Learned from all texts.
    pub model: Model,
    /// Of each corpus, every text judged by a model that had not seen it.
    pub held_out: Vec<Vec<Judged>>,
}

/// Why nothing can be learned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    /// A label has no text.
    #[error("no text is labelled {0}; training needs texts of all three labels")]
    NoText(Polarity),
    /// An emotion has no text.
    #[error(
        "no text has the emotion {0}; training needs texts of all six, or `unlabelled = [\"{0}\"]` in the recipe, if nobody looked for it"
    )]
    NoEmotion(Emotion),
    /// An emotion has texts that the recipe knows nothing of.
    #[error("some texts have the emotion {0}, and the recipe calls it unlabelled; take it out there")]
    Labelled(Emotion),
    /// There are no rules for the language.
    #[error("there can be no model for the language `{0}`; take en or zh")]
    Language(String),
}

/// One text of all corpora.
struct Text<'t> {
    corpus: usize,
    example: Example<'t>,
    importance: f32,
    fold: u64,
}

/// Learns a model from corpora, which are in the order of the recipe's.
///
/// # Errors
/// A label has no text, or the language no rules.
pub fn train(recipe: &Recipe, corpora: &[Vec<Example<'_>>], scorer: &Scorer) -> Result<Outcome, TrainError> {
    if !Scorer::takes(recipe.language) {
        return Err(TrainError::Language(recipe.language.to_string()));
    }
    for label in Polarity::ALL {
        if !corpora.iter().flatten().any(|example| example.label == *label) {
            return Err(TrainError::NoText(*label));
        }
    }
    let texts = texts(recipe, corpora);
    let model = learn(recipe, scorer, texts.iter().collect());
    let mut held_out = vec![Vec::new(); corpora.len()];
    for fold in 0..FOLDS {
        let (out, rest): (Vec<_>, Vec<_>) = texts.iter().partition(|text| text.fold == fold);
        let model = learn(recipe, scorer, rest);
        for text in out {
            held_out[text.corpus].extend(judge(scorer, &model, &[text.example]));
        }
    }
    Ok(Outcome { model, held_out })
}

fn texts<'t>(recipe: &Recipe, corpora: &[Vec<Example<'t>>]) -> Vec<Text<'t>> {
    let labels = |(corpus, examples): (usize, &Vec<Example<'_>>)| -> Vec<(usize, Polarity)> {
        examples.iter().map(|example| (corpus, example.label)).collect()
    };
    let labels: Vec<_> = corpora.iter().enumerate().flat_map(labels).collect();
    let weights: Vec<f64> = recipe.corpora.iter().map(|corpus| corpus.weight).collect();
    let importances = importances(&labels, &weights);
    let examples = corpora.iter().flatten();
    let texts = examples.zip(labels).zip(importances).map(|((example, (corpus, _)), importance)| Text {
        corpus,
        example: *example,
        importance,
        // The same text twice is in one part, else it would be judged by who has seen it.
        fold: xxh3_64(example.text.as_bytes()) % FOLDS,
    });
    texts.filter(|text| text.importance > 0.0).collect()
}

fn learn(recipe: &Recipe, scorer: &Scorer, mut texts: Vec<&Text<'_>>) -> Model {
    let pace = Pace { rate: recipe.rate, decay: recipe.decay };
    let mut learner = Learner::new(recipe.sizes(), pace);
    let mut chance = Chance::new(recipe.seed);
    let mut scratch = SentimentScratch::default();
    for _ in 0..recipe.epochs {
        chance.shuffle(&mut texts);
        for text in &texts {
            let features = scorer.features(text.example.text, recipe.language, recipe.sizes(), &mut scratch);
            if !features.is_empty() {
                learner.step(features, text.example.label as usize, text.importance);
            }
        }
    }
    quantise::model(&learner, (recipe.language, recipe.scope()), recipe.sizes(), recipe.neutral_bias)
}
