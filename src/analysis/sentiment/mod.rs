//! Sentiment of a text: a label and a graded score.
//!
//! **Invariant:** pure; a score is defined for every string, lies in -1..=1 and depends on nothing
//! but the text, the language, the lexicons built into the program and the models.
//!
//! English and Chinese have rules, whose findings a trained model weighs together with n-grams. English goes
//! by the rules of VADER, Chinese by rules and a lexicon of earful's own, every other language by its emoji
//! and emoticons alone. How good each is stands in `docs/sentiment.md`.

mod beyond;
mod by_language;
mod characters;
mod chinese;
mod choice;
mod cues;
mod english;
mod finder;
mod grades;
mod house;
mod kaomoji;
mod model;
mod notation;
mod rated;
mod repeated;
mod rounding;
mod symbols;
mod targets;

use std::sync::Arc;

pub use cues::{Cue, CueKind};
pub use house::{HouseLexicon, HouseTerms, TermProblem};
pub(crate) use model::{EMOTIONS, Features, HASH, Logits, Pair, Six, Sizes, Table, exp, weight_of};
pub use model::{Emotion, EmotionModel, Emotions, Model, ModelError, Scope};
pub(crate) use rated::FEATURES;
pub use targets::{TARGETS_PLACES_MAX, TARGETS_TEXT_BYTES_MAX, TargetSentiment};

use beyond::{Beyond, BeyondScratch};
use by_language::ByLanguage;
use chinese::{Chinese, ChineseScratch};
use choice::{Rules, is_marks_alone, rules_for};
use cues::{CueScratch, Shares};
use english::{English, EnglishScratch};
use house::Hit;
use rated::Rated;
use symbols::Symbols;

use crate::model::{Language, Polarity, Score};

/// Label and graded score of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentiment {
    /// Three-way label: the model's, or by the cut-offs of the rules where no model speaks.
    pub polarity: Polarity,
    /// Graded score, -1 to 1 in steps of 1e-4: how much likelier positive is than negative; without a model
    /// the compound score.
    pub score: Score,
    /// What the rules alone find, -1 to 1; in English VADER's compound score.
    pub compound: Score,
    /// How likely the model takes each label to be; none where rules alone spoke.
    pub odds: Option<Odds>,
}

impl Sentiment {
    /// How likely the model takes its label to be; none where rules alone spoke.
    #[must_use]
    pub fn confidence(&self) -> Option<Score> {
        self.odds.map(|odds| odds.of(self.polarity))
    }
}

/// How likely each label is, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odds {
    /// Of the label negative.
    pub negative: Score,
    /// Of the label neutral.
    pub neutral: Score,
    /// Of the label positive.
    pub positive: Score,
}

impl Odds {
    /// How likely `label` is.
    #[must_use]
    pub const fn of(self, label: Polarity) -> Score {
        match label {
            Polarity::Negative => self.negative,
            Polarity::Neutral => self.neutral,
            Polarity::Positive => self.positive,
        }
    }
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

    fn label(self, compound: Score) -> Sentiment {
        let polarity = match compound.e4() {
            e4 if e4 >= self.positive => Polarity::Positive,
            e4 if e4 <= self.negative => Polarity::Negative,
            _ => Polarity::Neutral,
        };
        Sentiment { polarity, score: compound, compound, odds: None }
    }
}

/// Buffers that scoring reuses, so that no text allocates once they have grown.
#[derive(Debug, Default)]
pub struct SentimentScratch {
    english: EnglishScratch,
    chinese: ChineseScratch,
    features: Features,
    cues: CueScratch,
    /// Terms of the house lexicon, and idioms, in what the rules read: by bytes, in Chinese by characters.
    hits: Vec<Hit>,
    beyond: BeyondScratch,
    emotions: Emotions,
    /// Features of emotions that cannot use those of the label.
    own: Features,
}

impl SentimentScratch {
    /// What made the score of the text that was explained last, in the order of the text; what belongs to no
    /// place comes last. Both the contributions and the score are in ten-thousandths, and they add up to it.
    #[must_use]
    pub fn cues(&self) -> &[Cue] {
        &self.cues.cues
    }

    /// The emotions of the text that was scored or explained last. There are none where no model speaks.
    #[must_use]
    pub fn emotions(&self) -> Emotions {
        self.emotions
    }
}

