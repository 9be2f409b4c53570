//! The posts of the exactly-once tests: made from a seed, in earful's own format, with everything in them that
//! makes such a run difficult.

use super::support::Rng;

pub const PARTITIONS: usize = 4;
/// 2024-03-10T00:00:00Z: in the past on any clock, because a broker refuses records from the future.
const START_MS: i64 = 1_710_028_800_000;
const HOUR_MS: i64 = 3_600_000;
/// From a post's publication to its arrival.
const DELAY_MS: i64 = 1_000;
/// For the first fifth of the posts: a surge needs a day of what is usual before it.
const QUIET_MS: i64 = 30 * HOUR_MS;
/// From the last post to the first ones of a partition that joins: later than what closes the others.
const JOINED_MS: i64 = 4 * HOUR_MS;
/// At the end of each partition: enough of them to be believed without a second clock, too.
const CLOSING: usize = 20;

/// A record to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub partition: i32,
    pub key: Vec<u8>,
    pub value: Vec<u8>,
    /// When it came into the topic, as the record says: the second clock beside the published time.
    pub arrival_ms: i64,
}

/// `count` posts, and then those that close every pane.
pub fn posts(count: u64, seed: u64) -> Vec<Input> {
    let mut rng = Rng(seed);
    let mut now = START_MS;
    let mut inputs: Vec<Input> = Vec::with_capacity(count as usize + PARTITIONS * CLOSING);
    for n in 0..count {
        now += if n < count / 5 { QUIET_MS / (count as i64 / 5) } else { 10 + rng.below(11) as i64 };
        inputs.push(next(n, now, &mut rng));
    }
    for partition in 0..PARTITIONS as i32 {
        inputs.extend(closing_at(now, partition));
    }
    inputs
}

/// `count` posts for one more partition. All of them are later than whatever the others had by then: whenever the
/// partition joins, it is in time for every pane that it has posts of.
pub fn joining(inputs: &[Input], partition: i32, count: u64, rng: &mut Rng) -> Vec<Input> {
    let at = |n: u64| last_ms(inputs) + JOINED_MS + (n * 2 * HOUR_MS as u64 / count) as i64;
    // Ids of its own.
    let first = partition as u64 * 1_000_000_000;
    let mut inputs: Vec<Input> = (0..count).map(|n| next(first + n, at(n), rng)).collect();
    inputs.iter_mut().for_each(|input| input.partition = partition);
    inputs
}

/// What closes every pane of all these partitions, of those that joined, too.
pub fn closing(inputs: &[Input], partitions: i32) -> Vec<Input> {
    (0..partitions).flat_map(|partition| closing_at(last_ms(inputs) + JOINED_MS, partition)).collect()
}

/// Of the last one before those that close.
fn last_ms(inputs: &[Input]) -> i64 {
    let last = inputs.iter().rev().find(|input| input.key.starts_with(b"p")).unwrap();
    last.arrival_ms - DELAY_MS
}

/// Far later than `now`, and about no brand.
fn closing_at(now: i64, partition: i32) -> impl Iterator<Item = Input> {
    (0..CLOSING as i64).map(move |n| {
        let (id, at) = (format!("closing-{partition}-{now}-{n}"), now + 3 * HOUR_MS + n);
        let value = post(&id, "the day is over", n as u64, at, "").into_bytes();
        Input { partition, key: id.into_bytes(), value, arrival_ms: at + DELAY_MS }
    })
}

