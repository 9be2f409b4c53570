//! Many readers while the writer publishes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use earful::http::{HttpLimits, ViewLimits};
use earful::model::{Fate, IncidentStatus, Polarity};

use crate::client::Site;
use crate::samples::{incident, mention, minute};

const ROUNDS: i64 = 400;
const READERS: usize = 6;

#[test]
fn readers_see_whole_rows_in_order_and_the_view_stays_in_its_bounds() {
    let limits = ViewLimits {
        rows_per_brand: [50, 10, 10],
        mentions_per_brand: 20,
        mentions: 30,
        incidents: 5,
        ..ViewLimits::default()
    };
    let site = Site::with(None, HttpLimits::default(), limits);
    let writing = AtomicBool::new(true);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| read_while(&site, &writing))).collect();
        for round in 0..ROUNDS {
            publish(&site, round);
        }
        writing.store(false, Ordering::Release);
        let answers: usize = readers.into_iter().map(|r| r.join().unwrap()).sum();
        assert!(answers >= READERS * 4);
    });
    let sizes = site.state.view.sizes();
    assert_eq!((sizes.rows, sizes.mentions, sizes.incidents), (100, 30, 5));
}

/// Waits for the server to close; how long that takes is not judged.
#[test]
fn a_silent_client_is_cut_off_and_makes_room() {
    let head_timeout = Duration::from_millis(100);
    let site = Site::with(
        None,
        HttpLimits { connections: 1, head_timeout, ..HttpLimits::default() },
        ViewLimits::default(),
    );
    let mut silent = TcpStream::connect(site.address()).unwrap();
    silent.write_all(b"GET /healthz HTT").unwrap();
    assert_eq!(site.get("/healthz").status, 200, "answered once the silent one is gone");
    let mut rest = Vec::new();
    let _ = silent.read_to_end(&mut rest);
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}

/// Requests on one connection, one after the other.
#[test]
fn a_connection_is_kept_for_the_next_request() {
    let site = Site::new();
    let mut client = TcpStream::connect(site.address()).unwrap();
    let ask = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    client.write_all(format!("{ask}{ask}{last}").as_bytes()).unwrap();
    let mut answers = String::new();
    client.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
}

fn publish(site: &Site, round: i64) {
    let view = &site.state.view;
    for brand in ["aurora", "borealis"] {
        view.publish_open(vec![minute(brand, round + 1, round)]);
        view.publish_metric(&minute(brand, round, round));
    }
    let matched = [(0, Polarity::Negative), (1, Polarity::Positive)];
    let of = usize::try_from(round % 2).unwrap();
    view.publish_mention(&mention(&round.to_string(), &matched[of..=of], "text"), Fate::Kept);
    view.publish_incident(&incident(&format!("i{}", round / 3), 1, "aurora", round, IncidentStatus::Open));
}

/// Reads until the writer is done, and at least once more.
fn read_while(site: &Site, writing: &AtomicBool) -> usize {
    let mut answers = 0;
    loop {
        let last = !writing.load(Ordering::Acquire);
        let page = site.get("/v1/metrics?resolution=minute&limit=1000&brand=aurora").json();
        let starts: Vec<&str> =
            page["items"].as_array().unwrap().iter().map(|i| i["start"].as_str().unwrap()).collect();
        assert!(starts.is_sorted(), "{starts:?}");
        assert!(starts.len() <= 51, "{}", starts.len());
        for row in page["items"].as_array().unwrap() {
            assert_eq!(row["mentions"], row["neutral"], "a torn row");
        }
        for target in ["/v1/mentions?limit=10", "/v1/incidents", "/v1/brands"] {
            assert_eq!(site.get(target).status, 200);
        }
        answers += 4;
        if last {
            return answers;
        }
    }
}
