//! The laws that everything else stands on: tallies merge in any order and grouping to the same bytes.
//! And one lane, looked at closely.

use std::sync::Arc;

use proptest::prelude::*;
use smallvec::smallvec;
use xxhash_rust::xxh3::xxh3_64;

use super::{tally::Prepared, *};
use crate::model::{
    BrandId, BrandMatch, Counts, Excerpt, Fate, Kind, Language, Mention, Network, Polarity, PostKey, Reading,
    ReadingOutcome, Referred, Score, Timestamp,
};

pub(super) fn mention(id: u64, author: u64, score: i32) -> Mention {
    let network = Network::ALL[id as usize % 3];
    let key = |id: u64| PostKey { network, id: id.to_string().into() };
    let counts =
        Counts { likes: Some(id), views: id.is_multiple_of(2).then_some(id * 10), ..Counts::default() };
    Mention {
        excerpt: Arc::new(Excerpt {
            key: key(id),
            author: format!("author {author}").into(),
            followers: (!author.is_multiple_of(3)).then_some(author * 1_000 + id),
            engagement: counts.engagement(),
            url: None,
            text: "text".into(),
        }),
        kind: Kind::ALL[id as usize % 4],
        language: [Language::EN, Language::ZH_HANT][id as usize % 2],
        author: Some(xxh3_64(&author.to_le_bytes())),
        counts,
        hashtags: Box::new([format!("tag{}", id % 7).into()]),
        links: if id.is_multiple_of(3) {
            Box::new([format!("https://e.org/{}", id % 5).into()])
        } else {
            Box::new([])
        },
        refers_to: id.is_multiple_of(2).then(|| {
            Arc::new(Referred {
                key: key(id % 4),
                author: id.is_multiple_of(3).then(|| "root author".into()),
                text: id.is_multiple_of(5).then(|| format!("text {}", id % 2).into()),
                published_at: None,
                url: None,
            })
        }),
        matches: smallvec![BrandMatch {
            brand: BrandId(0),
            spans: smallvec![],
            polarity: Polarity::ALL[score.unsigned_abs() as usize % 3],
            score: Score::from_e4(score),
        }],
        json: Box::default(),
    }
}

fn tally(posts: &[(u64, u64, i32)]) -> Tally {
    let (mut tally, mut name, mut text) = (Tally::default(), String::new(), String::new());
    for &(id, author, score) in posts {
        let mention = mention(id, author, score);
        let post = Prepared::new(&mention, Timestamp::from_millis(id as i64 % 50), &mut name);
        tally.add(&post, &mention.matches[0], &name, &mut text);
    }
    tally
}

fn merged(mut a: Tally, b: &Tally) -> Tally {
    a.merge(b.clone());
    a
}

fn bytes(tally: &Tally) -> Vec<u8> {
    postcard::to_stdvec(tally).unwrap()
}

