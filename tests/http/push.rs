//! The push feed's door, with a stand-in for the run behind it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::Receiver;
use earful::feeds::push::{PushBatch, PushError, PushIntake, PushReceipt};
use earful::http::{AppState, HttpLimits, State, ViewLimits, serve};
use earful::model::{Fate, FateCounts, Timestamp};
use serde_json::json;

use crate::client::Site;

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";

fn site(limits: HttpLimits) -> (Site, Receiver<PushBatch>) {
    let (intake, batches) = PushIntake::new();
    (Site::with(Some(intake), limits, ViewLimits::default()), batches)
}

/// Takes every batch in: each line is kept, but a line `bad` is malformed.
fn run(batches: Receiver<PushBatch>) -> thread::JoinHandle<Vec<Vec<u8>>> {
    thread::spawn(move || {
        let mut payloads = Vec::new();
        for batch in batches {
            let mut fates = FateCounts::default();
            for line in batch.payload.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
                fates.count(if line == b"bad" { Fate::Malformed } else { Fate::Kept });
            }
            payloads.push(batch.payload);
            (batch.reply)(Ok(PushReceipt { received: fates.received(), fates, refused: Vec::new() }));
        }
        payloads
    })
}

#[test]
fn the_answer_counts_the_fates() {
    let (site, batches) = site(HttpLimits::default());
    let run = run(batches);
    let lines = site.post(LINES, "{\"id\":1}\nbad\n{\"id\":2}\n");
    assert_eq!(lines.status, 200, "{}", lines.body);
    let fates = json!({"kept": 2, "late": 0, "duplicate": 0, "filtered": 0, "ignored": 0, "retracted": 0, "malformed": 1});
    assert_eq!(lines.json(), json!({"received": 3, "fates": fates}));
    let document = site.post("application/json; charset=utf-8", "{\n  \"id\": 3\n}\n");
    assert_eq!(document.json()["received"], 1);
    site.server.stop().unwrap();
    drop(site.state);
    assert_eq!(run.join().unwrap(), [&b"{\"id\":1}\nbad\n{\"id\":2}\n"[..], b"{   \"id\": 3 }"]);
}

#[test]
fn no_answer_before_the_posts_are_durable() {
    let (site, batches) = site(HttpLimits::default());
    thread::scope(|scope| {
        let (done, answered) = mpsc::channel();
        let site = &site;
        scope.spawn(move || done.send(site.post(JSON, "{}").status));
        let batch = batches.recv().unwrap();
        assert!(answered.recv_timeout(Duration::from_millis(50)).is_err(), "answered too early");
        (batch.reply)(Ok(PushReceipt::default()));
        assert_eq!(answered.recv().unwrap(), 200);
    });
}

#[test]
fn a_batch_that_is_not_safe_is_not_confirmed() {
    let (site, batches) =
        site(HttpLimits { push_timeout: Duration::from_millis(80), ..HttpLimits::default() });
    let answers =
        [Some(Err(PushError::Stopping)), Some(Err(PushError::NotDurable("disk full".to_owned()))), None];
    for (answer, code) in answers.into_iter().zip(["stopping", "not_durable", "not_known"]) {
        thread::scope(|scope| {
            scope.spawn(|| {
                let batch = batches.recv().unwrap();
                if let Some(answer) = answer {
                    (batch.reply)(answer);
                }
            });
            let found = site.post(JSON, "{}");
            assert_eq!(found.problem(503), code);
            assert_eq!(found.header("retry-after"), "5");
        });
    }
    let held = thread::scope(|scope| {
        let taker = scope.spawn(|| batches.recv().unwrap());
        assert_eq!(site.post(JSON, "{}").problem(503), "not_known");
        taker.join().unwrap()
    });
    (held.reply)(Ok(PushReceipt::default()));
}

#[test]
fn a_full_intake_is_answered_429() {
    let limits = HttpLimits { push_timeout: Duration::from_millis(500), ..HttpLimits::default() };
    let (site, batches) = site(limits);
    thread::scope(|scope| {
        let posts: Vec<_> = (0..80).map(|_| scope.spawn(|| site.post(JSON, "{}"))).collect();
        let answers: Vec<_> = posts.into_iter().map(|p| p.join().unwrap()).collect();
        let full: Vec<_> = answers.iter().filter(|a| a.status == 429).collect();
        assert!(full.len() >= 80 - 64, "{}", full.len());
        assert!(full.iter().all(|a| a.problem(429) == "full" && a.header("retry-after") == "1"));
        assert!(answers.iter().all(|a| [429, 503].contains(&a.status)));
    });
    assert!(batches.len() <= 64);
    let text = site.get("/metrics").body;
    assert!(text.contains("earful_push_requests_total 80"), "{text}");
    assert!(text.contains("earful_push_rejected_total{reason=\"full\"}"), "{text}");
}

#[test]
fn the_bytes_that_wait_are_bounded() {
    let limits =
        HttpLimits { push_bytes: 10_240, push_timeout: Duration::from_millis(50), ..HttpLimits::default() };
    let (site, batches) = site(limits);
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(6_000));
    assert_eq!(site.post(JSON, &body).problem(503), "not_known");
    assert_eq!(site.post(JSON, &body).problem(429), "full");
    let waiting = batches.recv().unwrap();
    (waiting.reply)(Ok(PushReceipt::default()));
    assert_eq!(site.post(JSON, &body).problem(503), "not_known");
}

