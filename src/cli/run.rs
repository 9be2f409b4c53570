//! `earful run`: the main job.

mod misplaced;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
#[cfg(feature = "http")]
use std::sync::atomic::Ordering;

use anyhow::Context;
use clap::Args;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::logs::LogArgs;
use super::progress::Progress;
#[cfg(feature = "kafka")]
use super::topics::RoleName;
use super::{EXIT_USAGE, say};
use crate::config::{self, Loaded, Plan};
#[cfg(feature = "kafka")]
use crate::kafka::{KafkaError, KafkaOptions, Role};
use crate::model::Timestamp;
#[cfg(feature = "kafka")]
use crate::runtime::Queries;
use crate::runtime::{self, RunError, RunOptions, Summary, Watcher};

/// Run a pipeline: read its feeds, write mentions, metrics and alerts.
///
/// Goes on exactly where the last run stopped or crashed: outputs are cut back to the last checkpoint and
/// written on from there, so every post is in them once. Run it again when a file has grown, and only the
/// new posts are read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful run pipelines/airlines.toml                     run, or go on
  earful run --fresh pipelines/airlines.toml             forget the saved state, overwrite the outputs
  zcat posts.jsonl.gz | earful run mine.toml             with a feed of type \"stdin\" in mine.toml
  earful run --stay pipelines/airlines.toml              read all, then serve the numbers until Ctrl-C
  earful run --log-format json pipelines/push.toml       a server that takes pushed posts

SIGHUP reads the pipeline's queries again, and so does a change of their files.
Ctrl-C (SIGINT) or SIGTERM stops after a checkpoint, with exit code 0; a second one stops at once.
Exit codes: 0 done or stopped, 1 an input failed, 2 the pipeline has problems, 3 the disk or system failed.")]
pub struct RunArgs {
    /// The pipeline file.
    pipeline: PathBuf,
    /// Analysis threads [default: one for each core]. The outputs do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    /// Read in pieces of about so many bytes [default: 262144], for a pipeline without a table `kafka`. The outputs do not
    /// depend on it.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    batch_bytes: Option<u64>,
    /// Start anew: throw away the saved state and overwrite the outputs. For a pipeline without a table `kafka`.
    #[arg(long)]
    fresh: bool,
    /// When all feeds have ended, go on serving the read API until Ctrl-C. Needs an `http` table in the pipeline, and no
    /// table `kafka`.
    #[arg(long)]
    stay: bool,
    /// What this process does, for a pipeline with a table `kafka` [default: listen,tally,serve,deliver].
    #[cfg(feature = "kafka")]
    #[arg(long = "role", value_name = "ROLE", value_delimiter = ',', value_enum)]
    roles: Option<Vec<RoleName>>,
    /// A name of this process that stays the same when it is started again, for a pipeline with a table `kafka`: it then
    /// gets its partitions back at once. Every process needs one of its own.
    #[cfg(feature = "kafka")]
    #[arg(long, value_name = "NAME")]
    instance: Option<String>,
    #[command(flatten)]
    logs: LogArgs,
}

/// Runs the command.
///
/// # Errors
/// When signals cannot be caught.
pub fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    args.logs.start();
    let plan = match config::load(&args.pipeline) {
        Ok(Loaded { plan, warnings }) => {
            warnings.0.iter().for_each(|warning| say(&warning.to_string()));
            plan
        }
        Err(problems) => {
            say(&problems.to_string());
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let problems = misplaced::problems(&args, &plan);
    if !problems.is_empty() {
        problems.iter().for_each(|problem| say(&format!("earful: {problem}")));
        return Ok(ExitCode::from(EXIT_USAGE));
    }
    // A run sets its stop flag itself when it ends; `quit` is what the user says.
    let (stop, quit) = (Arc::default(), Arc::default());
    catch_signals(&stop, &quit)?;
    let reload: Arc<AtomicBool> = Arc::default();
    signal_hook::flag::register(SIGHUP, Arc::clone(&reload)).context("cannot catch signals")?;
    #[cfg(feature = "kafka")]
    if plan.kafka.is_some() {
        return Ok(run_kafka(&plan, &args, &stop, &reload));
    }
    let mut options = RunOptions { fresh: args.fresh, stop, reload: Some(reload), ..RunOptions::default() };
    if let Some(bytes) = args.batch_bytes {
        options.batch_bytes = bytes as usize;
    }
    if let Some(workers) = args.workers {
        options.workers = usize::from(workers);
    }
    match execute(&plan, options, args.stay.then_some(&quit)) {
        Ok(summary) => {
            say(&summary.to_string());
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            say(&format!("earful: {error}"));
            Ok(ExitCode::from(error.exit_code()))
        }
    }
}

#[cfg(feature = "kafka")]
fn run_kafka(plan: &Plan, args: &RunArgs, stop: &Arc<AtomicBool>, reload: &Arc<AtomicBool>) -> ExitCode {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = KafkaOptions {
        roles: args
            .roles
            .as_ref()
            .map_or_else(|| Role::ALL.to_vec(), |roles| roles.iter().map(|role| (*role).into()).collect()),
        workers: args.workers.map_or(cores, usize::from),
        instance: args.instance.clone(),
        stop: Arc::clone(stop),
        queries: Some(Queries::new(plan)),
        reload: Some(Arc::clone(reload)),
        ..KafkaOptions::default()
    };
    match execute_kafka(plan, options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("earful: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

/// Runs with HTTP around it where the plan wants it.
#[cfg(feature = "kafka")]
fn execute_kafka(plan: &Plan, options: KafkaOptions) -> Result<(), KafkaError> {
    #[cfg(feature = "http")]
    if let Some(http) = &plan.http {
        return super::serve_kafka::execute(plan, http, options);
    }
    crate::kafka::run(plan, &options)
}

/// SIGINT and SIGTERM set both flags; the second signal ends the process at once.
pub(super) fn catch_signals(stop: &Arc<AtomicBool>, quit: &Arc<AtomicBool>) -> anyhow::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(quit))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(stop)))
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(quit)))
            .context("cannot catch signals")?;
    }
    Ok(())
}

/// Runs the plan with everything around it: progress, and HTTP where the plan wants it, with `stay_until`
/// also after the end.
fn execute(
    plan: &Plan,
    options: RunOptions,
    stay_until: Option<&Arc<AtomicBool>>,
) -> Result<Summary, RunError> {
    #[cfg(feature = "http")]
    if let Some(http) = &plan.http {
        return super::serve::execute_then(plan, http, options, &mut |_, address| {
            if let Some(quit) = stay_until.filter(|quit| !quit.load(Ordering::SeqCst)) {
                say(&format!("all is read; serving http://{address} until Ctrl-C"));
                wait_for(quit);
            }
        });
    }
    let _ = stay_until;
    let mut screen = Screen(Progress::new());
    let result = runtime::run(plan, options, &mut screen);
    screen.0.clear();
    result
}

#[cfg(feature = "http")]
fn wait_for(stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

struct Screen(Progress);

impl Watcher for Screen {
    fn progress(&mut self, _: u64, received: u64, watermark: Timestamp) {
        self.0.show(received, watermark);
    }
}
