//! The deliver role: every alert arrives at least once and in order, whatever happens to the process or a receiver.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use earful::model::{Incident, IncidentStatus};

use super::alerts::incident;
use super::broker;
use super::client::Kafka;
use super::fleet::Fleet;
use super::receiver::{Receiver, Reply, reply};

const LONGEST: Duration = Duration::from_secs(180);
const ONLY: [&str; 2] = ["--role", "deliver"];

/// A pipeline of its own on the shared broker.
struct Bench {
    kafka: Kafka,
    name: &'static str,
    dir: tempfile::TempDir,
}

impl Bench {
    /// With its topics. `deliveries` are tables at the end of the pipeline, `@dir@` is its folder.
    fn new(name: &'static str, deliveries: &str) -> Option<Bench> {
        let broker = broker::shared()?;
        let bench = Bench { kafka: broker.client(), name, dir: tempfile::tempdir().unwrap() };
        bench.kafka.create_topic(&bench.input(), 2, &[("retention.ms", "-1")]);
        let text = format!(
            r#"name = "{name}"
lateness = "1m"
idle = "1h"
[kafka]
brokers = "{}"
prefix = "{name}."
tallies_partitions = 2
[[feeds]]
name = "posts"
type = "kafka"
topics = ["{}"]
[[brands]]
id = "heron"
query = "heron"
[[alerts]]
name = "surge"
rule = "mentions_over"
limit = 10
window = "10m"
min_mentions = 1
{}"#,
            broker.address(),
            bench.input(),
            deliveries.replace("@dir@", &bench.dir.path().display().to_string())
        );
        fs::write(bench.pipeline(), text).unwrap();
        let mut apply = Command::new(env!("CARGO_BIN_EXE_earful"));
        apply.args(["topics", "apply"]).arg(bench.pipeline()).stdout(Stdio::null());
        assert!(apply.status().unwrap().success());
        Some(bench)
    }

    fn pipeline(&self) -> PathBuf {
        self.dir.path().join("p.toml")
    }

    fn input(&self) -> String {
        format!("posts-for-{}", self.name)
    }

    fn start(&self, arguments: &[&str]) -> Fleet {
        Fleet::start(&self.pipeline(), self.dir.path(), &["one"], arguments)
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("one.log")).unwrap_or_default()
    }

    fn wait_for(&self, fleet: &mut Fleet, what: &str, is_so: &dyn Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            fleet.tend();
            assert!(began.elapsed() < LONGEST, "{what} did not come about\n{}", fleet.last_lines());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A new delivery begins at the end of the topic, so alerts are written when it knows where that is.
    fn wait_for_places(&self, fleet: &mut Fleet, deliveries: usize) {
        let line = "a new delivery begins at the end of the alerts";
        self.wait_for(fleet, "the places", &|| self.log().matches(line).count() == deliveries);
    }

    fn write(&self, incidents: &[Incident]) {
        let writer = self.kafka.writer();
        for incident in incidents {
            let value = serde_json::to_vec(incident).unwrap();
            writer.send(&self.alerts(), 0, incident.id.as_bytes(), &value, incident.at.millis());
        }
        writer.flush();
    }

    fn alerts(&self) -> String {
        format!("{}.alerts", self.name)
    }
}

/// Tables for a receiver.
fn delivery(name: &str, receiver: &Receiver, more: &str) -> String {
    let url = receiver.url("/hook");
    format!(
        "[[deliveries]]\nname = \"{name}\"\ntype = \"webhook\"\nurl = \"{url}\"\nper_minute = 60_000\n{more}\n"
    )
}

/// `lives` incidents, one after the other, each opened, updated and resolved.
fn lives(lives: u32) -> Vec<Incident> {
    let moments = [(1, IncidentStatus::Open), (2, IncidentStatus::Update), (3, IncidentStatus::Resolved)];
    let life = |n| moments.map(|(revision, status)| incident(&format!("incident-{n}"), revision, status));
    (0..lives).flat_map(life).collect()
}

fn keys(incidents: &[Incident]) -> Vec<String> {
    incidents.iter().map(|i| format!("{}|{}", i.id, i.revision)).collect()
}

/// Without repetitions, in the order of the first coming.
fn firsts(keys: &[String]) -> Vec<String> {
    let mut firsts: Vec<String> = Vec::new();
    for key in keys {
        if !firsts.contains(key) {
            firsts.push(key.clone());
        }
    }
    firsts
}

