//! Couriers against a receiver on 127.0.0.1: what is sent, what follows from each answer, and TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod alerts;
mod receiver;
mod tls;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use alerts::{alert, courier, plan};
use earful::deliver::{Courier, Outcome, Step};
use receiver::{Receiver, Reply, reply};

/// A courier to a webhook, with more lines.
fn to(receiver: &Receiver, lines: &str) -> Courier {
    courier(&format!("type = \"webhook\"\nurl = \"{}\"\n{lines}", receiver.url("/hook")))
}

fn done(step: Step) -> Option<Outcome> {
    match step {
        Step::Done { outcome, .. } => Some(outcome),
        Step::Waited | Step::Failed { .. } => None,
    }
}

const fn has_failed(step: Step) -> bool {
    matches!(step, Step::Failed { .. })
}

#[test]
fn a_webhook_gets_the_alert_its_key_and_the_attributes_of_the_event() {
    let receiver = Receiver::start([]);
    let mut courier = to(&receiver, "headers = { authorization = \"Bearer ${PATH}\", x-team = \"air\" }");
    let (alert, now) = (alert("abc", 3), Instant::now());
    assert_eq!(courier.step(now), Step::Waited, "it has nothing yet");
    courier.take(&alert, now);
    assert_eq!(done(courier.step(now)), Some(Outcome::Delivered));
    assert!(!courier.is_busy());
    let seen = receiver.wait_for(1).remove(0);
    assert_eq!((seen.path.as_str(), seen.body.as_bytes()), ("/hook", &*alert.json));
    let bearer = format!("Bearer {}", std::env::var("PATH").unwrap());
    for (name, value) in [
        ("content-type", "application/json"),
        ("idempotency-key", "abc|3"),
        ("ce-specversion", "1.0"),
        ("ce-type", "earful.alert.v1"),
        ("ce-source", "/earful/air%20lines"),
        ("ce-id", "abc|3"),
        ("user-agent", concat!("earful/", env!("CARGO_PKG_VERSION"))),
        ("authorization", &bearer),
        ("x-team", "air"),
    ] {
        assert_eq!(seen.header(name), value, "{name}");
    }
}

#[test]
fn each_kind_posts_its_body_to_its_path() {
    for (lines, url, path, part) in [
        ("type = \"slack\"", "/services/T0/B0/x", "/services/T0/B0/x", "\"blocks\":"),
        ("type = \"alertmanager\"", "", "/api/v2/alerts", "\"alertname\":\"surge\""),
        ("type = \"alertmanager\"", "/prefix/", "/prefix/api/v2/alerts", "\"startsAt\":"),
        ("type = \"alertmanager\"", "/api/v2/alerts", "/api/v2/alerts", "\"endsAt\":"),
        (
            "type = \"pagerduty\"\nrouting_key = \"r-key\"",
            "/v2/enqueue",
            "/v2/enqueue",
            "\"routing_key\":\"r-key\"",
        ),
    ] {
        let receiver = Receiver::start([]);
        let mut courier = courier(&format!("{lines}\nurl = \"{}\"", receiver.url(url)));
        courier.take(&alert("abc", 1), Instant::now());
        assert_eq!(done(courier.step(Instant::now())), Some(Outcome::Delivered));
        let seen = receiver.wait_for(1).remove(0);
        assert_eq!(seen.path, path);
        assert!(seen.body.contains(part), "{}", seen.body);
        assert_eq!((seen.key(), seen.header("ce-id")), ("abc|1", ""));
    }
}

#[test]
fn what_may_pass_is_tried_again_with_the_same_key() {
    let receiver = Receiver::start([reply(500), reply(503), reply(408)]);
    let mut courier = to(&receiver, "");
    let mut now = Instant::now();
    courier.take(&alert("abc", 1), now);
    for _ in 0..3 {
        assert!(has_failed(courier.step(now)));
        assert_eq!(courier.step(now), Step::Waited, "not at once");
        now += Duration::from_secs(60);
    }
    assert_eq!(done(courier.step(now)), Some(Outcome::Delivered));
    assert_eq!(receiver.keys(), ["abc|1"; 4]);
}

#[test]
fn a_receiver_is_left_alone_for_as_long_as_it_says() {
    let headers = "retry-after: 300\r\n".to_owned();
    let receiver = Receiver::start([Reply { headers, ..reply(429) }]);
    let (mut courier, now) = (to(&receiver, ""), Instant::now());
    courier.take(&alert("abc", 1), now);
    assert!(has_failed(courier.step(now)));
    assert_eq!(courier.step(now + Duration::from_secs(299)), Step::Waited);
    assert_eq!(done(courier.step(now + Duration::from_secs(310))), Some(Outcome::Delivered));
}

#[test]
fn what_will_never_be_taken_is_given_up_at_once() {
    for status in [400, 401, 403, 404, 410, 422] {
        let receiver = Receiver::start([reply(status)]);
        let mut courier = to(&receiver, "");
        courier.take(&alert("abc", 1), Instant::now());
        assert_eq!(done(courier.step(Instant::now())), Some(Outcome::Refused), "{status}");
        courier.take(&alert("abc", 2), Instant::now());
        let next = Instant::now() + Duration::from_secs(1);
        assert_eq!(done(courier.step(next)), Some(Outcome::Delivered), "the next one goes out");
    }
}

