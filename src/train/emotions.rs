//! From texts with emotions to a model of them: six times one emotion against all else.

use xxhash_rust::xxh3::xxh3_64;

use super::{
    corpus::{TsvError, lines},
    learner::{Learner, Pace},
    quantise,
    recipe::Recipe,
    shuffle::Chance,
    trainer::{FOLDS, TrainError},
};
use crate::analysis::sentiment::{EMOTIONS, Emotion, EmotionModel, Scorer, SentimentScratch, Six};

/// A text and the emotions that people find in it, in the order of [`Emotion::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Felt<'t> {
    /// Which are there.
    pub emotions: [bool; EMOTIONS],
    /// The text.
    pub text: &'t str,
}

/// The texts of a model of emotions.
#[derive(Clone, Debug, Default)]
pub struct EmotionTexts<'t> {
    /// To learn from, in the order of the recipe's corpora.
    pub corpora: Vec<Vec<Felt<'t>>>,
    /// To measure with; may be empty.
    pub held_out: Vec<Felt<'t>>,
}

/// What training gives.
#[derive(Debug)]
pub struct EmotionOutcome {
    /// Learned from all texts of the corpora.
    pub model: EmotionModel,
    /// Every text of the corpora, judged by a model that had not seen it, at the thresholds chosen on them.
    pub cross: [Tally; EMOTIONS],
    /// The texts held out.
    pub held_out: [Tally; EMOTIONS],
}

/// How often one emotion was found and missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// There and found.
    pub hits: u64,
    /// Found but not there.
    pub wrong: u64,
    /// There but not found.
    pub missed: u64,
    /// Neither there nor found.
    pub rest: u64,
}

impl Tally {
    fn add(&mut self, wanted: bool, found: bool) {
        let count = match (wanted, found) {
            (true, true) => &mut self.hits,
            (false, true) => &mut self.wrong,
            (true, false) => &mut self.missed,
            (false, false) => &mut self.rest,
        };
        *count += 1;
    }

    /// Texts.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.wanted() + self.wrong + self.rest
    }

    /// Texts that have it.
    #[must_use]
    pub fn wanted(&self) -> u64 {
        self.hits + self.missed
    }

    /// Share of what was found that is there; 0 where nothing was found.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.hits, self.hits + self.wrong)
    }

    /// Share of what is there that was found; 0 where nothing is there.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.hits, self.wanted())
    }

    /// The harmonic mean of the two.
    #[must_use]
    pub fn f1(&self) -> f64 {
        share(2 * self.hits, 2 * self.hits + self.wrong + self.missed)
    }

    /// The mean over these emotions.
    #[must_use]
    pub fn macro_f1(tallies: &[Tally]) -> f64 {
        tallies.iter().map(Tally::f1).sum::<f64>() / tallies.len() as f64
    }

    /// Of these emotions counted together.
    #[must_use]
    pub fn micro_f1(tallies: &[Tally]) -> f64 {
        let sum = |count: fn(&Tally) -> u64| tallies.iter().map(count).sum();
        let (hits, wrong, missed) = (sum(|t| t.hits), sum(|t| t.wrong), sum(|t| t.missed));
        Tally { hits, wrong, missed, rest: 0 }.f1()
    }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Counts pairs of what is there and what was found.
pub fn tallies(pairs: impl Iterator<Item = ([bool; EMOTIONS], [bool; EMOTIONS])>) -> [Tally; EMOTIONS] {
    let mut out = [Tally::default(); EMOTIONS];
    for (wanted, found) in pairs {
        for (tally, (wanted, found)) in out.iter_mut().zip(wanted.into_iter().zip(found)) {
            tally.add(wanted, found);
        }
    }
    out
}

/// Reads lines `emotions<TAB>text`: names with commas between them, or `none`. Empty lines are left out.
///
/// # Errors
/// The first line that is not UTF-8, has no tab, or names another emotion.
pub fn read_emotions(tsv: &[u8]) -> Result<Vec<Felt<'_>>, TsvError> {
    lines(tsv, |line| {
        let (names, text) = line.split_once('\t').ok_or("there is no tab; a line is `emotions<TAB>text`")?;
        Ok(Felt { emotions: emotions_of(names)?, text })
    })
}

