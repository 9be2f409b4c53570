//! Where a lane's journal lies in its topic: the first and the last record that count.

use std::collections::VecDeque;

use rdkafka::message::Message;

use crate::aggregate::Lane;
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

/// Is given offset, key and value of each record.
type Each<'e> = dyn FnMut(i64, &[u8], &[u8]) -> Result<(), KafkaError> + 'e;

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

    /// Gives the records of this span to `each`, in order; none when a part of it is missing.
    pub(super) fn read(
        reader: &Reader,
        topic: &Partition,
        span: Option<(i64, i64)>,
        each: &mut Each<'_>,
    ) -> Result<Option<Journal>, KafkaError> {
        let mut journal = Journal::default();
        let Some((from, last)) = span else { return Ok(Some(journal)) };
        let is_whole = reader.read(topic, from, &mut |message| {
            let (offset, record) = (message.offset(), message.payload().unwrap_or_default());
            each(offset, message.key().unwrap_or_default(), record)?;
            journal.records.push_back((offset, head(record)));
            Ok(if offset >= last { Next::Done } else { Next::More })
        })?;
        let begins = journal.records.front().is_some_and(|(offset, _)| *offset == from);
        Ok((is_whole && begins).then_some(journal))
    }
}

fn head(record: &[u8]) -> Vec<u8> {
    record[..record.len().min(HEAD)].to_vec()
}
