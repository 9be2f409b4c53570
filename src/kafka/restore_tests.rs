//! A reader that was idle while the brokers were away.

use rdkafka::config::ClientConfig;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::*;

const TOPIC: &str = "journal";

/// One broker, and a topic with one record.
fn brokers() -> MockCluster<'static, rdkafka::producer::DefaultProducerContext> {
    let brokers = MockCluster::new(1).unwrap();
    brokers.create_topic(TOPIC, 1, 1).unwrap();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers.bootstrap_servers());
    let producer: BaseProducer = config.create().unwrap();
    producer.send(BaseRecord::to(TOPIC).partition(0).key("k").payload("v")).unwrap();
    producer.flush(CALL_TIMEOUT).unwrap();
    brokers
}

fn reader(addresses: String) -> Reader {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &addresses)
        .set("group.id", "g-restore")
        .set("enable.partition.eof", "true")
        .set("reconnect.backoff.max.ms", "500");
    let consumer = BaseConsumer::from_config_and_context(&config, Quiet::default()).unwrap();
    Reader { consumer, brokers: addresses, has_tokens: false }
}

fn records(reader: &Reader) -> Result<usize, KafkaError> {
    let mut records = 0;
    reader.read(&Partition::new(TOPIC, 0), 0, &mut |_| {
        records += 1;
        Ok(Next::More)
    })?;
    Ok(records)
}

#[test]
fn an_outage_that_is_over_is_no_reason_to_fail() {
    let brokers = brokers();
    let reader = reader(brokers.bootstrap_servers());
    assert_eq!(records(&reader).unwrap(), 1);
    brokers.broker_down(1).unwrap();
    // Until the client has seen that no broker is left, and tried again.
    std::thread::sleep(Duration::from_secs(2));
    brokers.broker_up(1).unwrap();
    assert_eq!(records(&reader).unwrap(), 1);
}
