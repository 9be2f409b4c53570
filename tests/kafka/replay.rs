//! `earful replay` against finished runs: what it makes is what they have published, to the byte, and where it is
//! given other rules it says what they would have said.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::broker;
use super::client::{Kafka, Record};
use super::compare::{KINDS, Outputs};
use super::posts::posts;
use super::world::World;

const POSTS: u64 = 20_000;
/// Of the first post (`posts.rs`), and some hours later; 30 hours are quiet.
pub const TEN: &str = "2024-03-10T10:00:00Z";
pub const TWENTY: &str = "2024-03-10T20:00:00Z";

/// Two finished runs over the same posts, the second with other brands and rules.
pub struct Bench {
    pub kafka: Kafka,
    dir: PathBuf,
    first: Outputs,
    second: Outputs,
}

/// The lines of a pipeline that the second run has otherwise.
fn other(text: String) -> String {
    let mut changed = text;
    for (from, to) in [
        ("otter NOT \"never again\"", "otter OR somebody"),
        ("limit = 40\n", "limit = 4_000\n"),
        ("'''jadewing OR 玉翼'''", "'''jadewing'''"),
    ] {
        assert!(changed.contains(from), "{from}");
        changed = changed.replace(from, to);
    }
    changed
        + "\n[[alerts]]\nname = \"fury\"\nrule = \"negative_share_over\"\nlimit = 0.4\nwindow = \"2m\"\nmin_mentions = 20\n"
}

pub fn bench() -> Option<&'static Bench> {
    static BENCH: OnceLock<Bench> = OnceLock::new();
    let broker = broker::shared()?;
    Some(BENCH.get_or_init(|| {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("replay-{}", std::process::id()));
        let world = World::with(&broker.address(), posts(POSTS, 3));
        let run = |name: &str, change: fn(String) -> String| {
            fs::create_dir_all(dir.join(name)).unwrap();
            world.finished(name, "replay", &dir.join(name), change)
        };
        let (first, second) = (run("first", |text| text), run("second", other));
        Bench { kafka: broker.client(), first, second, dir }
    }))
}

/// What a replay has said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

pub fn earful(pipeline: &Path, arguments: &[&str]) -> Said {
    let mut earful = Command::new(env!("CARGO_BIN_EXE_earful"));
    let output = earful.arg("replay").arg(pipeline).args(arguments).stdin(Stdio::null()).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Said { code: output.status.code().unwrap_or(-1), out, err }
}

impl Bench {
    fn pipeline(&self, run: &str) -> PathBuf {
        self.dir.join(run).join("p.toml")
    }

    /// Replays the first run; exit code and report.
    fn replay(&self, arguments: &[&str]) -> (i32, Value) {
        let said = earful(&self.pipeline("first"), &[arguments, &["--format", "json"]].concat());
        let report = serde_json::from_str(&said.out);
        (said.code, report.unwrap_or_else(|e| panic!("{e}: {}{}", said.out, said.err)))
    }

    fn rows(&self, topic: &str) -> Vec<Record> {
        rows(&self.kafka, topic)
    }

    fn keys(&self, topic: &str) -> BTreeSet<Vec<u8>> {
        self.kafka.read_committed(topic).into_iter().filter_map(|record| record.key).collect()
    }

    /// Brands and keys of the mentions that stand in the end.
    fn brands(&self, topic: &str) -> BTreeSet<(String, String)> {
        let mut last: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for record in self.kafka.read_committed(topic) {
            let value: Option<Value> = record.value.map(|value| serde_json::from_slice(&value).unwrap());
            let brands = value.map(|value| value["brands"].as_array().unwrap().clone()).unwrap_or_default();
            let brands = brands.iter().map(|found| found["brand"].as_str().unwrap().to_owned()).collect();
            last.insert(String::from_utf8(record.key.unwrap()).unwrap(), brands);
        }
        let pairs =
            |(key, brands): (String, Vec<String>)| brands.into_iter().map(move |brand| (brand, key.clone()));
        last.into_iter().flat_map(pairs).collect()
    }