#[test]
fn bad_bodies_are_refused() {
    let (site, batches) = site(HttpLimits { body_bytes: 100, ..HttpLimits::default() });
    let run = run(batches);
    assert_eq!(site.post(JSON, "{\"a\": }").problem(400), "bad_json");
    assert_eq!(site.post(JSON, "").problem(400), "empty_body");
    assert_eq!(site.post(LINES, "\n \n").problem(400), "empty_body");
    assert_eq!(site.post(JSON, "42").problem(422), "no_post");
    assert_eq!(site.post("text/plain", "{}").problem(415), "content_type");
    assert_eq!(site.send("POST", "/v1/posts", &[], b"{}").problem(415), "content_type");
    let gzip = [("Content-Type", JSON), ("Content-Encoding", "gzip")];
    assert_eq!(site.send("POST", "/v1/posts", &gzip, b"{}").problem(415), "content_encoding");
    assert_eq!(site.post(JSON, &format!("[{}]", "1,".repeat(60))).problem(413), "body_too_long");
    assert_eq!(site.send("POST", "/v1/posts?feed=1", &[], b"{}").problem(400), "unknown_parameter");
    let chunked = [("Content-Type", LINES), ("Transfer-Encoding", "chunked")];
    let long = format!("c8\r\n{}\r\n0\r\n\r\n", "x".repeat(200));
    assert_eq!(site.send("POST", "/v1/posts", &chunked, long.as_bytes()).problem(413), "body_too_long");
    let short = site.send("POST", "/v1/posts", &chunked, b"2\r\n{}\r\n0\r\n\r\n");
    assert_eq!(short.json()["received"], 1);
    site.server.stop().unwrap();
    drop(site.state);
    assert_eq!(run.join().unwrap(), [b"{}"], "only the good one was handed over");
}

#[test]
fn no_feed_no_push_and_none_before_ready() {
    let without = Site::new();
    let answer = without.post(JSON, "{}");
    assert_eq!(answer.problem(404), "no_push_feed");
    assert!(answer.body.contains("type = \\\"push\\\""), "{}", answer.body);
    let (site, batches) = site(HttpLimits::default());
    site.state.readiness.set(State::Starting("restoring".to_owned()));
    assert_eq!(site.post(JSON, "{}").problem(503), "starting");
    site.state.readiness.set(State::Stopping("SIGINT".to_owned()));
    assert_eq!(site.post(JSON, "{}").problem(503), "stopping");
    assert!(batches.is_empty());
}

#[test]
fn corrections_go_to_their_topic_where_there_is_one() {
    let send =
        |site: &Site, body: &[u8]| site.send("POST", "/v1/corrections", &[("Content-Type", JSON)], body);
    let (intake, batches) = PushIntake::new();
    let site = Site::of(AppState { corrections: Some(intake), ..Site::new().state.clone() });
    let run = run(batches);
    let answer = send(&site, b"[{\"correction\":{}},\n{\"correction\":{\"id\":1}}]");
    assert_eq!((answer.status, answer.json()), (202, json!({"taken": 2})));
    assert_eq!(send(&site, b"{\"id\":1}").problem(422), "no_correction");
    assert_eq!(site.post(JSON, "{}").problem(404), "no_push_feed", "no topic for posts");
    site.server.stop().unwrap();
    drop(site.state);
    assert_eq!(run.join().unwrap(), [b"{\"correction\":{}}\n{\"correction\":{\"id\":1}}"]);

    let answer = send(&Site::new(), b"{\"correction\":{}}");
    assert_eq!(answer.problem(404), "no_push_feed");
    assert!(
        answer.body.contains("takes no corrections") && answer.body.contains("`corrections`"),
        "{}",
        answer.body
    );
}

/// The second look at the clock is the handler's own; the first comes before it, the third after it.
#[test]
fn a_panic_is_answered_500_and_the_server_lives_on() {
    static LOOKS: AtomicUsize = AtomicUsize::new(0);
    fn broken_clock() -> Timestamp {
        assert!(LOOKS.fetch_add(1, Ordering::Relaxed) != 1, "a panic on purpose");
        Timestamp::default()
    }
    let (first, _batches) = site(HttpLimits::default());
    let state = AppState { now: broken_clock, ..first.state.clone() };
    let server = serve(TcpListener::bind("127.0.0.1:0").unwrap(), state.clone()).unwrap();
    let site = Site { state, server };
    let answer = site.post(JSON, "{}");
    assert_eq!(answer.problem(500), "internal");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(site.get("/healthz").status, 200);
}

#[test]
fn stopping_lets_an_open_push_end() {
    let (site, batches) = site(HttpLimits::default());
    let address = site.address();
    let mut client = TcpStream::connect(address).unwrap();
    let head =
        "POST /v1/posts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    client.write_all(head.as_bytes()).unwrap();
    let batch = batches.recv().unwrap();
    thread::scope(|scope| {
        let stopping = scope.spawn(|| site.server.stop());
        while TcpStream::connect(address).is_ok() {
            thread::yield_now();
        }
        // Long enough for a server that does not wait to have gone; one that waits passes at any speed.
        thread::sleep(Duration::from_millis(100));
        (batch.reply)(Ok(PushReceipt::default()));
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        stopping.join().unwrap().unwrap();
    });
}