fn emotions_of(names: &str) -> Result<[bool; EMOTIONS], String> {
    let mut emotions = [false; EMOTIONS];
    if names.trim() == "none" {
        return Ok(emotions);
    }
    for name in names.split(',').map(str::trim) {
        let Some(emotion) = Emotion::ALL.iter().find(|emotion| emotion.as_str() == name) else {
            let all: Vec<_> = Emotion::ALL.iter().map(|emotion| emotion.as_str()).collect();
            return Err(format!("there is no emotion `{name}`; take {} or none", all.join(", ")));
        };
        emotions[*emotion as usize] = true;
    }
    Ok(emotions)
}

/// No odds reach this threshold.
const NEVER: f32 = 2.0;

type Judged = ([bool; EMOTIONS], [f64; EMOTIONS]);

/// Learns the emotions from texts. The same texts, recipe and seed give the same bytes.
///
/// # Errors
/// The language has no rules, or an emotion no text though the recipe does not say that nobody looked for it.
pub fn train_emotions(
    recipe: &Recipe,
    texts: &EmotionTexts<'_>,
    scorer: &Scorer,
) -> Result<EmotionOutcome, TrainError> {
    if !Scorer::takes(recipe.language) {
        return Err(TrainError::Language(recipe.language.to_string()));
    }
    let all: Vec<Felt<'_>> = texts.corpora.iter().flatten().copied().collect();
    for emotion in Emotion::ALL {
        let has_texts = all.iter().any(|text| text.emotions[*emotion as usize]);
        match recipe.unlabelled.contains(emotion) {
            false if !has_texts => return Err(TrainError::NoEmotion(*emotion)),
            true if has_texts => return Err(TrainError::Labelled(*emotion)),
            _ => {}
        }
    }
    let importances = importances(&all);
    let mut judged: Vec<Judged> = Vec::new();
    for fold in 0..FOLDS {
        let is_out = |text: &Felt<'_>| xxh3_64(text.text.as_bytes()) % FOLDS == fold;
        let (out, rest): (Vec<Felt<'_>>, Vec<Felt<'_>>) = all.iter().partition(|text| is_out(text));
        let model = learn(recipe, scorer, rest, importances, [0.5; EMOTIONS]);
        judged.extend(judge(scorer, &model, &out));
    }
    let is_unlabelled = |i: usize| recipe.unlabelled.contains(&Emotion::ALL[i]);
    let thresholds: Six =
        std::array::from_fn(|i| if is_unlabelled(i) { NEVER } else { threshold(&judged, i) });
    let model = learn(recipe, scorer, all, importances, thresholds);
    let held_out = judge(scorer, &model, &texts.held_out);
    let count =
        |judged: &[Judged]| tallies(judged.iter().map(|(wanted, odds)| (*wanted, told(odds, thresholds))));
    Ok(EmotionOutcome { cross: count(&judged), held_out: count(&held_out), model })
}

fn told(odds: &[f64; EMOTIONS], thresholds: Six) -> [bool; EMOTIONS] {
    std::array::from_fn(|i| odds[i] >= f64::from(thresholds[i]))
}