/// Else whoever answers could have the headers carried anywhere.
#[test]
fn nobody_is_sent_elsewhere() {
    let elsewhere = Receiver::start([]);
    for status in [301, 302, 307, 308] {
        let headers = format!("location: {}\r\n", elsewhere.url("/"));
        let receiver = Receiver::start([Reply { headers, ..reply(status) }]);
        let mut courier = to(&receiver, "headers = { authorization = \"Bearer s3cret\" }");
        courier.take(&alert("abc", 1), Instant::now());
        assert_eq!(done(courier.step(Instant::now())), Some(Outcome::Refused), "{status}");
    }
    assert_eq!(elsewhere.seen(), []);
}

#[test]
fn an_alert_is_given_up_after_its_time_and_not_before_a_last_try() {
    let receiver = Receiver::start(std::iter::repeat_n(reply(500), 100));
    let (mut courier, began) = (to(&receiver, "give_up_after = \"10m\""), Instant::now());
    courier.take(&alert("abc", 1), began);
    let mut now = began;
    let outcome = loop {
        match courier.step(now) {
            Step::Done { outcome, .. } => break outcome,
            Step::Failed { .. } => assert!(now < began + Duration::from_secs(600)),
            Step::Waited => now += Duration::from_secs(1),
        }
    };
    assert_eq!(outcome, Outcome::Expired);
    assert!(now >= began + Duration::from_secs(600), "{:?}", now - began);
    assert!(now < began + Duration::from_secs(605), "the last try is not put off: {:?}", now - began);
    let tries = receiver.keys().len();
    assert!((14..40).contains(&tries), "{tries} tries in ten minutes");

    let mut courier = to(&Receiver::start([reply(500)]), "give_up_after = \"0s\"");
    courier.take(&alert("abc", 1), began);
    assert_eq!(done(courier.step(began)), Some(Outcome::Expired), "one try");
}

#[test]
fn requests_keep_their_distance() {
    let receiver = Receiver::start([]);
    let (mut courier, now) = (to(&receiver, ""), Instant::now());
    let mut slow = Courier::new(
        &earful::config::DeliveryPlan {
            interval: Duration::from_secs(30),
            ..plan(&format!("type = \"webhook\"\nurl = \"{}\"", receiver.url("/")))
        },
        "t",
    )
    .unwrap();
    for courier in [&mut courier, &mut slow] {
        courier.take(&alert("abc", 1), now);
        assert_eq!(done(courier.step(now)), Some(Outcome::Delivered));
        courier.take(&alert("abc", 2), now);
    }
    assert_eq!(slow.step(now + Duration::from_secs(29)), Step::Waited);
    assert_eq!(done(courier.step(now + Duration::from_secs(29))), Some(Outcome::Delivered));
    assert_eq!(done(slow.step(now + Duration::from_secs(30))), Some(Outcome::Delivered));
}

#[test]
fn nobody_there_and_nobody_answering_are_tried_again() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut nobody = courier(&format!("type = \"webhook\"\nurl = \"http://{address}/\""));
    nobody.take(&alert("abc", 1), Instant::now());
    assert!(has_failed(nobody.step(Instant::now())));

    let receiver = Receiver::start([Reply { after: Duration::from_secs(20), ..reply(200) }]);
    let mut courier = to(&receiver, "timeout = \"200ms\"");
    courier.take(&alert("abc", 1), Instant::now());
    assert!(has_failed(courier.step(Instant::now())), "it did not wait for the answer");
}

#[test]
fn a_long_answer_is_not_read_to_its_end() {
    let receiver = Receiver::start([Reply { body: "x".repeat(10 << 20), ..reply(200) }]);
    let mut courier = to(&receiver, "");
    courier.take(&alert("abc", 1), Instant::now());
    assert_eq!(done(courier.step(Instant::now())), Some(Outcome::Delivered));
}

#[test]
fn what_is_missing_is_told_at_the_start_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        std::fs::write(dir.path().join(name), content).unwrap();
        dir.path().join(name).display().to_string()
    };
    let url = "url = \"https://example.org/s3cret\"\n";
    let (two, odd, user) = (
        file("two", "s3cret\nlines"),
        file("odd", "example.org/s3cret"),
        file("user", "https://me:s3cret@example.org/"),
    );
    let cases = [
        ("url = \"${EARFUL_NOT_SET}\"".to_owned(), "`url` needs the environment variable EARFUL_NOT_SET"),
        ("url = \"${file:/no/such/file}\"".to_owned(), "`url` needs the file /no/such/file"),
        (format!("url = \"${{file:{odd}}}\""), "`url` is no address that begins with https://"),
        (format!("url = \"${{file:{two}}}\""), "`url` is no address"),
        (
            format!("url = \"${{file:{user}}}\""),
            "`url` holds a user; give an `authorization` under `headers`",
        ),
        (
            format!("{url}headers = {{ x-a = \"${{EARFUL_NOT_SET}}\" }}"),
            "the header `x-a` needs the environment",
        ),
        (format!("{url}headers = {{ x-a = \"${{file:{two}}}\" }}"), "the header `x-a` cannot be sent"),
        (format!("{url}ca = \"/no/such/ca.pem\""), "`ca`: /no/such/ca.pem"),
        (format!("{url}ca = \"{two}\""), "holds no certificate in PEM"),
    ];
    for (lines, expected) in cases {
        let error = Courier::new(&plan(&format!("type = \"webhook\"\n{lines}")), "t")
            .err()
            .expect(&lines)
            .to_string();
        assert!(error.starts_with("the delivery \"d\": ") && error.contains(expected), "{lines}: {error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}
