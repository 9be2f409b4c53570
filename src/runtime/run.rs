//! Starts the threads, runs the main loop, and says what came of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::checkpoint::StateDir;
use super::error::RunError;
use super::metering::Metering;
use super::outputs::Outputs;
use super::queries::Queries;
use super::queue::FeedQueue;
use super::reload::Reloader;
use super::restore::{Start, start};
use super::sequencer::{Saving, Sequencer};
use super::summary::Summary;
use super::worker::{Analysis, Event, work};
use crate::analysis::query::QuerySet;
use crate::analysis::sentiment::Scorer;
use crate::analysis::text::Tokenizer;
use crate::analysis::{Annotator, Rules};
use crate::config::{Plan, SinkPlan, Source};
use crate::feeds::{Batch, FeedPosition, FeedReader, Limits, Permits, PushBatch};
use crate::metrics::Metrics;
use crate::model::{BrandId, MetricRow, OutputKind, Timestamp};
use crate::sinks::{JsonlSink, NullSink, Sink, StdoutSink};

/// Batches of about this size keep threads busy without holding much memory.
pub const BATCH_BYTES: usize = 256 << 10;

/// Batches that may be read and analysed while the main loop waits for the disk at a checkpoint.
const AHEAD: usize = 44;

/// Looks on while a run works. Called from the main loop: it must not block.
pub trait Watcher {
    /// State is restored and reading begins. `watermark` is where the last run left off.
    fn ready(&mut self, watermark: Option<Timestamp>) {
        let _ = watermark;
    }

    /// Some records are done.
    fn progress(&mut self, records: u64, received: u64, watermark: Timestamp) {
        let _ = (records, received, watermark);
    }

    /// True when the rows of open panes are wanted at every checkpoint.
    fn wants_open_rows(&self) -> bool {
        false
    }

    /// The rows of all open panes.
    fn open_rows(&mut self, rows: Vec<MetricRow>) {
        let _ = rows;
    }
}

/// Nobody looks on.
#[derive(Debug, Default)]
pub struct Unwatched;

impl Watcher for Unwatched {}

/// How to run a plan. None of it shows in the outputs.
pub struct RunOptions {
    /// Analysis threads.
    pub workers: usize,
    /// Target size of a batch in bytes.
    pub batch_bytes: usize,
    /// Throw away saved state and outputs, and start anew.
    pub fresh: bool,
    /// Set it to end the run after a checkpoint.
    pub stop: Arc<AtomicBool>,
    /// Sinks beside those of the plan.
    pub sinks: Vec<Box<dyn Sink>>,
    /// Where pushed posts come in, for a plan with a push feed.
    pub pushed: Option<Receiver<PushBatch>>,
    /// Counts the work.
    pub metrics: Option<Arc<Metrics>>,
    /// Set it to have the queries read again; without it, changes of their files do nothing either.
    pub reload: Option<Arc<AtomicBool>>,
}

impl Default for RunOptions {
    fn default() -> RunOptions {
        RunOptions {
            workers: thread::available_parallelism().map_or(1, usize::from),
            batch_bytes: BATCH_BYTES,
            fresh: false,
            stop: Arc::default(),
            sinks: Vec::new(),
            pushed: None,
            metrics: None,
            reload: None,
        }
    }
}

