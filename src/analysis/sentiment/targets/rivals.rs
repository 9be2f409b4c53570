//! Who is told apart from others is seldom judged as they are: a lean the other way, where a model alone has spoken.
//!
//! Posts that say something of each of several brands mostly do so to set one against another. Words that judge outweigh
//! that, and so does a model that is sure; chosen by posts of the contrast set that may be looked at.

use super::super::model::Odds;
use super::super::{Cue, CueKind, Sentiment, exp};
use super::{Found, TargetSentiment, sign_of};

/// How much a rival says whom words judge, as a logarithm of odds.
const BY_WORDS: f64 = 0.8;
/// The same of one whom a model judges.
const BY_MODEL: f64 = 0.5;

/// Leans each target that a model has judged away from those that `are_apart` from it.
pub(super) fn lean(text: &str, found: &mut [Found], are_apart: impl Fn(usize, usize) -> bool) {
    let said: Vec<f64> = found.iter().map(|found| said(&found.judged.sentiment)).collect();
    for (target, found) in found.iter_mut().enumerate() {
        let rivals =
            said.iter().enumerate().filter(|(other, _)| *other != target && are_apart(target, *other));
        let (count, sum) = rivals.fold((0.0, 0.0), |(count, sum), (_, said)| (count + 1.0, sum + said));
        if sum != 0.0 {
            lean_by(&mut found.judged, -sum / count, text.len() as u32);
        }
    }
}

fn said(sentiment: &Sentiment) -> f64 {
    let weight = if sentiment.odds.is_some() { BY_MODEL } else { BY_WORDS };
    f64::from(sign_of(sentiment.polarity)) * weight
}

/// `lean` is what speaks for positive. Its cue has no place, but the whole text of so many bytes.
fn lean_by(judged: &mut TargetSentiment, lean: f64, end: u32) {
    let Some(odds) = judged.sentiment.odds else { return };
    let weights =
        [odds.negative.as_f64() * exp(-lean), odds.neutral.as_f64(), odds.positive.as_f64() * exp(lean)];
    let all: f64 = weights.iter().sum();
    let [negative, neutral, positive] = weights.map(|weight| weight / all);
    let leant = super::super::judged(judged.sentiment, Odds { negative, neutral, positive });
    let contribution = leant.score.e4() - judged.sentiment.score.e4();
    judged.sentiment = leant;
    add_cue(&mut judged.cues, Cue { start: 0, end, kind: CueKind::Text, contribution });
}

/// There is one cue of what has no place, if it gives anything.
fn add_cue(cues: &mut Vec<Cue>, new: Cue) {
    let old = cues.iter().position(|cue| cue.kind == CueKind::Text);
    let sum = new.contribution + old.map_or(0, |old| cues.remove(old).contribution);
    if sum != 0 {
        cues.push(Cue { contribution: sum, ..new });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_model(negative: f64, neutral: f64, positive: f64) -> Found {
        let nothing = super::super::compared(0, (0, 1)).sentiment;
        let sentiment = super::super::super::judged(nothing, Odds { negative, neutral, positive });
        let contribution = sentiment.score.e4();
        let cues = vec![Cue { start: 0, end: 1, kind: CueKind::Ngram, contribution }];
        Found { judged: TargetSentiment { sentiment, cues }, is_open: false }
    }

    fn by_words(sign: i32) -> Found {
        super::super::closed(super::super::compared(sign, (0, 1)))
    }

    fn check(mut found: Vec<Found>, are_apart: bool, expected: &[i32]) {
        lean("ab", &mut found, |_, _| are_apart);
        let labels: Vec<i32> = found.iter().map(|found| sign_of(found.judged.sentiment.polarity)).collect();
        assert_eq!(labels, expected);
        for TargetSentiment { sentiment, cues } in found.into_iter().map(|found| found.judged) {
            assert_eq!(cues.iter().map(|cue| cue.contribution).sum::<i32>(), sentiment.score.e4());
        }
    }

    #[test]
    fn a_model_that_is_not_sure_leans_away_from_a_rival() {
        check(vec![by_model(0.3, 0.4, 0.3), by_words(-1)], true, &[1, -1]);
        check(vec![by_model(0.3, 0.4, 0.3), by_words(1)], true, &[-1, 1]);
        check(vec![by_model(0.45, 0.1, 0.45), by_model(0.7, 0.2, 0.1)], true, &[1, -1]);
        // It is sure, the other one says nothing, or both are spoken of together.
        check(vec![by_model(0.9, 0.05, 0.05), by_words(-1)], true, &[-1, -1]);
        check(vec![by_model(0.3, 0.4, 0.3), by_words(0)], true, &[0, 0]);
        check(vec![by_model(0.3, 0.4, 0.3), by_words(-1)], false, &[0, -1]);
        // What others say cancels out.
        check(vec![by_model(0.3, 0.4, 0.3), by_words(-1), by_words(1)], true, &[0, -1, 1]);
    }
}
