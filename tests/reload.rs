//! Queries of a running pipeline are exchanged, by the real binary: no post is lost or counted twice, and each is
//! matched by the queries of its time.
#![cfg(feature = "http")]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use support::Bench;
use support::server::Server;

const HEAD: &str = r#"
lateness = "0s"
idle = "60s"
[http]
listen = "127.0.0.1:0"
[[feeds]]
name = "push"
type = "push"
[[sinks]]
type = "jsonl"
dir = "out"
"#;

fn brands(list: &[(&str, &str)]) -> String {
    let brand = |(id, query): &(&str, &str)| format!("[[brands]]\nid = \"{id}\"\n{query}\n");
    HEAD.to_owned() + &list.iter().map(brand).collect::<String>()
}

/// A server with these brands.
fn start(list: &[(&str, &str)]) -> (Bench, Server) {
    let bench = Bench::new("");
    bench.write("p.toml", brands(list));
    let server = Server::start(bench.command(&[]));
    (bench, server)
}

fn reloaded(server: &Server, result: &str, times: u32) -> String {
    let line = format!("earful_query_reloads_total{{result=\"{result}\"}} {times}");
    server.until("metrics", |answer| answer.lines().any(|l| l == line))
}

fn post(id: usize, text: &str) -> String {
    format!(
        "{{\"network\":\"x\",\"id\":\"{id}\",\"text\":\"{text}\",\"published_at\":\"2026-03-10T09:00:00Z\"}}\n"
    )
}

fn push(server: &Server, posts: &str) -> String {
    server.request("POST /v1/posts", posts)
}

/// The steps of the long test: which posts are whose, by number of the step.
const TEXTS: [&str; 4] = ["heron gate", "heron pond", "jadewing", "kite"];

fn expected(step: usize, text: &str) -> Option<&'static str> {
    match (text, step) {
        ("heron gate", _) | ("heron pond", 0) => Some("heron"),
        ("jadewing", 0 | 1) => Some("jade"),
        ("kite", 2) => Some("kite"),
        _ => None,
    }
}

