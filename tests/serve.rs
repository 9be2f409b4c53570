//! The real binary as a server: push, stop, go on, and the numbers over HTTP.
#![cfg(feature = "http")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use support::Bench;
use support::server::Server;

const PUSH: &str = r#"
lateness = "0s"
idle = "1s"

[http]
listen = "127.0.0.1:0"

[[feeds]]
name = "push"
type = "push"
"#;

fn post(id: u32, at: &str) -> String {
    format!(
        r#"{{"network":"x","id":"{id}","body":"heron is great","author":{{"id":"u{id}"}},"published_at":"{at}"}}"#
    )
}

#[test]
fn what_was_answered_is_there_after_a_kill_and_shown_again() {
    let bench = Bench::new(PUSH);
    let server = Server::start(bench.command(&[]));
    let answer = server.request("POST /v1/posts", &post(1, "2026-03-10T09:00:00Z"));
    assert!(answer.contains("200 OK") && answer.contains("\"kept\":1"), "{answer}");
    server.stop("-KILL");
    assert_eq!(bench.lines("mentions.jsonl").len(), 1);

    let server = Server::start(bench.command(&[]));
    let answer = server.request("POST /v1/posts", &post(1, "2026-03-10T09:00:00Z"));
    assert!(answer.contains("\"duplicate\":1"), "{answer}");
    let mentions = server.get("v1/mentions?brand=heron");
    assert!(mentions.contains("\"id\":\"1\"") && mentions.contains("\"fate\":\"kept\""), "{mentions}");
    server.stop("-TERM");
}

#[test]
fn queries_are_checked_explained_and_tried() {
    let bench = Bench::new(PUSH);
    let server = Server::start(bench.command(&[]));
    let ask = |path: &str, body: &str| {
        let answer = server.request(&format!("POST /v1/{path}"), body);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("200 OK"), "{answer}");
        serde_json::from_str::<serde_json::Value>(body).unwrap()
    };
    let query = "heron AND language:en";
    let arguments = ["query", "explain", "--json", query];
    let told = std::process::Command::new(env!("CARGO_BIN_EXE_earful")).args(arguments).output().unwrap();
    let mut told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    // The server has no time to measure with.
    assert!(told.as_object_mut().unwrap().remove("measured").is_some(), "{told}");
    assert_eq!(ask("query/explain", &format!("{{\"query\":\"{query}\"}}")), told);
    assert_eq!(ask("query-validation", r#"{"booleanQuery":"heron AND"}"#)["errors"][0]["code"], "E205");
    let tested = ask("query/test", r#"{"query":"heron","posts":["a heron", {"text": "crane"}]}"#);
    assert_eq!(tested["posts"][0]["match_positions"][0]["start"], 2);
    assert_eq!(tested["matched"], 1);
    server.stop("-TERM");
}

#[test]
fn a_silent_push_feed_is_moved_on_so_that_its_panes_close() {
    let bench = Bench::new(PUSH);
    let server = Server::start(bench.command(&[]));
    server.request("POST /v1/posts", &post(1, "2026-03-10T09:00:00Z"));
    let rows = server.until("v1/metrics?brand=heron&resolution=minute", |a| a.contains("\"final\""));
    assert!(rows.contains("\"mentions\":1"), "{rows}");
    let metrics = server.get("metrics");
    for line in [
        "earful_posts_ingested_total{network=\"x\"} 1",
        "earful_event_time_delay_seconds_count 1",
        "earful_posts_total{fate=\"kept\"} 1",
        "earful_mentions_total{brand=\"heron\",network=\"x\",sentiment=\"positive\"} 1",
    ] {
        assert!(metrics.contains(line), "no `{line}` in\n{metrics}");
    }
    server.stop("-INT");

    // The next run shows what the files hold.
    let server = Server::start(bench.command(&[]));
    let rows = server.get("v1/metrics?brand=heron&resolution=minute");
    assert!(rows.contains("\"final\"") && rows.contains("\"mentions\":1"), "{rows}");
    server.stop("-INT");
}

#[test]
fn stay_serves_after_the_end_of_the_files() {
    let head = format!("{}\n[http]\nlisten = \"127.0.0.1:0\"", support::FILE_FEED);
    // Top-level keys and tables may stand in any order, as long as no key follows a table.
    let bench = Bench::new(&head);
    bench.write("posts.jsonl", support::posts(0, 500, 1));
    let server = Server::start(bench.command(&["--stay"]));
    server.until("v1/metrics?brand=heron&resolution=day", |a| a.contains("\"final\""));
    server.stop("-INT");
}

#[test]
fn stay_needs_http() {
    let bench = Bench::with_posts("");
    assert!(bench.fails(&["--stay"], 2).contains("[http]"));
}
