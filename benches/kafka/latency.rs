//! How long a post takes to its mention, and a pane to its row, while posts come at a steady rate.

use std::time::{Duration, Instant};

use earful::model::Timestamp;
use earful::runtime::now;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde::Deserialize;

use super::process::Process;
use super::rig::{Pipeline, Rig};

const TOPIC: &str = "live";
const LATENESS_MS: i64 = 5_000;
const WARM_UP: Duration = Duration::from_secs(15);
/// Long enough for two panes of a minute to close.
const MEASURED: Duration = Duration::from_secs(130);
/// One in so many mentions is looked at, so that the looking costs little.
const ONE_IN: u64 = 50;

#[derive(Deserialize)]
struct Mention {
    received_at: Timestamp,
}

#[derive(Deserialize)]
struct Row {
    status: String,
    resolution: String,
    end: Timestamp,
}

/// Runs `earful load` at this rate beside earful; a sentence with what came out.
pub fn measure(rig: &Rig, rate: u64) -> String {
    rig.kafka.create_topic(TOPIC, rig.partitions, &[("retention.ms", "-1")]);
    let pipeline = rig.pipeline(1_000, TOPIC, "5s");
    let mut process = Process::earful(rig, &pipeline, 2);
    let seconds = (WARM_UP + MEASURED).as_secs() + 5;
    let mut command = rig.loading(&pipeline, TOPIC);
    command.args(["--rate", &format!("{rate}/s"), "--for", &format!("{seconds}s"), "--late", "0"]);
    let mut load = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(WARM_UP);
    let (mentions, rows) = watch(rig, &pipeline);
    load.wait().unwrap();
    process.stop();
    format!(
        "At {rate} posts a second, milliseconds. From a post written to its mention readable (read_committed), {} mentions: {}. \
         From a pane closable (its end and the lateness of {LATENESS_MS} ms are over) to its row readable, {} rows: {}.",
        mentions.len(),
        summary(mentions),
        rows.len(),
        summary(rows)
    )
}

fn watch(rig: &Rig, pipeline: &Pipeline) -> (Vec<i64>, Vec<i64>) {
    let consumer =
        from_the_end(rig, &["mentions", "metrics"].map(|name| format!("{}{name}", pipeline.prefix)));
    let (mut mentions, mut rows, mut seen) = (Vec::new(), Vec::new(), 0_u64);
    let began = Instant::now();
    while began.elapsed() < MEASURED {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else { continue };
        let Some(value) = message.payload() else { continue };
        if message.topic().ends_with("mentions") {
            seen += 1;
            if seen % ONE_IN == 0
                && let Ok(Mention { received_at }) = serde_json::from_slice(value)
            {
                mentions.push(now().millis() - received_at.millis());
            }
        } else if let Ok(Row { status, resolution, end }) = serde_json::from_slice(value)
            && status == "final"
            && resolution == "minute"
        {
            rows.push(now().millis() - end.millis() - LATENESS_MS);
        }
    }
    (mentions, rows)
}

fn from_the_end(rig: &Rig, topics: &[String]) -> BaseConsumer {
    let mut config: ClientConfig = rig.kafka.config();
    config.set("group.id", "bench").set("isolation.level", "read_committed").set("fetch.wait.max.ms", "10");
    let consumer: BaseConsumer = config.create().unwrap();
    let mut list = TopicPartitionList::new();
    for topic in topics {
        for (partition, end) in (0..).zip(rig.kafka.ends(topic)) {
            list.add_partition_offset(topic, partition, Offset::Offset(end)).unwrap();
        }
    }
    consumer.assign(&list).unwrap();
    consumer
}

/// Median, 99th percentile and greatest.
fn summary(mut values: Vec<i64>) -> String {
    values.sort_unstable();
    let Some(greatest) = values.last() else { return "none".to_owned() };
    let at = |percent: usize| values[(values.len() * percent).div_ceil(100).saturating_sub(1)];
    format!("p50 {}, p99 {}, greatest {greatest}", at(50), at(99))
}
