//! The distributed run over HTTP: probes, metrics, and the read API that follows the topics out.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::broker;
use super::client::{Kafka, Writer};
use super::fleet::Fleet;

const LONGEST: Duration = Duration::from_secs(180);
const POSTS: i64 = 500;

/// Status and body of the answer; none when nobody answers, or the process ends before it has.
pub fn request(port: u16, head: &str, body: &str, patience: Duration) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(patience)).ok()?;
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nhost: earful\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

/// The same of a page.
pub fn get(port: u16, path: &str) -> Option<(u16, String)> {
    request(port, &format!("GET {path}"), "", Duration::from_secs(5))
}

pub fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < LONGEST, "{what} did not come about within {LONGEST:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn pipeline(address: &str, prefix: &str, port: u16) -> String {
    format!(
        r#"name = "served"
lateness = "1m"

[kafka]
brokers = "{address}"
prefix = "{prefix}"
tallies_partitions = 2

[http]
listen = "127.0.0.1:{port}"

[[feeds]]
name = "posts"
type = "kafka"
topics = ["posts-to-serve"]

[[brands]]
id = "heron"
query = "heron"
"#
    )
}

/// Posts a second apart, one in five about the brand, and the last of them an hour later.
fn feed(kafka: &Kafka, topic: &str) {
    let writer = kafka.writer();
    let start = now_ms() - 2 * 3_600_000;
    for n in 0..POSTS {
        let at = start + n * 1_000 + if n >= POSTS - 20 { 3_600_000 } else { 0 };
        let text = if n % 5 == 0 { "the heron lost my bag" } else { "nothing to see here" };
        let id = format!("p{n}");
        send(&writer, topic, n, &id, text, at);
    }
    writer.flush();
}

/// The partition is chosen by `n`.
fn send(writer: &Writer, topic: &str, n: i64, id: &str, text: &str, at: i64) {
    let value = serde_json::json!({
        "network": "x", "id": id, "text": text, "author": {"handle": format!("a{n}")},
        "published_at": earful::model::Timestamp::from_millis(at).to_string(),
    });
    writer.send(topic, (n % 2) as i32, id.as_bytes(), value.to_string().as_bytes(), at + 1_000);
}

fn now_ms() -> i64 {
    earful::runtime::now().millis()
}

/// The value of a line of `/metrics`, or 0.
pub fn metric(port: u16, line: &str) -> f64 {
    let (_, text) = get(port, "/metrics").unwrap_or_default();
    text.lines().find_map(|l| l.strip_prefix(line)?.trim().parse().ok()).unwrap_or(0.0)
}

#[test]
fn probes_metrics_and_read_api_show_the_run() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, port, dir) = (Kafka::new(&broker.address()), free_port(), tempfile::tempdir().unwrap());
    kafka.create_topic("posts-to-serve", 2, &[("retention.ms", "-1")]);
    let file = dir.path().join("p.toml");
    fs::write(&file, pipeline(&broker.address(), "served.", port)).unwrap();
    // It makes its topics itself.
    let mut fleet = Fleet::start(&file, dir.path(), &["one"], &[]);
    wait_for("readiness", || get(port, "/readyz").is_some_and(|(status, _)| status == 200));
    assert_eq!(get(port, "/healthz").unwrap().0, 200);
    feed(&kafka, "posts-to-serve");
    let fates = || -> f64 {
        let fates = ["kept", "late", "duplicate", "filtered", "ignored", "retracted", "malformed"];
        fates.iter().map(|fate| metric(port, &format!("earful_posts_total{{fate=\"{fate}\"}}"))).sum()
    };
    wait_for("the fate of every post", || fates() >= POSTS as f64);
    assert_eq!(fates(), POSTS as f64, "the sum of the fates is what was sent");
    assert_eq!(metric(port, "earful_records_read_total{feed=\"posts\"}"), POSTS as f64);
    assert_eq!(metric(port, "earful_outputs_written_total{kind=\"mentions\"}"), POSTS as f64 / 5.0);
    for role in ["listen", "tally"] {
        let line = format!("earful_kafka_commits_total{{role=\"{role}\"}}");
        wait_for("a commit", || metric(port, &line) >= 1.0);
    }
    let start_of_a_minute = |seconds: f64| seconds > 0.0 && seconds % 60.0 == 0.0;
    wait_for("an open pane", || {
        start_of_a_minute(metric(port, "earful_oldest_open_pane_timestamp_seconds "))
    });
    wait_for("the watermark of all engines", || metric(port, "earful_watermark_timestamp_seconds ") > 0.0);
    assert!(metric(port, "earful_open_panes ") >= 1.0);
    for role in ["listen", "tally"] {
        for (name, at_least) in [
            ("commit_duration_seconds_count", 1.0),
            ("restore_duration_seconds_count", 2.0),
            ("rebalances_total", 1.0),
        ] {
            let line = format!("earful_kafka_{name}{{role=\"{role}\"}}");
            assert!(metric(port, &line) >= at_least, "{line} {}", metric(port, &line));
        }
    }
    wait_for("the lag", || get(port, "/metrics").is_some_and(|(_, text)| text.contains("earful_kafka_lag{")));
    wait_for("a mention on the read API", || {
        get(port, "/v1/mentions?brand=heron").is_some_and(|(_, body)| body.contains("the heron lost my bag"))
    });
    wait_for("a row of a minute", || {
        get(port, "/v1/metrics?brand=heron&resolution=minute")
            .is_some_and(|(status, body)| status == 200 && body.contains("\"status\":\"final\""))
    });
    // To wait a moment for what a first run makes is no trouble.
    let log = fs::read_to_string(fleet.log(0)).unwrap();
    let warned = |line: &&str| {
        line.contains(" WARN ") && ["read view waits", "GETPID"].iter().any(|what| line.contains(what))
    };
    assert_eq!(log.lines().filter(warned).collect::<Vec<_>>(), Vec::<&str>::new());
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());
}

