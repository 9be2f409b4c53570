//! The lane's memory as a log of changes.
//!
//! A record is: format (1 byte), greatest mark in it (8 bytes, little endian), xxh3 of the rest
//! (8 bytes), then changes in postcard. Small state travels with the commit; the log is appended to, so a
//! commit costs what has changed and not what is remembered.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{RestoreError, dedupe::Given, packed::Packed};
use crate::model::{BrandId, Timestamp};

const FORMAT: u8 = 4;
const HEAD: usize = 17;
const WHAT: &str = "lane journal";

/// One change of a lane's memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Op<'a> {
    /// A new identity, at this watermark.
    Seen {
        #[serde(with = "postcard::fixint::le")]
        identity: u64,
        mark: Timestamp,
    },
    /// The identity was seen in this version.
    Version {
        #[serde(with = "postcard::fixint::le")]
        identity: u64,
        version: i64,
    },
    /// The identity was counted so; replaces what was remembered of it.
    Post {
        #[serde(with = "postcard::fixint::le")]
        identity: u64,
        #[serde(borrow)]
        post: Packed<'a>,
    },
    /// The identity is counted no more.
    Forget {
        #[serde(with = "postcard::fixint::le")]
        identity: u64,
    },
    /// The post was deleted: no version of it is taken in any more.
    Deleted {
        #[serde(with = "postcard::fixint::le")]
        identity: u64,
    },
    /// Time stood still at `before` and goes on from `mark`: what was still remembered at `before` counts as seen now.
    Remark { before: Timestamp, mark: Timestamp },
    /// The label towards this brand is an analyst's, until the next version.
    Labelled {
        #[serde(with = "postcard::fixint::le")]
        identity: u64,
        brand: BrandId,
        given: Given,
    },
}

/// Changes that wait to be taken.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    /// A record without its head, which is filled in when it is taken.
    changes: Vec<u8>,
    newest: Timestamp,
    /// By number: the brands that stand in `changes`.
    named: Vec<bool>,
}

impl Journal {
    pub(super) fn new() -> Journal {
        Journal { changes: vec![0; HEAD], newest: Timestamp::MIN, named: Vec::new() }
    }

    /// One that is about to get so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Journal {
        let mut journal = Journal::new();
        journal.changes.reserve(bytes);
        journal
    }

    pub(super) fn push(&mut self, op: &Op<'_>) {
        if let Op::Seen { mark, .. } = op {
            self.newest = self.newest.max(*mark);
        }
        if let Op::Labelled { brand, .. } = op {
            self.name(*brand);
        }
        // Writing to memory cannot fail; `to_extend` only reports what the writer reports.
        if let Ok(changes) = postcard::to_extend(op, std::mem::take(&mut self.changes)) {
            self.changes = changes;
        }
    }

    /// A change that names this brand is about to be pushed.
    pub(super) fn name(&mut self, brand: BrandId) {
        let number = brand.0 as usize;
        if self.named.len() <= number {
            self.named.resize(number + 1, false);
        }
        self.named[number] = true;
    }

    /// The brands that the changes name, ascending.
    pub(super) fn brands(&self) -> impl Iterator<Item = BrandId> {
        (0..).map(BrandId).zip(&self.named).filter_map(|(brand, is_named)| is_named.then_some(brand))
    }

    /// Bytes of the changes, with the head of their record.
    pub(super) fn len(&self) -> usize {
        self.changes.len()
    }

    /// The changes as one record, and none left. `watermark` bounds the age of changes to known identities.
    pub(super) fn take(&mut self, watermark: Timestamp) -> Vec<u8> {
        if self.changes.len() <= HEAD {
            return Vec::new();
        }
        // As much room as the last record took.
        let mut next = Vec::with_capacity(self.changes.len());
        next.extend_from_slice(&[0; HEAD]);
        let mut record = std::mem::replace(&mut self.changes, next);
        self.named.clear();
        let newest = std::mem::replace(&mut self.newest, Timestamp::MIN).max(watermark);
        let sum = xxh3_64(&record[HEAD..]).to_le_bytes();
        let head = [FORMAT].into_iter().chain(newest.millis().to_le_bytes()).chain(sum);
        record.iter_mut().zip(head).for_each(|(slot, byte)| *slot = byte);
        record
    }
}

/// The watermark when the record was taken; none when it is no journal record.
pub(super) fn newest_mark(record: &[u8]) -> Option<Timestamp> {
    let bytes: [u8; 8] = record.get(1..9)?.try_into().ok()?;
    (record[0] == FORMAT).then(|| Timestamp::from_millis(i64::from_le_bytes(bytes)))
}

/// For a brand's number in a record its number of now, none when the brand is gone.
pub(super) type Renumber<'b> = dyn Fn(BrandId) -> Option<BrandId> + 'b;

/// The changes of one record, in order; without `renumber` brands are numbered now as they were then.
pub(super) fn read(
    record: &[u8],
    renumber: Option<&Renumber<'_>>,
    apply: &mut dyn FnMut(&Op<'_>),
) -> Result<(), RestoreError> {
    let mut rest = changes(record)?;
    let mut buffer = Vec::new();
    while !rest.is_empty() {
        let (op, left) = postcard::take_from_bytes::<Op>(rest).map_err(|e| damaged(&e.to_string()))?;
        match (op, renumber) {
            (Op::Post { identity, post }, Some(renumber)) => {
                let post = renumbered(post, renumber, &mut buffer)?;
                apply(&Op::Post { identity, post });
            }
            (Op::Labelled { identity, brand, given }, Some(renumber)) => {
                if let Some(brand) = renumber(brand) {
                    apply(&Op::Labelled { identity, brand, given });
                }
            }
            (op, _) => apply(&op),
        }
        rest = left;
    }
    Ok(())
}

/// The bytes of a record's changes.
fn changes(record: &[u8]) -> Result<&[u8], RestoreError> {
    let Some(format) = record.first() else { return Ok(record) };
    if *format != FORMAT {
        let (found, expected) = (u32::from(*format), u32::from(FORMAT));
        return Err(RestoreError::Version { what: WHAT, found, expected });
    }
    let (Some(sum), Some(changes)) = (record.get(9..HEAD), record.get(HEAD..)) else {
        return Err(damaged("it is shorter than its head"));
    };
    if sum != xxh3_64(changes).to_le_bytes() {
        return Err(damaged("its check sum does not match"));
    }
    Ok(changes)
}

fn renumbered<'b>(
    post: Packed<'_>,
    renumber: &Renumber<'_>,
    buffer: &'b mut Vec<u8>,
) -> Result<Packed<'b>, RestoreError> {
    let mut post = post.unpack().ok_or_else(|| damaged("a post in it cannot be read"))?;
    post.matches.retain(|(number, ..)| renumber(*number).map(|new| *number = new).is_some());
    Ok(Packed::pack(&post, buffer))
}

fn damaged(detail: &str) -> RestoreError {
    RestoreError::Damaged { what: WHAT, detail: detail.to_owned() }
}