/// The rules, lexicons and models of every language, built once. Copies share them.
#[derive(Clone, Debug)]
pub struct Scorer {
    english: Arc<English>,
    chinese: Arc<Chinese>,
    symbols: Arc<Symbols>,
    beyond: Arc<Beyond>,
    models: ByLanguage<Model>,
    models_of_parts: ByLanguage<Model>,
    emotions: ByLanguage<EmotionModel>,
    house: Option<Arc<HouseLexicon>>,
}

const ENGLISH_MODEL: &[u8] = include_bytes!("../../../models/en.bin");
const CHINESE_MODEL: &[u8] = include_bytes!("../../../models/zh.bin");
const ENGLISH_PARTS: &[u8] = include_bytes!("../../../models/en-parts.bin");
const CHINESE_PARTS: &[u8] = include_bytes!("../../../models/zh-parts.bin");
const ENGLISH_EMOTIONS: &[u8] = include_bytes!("../../../models/en-emotions.bin");
const CHINESE_EMOTIONS: &[u8] = include_bytes!("../../../models/zh-emotions.bin");

impl Scorer {
    /// The scorer over the lexicons and models that come with the program. Takes some milliseconds; build
    /// one and share it.
    #[must_use]
    pub fn builtin() -> Scorer {
        let model = |bytes| Model::from_bytes(bytes).ok();
        let emotions = |bytes| EmotionModel::from_bytes(bytes).ok();
        Scorer {
            models: ByLanguage::new(model(ENGLISH_MODEL), model(CHINESE_MODEL)),
            models_of_parts: ByLanguage::new(model(ENGLISH_PARTS), model(CHINESE_PARTS)),
            emotions: ByLanguage::new(emotions(ENGLISH_EMOTIONS), emotions(CHINESE_EMOTIONS)),
            ..Scorer::rules()
        }
    }

    /// The scorer over the lexicons that come with the program, without models.
    #[must_use]
    pub fn rules() -> Scorer {
        let english = English::builtin();
        let faces = kaomoji::faces();
        let symbols = Symbols::new(&english, &faces);
        let chinese = Chinese::builtin(&symbols, &faces);
        Scorer {
            english: Arc::new(english),
            chinese: Arc::new(chinese),
            symbols: Arc::new(symbols),
            beyond: Arc::new(Beyond::builtin()),
            models: ByLanguage::NONE,
            models_of_parts: ByLanguage::NONE,
            emotions: ByLanguage::NONE,
            house: None,
        }
    }

    /// The same with this model in the place of the one for its language and [`Scope`]. A model for a language that
    /// has no rules is of no use and changes nothing; see [`Scorer::takes`].
    #[must_use]
    pub fn with_model(mut self, model: Model) -> Scorer {
        let models = match model.scope() {
            Scope::Text => &mut self.models,
            Scope::Part => &mut self.models_of_parts,
        };
        models.put(model.language(), model);
        self
    }

    /// The same with this house lexicon in the place of the one before. It holds in every language.
    #[must_use]
    pub fn with_house(self, house: HouseLexicon) -> Scorer {
        Scorer { house: (!house.is_empty()).then(|| Arc::new(house)), ..self }
    }

    /// The same with this model of emotions in the place of the one for its language, if it has one.
    #[must_use]
    pub fn with_emotions(mut self, model: EmotionModel) -> Scorer {
        self.emotions.put(model.language(), model);
        self
    }

    /// There can be a model for this language.
    #[must_use]
    pub fn takes(language: Language) -> bool {
        language == Language::EN || language.is_chinese()
    }

    /// Scores `text` by the rules and the model of `language`.
    ///
    /// ```
    /// use earful::analysis::sentiment::{Scorer, SentimentScratch};
    /// use earful::model::{Language, Polarity};
    /// let scorer = Scorer::builtin();
    /// let found = scorer.score("VADER is smart, handsome, and funny.", Language::EN, &mut SentimentScratch::default());
    /// assert_eq!(found.polarity, Polarity::Positive);
    /// assert_eq!(found.compound.e4(), 8316);
    /// ```
    #[must_use]
    pub fn score(&self, text: &str, language: Language, scratch: &mut SentimentScratch) -> Sentiment {
        let rules = rules_for(text, language);
        let rated = self.rate(text, rules, scratch);
        let found = cut_offs(rules).label(compound(&rated));
        let model = self.models.by(rules);
        let is_told = model.is_some() || self.emotions.by(rules).is_some();
        let seen = if is_told { self.see(text, rules, rated, scratch) } else { rated };
        let mut odds = None;
        if let Some(model) = model {
            read_features(text, rules, &seen, model.sizes, scratch);
            odds = scratch.features.says_something().then(|| model.logits(&scratch.features).odds());
        }
        self.feel(text, rules, &seen, model.map(|model| model.sizes), scratch);
        odds.map_or(found, |odds| judged(found, odds))
    }

