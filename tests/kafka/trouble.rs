//! The broker is away, slow, or refuses: earful says so with address and reason, is not ready, tries again, and
//! nothing is lost.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::broker::{self, Broker, Extra};
use super::client::Kafka;
use super::fleet::heron;
use super::leash::Leash;
use super::proxy::{Proxy, Way};
use super::say;
use super::serve::{free_port, get, wait_for};

const LONGEST: Duration = Duration::from_secs(180);
const PARTITIONS: usize = 2;

/// A pipeline about one brand, which every post names.
struct Bench {
    kafka: Kafka,
    name: &'static str,
    port: u16,
    dir: tempfile::TempDir,
    sent: usize,
}

impl Bench {
    /// The process will know the broker by `address`; the test itself has a way of its own.
    fn new(broker: &Broker, name: &'static str, address: &str) -> Bench {
        let bench = Bench {
            kafka: broker.client(),
            name,
            port: free_port(),
            dir: tempfile::tempdir().unwrap(),
            sent: 0,
        };
        bench.kafka.create_topic(&bench.input(), PARTITIONS, &[]);
        let text = heron(name, address, &bench.input(), bench.port);
        fs::write(bench.path("p.toml"), text).unwrap();
        bench
    }

    fn input(&self) -> String {
        format!("posts-for-{}", self.name)
    }

