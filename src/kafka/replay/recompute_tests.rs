//! Which record comes when, and which engine it goes to: without a broker, records are handed over as the reading
//! threads do.

use std::path::Path;

use crossbeam_channel::unbounded;
use serde_json::Value;

use super::super::super::partition::Partition;
use super::super::read::Taken;
use super::super::scope::Scope;
use super::super::target::Target;
use super::*;
use crate::analysis::{Scratch, decode::Format};
use crate::config::parse;
use crate::model::{Origin, OutputKind, Record};
use crate::runtime::{Queries, read_guarded};
use crate::sinks::{JsonlSink, Sink};

/// 2024-03-10T00:00:00Z.
const START_MS: i64 = 1_710_028_800_000;
/// The minute in which a post came, and what it says.
type Post = (i64, &'static str);

/// Brands `east` and `west`, which two partitions of `tallies` put apart, and a rule that learns for a day.
fn plan(tallies_partitions: i32) -> Plan {
    let text = format!(
        "lateness = '1m'\nskew = '30s'\n[kafka]\nbrokers = 'nobody:9092'\ntallies_partitions = {tallies_partitions}\n\
         [[feeds]]\nname = 'posts'\ntype = 'kafka'\ntopics = ['posts']\n\
         [[brands]]\nid = 'east'\nquery = 'east'\n[[brands]]\nid = 'west'\nquery = 'west'\n\
         [[alerts]]\nname = 'surge'\nrule = 'surge'\nmin_mentions = 5\n"
    );
    parse(Path::new("p.toml"), &text).unwrap().plan
}

/// The posts of a partition as the reading threads hand them over, so many at a time.
fn batches(plan: &Plan, partition: &str, posts: &[Post], at_once: usize) -> Receiver<Next> {
    let (sender, receiver) = unbounded();
    let (in_force, mut scratch) = (Queries::new(plan).in_force(), Scratch::default());
    for (batch, first) in posts.chunks(at_once).zip((0..).step_by(at_once)) {
        let mut out = Batch::default();
        for ((minute, body), offset) in batch.iter().zip(first..) {
            let at = START_MS + minute * 60_000;
            let id = format!("{partition}@{minute}#{offset}");
            let post = format!(r#"{{"network":"x","id":"{id}","body":"{body}","published_at":{at}}}"#);
            let time = Some(Timestamp::from_millis(at + 1_000));
            let origin = Origin { feed: "posts", source: partition, offset, line: 0 };
            let record = Record { payload: post.as_bytes(), received_at: time, origin };
            read_guarded(&in_force.annotator, &record, Format::Auto, &mut scratch, &mut out.readings);
            out.records.push(Taken { offset: offset as i64, time, end: out.readings.len() });
        }
        sender.send(Some(out)).unwrap();
    }
    sender.send(None).unwrap();
    receiver
}

/// What comes out of these partitions, as lines of a file.
fn replayed(plan: &Plan, partitions: &[&[Post]], at_once: usize, kind: OutputKind) -> Vec<Value> {
    let span = |(posts, number): (&&[Post], i32)| LaneSpan {
        partition: Partition::new("posts", number),
        read_from: 0,
        from: 0,
        to: posts.len() as i64,
        is_at_end: true,
        since: None,
    };
    let lanes: Vec<LaneSpan> = partitions.iter().zip(0..).map(span).collect();
    let name = |lane: &LaneSpan| lane.partition.to_string();
    let batches =
        partitions.iter().zip(&lanes).map(|(posts, lane)| batches(plan, &name(lane), posts, at_once));
    let batches: Vec<_> = batches.collect();
    let span = Span { lanes, begins: None, ends: None, latest: None, notes: Vec::new() };
    let scope = Scope::new(&span, &vec![0; partitions.len()], plan.lane.skew_ms, plan.lane.pane_ms);
    let mut keeper = Keeper::new(plan, scope, None, 0);
    let dir = tempfile::tempdir().unwrap();
    let mut sink = JsonlSink::new(dir.path(), &OutputKind::ALL);
    sink.start(true).unwrap();
    keeper.target = Target::Files(sink);
    Recompute::new(plan, &span, batches, None, &mut keeper).run(&mut |_, _| ()).unwrap();
    let text = std::fs::read_to_string(dir.path().join(format!("{}.jsonl", kind.as_str()))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check_order(partitions: &[&[i64]], expected: &str) {
    let posts = |minutes: &&[i64]| minutes.iter().map(|minute| (*minute, "east")).collect();
    let posts: Vec<Vec<Post>> = partitions.iter().map(posts).collect();
    let posts: Vec<&[Post]> = posts.iter().map(Vec::as_slice).collect();
    for at_once in [1, 2, 100] {
        let mentions = replayed(&plan(2), &posts, at_once, OutputKind::Mentions);
        let place = |mention: &Value| {
            let id = mention["post"]["id"].as_str().unwrap();
            id.strip_prefix("posts/").and_then(|id| id.split_once('#')).unwrap().0.to_owned()
        };
        let order: Vec<String> = mentions.iter().map(place).collect();
        assert_eq!(order.join(" "), expected, "{at_once} at once");
    }
}

#[test]
fn the_partition_that_is_furthest_behind_goes_on_and_of_two_the_first() {
    check_order(&[&[0, 10, 20], &[5, 15, 25]], "0@0 1@5 0@10 1@15 0@20 1@25");
    check_order(&[&[5, 15, 25], &[0, 10, 20]], "0@5 1@0 1@10 0@15 1@20 0@25");
    check_order(&[&[30, 40], &[30, 40]], "0@30 1@30 0@40 1@40");
    check_order(&[&[30, 40, 50], &[20, 30, 35]], "0@30 1@20 1@30 0@40 1@35 0@50");
    // What comes late moves nothing: the same goes on.
    check_order(&[&[10, 2, 3, 30], &[20, 25]], "0@10 1@20 0@2 0@3 0@30 1@25");
    check_order(&[&[], &[1, 2], &[1]], "1@1 2@1 1@2");
}

/// A rule's history begins with the first pane of the engine that watches it, of whatever brand. So incidents tell
/// which brands share an engine, and a replay must divide them as the run does.
#[test]
fn brands_of_different_parts_have_engines_of_their_own() {
    // `west` is not heard of before it surges; `east` is there for two days.
    let mut posts: Vec<Post> = (0..24).map(|n| (n * 120, "east")).collect();
    posts.extend([(2_880, "west"); 60]);
    posts.push((2_970, "east"));
    let incidents = |parts: i32| {
        let plan = plan(parts);
        let of = |brand: usize| part_of(&plan.brands[brand], parts);
        assert_eq!(of(0) == of(1), parts == 1);
        replayed(&plan, &[&posts], 100, OutputKind::Alerts)
    };
    let together = incidents(1);
    assert_eq!(together[0]["brand"], "west", "after a day of nothing it is a surge: {together:?}");
    assert_eq!(incidents(2), [] as [Value; 0], "nobody knows what is usual for it");
}
