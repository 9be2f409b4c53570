//! The nouns of earful as plain values.
//!
//! **Invariant:** values only. No clock, no IO, no threads, no behaviour beyond conversion and arithmetic.

mod correction;
mod fate;
mod incident;
mod label;
mod language;
mod mention;
mod metric;
mod metric_json;
mod output;
mod post;
mod record;
mod sentiment;
mod time;

#[cfg(test)]
pub(crate) use correction::CorrectionLine;
pub use correction::{CORRECTION_BYTES_MAX, Corrected, Correction};
pub use fate::{Fate, FateCounts};
pub use incident::{Baseline, Evidence, Incident, IncidentStatus, PostDigest, Severity};
pub use label::Label;
pub use language::Language;
pub use mention::{
    BrandId, BrandMatch, Excerpt, Mention, PostKey, Reading, ReadingOutcome, Referred, Span, Zone,
};
pub use metric::{
    DistinctCount, MetricRow, MetricStatus, NetSentiment, Reach, Resolution, TopEntry, TopList,
};
pub use output::{Output, OutputKind};
pub use post::{
    Author, Channel, Counts, Geo, Kind, Link, Media, Network, PageType, Post, Reference, Review, Source,
};
pub use record::{DeadLetter, Defect, Origin, Record};
pub(crate) use sentiment::rounded;
pub use sentiment::{Polarity, Score};
pub use time::{BadTimestamp, Timestamp};