/// So many mentions in a minute, then an hour and more of something else.
fn feed_crisis(bench: &Bench) {
    let writer = bench.kafka.writer();
    let start = 1_772_359_200_000;
    let send = |n: i64, at: i64, text: &str| {
        let id = format!("p{n}");
        let value = serde_json::json!({"network": "x", "id": id, "body": text, "published_at": at});
        writer.send(&bench.input(), (n % 2) as i32, id.as_bytes(), value.to_string().as_bytes(), at + 1_000);
    };
    (0..40).for_each(|n| send(n, start + n * 1_000, "the heron lost my bag"));
    // Enough of them that the leap in time is believed; of both partitions.
    (40..240).for_each(|n| send(n, start + n * 60_000, "nothing to see here"));
    writer.flush();
}

#[test]
fn a_crisis_arrives_as_it_is_in_the_topic_and_once() {
    let receiver = Receiver::start([]);
    let Some(bench) = Bench::new("crisis", &delivery("hook", &receiver, "")) else { return };
    let mut fleet = bench.start(&[]);
    bench.wait_for_places(&mut fleet, 1);
    feed_crisis(&bench);
    let is_over = || receiver.seen().iter().any(|seen| seen.body.contains("\"status\":\"resolved\""));
    bench.wait_for(&mut fleet, "the end of the crisis", &is_over);
    fleet.stop();
    let seen = receiver.seen();
    let bodies: Vec<&[u8]> = seen.iter().map(|seen| seen.body.as_bytes()).collect();
    let written = bench.kafka.read_committed(&bench.alerts());
    let values: Vec<&[u8]> = written.iter().map(|record| record.value.as_deref().unwrap()).collect();
    assert_eq!(bodies, values);
    let statuses: Vec<String> = values
        .iter()
        .map(|v| serde_json::from_slice::<Incident>(v).unwrap())
        .map(|i| i.status.to_string())
        .collect();
    assert!(
        statuses.starts_with(&["open".to_owned()]) && statuses.ends_with(&["resolved".to_owned()]),
        "{statuses:?}"
    );
    for (seen, record) in seen.iter().zip(&written) {
        let id = record.headers.iter().find(|(name, _)| name == "ce_id").unwrap();
        assert_eq!((seen.key().as_bytes(), seen.header("ce-id")), (&*id.1, seen.key()));
        assert_eq!(seen.header("ce-source"), "/earful/crisis");
    }
}

/// One is down at first and then busy; the other hears of everything meanwhile.
#[test]
fn a_receiver_that_is_away_holds_back_nobody_else() {
    let away = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = away.local_addr().unwrap();
    drop(away);
    let well = Receiver::start([]);
    let down = format!(
        "[[deliveries]]\nname = \"away\"\ntype = \"webhook\"\nurl = \"http://{address}/\"\nper_minute = 60_000\n"
    );
    let Some(bench) = Bench::new("away", &(delivery("well", &well, "") + &down)) else { return };
    let mut fleet = bench.start(&ONLY);
    bench.wait_for_places(&mut fleet, 2);
    let written = lives(5);
    bench.write(&written);
    bench.wait_for(&mut fleet, "all alerts", &|| well.keys().len() >= written.len());
    bench.wait_for(&mut fleet, "a failure", &|| {
        bench.log().contains("an alert could not be delivered; trying again")
    });

    let listener = TcpListener::bind(address).unwrap();
    let late = Receiver::listen(listener, [reply(500), reply(503)], None);
    bench.wait_for(&mut fleet, "all alerts", &|| late.keys().len() >= written.len() + 2);
    fleet.stop();
    assert_eq!((firsts(&late.keys()), late.keys().len()), (keys(&written), written.len() + 2));
    assert_eq!(well.keys(), keys(&written));
    assert!(bench.log().contains("Connection refused"), "{}", bench.log());
}

#[test]
fn a_killed_process_sends_again_and_leaves_nothing_out() {
    let slow = Reply { after: Duration::from_millis(40), ..reply(200) };
    let receiver = Receiver::start(std::iter::repeat_n(slow, 10_000));
    let Some(bench) = Bench::new("killed", &delivery("hook", &receiver, "")) else { return };
    let mut fleet = bench.start(&ONLY);
    bench.wait_for_places(&mut fleet, 1);
    let written = lives(30);
    bench.write(&written);
    for kill in 1..=4 {
        bench.wait_for(&mut fleet, "more alerts", &|| firsts(&receiver.keys()).len() >= 15 * kill);
        fleet.kill(0);
        fleet.launch(0);
    }
    bench.wait_for(&mut fleet, "all alerts", &|| firsts(&receiver.keys()).len() >= written.len());
    fleet.stop();
    assert_eq!(
        firsts(&receiver.keys()),
        keys(&written),
        "none is missing, and the order is that of the topic"
    );
    let again = receiver.keys().len() - written.len();
    assert!(again <= 4, "{again} were sent again, but each kill can find one alert in hand only");
    let bodies: Vec<String> = written.iter().map(|i| serde_json::to_string(i).unwrap()).collect();
    for seen in receiver.seen() {
        let at = keys(&written).iter().position(|key| key == seen.key()).unwrap();
        assert_eq!(seen.body, bodies[at], "the same key is the same alert");
    }
}

