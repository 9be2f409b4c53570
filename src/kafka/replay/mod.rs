//! A span of the log again, with the present pipeline or another one, and how that differs from what was published.
//!
//! Records are read by hand: no group is joined, nothing is committed, and neither the posts topics nor anything that
//! was published is written to. What is compared is what both sides can know: see `docs/kafka.md`.

mod compare;
mod keeper;
mod needs;
mod published;
mod read;
mod recompute;
mod report;
mod scope;
mod span;
mod substance;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

pub use report::{
    AlertDifference, AlertExample, AlertState, BrandDifference, Difference, MentionDifference,
    MentionExample, MetricDifference, ReadPartition, ReplayReport, RowExample,
};
pub use span::Place;
pub use target::ReplayInto;

use self::keeper::Keeper;
use self::published::{Published, Reached};
use self::recompute::Recompute;
use self::scope::Scope;
use self::span::{Span, Wanted};
use self::target::Opening;
use super::clients::Clients;
use super::error::KafkaError;
use super::listen::{Feeds, PostReading};
use super::names::Names;
use super::partition::Partition;
use super::restore::Reader;
use super::topics::{inputs, required};
use crate::config::Plan;
use crate::model::{Fate, Label, Timestamp};
use crate::runtime::Queries;

/// What to replay.
#[derive(Clone, Debug)]
pub struct ReplayOptions {
    /// Where the span begins.
    pub from: Place,
    /// Where it ends.
    pub to: Place,
    /// How much before the span is read, so that lanes and rules know what they knew then. None: as much as the
    /// plan needs, but for the two weeks of a surge rule.
    pub warm_up_ms: Option<i64>,
    /// Where what comes out is written.
    pub into: ReplayInto,
    /// At most so many examples of each kind of difference.
    pub examples: usize,
    /// Threads that read and analyse. What comes out does not depend on it.
    pub workers: usize,
}

/// Everything that stays the same while a replay goes on.
struct Setup<'a> {
    plan: Plan,
    options: &'a ReplayOptions,
    clients: Clients,
    names: Names,
    feeds: Arc<Feeds>,
    reader: Reader,
    /// Every partition that there is.
    all: Vec<Partition>,
    /// Those of posts.
    posts: Vec<Partition>,
}

/// Replays a span of what `pipeline` reads, with the brands, filters, rules and settings of `with`. `watch` is told
/// how many records are done, and how far event time has come.
///
/// # Errors
/// When the span or where to write makes no sense, a topic is missing, or the brokers or the disk fail.
pub fn replay(
    pipeline: &Plan,
    with: &Plan,
    options: &ReplayOptions,
    watch: &mut dyn FnMut(u64, Timestamp),
) -> Result<ReplayReport, KafkaError> {
    let setup = Setup::new(pipeline, with, options)?;
    let published = setup.published();
    published.check()?;
    let opening = setup.opening()?;
    opening.check(&options.into)?;
    // First of all: what is published by now was made of posts that are there now.
    let reached = published.reached(&setup.posts)?;
    let plan = &setup.plan;
    let warm_up_ms = options.warm_up_ms.unwrap_or_else(|| needs::warm_up_ms(plan));
    let wanted = Wanted { from: options.from, to: options.to, warm_up_ms };
    let span = span::resolve(&setup.reader, &setup.posts, wanted)?;
    let scope = Scope::new(&span, &reached.committed, plan.lane.skew_ms, plan.lane.pane_ms);
    let mut keeper = Keeper::new(plan, scope, reached.watermark, options.examples);
    published.read_rows(&keeper.scope, &mut keeper.comparison)?;
    keeper.target = opening.open(&options.into)?;
    let played = setup.play(&span, &reached, &mut keeper, watch)?;
    published.read_mentions(&keeper.scope, &mut keeper.comparison)?;
    let mut notes = span.notes.clone();
    notes.extend(needs::notes(plan, &span, warm_up_ms));
    notes.extend(published.notes()?);
    setup.report(&span, keeper, played, notes)
}

/// What a replay has gone through.
struct Played {
    records: u64,
    warm_up_records: u64,
    fates: BTreeMap<&'static str, u64>,
    watermark: Timestamp,
}

impl<'a> Setup<'a> {
    fn new(pipeline: &Plan, with: &Plan, options: &'a ReplayOptions) -> Result<Setup<'a>, KafkaError> {
        let kafka = required(pipeline)?;
        let (clients, names) = (Clients::new(kafka, None)?, Names::of(kafka));
        // What is read, and how it is divided, is up to the pipeline that has published.
        let plan = Plan { kafka: pipeline.kafka.clone(), feeds: pipeline.feeds.clone(), ..with.clone() };
        let feeds = Arc::new(Feeds::of(&plan, &names));
        let reader = Reader::new(&clients, &format!("{}-replay", names.listen_group))?;
        let all = reader.partitions(&|_| true)?;
        if inputs(&feeds, &all)?.is_empty() {
            return Err(KafkaError::Unfit("no topic matches the feeds of the pipeline".to_owned()));
        }
        let posts =
            all.iter().filter(|partition| feeds.feed_of(&partition.topic).is_some()).cloned().collect();
        Ok(Setup { plan, options, clients, names, feeds, reader, all, posts })
    }

    fn published(&self) -> Published<'_> {
        Published { clients: &self.clients, names: &self.names, reader: &self.reader, all: &self.all }
    }

