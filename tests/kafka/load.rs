//! `earful load` writes what it prints.

use std::collections::HashMap;
use std::process::Command;

use super::{broker, say};

fn pipeline(address: &str, topic: &str) -> String {
    format!(
        r#"
[kafka]
brokers = "{address}"
[[feeds]]
name = "posts"
type = "kafka"
topics = ["{topic}"]
[[brands]]
id = "heron"
query = '''heron OR 苍鹭'''
[[brands]]
id = "tern"
query = '''tern'''
"#
    )
}

/// Standard output, after a success.
fn load(address: &str, topic: &str, args: &[&str]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    std::fs::write(&file, pipeline(address, topic)).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_earful")).arg("load").arg(&file).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The number before `word` in the summary.
fn number(summary: &str, word: &str) -> usize {
    let before = &summary[..summary.find(word).unwrap_or_else(|| panic!("no{word} in {summary}"))];
    before.rsplit([' ', '\n']).next().unwrap().parse().unwrap()
}

#[test]
fn five_thousand_posts_arrive_as_printed() {
    let Some(broker) = broker::shared() else { return };
    let kafka = broker.client();
    kafka.create_topic("load-posts", 4, &[]);
    let args = ["--posts", "5000", "--seed", "7", "--span", "2h", "--rate", "max", "--duplicates", "0.1"];
    let summary = load(&broker.address(), "load-posts", &[&args[..], &["--crisis-at", "1h"]].concat());
    say(summary.trim());

    let records = kafka.read_committed("load-posts");
    assert_eq!(records.len(), 5_000);
    assert_eq!(number(&summary, " records,"), 5_000);
    assert!(summary.contains("seed 7"), "{summary}");
    let bytes: usize = records.iter().map(|record| record.value.as_ref().unwrap().len()).sum();
    assert_eq!(number(&summary, " bytes"), bytes);
    let sorts = [" posts,", " of the crisis", " late", " duplicates", " malformed"];
    assert_eq!(sorts.iter().map(|sort| number(&summary, sort)).sum::<usize>(), 5_000);

    let mut seen: HashMap<Vec<u8>, i32> = HashMap::new();
    for record in &records {
        let key = record.key.clone().unwrap();
        let first = *seen.entry(key).or_insert(record.partition);
        assert_eq!(first, record.partition, "a post has one partition");
    }
    assert_eq!(5_000 - seen.len(), number(&summary, " duplicates"));
    assert!((0..4).all(|p| records.iter().any(|record| record.partition == p)));
    assert!(number(&summary, " of the crisis") > 50, "{summary}");
}

#[test]
fn a_topic_that_is_not_there_is_not_made() {
    let Some(broker) = broker::shared() else { return };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    std::fs::write(&file, pipeline(&broker.address(), "load-nowhere")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_earful")).arg("load").arg(&file).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("load-nowhere is not there"), "{stderr}");
    assert_eq!(broker.client().partitions("load-nowhere"), 0);
}
