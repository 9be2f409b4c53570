//! Many readers while the writer publishes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

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
