//! From labelled texts to a sentiment model.
//!
//! **Invariant:** pure and on one thread; the same recipe, texts and seed give the same bytes, on every
//! platform. Nothing of `analysis` knows of it.

mod balance;
mod calibrate;
mod card;
mod corpus;
mod corrections;
mod emotion_card;
mod emotions;
mod gain;
mod learner;
mod measure;
mod quantise;
mod recipe;
mod shuffle;
mod trainer;

pub use calibrate::{Band, Judged, band, judge, with_bias};
pub use card::card;
pub use corpus::{Example, Targeted, TsvError, read_labelled, read_targeted};
pub use corrections::corrected;
pub use emotion_card::emotion_card;
pub use emotions::{EmotionOutcome, EmotionTexts, Felt, Tally, read_emotions, tallies, train_emotions};
pub use gain::{Gain, Interval, gain};
pub use measure::{Confusion, label_among};
pub use recipe::{CorpusNote, Kind, Recipe, RecipeError};
pub use trainer::{Outcome, TrainError, train};
