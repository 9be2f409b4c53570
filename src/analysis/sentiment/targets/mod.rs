//! Sentiment towards each of several targets of one text.
//!
//! **Invariant:** as the scorer's: a function of text, language and the places of the targets.
//!
//! Follow one text: `words` finds the words of comparison and judgement, `regions` says which part of the text speaks of
//! which target, `compare` which of two comes off better. A target that is compared has its label from the comparison;
//! any other is scored by its own part alone, the rest of the text blanked out, so that cues keep their places. A part
//! that only asks, reports what others say or withholds judgement is neutral; and what is contrasted with something
//! clear, and not clear itself, is its opposite.

mod beside;
mod compare;
mod except;
mod negation;
mod reading;
mod regions;
mod rivals;
mod words;

use std::sync::LazyLock;

use super::house::Hit;
use super::{Cue, CueKind, Rules, Scope, Scorer, Sentiment, SentimentScratch, rules_for};
use crate::model::{Language, Polarity, Score};
use compare::{Measured, Verdict, measured, verdicts};
use reading::Reading;
use words::{Role, Words};

const ENGLISH: &str = include_str!("../../../../lexicons/targets/en.tsv");
const CHINESE: &str = include_str!("../../../../lexicons/targets/zh.tsv");

/// In texts that are longer than posts are, parts are not looked for: it would take too long where names stand by the
/// thousand, and what such a text says of one of them is not in its clause.
pub const TARGETS_TEXT_BYTES_MAX: usize = 64 << 10;
/// The same where targets are named more often than so.
pub const TARGETS_PLACES_MAX: usize = 1_000;

/// The score of who comes off better or worse in a comparison, and of what is contrasted with something clear.
const COMPARED: i32 = 5_000;
/// What a praise counts beside the model's score.
const PRAISE: i32 = 5_000;
/// More praises than this add nothing: the score is at its end long before.
const LEANING_MAX: i32 = 100;

/// Label and score towards one target, with its cues.
#[derive(Clone, Debug)]
pub struct TargetSentiment {
    /// Label and score.
    pub sentiment: Sentiment,
    /// What made the score; they add up to it.
    pub cues: Vec<Cue>,
}

/// First byte and one past the last of something, and its sign.
type Place = (usize, usize, i32);

/// What is known of a target before contrasts are looked at.
struct Found {
    judged: TargetSentiment,
    /// It is neutral because it says little, not because it says so.
    is_open: bool,
}

/// The words by which targets are told apart. Read when the first text names several: most programs' texts never do.
static ENGLISH_WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(ENGLISH, true));
static CHINESE_WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(CHINESE, false));

fn words_of(rules: Rules) -> &'static Words {
    if rules == Rules::Chinese { &CHINESE_WORDS } else { &ENGLISH_WORDS }
}

impl Scorer {
    /// A name that begins at `start` may be an exception from what `text` says of all others ("everybody was rude except
    /// A"): a quick look, for callers that would else judge a text with one target as a whole.
    #[must_use]
    pub fn may_except(text: &str, start: usize) -> bool {
        except::may_be(text, start)
    }

    /// The sentiment towards each of the targets of `text`, which are given by their places: first byte, one past the
    /// last, between characters. A target without a place, or alone and no exception, is judged by the whole text; so is
    /// every target of a text of more than [`TARGETS_TEXT_BYTES_MAX`] bytes or with more than [`TARGETS_PLACES_MAX`] places.
    #[must_use]
    pub fn explain_targets(
        &self,
        text: &str,
        language: Language,
        targets: &[Vec<(usize, usize)>],
        scratch: &mut SentimentScratch,
    ) -> Vec<TargetSentiment> {
        let named = targets.iter().filter(|places| !places.is_empty()).count();
        let is_alone = named < 2;
        let may_except = || targets.iter().flatten().any(|&(start, _)| except::may_be(text, start));
        if (is_alone && !may_except())
            || text.len() > TARGETS_TEXT_BYTES_MAX
            || targets.iter().map(Vec::len).sum::<usize>() > TARGETS_PLACES_MAX
        {
            return vec![self.judge(text, language, Scope::Text, scratch); targets.len()];
        }
        let rules = rules_for(text, language);
        let mut reading = Reading::new(text, targets, words_of(rules));
        reading.leave_to(&self.terms(text, rules, scratch));
        if is_alone && !reading.has_exceptions() {
            return vec![self.judge(text, language, Scope::Text, scratch); targets.len()];
        }
        let verdicts = verdicts(&reading);
        let mut found: Vec<Found> = (0..targets.len())
            .map(|target| match targets[target].is_empty() {
                true => closed(self.judge(text, language, Scope::Text, scratch)),
                false => {
                    let found = self.towards(&reading, language, target, &verdicts, scratch);
                    if reading.is_excepted(target) { turned(found, &reading, target) } else { found }
                }
            })
            .collect();
        echo(&reading, &mut found);
        contrast(&reading, &mut found);
        rivals::lean(text, &mut found, |one, other| {
            !targets[one].is_empty() && !targets[other].is_empty() && reading.are_apart(one, other)
        });
        found.into_iter().map(|found| found.judged).collect()
    }