/// From then on it has a place, also before the first alert.
#[test]
fn a_new_delivery_begins_at_the_end_and_then_misses_nothing() {
    let receiver = Receiver::start([]);
    let Some(bench) = Bench::new("begins", &delivery("hook", &receiver, "")) else { return };
    let written = lives(3);
    bench.write(&written[..3]);
    let mut fleet = bench.start(&ONLY);
    bench.wait_for_places(&mut fleet, 1);
    fleet.stop();
    bench.write(&written[3..6]);
    fleet.launch(0);
    bench.wait_for(&mut fleet, "what came meanwhile", &|| receiver.keys().len() >= 3);
    bench.write(&written[6..]);
    bench.wait_for(&mut fleet, "what came later", &|| receiver.keys().len() >= 6);
    fleet.stop();
    assert_eq!(receiver.keys(), keys(&written[3..]));
}

/// What others write is passed over, and so is what nobody wants.
#[test]
fn what_is_not_wanted_is_not_sent() {
    let (open, severe) = (Receiver::start([]), Receiver::start([]));
    let tables = delivery("open", &open, "on = [\"open\"]")
        + &delivery("severe", &severe, "min_severity = \"critical\"");
    let Some(bench) = Bench::new("wanted", &tables) else { return };
    let mut fleet = bench.start(&ONLY);
    bench.wait_for_places(&mut fleet, 2);
    let mut written = lives(3);
    written[4].severity = earful::model::Severity::Critical;
    let writer = bench.kafka.writer();
    writer.send(&bench.alerts(), 0, b"x", b"no alert", 1_772_359_200_000);
    writer.flush();
    bench.write(&written);
    let mut last = incident("last", 1, IncidentStatus::Open);
    last.severity = earful::model::Severity::Critical;
    bench.write(&[last]);
    bench.wait_for(&mut fleet, "the last alert", &|| {
        [&open, &severe].iter().all(|r| r.keys().contains(&"last|1".to_owned()))
    });
    fleet.stop();
    assert_eq!(open.keys(), ["incident-0|1", "incident-1|1", "incident-2|1", "last|1"]);
    assert_eq!(severe.keys(), ["incident-1|2", "last|1"]);
    assert_eq!(bench.log().matches("a record is no alert and is passed over").count(), 2);
}

/// A second process takes over what the first one leaves, at its place.
#[test]
fn another_process_goes_on_where_one_has_left() {
    let receiver = Receiver::start([]);
    let Some(bench) = Bench::new("relay", &delivery("hook", &receiver, "")) else { return };
    let written = lives(4);
    let mut fleet = Fleet::start(&bench.pipeline(), bench.dir.path(), &["one", "two"], &ONLY);
    let line = "a new delivery begins at the end of the alerts";
    let log = |name: &str| fs::read_to_string(bench.dir.path().join(name)).unwrap_or_default();
    bench.wait_for(&mut fleet, "the place", &|| (log("one.log") + &log("two.log")).contains(line));
    bench.write(&written[..6]);
    bench.wait_for(&mut fleet, "the first half", &|| receiver.keys().len() >= 6);
    fleet.leave(usize::from(log("two.log").contains("alert delivered")));
    bench.write(&written[6..]);
    bench.wait_for(&mut fleet, "the second half", &|| firsts(&receiver.keys()).len() >= written.len());
    fleet.stop();
    assert_eq!(firsts(&receiver.keys()), keys(&written));
}

#[cfg(feature = "http")]
mod served {
    use super::super::serve::{free_port, get, metric, wait_for};
    use super::*;

    const SECRETS: [&str; 4] = ["path-s3cret", "query-s3cret", "header-s3cret", "key-s3cret"];

    fn secrets(dir: &Path, receiver: &Receiver) {
        let url = receiver.url("/services/path-s3cret?token=query-s3cret");
        fs::write(dir.join("url"), format!("{url}\n")).unwrap();
        fs::write(dir.join("header"), "Bearer header-s3cret\n").unwrap();
        fs::write(dir.join("key"), "key-s3cret\n").unwrap();
    }

