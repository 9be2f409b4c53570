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
const TEN: &str = "2024-03-10T10:00:00Z";
const TWENTY: &str = "2024-03-10T20:00:00Z";

/// Two finished runs over the same posts, the second with other brands and rules.
struct Bench {
    kafka: Kafka,
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

fn bench() -> Option<&'static Bench> {
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
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn earful(pipeline: &Path, arguments: &[&str]) -> Said {
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

    /// What is in a topic, without the places.
    fn rows(&self, topic: &str) -> Vec<Record> {
        let plain = |record: Record| Record { partition: 0, offset: 0, ..record };
        let mut rows: Vec<Record> = self.kafka.read_committed(topic).into_iter().map(plain).collect();
        rows.sort_by(|a, b| (&a.key, &a.value, &a.headers).cmp(&(&b.key, &b.value, &b.headers)));
        rows
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
fn lines(file: &Path) -> Vec<String> {
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

/// A pipeline of its own with a few posts, which no run has read.
struct Small {
    kafka: Kafka,
    dir: tempfile::TempDir,
}

impl Small {
    fn new(name: &str, applied: bool) -> Option<Small> {
        let broker = broker::shared()?;
        let small = Small { kafka: broker.client(), dir: tempfile::tempdir().unwrap() };
        let (address, topic) = (broker.address(), format!("posts-for-{name}"));
        let text = format!(
            "[kafka]\nbrokers = \"{address}\"\nprefix = \"{name}.\"\n[[feeds]]\nname = \"posts\"\ntype = \"kafka\"\n\
             pattern = \"^{topic}.*\"\n[[brands]]\nid = \"heron\"\nquery = '''heron'''\n"
        );
        fs::write(small.pipeline(), text).unwrap();
        small.kafka.create_topic(&topic, 2, &[("retention.ms", "-1")]);
        let writer = small.kafka.writer();
        for n in 0..20_i64 {
            let at = 1_710_028_800_000 + n * 60_000;
            let post = format!(r#"{{"network":"x","id":"{n}","body":"heron","published_at":{at}}}"#);
            // The second partition stays empty.
            writer.send(&topic, 0, n.to_string().as_bytes(), post.as_bytes(), at + 1_000);
        }
        writer.flush();
        if applied {
            let mut apply = Command::new(env!("CARGO_BIN_EXE_earful"));
            let apply = apply.args(["topics", "apply"]).arg(small.pipeline()).output().unwrap();
            assert!(apply.status.success());
        }
        Some(small)
    }

    fn pipeline(&self) -> PathBuf {
        self.dir.path().join("p.toml")
    }

    /// The exit code and what is said of it.
    fn check(&self, arguments: &[&str], code: i32, parts: &[&str]) {
        let said = earful(&self.pipeline(), arguments);
        let all = said.out + &said.err;
        assert_eq!(said.code, code, "{arguments:?}: {all}");
        for part in parts {
            assert!(all.contains(part), "{arguments:?}: no {part:?} in\n{all}");
        }
    }
}

#[test]
fn what_was_not_published_goes_to_files_and_an_empty_partition_holds_nothing_open() {
    let Some(small) = Small::new("unpublished", true) else { return };
    let out = small.dir.path().join("out");
    let dir = out.display().to_string();
    let arguments = ["--from", "beginning", "--to", "2024-03-10T00:30:00Z", "--out", &dir];
    small.check(&arguments, 0, &["replayed 20 records", "nothing of the span can be compared"]);
    assert_eq!(lines(&out.join("mentions.jsonl")).len(), 20);
    // Minute 19 has come, and posts may be five minutes late.
    let minutes = lines(&out.join("metrics.jsonl"));
    assert_eq!(minutes.iter().filter(|line| line.contains("\"minute\"")).count(), 14, "{minutes:?}");
}

#[test]
fn bad_usage_is_told() {
    let Some(small) = Small::new("bad-usage", true) else { return };
    let whole = |more: &[&'static str]| [&["--from", "beginning", "--to", "end"], more].concat();
    small.check(&["--from", "yesterday", "--to", "end"], 2, &["give a time such as", "`beginning`"]);
    small.check(&["--from", "0", "--to", "beginning"], 2, &["give a time such as", "`end`"]);
    small.check(&["--from", "end", "--to", "end"], 2, &["`beginning`"]);
    small.check(
        &["--from", TWENTY, "--to", TEN],
        2,
        &["--from 2024-03-10T20:00:00Z is not before --to 2024"],
    );
    small.check(&["--from", "7", "--to", "7"], 2, &["nothing lies between them"]);
    let nothing = [
        "there is no record from 2024-03-10T10:00:00Z to end",
        "posts-for-bad-usage/0 has the offsets 0 to 19",
    ];
    small.check(&["--from", TEN, "--to", "end"], 2, &nothing);
    small.check(&["--from", "20", "--to", "30"], 2, &["there is no record from offset 20 to offset 30"]);
    small.check(&whole(&["--prefix", "bad-usage."]), 2, &["is the pipeline's own"]);
    small.check(&whole(&["--prefix", "a b"]), 2, &["cannot be part of a topic's name"]);
    small.check(
        &whole(&["--prefix", "posts-for-bad-usage."]),
        2,
        &["the pipeline reads posts from the topic"],
    );
    small.check(&whole(&["--prefix", "a.", "--out", "b"]), 2, &["cannot be used with"]);
    small.check(&whole(&["--fresh"]), 2, &["--out"]);
    small.check(&whole(&["--with", "/no/such/file.toml"]), 2, &["/no/such/file.toml"]);
    let other = small.dir.path().join("other.toml");
    fs::write(&other, "[[feeds]]\nname = \"a\"\ntype = \"stdin\"\n[[brands]]\nid = \"a\"\nquery = '''a'''\n[[sinks]]\ntype = \"null\"\n").unwrap();
    let said = earful(&other, &["--from", "beginning", "--to", "end"]);
    assert!(said.code == 2 && said.err.contains("the pipeline has no [kafka]"), "{}", said.err);
}

#[test]
fn a_missing_topic_is_told() {
    let Some(small) = Small::new("not-applied", false) else { return };
    let parts = ["the topic not-applied.mentions is not there", "earful topics apply"];
    small.check(&["--from", "beginning", "--to", "end"], 2, &parts);
}

#[test]
fn what_retention_has_eaten_is_told() {
    let Some(small) = Small::new("eaten", true) else { return };
    small.kafka.delete_before("posts-for-eaten", 0, 5);
    let begins = "posts-for-eaten/0 begins at offset 5, of 2024-03-10T00:05:01Z";
    small.check(&["--from", "0", "--to", "end"], 2, &["offsets 0 to 4 may no longer be there", begins]);
    let early = "2024-03-10T00:01:00Z";
    small.check(
        &["--from", early, "--to", "end"],
        2,
        &["what came from 2024-03-10T00:01:00Z on may", begins],
    );
    small.check(
        &["--from", "2024-03-10T00:10:00Z", "--to", "end", "--warm-up", "1d"],
        0,
        &["later than asked"],
    );
    small.check(&["--from", "beginning", "--to", "end"], 0, &["begins at offset 5", "replayed 15 records"]);
}
