//! The role serve takes corrections in: what a request brings is written to the topic of corrections in one transaction,
//! and answered when that is committed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::Receiver;

use super::error::KafkaError;
use super::observer::Observer;
use super::outputs::write_post_key;
use super::transaction::{Outgoing, Writer};
use crate::analysis::decode::{Format, Frame, decode};
use crate::feeds::{PushBatch, PushError, PushReceipt};
use crate::model::{Origin, PostKey, Record};

const LOOK: Duration = Duration::from_millis(50);

/// Writes what comes until `stop`. A request that could not be written is told so.
///
/// # Errors
/// Whatever fails between earful and the brokers; begin anew then.
pub(super) fn take(
    topic: &str,
    requests: &Receiver<PushBatch>,
    mut writer: Writer,
    stop: &AtomicBool,
    observer: &Observer,
) -> Result<(), KafkaError> {
    observer.joined();
    while !stop.load(Ordering::SeqCst) {
        // Those who send outlive the run.
        let Ok(request) = requests.recv_timeout(LOOK) else { continue };
        let written = write(topic, &request, &mut writer);
        let answer = match &written {
            Ok(received) => Ok(PushReceipt { received: *received, ..PushReceipt::default() }),
            Err(error) => Err(PushError::NotWritten(error.to_string())),
        };
        (request.reply)(answer);
        written?;
    }
    Ok(())
}

/// A record for each line; gives their number.
fn write(topic: &str, request: &PushBatch, writer: &mut Writer) -> Result<u64, KafkaError> {
    let at = Some(request.received_at.millis());
    let mut number = 0;
    writer.begin()?;
    for value in request.payload.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        let key = key(value);
        let (key, value) = (key.as_bytes(), Some(value));
        writer.send_at(Outgoing { topic, partition: None, key, value, headers: None, ticket: 0 }, at)?;
        number += 1;
    }
    writer.drain()?;
    writer.commit_records()?;
    Ok(number)
}

/// That of the post, so that labels of one post stay in their order. What is no correction has none; it goes to `dead`
/// when it is read.
fn key(value: &[u8]) -> String {
    let mut key = String::new();
    let record = Record { payload: value, received_at: None, origin: Origin::default() };
    decode(&record, Format::Auto, &mut |frame| {
        if let Frame::Correction(label) = frame {
            key.clear();
            write_post_key(&PostKey { network: label.network, id: label.id.as_ref().into() }, &mut key);
        }
    });
    key
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn a_correction_has_the_key_of_its_post() {
        let check = |value: &str, expected: &str| assert_eq!(key(value.as_bytes()), expected, "{value}");
        check(
            r#"{"correction":{"network":"x","id":42,"brand":"a","sentiment":"negative","by":"ana"}}"#,
            "x:42",
        );
        check(r#"{"correction":{"network":"x","id":42}}"#, "");
        check(r#"{"network":"x","id":"42","deleted":true}"#, "");
        check("nothing", "");
    }
}