    /// The receiver refuses, fails, and each time repeats all that it was sent.
    #[test]
    fn what_is_refused_is_counted_and_secrets_are_never_shown() {
        let echo = |status| Reply { body: "cannot serve {echo}".to_owned(), ..reply(status) };
        let receiver = Receiver::start([echo(400), echo(500), echo(200)]);
        let port = free_port();
        let tables = format!(
            "[http]\nlisten = \"127.0.0.1:{port}\"\n[[deliveries]]\nname = \"pager\"\ntype = \"pagerduty\"\nurl = \"${{file:@dir@/url}}\"\n\
             routing_key = \"${{file:@dir@/key}}\"\nheaders = {{ authorization = \"${{file:@dir@/header}}\" }}\nper_minute = 60_000\n"
        );
        let Some(bench) = Bench::new("hush", &tables) else { return };
        secrets(bench.dir.path(), &receiver);
        let mut fleet = bench.start(&["--role", "deliver", "--log-level", "trace"]);
        bench.wait_for_places(&mut fleet, 1);
        wait_for("readiness", || get(port, "/readyz").is_some_and(|(status, _)| status == 200));
        let line =
            |result: &str| format!("earful_deliveries_total{{delivery=\"pager\",result=\"{result}\"}}");
        assert!(get(port, "/metrics").unwrap().1.contains(&line("refused")), "shown from the start");
        bench.write(&lives(1));
        wait_for("the deliveries", || metric(port, &line("delivered")) >= 2.0);
        assert_eq!(metric(port, &line("refused")), 1.0);
        assert_eq!(metric(port, "earful_delivery_failures_total{delivery=\"pager\"}"), 1.0);
        assert_eq!(metric(port, "earful_delivery_request_duration_seconds_count{delivery=\"pager\"}"), 4.0);
        wait_for("no lag", || metric(port, "earful_delivery_lag{delivery=\"pager\"}") == 0.0);
        let (_, metrics) = get(port, "/metrics").unwrap();
        assert_eq!(get(port, "/readyz").unwrap().0, 200);
        fleet.stop();

        let sent = receiver.seen().remove(0);
        assert_eq!(sent.path, "/services/path-s3cret?token=query-s3cret");
        assert_eq!(sent.header("authorization"), "Bearer header-s3cret");
        assert!(sent.body.contains("key-s3cret"));
        let log = bench.log();
        for said in ["an alert was refused and is given up", "status 400: cannot serve POST ***", "TRACE"] {
            assert!(log.contains(said), "no {said:?} in\n{log}");
        }
        for secret in SECRETS {
            assert!(
                !log.contains(secret),
                "{secret} is in the log: {:?}",
                log.lines().find(|l| l.contains(secret))
            );
            assert!(!metrics.contains(secret), "{secret} is in the metrics");
        }
    }

    #[test]
    fn a_dead_receiver_shows_and_the_process_is_ready() {
        let receiver = Receiver::start(std::iter::repeat_n(reply(503), 1_000));
        let port = free_port();
        let tables = format!("[http]\nlisten = \"127.0.0.1:{port}\"\n")
            + &delivery("hook", &receiver, "give_up_after = \"2s\"");
        let Some(bench) = Bench::new("dead-end", &tables) else { return };
        let mut fleet = bench.start(&ONLY);
        bench.wait_for_places(&mut fleet, 1);
        bench.write(&lives(1));
        wait_for("a lag", || metric(port, "earful_delivery_lag{delivery=\"hook\"}") >= 1.0);
        let (status, said) = get(port, "/readyz").unwrap();
        assert_eq!(status, 200, "{said}\n{}", fleet.last_lines());
        wait_for("the end of patience", || {
            metric(port, "earful_deliveries_total{delivery=\"hook\",result=\"expired\"}") >= 3.0
        });
        fleet.stop();
        assert_eq!(firsts(&receiver.keys()), keys(&lives(1)));
        assert!(bench.log().contains("an alert could not be delivered in time and is given up"));
    }
}

#[test]
fn a_role_without_deliveries_or_a_secret_that_is_missing_ends_at_once() {
    let cases = [
        ("nothing", "", "no [[deliveries]]"),
        (
            "no-secret",
            "[[deliveries]]\nname = \"a\"\ntype = \"slack\"\nurl = \"${file:@dir@/none}\"\n",
            "the delivery \"a\": `url` needs the file",
        ),
    ];
    for (name, tables, expected) in cases {
        let Some(bench) = Bench::new(name, tables) else { return };
        let mut run = Command::new(env!("CARGO_BIN_EXE_earful"));
        let output = run.arg("run").args(ONLY).arg(bench.pipeline()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}
