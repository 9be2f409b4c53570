//! 10,000 queries of a running pipeline are exchanged while posts come in: from the change to the new ones in force.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::posts::Posts;
use super::queries::Maker;
use super::server::Server;
use super::span;

const HEAD: &str = r#"
lateness = "0s"
[http]
listen = "127.0.0.1:0"
[[feeds]]
name = "push"
type = "push"
[[sinks]]
type = "null"
"#;
const QUERIES: usize = 10_000;
/// Posts of one request.
const PUSHED: usize = 500;

/// Measures a reload after a signal, and after a change that nobody tells of.
pub fn show(posts: &Posts, runs: usize) {
    if !cfg!(feature = "http") {
        return println!("\nreload: not without the feature `http`");
    }
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("p.toml");
    write(&file, posts, 0);
    let mut command = Command::new(env!("CARGO_BIN_EXE_earful"));
    command.arg("run").arg(&file).current_dir(dir.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let server = Server::start(command);
    println!(
        "\n| reload of {QUERIES} queries | seconds, min / median / max | posts a second meanwhile |\n| --- | --- | --- |"
    );
    let mut reloads = 0;
    for (name, signal) in [("after SIGHUP", true), ("after a change of the file", false)] {
        let (stop, pushed) = (AtomicBool::new(false), AtomicU64::new(0));
        let began = Instant::now();
        let seconds = thread::scope(|scope| {
            scope.spawn(|| push(&server, posts, &stop, &pushed));
            let mut seconds: Vec<f64> = (0..runs)
                .map(|_| {
                    reloads += 1;
                    write(&file, posts, reloads);
                    reload(&server, reloads, signal)
                })
                .collect();
            stop.store(true, Ordering::SeqCst);
            seconds.sort_by(f64::total_cmp);
            seconds
        });
        let rate = pushed.load(Ordering::SeqCst) as f64 / began.elapsed().as_secs_f64();
        println!("| {name} | {} | {rate:.0} |", span(&seconds, 2));
    }
    server.stop("-TERM");
}

/// The pipeline; each version has another first query.
fn write(file: &Path, posts: &Posts, version: usize) {
    let mut maker = Maker::new(&posts.words, true);
    let mut text = format!("{HEAD}[[brands]]\nid = \"first\"\nquery = 'version{version}'\n");
    for number in 1..QUERIES {
        let query = maker.brand().text();
        let _ = writeln!(text, "[[brands]]\nid = \"b{number}\"\nquery = '''{query}'''");
    }
    // As editors do: the file is never there by half.
    let new = file.with_extension("new");
    fs::write(&new, text).and_then(|()| fs::rename(&new, file)).expect("the pipeline");
}

/// Seconds until the queries are in force.
fn reload(server: &Server, times: usize, signal: bool) -> f64 {
    let began = Instant::now();
    if signal {
        server.signal("-HUP");
    }
    let line = format!("earful_query_reloads_total{{result=\"ok\"}} {times}");
    while !server.get("metrics").lines().any(|other| other == line) {
        thread::sleep(Duration::from_millis(5));
    }
    began.elapsed().as_secs_f64()
}

fn push(server: &Server, posts: &Posts, stop: &AtomicBool, pushed: &AtomicU64) {
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        let batch: Vec<String> = (0..PUSHED)
            .map(|at| {
                let text = &posts.texts[(number + at) % posts.texts.len()];
                let id = (number + at).to_string();
                let time = "2026-03-10T09:00:00Z";
                json!({"network": "x", "id": id, "text": text, "published_at": time}).to_string()
            })
            .collect();
        number += PUSHED;
        let answer = server.request("POST /v1/posts", &format!("[{}]", batch.join(",")));
        assert!(answer.contains("\"received\""), "the posts are taken: {answer}");
        pushed.fetch_add(PUSHED as u64, Ordering::SeqCst);
    }
}