fn posts() -> impl Strategy<Value = Vec<(u64, u64, i32)>> {
    // Beyond 256 authors and 1,024 hashes the sketches leave their exact range.
    prop_oneof![
        prop::collection::vec((0..60_u64, 0..20_u64, -10_000..=10_000), 0..30),
        prop::collection::vec((0..9_000_u64, 0..5_000_u64, -10_000..=10_000), 0..1_300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn tallies_merge_in_any_order_to_the_same_bytes(a in posts(), b in posts(), c in posts()) {
        let (ta, tb, tc) = (tally(&a), tally(&b), tally(&c));
        prop_assert_eq!(bytes(&merged(ta.clone(), &tb)), bytes(&merged(tb.clone(), &ta)));
        let left = merged(merged(ta.clone(), &tb), &tc);
        let right = merged(ta.clone(), &merged(tb.clone(), &tc));
        prop_assert_eq!(bytes(&left), bytes(&right));
        prop_assert_eq!(bytes(&merged(ta.clone(), &Tally::default())), bytes(&ta));
        prop_assert_eq!(bytes(&merged(Tally::default(), &ta)), bytes(&ta));
        let all: Vec<_> = [a, b, c].concat();
        prop_assert_eq!(bytes(&left), bytes(&tally(&all)));
    }

    #[test]
    fn a_tally_comes_back_from_its_bytes(a in posts()) {
        let tally = tally(&a);
        prop_assert_eq!(postcard::from_bytes::<Tally>(&bytes(&tally)).unwrap(), tally);
    }
}

const MINUTE: i64 = 60_000;

pub(super) fn reading(id: u64, minute: i64, version: i64, outcome: ReadingOutcome) -> Reading {
    let at = Timestamp::from_millis(minute * MINUTE);
    Reading { identity: id, version, published_at: at, received_at: at.plus(1), outcome }
}

fn matched(id: u64) -> ReadingOutcome {
    ReadingOutcome::Matched(Arc::new(mention(id, id, 5_000)))
}

/// Feeds readings to one lane and gives the fates, and what the engine says when all is over.
fn check(readings: &[Reading]) -> (Vec<Fate>, Vec<String>, Vec<crate::model::MetricRow>) {
    let mut lane = Lane::new(LaneSettings::default());
    let mut written = Vec::new();
    let mut fates = Vec::new();
    for reading in readings {
        fates.push(lane.accept(reading, &mut |output| {
            written.push(match output {
                LaneOutput::Mention(fate, mention) => format!("{fate} {}", mention.key().id),
                LaneOutput::Tombstone(key) => format!("gone {}", key.id),
                LaneOutput::Correction(new) => format!(
                    "{} {} for {} {} {} v{}",
                    new.correction.key.id,
                    new.correction.polarity,
                    new.was.0,
                    new.score.as_f64(),
                    new.sentiment_by(),
                    new.revision
                ),
                LaneOutput::LabelGone(key, brand) => format!("no label of {} for {}", key.id, brand.0),
                LaneOutput::Dead(dead) => format!("dead {}", dead.reason),
            });
        }));
    }
    lane.finish();
    let settings = EngineSettings {
        brands: vec![BrandSettings { id: "acme".into(), peer_set: None }],
        resolutions: vec![crate::model::Resolution::Minute],
        ..EngineSettings::default()
    };
    let (mut engine, mut out) = (Engine::new(settings, 1), Vec::new());
    engine.apply(0, lane.take_delta(), &mut out).unwrap();
    let rows = out.into_iter().filter_map(|o| match o {
        EngineOutput::Metric(row) => Some(*row),
        EngineOutput::Incident(_) => None,
    });
    (fates, written, rows.collect())
}

#[test]
fn an_edit_replaces_and_a_delete_takes_back() {
    let (fates, written, rows) = check(&[
        reading(7, 0, 0, matched(7)),
        reading(7, 0, 0, matched(7)),
        reading(7, 0, 5, matched(7)),
        reading(7, 0, 4, matched(7)),
        reading(8, 0, 0, matched(8)),
        reading(7, 0, 6, ReadingOutcome::Unmatched),
        reading(8, 1, 0, ReadingOutcome::Delete(PostKey { network: Network::X, id: "8".into() })),
        reading(8, 0, 0, matched(8)),
        reading(9, 0, 0, matched(9)),
    ]);
    use Fate::{Duplicate, Kept, Retracted};
    assert_eq!(fates, [Kept, Duplicate, Retracted, Duplicate, Kept, Retracted, Retracted, Duplicate, Kept]);
    assert_eq!(written, ["kept 7", "retracted 7", "kept 8", "gone 7", "gone 8", "kept 9"]);
    assert_eq!(rows.iter().map(|r| r.mentions).collect::<Vec<_>>(), [1]);
}

#[test]
fn late_posts_and_late_corrections_are_additions_with_their_epoch() {
    let (fates, written, rows) = check(&[
        reading(1, 0, 0, matched(1)),
        reading(2, 30, 0, matched(2)),
        reading(3, 2, 0, matched(3)),
        reading(3, 2, 0, matched(3)),
        reading(1, 30, 0, ReadingOutcome::Delete(PostKey { network: Network::X, id: "1".into() })),
    ]);
    assert_eq!(fates, [Fate::Kept, Fate::Kept, Fate::Late, Fate::Duplicate, Fate::Retracted]);
    assert_eq!(written, ["kept 1", "kept 2", "late 3", "gone 1"]);
    let minutes = |t: Timestamp| t.millis() / MINUTE;
    let seen: Vec<_> =
        rows.iter().map(|r| (minutes(r.start), minutes(r.as_of), r.status, r.mentions)).collect();
    use crate::model::MetricStatus::{Delta, Final};
    // The watermark stood at 25 min: its pane ends at 26.
    assert_eq!(seen, [(0, 1, Final, 1), (0, 26, Delta, -1), (2, 26, Delta, 1), (30, 31, Final, 1)]);
}

#[test]
fn a_wrong_clock_is_clamped_and_years_of_silence_cost_nothing() {
    let mut ahead = reading(1, 0, 0, matched(1));
    ahead.published_at = Timestamp::MAX;
    let mut behind = reading(2, 0, 0, matched(2));
    behind.published_at = Timestamp::MIN;
    let far = reading(3, 60 * 24 * 365 * 900, 0, matched(3));
    let (fates, _, rows) = check(&[behind, ahead, far]);
    assert_eq!(fates, [Fate::Kept; 3]);
    assert_eq!(rows.iter().map(|r| r.mentions).sum::<i64>(), 3);
    assert_eq!(rows[1].start, Timestamp::from_millis(5 * MINUTE));
}

#[test]
fn torn_or_foreign_state_is_refused_in_words() {
    let engine = Engine::new(EngineSettings::default(), 2);
    let whole = engine.snapshot();
    for cut in 0..whole.len() {
        assert!(Engine::restore(EngineSettings::default(), 2, &whole[..cut]).is_err(), "cut at {cut}");
    }
    let mut other = whole.clone();
    other[0] = 9;
    let message = |result: Result<Engine, RestoreError>| result.unwrap_err().to_string();
    assert!(message(Engine::restore(EngineSettings::default(), 2, &other)).contains("format 9"));
    assert!(message(Engine::restore(EngineSettings::default(), 3, &whole)).contains("holds 2 lanes"));
    assert!(Engine::restore(EngineSettings::default(), 2, &whole).is_ok());
    let mut lane = Lane::new(LaneSettings::default());
    lane.accept(&reading(1, 0, 0, matched(1)), &mut |_| {});
    let (state, log) = (lane.state(), lane.take_journal());
    for cut in 1..log.len() {
        let torn = std::iter::once(&log[..cut]);
        assert!(Lane::restore(LaneSettings::default(), state.clone(), torn).is_err(), "cut at {cut}");
    }
    let back = Lane::restore(LaneSettings::default(), state, std::iter::once(&log[..])).unwrap();
    assert_eq!((back.remembered(), back.watermark()), (1, lane.watermark()));
}

#[test]
fn a_plan_with_other_brands_takes_up_what_is_still_its_own() {
    let settings = |ids: &[&str]| EngineSettings {
        brands: ids.iter().map(|id| BrandSettings { id: (*id).into(), peer_set: None }).collect(),
        ..EngineSettings::default()
    };
    let mut lane = Lane::new(LaneSettings::default());
    lane.accept(&reading(1, 0, 0, matched(1)), &mut |_| {});
    let mut engine = Engine::new(settings(&["acme", "zeta"]), 1);
    engine.apply(0, lane.take_delta(), &mut Vec::new()).unwrap();
    let snapshot = engine.snapshot();
    assert_eq!(Engine::snapshot_brands(&snapshot).unwrap(), ["acme", "zeta"]);
    let moved = Engine::restore(settings(&["new", "acme"]), 1, &snapshot).unwrap();
    assert!(moved.open_rows().iter().all(|row| row.brand == "acme" && row.mentions == 1));
    assert_eq!(moved.open_rows_of("acme").len(), 3);
    let gone = Engine::restore(settings(&["zeta"]), 1, &snapshot).unwrap();
    assert!(gone.open_rows().is_empty());
}

#[test]
fn deltas_that_do_not_follow_are_refused() {
    let mut lane = Lane::new(LaneSettings::default());
    let first = lane.take_delta();
    let mut engine = Engine::new(EngineSettings::default(), 1);
    let mut out = Vec::new();
    assert!(matches!(engine.apply(3, first.clone(), &mut out), Err(DeltaError::Lane { lane: 3, lanes: 1 })));
    engine.apply(0, first.clone(), &mut out).unwrap();
    assert!(matches!(
        engine.apply(0, first, &mut out),
        Err(DeltaError::Sequence { found: 0, expected: 1, .. })
    ));
}

/// A file (no second clock) that starts with a post of minute `first`, then has posts at minutes 0 to 39 of
/// 2024, each twice: every first copy is kept, every second one is a duplicate.
fn check_start(first: i64) {
    const YEAR_2024: i64 = 1_704_067_200_000 / MINUTE;
    let without_clock = |id, minute| {
        let reading = reading(id + 1, minute, 0, matched(id));
        Reading { received_at: reading.published_at, ..reading }
    };
    let mut readings = vec![without_clock(1_000, first)];
    for id in 0..40_u64 {
        readings.extend([without_clock(id, YEAR_2024 + id as i64), without_clock(id, YEAR_2024 + id as i64)]);
    }
    readings.extend((0..10).map(|id| without_clock(id, YEAR_2024 + id as i64)));
    let settings = LaneSettings { lateness_ms: 3 * MINUTE, ..LaneSettings::default() };
    let (mut lane, mut log) = (Lane::new(settings.clone()), Vec::new());
    for (i, reading) in readings.iter().enumerate() {
        let expected = match i {
            0 => Fate::Kept,
            i if i <= 80 && i % 2 == 1 => Fate::Kept,
            _ => Fate::Duplicate,
        };
        assert_eq!(lane.accept(reading, &mut |_| {}), expected, "post {i} after one of minute {first}");
        // A crash after every post.
        log.push(lane.take_journal());
        lane = Lane::restore(settings.clone(), lane.state(), log.iter().map(Vec::as_slice)).unwrap();
    }
    assert!(lane.watermark() >= Timestamp::from_millis((YEAR_2024 + 20) * MINUTE));
    assert!(lane.watermark() <= Timestamp::from_millis((YEAR_2024 + 40) * MINUTE));
}

#[test]
fn a_first_post_with_a_wrong_clock_makes_nobody_late_and_is_not_counted_twice() {
    check_start(0);
    check_start(2_100 * 365 * 24 * 60);
    check_start(1_704_067_200_000 / MINUTE);
}