    /// The terms of the house lexicon in a text, and its idioms.
    fn terms(&self, text: &str, rules: Rules, scratch: &mut SentimentScratch) -> Vec<Hit> {
        let mut terms = Vec::new();
        if let Some(house) = &self.house {
            house.find(text, &mut terms);
        }
        if rules == Rules::English {
            self.beyond.add_idioms(text, &mut terms, &mut scratch.beyond);
        }
        terms
    }

    fn judge(
        &self,
        text: &str,
        language: Language,
        scope: Scope,
        scratch: &mut SentimentScratch,
    ) -> TargetSentiment {
        let sentiment = self.explain_label(text, language, scope, scratch);
        TargetSentiment { sentiment, cues: scratch.cues().to_vec() }
    }

    fn towards(
        &self,
        reading: &Reading<'_>,
        language: Language,
        target: usize,
        verdicts: &[Verdict],
        scratch: &mut SentimentScratch,
    ) -> Found {
        let all = reading.sentences(target);
        let has = |sentences: &[(usize, usize)], role| {
            sentences.iter().any(|&(start, end)| reading.has(role, start, end))
        };
        let own: Vec<_> = all.iter().copied().filter(|sentence| !reading.is_not_said(*sentence)).collect();
        let abstains = has(&all, Role::Abstains);
        let verdict = verdicts.iter().find(|verdict| verdict.better == target || verdict.worse == target);
        if let Some(verdict) = verdict.filter(|_| !abstains) {
            let sign = if verdict.better == target { 1 } else { -1 };
            return closed(compared(sign, (verdict.start, verdict.end)));
        }
        match measured(reading, target) {
            Some(Measured::Bad(start, end)) => return closed(compared(-1, (start, end))),
            Some(Measured::NotAsBad) => return closed(withheld()),
            None => {}
        }
        let text = reading.only(&own);
        if reading.stands_aside(target) && !text.contains(char::is_alphanumeric) {
            return Found { judged: withheld(), is_open: true };
        }
        let talk: Vec<Place> = own.iter().flat_map(|sentence| reading.talk(*sentence)).collect();
        let leaning = leaning(&talk);
        let is_lukewarm = has(&own, Role::Lukewarm) && leaning.abs() <= 1;
        if abstains || is_lukewarm || (leaning == 0 && reading.is_means(target)) || text.trim().is_empty() {
            return closed(withheld());
        }
        match mark(&text) {
            Some(score) => closed(scored(score, &[(0, text.len(), 1)], CueKind::Text)),
            None => {
                let mut judged = self.judge(&text, language, Scope::Part, scratch);
                judged.cues.iter_mut().for_each(|cue| reading.widen(cue));
                let mut found = weighed(judged, &talk);
                let of_house = found.judged.cues.iter_mut().filter(|cue| reading.is_house(cue));
                of_house.for_each(|cue| cue.kind = CueKind::House);
                found
            }
        }
    }
}

/// The model's label, where nothing is praised or blamed; else by its score and the praises together.
fn weighed(judged: TargetSentiment, talk: &[Place]) -> Found {
    let leaning = leaning(talk);
    let Sentiment { polarity, score, compound, .. } = judged.sentiment;
    if leaning == 0 {
        return Found { judged, is_open: polarity == Polarity::Neutral };
    }
    let sum = score.e4() + leaning.clamp(-LEANING_MAX, LEANING_MAX) * PRAISE;
    if leaning.signum() != sum.signum() {
        // The model has the better of the words.
        return closed(judged);
    }
    let mut found = scored(Score::from_e4(sum), talk, CueKind::Word);
    found.sentiment.compound = compound;
    closed(found)
}

