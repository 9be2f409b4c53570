//! Options of `earful run` that mean nothing for a pipeline are refused, and not passed over.
#![cfg(feature = "kafka")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use support::Bench;

const LONGEST: Duration = Duration::from_secs(20);

/// Nobody listens there: what is wrong must be told before anything waits for brokers.
const KAFKA: &str = r#"name = "t"
[kafka]
brokers = "127.0.0.1:9"
[[feeds]]
name = "posts"
type = "kafka"
topics = ["posts"]
[[brands]]
id = "heron"
query = "heron"
"#;

fn with_kafka(more: &str) -> Bench {
    let bench = Bench::new("");
    fs::write(bench.path("p.toml"), format!("{KAFKA}{more}")).unwrap();
    bench
}

/// Ends with exit code 2 and a message that has all these parts.
fn check(bench: &Bench, args: &[&str], parts: &[&str]) {
    let (code, said) = ended(bench.command(args));
    assert_eq!(code, Some(2), "{args:?}: {said}");
    for part in parts {
        assert!(said.contains(part), "{args:?}: no {part:?} in\n{said}");
    }
}

/// The exit code and what was said; without a code when it does not end by itself.
fn ended(mut command: Command) -> (Option<i32>, String) {
    let mut child = command.spawn().unwrap();
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() && began.elapsed() < LONGEST {
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn roles_without_anything_to_do_end_at_once() {
    let bench = with_kafka("");
    let no_http = "has no [http] for the role serve";
    let no_deliveries = "has no [[deliveries]] for the role deliver";
    check(&bench, &["--role", "serve"], &[no_http, "would have nothing to do"]);
    check(&bench, &["--role", "deliver"], &[no_deliveries]);
    check(&bench, &["--role", "serve,deliver"], &[no_http, no_deliveries]);
}

#[test]
fn what_belongs_to_a_run_on_disk_is_refused_with_kafka() {
    let bench = with_kafka("[http]\nlisten = \"127.0.0.1:0\"\n");
    check(&bench, &["--stay"], &["--stay", "[kafka]", "leave it out"]);
    check(&bench, &["--fresh"], &["--fresh", "[kafka]", "`prefix`"]);
    check(&bench, &["--batch-bytes", "1000"], &["--batch-bytes", "[kafka]", "leave it out"]);
}

#[test]
fn what_belongs_to_kafka_is_refused_without() {
    let bench = Bench::with_posts("");
    check(&bench, &["--role", "listen"], &["--role", "no [kafka]"]);
    check(&bench, &["--instance", "a"], &["--instance", "no [kafka]"]);
    assert!(!bench.path("out").exists(), "nothing was begun");
}

#[test]
fn an_instance_needs_a_name_that_tells_it_from_others() {
    let bench = with_kafka("");
    for name in ["", " ", "\t"] {
        check(&bench, &["--instance", name], &["--instance", "is empty", "a name of its own"]);
    }
    check(&bench, &["--instance", &"x".repeat(201)], &["--instance", "201", "200"]);
}