/// Minutes of the brand by status, and the mentions in them.
fn minutes(port: u16) -> BTreeMap<String, i64> {
    let body = get(port, "/v1/metrics?brand=heron&resolution=minute&limit=1000")
        .map_or_else(String::new, |(_, body)| body);
    let page: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let mut mentions = BTreeMap::new();
    for row in page["items"].as_array().into_iter().flatten() {
        *mentions.entry(row["status"].as_str().unwrap().to_owned()).or_default() +=
            row["mentions"].as_i64().unwrap();
    }
    mentions
}

fn wait_for_minutes(port: u16, expected: &[(&str, i64)]) {
    let expected: BTreeMap<String, i64> =
        expected.iter().map(|(status, n)| ((*status).to_owned(), *n)).collect();
    wait_for(&format!("{expected:?}"), || minutes(port) == expected);
}

/// The engines are in another process.
#[test]
fn panes_that_are_open_are_shown_by_a_process_that_only_serves() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, dir) = (Kafka::new(&broker.address()), tempfile::tempdir().unwrap());
    kafka.create_topic("posts-to-serve-open", 2, &[("retention.ms", "-1")]);
    let start = |name: &str, role: &str| {
        let (file, port) = (dir.path().join(format!("{name}.toml")), free_port());
        let text = pipeline(&broker.address(), "served-open.", port)
            .replace("posts-to-serve", "posts-to-serve-open");
        fs::write(&file, text).unwrap();
        (Fleet::start(&file, dir.path(), &[name], &["--role", role]), port)
    };
    let (mut flow, _) = start("flow", "listen,tally");
    let (mut serve, port) = start("serve", "serve");
    feed(&kafka, "posts-to-serve-open");
    // Of the last twenty posts, an hour after the others.
    let (open, closed) = (4, POSTS / 5 - 4);
    wait_for_minutes(port, &[("final", closed), ("provisional", open)]);
    let (_, hours) = get(port, "/v1/metrics?brand=heron&resolution=hour").unwrap();
    assert!(hours.contains("\"status\":\"provisional\""), "{hours}");
    serve.stop();
    let (mut again, port) = start("again", "serve");
    wait_for_minutes(port, &[("final", closed), ("provisional", open)]);
    let (writer, now) = (kafka.writer(), now_ms());
    (0..2).for_each(|n| {
        send(&writer, "posts-to-serve-open", n, &format!("later{n}"), "the heron is back", now)
    });
    writer.flush();
    wait_for_minutes(port, &[("final", closed + open), ("provisional", 2)]);
    flow.stop();
    again.stop();
    assert_eq!([flow.deaths, serve.deaths, again.deaths].concat(), Vec::<String>::new());
}

/// More mentions than are read, so that the newest are gone to again and again; then it is told to end.
#[test]
fn a_process_that_cannot_follow_all_mentions_ends_well() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, dir) = (Kafka::new(&broker.address()), tempfile::tempdir().unwrap());
    kafka.create_topic("posts-to-flood", 2, &[("retention.ms", "-1")]);
    let (file, port) = (dir.path().join("flood.toml"), free_port());
    let text = pipeline(&broker.address(), "flood.", port).replace("posts-to-serve", "posts-to-flood");
    fs::write(&file, text).unwrap();
    let mut fleet = Fleet::start(&file, dir.path(), &["flood"], &[]);
    let is_ready = || get(port, "/readyz").is_some_and(|(status, _)| status == 200);
    wait_for("a ready process", is_ready);
    std::thread::scope(|scope| {
        // It ends by itself, so that a failure is told.
        scope.spawn(|| flood(&kafka, Duration::from_secs(14)));
        for _ in 0..2 {
            std::thread::sleep(Duration::from_secs(4));
            fleet.stop();
            fleet.launch(0);
            wait_for("a ready process", is_ready);
        }
    });
    fleet.stop();
}

/// Some fifty thousand mentions a second.
fn flood(kafka: &Kafka, duration: Duration) {
    let (writer, began) = (kafka.writer(), Instant::now());
    while began.elapsed() < duration {
        (0..5_000).for_each(|n| writer.send("flood.mentions", 0, format!("{n}").as_bytes(), b"{}", now_ms()));
        writer.flush();
        std::thread::sleep(Duration::from_millis(50));
    }
}