/// The annotator of a plan: the queries of its brands, filters and rules, and its text options.
#[must_use]
pub fn annotator(plan: &Plan) -> Annotator {
    let brands = plan.brands.iter().map(|brand| &*brand.query);
    let queries = brands.chain(plan.filters.iter().map(|filter| &filter.query));
    let retired = |id: u32| plan.brands.get(id as usize).is_some_and(|brand| brand.is_retired);
    let queries = queries.zip(0..).filter(|(_, id)| !retired(*id));
    let queries = queries.map(|(query, id)| (BrandId(id), query.clone())).collect();
    let queries = QuerySet::compile(queries, plan.text);
    let brands = plan.brands.iter().map(crate::config::BrandPlan::label).collect();
    let filters = plan.filters.iter().map(|filter| Arc::clone(&filter.name)).collect();
    let scorer = scorer(plan);
    let own = own_scorers(plan, &scorer);
    let annotator = Annotator::new(Tokenizer::new(plan.text), queries, scorer, brands, filters);
    let annotator = annotator.with_own_scorers(own);
    if plan.rules.is_empty() {
        return annotator;
    }
    let rules = plan.rules.iter().map(|plan| (plan.rule.clone(), plan.query.clone())).collect();
    annotator.with_rules(Rules::compile(rules, plan.text))
}

/// The rules and models of a plan.
fn scorer(plan: &Plan) -> Scorer {
    let base = if plan.sentiment.rules_only { Scorer::rules() } else { Scorer::builtin() };
    let scorer = plan.sentiment.models.iter().cloned().fold(base, Scorer::with_model);
    let scorer = plan.sentiment.emotions.iter().cloned().fold(scorer, Scorer::with_emotions);
    scorer.with_house(plan.sentiment.lexicon.compile())
}

/// The scorers of brands that have a house lexicon of their own.
fn own_scorers(plan: &Plan, scorer: &Scorer) -> Vec<(BrandId, Scorer)> {
    let brands = plan.brands.iter().zip(0..).filter(|(brand, _)| !brand.lexicon.is_empty());
    let own = |(brand, id): (&crate::config::BrandPlan, u32)| {
        let terms = brand.lexicon.over(&plan.sentiment.lexicon);
        (BrandId(id), scorer.clone().with_house(terms.compile()))
    };
    brands.map(own).collect()
}

/// Runs a plan until its feeds end or it is stopped.
///
/// # Errors
/// When an input, an output or the state fails; the state on disk is then that of the last checkpoint.
pub fn run(plan: &Plan, mut options: RunOptions, watcher: &mut dyn Watcher) -> Result<Summary, RunError> {
    let began = Instant::now();
    let state = StateDir::open(&plan.state.dir)?;
    let outputs = Outputs::new(open_sinks(plan, &mut options));
    let Start { core, journals, positions, resumed } = start(plan, &state, outputs, options.fresh)?;
    let before = core.fates();
    watcher.ready(resumed.then(|| core.engine.watermark()));

    let stop = Arc::clone(&options.stop);
    let queries = Queries::new(plan);
    if let Some(asked) = &options.reload {
        Reloader::start(&queries, asked, &stop, options.metrics.clone()).map_err(RunError::Thread)?;
    }
    let (events, handed) = start_threads(plan, &queries, &mut options, &positions)?;
    let queue = |source: &Source| FeedQueue::new(source.is_live(), Instant::now());
    let mut sequencer = Sequencer {
        plan,
        in_force: queries.in_force(),
        core,
        journals,
        positions,
        queues: plan.feeds.iter().map(|feed| queue(&feed.source)).collect(),
        events,
        stop: Arc::clone(&stop),
        handed,
        state,
        watcher,
        metrics: options.metrics,
        replies: Vec::new(),
        records: 0,
        saving: Saving::new(),
    };
    // From now on the state knows of the outputs, so that a crash before the next checkpoint leaves
    // nothing that the next run would take for somebody else's.
    let result = sequencer.checkpoint().and_then(|()| sequencer.run());
    // Readers that are still there must not go on, whatever the reason for the end.
    stop.store(true, Ordering::SeqCst);
    let ended = result?;
    let core = &sequencer.core;
    Ok(Summary {
        pipeline: plan.name.clone(),
        records: sequencer.records,
        fates: core.fates().since(&before),
        mentions: core.outputs.count(OutputKind::Mentions),
        rows: core.outputs.count(OutputKind::Metrics),
        alerts: core.outputs.count(OutputKind::Alerts),
        dead: core.outputs.count(OutputKind::Dead),
        elapsed: began.elapsed(),
        stopped: !ended,
        resumed,
        files: core.outputs.files(),
        state: plan.state.dir.clone(),
    })
}

