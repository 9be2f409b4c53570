//! Queries checked, explained and tried over HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use earful::analysis::query::explain::explain;
use earful::analysis::query::{ParseOptions, Purpose, parse};
use earful::analysis::text::TextOptions;
use earful::http::{HttpLimits, State, ViewLimits};
use serde_json::{Value, json};

use crate::client::{Answer, Site};

const VALIDATION: &str = "/v1/query-validation";
const EXPLAIN: &str = "/v1/query/explain";
const TEST: &str = "/v1/query/test";

fn send(site: &Site, path: &str, body: &[u8]) -> Answer {
    site.send("POST", path, &[("Content-Type", "application/json")], body)
}

fn ask(site: &Site, path: &str, body: &Value) -> Answer {
    send(site, path, body.to_string().as_bytes())
}

fn codes(problems: &Value) -> String {
    let codes = problems.as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap());
    codes.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_query_is_validated_as_brandwatch_does() {
    let site = Site::new();
    let check = |request: Value, errors: &str, issues: &str| {
        let answer = ask(&site, VALIDATION, &request);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let found = answer.json();
        assert_eq!(found["query"], request["booleanQuery"]);
        assert_eq!(
            (codes(&found["errors"]), codes(&found["issues"])),
            (errors.into(), issues.into()),
            "{request}"
        );
    };
    let of = |query: &str| json!({"booleanQuery": query, "languages": ["en"]});
    check(of("apple NOT juice"), "", "");
    check(of("apple pie"), "", "W102");
    check(of("*ab OR a* and \"acme"), "E110 E111 E201 E101", "W101 W102 W102");
    check(of(""), "E205", "");
    check(of("languag:en"), "", "W107");
    check(json!({"booleanQuery": "languag:en", "strict": true}), "E303", "");
    check(of("acme AND sentiment:negative"), "E302", "");
    check(json!({"booleanQuery": "acme AND sentiment:negative", "rule": true}), "", "");
    // What clients of Brandwatch send besides does no harm.
    check(json!({"booleanQuery": "acme", "languages": null, "startDate": "2026-01-01"}), "", "");
    check(of(&"a1 ".repeat(30_000)), "E220", "");
}

#[test]
fn a_problem_has_its_place_in_bytes_and_in_lines() {
    let site = Site::new();
    let found = ask(&site, VALIDATION, &json!({"booleanQuery": "微软 OR\n  (é AND a*)"})).json();
    let problem = &found["errors"][0];
    let place = json!({"code": "E111", "severity": "error", "start": 20, "end": 22, "line": 2, "column": 10, "end_line": 2, "end_column": 12});
    for (key, value) in place.as_object().unwrap() {
        assert_eq!(&problem[key], value, "{key} of {problem}");
    }
    assert!(problem["message"].as_str().unwrap().contains("a*"));
    assert!(!problem["hint"].as_str().unwrap().is_empty());
    assert_eq!(problem["fix"], json!({"start": 20, "end": 22, "text": "a"}), "{problem}");
    assert_eq!(problem.as_object().unwrap().len(), 11, "{problem}");
}

#[test]
fn a_query_is_explained_as_on_the_command_line() {
    let site = Site::new();
    for query in ["(微软 NEAR/2 裁员) OR likes:[5 TO *] NOT {BT}", "acme AND subreddit:rust", "\"a1 b1\"~5"]
    {
        let answer = ask(&site, EXPLAIN, &json!({"query": query}));
        let expected = explain(&parse(query, &ParseOptions::default()).query.unwrap(), Purpose::Collection);
        assert_eq!(answer.json(), serde_json::to_value(expected).unwrap(), "{query}");
    }
    let rule = "acme AND sentiment:negative";
    assert_eq!(codes(&ask(&site, EXPLAIN, &json!({"query": rule})).json()["problems"]), "E302");
    let explained = ask(&site, EXPLAIN, &json!({"query": rule, "rule": true})).json();
    assert_eq!(explained["fields"][0]["name"], "sentiment");
    let wrong = ask(&site, EXPLAIN, &json!({"query": "*x AND"}));
    assert_eq!(wrong.problem(422), "query_errors");
    assert_eq!(codes(&wrong.json()["problems"]), "E110 E205");
}

