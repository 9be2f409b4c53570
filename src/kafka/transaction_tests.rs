//! What brokers say that a real one cannot be made to say at will.

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::*;

type Brokers = MockCluster<'static, DefaultProducerContext>;

const TOPIC: &str = "mentions";

fn brokers() -> Brokers {
    let brokers = MockCluster::new(3).unwrap();
    brokers.create_topic(TOPIC, 2, 1).unwrap();
    brokers
}

fn writer(brokers: &Brokers) -> Result<Writer, KafkaError> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers.bootstrap_servers())
        .set("transactional.id", "g-one-0")
        .set("enable.idempotence", "true")
        .set("retry.backoff.ms", RETRY_BACKOFF_MS.to_string());
    Writer::new(&config, "mock:9092", Watched::default())
}

/// One record in one transaction.
fn write(writer: &mut Writer) -> Result<(), KafkaError> {
    writer.begin()?;
    let (key, value): (&[u8], &[u8]) = (b"k", b"v");
    writer.send(Outgoing {
        topic: TOPIC,
        partition: Some(0),
        key,
        value: Some(value),
        headers: None,
        ticket: 0,
    })?;
    writer.drain()?;
    writer.commit_records()
}

#[test]
fn passing_refusals_of_a_commit_are_tried_again() {
    use RDKafkaRespErr::{
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS as LOADING, RD_KAFKA_RESP_ERR_NOT_COORDINATOR as MOVED,
    };
    let brokers = brokers();
    let mut writer = writer(&brokers).unwrap();
    for api in [RDKafkaApiKey::AddPartitionsToTxn, RDKafkaApiKey::EndTxn] {
        brokers.request_errors(api, &[LOADING, MOVED, LOADING]);
        write(&mut writer).unwrap();
    }
    assert!(writer.may_come_again, "three waits are longer than one sending takes");
    // By a new producer.
    write(&mut writer).unwrap();
}

/// Whatever ends a transaction for good ends the writer; its successor of the same name goes on.
#[test]
fn a_commit_that_is_refused_for_good_ends_the_writer_and_not_its_successor() {
    use RDKafkaRespErr::{
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH as EPOCH, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE as STATE,
        RD_KAFKA_RESP_ERR_PRODUCER_FENCED as FENCED,
        RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED as UNAUTHORIZED,
    };
    let brokers = brokers();
    for refusal in [EPOCH, FENCED, STATE, UNAUTHORIZED] {
        let mut first = writer(&brokers).unwrap();
        brokers.request_errors(RDKafkaApiKey::EndTxn, &[refusal]);
        let error = write(&mut first).unwrap_err();
        assert!(error.is_passing() && error.to_string().contains("mock:9092"), "{refusal:?}: {error}");
        assert!(write(&mut first).is_err(), "{refusal:?}: it is of no use any more");
        drop(first);
        write(&mut writer(&brokers).unwrap()).unwrap();
    }
}

#[test]
fn a_topic_that_must_not_be_written_is_named() {
    use RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED as UNAUTHORIZED;
    let brokers = brokers();
    let mut writer = writer(&brokers).unwrap();
    brokers.request_errors(RDKafkaApiKey::AddPartitionsToTxn, &[UNAUTHORIZED]);
    let said = write(&mut writer).unwrap_err().to_string();
    assert!(said.contains(TOPIC) && said.contains("mock:9092"), "{said}");
}

#[test]
fn a_coordinator_that_moves_is_followed() {
    use rdkafka::mocking::MockCoordinator;
    let brokers = brokers();
    let mut writer = writer(&brokers).unwrap();
    for broker in [2, 3, 1] {
        brokers.coordinator(MockCoordinator::Transaction("g-one-0".to_owned()), broker).unwrap();
        write(&mut writer).unwrap();
    }
}

#[test]
fn what_a_predecessor_left_open_is_waited_for() {
    use RDKafkaRespErr::RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS as STILL_OPEN;
    let brokers = brokers();
    for times in 1..4 {
        brokers.request_errors(RDKafkaApiKey::InitProducerId, &vec![STILL_OPEN; times]);
        write(&mut writer(&brokers).unwrap()).unwrap();
    }
}

/// As of brokers that have only just started.
#[test]
fn a_coordinator_that_is_loading_is_waited_for() {
    use RDKafkaRespErr::RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS as LOADING;
    let brokers = brokers();
    for times in 1..4 {
        brokers.request_errors(RDKafkaApiKey::InitProducerId, &vec![LOADING; times]);
        write(&mut writer(&brokers).unwrap()).unwrap();
    }
}

#[test]
fn a_name_that_may_not_be_used_is_told_at_the_start() {
    use RDKafkaRespErr::RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED as UNAUTHORIZED;
    let brokers = brokers();
    brokers.request_errors(RDKafkaApiKey::InitProducerId, &[UNAUTHORIZED]);
    let said = writer(&brokers).err().unwrap().to_string();
    assert!(said.contains("reach the transaction coordinator") && said.contains("mock:9092"), "{said}");
}

/// The client library would say that it is to be called again.
#[test]
fn brokers_that_are_away_are_told_with_time_and_reason() {
    let brokers = brokers();
    (1..=3).for_each(|broker| brokers.broker_down(broker).unwrap());
    let said = writer(&brokers).map(drop).unwrap_err().to_string();
    let parts =
        ["cannot reach the transaction coordinator (mock:9092): no answer within 10 s; 127.0.0.1:", ": "];
    assert!(parts.iter().all(|part| said.contains(part)) && !said.contains("resume"), "{said}");
}