/// The one list of sinks.
fn open_sinks(plan: &Plan, options: &mut RunOptions) -> Vec<Box<dyn Sink>> {
    let open = |sink: &SinkPlan| -> Box<dyn Sink> {
        match sink {
            SinkPlan::Jsonl { dir, kinds } => Box::new(JsonlSink::new(dir, kinds)),
            SinkPlan::Stdout { kinds } => Box::new(StdoutSink::new(kinds)),
            SinkPlan::Null => Box::new(NullSink),
        }
    };
    let mut sinks: Vec<Box<dyn Sink>> = plan.sinks.iter().map(open).collect();
    sinks.append(&mut options.sinks);
    if let Some(metrics) = &options.metrics {
        let brands = plan.brands.iter().map(|brand| brand.id.clone()).collect();
        sinks.push(Box::new(Metering::new(Arc::clone(metrics), brands)));
    }
    sinks
}

type Threads = (Receiver<Event>, Vec<Arc<AtomicU64>>);

/// Starts workers and readers. They end by themselves when the main loop lets go of its ends of the
/// channels; a reader that waits for standard input is left behind.
fn start_threads(
    plan: &Plan,
    queries: &Arc<Queries>,
    options: &mut RunOptions,
    positions: &[Option<FeedPosition>],
) -> Result<Threads, RunError> {
    let workers = options.workers.max(1);
    let (work_in, work_out) = bounded::<Batch>(workers);
    // Not bounded by itself: the permits of the readers bound it.
    let (event_in, event_out) = unbounded();
    let analysis = Arc::new(Analysis {
        queries: Arc::clone(queries),
        turn: Mutex::default(),
        feeds: plan.feeds.clone(),
        metrics: options.metrics.clone(),
    });
    for number in 0..workers {
        let (analysis, batches, events) = (Arc::clone(&analysis), work_out.clone(), event_in.clone());
        spawn(format!("worker-{number}"), move || work(&analysis, &batches, &events))?;
    }
    let permits = (2 * workers + AHEAD).div_ceil(plan.feeds.len().max(1)).max(2);
    let mut handed = Vec::new();
    for (feed, plan_feed) in plan.feeds.iter().enumerate() {
        let counter = Arc::new(AtomicU64::new(0));
        let live = plan_feed.source.is_live();
        let reader = FeedReader {
            feed,
            source: plan_feed.source.clone(),
            resume: positions.get(feed).cloned().flatten().filter(|_| !live),
            limits: Limits {
                batch_bytes: options.batch_bytes,
                max_record_bytes: plan.max_record_bytes,
                live,
            },
            permits: Permits::new(permits),
            work: work_in.clone(),
            stop: Arc::clone(&options.stop),
            handed: Arc::clone(&counter),
            pushed: if plan_feed.source == Source::Push { options.pushed.take() } else { None },
        };
        let events = event_in.clone();
        let name = format!("feed-{}", plan_feed.name);
        let count = Arc::clone(&counter);
        spawn(name, move || read(feed, reader, &count, &events))?;
        handed.push(counter);
    }
    Ok((event_out, handed))
}

fn read(feed: usize, reader: FeedReader, handed: &AtomicU64, events: &Sender<Event>) {
    let error = reader.run().err();
    let batches = handed.load(Ordering::SeqCst);
    // The main loop may be gone; then nobody needs to know.
    let _ = events.send(Event::Ended { feed, batches, error });
}

fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> Result<(), RunError> {
    // Thread names end up in the operating system, which takes no NUL.
    let name = name.replace('\0', "_");
    thread::Builder::new().name(name).spawn(body).map(drop).map_err(RunError::Thread)
}
