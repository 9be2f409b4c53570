//! Records of `tallies`, decoded on the polling thread.

use rdkafka::message::{BorrowedMessage, Message};

use crate::kafka::codec::{TallyRecord, decode};
use crate::kafka::worker::Reading;

/// Decodes tallies; what cannot be decoded goes on as the reason why.
pub(in crate::kafka) struct TallyReading;

impl Reading for TallyReading {
    type Item = Result<TallyRecord, String>;

    fn read(&mut self, message: &BorrowedMessage<'_>, out: &mut Vec<Self::Item>) {
        out.push(decode(message.payload().unwrap_or_default()));
    }
}