/// How many more praises than blames there are.
fn leaning(talk: &[Place]) -> i32 {
    talk.iter().map(|(.., sign)| sign).sum()
}

/// A mark that is given, such as `9/10` or stars, as a score: 5 of 10 is 0.
fn mark(text: &str) -> Option<Score> {
    let of_ten = text.find("/10").and_then(|at| {
        let digits = text[..at].rsplit(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        digits.parse::<f64>().ok()
    });
    let stars = text.chars().filter(|c| matches!(c, '🌟' | '⭐')).count();
    let mark = of_ten.or_else(|| (stars > 0).then_some(stars as f64 * 2.0))?;
    Some(match mark {
        mark if mark >= 7.0 => Score::from_e4(COMPARED),
        mark if mark <= 4.0 => Score::from_e4(-COMPARED),
        _ => Score::default(),
    })
}

/// 1, 0 or -1.
fn sign_of(polarity: Polarity) -> i32 {
    match polarity {
        Polarity::Positive => 1,
        Polarity::Negative => -1,
        Polarity::Neutral => 0,
    }
}

/// "A is late, B isn't", "A is late, so is B": the label of the one before, or its opposite.
fn echo(reading: &Reading<'_>, found: &mut [Found]) {
    for (target, before, like) in beside::echoes(reading) {
        let sign = like * sign_of(found[before].judged.sentiment.polarity);
        if sign != 0 {
            found[target] = closed(compared(sign, name_of(reading, target)));
        }
    }
}

/// Who is contrasted with something clear and is not clear itself is its opposite.
fn contrast(reading: &Reading<'_>, found: &mut [Found]) {
    for (before, after) in reading.contrasts() {
        for (open, clear) in [(before, after), (after, before)] {
            let sign = -sign_of(found[clear].judged.sentiment.polarity);
            if sign != 0 && found[open].is_open && !found[clear].is_open {
                found[open] = closed(compared(sign, name_of(reading, open)));
            }
        }
    }
}

/// The opposite of what a part says of all but this target.
fn turned(found: Found, reading: &Reading<'_>, target: usize) -> Found {
    let sign = -sign_of(found.judged.sentiment.polarity);
    if sign == 0 {
        return found;
    }
    closed(compared(sign, name_of(reading, target)))
}

/// Where a target is named first.
fn name_of(reading: &Reading<'_>, target: usize) -> (usize, usize) {
    let first = reading.mentions.iter().find(|mention| mention.target == target);
    first.map_or((0, 0), |mention| (mention.start, mention.end))
}

fn closed(judged: TargetSentiment) -> Found {
    Found { judged, is_open: false }
}

/// The sentiment of who is compared, with the comparison as its one cue.
fn compared(sign: i32, (start, end): (usize, usize)) -> TargetSentiment {
    scored(Score::from_e4(sign * COMPARED), &[(start, end, 1)], CueKind::Comparison)
}

/// Nothing is judged.
fn withheld() -> TargetSentiment {
    scored(Score::default(), &[], CueKind::Text)
}

/// A score that is made of what stands at these places, each by its share of their signs.
fn scored(score: Score, places: &[Place], kind: CueKind) -> TargetSentiment {
    // Wide: a long text may hold hundreds of thousands of places.
    let (total, all) = (i64::from(score.e4()), i64::from(leaning(places)));
    let mut so_far = 0;
    let mut cue = |&(start, end, sign): &Place| {
        // Differences of rounded sums, so that the parts add up.
        let before = total * so_far / all;
        so_far += i64::from(sign);
        let contribution = (total * so_far / all - before) as i32;
        Cue { start: start as u32, end: end as u32, kind, contribution }
    };
    let cues = places.iter().map(&mut cue).filter(|cue| cue.contribution != 0).collect();
    let sentiment = Sentiment { polarity: score.polarity(), score, compound: score, odds: None };
    TargetSentiment { sentiment, cues }
}