fn tested(site: &Site, query: &str, posts: Value) -> Value {
    let answer = ask(site, TEST, &json!({"query": query, "posts": posts}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[test]
fn a_query_is_tried_on_posts() {
    let site = Site::new();
    let posts = json!([
        "Juice of an Apple",
        "pear",
        {"title": "👍 apple", "text": "微软 juice", "author": ["ann", "Ann B", "7"]},
        {"network": "bluesky", "id": "at://x/1", "author": {"handle": "ann"}, "published_at": "2026-03-10T09:00:00Z", "body": "x"},
    ]);
    let found = tested(&site, "(apple AND juice) OR author:ann", posts);
    let position = |zone: &str, start: u32, text: &str| json!({"zone": zone, "start": start, "length": text.chars().count(), "text": text});
    let expected = json!([
        {"match": true, "match_positions": [position("body", 0, "Juice"), position("body", 12, "Apple")]},
        {"match": false, "match_positions": []},
        {"match": true, "match_positions": [position("title", 2, "apple"), position("body", 3, "juice")]},
        {"match": true, "match_positions": []},
    ]);
    assert_eq!(found, json!({"matched": 3, "posts": expected, "positions_left_out": 0, "issues": []}));
    assert_eq!(codes(&tested(&site, "apple pie", json!([]))["issues"]), "W102");
    let stated = json!([{"text": "the same words", "language": "de"}, "a text in the English language"]);
    let found = tested(&site, "language:de", stated);
    assert_eq!((&found["posts"][0]["match"], &found["posts"][1]["match"]), (&json!(true), &json!(false)));
}

#[test]
fn it_is_tried_as_the_pipeline_reads_texts() {
    let mut site = Site::new();
    let posts = json!(["@apple"]);
    assert_eq!(tested(&site, "apple", posts.clone())["matched"], 1);
    let text = TextOptions { match_handles: false, ..TextOptions::default() };
    site.state.text = text;
    let site = Site::of(site.state);
    assert_eq!(tested(&site, "apple", posts)["matched"], 0);
}

#[test]
fn what_cannot_be_used_is_told_with_its_place() {
    let site = Site::new();
    let check = |path: &str, body: &str, status: u16, code: &str, wanted: &str| {
        let answer = send(&site, path, body.as_bytes());
        assert_eq!(answer.problem(status), code, "{body}");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(wanted), "no `{wanted}` in {detail}");
    };
    for path in [VALIDATION, EXPLAIN, TEST] {
        check(path, "", 400, "bad_json", "EOF");
        check(path, "{\"query\":", 400, "bad_json", "EOF");
        check(path, "[]", 422, "bad_body", "");
        check(path, "{}", 422, "bad_body", "uery");
        check(&format!("{path}?strict=true"), "{}", 400, "unknown_parameter", "strict");
    }
    check(VALIDATION, "{\"booleanQuery\":5}", 422, "bad_body", "string");
    check(VALIDATION, "{\"booleanQuery\":\"a\",\"languages\":\"en\"}", 422, "bad_body", "sequence");
    check(EXPLAIN, "{\"query\":\"a1\",\"strict\":true}", 422, "bad_body", "strict");
    check(TEST, "{\"query\":\"a1\",\"posts\":[],\"post\":1}", 422, "bad_body", "post");
    check(TEST, "{\"query\":\"a1 AND\",\"posts\":[]}", 422, "query_errors", "problems");
    check(TEST, "{\"query\":\"a1\",\"posts\":[\"a\",7]}", 422, "bad_post", "posts[1]");
    check(TEST, "{\"query\":\"a1\",\"posts\":[{\"txet\":\"a\"}]}", 422, "bad_post", "`txet`");
    check(TEST, "{\"query\":\"a1\",\"posts\":[{\"network\":\"myspace\"}]}", 422, "bad_post", "network");
    let many = json!({"query": "a1", "posts": vec!["a1"; 101]}).to_string();
    check(TEST, &many, 413, "too_much", "101 posts");
    let long = json!({"query": "a1", "posts": ["", "x".repeat(65_535)]}).to_string();
    check(TEST, &long, 413, "too_much", "posts[1] has 65537 bytes");
    let query = (0..4_000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" OR ");
    let dear = |length: usize| json!({"query": query, "posts": ["w1", "x".repeat(length)]});
    assert_eq!(ask(&site, TEST, &dear(16_775)).json()["matched"], 1);
    check(
        TEST,
        &dear(16_776).to_string(),
        413,
        "too_much",
        "with 4000 terms in the query a post has at most 16777",
    );
    assert_eq!(site.get(TEST).problem(405), "method_not_allowed");
    assert_eq!(site.send("POST", TEST, &[], b"{}").problem(415), "content_type");
    let text = [("Content-Type", "text/plain")];
    let refused = site.send("POST", EXPLAIN, &text, b"{}");
    assert_eq!(
        (refused.problem(415), refused.json()["known"].clone()),
        ("content_type".into(), json!(["application/json"]))
    );
    let gzip = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
    assert_eq!(site.send("POST", EXPLAIN, &gzip, b"{}").problem(415), "content_encoding");
}

#[test]
fn an_answer_does_not_grow_far_beyond_its_request() {
    let site = Site::new();
    let found = ask(&site, VALIDATION, &json!({"booleanQuery": ")".repeat(1_500)})).json();
    assert_eq!(found["errors"].as_array().unwrap().len(), 1_000);
    assert_eq!(found["problems_left_out"], 500);
    let wrong = ask(&site, EXPLAIN, &json!({"query": ")".repeat(1_500)}));
    assert_eq!(wrong.json()["problems"].as_array().unwrap().len(), 1_000);
    assert!(wrong.json()["detail"].as_str().unwrap().contains("1500"), "{}", wrong.json()["detail"]);
    let posts = json!([("a1 ".repeat(15_000)), "a1 a1", ("a1 ".repeat(9_000))]);
    let found = tested(&site, "a1", posts);
    let shown = |at: usize| found["posts"][at]["match_positions"].as_array().unwrap().len();
    assert_eq!((found["matched"].clone(), shown(0), shown(1), shown(2)), (json!(3), 10_000, 0, 0));
    assert_eq!(found["positions_left_out"], 14_002);
}

/// Queries that somebody could send to do harm.
fn hostile_queries() -> Vec<String> {
    vec![
        "<script>alert(1)</script>".to_owned(),
        "\u{202e}\u{0}\u{7f}\u{1b}[2J\"\\ \u{fffe}".to_owned(),
        "(".repeat(60_000),
        ")".repeat(60_000),
        "{".repeat(60_000),
        "NOT ".repeat(16_000),
        "* ".repeat(30_000),
        "a:".repeat(30_000),
        "<<<".repeat(20_000),
        "a1 NEAR/1 ".repeat(6_000),
        "\"a1 b1\"~1 OR ".repeat(4_000),
        format!("{}a1{}", "(".repeat(60), ")".repeat(60)),
        format!("({})~1000", ["(a1 OR b1)"; 1_000].join(" AND ")),
        format!("({}) NEAR/1000 ({})", ["a1"; 1_000].join(" OR "), ["b1"; 1_000].join(" OR ")),
        ["a1*"; 4_096].join(" OR "),
        "author:(".to_owned() + &"a OR ".repeat(10_000) + ")",
        "likes:[1 TO 999999999999999999999999999999]".to_owned(),
        "👩‍👩‍👧‍👦".repeat(2_000),
        "e\u{301}".repeat(20_000),
        "a".repeat(65_536),
        "a".repeat(65_537),
    ]
}

/// Bodies that somebody could send to do harm.
fn hostile(path: &str) -> Vec<Vec<u8>> {
    let post = "a1 b1 ".repeat(200);
    let of = |query: String| match path {
        VALIDATION => json!({"booleanQuery": query}),
        EXPLAIN => json!({"query": query}),
        _ => json!({"query": query, "posts": [query.get(..50_000).unwrap_or(&query), post]}),
    };
    let mut bodies: Vec<_> =
        hostile_queries().into_iter().map(|query| of(query).to_string().into_bytes()).collect();
    let deep = format!("{{\"query\":\"a1\",\"posts\":[{}{}]}}", "[".repeat(10_000), "]".repeat(10_000));
    let raw = [
        deep.as_str(),
        "{\"query\":\"\\ud800\",\"booleanQuery\":\"\\ud800\",\"posts\":[]}",
        "{\"query\":\"a1\",\"posts\":[{\"author\":{\"a\":{\"b\":[]}},\"in_reply_to\":5,\"published_at\":1e400}]}",
        "{\"query\":\"a1\",\"query\":\"b1\",\"posts\":[]}",
        "{\"query\":\"a1\",\"posts\":[{\"geo\":7,\"latitude\":\"x\",\"minuteOfDay\":-1}]}",
        "{\"query\":\"a1\",\"posts\":[{\"published_at\":9223372036854775807,\"media\":{},\"rating\":[]}]}",
        "null",
    ];
    bodies.extend(raw.iter().map(|body| body.as_bytes().to_vec()));
    bodies.extend([b"\xff\xfe{\"query\":1}".to_vec(), b"{\"query\":\"\xc3\x28\",\"posts\":[]}".to_vec()]);
    bodies
}

#[test]
fn hostile_requests_are_answered_in_json_and_do_no_harm() {
    // What they take on a slow machine is not the question here.
    let limits = HttpLimits { read_timeout: Duration::from_secs(600), ..HttpLimits::default() };
    let site = Site::with(None, limits, ViewLimits::default());
    for path in [VALIDATION, EXPLAIN, TEST] {
        for (number, body) in hostile(path).iter().enumerate() {
            let answer = send(&site, path, body);
            let (status, length) = (answer.status, answer.body.len());
            assert!([200, 400, 413, 422].contains(&status), "{number} {path}: {status} {}", answer.body);
            let json = ["application/json", "application/problem+json"];
            assert!(json.contains(&answer.header("content-type")), "{number} {path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert!(answer.json().is_object());
            assert!(length < 8 << 20, "{number} {path}: {} bytes became {length}", body.len());
        }
    }
    assert_eq!(ask(&site, EXPLAIN, &json!({"query": "a1"})).status, 200);
}

#[test]
fn bodies_and_requests_are_bounded() {
    let limits = HttpLimits { query_bytes: 2_000, query_requests: 1, ..HttpLimits::default() };
    let site = Site::with(None, limits, ViewLimits::default());
    let long = json!({"query": "a".repeat(2_000)}).to_string();
    assert_eq!(send(&site, EXPLAIN, long.as_bytes()).problem(413), "body_too_long");
    let chunked = [("Transfer-Encoding", "chunked"), ("Content-Type", "application/json")];
    let chunks = format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len());
    assert_eq!(site.send("POST", EXPLAIN, &chunked, chunks.as_bytes()).problem(413), "body_too_long");
    // The limit of pushed posts is another one.
    let short = HttpLimits { body_bytes: 10, ..HttpLimits::default() };
    assert_eq!(send(&Site::with(None, short, ViewLimits::default()), EXPLAIN, long.as_bytes()).status, 200);

    // One whose body does not come holds the only place.
    let mut slow = TcpStream::connect(site.address()).unwrap();
    let head = "HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n";
    slow.write_all(format!("POST {EXPLAIN} {head}{{").as_bytes()).unwrap();
    let small = json!({"query": "a1"});
    let full = (0..500).find_map(|_| {
        thread::sleep(Duration::from_millis(10));
        Some(ask(&site, EXPLAIN, &small)).filter(|answer| answer.status != 200)
    });
    let full = full.unwrap();
    assert_eq!((full.problem(429), full.header("retry-after")), ("full".to_owned(), "1"));
    slow.write_all(b"\"query\":\"a1\"}").unwrap();
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    assert_eq!(ask(&site, EXPLAIN, &small).status, 200);
}

#[test]
fn a_body_that_does_not_come_is_given_up_and_its_place_is_free_again() {
    let read_timeout = Duration::from_millis(200);
    let limits = HttpLimits { read_timeout, query_requests: 1, ..HttpLimits::default() };
    let site = Site::with(None, limits, ViewLimits::default());
    let head = [("Content-Type", "application/json"), ("Content-Length", "50")];
    assert_eq!(site.send("POST", TEST, &head, b"{").problem(503), "timed_out");
    assert_eq!(ask(&site, EXPLAIN, &json!({"query": "a1"})).status, 200);
}

#[test]
fn requests_wait_for_their_turn_and_all_are_answered() {
    let limits = HttpLimits { query_threads: 1, ..HttpLimits::default() };
    let site = Site::with(None, limits, ViewLimits::default());
    let request = json!({"query": "a1 AND b1", "posts": vec!["a1 b1"; 20]});
    thread::scope(|scope| {
        let asked: Vec<_> = (0..40).map(|_| scope.spawn(|| ask(&site, TEST, &request))).collect();
        for answer in asked {
            assert_eq!(answer.join().unwrap().json()["matched"], 20);
        }
    });
}

#[test]
fn it_takes_no_run() {
    let site = Site::new();
    for state in [State::Starting("restoring".to_owned()), State::Stopping("a signal".to_owned())] {
        site.state.readiness.set(state);
        assert_eq!(ask(&site, VALIDATION, &json!({"booleanQuery": "a1"})).status, 200);
        assert_eq!(tested(&site, "a1", json!(["a1"]))["matched"], 1);
    }
    let metrics = site.get("/metrics").body;
    assert!(metrics.contains("/v1/query-validation"), "{metrics}");
}
