//! The life of incidents, end to end: posts in, states out.

use std::sync::Arc;

use super::{laws::mention, *};
use crate::model::{
    Incident, IncidentStatus, Network, Polarity, PostKey, Reading, ReadingOutcome, Referred, Resolution,
    Severity, Timestamp,
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// One post: (minute, id, refers to the complaint, is negative).
type Said = (i64, u64, bool, bool);

fn reading((minute, id, refers, negative): Said) -> Reading {
    let mut mention = mention(id, id, 0);
    mention.links = Box::default();
    Arc::make_mut(&mut mention.excerpt).key.network = Network::X;
    mention.matches[0].polarity = if negative { Polarity::Negative } else { Polarity::Positive };
    mention.refers_to = refers.then(|| {
        Arc::new(Referred {
            key: PostKey { network: Network::X, id: "complaint".into() },
            author: Some("dave".into()),
            text: Some("they broke my guitar".into()),
            published_at: Some(Timestamp::from_millis(0)),
            url: None,
        })
    });
    let at = Timestamp::from_millis(minute * MINUTE);
    let outcome = ReadingOutcome::Matched(Arc::new(mention));
    Reading { identity: id + 1, version: 0, published_at: at, received_at: at.plus(1), outcome }
}

/// The incidents that `posts` lead to under one rule, the clock running on until `until_minute`.
fn incidents(rule: AlertRule, posts: impl Iterator<Item = Said>, until_minute: i64) -> Vec<Incident> {
    let settings = EngineSettings {
        brands: vec![BrandSettings { id: "united".into(), peer_set: None }],
        resolutions: vec![Resolution::Hour],
        alerts: vec![rule],
        ..EngineSettings::default()
    };
    let mut lane = Lane::new(LaneSettings { lateness_ms: MINUTE, ..LaneSettings::default() });
    let (mut engine, mut out) = (Engine::new(settings, 1), Vec::new());
    for post in posts {
        lane.accept(&reading(post), &mut |_| {});
    }
    lane.heartbeat(Timestamp::from_millis(until_minute * MINUTE));
    engine.apply(0, lane.take_delta(), &mut out).unwrap();
    let incident = |output| match output {
        EngineOutput::Incident(incident) => Some(*incident),
        EngineOutput::Metric(_) => None,
    };
    out.into_iter().filter_map(incident).collect()
}

fn minute(at: Timestamp) -> i64 {
    at.millis() / MINUTE
}

fn states(incidents: &[Incident]) -> Vec<(IncidentStatus, i64, Severity)> {
    incidents.iter().map(|i| (i.status, minute(i.at), i.severity)).collect()
}

#[test]
fn a_wave_opens_gets_worse_and_resolves_with_its_cause() {
    let rule = AlertRule::new("loud", AlertTest::MentionsOver { window_ms: 10 * MINUTE, limit: 20.0 });
    // Three a minute for half an hour: every second post passes the complaint on.
    let wave = (0..90).map(|i| (i / 3, i as u64, i % 2 == 0, i % 3 == 0));
    let found = incidents(rule, wave, 10 * 60);
    use IncidentStatus::{Open, Resolved, Update};
    use Severity::{Critical, Warning};
    // 21 mentions after 7 minutes; 30 are 1.5 times the limit; a reminder is due at 37, but it is calm by 36.
    assert_eq!(states(&found)[..2], [(Open, 7, Warning), (Update, 10, Critical)]);
    let last = found.last().unwrap();
    assert_eq!((last.status, last.ended_at), (Resolved, Some(last.at)));
    assert!(minute(last.at) >= 95 && minute(last.at) <= 105, "{}", minute(last.at));
    assert!(found.iter().enumerate().all(|(i, f)| f.id == found[0].id && f.revision == i as u32 + 1));
    let open = &found[0];
    let cause = open.evidence.cause.as_ref().unwrap();
    assert_eq!((cause.id.as_str(), cause.author.as_str()), ("complaint", "dave"));
    assert_eq!((open.evidence.mentions, open.evidence.cause_followers), (21, 11));
    assert!(
        open.summary.contains("21 mentions in the last 10 min")
            && open.summary.contains("they broke my guitar"),
        "{}",
        open.summary
    );
    assert_eq!(open.evidence.sample_posts.len(), 5);
}

#[test]
fn anger_needs_enough_mentions_and_cools_down() {
    let test = AlertTest::NegativeShareOver { window_ms: HOUR, limit: 0.5 };
    let rule = AlertRule { min_mentions: 10, cool_down_ms: 12 * HOUR, ..AlertRule::new("anger", test) };
    let nine = incidents(rule.clone(), (0..9).map(|i| (i, i as u64, false, true)), 300);
    assert!(nine.is_empty());
    // Two waves, three hours apart: the second lies in the cool-down.
    let waves = (0..24).map(|i| (i % 12 + i / 12 * 180, i as u64, false, true));
    let found = incidents(rule, waves, 24 * 60);
    let opened: Vec<_> =
        found.iter().filter(|i| i.status == IncidentStatus::Open).map(|i| minute(i.at)).collect();
    assert_eq!(opened, [10]);
    assert_eq!(found.last().map(|i| i.status), Some(IncidentStatus::Resolved));
}

#[test]
fn a_surge_is_found_against_the_brands_own_past() {
    let rule = AlertRule::new("surge", AlertTest::Surge { threshold: AlertRule::SURGE_THRESHOLD });
    let day = 24 * 60;
    let usual = (0..2 * day / 5).map(|i| (i * 5, i as u64, false, false));
    let burst = (0..200).map(|i| (2 * day + i / 20, 10_000 + i as u64, true, true));
    let found = incidents(rule, usual.chain(burst), 3 * day);
    assert_eq!(found[0].status, IncidentStatus::Open);
    assert_eq!(minute(found[0].at), 2 * day + 5);
    assert_eq!(found[0].evidence.baseline.median, 12.0);
    assert_eq!(found.last().map(|i| i.status), Some(IncidentStatus::Resolved));
}

/// A wave of `n` posts a minute after each other that all carry one link; every `share`-th is a repost of a
/// post that was published at minute `root_minute`. What is named as the cause.
fn cause_of_link_wave(n: i64, share: i64, root_minute: i64) -> crate::model::PostDigest {
    let rule = AlertRule::new("loud", AlertTest::MentionsOver { window_ms: 3 * HOUR, limit: 20.0 });
    let settings = EngineSettings {
        brands: vec![BrandSettings { id: "united".into(), peer_set: None }],
        alerts: vec![rule],
        ..EngineSettings::default()
    };
    let mut lane = Lane::new(LaneSettings { lateness_ms: MINUTE, ..LaneSettings::default() });
    let (mut engine, mut out) = (Engine::new(settings, 1), Vec::new());
    for i in 0..n {
        let mut reading = reading((30 + i, i as u64, i % share == 0, true));
        if let ReadingOutcome::Matched(mention) = &mut reading.outcome {
            let mention = Arc::make_mut(mention);
            mention.links = Box::new(["https://e.org/story".into()]);
            if let Some(root) = &mut mention.refers_to {
                Arc::make_mut(root).published_at = Some(at_minute(root_minute));
            }
        }
        lane.accept(&reading, &mut |_| {});
    }
    lane.heartbeat(at_minute(300));
    engine.apply(0, lane.take_delta(), &mut out).unwrap();
    let found = out.into_iter().find_map(|output| match output {
        EngineOutput::Incident(incident) => incident.evidence.cause,
        EngineOutput::Metric(_) => None,
    });
    found.unwrap()
}

fn at_minute(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * MINUTE)
}