    fn topic(&self, kind: &str) -> String {
        format!("{}.{kind}", self.name)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    fn start(&self) -> Leash {
        let pipeline = self.path("p.toml").display().to_string();
        let command = [env!("CARGO_BIN_EXE_earful"), "run", "--workers", "1", "--instance", "one", &pipeline];
        Leash::start(command, &self.path("run.log"), None)
    }

    fn said(&self) -> String {
        fs::read_to_string(self.path("run.log")).unwrap_or_default()
    }

    fn feed(&mut self, posts: usize) {
        let writer = self.kafka.writer();
        for n in self.sent..self.sent + posts {
            let (id, at) = (format!("p{n}"), earful::runtime::now().millis());
            // Nothing that can be compressed well.
            let noise =
                (0..8).map(|i| format!("{:016x}", xxhash_rust::xxh3::xxh3_64_with_seed(id.as_bytes(), i)));
            let text = noise.collect::<Vec<_>>().join(" ");
            let post = format!(r#"{{"network":"x","id":"{id}","body":"heron {text}","published_at":{at}}}"#);
            writer.send(&self.input(), (n % PARTITIONS) as i32, id.as_bytes(), post.as_bytes(), at);
        }
        writer.flush();
        self.sent += posts;
    }

    fn wait_until_ready(&self) {
        wait_for("readiness", || get(self.port, "/readyz").is_some_and(|(status, _)| status == 200));
    }

    /// Not ready, and all of this is told on `/readyz` and in the log.
    fn wait_until_told(&self, parts: &[&str]) {
        let has_all = |text: &str| parts.iter().all(|part| text.contains(part));
        wait_for(&format!("{parts:?} on /readyz"), || {
            get(self.port, "/readyz").is_some_and(|(status, body)| status == 503 && has_all(&body))
        });
        let said = self.said();
        assert!(said.lines().any(has_all), "no {parts:?} in\n{said}");
    }

    /// Every post is committed and its mention is there once.
    fn expect_all(&self, run: &mut Leash) {
        let (ends, group) = (self.kafka.ends(&self.input()), self.kafka.group(self.name, &self.input()));
        wait_for("the last commit", || {
            assert_eq!(run.ended(), None, "{}", self.said());
            group.committed(PARTITIONS).as_ref() == Some(&ends)
        });
        let mentions = self.kafka.read_committed(&self.topic("mentions"));
        let keys: BTreeSet<_> = mentions.iter().map(|mention| mention.key.clone()).collect();
        assert_eq!((mentions.len(), keys.len()), (self.sent, self.sent));
    }

    fn stop(&self, mut run: Leash) {
        run.signal("TERM");
        assert_eq!(run.wait(LONGEST), Some(0), "{}", self.said());
    }
}

#[test]
fn a_broker_that_is_away_is_waited_for() {
    let Some(mut broker) = broker::own() else { return };
    let address = broker.address();
    let mut bench = Bench::new(&broker, "away", &address);
    broker.kill();
    let mut run = bench.start();
    bench.wait_until_told(&["cannot list the topics", &address, "Connection refused"]);
    broker.restart();
    bench.wait_until_ready();
    bench.feed(500);
    bench.expect_all(&mut run);

    // Nothing comes and nothing is committed: it is noticed all the same.
    broker.kill();
    wait_for("that it is not ready", || {
        get(bench.port, "/readyz").is_some_and(|(status, body)| {
            status == 503 && body.contains(&address) && body.contains("no broker can be reached")
        })
    });
    broker.restart();
    bench.wait_until_ready();
    bench.feed(500);
    bench.expect_all(&mut run);
    bench.stop(run);
}

#[test]
fn a_slow_broker_makes_it_slow_and_nothing_else() {
    let Some(broker) = broker::own() else { return };
    let proxy = Proxy::start(&broker);
    let mut bench = Bench::new(&broker, "slow", &proxy.address());
    let mut run = bench.start();
    bench.wait_until_ready();
    for way in [Way::ToBroker, Way::ToClient] {
        proxy.delay(way, Duration::from_millis(300));
    }
    bench.feed(2_000);
    bench.expect_all(&mut run);
    assert_eq!(get(bench.port, "/readyz").unwrap().0, 200);
    assert!(!bench.said().contains("building the worker anew"), "{}", bench.said());
    proxy.pass();
    bench.stop(run);
}

#[test]
fn a_topic_that_takes_no_record_is_told_and_waited_for() {
    let Some(broker) = broker::shared() else { return };
    let mut bench = Bench::new(broker, "small", &broker.address());
    let mut run = bench.start();
    bench.wait_until_ready();
    let mentions = bench.topic("mentions");
    bench.kafka.set(&mentions, "max.message.bytes", "100");
    bench.feed(500);
    bench.wait_until_told(&[
        &format!("cannot write to {mentions}"),
        &broker.address(),
        "MessageSizeTooLarge",
    ]);
    bench.kafka.set(&mentions, "max.message.bytes", "1000000");
    bench.expect_all(&mut run);
    bench.wait_until_ready();
    bench.stop(run);
}

/// Such a broker ends itself. There is room again when it is started again.
#[test]
fn a_broker_with_a_full_disk_is_waited_for() {
    // Index files are made at their full size.
    let settings = "log.index.size.max.bytes = 100000\n".to_owned();
    let Some(mut broker) = broker::own_with(Extra { settings, ..Extra::default() }) else { return };
    let address = broker.address();
    let mut bench = Bench::new(&broker, "full", &address);
    let run = bench.start();
    bench.wait_until_ready();
    bench.stop(run);
    // The posts have room in many small files, their mentions have none.
    bench.kafka.set(&bench.input(), "segment.bytes", "1048576");
    bench.feed(20_000);
    if !broker.fill(1_500_000) {
        say("SKIPPED a_broker_with_a_full_disk_is_waited_for: there is no prlimit");
        return;
    }
    let mut run = bench.start();
    wait_for("the broker's end", || broker.has_ended());
    wait_for("that it is not ready", || {
        get(bench.port, "/readyz").is_some_and(|(status, body)| status == 503 && body.contains(&address))
    });
    broker.restart();
    bench.expect_all(&mut run);
    bench.wait_until_ready();
    bench.stop(run);
}

/// Nobody listens there. A person who looks does not wait for ever, and reads where it was and why.
#[test]
fn commands_tell_that_nobody_listens_at_the_address() {
    let (dir, address) = (tempfile::tempdir().unwrap(), format!("127.0.0.1:{}", free_port()));
    let file = dir.path().join("p.toml");
    let feed = "[[feeds]]\nname = 'posts'\ntype = 'kafka'\ntopics = ['posts']\n";
    let brand = "[[brands]]\nid = 'heron'\nquery = 'heron'\n";
    fs::write(&file, format!("[kafka]\nbrokers = '{address}'\n{feed}{brand}")).unwrap();
    let check = |arguments: &str| {
        let mut earful = Command::new(env!("CARGO_BIN_EXE_earful"));
        let output = earful.args(arguments.split(' ')).arg(&file).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default();
        let parts = ["earful: cannot list the topics", &address, "Connection refused"];
        assert_eq!(output.status.code(), Some(3), "{arguments}: {said}");
        assert!(parts.iter().all(|part| last.contains(part)), "{arguments}: {said}");
    };
    let commands =
        ["lanes", "topics plan", "topics apply", "replay --from beginning --to end", "load --posts 10"];
    std::thread::scope(|scope| commands.iter().for_each(|arguments| drop(scope.spawn(|| check(arguments)))));
}
