//! The whole way of a post: analysis alone (decode, annotate), and the embedded run from a file into JSONL; and how
//! fast a lane's memory is read back.
//!
//! Posts and queries are those of `examples/gen_posts`: three feed shapes of about 450 bytes, 1,000 brand
//! queries, about half of the posts name a brand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

#[path = "../examples/gen_posts/brands.rs"]
mod brands;

use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use earful::aggregate::{Lane, LaneSettings, LaneState};
use earful::analysis::decode::{Format, decode};
use earful::analysis::{Annotator, Scratch};
use earful::config;
use earful::load::{BUNDLED, Generator, LoadRecord, LoadSettings, texts};
use earful::model::{Origin, ReadingOutcome, Record};
use earful::runtime::{self, RunOptions, Unwatched};

const BRANDS: usize = 1_000;
const RECORDS: usize = 20_000;
const LANE_POSTS: usize = 1_000_000;
const START_MS: i64 = 1_773_100_800_000;

fn records(brands: &[brands::Brand]) -> Vec<Vec<u8>> {
    let settings = LoadSettings {
        seed: 1,
        mix: "canonical=40,x_v1=35,bluesky_jetstream=25".parse().unwrap(),
        naming: 500_000,
        duplicates: 0,
        late: 0,
        malformed: 0,
        crisis: None,
    };
    let mut generator = Generator::new(settings, brands::named(brands), texts(BUNDLED)).unwrap();
    let mut record = LoadRecord::default();
    let mut next = |number: usize| {
        generator.next(START_MS + number as i64 * 100, &mut record);
        record.value.clone().into_bytes()
    };
    (0..RECORDS).map(&mut next).collect()
}

/// The pipeline and its posts in a folder.
fn folder(brands: &[brands::Brand], records: &[Vec<u8>]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("posts.jsonl"), records.join(&b'\n')).unwrap();
    fs::write(dir.path().join("pipeline.toml"), brands::pipeline(brands).unwrap()).unwrap();
    dir
}

fn analysis(c: &mut Criterion) {
    let brands = brands::invent(BRANDS, 1);
    let records = records(&brands);
    let dir = folder(&brands, &records);
    let plan = config::load(&dir.path().join("pipeline.toml")).unwrap().plan;
    let annotator = runtime::annotator(&plan);
    let mut group = c.benchmark_group("analysis");
    group.throughput(Throughput::Elements(records.len() as u64)).sample_size(20);
    group.bench_function("decode", |b| b.iter(|| decode_all(&records)));
    group.bench_function("read", |b| {
        let mut scratch = Scratch::default();
        b.iter(|| {
            let matched = read_all(&annotator, &records, &mut scratch);
            // A bench that finds too little measures the wrong thing.
            assert!(matched > RECORDS / 3, "{matched} of {RECORDS} posts match");
        });
    });
    group.finish();
}

fn decode_all(records: &[Vec<u8>]) {
    for payload in records {
        decode(&record(payload), Format::Auto, &mut |frame| {
            black_box(&frame);
        });
    }
}

fn read_all(annotator: &Annotator, records: &[Vec<u8>], scratch: &mut Scratch) -> usize {
    let mut readings = Vec::new();
    let mut matched = 0;
    for payload in records {
        readings.clear();
        annotator.read(&record(payload), Format::Auto, scratch, &mut readings);
        matched += readings.iter().filter(|r| matches!(r.outcome, ReadingOutcome::Matched(_))).count();
    }
    matched
}

fn record(payload: &[u8]) -> Record<'_> {
    Record { payload, received_at: None, origin: Origin::default() }
}

fn embedded_run(c: &mut Criterion) {
    let brands = brands::invent(BRANDS, 1);
    let records = records(&brands);
    let dir = folder(&brands, &records);
    let mut group = c.benchmark_group("embedded run");
    group.throughput(Throughput::Elements(records.len() as u64)).sample_size(10);
    group.bench_function("file to JSONL", |b| b.iter(|| run_once(dir.path())));
    group.finish();
}

fn run_once(dir: &Path) {
    let plan = config::load(&dir.join("pipeline.toml")).unwrap().plan;
    let options = RunOptions { fresh: true, ..RunOptions::default() };
    let summary = runtime::run(&plan, options, &mut Unwatched).unwrap();
    assert_eq!(summary.fates.received(), RECORDS as u64);
}

/// A lane that has seen `LANE_POSTS` posts, half of them mentions, from its journal.
fn restore(c: &mut Criterion) {
    let brands = brands::invent(BRANDS, 1);
    let records = records(&brands);
    let dir = folder(&brands, &records);
    let plan = config::load(&dir.path().join("pipeline.toml")).unwrap().plan;
    let (state, journal) = remember(&plan.lane, &runtime::annotator(&plan), &records);
    let mut group = c.benchmark_group("lane");
    group.throughput(Throughput::Elements(LANE_POSTS as u64)).sample_size(10);
    group.bench_function("restore", |b| {
        b.iter(|| {
            let records = journal.iter().map(Vec::as_slice);
            let lane = Lane::restore(plan.lane.clone(), state.clone(), records).unwrap();
            assert_eq!(lane.remembered(), LANE_POSTS);
        });
    });
    group.finish();
}

/// State and journal of a lane that has seen the posts again and again, each time as others.
fn remember(
    settings: &LaneSettings,
    annotator: &Annotator,
    records: &[Vec<u8>],
) -> (LaneState, Vec<Vec<u8>>) {
    let (mut lane, mut journal, mut scratch) = (Lane::new(settings.clone()), Vec::new(), Scratch::default());
    let mut identity = 0_u64;
    while lane.remembered() < LANE_POSTS {
        for payload in records {
            let mut readings = Vec::new();
            annotator.read(&record(payload), Format::Auto, &mut scratch, &mut readings);
            for mut reading in readings {
                identity += 1;
                reading.identity = identity.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                lane.accept(&reading, &mut |_| {});
            }
        }
        journal.push(lane.take_journal());
        drop(lane.take_delta());
    }
    (lane.state(), journal)
}

criterion_group!(benches, analysis, embedded_run, restore);
criterion_main!(benches);
