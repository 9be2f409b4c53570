//! The generator: same seed, same bytes; the shares; every shape is what its decoder reads.

use std::collections::{HashMap, HashSet};

use earful::analysis::decode::{Format, Frame};
use earful::load::{Generator, LoadCounts, LoadError, LoadRecord, LoadSettings, Shape, Sort};
use earful::model::{Kind, Network};

use super::world::{START_MS, brands, crisis, frames, generator, records, settings};

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_one_others() {
    let bytes = |seed| {
        let made = records(LoadSettings { seed, ..settings() }, 500, 7);
        made.into_iter().map(|record| (record.key, record.value)).collect::<Vec<_>>()
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn shares_are_as_wanted() {
    let mut counts = LoadCounts::default();
    let made = records(settings(), 100_000, 1);
    made.iter().for_each(|record| counts.add(record));
    assert_eq!(counts.records, 100_000);
    assert_eq!(counts.posts + counts.late + counts.duplicates + counts.malformed, 100_000);
    let within = |count: u64, wanted: u64| count.abs_diff(wanted) < wanted / 5;
    assert!(within(counts.duplicates, 2_000) && within(counts.late, 1_000), "{counts}");
    assert!(within(counts.malformed, 500) && counts.crisis == 0, "{counts}");
    let named = made.iter().filter(|r| r.value.contains("eronqq") || r.value.contains("玉翼")).count();
    assert!((28_000..32_000).contains(&named), "{named}");
    let size = counts.bytes / counts.records;
    assert!((350..650).contains(&size), "{size} bytes a record");
}

#[test]
fn duplicates_are_earlier_records_and_all_others_are_new() {
    let mut seen: HashMap<String, String> = HashMap::new();
    for LoadRecord { sort, key, value } in records(settings(), 30_000, 0) {
        match sort {
            Sort::Duplicate => assert_eq!(seen.get(&key), Some(&value)),
            _ => assert!(seen.insert(key.clone(), value).is_none(), "{key} comes twice"),
        }
    }
}

#[test]
fn a_second_run_makes_other_posts() {
    let keys = |start: i64| {
        let (mut generator, mut record) = (generator(settings()), LoadRecord::default());
        let next = |n| {
            generator.next(start + n, &mut record);
            record.key.clone()
        };
        (0..1_000).map(next).collect::<HashSet<_>>()
    };
    assert!(keys(START_MS).is_disjoint(&keys(START_MS + 100_000)));
}

#[test]
fn every_shape_is_decoded_to_what_was_meant() {
    for shape in Shape::ALL {
        let only = LoadSettings { mix: shape.format().as_str().parse().unwrap(), ..settings() };
        for (n, record) in records(only, 2_000, 1_000).iter().enumerate() {
            // Both by name and by looking.
            check(record, START_MS + n as i64 * 1_000, shape, shape.format());
            check(record, START_MS + n as i64 * 1_000, shape, Format::Auto);
        }
    }
}

fn check(record: &LoadRecord, now: i64, shape: Shape, format: Format) {
    let mut seen = 0;
    frames(record, format, &mut |frame| {
        seen += 1;
        match (record.sort, frame) {
            (Sort::Malformed, Frame::Malformed(_)) => {}
            (Sort::Post | Sort::Late | Sort::Duplicate, Frame::Post(post)) => {
                let network = match shape {
                    Shape::Canonical => Network::Other,
                    Shape::XV1 => Network::X,
                    Shape::Jetstream => Network::Bluesky,
                    Shape::Mastodon => Network::Mastodon,
                    Shape::Reddit => Network::Reddit,
                    Shape::WeiboAjax => Network::Weibo,
                };
                assert_eq!((post.network, post.kind), (network, Kind::Original));
                assert_eq!(format!("{}:{}", post.network, post.id), record.key);
                assert!(!post.body.is_empty() && post.author.id.is_some());
                let behind = now - post.published_at.millis();
                match record.sort {
                    Sort::Late => assert!((480_000..=2_701_000).contains(&behind), "{behind}"),
                    Sort::Post => assert!((100..=10_000).contains(&behind), "{behind}"),
                    _ => assert!(behind >= 100),
                }
            }
            (sort, frame) => panic!("{sort:?} gave {frame:?}: {}", record.value),
        }
    });
    assert_eq!(seen, 1, "{}", record.value);
}

#[test]
fn shapes_come_as_mixed() {
    let mix = "canonical=1,bluesky_jetstream=3".parse().unwrap();
    let made = records(LoadSettings { mix, malformed: 0, ..settings() }, 20_000, 1);
    let of = |network: &str| made.iter().filter(|record| record.key.starts_with(network)).count();
    assert_eq!(of("x:"), 0);
    assert!((14_700..15_300).contains(&of("bluesky:")), "{}", of("bluesky:"));
    assert_eq!(of("other:") + of("bluesky:"), 20_000);
}

#[test]
fn what_cannot_be_made_is_refused() {
    let new = |settings, texts: &[&str]| {
        let texts = texts.iter().map(|&text| text.to_owned()).collect();
        Generator::new(settings, brands(), texts).err()
    };
    assert_eq!(new(settings(), &[]), Some(LoadError::NoText));
    assert_eq!(new(LoadSettings { late: 990_000, ..settings() }, &["a"]), Some(LoadError::Shares));
    let nobody = LoadSettings { crisis: crisis(2, 0, 1), ..settings() };
    assert_eq!(new(nobody, &["a"]), Some(LoadError::NoSuchBrand));
    assert_eq!(new(settings(), &["a"]), None);
}
