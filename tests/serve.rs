//! The real binary as a server: push, stop, go on, and the numbers over HTTP.
#![cfg(feature = "http")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use support::Bench;

const PUSH: &str = r#"
lateness = "0s"
idle = "1s"

[http]
listen = "127.0.0.1:0"

[[feeds]]
name = "push"
type = "push"
"#;

/// A running earful and the address that it told.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(mut command: Command) -> Server {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let told = lines.find_map(|line| {
            let line = line.unwrap();
            let at = line.find("127.0.0.1:")?;
            Some(line[at..].split(|c: char| !(c.is_ascii_digit() || ".:".contains(c))).next()?.to_owned())
        });
        // The rest must be read, or the child would block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let server = Server { child, address: told.expect("the address is logged") };
        server.until("readyz", |answer| answer.contains("\"ready\""));
        server
    }

    fn request(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.request(&format!("GET /{path}"), "")
    }

    /// Asks until the answer is as wanted; half a minute is far more than it takes.
    fn until(&self, path: &str, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let answer = self.get(path);
            if wanted(&answer) {
                return answer;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "/{path} stays: {answer}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(mut self, signal: &str) {
        let kill = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let status = self.child.wait().unwrap();
        assert!(signal == "-KILL" || status.success(), "{status}");
    }
}

impl Drop for Server {
    /// A failed test leaves no process behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

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