    /// One past the last offset of everything that the runs have written.
    fn ends(&self) -> Vec<Vec<i64>> {
        let topics = ["mentions", "metrics", "alerts", "dead", "tallies", "changelog"];
        topics.iter().map(|kind| self.kafka.ends(&format!("run-first.{kind}"))).collect()
    }
}

/// What is in a topic, without the places.
pub fn rows(kafka: &Kafka, topic: &str) -> Vec<Record> {
    let plain = |record: Record| Record { partition: 0, offset: 0, ..record };
    let mut rows: Vec<Record> = kafka.read_committed(topic).into_iter().map(plain).collect();
    rows.sort_by(|a, b| (&a.key, &a.value, &a.headers).cmp(&(&b.key, &b.value, &b.headers)));
    rows
}

fn count(report: &Value, path: &str) -> u64 {
    report.pointer(path).and_then(Value::as_u64).unwrap_or_else(|| panic!("{path} in {report:#}"))
}

/// Every number of the difference but those of what is the same.
fn differing(report: &Value) -> u64 {
    let of = |kind: &str, names: &[&str]| -> u64 {
        names.iter().map(|name| count(report, &format!("/difference/{kind}/{name}"))).sum()
    };
    let all = ["gained", "lost", "changed"];
    of("alerts", &all) + of("alerts", &["moved"]) + of("metrics", &all) + of("mentions", &all)
}

fn same(report: &Value) -> [u64; 3] {
    ["alerts", "metrics", "mentions"].map(|kind| count(report, &format!("/difference/{kind}/same")))
}

fn notes(report: &Value) -> String {
    report["notes"].as_array().unwrap().iter().map(|note| format!("{}\n", note.as_str().unwrap())).collect()
}

/// JSON lines without tombstones, sorted.
pub fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let mut lines: Vec<String> =
        text.lines().filter(|line| !line.contains("\"tombstone\":true")).map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn a_finished_run_comes_out_again_to_the_byte() {
    let Some(bench) = bench() else { return };
    let (before, out) = (bench.ends(), tempfile::tempdir().unwrap());
    let dir = out.path().display().to_string();
    let whole = ["--from", "beginning", "--to", "end"];
    let (code, report) = bench.replay(&[&whole[..], &["--out", &dir]].concat());
    assert_eq!((code, differing(&report)), (0, 0), "{report:#}");
    assert_eq!(count(&report, "/records"), count(&report, "/records").max(POSTS));
    assert_eq!(count(&report, "/warm_up_records"), 0);
    assert_eq!(same(&report)[1], bench.keys("run-first.metrics").len() as u64);
    assert_eq!(same(&report)[0], bench.keys("run-first.alerts").len() as u64);
    for kind in KINDS {
        let published = bench.rows(&format!("run-first.{kind}"));
        let mut published: Vec<String> =
            published.into_iter().filter_map(|record| String::from_utf8(record.value?).ok()).collect();
        published.sort();
        assert!(
            !published.is_empty() && lines(&out.path().join(format!("{kind}.jsonl"))) == published,
            "{kind}"
        );
    }
    // The files are there now; and nothing of the run was touched.
    let again = earful(&bench.pipeline("first"), &[&whole[..], &["--out", &dir]].concat());
    assert!(again.code == 2 && again.err.contains("--fresh"), "{} {}", again.code, again.err);
    let fresh = earful(
        &bench.pipeline("first"),
        &[&whole[..], &["--out", &dir, "--fresh", "--workers", "1"]].concat(),
    );
    assert!(
        fresh.code == 0 && fresh.out.contains("0 would have fired and did not"),
        "{}{}",
        fresh.out,
        fresh.err
    );
    assert_eq!(bench.ends(), before);
}