    /// The same, and leaves in `scratch` what made the score; see [`SentimentScratch::cues`].
    #[must_use]
    pub fn explain(&self, text: &str, language: Language, scratch: &mut SentimentScratch) -> Sentiment {
        let rules = rules_for(text, language);
        self.explain_by(text, rules, self.models.by(rules), true, scratch)
    }

    /// The same without emotions, of a whole text or of a part that speaks of one target.
    fn explain_label(
        &self,
        text: &str,
        language: Language,
        scope: Scope,
        scratch: &mut SentimentScratch,
    ) -> Sentiment {
        let rules = rules_for(text, language);
        let of_parts = self.models_of_parts.by(rules).filter(|_| scope == Scope::Part);
        let model = of_parts.or(self.models.by(rules));
        self.explain_by(text, rules, model, false, scratch)
    }

    fn explain_by(
        &self,
        text: &str,
        rules: Rules,
        model: Option<&Model>,
        feels: bool,
        scratch: &mut SentimentScratch,
    ) -> Sentiment {
        let rated = self.rate(text, rules, scratch);
        let found = cut_offs(rules).label(compound(&rated));
        scratch.cues.clear();
        if model.is_none() {
            self.parts(text, rules, scratch);
        }
        let is_told = model.is_some() || self.emotions.by(rules).is_some();
        let seen = if is_told { self.see(text, rules, rated, scratch) } else { rated };
        if let Some(model) = model {
            self.parts(text, rules, scratch);
            read_features(text, rules, &seen, model.sizes, scratch);
        }
        if feels {
            self.feel(text, rules, &seen, model.map(|model| model.sizes), scratch);
        }
        let SentimentScratch { features, cues, chinese, hits, .. } = scratch;
        match model.filter(|_| features.says_something()) {
            None => {
                if rules == Rules::Chinese {
                    cues.place_parts(&chinese.bounds);
                }
                cues.of_rules(text.len(), &rated, found.score);
                found
            }
            Some(model) => {
                let logits = model.logits(features);
                let odds = logits.odds();
                let shares = Shares::of(model, features);
                let count = match rules {
                    Rules::Chinese => {
                        let CueScratch { characters, parts, pieces, .. } = cues;
                        let length = chinese.folded.len();
                        let unit = features.chinese_values(model, length, &mut characters.values);
                        characters.join((parts, &chinese.bounds), unit, (&shares, &seen), pieces)
                    }
                    _ => {
                        features.english_pieces(model, hits, (&mut cues.sums, &mut cues.pieces));
                        cues.lay_parts_over_pieces(&shares, &seen);
                        cues.pieces.len()
                    }
                };
                cues.of_model((text.len(), count), (&shares, &seen), (logits, odds));
                judged(found, odds)
            }
        }
    }

