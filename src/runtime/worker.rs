//! Analysis of batches, on as many threads as wanted.
//!
//! **Invariant:** what comes out is a function of the batch and of the queries that it was given, and batches of a
//! feed are given queries in their order: the old ones up to some batch, the new ones after it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crossbeam_channel::{Receiver, Sender};

use super::queries::{InForce, Queries};
use crate::analysis::decode::Format;
use crate::analysis::{Annotator, Scratch};
use crate::config::FeedPlan;
use crate::feeds::{Batch, FeedError, OVERSIZED_KEPT_BYTES, Slice};
use crate::metrics::Metrics;
use crate::model::{DeadLetter, Reading, ReadingOutcome, Record, Timestamp};

/// A batch and what analysis made of it.
pub(super) struct AnalysedBatch {
    pub(super) batch: Batch,
    /// Readings of all records, in order.
    pub(super) readings: Vec<Reading>,
    /// One past the last reading of each record.
    pub(super) ends: Vec<usize>,
    /// What they were matched by.
    pub(super) queries: Arc<InForce>,
}

/// What can wake the sequencer.
pub(super) enum Event {
    /// A batch is analysed. Batches of one feed may come in any order.
    Batch(Box<AnalysedBatch>),
    /// A feed has handed over its last batch; `batches` in all.
    Ended { feed: usize, batches: u64, error: Option<FeedError> },
}

/// What every worker shares.
pub(super) struct Analysis {
    pub(super) queries: Arc<Queries>,
    /// Held while a worker takes a batch and the queries for it, so that both come in one order.
    pub(super) turn: Mutex<()>,
    pub(super) feeds: Vec<FeedPlan>,
    /// Gets the time that each batch took.
    pub(super) metrics: Option<Arc<Metrics>>,
}

/// Takes batches until there are no more.
pub(super) fn work(analysis: &Arc<Analysis>, batches: &Receiver<Batch>, events: &Sender<Event>) {
    let mut scratch = Scratch::default();
    while let Some((batch, queries)) = analysis.next(batches) {
        let began = Instant::now();
        let analysed = analysis.analyse(batch, queries, &mut scratch);
        if let Some(metrics) = &analysis.metrics {
            metrics.observe_stage("analyse", began.elapsed().as_secs_f64());
            metrics.add_queued("sequence", 1);
            scratch.take_posts().for_each(|(network, posts)| metrics.add_ingested(network, posts));
            observe_delay(metrics, &analysed.readings);
        }
        if events.send(Event::Batch(Box::new(analysed))).is_err() {
            return;
        }
    }
}

/// One sample a batch: how old its newest post was when it came in. Files have no arrival times, so they tell nothing.
fn observe_delay(metrics: &Metrics, readings: &[Reading]) {
    let timed = readings.iter().filter(|reading| reading.received_at != reading.published_at);
    if let Some(newest) = timed.max_by_key(|reading| reading.published_at) {
        metrics.observe_event_time_delay(newest.published_at, newest.received_at);
    }
}

impl Analysis {
    fn next(&self, batches: &Receiver<Batch>) -> Option<(Batch, Arc<InForce>)> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = batches.recv().ok()?;
        Some((batch, self.queries.in_force()))
    }

    fn analyse(&self, mut batch: Batch, queries: Arc<InForce>, scratch: &mut Scratch) -> AnalysedBatch {
        let mut readings = Vec::with_capacity(batch.slices.len());
        let mut ends = Vec::with_capacity(batch.slices.len());
        if let Some(feed) = self.feeds.get(batch.feed) {
            for slice in &batch.slices {
                read(&queries.annotator, (feed, &batch, slice), scratch, &mut readings);
                ends.push(readings.len());
            }
        }
        batch.permit.keep(std::mem::take(&mut batch.payload));
        AnalysedBatch { batch, readings, ends, queries }
    }
}

fn read(
    annotator: &Annotator,
    (feed, batch, slice): (&FeedPlan, &Batch, &Slice),
    scratch: &mut Scratch,
    out: &mut Vec<Reading>,
) {
    let record = batch.record(&feed.name, slice);
    match slice.whole_bytes {
        Some(whole) => out.push(too_long(&record, whole)),
        None => read_guarded(annotator, &record, feed.format, scratch, out),
    }
}

/// Reads a record. No input is known to panic; if one does, it must not take the posts of others with it.
pub(crate) fn read_guarded(
    annotator: &Annotator,
    record: &Record<'_>,
    format: Format,
    scratch: &mut Scratch,
    out: &mut Vec<Reading>,
) {
    let first = out.len();
    let read = || annotator.read(record, format, scratch, out);
    if catch_unwind(AssertUnwindSafe(read)).is_err() {
        *scratch = Scratch::default();
        out.truncate(first);
        let detail = "the analysis panicked; this is a mistake in earful, please report it".to_owned();
        out.push(malformed(record, "internal_error", detail, None));
    }
}

/// The reading of a record over the limit: `whole` bytes, of which only the beginning is kept.
pub(crate) fn too_long(record: &Record<'_>, whole: u64) -> Reading {
    let detail = format!("the record has {whole} bytes; `max_record_bytes` of the pipeline is less");
    malformed(record, "record_too_long", detail, Some(whole))
}

/// A reading that goes to `dead`. Its times say nothing, so they move no watermark.
pub(crate) fn malformed(record: &Record<'_>, reason: &str, detail: String, whole: Option<u64>) -> Reading {
    let kept = &record.payload[..record.payload.len().min(OVERSIZED_KEPT_BYTES)];
    let bytes = whole.unwrap_or(record.payload.len() as u64);
    let text = utf8_start(kept, kept.len() as u64 == bytes);
    let dead = DeadLetter {
        reason: reason.to_owned(),
        detail,
        feed: record.origin.feed.to_owned(),
        source: record.origin.source.to_owned(),
        offset: record.origin.offset,
        line: record.origin.line,
        received_at: record.received_at,
        bytes,
        raw: text.map(str::to_owned),
        raw_base64: text.is_none().then(|| STANDARD.encode(kept)),
        truncated: (kept.len() as u64) < bytes,
    };
    let at = record.received_at.unwrap_or(Timestamp::MIN);
    let outcome = ReadingOutcome::Malformed(Box::new(dead));
    Reading { identity: 0, version: 0, published_at: at, received_at: at, outcome }
}

/// The bytes as text; of cut off bytes, without the character that the cut went through.
fn utf8_start(bytes: &[u8], whole: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(e) if !whole && e.error_len().is_none() => std::str::from_utf8(&bytes[..e.valid_up_to()]).ok(),
        Err(_) => None,
    }
}
