//! Ordinary talk: steady flows of posts with the rhythm of the day where their writers live.

use super::{
    cast::{Airline, HERON, JADEWING, PAN_UNION, Script},
    post::{Kind, Site},
    world::World,
};

/// Percent of the mean rate in each hour of the day, UTC.
type Rhythm = [u64; 24];

/// Europe and the Americas together: quiet from 3 to 6 UTC, busy in the European evening.
const WEST: Rhythm = [
    92, 84, 74, 62, 56, 60, 72, 88, 98, 102, 104, 106, 110, 114, 116, 116, 118, 122, 126, 128, 124, 118, 110,
    100,
];
/// China, at UTC+8: asleep from 17 to 22 UTC, busy at noon (4 UTC) and in the evening (12 to 14 UTC).
const CHINA: Rhythm = [
    92, 104, 110, 118, 128, 122, 112, 108, 108, 110, 116, 122, 132, 140, 138, 120, 92, 66, 52, 46, 46, 50,
    60, 78,
];

#[derive(Clone, Copy, Debug)]
enum Topic {
    Airline(&'static Airline),
    /// A section of `noise.txt`.
    Other(&'static str),
}

/// Mean posts in a thousand seconds of one topic in one script.
#[derive(Debug)]
struct Flow(Topic, Script, u64, &'static Rhythm);

const FLOWS: &[Flow] = &[
    Flow(Topic::Airline(PAN_UNION), Script::English, 34, &WEST),
    Flow(Topic::Airline(PAN_UNION), Script::Hans, 4, &CHINA),
    Flow(Topic::Airline(PAN_UNION), Script::Hant, 2, &CHINA),
    Flow(Topic::Airline(HERON), Script::English, 23, &WEST),
    Flow(Topic::Airline(HERON), Script::Hans, 3, &CHINA),
    Flow(Topic::Airline(HERON), Script::Hant, 1, &CHINA),
    Flow(Topic::Airline(JADEWING), Script::English, 5, &WEST),
    Flow(Topic::Airline(JADEWING), Script::Hans, 22, &CHINA),
    Flow(Topic::Airline(JADEWING), Script::Hant, 6, &CHINA),
    Flow(Topic::Other("heron"), Script::English, 6, &WEST),
    Flow(Topic::Other("苍鹭"), Script::Hans, 2, &CHINA),
    Flow(Topic::Other("en"), Script::English, 18, &WEST),
    Flow(Topic::Other("zh"), Script::Hans, 14, &CHINA),
];

/// One second of ordinary talk, starting at `at` (milliseconds since the Unix epoch).
pub(crate) fn second(world: &mut World, at: i64) {
    for flow in FLOWS {
        let Flow(topic, script, per_1000_s, rhythm) = flow;
        if world.rng.chance(per_1000_s * percent(rhythm, at) * 10) {
            let millis = world.rng.between(0, 999);
            say(world, *topic, *script, at + millis);
        }
    }
}

/// The rhythm at a time, interpolated between hours.
fn percent(rhythm: &Rhythm, at: i64) -> u64 {
    let minute = at.div_euclid(60_000).rem_euclid(1440) as u64;
    let (hour, past) = ((minute / 60) as usize, minute % 60);
    (rhythm[hour] * (60 - past) + rhythm[(hour + 1) % 24] * past) / 60
}

fn say(world: &mut World, topic: Topic, script: Script, at: i64) {
    let site = site(world, script);
    let mut text = match topic {
        Topic::Airline(airline) => world.book.chatter(airline, script, &mut world.rng),
        Topic::Other(section) => world.book.noise(section, &mut world.rng),
    };
    let kind = kind(world, site, script);
    if matches!(kind, Kind::Original) && world.rng.chance(80_000) {
        text = format!("{text} https://photos.example/p/{:07x}", world.rng.below(1 << 28));
    }
    let post = world.post(site, script, at, text, kind);
    world.send(post);
}

/// Where it is said.
fn site(world: &mut World, script: Script) -> Site {
    let weights: [u64; 6] = match script {
        //                X  Bluesky Mastodon Reddit Weibo Forum
        Script::English => [54, 19, 9, 12, 0, 6],
        Script::Hans => [4, 1, 0, 0, 85, 10],
        Script::Hant => [55, 12, 8, 0, 0, 25],
    };
    Site::ALL[world.rng.weighted(&weights)]
}

/// Six of ten posts are originals; the rest refers to something said before on the same site.
fn kind(world: &mut World, site: Site, script: Script) -> Kind {
    let dice = world.rng.below(100);
    let Some(target) = world.recent(site, script) else { return Kind::Original };
    match (dice, site) {
        (0..18, _) => Kind::Reply(target),
        (18..31, Site::X | Site::Mastodon | Site::Weibo) => Kind::Repost(target),
        (31..38, Site::X | Site::Bluesky | Site::Weibo | Site::Forum) => Kind::Quote(target),
        _ => Kind::Original,
    }
}