    fn opening(&self) -> Result<Opening<'_>, KafkaError> {
        let Setup { plan, clients, feeds, reader, all, .. } = self;
        Ok(Opening { clients, plan, kafka: required(plan)?, feeds, reader, all })
    }

    /// Reads and analyses on threads, plays on this one.
    fn play(
        &self,
        span: &Span,
        reached: &Reached,
        keeper: &mut Keeper,
        watch: &mut dyn FnMut(u64, Timestamp),
    ) -> Result<Played, KafkaError> {
        let (shares, batches) = read::shares(&span.lanes, self.options.workers);
        let (stop, queries) = (AtomicBool::new(false), Queries::new(&self.plan));
        let group = format!("{}-replay", self.names.listen_group);
        thread::scope(|scope| {
            let (stop, group) = (&stop, &group);
            let threads: Vec<_> = shares
                .into_iter()
                .map(|share| {
                    let (queries, feeds) = (Arc::clone(&queries), Arc::clone(&self.feeds));
                    let reading = PostReading::new(queries, feeds, self.plan.max_record_bytes, None);
                    scope.spawn(move || read::read(share, &self.clients, group, reading, stop))
                })
                .collect();
            let mut recompute = Recompute::new(&self.plan, span, batches, reached.watermark, keeper);
            let played = recompute.run(watch).map(|watermark| recompute.played(watermark));
            drop(recompute);
            stop.store(true, Ordering::SeqCst);
            // Where a thread has failed, that is the reason.
            let all = threads.into_iter().map(|thread| thread.join().unwrap_or(Err(KafkaError::Panicked)));
            all.fold(Ok(()), Result::and).and(played)
        })
    }

    fn report(
        &self,
        span: &Span,
        keeper: Keeper,
        played: Played,
        mut notes: Vec<String>,
    ) -> Result<ReplayReport, KafkaError> {
        let Keeper { comparison, scope, other_rows, outputs, until, .. } = keeper;
        let until = until.map(|until| until.min(played.watermark));
        let compared_until = until.filter(|time| *time > Timestamp::MIN);
        let at_most = compared_until.unwrap_or(Timestamp::MIN);
        let mut difference = comparison.finish(at_most, self.options.examples, &|lane| scope.name(lane));
        let other_rows = other_rows.into_iter().map(|((_, key), row)| (key, row)).collect();
        self.add_fields(&scope, &other_rows, &mut difference)?;
        if difference.compared() == 0 {
            notes.push("nothing of the span can be compared: the run has not come so far, or it published nothing of it".to_owned());
        }
        let partition = |(at, lane): (usize, &span::LaneSpan)| ReadPartition {
            partition: lane.partition.to_string(),
            warm_up_from: lane.read_from,
            from: lane.from,
            to: lane.to,
            published_to: scope.end(at),
        };
        Ok(ReplayReport {
            partitions: span.lanes.iter().enumerate().map(partition).collect(),
            warm_up_records: played.warm_up_records,
            records: played.records,
            fates: played.fates,
            outputs,
            compared_from: scope.begins(),
            compared_until,
            difference,
            notes,
        })
    }

    /// Says of the rows that are shown which fields are other. The published ones are read again for that: all of
    /// them would not fit into memory.
    fn add_fields(
        &self,
        scope: &Scope,
        replayed: &BTreeMap<String, Vec<u8>>,
        difference: &mut Difference,
    ) -> Result<(), KafkaError> {
        let keys: BTreeSet<&str> = replayed.keys().map(String::as_str).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let published = self.published().rows(scope, &keys)?;
        for example in &mut difference.metrics.examples {
            if let (Some(published), Some(replayed)) =
                (published.get(&example.key), replayed.get(&example.key))
            {
                example.fields = report::fields(published, replayed);
            }
        }
        Ok(())
    }
}

impl Recompute<'_> {
    fn played(&self, watermark: Timestamp) -> Played {
        let fates = self.fates();
        let fates = Fate::ALL.iter().map(|fate| (fate.as_str(), fates.of(*fate))).collect();
        Played { records: self.records, warm_up_records: self.warm_up_records, fates, watermark }
    }
}

impl Keeper {
    fn new(plan: &Plan, scope: Scope, published: Option<Timestamp>, limit: usize) -> Keeper {
        let until = scope.until(published);
        Keeper {
            target: target::Target::Nothing,
            comparison: compare::Comparison::default(),
            scope,
            brands: plan.brands.iter().map(|brand| Label::from(brand.id.as_str())).collect(),
            until,
            other_rows: BTreeMap::new(),
            limit,
            outputs: BTreeMap::new(),
            value: Vec::new(),
        }
    }
}
