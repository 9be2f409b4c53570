//! `earful topics` against a broker: what it makes, what it leaves alone, and what it refuses.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::broker;
use super::client::Kafka;
use super::leash::Leash;

const INPUTS: usize = 3;
const LONGEST: Duration = Duration::from_secs(180);

/// Topic, partitions, and settings that matter.
type Wanted = (&'static str, usize, &'static [(&'static str, &'static str)]);

/// What a pipeline with two parts needs.
const WANTED: &[Wanted] = &[
    ("mentions", 2, &[("cleanup.policy", "compact,delete"), ("retention.ms", "2592000000")]),
    ("metrics", 2, &[("cleanup.policy", "compact")]),
    ("alerts", 1, &[("cleanup.policy", "compact")]),
    ("dead", 1, &[("cleanup.policy", "delete"), ("retention.ms", "2592000000")]),
    (
        "tallies",
        2,
        &[("cleanup.policy", "delete"), ("retention.ms", "604800000"), ("max.message.bytes", "134217728")],
    ),
    ("changelog", 2, &[("cleanup.policy", "compact"), ("segment.ms", "600000")]),
    ("journal.@input@", INPUTS, &[("cleanup.policy", "delete"), ("retention.ms", "864000000")]),
];

/// A process that runs a pipeline.
struct Run {
    leash: Leash,
    log: PathBuf,
}

