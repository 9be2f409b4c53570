//! `earful demo`: a bundled, seeded scenario through the real pipeline.
//!
//! Nothing here is special: the scenario is written as feed files beside a pipeline file, which then runs as
//! `earful run` runs it; what is shown at the end is read from the output files.

pub(crate) mod cast;
pub(crate) mod charts;
pub(crate) mod crisis;
pub(crate) mod damage;
mod execute;
pub(crate) mod folder;
pub(crate) mod phrases;
pub(crate) mod post;
mod report;
pub mod scenario;
pub mod summary;
pub(crate) mod talk;
pub(crate) mod wire;
pub(crate) mod world;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{EXIT_FAILURE, EXIT_USAGE, say};
use crate::config::{self, Loaded, Plan};
use crate::load::rng;
use crate::runtime::{RunError, Summary};
use charts::thousands;
use folder::FolderError;
use report::Palette;
use scenario::Staged;

/// See earful work on a bundled scenario: two days, three airlines, two languages, one crisis.
///
/// Writes a pipeline file and six feed files into a folder, runs the pipeline, and prints volume, net sentiment,
/// share of voice and incidents from the output files. On a terminal it then serves the numbers on loopback
/// until Ctrl-C. Everything in the scenario is invented.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful demo                      write ./earful-demo, run, print, serve until Ctrl-C
  earful demo --once > demo.txt    no progress, no colour, ends after printing
  earful demo --seed 7 --out /tmp/seven

Exit codes: 0 fine, 2 the folder holds something else, 3 the disk or system failed.")]
pub struct DemoArgs {
    /// Folder to write into; an earlier demo in it is replaced, anything else is left alone.
    #[arg(long, value_name = "DIR", default_value = "earful-demo")]
    out: PathBuf,
    /// The same seed gives the same posts, byte for byte.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// For scripts: no progress, no colour, no serving. Implied when standard output is no terminal.
    #[arg(long)]
    once: bool,
}

/// Runs the command.
///
/// # Errors
/// The folder or the output files cannot be written or read.
pub fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let once = args.once || !io::stdout().is_terminal();
    if let Err(error) = folder::prepare(&args.out) {
        say(&format!("earful: {error}"));
        let code = if matches!(error, FolderError::Foreign(_)) { EXIT_USAGE } else { EXIT_FAILURE };
        return Ok(ExitCode::from(code));
    }
    let staged = write_scenario(args, once)?;
    let plan = match config::load(&args.out.join(folder::PIPELINE_NAME)) {
        Ok(Loaded { plan, .. }) => plan,
        Err(problems) => {
            say(&problems.to_string());
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let mut printed = Ok(());
    let result = execute::execute(plan, once, &mut |plan, done, address| {
        printed = print(args, &staged, plan, done, once, address);
    });
    printed?;
    Ok(exit_code(result))
}

fn exit_code(result: Result<Summary, RunError>) -> ExitCode {
    match result {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("earful: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

fn write_scenario(args: &DemoArgs, once: bool) -> anyhow::Result<Staged> {
    let bar = if once || !io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new(48) };
    if let Ok(style) = ProgressStyle::with_template("writing two days of posts {bar:30} hour {pos} of {len}")
    {
        bar.set_style(style);
    }
    let posts = args.out.join("posts");
    let staged = scenario::write(&posts, args.seed, |hour| bar.set_position(hour))
        .with_context(|| format!("cannot write the posts into {}", posts.display()));
    bar.finish_and_clear();
    staged
}

/// Prints the summary; `address` is where the numbers are served, if they are.
fn print(
    args: &DemoArgs,
    staged: &Staged,
    plan: &Plan,
    done: &Summary,
    once: bool,
    address: Option<String>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let found = summary::read(&args.out.join("out"))?;
    tracing::debug!(elapsed = ?began.elapsed(), "summary read");
    let colour = !once && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let context = report::Context {
        brands: plan.brands.iter().map(|b| (b.id.as_str(), b.name.as_str())).collect(),
        fates: &done.fates,
        next: next(args, address.as_deref()),
        palette: if colour { Palette::coloured() } else { Palette::plain() },
    };
    let mut out = io::stdout().lock();
    let head = format!(
        "{} records of six feeds (seed {}) through the pipeline in {:.1} s",
        thousands(staged.total() as i64),
        args.seed,
        done.elapsed.as_secs_f64()
    );
    let mut shown = format!("{head}\n{}", report::render(&found, &context));
    if done.stopped {
        shown.push_str("\nStopped before the end of the feeds: the numbers are those of a part.\n");
    }
    if let Some(address) = address {
        shown.push_str(&format!("\nServing http://{address}/v1/brands until Ctrl-C.\n"));
    }
    // A reader such as `head` may have gone; that is no failure of the demo.
    match out.write_all(shown.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e).context("cannot write to standard output"),
        _ => Ok(()),
    }
}

/// Three commands worth trying.
fn next(args: &DemoArgs, address: Option<&str>) -> Vec<(String, &'static str)> {
    let out = args.out.display();
    let first = match address {
        Some(address) => (
            format!("curl 'http://{address}/v1/metrics?brand=panunion&resolution=hour'"),
            "the same numbers by HTTP, in another terminal",
        ),
        None => {
            (format!("tail -n 1 {out}/out/alerts.jsonl"), "the incident's last record, with its evidence")
        }
    };
    vec![
        first,
        (
            format!("head -n 1 {out}/posts/weibo.jsonl | earful analyse --query '玉翼 OR 泛联航空' -"),
            "one post as earful sees it",
        ),
        (
            "earful check pipelines/airlines.toml".to_owned(),
            "a commented pipeline with its own tests, in the repository",
        ),
    ]
}