#[test]
fn the_root_that_carriers_of_a_link_refer_to_is_the_cause_and_not_its_first_carrier() {
    assert_eq!(cause_of_link_wave(40, 3, 0).id, "complaint");
    assert_eq!(cause_of_link_wave(40, 8, 0).id, "complaint");
    // Too few refer to it, or it is younger than the first carrier.
    assert_eq!(cause_of_link_wave(40, 30, 0).id, "0");
    assert_eq!(cause_of_link_wave(40, 3, 31).id, "0");
}

#[test]
fn a_cause_carries_the_followers_that_its_author_states_elsewhere() {
    let mut lane = Lane::new(LaneSettings { lateness_ms: MINUTE, ..LaneSettings::default() });
    let test = AlertTest::MentionsOver { window_ms: HOUR, limit: 3.0 };
    let rule = AlertRule { min_mentions: 1, ..AlertRule::new("loud", test) };
    let settings = EngineSettings {
        brands: vec![BrandSettings { id: "united".into(), peer_set: None }],
        alerts: vec![rule],
        ..EngineSettings::default()
    };
    let (mut engine, mut out) = (Engine::new(settings, 1), Vec::new());
    for i in 0..5 {
        let mut reading = reading((i, i as u64, i > 0, true));
        if let ReadingOutcome::Matched(mention) = &mut reading.outcome {
            let excerpt = Arc::make_mut(&mut Arc::make_mut(mention).excerpt);
            excerpt.followers = (i == 0).then_some(777);
            if i == 0 {
                excerpt.author = "dave".into();
            }
        }
        lane.accept(&reading, &mut |_| {});
    }
    lane.heartbeat(at_minute(60));
    engine.apply(0, lane.take_delta(), &mut out).unwrap();
    let cause = out.into_iter().find_map(|output| match output {
        EngineOutput::Incident(incident) => incident.evidence.cause,
        EngineOutput::Metric(_) => None,
    });
    assert_eq!(cause.map(|c| (c.id, c.followers)), Some(("complaint".to_owned(), Some(777))));
}