impl Run {
    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Until it is so; meanwhile the process must run.
    fn until(&mut self, is_so: impl Fn(&str) -> bool) {
        let began = Instant::now();
        while !is_so(&self.said()) {
            assert!(self.leash.ended().is_none() && began.elapsed() < LONGEST, "{}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(mut self) {
        self.leash.signal("TERM");
        assert_eq!(self.leash.wait(LONGEST), Some(0));
    }
}

/// A pipeline of its own on the shared broker.
struct Bench {
    kafka: Kafka,
    name: &'static str,
    dir: tempfile::TempDir,
}

impl Bench {
    /// Without its posts topic.
    fn new(name: &'static str) -> Option<Bench> {
        let broker = broker::shared()?;
        let bench = Bench { kafka: broker.client(), name, dir: tempfile::tempdir().unwrap() };
        // Duplicates are looked for over five days: so journals are kept for ten.
        let text = format!(
            r#"name = "t"
dedupe = {{ horizon = "120h" }}
[kafka]
brokers = "{}"
prefix = "{name}."
tallies_partitions = 2
[[feeds]]
name = "posts"
type = "kafka"
topics = ["{}"]
[[brands]]
id = "a"
query = '''a'''
"#,
            broker.address(),
            bench.input()
        );
        fs::write(bench.pipeline(), text).unwrap();
        Some(bench)
    }

    fn with_posts_topic(name: &'static str) -> Option<Bench> {
        let bench = Bench::new(name)?;
        bench.kafka.create_topic(&bench.input(), INPUTS, &[]);
        Some(bench)
    }

    /// With its topics made, and a pattern in the place of the name of its posts topic.
    fn with_pattern(name: &'static str, pattern: &str, properties: &str) -> Option<Bench> {
        let bench = Bench::with_posts_topic(name)?;
        bench.read_pattern(pattern, properties);
        assert_eq!(bench.earful(&["topics", "apply"]).0, 0);
        Some(bench)
    }

    fn read_pattern(&self, pattern: &str, properties: &str) {
        let text = fs::read_to_string(self.pipeline()).unwrap();
        let listed = format!("topics = [\"{}\"]", self.input());
        let text = text.replace(&listed, &format!("pattern = \"{pattern}\""));
        let text = text.replace("[[feeds]]", &format!("{properties}[[feeds]]"));
        fs::write(self.pipeline(), text).unwrap();
    }

    /// A post into this partition of a posts topic.
    fn post(&self, topic: &str, partition: i32) {
        let post = br#"{"network":"x","id":"1","body":"a","published_at":"2026-03-01T10:00:00Z"}"#;
        let writer = self.kafka.writer();
        writer.send(topic, partition, b"1", post, 1_772_359_200_000);
        writer.flush();
    }

    fn start(&self) -> Run {
        let log = self.dir.path().join("run.log");
        let leash = Leash::start([env!("CARGO_BIN_EXE_earful"), "run", &self.pipeline()], &log, None);
        Run { leash, log }
    }

    fn pipeline(&self) -> String {
        self.dir.path().join("p.toml").display().to_string()
    }

    fn input(&self) -> String {
        format!("posts-for-{}", self.name)
    }

    fn topic(&self, kind: &str) -> String {
        format!("{}.{}", self.name, kind.replace("@input@", &self.input()))
    }

    /// Exit code, and all that was said.
    fn earful(&self, arguments: &[&str]) -> (i32, String) {
        let mut earful = Command::new(env!("CARGO_BIN_EXE_earful"));
        let output = earful.args(arguments).arg(self.pipeline()).stdin(Stdio::null()).output().unwrap();
        let text =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (output.status.code().unwrap_or(-1), text)
    }

    /// Every topic that the pipeline needs is there, and as it must be.
    fn assert_all_is_made(&self) {
        for (kind, partitions, settings) in WANTED {
            let topic = self.topic(kind);
            assert_eq!(self.kafka.partitions(&topic), *partitions, "{kind}");
            for (name, value) in *settings {
                assert_eq!(self.kafka.setting(&topic, name).as_deref(), Some(*value), "{kind} {name}");
            }
        }
    }

    fn assert_nothing_was_made(&self, except: &str) {
        for (kind, ..) in WANTED.iter().filter(|(kind, ..)| *kind != except) {
            assert_eq!(self.kafka.partitions(&self.topic(kind)), 0, "{kind}");
        }
    }
}

#[test]
fn apply_makes_what_is_missing_and_a_second_time_nothing() {
    let Some(bench) = Bench::with_posts_topic("made") else { return };
    let (code, planned) = bench.earful(&["topics", "plan"]);
    assert_eq!((code, planned.matches("  to be created\n").count()), (0, WANTED.len()), "{planned}");
    bench.assert_nothing_was_made("");

    let (code, applied) = bench.earful(&["topics", "apply"]);
    assert_eq!((code, applied.matches("  created\n").count()), (0, WANTED.len()), "{applied}");
    bench.assert_all_is_made();
    for (_, _, settings) in WANTED {
        for (name, value) in *settings {
            assert!(applied.contains(&format!("{name}={value}")), "{name}={value} is not in\n{applied}");
        }
    }
    for command in ["plan", "apply"] {
        let (code, again) = bench.earful(&["topics", command]);
        assert_eq!((code, again.matches("  there\n").count()), (0, WANTED.len()), "{again}");
    }
}

#[test]
fn a_topic_of_another_kind_is_a_conflict_and_nothing_is_made() {
    let cases: [(&'static str, &str, usize, &str, &str); 3] = [
        ("parts", "tallies", 5, "delete", "has 5 partitions, but `tallies_partitions` is 2"),
        ("policy", "changelog", 2, "delete", "has cleanup.policy=delete, it needs compact"),
        ("compacted", "tallies", 2, "compact", "has cleanup.policy=compact, it needs delete"),
    ];
    for (name, kind, partitions, policy, what) in cases {
        let Some(bench) = Bench::with_posts_topic(name) else { return };
        bench.kafka.create_topic(&bench.topic(kind), partitions, &[("cleanup.policy", policy)]);
        let (code, planned) = bench.earful(&["topics", "plan"]);
        assert!(code == 2 && planned.contains(&format!("CONFLICT: {what}")), "{code}: {planned}");
        for arguments in [&["topics", "apply"] as &[&str], &["run"]] {
            let (code, text) = bench.earful(arguments);
            assert_eq!(code, 2, "{text}");
            for part in [bench.topic(kind).as_str(), what, "earful does not change that"] {
                assert!(text.contains(part), "no {part:?} in\n{text}");
            }
        }
        bench.assert_nothing_was_made(kind);
    }
}

#[test]
fn all_conflicts_are_told_at_once() {
    let Some(bench) = Bench::with_posts_topic("conflicts") else { return };
    for (kind, partitions) in [("tallies", 3), ("changelog", 2)] {
        bench.kafka.create_topic(&bench.topic(kind), partitions, &[("cleanup.policy", "delete")]);
    }
    for arguments in [&["topics", "apply"] as &[&str], &["run"]] {
        let (code, text) = bench.earful(arguments);
        let tallies = format!("the topic {} has 3 partitions", bench.topic("tallies"));
        let changelog = format!("the topic {} has cleanup.policy=delete", bench.topic("changelog"));
        assert_eq!(code, 2, "{text}");
        assert!(text.contains(&tallies) && text.contains(&changelog), "{text}");
        assert_eq!(text.matches("earful does not change that").count(), 1, "{text}");
    }
}

/// The shared broker is one, so one copy is all that there can be.
#[test]
fn topics_get_as_many_replicas_as_are_wanted() {
    let Some(bench) = Bench::with_posts_topic("copies") else { return };
    let text = fs::read_to_string(bench.pipeline()).unwrap();
    let with = |replicas: u32| {
        let line = format!("tallies_partitions = 2\nreplicas = {replicas}");
        fs::write(bench.pipeline(), text.replace("tallies_partitions = 2", &line)).unwrap();
    };
    with(2);
    let (code, said) = bench.earful(&["topics", "apply"]);
    assert!(code == 3 && said.contains("with 2 replicas"), "{code}: {said}");
    bench.assert_nothing_was_made("");
    with(1);
    let (code, planned) = bench.earful(&["topics", "plan"]);
    assert_eq!((code, planned.matches("  replicas=1  ").count()), (0, WANTED.len()), "{planned}");
    let (code, applied) = bench.earful(&["topics", "apply"]);
    assert_eq!((code, applied.matches("  created\n").count()), (0, WANTED.len()), "{applied}");
    with(2);
    let (code, planned) = bench.earful(&["topics", "plan"]);
    let told = planned.matches("  replicas=1 (`replicas` is 2,").count();
    assert_eq!((code, told), (0, WANTED.len()), "{planned}");
}

#[test]
fn policies_are_compared_whatever_their_order() {
    let Some(bench) = Bench::with_posts_topic("order") else { return };
    bench.kafka.create_topic(&bench.topic("mentions"), 2, &[("cleanup.policy", "delete,compact")]);
    let (code, applied) = bench.earful(&["topics", "apply"]);
    assert_eq!((code, applied.matches("  created\n").count()), (0, WANTED.len() - 1), "{applied}");
}

#[test]
fn a_missing_posts_topic_is_told_and_not_made() {
    let Some(bench) = Bench::new("no-posts") else { return };
    for arguments in [&["topics", "plan"] as &[&str], &["topics", "apply"], &["run"]] {
        let (code, text) = bench.earful(arguments);
        assert_eq!(code, 2, "{text}");
        let expected =
            format!("the posts topic {} is not there; earful does not make posts topics", bench.input());
        assert!(text.contains(&expected), "{text}");
    }
    bench.assert_nothing_was_made("");
}

/// Two at once, as on a machine that starts: neither trips over the other.
#[test]
fn a_first_run_makes_its_topics() {
    let Some(bench) = Bench::with_posts_topic("first-run") else { return };
    let log = |instance: &str| bench.dir.path().join(format!("{instance}.log"));
    let said = |instance: &str| fs::read_to_string(log(instance)).unwrap_or_default();
    let start = |instance: &'static str| {
        let arguments = [
            env!("CARGO_BIN_EXE_earful"),
            "run",
            "--workers",
            "1",
            "--instance",
            instance,
            &bench.pipeline(),
        ];
        (instance, Leash::start(arguments, &log(instance), None))
    };
    let mut runs = ["a", "b"].map(start);
    let began = Instant::now();
    while !["a", "b"].iter().all(|instance| said(instance).contains("partition taken over")) {
        for (instance, run) in &mut runs {
            assert!(run.ended().is_none() && began.elapsed() < LONGEST, "{}", said(instance));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bench.assert_all_is_made();
    assert!((said("a") + &said("b")).contains("topic made"));
    for (instance, mut run) in runs {
        run.signal("TERM");
        assert_eq!(run.wait(LONGEST), Some(0), "{}", said(instance));
        assert!(!said(instance).contains("building the worker anew"), "{}", said(instance));
    }
}

#[test]
fn a_run_that_may_not_make_topics_ends_with_the_hint() {
    let Some(bench) = Bench::with_posts_topic("no-apply") else { return };
    let text = fs::read_to_string(bench.pipeline()).unwrap();
    fs::write(bench.pipeline(), text.replace("[kafka]\n", "[kafka]\ncreate_topics = false\n")).unwrap();
    let (code, text) = bench.earful(&["run"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("is not there; ") && text.contains("`earful topics apply PIPELINE`"), "{text}");
    bench.assert_nothing_was_made("");
}

#[test]
fn journals_grow_with_their_posts_topic() {
    let Some(bench) = Bench::with_posts_topic("grown") else { return };
    assert_eq!(bench.earful(&["topics", "apply"]).0, 0);
    let journal = bench.topic("journal.@input@");
    bench.kafka.add_partitions(&bench.input(), INPUTS + 1);
    let (code, planned) = bench.earful(&["topics", "plan"]);
    assert!(code == 0 && planned.contains("  to grow from 3 partitions\n"), "{planned}");
    let (code, applied) = bench.earful(&["topics", "apply"]);
    assert!(code == 0 && applied.contains("  grown from 3 partitions\n"), "{applied}");
    assert_eq!(bench.kafka.partitions(&journal), INPUTS + 1);

    // A process that starts before anybody says `apply` does it by itself.
    bench.kafka.add_partitions(&bench.input(), INPUTS + 2);
    let mut run = bench.start();
    run.until(|_| bench.kafka.partitions(&journal) == INPUTS + 2);
    run.stop();
}

#[test]
fn a_posts_topic_that_comes_up_later_gets_a_journal() {
    comes_up_later("later", "");
}

#[test]
fn a_pattern_waits_for_its_first_topic() {
    let Some(bench) = Bench::new("awaited") else { return };
    bench.read_pattern("^posts-for-awaited", "");
    let mut run = bench.start();
    run.until(|said| said.matches("partition taken over").count() >= 2);
    // So long that the client has looked for topics, and said that there are none.
    std::thread::sleep(Duration::from_secs(5));
    bench.kafka.create_topic(&bench.input(), 2, &[("retention.ms", "-1")]);
    bench.post(&bench.input(), 1);
    let group = bench.kafka.group(bench.name, &bench.input());
    run.until(|said| {
        assert!(!said.contains("cannot read ^posts"), "{said}");
        group.committed(2) == Some(vec![0, 1])
    });
    run.stop();
}

/// These brokers match a pattern with the whole name of a topic.
#[test]
fn a_posts_topic_that_comes_up_later_gets_a_journal_where_brokers_assign() {
    comes_up_later("protocol-later", "[kafka.properties]\n\"group.protocol\" = \"consumer\"\n");
}

fn comes_up_later(name: &'static str, properties: &str) {
    let pattern = format!("^nothing|^posts-for-{name}");
    let Some(bench) = Bench::with_pattern(name, &pattern, properties) else { return };
    let mut run = bench.start();
    run.until(|said| said.contains("partition taken over"));

    let later = format!("{}-too", bench.input());
    bench.kafka.create_topic(&later, 2, &[("retention.ms", "-1")]);
    bench.post(&later, 1);
    let group = bench.kafka.group(bench.name, &later);
    run.until(|_| group.committed(2) == Some(vec![0, 1]));
    let journal = format!("{}.journal.{later}", bench.name);
    assert_eq!(bench.kafka.partitions(&journal), 2);
    assert_eq!(bench.kafka.setting(&journal, "retention.ms").as_deref(), Some("864000000"));
    run.stop();
}

#[test]
fn a_pattern_does_not_read_what_the_pipeline_writes() {
    reads_nothing_of_its_own("echo", "");
}

#[test]
fn a_pattern_does_not_read_what_the_pipeline_writes_where_brokers_assign() {
    reads_nothing_of_its_own("resound", "[kafka.properties]\n\"group.protocol\" = \"consumer\"\n");
}

/// With a pattern that every topic of the pipeline matches.
fn reads_nothing_of_its_own(name: &'static str, properties: &str) {
    let Some(bench) = Bench::with_pattern(name, &format!("^.*{name}"), properties) else { return };
    let mut run = bench.start();
    bench.post(&bench.input(), 1);
    let tallies = bench.topic("tallies");
    let [posts, folded, echoed] = [
        bench.kafka.group(name, &bench.input()),
        bench.kafka.group(&format!("{name}-tally"), &tallies),
        bench.kafka.group(name, &tallies),
    ];
    run.until(|_| {
        let is_folded = folded.committed(2).is_some_and(|offsets| offsets.iter().all(|offset| *offset > 0));
        posts.committed(INPUTS).is_some_and(|offsets| offsets[1] == 1) && is_folded
    });
    run.stop();
    assert_eq!(echoed.committed(2), Some(vec![0, 0]), "tallies were read as posts");
    for kind in ["mentions", "tallies", "changelog", "journal.@input@"] {
        let journal = bench.topic(&format!("journal.{}", bench.topic(kind)));
        assert_eq!(bench.kafka.partitions(&journal), 0, "{journal}");
    }
}

/// Ids that are looked for in a journal must still be in it.
#[test]
fn a_journal_that_keeps_less_than_the_horizon_is_a_conflict() {
    let Some(bench) = Bench::with_posts_topic("forgetful") else { return };
    assert_eq!(bench.earful(&["topics", "apply"]).0, 0);
    let longer = |horizon: &str| {
        let text = fs::read_to_string(bench.pipeline()).unwrap();
        fs::write(bench.pipeline(), text.replace("horizon = \"120h\"", &format!("horizon = \"{horizon}\"")))
            .unwrap();
    };
    longer("121h");
    let what = "has retention.ms=864000000, and `dedupe.horizon` needs 871200000";
    let (code, planned) = bench.earful(&["topics", "plan"]);
    assert!(code == 2 && planned.contains(&format!("CONFLICT: {what}")), "{code}: {planned}");
    let (code, text) = bench.earful(&["run"]);
    assert!(
        code == 2 && text.contains(&bench.topic("journal.@input@")) && text.contains(what),
        "{code}: {text}"
    );
    // Put right, and also where it keeps all.
    for kept in ["871200000", "-1"] {
        bench.kafka.set(&bench.topic("journal.@input@"), "retention.ms", kept);
        let (code, planned) = bench.earful(&["topics", "plan"]);
        assert_eq!((code, planned.matches("  there\n").count()), (0, WANTED.len()), "{planned}");
    }
}
