//! One record as an edge hands it over, and what is kept of one that cannot be used.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Raw bytes with the time and the place of their arrival. May hold no post, one, or many (a page).
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The bytes as received.
    pub payload: &'a [u8],
    /// Arrival at the broker or the socket. A file has none: there the published time stands in.
    pub received_at: Option<Timestamp>,
    /// Where it came from.
    pub origin: Origin<'a>,
}

/// Where a record came from, so that a person can find it again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Origin<'a> {
    /// Name of the feed in the pipeline file.
    pub feed: &'a str,
    /// File, topic/partition or remote name; empty for stdin.
    pub source: &'a str,
    /// Byte offset of the record's start (after decompression), or the Kafka offset.
    pub offset: u64,
    /// Line number from 1, where records are lines; else 0.
    pub line: u64,
}

/// Why a record cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Stable code in `snake_case`, e.g. `json_syntax`; the list is in `docs/dead-letters.md`.
    pub code: &'static str,
    /// For people: what was found and where.
    pub detail: String,
}

/// A record that cannot be used, kept whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeadLetter {
    /// A stable code in `snake_case`; the list is in `docs/dead-letters.md`.
    pub reason: String,
    /// For people: what was found and where.
    pub detail: String,
    /// Name of the feed in the pipeline file.
    pub feed: String,
    /// File, topic/partition or remote name; empty for stdin.
    pub source: String,
    /// Byte offset of the record's start (after decompression), or the Kafka offset.
    pub offset: u64,
    /// Line number from 1, where records are lines; else 0.
    pub line: u64,
    /// Arrival, where known.
    pub received_at: Option<Timestamp>,
    /// Length of the whole record in bytes.
    pub bytes: u64,
    /// The record, where it is valid UTF-8.
    pub raw: Option<String>,
    /// The record in base64, where it is not.
    pub raw_base64: Option<String>,
    /// True when only the beginning of the record is kept, because it was longer than the limit.
    pub truncated: bool,
}
