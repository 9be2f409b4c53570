//! Queries of a running process are exchanged while it reads: at one place in every partition, and nothing is lost or
//! counted twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::broker;
use super::client::{Kafka, Record};
use super::fleet::Fleet;
use super::serve::{free_port, get, metric, wait_for};

const TOPIC: &str = "posts-to-reload";
const PARTITIONS: i64 = 3;
const START: i64 = 1_773_133_200_000;
const TEXTS: [&str; 4] = ["heron gate", "heron pond", "jadewing", "kite"];

const BEFORE: [(&str, &str); 2] = [("heron", "heron"), ("jade", "jadewing")];
const AFTER: [(&str, &str); 2] = [("kite", "kite"), ("heron", "heron NOT pond")];

fn pipeline(address: &str, port: u16, brands: &[(&str, &str)]) -> String {
    let brand = |(id, query): &(&str, &str)| format!("[[brands]]\nid = \"{id}\"\nquery = '{query}'\n");
    let brands: String = brands.iter().map(brand).collect();
    format!(
        "name = 'reloaded'\n[kafka]\nbrokers = '{address}'\nprefix = 'reloaded.'\ntallies_partitions = 2\n\
         [http]\nlisten = '127.0.0.1:{port}'\n\
         [[feeds]]\nname = 'posts'\ntype = 'kafka'\ntopics = ['{TOPIC}']\n{brands}"
    )
}

fn send(kafka: &Kafka, posts: impl Iterator<Item = (i64, &'static str, i64)>) {
    let writer = kafka.writer();
    for (id, text, at) in posts {
        let value =
            serde_json::json!({"network": "x", "id": id.to_string(), "body": text, "published_at": at});
        let partition = (id / TEXTS.len() as i64 % PARTITIONS) as i32;
        writer.send(TOPIC, partition, id.to_string().as_bytes(), value.to_string().as_bytes(), at);
    }
    writer.flush();
}

/// Posts of all texts, for each partition; a quarter of a second apart.
fn feed(kafka: &Kafka, ids: std::ops::Range<i64>) {
    send(kafka, ids.map(|id| (id, TEXTS[id as usize % TEXTS.len()], START + id * 250)));
}

fn expected(is_new: bool, text: &str) -> Option<&'static str> {
    match (text, is_new) {
        ("heron gate", _) | ("heron pond", false) => Some("heron"),
        ("jadewing", false) => Some("jade"),
        ("kite", true) => Some("kite"),
        _ => None,
    }
}

#[test]
fn queries_are_exchanged_at_one_place_in_every_partition() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, port, dir) = (Kafka::new(&broker.address()), free_port(), tempfile::tempdir().unwrap());
    kafka.create_topic(TOPIC, PARTITIONS as usize, &[("retention.ms", "-1")]);
    let file = dir.path().join("p.toml");
    fs::write(&file, pipeline(&broker.address(), port, &BEFORE)).unwrap();
    let mut fleet = Fleet::start(&file, dir.path(), &["one"], &["--workers", "2"]);
    let kept = || metric(port, "earful_posts_total{fate=\"kept\"}") as i64;
    let reloads = |result: &str| metric(port, &format!("earful_query_reloads_total{{result=\"{result}\"}}"));

    feed(&kafka, 0..600);
    wait_for("the posts before", || kept() >= 600);
    let (next, stop) = (AtomicI64::new(600), AtomicBool::new(false));
    let certainly_new = thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                let from = next.load(Ordering::SeqCst);
                feed(&kafka, from..from + 60);
                next.store(from + 60, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(10));
            }
        });
        wait_for("posts on the way", || next.load(Ordering::SeqCst) >= 900);
        // A broken file changes nothing.
        fs::write(&file, pipeline(&broker.address(), port, &[("heron", "heron AND")])).unwrap();
        fleet.reload(0);
        wait_for("a refusal", || reloads("failed") >= 1.0);
        fs::write(&file, pipeline(&broker.address(), port, &AFTER)).unwrap();
        fleet.reload(0);
        wait_for("the new queries", || reloads("ok") >= 1.0);
        // What is sent a batch later is read later.
        thread::sleep(Duration::from_millis(500));
        let from = next.load(Ordering::SeqCst) + 60;
        wait_for("posts after", || next.load(Ordering::SeqCst) >= from + 600);
        stop.store(true, Ordering::SeqCst);
        from
    });
    let sent = next.load(Ordering::SeqCst);
    // In every partition a post of nobody, an hour later, closes all panes.
    let later = (0..PARTITIONS)
        .map(|n| (1_000_000 + n * TEXTS.len() as i64, "nobody", START + 3_600_000 + sent * 250));
    send(&kafka, later);
    wait_for("all posts", || kept() >= sent + PARTITIONS);
    assert_eq!(kept(), sent + PARTITIONS, "each has one fate");

    let counted = check(&kafka.read_committed("reloaded.mentions"), sent, certainly_new);
    wait_for("the rows of all brands", || rows(&kafka) == counted);
    assert!(get(port, "/v1/brands").unwrap().1.contains("\"id\":\"kite\""));
    fleet.stop();
    assert_eq!(fleet.deaths, Vec::<String>::new());
    assert_eq!(said(dir.path(), "those in force stay"), 1);
}

