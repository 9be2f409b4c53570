//! Brands change their places in the pipeline file: what a lane remembers is still of the same brands.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::broker;
use super::client::Kafka;
use super::fleet::Fleet;
use super::serve::wait_for;

const TOPIC: &str = "posts-to-renumber";
const START: i64 = 1_773_133_200_000;
const HOUR: i64 = 3_600_000;

fn write(file: &Path, address: &str, brands: [&str; 2]) {
    let brands = brands.map(|id| format!("[[brands]]\nid = '{id}'\nquery = '{id}'\n")).concat();
    let head = format!(
        "name = 'renumbered'\ndedupe = {{ horizon = '2d' }}\n[kafka]\nbrokers = '{address}'\nprefix = 'renumbered.'\n\
         tallies_partitions = 1\n[[feeds]]\nname = 'posts'\ntype = 'kafka'\ntopics = ['{TOPIC}']\n"
    );
    fs::write(file, head + &brands).unwrap();
}

fn send(kafka: &Kafka, id: &str, text: &str, at: i64, more: &str) {
    let value = format!(r#"{{"network":"x","id":"{id}","body":"{text}","published_at":{at}{more}}}"#);
    let writer = kafka.writer();
    writer.send(TOPIC, 0, id.as_bytes(), value.as_bytes(), at);
    writer.flush();
}

/// Mentions by brand in the rows of days, added up.
fn days(kafka: &Kafka) -> Vec<(String, i64)> {
    let mut days = std::collections::BTreeMap::new();
    for record in kafka.read_committed("renumbered.metrics") {
        let row: Value = serde_json::from_slice(&record.value.unwrap()).unwrap();
        if row["resolution"] == "day" {
            *days.entry(row["brand"].as_str().unwrap().to_owned()).or_insert(0) +=
                row["mentions"].as_i64().unwrap();
        }
    }
    days.into_iter().collect()
}

#[test]
fn a_post_is_taken_back_from_its_own_brand_two_starts_after_brands_moved() {
    let Some(broker) = broker::shared() else { return };
    let (kafka, dir) = (Kafka::new(&broker.address()), tempfile::tempdir().unwrap());
    kafka.create_topic(TOPIC, 1, &[("retention.ms", "-1")]);
    let group = kafka.group("renumbered", TOPIC);
    let file = dir.path().join("p.toml");
    let run = |brands: [&str; 2]| {
        write(&file, &broker.address(), brands);
        let mut fleet = Fleet::start(&file, dir.path(), &["one"], &["--workers", "1"]);
        let ends = kafka.ends(TOPIC);
        wait_for("the commit", || group.committed(1).as_ref() == Some(&ends));
        fleet.stop();
        assert_eq!(fleet.deaths, Vec::<String>::new());
    };
    send(&kafka, "1", "heron is here", START, "");
    run(["heron", "jade"]);
    send(&kafka, "2", "nobody is here", START + 1_000, "");
    run(["jade", "heron"]);
    send(&kafka, "1", "jade is here", START, &format!(",\"edited_at\":{}", START + 2_000));
    // Two days later: every row is written.
    send(&kafka, "3", "nobody is here", START + 24 * HOUR, "");
    send(&kafka, "4", "nobody is here", START + 47 * HOUR, "");
    run(["jade", "heron"]);
    let mut fleet = Fleet::start(&file, dir.path(), &["one"], &["--workers", "1"]);
    wait_for("the row of the day", || !days(&kafka).is_empty());
    fleet.stop();
    assert_eq!(days(&kafka), [("jade".to_owned(), 1)]);
}