#[test]
fn the_same_span_gives_the_same_bytes_whatever_the_threads() {
    let Some(bench) = bench() else { return };
    let files = |workers: &str| {
        let out = tempfile::tempdir().unwrap();
        let dir = out.path().display().to_string();
        let arguments = ["--from", TEN, "--to", "end", "--out", &dir, "--workers", workers];
        bench.replay(&arguments);
        KINDS.map(|kind| fs::read(out.path().join(format!("{kind}.jsonl"))).unwrap())
    };
    assert!(files("1") == files("3"));
}

#[test]
fn other_rules_say_what_they_would_have_said() {
    let Some(bench) = bench() else { return };
    let with = bench.pipeline("second").display().to_string();
    let arguments = ["--from", "beginning", "--to", "end", "--with", &with, "--prefix", "replayed-second."];
    let (code, report) = bench.replay(&arguments);
    assert_eq!(code, 1, "{report:#}");
    for kind in KINDS {
        let (replayed, run) = (format!("replayed-second.{kind}"), format!("run-second.{kind}"));
        assert!(!bench.rows(&run).is_empty() && bench.rows(&replayed) == bench.rows(&run), "{kind}");
    }
    assert_ne!(bench.first.difference(&bench.second), "");

    let [first, second] = ["run-first.", "run-second."].map(|prefix| bench.keys(&format!("{prefix}alerts")));
    let [gained, lost] = [second.difference(&first).count(), first.difference(&second).count()];
    assert!(gained > 0 && lost > 0, "{gained} {lost}");
    let alerts = |name: &str| count(&report, &format!("/difference/alerts/{name}"));
    assert_eq!(alerts("gained") + alerts("moved"), gained as u64);
    assert_eq!(alerts("lost") + alerts("moved"), lost as u64);
    assert_eq!(alerts("same") + alerts("changed"), first.intersection(&second).count() as u64);
    let [first, second] = ["run-first.", "run-second."].map(|prefix| bench.keys(&format!("{prefix}metrics")));
    assert_eq!(count(&report, "/difference/metrics/gained"), second.difference(&first).count() as u64);
    assert_eq!(count(&report, "/difference/metrics/lost"), first.difference(&second).count() as u64);
    // Of the otter's mentions most are the same, found by another query.
    assert!(count(&report, "/difference/mentions/same_but_version") > 100, "{report:#}");
    let brands = &report["difference"]["mentions"]["brands"];
    let [first, second] =
        ["run-first.", "run-second."].map(|prefix| bench.brands(&format!("{prefix}mentions")));
    for brand in ["heron", "jade", "kestrel", "otter", "birds"] {
        let of = |all: &BTreeSet<(String, String)>| -> BTreeSet<String> {
            all.iter().filter(|(name, _)| name == brand).map(|(_, key)| key.clone()).collect()
        };
        let (first, second) = (of(&first), of(&second));
        let [gained, lost] = [second.difference(&first).count(), first.difference(&second).count()];
        let found = |name: &str| brands[brand].get(name).and_then(Value::as_u64).unwrap_or(0) as usize;
        assert_eq!((found("gained"), found("lost")), (gained, lost), "{brand}: {brands}");
        assert!(brand != "otter" || gained > 1_000, "{brands}");
        assert!(brand != "jade" || lost > 500, "{brands}");
    }

    let again = earful(&bench.pipeline("first"), &arguments);
    assert!(again.code == 2 && again.err.contains("holds records already"), "{}{}", again.out, again.err);
}

#[test]
fn text_shows_what_differs() {
    let Some(bench) = bench() else { return };
    let with = bench.pipeline("second").display().to_string();
    let said = earful(
        &bench.pipeline("first"),
        &["--from", "beginning", "--to", "end", "--with", &with, "--limit", "1000"],
    );
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    for part in [
        "\n  + heron fury: 2024-",
        "\n  - jade many: 2024-",
        "\n  ~ otter|hour|",
        " mentions ",
        "(posts-for-replay/",
        "otter: +",
    ] {
        assert!(said.out.contains(part), "no {part:?} in\n{}", said.out);
    }
}