/// A post that was pushed: its text, and the first and last step that it may have met.
type Sent = BTreeMap<usize, (&'static str, usize, usize)>;

/// Pushes until it is told to stop, and counts the answers. The steps are counted where they begin and are done.
fn send(
    server: &Server,
    first: usize,
    answered: &AtomicUsize,
    (begun, done): (&AtomicUsize, &AtomicUsize),
    stop: &AtomicBool,
) -> Sent {
    let mut sent = Sent::new();
    let mut id = first;
    while !stop.load(Ordering::SeqCst) {
        let ids: Vec<usize> = (id..id + 20).collect();
        id += 20;
        let text = |id: usize| TEXTS[id % TEXTS.len()];
        let posts: Vec<String> = ids.iter().map(|id| post(*id, text(*id)).trim_end().to_owned()).collect();
        let from = done.load(Ordering::SeqCst);
        let answer = push(server, &format!("[{}]", posts.join(",")));
        let to = begun.load(Ordering::SeqCst);
        assert!(answer.contains("\"received\":20"), "{answer}");
        answered.fetch_add(1, Ordering::SeqCst);
        sent.extend(ids.into_iter().map(|id| (id, (text(id), from, to))));
    }
    sent
}

/// Stops the senders also when the test fails, or it would wait for them for ever.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Until every sender has had some answers from now on.
fn wait(answered: &AtomicUsize) {
    let from = answered.load(Ordering::SeqCst);
    while answered.load(Ordering::SeqCst) < from + 12 {
        thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn queries_are_exchanged_under_load_and_every_post_is_there_once() {
    let bench = Bench::new("");
    let list = [("heron", "query_file = \"brands/heron.bwq\""), ("jade", "query = 'jadewing'")];
    bench.write("p.toml", brands(&list));
    bench.write("brands/heron.bwq", "heron");
    let server = Server::start(bench.command(&["--workers", "3"]));
    let answered = AtomicUsize::new(0);
    let (begun, done, stop) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let sent: Sent = thread::scope(|scope| {
        let send = |n: usize| {
            let (server, answered, steps, stop) = (&server, &answered, (&begun, &done), &stop);
            scope.spawn(move || send(server, n * 1_000_000, answered, steps, stop))
        };
        let senders: Vec<_> = (0..3).map(send).collect();
        let _at_the_end = Stop(&stop);
        wait(&answered);
        // A query is changed, and the run is told.
        begun.store(1, Ordering::SeqCst);
        bench.write("brands/heron.bwq", "heron NOT pond");
        server.signal("-HUP");
        reloaded(&server, "ok", 1);
        done.store(1, Ordering::SeqCst);
        wait(&answered);
        // A brand goes and another one comes, and nobody tells.
        begun.store(2, Ordering::SeqCst);
        let list = [("kite", "query = 'kite'"), ("heron", "query_file = \"brands/heron.bwq\"")];
        bench.write("p.toml", brands(&list));
        reloaded(&server, "ok", 2);
        done.store(2, Ordering::SeqCst);
        // They are shown from the first batch on that meets them.
        let kite_only = |shown: &str| shown.contains("\"id\":\"kite\"") && !shown.contains("\"id\":\"jade\"");
        server.until("v1/brands", kite_only);
        wait(&answered);
        stop.store(true, Ordering::SeqCst);
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    });
    let metrics = server.get("metrics");
    let of = |fate: &str| number(&metrics, &format!("earful_posts_total{{fate=\"{fate}\"}} "));
    assert_eq!(of("kept") + of("late"), sent.len() as u64, "every post has one fate:\n{metrics}");
    let all = ["malformed", "ignored", "filtered", "duplicate", "retracted"].map(of);
    assert_eq!(all, [0; 5]);

    let counted = check_mentions(&bench, &sent);
    // A later post closes their pane.
    let later = post(9_000_000, "nothing").replace("T09:00", "T09:30");
    assert!(push(&server, &later).contains("\"kept\":1"));
    for (brand, mentions) in &counted {
        let line = format!("earful_mentions_total{{brand=\"{brand}\",network=\"x\",sentiment=\"neutral\"}} ");
        assert_eq!(number(&server.get("metrics"), &line), *mentions, "{brand}");
    }
    server.stop("-KILL");
    let rows = bench.lines("metrics.jsonl");
    for (brand, mentions) in &counted {
        let rows = rows.iter().filter(|row| row["resolution"] == "minute" && row["brand"] == brand.as_str());
        let sum: i64 = rows.map(|row| row["mentions"].as_i64().unwrap()).sum();
        assert_eq!(sum, *mentions as i64, "rows of {brand}");
    }

    // The next run has the brands in another order, and goes on.
    let server = Server::start(bench.command(&[]));
    assert!(push(&server, &post(0, "heron gate")).contains("\"duplicate\":1"));
    let kite = post(7_000_000, "kite").replace("T09:00", "T09:30");
    assert!(push(&server, &kite).contains("\"kept\":1"));
    server.stop("-TERM");
}

fn number(metrics: &str, line: &str) -> u64 {
    let line = metrics.lines().find_map(|l| l.strip_prefix(line));
    line.map_or(0, |value| value.parse().unwrap())
}

/// Every post is in the mentions at most once, and is what its step makes of it. Mentions by brand.
fn check_mentions(bench: &Bench, sent: &Sent) -> BTreeMap<String, u64> {
    let mut found: BTreeMap<usize, (String, String)> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for mention in bench.lines("mentions.jsonl") {
        let id = mention["post"]["id"].as_str().unwrap().parse().unwrap();
        let brands = mention["brands"].as_array().unwrap();
        assert_eq!(brands.len(), 1, "{mention}");
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let told = (text(&brands[0]["brand"]), text(&brands[0]["query"]["version"]));
        if told.0 == "heron" && order.last() != Some(&told.1) {
            order.push(told.1.clone());
        }
        assert!(found.insert(id, told).is_none(), "post {id} is there twice");
    }
    assert_eq!(order.len(), 2, "the feed has one order, and at one place in it the query changes");
    let (mut counted, mut versions) = (BTreeMap::new(), BTreeMap::new());
    for (id, (text, from, to)) in sent {
        let told = found.remove(id);
        let brand = told.as_ref().map(|(brand, _)| brand.as_str());
        let fits = (*from..=*to).any(|step| expected(step, text) == brand);
        assert!(fits, "post {id} ({text}), pushed in steps {from} to {to}, is {told:?}");
        if let Some((brand, version)) = told {
            *counted.entry(brand.clone()).or_insert(0) += 1;
            // Of heron in the step that is certain.
            if from == to && brand == "heron" {
                versions.entry((*from).min(1)).or_insert_with(Vec::new).push(version);
            }
        }
    }
    assert!(found.is_empty(), "mentions of posts that nobody sent: {found:?}");
    for list in versions.values_mut() {
        list.sort();
        list.dedup();
    }
    assert_eq!(
        versions.len(),
        2,
        "there were posts before and after: {versions:?} {counted:?} {}",
        sent.len()
    );
    assert!(versions.values().all(|list| list.len() == 1) && versions[&0] != versions[&1], "{versions:?}");
    assert_eq!(counted.len(), 3, "all brands were met: {counted:?}");
    counted
}

#[test]
fn a_broken_file_keeps_the_old_queries_and_all_problems_are_told() {
    let (bench, server) = start(&[("heron", "query = 'heron'"), ("jade", "query = 'jade'")]);
    let answer = |text: &str, id: usize| push(&server, &post(id, text));
    bench.write("p.toml", brands(&[("heron", "query = 'heron AND'"), ("jade", "query = '*x'")]));
    server.signal("-HUP");
    let metrics = reloaded(&server, "failed", 1);
    assert!(metrics.contains("earful_query_reloads_total{result=\"ok\"} 0"), "{metrics}");
    let logs = server.logs();
    for wanted in ["error: query: E205", "error: query: E110", "those in force stay", "problems=2"] {
        assert!(logs.contains(wanted), "no `{wanted}` in\n{logs}");
    }
    assert!(answer("heron", 1).contains("\"kept\":1"));
    // A file that is named and not there is looked for again.
    bench.write("p.toml", brands(&[("heron", "query_file = \"new.bwq\""), ("jade", "query = 'jade'")]));
    reloaded(&server, "failed", 2);
    assert!(server.logs().contains("`query_file`"), "{}", server.logs());
    bench.write("new.bwq", "heron OR crane");
    reloaded(&server, "ok", 1);
    answer("crane", 2);
    server.signal("-HUP");
    reloaded(&server, "ok", 2);
    assert!(server.logs().contains("no query has changed"), "{}", server.logs());
    let found: Vec<String> =
        bench.lines("mentions.jsonl").iter().map(|m| m["post"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, ["1", "2"]);
    let info = server.get("metrics");
    assert_eq!(info.lines().filter(|line| line.starts_with("earful_queries_info{")).count(), 1, "{info}");
    server.stop("-TERM");
}

#[test]
fn what_takes_a_restart_is_told_and_left_alone() {
    let (bench, server) = start(&[("heron", "query = 'heron'")]);
    let new = brands(&[("heron", "query = 'crane'")]).replace("idle = \"60s\"", "idle = \"3s\"\ntop = 7");
    bench.write("p.toml", new + "[[rules]]\nname = \"r\"\nquery = 'brand:heron'\ntags = [\"t\"]\n");
    server.signal("-HUP");
    reloaded(&server, "ok", 1);
    for wanted in ["`idle` has changed", "`top` has changed", "heron changed"] {
        assert!(server.logs().contains(wanted), "no `{wanted}` in\n{}", server.logs());
    }
    push(&server, &post(1, "crane"));
    assert_eq!(bench.lines("mentions.jsonl")[0]["brands"][0]["tags"][0], "t", "rules are exchanged, too");
    assert!(server.get("v1/brands").contains("\"query\":\"crane\""));
    server.stop("-TERM");
}