    /// What a model of these sizes would take from `text`, for training; nothing for a language without rules.
    pub(crate) fn features<'s>(
        &self,
        text: &str,
        language: Language,
        sizes: Sizes,
        scratch: &'s mut SentimentScratch,
    ) -> &'s Features {
        let rules = rules_for(text, language);
        let rated = self.rate(text, rules, scratch);
        let seen = self.see(text, rules, rated, scratch);
        read_features(text, rules, &seen, sizes, scratch);
        &scratch.features
    }

    /// Leaves in `scratch` the rated words and modifiers of the text that was rated last.
    fn parts(&self, text: &str, rules: Rules, scratch: &mut SentimentScratch) {
        let SentimentScratch { english, chinese, cues, hits, beyond, .. } = scratch;
        let hits = if beyond.hits.is_empty() { &*hits } else { &beyond.hits };
        match rules {
            Rules::English => self.english.parts(text, hits, english, &mut cues.parts),
            Rules::Chinese => chinese.parts(&mut cues.parts),
            Rules::Symbols => self.symbols.parts(text, hits, &mut cues.parts),
        }
    }

    /// The model for a language, if there is one.
    #[must_use]
    pub fn model_for(&self, language: Language) -> Option<&Model> {
        self.models.of(language)
    }

    /// Leaves the emotions of the text in `scratch`. `read` are the sizes that its features were read for.
    fn feel(
        &self,
        text: &str,
        rules: Rules,
        rated: &Rated,
        read: Option<Sizes>,
        scratch: &mut SentimentScratch,
    ) {
        scratch.emotions = Emotions::default();
        let Some(model) = self.emotions.by(rules) else { return };
        match read.filter(|read| model.fits(*read)) {
            Some(read) => scratch.emotions = emotions_of(model, &scratch.features, read),
            None => {
                // Larger than the label's, or without one: it has features of its own.
                std::mem::swap(&mut scratch.own, &mut scratch.features);
                read_features(text, rules, rated, model.sizes, scratch);
                scratch.emotions = emotions_of(model, &scratch.features, model.sizes);
                std::mem::swap(&mut scratch.own, &mut scratch.features);
            }
        }
    }

    /// What a model is told of a text that was rated: in English more than VADER finds.
    fn see(&self, text: &str, rules: Rules, rated: Rated, scratch: &mut SentimentScratch) -> Rated {
        let SentimentScratch { english, chinese, hits, beyond, .. } = scratch;
        if rules == Rules::Chinese {
            chinese.add_idle(hits);
        }
        if rules != Rules::English {
            return rated;
        }
        let is_pair = |opener, near, is_behind| self.beyond.is_pair(opener, near, is_behind);
        let may_have_idioms = English::may_have_idioms(english, is_pair);
        match self.beyond.find((text, may_have_idioms), &self.symbols, hits, beyond) {
            true => self.english.rate(text, &beyond.hits, english),
            false => rated,
        }
    }

    fn rate(&self, text: &str, rules: Rules, scratch: &mut SentimentScratch) -> Rated {
        let SentimentScratch { english, chinese, hits, beyond, .. } = scratch;
        beyond.hits.clear();
        if rules == Rules::Chinese {
            self.chinese.fold(text, chinese);
        }
        hits.clear();
        match &self.house {
            Some(house) if rules == Rules::Chinese => chinese.find_house(house, hits),
            Some(house) => house.find(text, hits),
            None => {}
        }
        match rules {
            Rules::English => self.english.rate(text, hits, english),
            Rules::Chinese => self.chinese.rate(hits, chinese),
            Rules::Symbols => self.symbols.rate(text, hits),
        }
    }
}

fn read_features(text: &str, rules: Rules, rated: &Rated, sizes: Sizes, scratch: &mut SentimentScratch) {
    let SentimentScratch { features, chinese, hits, .. } = scratch;
    match rules {
        Rules::English if is_marks_alone(text.chars(), rated) => features.clear(),
        Rules::Chinese if is_marks_alone(chinese.folded.iter().copied(), rated) => features.clear(),
        // What one rated word says the rules know: the n-grams of "Avoid!!!" are those of joy.
        Rules::English if hits.is_empty() && is_one_word(rated) => features.read_rules(rated),
        Rules::English => features.read_english(text, hits, rated, sizes),
        Rules::Chinese => {
            let folded = &chinese.folded[..repeated::enough(&chinese.folded)];
            features.read_chinese(folded, before(hits, folded.len()), rated, sizes);
        }
        Rules::Symbols => features.clear(),
    }
}

/// The hits that end before a place.
fn before(hits: &[Hit], end: usize) -> &[Hit] {
    &hits[..hits.partition_point(|hit| hit.end as usize <= end)]
}

fn is_one_word(rated: &Rated) -> bool {
    rated.length == 1 && rated.positive + rated.negative > 0.0
}

fn emotions_of(model: &EmotionModel, features: &Features, read: Sizes) -> Emotions {
    if features.is_empty() { Emotions::default() } else { model.told(features, read) }
}

fn compound(rated: &Rated) -> Score {
    Score::from_e4(rounding::to_e4(rated.compound()))
}

const fn cut_offs(rules: Rules) -> CutOffs {
    match rules {
        Rules::Chinese => CutOffs::CHINESE,
        Rules::English | Rules::Symbols => CutOffs::ENGLISH,
    }
}

/// The model's word in the place of the cut-offs'.
fn judged(by_rules: Sentiment, odds: model::Odds) -> Sentiment {
    let [negative, neutral, positive] = [odds.negative, odds.neutral, odds.positive].map(Score::from_f64);
    Sentiment {
        polarity: odds.label(),
        score: odds.score(),
        compound: by_rules.compound,
        odds: Some(Odds { negative, neutral, positive }),
    }
}
