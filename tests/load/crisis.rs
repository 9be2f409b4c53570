//! The crisis: 20 times the usual rate of its brand, and mostly about one complaint.

use std::collections::HashMap;

use earful::analysis::decode::{Format, Frame};
use earful::load::{LoadRecord, LoadSettings, Sort};
use earful::model::{Kind, Post};

use super::world::{START_MS, crisis, frames, generator, records, settings};

const COUNT: i64 = 60_000;

fn in_crisis() -> LoadSettings {
    // From a third of the records to two thirds.
    LoadSettings { crisis: crisis(0, START_MS + COUNT / 3, START_MS + COUNT * 2 / 3), ..settings() }
}

fn with_post(record: &LoadRecord, each: &mut dyn FnMut(&Post<'_>)) {
    frames(record, Format::Auto, &mut |frame| match frame {
        Frame::Post(post) => each(post),
        other => panic!("{other:?}: {}", record.value),
    });
}

#[test]
fn its_brand_comes_at_twenty_times_the_usual_rate() {
    let made = records(in_crisis(), COUNT, 1);
    let third = made.len() / 3;
    let named = |part: &[LoadRecord]| part.iter().filter(|r| r.value.contains("eronqq")).count() as f64;
    let others = |part: &[LoadRecord]| part.iter().filter(|r| r.value.contains("玉翼")).count() as f64;
    assert!(made[..third].iter().chain(&made[2 * third..]).all(|record| record.sort != Sort::Crisis));
    let (before, within) = (&made[..third], &made[third..2 * third]);
    // Compared with another brand, whose rate is what it was.
    let times = (named(within) / others(within)) / (named(before) / others(before));
    assert!((17.0..23.0).contains(&times), "{times}");
    // So many more records there must be, so that the others stay as they were.
    let factor = generator(in_crisis()).surge_factor();
    assert!((others(before) / others(within) / factor - 1.0).abs() < 0.1, "{factor}");
}

#[test]
fn most_of_it_is_about_one_complaint_with_a_link() {
    let made = records(in_crisis(), COUNT, 1);
    let (mut kinds, mut targets, mut links) = (HashMap::new(), HashMap::new(), 0);
    let all: Vec<_> = made.iter().filter(|record| record.sort == Sort::Crisis).collect();
    for record in &all {
        with_post(record, &mut |post| {
            assert!(post.body.contains("eronqq"), "{}", post.body);
            *kinds.entry(post.kind).or_insert(0) += 1;
            links += post.links.iter().filter(|l| l.target().starts_with("https://video.example")).count();
            let about = [&post.repost_of, &post.quote_of, &post.in_reply_to];
            for reference in about.into_iter().flatten() {
                *targets.entry((post.network, reference.id.to_string())).or_insert(0) += 1;
            }
        });
    }
    // One complaint in each of the three feeds, and it is a record of its own.
    assert_eq!(targets.len(), 3, "{targets:?}");
    for (network, id) in targets.keys() {
        assert!(all.iter().any(|record| record.key == format!("{network}:{id}")), "{network}:{id}");
    }
    let answers: usize = targets.values().sum();
    assert!(answers * 100 > all.len() * 80, "{answers} of {}", all.len());
    assert!(links * 100 > all.len() * 40, "{links} of {}", all.len());
    for kind in [Kind::Original, Kind::Repost, Kind::Quote, Kind::Reply] {
        assert!(kinds.contains_key(&kind), "{kinds:?}");
    }
}

/// How the complaint is passed on in the other feeds; Reddit knows answers only.
#[test]
fn in_every_feed_it_is_about_a_complaint_that_is_there() {
    use Kind::{Original, Quote, Reply, Repost};
    let all: &[Kind] = &[Original, Repost, Quote, Reply];
    for (shape, expected) in [("mastodon", all), ("reddit", &[Original, Reply]), ("weibo_ajax", all)] {
        let made = records(LoadSettings { mix: shape.parse().unwrap(), ..in_crisis() }, COUNT, 1);
        let all: Vec<_> = made.iter().filter(|record| record.sort == Sort::Crisis).collect();
        let mut kinds = HashMap::new();
        for record in &all {
            with_post(record, &mut |post| {
                assert!(post.body.contains("eronqq"), "{}", post.body);
                *kinds.entry(post.kind).or_insert(0) += 1;
                let about = [&post.repost_of, &post.quote_of, &post.in_reply_to];
                for reference in about.into_iter().flatten() {
                    assert_eq!(format!("{}:{}", post.network, reference.id), all[0].key);
                }
            });
        }
        let some = |kind: &Kind| kinds.get(kind).is_some_and(|count| count * 100 > all.len() * 8);
        assert!(expected.iter().all(some) && kinds.len() == expected.len(), "{shape}: {kinds:?}");
    }
}