#[test]
fn a_part_with_its_history_is_the_same_and_without_it_is_not() {
    let Some(bench) = bench() else { return };
    let part = ["--from", TEN, "--to", TWENTY];
    let out = tempfile::tempdir().unwrap();
    let dir = out.path().display().to_string();
    let (code, report) = bench.replay(&[&part[..], &["--warm-up", "14d", "--out", &dir]].concat());
    assert_eq!((code, differing(&report)), (0, 0), "{report:#}");
    assert!(count(&report, "/warm_up_records") > 100 && count(&report, "/records") > 100, "{report:#}");
    let [_, rows, mentions_same] = same(&report);
    assert!(rows > 100 && rows < bench.keys("run-first.metrics").len() as u64 / 2, "{report:#}");
    assert!(
        mentions_same > 100 && mentions_same < bench.keys("run-first.mentions").len() as u64 / 2,
        "{report:#}"
    );
    // Nothing of the warm-up is written.
    let written = lines(&out.path().join("metrics.jsonl"));
    assert_eq!(written.len() as u64, rows);
    let published = bench.rows("run-first.metrics").into_iter().filter_map(|record| record.value);
    let published: BTreeSet<String> = published.map(|value| String::from_utf8(value).unwrap()).collect();
    assert!(written.iter().all(|line| published.contains(line)));
    let first = bench.kafka.read_committed("posts-for-replay");
    let offsets = |line: &String| {
        let mention: Value = serde_json::from_str(line).unwrap();
        (mention["origin"]["source"].to_string(), mention["origin"]["offset"].as_i64().unwrap())
    };
    let mentions: Vec<_> = lines(&out.path().join("mentions.jsonl")).iter().map(offsets).collect();
    assert!(mentions.len() as u64 >= mentions_same && mentions.len() < first.len() / 10);
    for read in report["partitions"].as_array().unwrap() {
        let (name, from, to) = (read["partition"].to_string(), count(read, "/from"), count(read, "/to"));
        let mut of_this = mentions.iter().filter(|(source, _)| *source == name);
        assert!(of_this.all(|(_, offset)| (from as i64..to as i64).contains(offset)), "{name}");
    }
    assert_eq!(report["compared_from"], TEN);
    assert!(report["compared_until"].as_str().unwrap().starts_with("2024-03-10T19:5"), "{report:#}");

    // What is read of itself before the span is enough for all but the rule that looks back for two weeks.
    let (_, report) = bench.replay(&part);
    assert_eq!(same(&report)[1..], [rows, mentions_same], "{report:#}");
    assert!(notes(&report).contains("the rule `surge` looks back on up to 14d"), "{report:#}");

    // In the busy time copies of posts come within seconds.
    let part = ["--from", "2024-03-11T06:01:00Z", "--to", "end"];
    let (code, report) = bench.replay(&[&part[..], &["--warm-up", "14d"]].concat());
    assert_eq!((code, differing(&report)), (0, 0), "{report:#}");
    let (code, report) = bench.replay(&[&part[..], &["--warm-up", "0s"]].concat());
    assert!(code == 1 && count(&report, "/difference/mentions/gained") > 0, "{report:#}");
    assert!(notes(&report).contains("shorter than the dedupe horizon of 1h"), "{report:#}");
}

#[test]
fn a_part_by_offsets_is_that_part_of_each_partition() {
    let Some(bench) = bench() else { return };
    let (code, report) = bench.replay(&["--from", "400", "--to", "900", "--warm-up", "14d"]);
    assert_eq!((code, differing(&report), count(&report, "/records")), (0, 0, 4 * 500), "{report:#}");
    assert!(same(&report)[1] > 100 && same(&report)[2] > 100, "{report:#}");
}
