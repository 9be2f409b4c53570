//! The emotions of a text: six columns over the same features as the label's model, each against all else.

use std::fmt;

use serde::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Features, Sizes, Table, exp, weigh};
use crate::{
    analysis::sentiment::rated::FEATURES,
    model::{Language, Score},
};

/// How many emotions there are.
pub(crate) const EMOTIONS: usize = Emotion::ALL.len();
/// Columns of a table of emotions: two more than are used, so that a processor can add up a row at once.
pub(super) const LANES: usize = 8;
/// A number for each emotion.
pub(crate) type Six = [f32; EMOTIONS];

/// What somebody who writes feels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Emotion {
    /// `anger`
    Anger,
    /// `disgust`
    Disgust,
    /// `fear`
    Fear,
    /// `joy`
    Joy,
    /// `sadness`
    Sadness,
    /// `surprise`
    Surprise,
}

impl Emotion {
    /// All, in the order in which they are told.
    pub const ALL: &[Emotion] =
        &[Emotion::Anger, Emotion::Disgust, Emotion::Fear, Emotion::Joy, Emotion::Sadness, Emotion::Surprise];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Emotion::Anger => "anger",
            Emotion::Disgust => "disgust",
            Emotion::Fear => "fear",
            Emotion::Joy => "joy",
            Emotion::Sadness => "sadness",
            Emotion::Surprise => "surprise",
        }
    }
}

impl fmt::Display for Emotion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The emotions found in a text; none, one or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emotions([Option<Score>; EMOTIONS]);

impl Emotions {
    /// What was found and how likely the model takes it to be, 0 to 1, in the order of [`Emotion::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Emotion, Score)> + '_ {
        Emotion::ALL.iter().zip(self.0).filter_map(|(emotion, odds)| Some((*emotion, odds?)))
    }

    /// None was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// This one was found.
    #[must_use]
    pub fn has(&self, emotion: Emotion) -> bool {
        self.0[emotion as usize].is_some()
    }
}

impl FromIterator<(Emotion, Score)> for Emotions {
    fn from_iter<I: IntoIterator<Item = (Emotion, Score)>>(found: I) -> Emotions {
        let mut all = Emotions::default();
        for (emotion, odds) in found {
            all.0[emotion as usize] = Some(odds);
        }
        all
    }
}

/// An object: names and how likely they are.
impl Serialize for Emotions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (emotion, odds) in self.iter() {
            map.serialize_entry(emotion.as_str(), &odds)?;
        }
        map.end()
    }
}

/// The weights of the emotions for one language.
#[derive(Clone, Debug, PartialEq)]
pub struct EmotionModel {
    pub(crate) language: Language,
    pub(crate) sizes: Sizes,
    pub(crate) words: Table<LANES>,
    pub(crate) chars: Table<LANES>,
    pub(crate) rules: [Six; FEATURES],
    pub(crate) base: Six,
    /// From here up an emotion is told, 0 to 1.
    pub(crate) thresholds: Six,
}

impl Table<EMOTIONS> {
    /// With columns of nothing up to [`LANES`].
    pub(crate) fn widened(self) -> Table<LANES> {
        let wide = |row: [i8; EMOTIONS]| std::array::from_fn(|i| row.get(i).copied().unwrap_or(0));
        Table {
            weights: self.weights.into_iter().map(wide).collect(),
            scale: std::array::from_fn(|i| self.scale.get(i).copied().unwrap_or(0.0)),
        }
    }
}

impl EmotionModel {
    /// Slots that were read for tables of the sizes `read` can be used.
    pub(crate) fn fits(&self, read: Sizes) -> bool {
        read.words >= self.sizes.words && read.chars >= self.sizes.chars
    }

    /// What speaks for each emotion. The features were read for tables of the sizes `read`, which [fit](Self::fits): a
    /// slot of a smaller table is the upper bits of one of a larger.
    fn sums(&self, features: &Features, read: Sizes) -> [f64; EMOTIONS] {
        let (words, chars) = (read.words - self.sizes.words, read.chars - self.sizes.chars);
        let words = self.words.sum(&features.grams.words, words);
        let chars = self.chars.sum(&features.grams.chars, chars);
        let rules = weigh(&self.rules, &features.rules);
        std::array::from_fn(|i| f64::from(self.base[i]) + words[i] + chars[i] + rules[i])
    }

    /// How likely each emotion is, 0 to 1. The features were read for the model's own sizes.
    pub(crate) fn odds(&self, features: &Features) -> [f64; EMOTIONS] {
        self.sums(features, self.sizes).map(odds)
    }

    /// The emotions that are likely enough, of features that were read for tables of the sizes `read`.
    pub(crate) fn told(&self, features: &Features, read: Sizes) -> Emotions {
        let sums = self.sums(features, read);
        Emotions(std::array::from_fn(|i| {
            let threshold = f64::from(self.thresholds[i]);
            // Most are far from likely: e^x is never below 1 + x, which says so without it.
            let may_be_told = threshold * (2.0 - sums[i]) <= 1.0;
            let odds = may_be_told.then(|| odds(sums[i]))?;
            (odds >= threshold).then(|| Score::from_f64(odds))
        }))
    }
}

fn odds(sum: f64) -> f64 {
    1.0 / (1.0 + exp(-sum))
}
