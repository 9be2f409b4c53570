//! `earful replay` over a few posts: odd spans, odd records, odd arguments.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::broker;
use super::client::Kafka;
use super::fleet::Fleet;
use super::harness::transaction;
use super::replay::{TEN, TWENTY, earful, lines, rows};
use super::serve::wait_for;

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

/// A page of posts is one record. Its outputs are numbered, by the run and by the replay alike.
#[test]
fn all_that_comes_of_one_record_has_the_same_numbers_as_in_the_run() {
    let Some(small) = Small::new("pages", true) else { return };
    let post = |id: &str, body: &str| {
        format!(r#"{{"network":"x","id":"{id}","body":"{body}","published_at":1710032400000}}"#)
    };
    let page = [
        post("20", "heron"),
        "{}".to_owned(),
        post("21", "nobody"),
        post("22", "heron"),
        r#"{"network":"x","id":"3","deleted":true}"#.to_owned(),
        post("23", "heron"),
    ];
    let page = format!("[{}]", page.join(","));
    let writer = small.kafka.writer();
    writer.send("posts-for-pages", 0, b"page", page.as_bytes(), 1_710_032_401_000);
    writer.flush();
    let mut fleet = Fleet::start(&small.pipeline(), small.dir.path(), &["one"], &["--workers", "1"]);
    let group = small.kafka.group("pages", "posts-for-pages");
    wait_for("the commit", || group.committed(1) == Some(vec![21]));
    fleet.stop();
    small.check(
        &["--from", "beginning", "--to", "end", "--prefix", "pages-again."],
        0,
        &["replayed 21 records"],
    );
    let [run, again] = ["pages", "pages-again"]
        .map(|name| ["mentions", "dead"].map(|kind| rows(&small.kafka, &format!("{name}.{kind}"))));
    assert_eq!(run, again);
    let ids = again.iter().flatten().flat_map(|record| &record.headers).filter(|(name, _)| name == "ce_id");
    let ids = ids.map(|(_, id)| String::from_utf8(id.clone()).unwrap());
    let numbers: BTreeSet<String> =
        ids.filter_map(|id| id.strip_prefix("posts-for-pages/0/20/").map(str::to_owned)).collect();
    assert_eq!(numbers.into_iter().collect::<Vec<_>>(), ["0", "1", "2", "3", "4"]);
}

/// Markers and aborted records take offsets: a span may begin and end at one, and nothing is waited for there.
#[test]
fn posts_of_transactions_are_read_without_what_was_aborted() {
    let Some(small) = Small::new("transacted", true) else { return };
    let post =
        |id: &str| format!(r#"{{"network":"x","id":"{id}","body":"heron","published_at":1710030000000}}"#);
    // Into the first partition, behind 20 plain posts, and into the second: a record and a marker each time.
    for (name, is_committed) in [("a", true), ("b", false), ("c", true), ("d", false)] {
        let posts = [post(&format!("{name}0")), post(&format!("{name}1"))];
        let posts: Vec<&str> = posts.iter().map(String::as_str).collect();
        transaction(&mut small.kafka.config(), "posts-for-transacted", &posts, is_committed);
    }
    assert_eq!(small.kafka.ends("posts-for-transacted"), [28, 8]);
    let out = small.dir.path().join("out");
    let dir = out.display().to_string();
    let mentions = |arguments: &[&str], records: usize| {
        let said = format!("replayed {records} records");
        small.check(&[arguments, &["--out", &dir, "--fresh"]].concat(), 0, &[&said]);
        let id = |line: &String| {
            serde_json::from_str::<Value>(line).unwrap()["post"]["id"].as_str().unwrap().to_owned()
        };
        let mut ids: Vec<String> = lines(&out.join("mentions.jsonl")).iter().map(id).collect();
        ids.retain(|id| id.parse::<u64>().is_err());
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(mentions(&["--from", "beginning", "--to", "end"], 24), "a0 a1 c0 c1");
    assert_eq!(mentions(&["--from", "21", "--to", "25"], 1), "c0");
    assert_eq!(mentions(&["--from", "1", "--to", "5"], 5), "c1");
    for (from, to) in [("21", "24"), ("21", "23"), ("22", "24"), ("21", "22"), ("25", "28")] {
        assert_eq!(mentions(&["--from", from, "--to", to], 0), "", "{from} {to}");
    }
}
