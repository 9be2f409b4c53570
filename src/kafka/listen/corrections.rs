//! The topic of corrections, read: what is a correction in it and what is none.

use std::sync::Arc;

use rdkafka::message::{BorrowedMessage, Message};

use crate::analysis::Scratch;
use crate::analysis::decode::Format;
use crate::kafka::partition::Partition;
use crate::kafka::worker::Reading as MessageReading;
use crate::model::{
    CORRECTION_BYTES_MAX, Correction, DeadLetter, Origin, Reading, ReadingOutcome, Record, Timestamp,
};
use crate::runtime::{InForce, Queries, malformed, read_guarded};

/// What dead letters name as the feed.
const FEED: &str = "corrections";

/// What was in a record of the topic of corrections.
pub(in crate::kafka) enum Received {
    /// A correction, its record's value and the time at which it came in.
    Correction(Box<Correction>, Vec<u8>, Option<i64>),
    /// Nothing that could be passed on.
    Dead(Box<DeadLetter>),
}

/// Tells corrections from what is none.
pub(in crate::kafka) struct CorrectionReading {
    queries: Arc<Queries>,
    in_force: Arc<InForce>,
    scratch: Scratch,
    readings: Vec<Reading>,
}

impl CorrectionReading {
    pub(in crate::kafka) fn new(queries: Arc<Queries>) -> CorrectionReading {
        let in_force = queries.in_force();
        CorrectionReading { queries, in_force, scratch: Scratch::default(), readings: Vec::new() }
    }

    /// A correction, or why the record is none. One that names a brand which the pipeline does not have is malformed.
    fn outcome(&mut self, record: &Record<'_>) -> ReadingOutcome {
        let refused = |code, detail: String| malformed(record, code, detail, None).outcome;
        let bytes = record.payload.len();
        if bytes > CORRECTION_BYTES_MAX {
            let what =
                format!("the record has {bytes} bytes; a correction has at most {CORRECTION_BYTES_MAX}");
            return refused("record_too_long", what);
        }
        self.readings.clear();
        read_guarded(&self.in_force.annotator, record, Format::Auto, &mut self.scratch, &mut self.readings);
        let last = self.readings.pop().map(|reading| reading.outcome);
        match last {
            Some(_) if !self.readings.is_empty() => refused(
                "not_an_object",
                "the topic of corrections takes one a record, not several".to_owned(),
            ),
            Some(outcome @ (ReadingOutcome::Correction(_) | ReadingOutcome::Malformed(_))) => outcome,
            _ => {
                let what =
                    "this is no `{\"correction\": {...}}`; the topic of corrections takes nothing else";
                refused("unknown_format", what.to_owned())
            }
        }
    }
}

impl MessageReading for CorrectionReading {
    type Item = Received;

    fn read(&mut self, message: &BorrowedMessage<'_>, out: &mut Vec<Received>) {
        let Some(payload) = message.payload().filter(|payload| !payload.trim_ascii().is_empty()) else {
            return;
        };
        let at = message.timestamp().to_millis();
        let source = Partition::new(message.topic(), message.partition()).to_string();
        let offset = message.offset().unsigned_abs();
        let origin = Origin { feed: FEED, source: &source, offset, line: 0 };
        let received_at = at.map(Timestamp::from_millis);
        match self.outcome(&Record { payload, received_at, origin }) {
            ReadingOutcome::Correction(correction) => {
                out.push(Received::Correction(correction, payload.to_vec(), at));
            }
            ReadingOutcome::Malformed(dead) => out.push(Received::Dead(dead)),
            _ => {}
        }
    }

    fn batch_done(&mut self) {
        if self.queries.number() != self.in_force.number {
            self.in_force = self.queries.in_force();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::listen::forward::tests::{feed, plan};

    #[test]
    fn a_record_is_one_correction_or_goes_to_dead() {
        let mut reading = CorrectionReading::new(Queries::new(&plan(&feed("a", "topics = ['posts']"))));
        let mut check = |payload: &str, expected: &str| {
            let received_at = Some(Timestamp::from_millis(1));
            let record = Record { payload: payload.as_bytes(), received_at, origin: Origin::default() };
            let found = match reading.outcome(&record) {
                ReadingOutcome::Correction(correction) => format!("{:?}", correction.source),
                ReadingOutcome::Malformed(dead) => dead.reason,
                other => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{payload}");
        };
        let label = |brand: &str, more: &str| {
            format!(
                r#"{{"correction":{{"network":"x","id":"1","brand":"{brand}","sentiment":"negative","by":"ana"{more}}}}}"#
            )
        };
        check(&label("heron", ""), "None");
        check(&label("heron", r#","source":"posts/1""#), "Some(\"posts/1\")");
        check(&format!("[{}]", label("heron", "")), "None");
        check(&format!("[{0},{0}]", label("heron", "")), "not_an_object");
        check(&label("nobody", ""), "unknown_brand");
        check(
            r#"{"network":"x","id":"1","body":"heron","published_at":"2026-03-10T09:00:00Z"}"#,
            "unknown_format",
        );
        check(r#"{"network":"x","id":"1","deleted":true}"#, "unknown_format");
        check("[]", "unknown_format");
        check("{\"correction\":", "truncated");
        check(&"a".repeat(CORRECTION_BYTES_MAX + 1), "record_too_long");
    }
}