/// What a text with each emotion counts, one without counts 1: the root of how many times rarer it is, since rare
/// emotions at their full weight drown in what looks like them.
fn importances(texts: &[Felt<'_>]) -> Six {
    std::array::from_fn(|i| {
        let with = texts.iter().filter(|text| text.emotions[i]).count().max(1);
        ((texts.len() - with) as f64 / with as f64).sqrt().max(1.0) as f32
    })
}

fn learn(
    recipe: &Recipe,
    scorer: &Scorer,
    mut texts: Vec<Felt<'_>>,
    importances: Six,
    thresholds: Six,
) -> EmotionModel {
    let pace = Pace { rate: recipe.rate, decay: recipe.decay };
    let mut learner: Learner<EMOTIONS> = Learner::new(recipe.sizes(), pace);
    let mut chance = Chance::new(recipe.seed);
    let mut scratch = SentimentScratch::default();
    for _ in 0..recipe.epochs {
        chance.shuffle(&mut texts);
        for Felt { text, emotions } in &texts {
            let features = scorer.features(text, recipe.language, recipe.sizes(), &mut scratch);
            if !features.is_empty() {
                let importance = std::array::from_fn(|i| if emotions[i] { importances[i] } else { 1.0 });
                learner.step_each(features, *emotions, importance);
            }
        }
    }
    quantise::emotions(&learner, recipe.language, recipe.sizes(), thresholds)
}

/// A text without anything to judge has no emotion.
fn judge(scorer: &Scorer, model: &EmotionModel, texts: &[Felt<'_>]) -> Vec<Judged> {
    let mut scratch = SentimentScratch::default();
    let judged = texts.iter().map(|Felt { text, emotions }| {
        let features = scorer.features(text, model.language(), model.sizes, &mut scratch);
        let odds = if features.is_empty() { [0.0; EMOTIONS] } else { model.odds(features) };
        (*emotions, odds)
    });
    judged.collect()
}

/// The threshold with the greatest F1 of an emotion, in steps of 0.01; of several as good the highest.
fn threshold(judged: &[Judged], emotion: usize) -> f32 {
    let f1 = |threshold: f32| {
        let mut tally = Tally::default();
        for (wanted, odds) in judged {
            tally.add(wanted[emotion], odds[emotion] >= f64::from(threshold));
        }
        tally.f1()
    };
    let candidates = (5..=95).map(|percent| percent as f32 / 100.0);
    let best = candidates
        .map(|threshold| (f1(threshold), threshold))
        .reduce(|best, new| if new.0 >= best.0 { new } else { best });
    best.map_or(0.5, |(_, threshold)| threshold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_emotions_or_none() {
        let read = read_emotions(b"joy, surprise\twow\nnone\tit is\n").unwrap();
        assert_eq!(read[0].emotions, [false, false, false, true, false, true]);
        assert_eq!(read[1], Felt { emotions: [false; EMOTIONS], text: "it is" });
        let check = |tsv: &[u8], what: &str| {
            let error = read_emotions(tsv).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        };
        check(b"joy\ta\nlove\tb", "line 2: there is no emotion `love`; take anger, disgust");
        check(b"joy a", "no tab");
        check(b"\ta", "no emotion ``");
    }

    #[test]
    fn figures_are_of_each_emotion_and_of_all() {
        let joy = |there| std::array::from_fn(|i| there && i == Emotion::Joy as usize);
        let pairs = [(true, true), (true, false), (false, true), (true, true), (false, false)];
        let tallies = tallies(pairs.into_iter().map(|(wanted, found)| (joy(wanted), joy(found))));
        let tally = tallies[Emotion::Joy as usize];
        assert_eq!((tally.n(), tally.wanted()), (5, 3));
        assert!((tally.precision() - 2.0 / 3.0).abs() < 1e-12 && (tally.recall() - 2.0 / 3.0).abs() < 1e-12);
        assert!((Tally::macro_f1(&tallies) - tally.f1() / 6.0).abs() < 1e-12);
        assert!((Tally::micro_f1(&tallies) - tally.f1()).abs() < 1e-12);
        assert_eq!(Tally::default().f1(), 0.0);
    }

    #[test]
    fn the_threshold_is_where_f1_is_greatest() {
        let odds = |joy: f64| std::array::from_fn(|i| if i == 3 { joy } else { 0.0 });
        let is = |there: bool| std::array::from_fn(|i| there && i == 3);
        let judged = [
            (is(true), odds(0.625)),
            (is(true), odds(0.71)),
            (is(false), odds(0.40)),
            (is(false), odds(0.1)),
        ];
        assert!((threshold(&judged, 3) - 0.62).abs() < 1e-6);
    }
}
