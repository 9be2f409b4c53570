//! Where a lane's journal lies in its topic: the first and the last record that count.

use std::collections::VecDeque;

use rdkafka::message::Message;

use crate::aggregate::Lane;
use crate::kafka::codec::{Numbering, Renumbered};
use crate::kafka::restore::{Next, Reader};
use crate::kafka::{error::KafkaError, partition::Partition};

/// So much of a record says how old it is (`Lane::is_expired`).
const HEAD: usize = 17;

/// The records of one lane's journal.
#[derive(Default)]
pub(super) struct Journal {
    /// Offset and beginning of each record, oldest first.
    records: VecDeque<(i64, Vec<u8>)>,
    /// Written in this transaction, but without an offset yet: ticket and beginning.
    written: Vec<(usize, Vec<u8>)>,
}

/// A record as it was read, and what the numbers of brands in it stand for now.
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    pub(super) renumbered: Renumbered,
}

/// A journal and its records.
pub(super) type Restored = (Journal, Vec<Kept>);

impl Journal {
    /// A record was written under this ticket.
    pub(super) fn wrote(&mut self, ticket: usize, record: &[u8]) {
        self.written.push((ticket, head(record)));
    }

    /// The offsets are known.
    pub(super) fn placed(&mut self, placed: &[(usize, i64)]) {
        for (ticket, head) in self.written.drain(..) {
            if let Some((_, offset)) = placed.iter().find(|(t, _)| *t == ticket) {
                self.records.push_back((*offset, head));
            }
        }
    }

    /// Lets go of records whose identities are all forgotten.
    pub(super) fn expire(&mut self, lane: &Lane) {
        while self.records.front().is_some_and(|(_, head)| lane.is_expired(head)) {
            self.records.pop_front();
        }
    }

    /// First and last record that count.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        Some((self.records.front()?.0, self.records.back()?.0))
    }

    /// Reads the records of this span back; none when a part of it is missing.
    pub(super) fn read(
        reader: &Reader,
        topic: &Partition,
        span: Option<(i64, i64)>,
        numbering: &Numbering,
        prefix: &str,
    ) -> Result<Option<Restored>, KafkaError> {
        let (mut journal, mut records) = (Journal::default(), Vec::new());
        let Some((from, last)) = span else { return Ok(Some((journal, records))) };
        let is_whole = reader.read(topic, from, &mut |message| {
            let bytes = message.payload().unwrap_or_default().to_vec();
            journal.records.push_back((message.offset(), head(&bytes)));
            let renumbered = numbering.read(message.key().unwrap_or_default()).map_err(|what| {
                let what = format!("its record {} does not name its brands: {what}", message.offset());
                KafkaError::torn(topic, prefix, what)
            })?;
            records.push(Kept { bytes, renumbered });
            Ok(if message.offset() >= last { Next::Done } else { Next::More })
        })?;
        let begins = journal.records.front().is_some_and(|(offset, _)| *offset == from);
        Ok((is_whole && begins).then_some((journal, records)))
    }
}

fn head(record: &[u8]) -> Vec<u8> {
    record[..record.len().min(HEAD)].to_vec()
}