/// The `n`th record: mostly a new post, now and then something else.
fn next(n: u64, now: i64, rng: &mut Rng) -> Input {
    let earlier = n.saturating_sub(1 + rng.below(2_000));
    let about_now = now - rng.below(5_000) as i64;
    let text = text(n, rng);
    let author = rng.below(2_000);
    let (id, value) = match rng.below(1_000) {
        0..20 => (earlier, post(&name(earlier), &text, author, about_now, "")),
        20..30 => (n, post(&name(n), &text, author, now - 90_000 - rng.below(600_000) as i64, "")),
        30..40 => (n, broken(n, rng)),
        40..45 => (earlier, format!(r#"{{"network":"x","id":"{}","deleted":true}}"#, name(earlier))),
        45..55 => {
            let edited = format!(r#","edited_at":{now}"#);
            (earlier, post(&name(earlier), &text, author, about_now, &edited))
        }
        // A clock that goes wrong by days.
        55..65 => (n, post(&name(n), &text, author, now + HOUR_MS * (1 + rng.below(48) as i64), "")),
        _ => (n, post(&name(n), &text, author, about_now, "")),
    };
    let key = name(id).into_bytes();
    Input { partition: partition(&key), key, value: value.into_bytes(), arrival_ms: now + DELAY_MS }
}

fn name(n: u64) -> String {
    format!("p{n}")
}

/// By FNV hash: all records of one post go to one partition.
fn partition(key: &[u8]) -> i32 {
    let hash = key.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    (hash % PARTITIONS as u64) as i32
}

fn post(id: &str, text: &str, author: u64, published_ms: i64, more: &str) -> String {
    let followers = author * author % 9_973;
    format!(
        r#"{{"network":"x","id":"{id}","body":"{text}","author":{{"id":"u{author}","followers":{followers}}},"published_at":{published_ms}{more}}}"#
    )
}

/// Malformed, each in its own way.
fn broken(n: u64, rng: &mut Rng) -> String {
    match rng.below(3) {
        0 => format!(r#"{{"id":"{}","network":"x","#, name(n)),
        1 => format!(r#"{{"network":"x","id":"{}","body":"heron without a time"}}"#, name(n)),
        _ => format!("not a post at all: {n}"),
    }
}

const WORDS: [&str; 10] = [
    "the flight was late again",
    "what a lovely crew",
    "lost my bag, terrible service",
    "ok so far",
    "great view today, thank you",
    "never again",
    "boarding now",
    "机上服务很差",
    "谢谢",
    "worst gate ever, awful",
];
/// What posts call the brands; the last two are none.
const NAMES: [&str; 8] = ["heron", "jadewing", "玉翼", "kestrel", "otter", "tern", "nobody", "somebody"];

/// Most posts name something; for a while in the middle many are angry with one brand.
fn text(n: u64, rng: &mut Rng) -> String {
    let angry = (n / 5_000) % 3 == 1 && rng.below(3) > 0;
    match angry {
        true => format!("heron {}, I hate it", WORDS[[2, 9][rng.below(2) as usize]]),
        false => format!("{} {}", NAMES[rng.below(8) as usize], WORDS[rng.below(10) as usize]),
    }
}

/// The brands and alerts that these posts are about.
pub const BRANDS: &str = r##"
[[brands]]
id = "heron"
peer_set = "airlines"
query = '''heron'''

[[brands]]
id = "jade"
peer_set = "airlines"
query = '''jadewing OR 玉翼'''

[[brands]]
id = "kestrel"
peer_set = "airlines"
query = '''kestrel AND (flight OR crew OR gate OR bag*)'''

[[brands]]
id = "otter"
query = '''otter NOT "never again"'''

[[brands]]
id = "birds"
query = '''tern OR kestrel OR heron'''

[[alerts]]
name = "surge"
rule = "surge"
min_mentions = 5

[[alerts]]
name = "many"
rule = "mentions_over"
limit = 40
window = "10m"
min_mentions = 1

[[alerts]]
name = "anger"
rule = "negative_share_over"
limit = 0.5
window = "2m"
min_mentions = 20
cool_down = "1m"
"##;

#[test]
fn the_same_seed_makes_the_same_posts_and_another_one_others() {
    assert_eq!(posts(500, 1), posts(500, 1));
    assert_ne!(posts(500, 1), posts(500, 2));
}

/// A file has no second clock by which the first could be found wrong.
fn is_from_the_future(input: &Input) -> bool {
    let post = serde_json::from_slice::<serde_json::Value>(&input.value).unwrap_or_default();
    post["published_at"].as_i64().is_some_and(|published| published > input.arrival_ms)
}

/// The embedded run sees in them all that a post can meet, so the tests that use them prove something.
#[test]
fn the_posts_meet_every_fate() {
    let dir = tempfile::tempdir().unwrap();
    let inputs = posts(20_000, 1);
    assert!(inputs.iter().any(is_from_the_future));
    let inputs = inputs.into_iter().filter(|input| !is_from_the_future(input));
    let lines: Vec<Vec<u8>> = inputs.map(|input| input.value).collect();
    std::fs::write(dir.path().join("posts.jsonl"), lines.join(&b'\n')).unwrap();
    let head = "name = \"t\"\nlateness = \"1m\"\n[[feeds]]\nname = \"posts\"\ntype = \"file\"\npath = \"posts.jsonl\"\n";
    let sink = "[[sinks]]\ntype = \"jsonl\"\ndir = \"out\"\n";
    std::fs::write(dir.path().join("p.toml"), format!("{head}{BRANDS}{sink}")).unwrap();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_earful"))
        .args(["run", "--log-level", "error"])
        .arg(dir.path().join("p.toml"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&status.stderr).into_owned();
    assert!(status.status.success(), "{stderr}");
    for fate in ["kept", "late", "duplicate", "retracted", "malformed"] {
        assert!(stderr.contains(fate), "no {fate} in\n{stderr}");
    }
    let read = |file: &str| std::fs::read_to_string(dir.path().join("out").join(file)).unwrap();
    for rule in ["surge", "many", "anger"] {
        assert!(read("alerts.jsonl").contains(&format!("\"{rule}\"")), "no incident of {rule}");
    }
    for brand in ["heron", "jade", "kestrel", "otter", "birds"] {
        assert!(read("mentions.jsonl").contains(&format!("\"{brand}\"")), "no mention of {brand}");
    }
}