fn said(dir: &Path, what: &str) -> usize {
    fs::read_to_string(dir.join("one.log")).unwrap_or_default().matches(what).count()
}

/// Mentions by brand, as the rows of minutes say.
fn rows(kafka: &Kafka) -> BTreeMap<String, i64> {
    let mut rows = BTreeMap::new();
    for record in kafka.read_committed("reloaded.metrics") {
        let row: Value = serde_json::from_slice(&record.value.unwrap()).unwrap();
        if row["resolution"] == "minute" {
            *rows.entry(row["brand"].as_str().unwrap().to_owned()).or_insert(0) +=
                row["mentions"].as_i64().unwrap();
        }
    }
    rows
}

/// What became of the posts: brand and version of the mentions by id.
type Told = BTreeMap<i64, (String, String)>;

/// Every post is there at most once, and as its place in the partition makes it. Mentions by brand.
fn check(mentions: &[Record], sent: i64, certainly_new: i64) -> BTreeMap<String, i64> {
    let mut told = Told::new();
    for record in mentions {
        let mention: Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let brand = &mention["brands"][0];
        assert_eq!(mention["brands"].as_array().unwrap().len(), 1, "{mention}");
        let found = (text(&brand["brand"]), text(&brand["query"]["version"]));
        let id = text(&mention["post"]["id"]).parse().unwrap();
        assert!(told.insert(id, found).is_none(), "post {id} is there twice");
    }
    let old = told[&0].1.clone();
    // Posts of a partition have ascending ids.
    for partition in 0..PARTITIONS {
        let ids: Vec<i64> =
            (0..sent).filter(|id| id / TEXTS.len() as i64 % PARTITIONS == partition).collect();
        let gates = ids.iter().filter(|id| *id % TEXTS.len() as i64 == 0);
        let is_new: Vec<(i64, bool)> = gates.map(|id| (*id, told[id].1 != old)).collect();
        let switches = is_new.windows(2).filter(|pair| pair[0].1 != pair[1].1).count();
        assert_eq!(switches, 1, "partition {partition}: the queries change at one place");
        let last_old = is_new.iter().filter(|(_, new)| !new).map(|(id, _)| *id).max().unwrap();
        let first_new = is_new.iter().filter(|(_, new)| *new).map(|(id, _)| *id).min().unwrap();
        assert!(last_old >= 588 && first_new <= certainly_new + 12, "{last_old} {first_new} {certainly_new}");
        for id in ids {
            let brand = told.get(&id).map(|(brand, _)| brand.as_str());
            let text = TEXTS[id as usize % TEXTS.len()];
            let fits = |new: bool| expected(new, text) == brand;
            let is_right = (id < first_new && fits(false)) || (id > last_old && fits(true));
            assert!(
                is_right,
                "post {id} ({text}) in partition {partition} is {brand:?}; {last_old} {first_new}"
            );
        }
    }
    let mut counted = BTreeMap::new();
    told.into_values().for_each(|(brand, _)| *counted.entry(brand).or_insert(0) += 1);
    assert_eq!(counted.len(), 3, "{counted:?}");
    counted
}
