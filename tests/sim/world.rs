//! Seeded contents of lanes: posts on time, late, dated ahead, twice, edited, deleted; frames of no use.

use std::sync::Arc;

use earful::model::{
    BrandId, BrandMatch, Counts, DeadLetter, Excerpt, Kind, Language, Mention, Network, Polarity, PostKey,
    Reading, ReadingOutcome, Referred, Score, Timestamp,
};

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same everywhere.
pub(crate) struct Prng(pub(crate) u64);

impl Prng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What every lane contains.
pub(crate) struct World {
    pub(crate) lanes: Vec<Vec<Reading>>,
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

pub(crate) fn world(seed: u64) -> World {
    let mut rng = Prng(seed);
    let lanes = 1 + rng.below(5);
    // Ten minutes before midnight, so that hours and days turn.
    let start = 1_767_225_000_000 + (rng.below(6) * 600_000) as i64;
    let mut lanes: Vec<Vec<Reading>> = (0..lanes).map(|lane| contents(&mut rng, lane, start)).collect();
    copy_between_lanes(&mut rng, &mut lanes);
    World { lanes }
}

fn contents(rng: &mut Prng, lane: u64, start: i64) -> Vec<Reading> {
    let has_clock = rng.below(3) > 0;
    let mut now = start;
    let mut readings: Vec<Reading> = Vec::new();
    for i in 0..110 {
        now += match rng.below(60) {
            0 => (rng.below(30) as i64) * HOUR,
            1..4 => (rng.below(70) as i64) * MINUTE,
            _ => rng.below(12) as i64 * SECOND,
        };
        let identity = 1 + lane * 1_000_000 + i;
        let reading = next(rng, &readings, identity, now, has_clock);
        readings.push(reading);
    }
    readings
}

fn next(rng: &mut Prng, before: &[Reading], identity: u64, now: i64, has_clock: bool) -> Reading {
    let earlier = |rng: &mut Prng| {
        let recent = before.len().min(40) as u64;
        before.get(before.len().checked_sub(1 + rng.below(recent.max(1)) as usize)?)
    };
    let kind = rng.below(40);
    let outcome = match kind {
        0 => ReadingOutcome::Malformed(Box::new(dead())),
        1 => ReadingOutcome::Ignored("keep_alive"),
        2 => ReadingOutcome::Filtered("spam".into()),
        3 | 4 => return earlier(rng).cloned().unwrap_or_else(|| post(rng, identity, now, has_clock)),
        5 | 6 => match earlier(rng) {
            Some(old) => return edit(rng, old, now),
            None => return post(rng, identity, now, has_clock),
        },
        7 => {
            let id = earlier(rng).map_or(identity, |old| old.identity);
            return reading(id, now, now, ReadingOutcome::Delete(key(id)));
        }
        _ => return post(rng, identity, now, has_clock),
    };
    reading(0, now, now, outcome)
}

fn post(rng: &mut Prng, identity: u64, now: i64, has_clock: bool) -> Reading {
    let at = match rng.below(30) {
        0 if has_clock => now + 3 * HOUR,
        1 => now - rng.below(150) as i64 * MINUTE,
        2 => now - rng.below(120) as i64 * SECOND,
        3 if !has_clock => now + 1_000_000 * HOUR,
        _ => now - rng.below(25) as i64 * SECOND,
    };
    let outcome = if rng.one_in(6) {
        ReadingOutcome::Unmatched
    } else {
        ReadingOutcome::Matched(Arc::new(mention(rng, identity)))
    };
    reading(identity, at, if has_clock { now } else { at }, outcome)
}

fn edit(rng: &mut Prng, old: &Reading, now: i64) -> Reading {
    let mut new = old.clone();
    new.version = now - rng.below(3) as i64 * MINUTE;
    new.received_at = Timestamp::from_millis(now);
    if old.identity != 0 {
        new.outcome = if rng.one_in(3) {
            ReadingOutcome::Unmatched
        } else {
            ReadingOutcome::Matched(Arc::new(mention(rng, old.identity)))
        };
    }
    new
}

/// The same post reaches two lanes: each lane keeps its own copy, whoever comes first.
fn copy_between_lanes(rng: &mut Prng, lanes: &mut [Vec<Reading>]) {
    for _ in 0..lanes.len() * 4 {
        let (from, to) = (rng.below(lanes.len() as u64) as usize, rng.below(lanes.len() as u64) as usize);
        let at = rng.below(lanes[from].len().min(lanes[to].len()) as u64) as usize;
        let copy = lanes[from][at].clone();
        lanes[to].insert(at, copy);
    }
}

fn reading(identity: u64, at: i64, received: i64, outcome: ReadingOutcome) -> Reading {
    let (published_at, received_at) = (Timestamp::from_millis(at), Timestamp::from_millis(received));
    Reading { identity, version: 0, published_at, received_at, outcome }
}

fn key(identity: u64) -> PostKey {
    PostKey { network: Network::ALL[identity as usize % 4], id: identity.to_string().into() }
}

fn mention(rng: &mut Prng, identity: u64) -> Mention {
    let author = rng.below(25);
    let brands = 1 + rng.below(3) as u32;
    let first = rng.below(u64::from(4 - brands)) as u32;
    let matches = (first..first + brands).map(|brand| found(rng, brand)).collect();
    let counts = Counts {
        likes: Some(rng.below(900)),
        views: rng.one_in(3).then(|| rng.below(9_000)),
        ..Counts::default()
    };
    let excerpt = Excerpt {
        key: key(identity),
        author: format!("author {author}").into(),
        followers: (author > 3).then_some(author * author * 1_000),
        engagement: counts.engagement(),
        url: None,
        text: format!("post {identity}").into(),
    };
    Mention {
        excerpt: Arc::new(excerpt),
        kind: Kind::ALL[rng.below(4) as usize],
        language: [Language::EN, Language::ZH_HANS, Language::JA][rng.below(3) as usize],
        author: Some(Prng(author).next()),
        counts,
        hashtags: (0..rng.below(3)).map(|_| format!("tag{}", rng.below(9)).into()).collect(),
        links: (0..rng.below(2)).map(|_| format!("https://example.com/{}", rng.below(5)).into()).collect(),
        refers_to: referred(rng).map(Arc::new),
        matches,
        json: b"{}".to_vec().into(),
    }
}

fn referred(rng: &mut Prng) -> Option<Referred> {
    let id = rng.one_in(3).then(|| rng.below(6))?;
    let author = rng.one_in(2).then(|| format!("writer {id}").into());
    Some(Referred { key: key(id), author, text: None, published_at: None, url: None })
}

fn found(rng: &mut Prng, brand: u32) -> BrandMatch {
    let score = Score::from_e4(rng.below(20_001) as i32 - 12_000);
    BrandMatch { brand: BrandId(brand), spans: Default::default(), polarity: polarity(score), score }
}

fn polarity(score: Score) -> Polarity {
    score.polarity()
}

fn dead() -> DeadLetter {
    DeadLetter {
        reason: "json_syntax".into(),
        detail: String::new(),
        feed: "sim".into(),
        source: String::new(),
        offset: 0,
        line: 0,
        received_at: None,
        bytes: 1,
        raw: Some("{".into()),
        raw_base64: None,
        truncated: false,
    }
}
