//! What becomes of an analyst's label in the lane that remembers the post.
//!
//! - It holds for the text as it stands: an edit is analysed anew, and a label that was decided before the
//!   text was last edited comes too late for it.
//! - Labels for one mention are ordered by the times at which they were decided. Only a later one takes the
//!   place of one in force, so that labels that come twice or out of order end the same; of two with the same time the
//!   one that came first stands.

use super::{Lane, LaneOutput};
use crate::aggregate::{
    dedupe::{Given, Memory, Remembered},
    journal::Op,
};
use crate::model::{
    Corrected, Correction, DeadLetter, Defect, Fate, Polarity, PostKey, Reading, Score, Timestamp,
};

/// What a lane does with a label.
enum Verdict {
    /// It comes into force.
    InForce(Change),
    /// The same label is in force, but was decided earlier.
    Confirmed(Given),
    /// It is in force already, or a later one is.
    Repeated,
    /// It cannot be applied, for this reason.
    Refused(Defect),
}

/// A label that comes into force.
struct Change {
    /// The post as it was counted.
    old: Remembered<'static>,
    /// Which of its brands.
    place: usize,
    /// The score from now on.
    score: Score,
    revision: u32,
    /// When the text was last edited.
    edited_at: Option<Timestamp>,
}

impl Lane {
    /// Takes in an analyst's label.
    pub(super) fn label(
        &mut self,
        reading: &Reading,
        correction: &Correction,
        emit: &mut dyn FnMut(LaneOutput<'_>),
    ) -> Fate {
        let at = self.counted_time(reading);
        match judge(&self.memory, reading.identity, at, correction) {
            Verdict::InForce(change) => {
                let was = self.relabel(reading.identity, at, &change, correction.polarity);
                let Change { score, revision, edited_at, .. } = change;
                emit(LaneOutput::Correction(&Corrected { correction, score, was, revision, at, edited_at }));
                Fate::Retracted
            }
            Verdict::Confirmed(given) => {
                // Else one that comes later, but was decided in between, would take its place.
                let given = Given { at, ..given };
                self.remember(Op::Labelled { identity: reading.identity, brand: correction.brand, given });
                Fate::Duplicate
            }
            Verdict::Repeated => Fate::Duplicate,
            Verdict::Refused(why) => {
                self.uncorrected += 1;
                let (reason, detail) = (why.code.to_owned(), why.detail);
                emit(LaneOutput::Dead(&DeadLetter { reason, detail, ..correction.dead.clone() }));
                Fate::Malformed
            }
        }
    }

    /// An edit or a delete takes the labels of a post along.
    pub(super) fn let_go_of_labels(
        &self,
        identity: u64,
        key: &PostKey,
        emit: &mut dyn FnMut(LaneOutput<'_>),
    ) {
        self.memory.labelled(identity).for_each(|brand| emit(LaneOutput::LabelGone(key, brand)));
    }

    /// Takes the mention of one brand back and counts it with its new label. Gives the old one.
    fn relabel(&mut self, identity: u64, at: Timestamp, change: &Change, to: Polarity) -> (Polarity, Score) {
        let mut post = change.old.clone();
        let old = post.matches[change.place];
        let new = (old.0, to, change.score);
        if new != old {
            self.correct_one(&post, old, -1);
            self.correct_one(&post, new, 1);
            post.matches[change.place] = new;
            self.remember_post(identity, &post);
        }
        let given = Given { at, revision: change.revision };
        self.remember(Op::Labelled { identity, brand: old.0, given });
        (old.1, old.2)
    }
}

/// `at` is when the analyst decided.
fn judge(memory: &Memory, identity: u64, at: Timestamp, correction: &Correction) -> Verdict {
    let Some(version) = memory.version(identity) else {
        return refused("correction_unknown_post", unknown_post(correction));
    };
    let found = memory.post(identity).and_then(|post| {
        let place = post.matches.iter().position(|(brand, ..)| *brand == correction.brand)?;
        Some((post.into_owned(), place))
    });
    let Some((old, place)) = found else {
        return refused("correction_no_mention", no_mention(correction));
    };
    let given = memory.given(identity, correction.brand);
    let (_, polarity, score) = old.matches[place];
    match given {
        Some(given) if at <= given.at => return Verdict::Repeated,
        Some(given) if polarity == correction.polarity => return Verdict::Confirmed(given),
        _ => {}
    }
    if at.millis() < version {
        return refused("correction_outdated", outdated(correction, at, version));
    }
    let score = fitting(score, polarity, correction.polarity);
    let revision = given.map_or(0, |given| given.revision).saturating_add(1);
    let edited_at = (version != 0).then(|| Timestamp::from_millis(version));
    Verdict::InForce(Change { old, place, score, revision, edited_at })
}

/// A score on the other side of the label would contradict it.
fn fitting(score: Score, from: Polarity, to: Polarity) -> Score {
    if from == to { score } else { to.full_score() }
}

fn refused(code: &'static str, detail: String) -> Verdict {
    Verdict::Refused(Defect { code, detail })
}

fn unknown_post(correction: &Correction) -> String {
    let key = &correction.key;
    format!(
        "no post `{}` of {} is remembered where the correction came in: the post is older than `dedupe.horizon`, \
         which must be as long as analysts take, or came in by another feed or partition",
        key.id, key.network
    )
}

fn no_mention(correction: &Correction) -> String {
    let Correction { key, brand_name, .. } = correction;
    format!("the post `{}` of {} is no mention of `{brand_name}` (any more)", key.id, key.network)
}

fn outdated(correction: &Correction, at: Timestamp, version: i64) -> String {
    let Correction { key, .. } = correction;
    let edited_at = Timestamp::from_millis(version);
    format!(
        "the post `{}` of {} was edited at {edited_at}, after the label was decided at {at}; label the new text",
        key.id, key.network
    )
}
