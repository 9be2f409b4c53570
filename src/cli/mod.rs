//! The command line: one subcommand a file.
//!
//! To add one: write its `Args` and its function in a file of its own, and add a line to `Command` and to
//! the `match` in `dispatch`.

pub mod analyse;
pub mod calibrate;
pub mod check;
pub mod completions;
pub mod demo;
mod labelled;
#[cfg(feature = "kafka")]
pub mod lanes;
#[cfg(feature = "kafka")]
pub mod load;
mod logs;
mod posts;
mod progress;
pub mod query;
#[cfg(feature = "http")]
mod refill;
#[cfg(feature = "kafka")]
pub mod replay;
pub mod run;
pub mod score;
#[cfg(feature = "http")]
mod serve;
#[cfg(all(feature = "http", feature = "kafka"))]
mod serve_kafka;
#[cfg(feature = "kafka")]
pub mod topics;
pub mod train;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// All is well.
pub const EXIT_OK: u8 = 0;
/// The input or a check failed.
pub const EXIT_INPUT: u8 = 1;
/// Wrong usage, or a pipeline that cannot run.
pub const EXIT_USAGE: u8 = 2;
/// The disk, the network or the system failed.
pub const EXIT_FAILURE: u8 = 3;

const ABOUT: &str = "\
Social listening: posts in, brand mentions, metrics and crisis alerts out.

A pipeline file (TOML) says where posts come from, which brands to find in them, when to raise an alert, \
and where the results go.";

const AFTER: &str = "\
Examples:
  earful demo                                  see it work on a bundled scenario
  earful check pipelines/airlines.toml         every problem of a pipeline at once, then its tests
  earful run pipelines/airlines.toml           read, write, and go on there next time
  earful analyse posts.jsonl | head -1         what earful sees in a post
  earful query check brands/*.bwq              every problem of brand queries, underlined
  earful score --text lines.txt                the sentiment of texts, and why
  earful completions bash > earful.bash        shell completions

Exit codes:
  0  fine; also after a graceful stop by SIGINT or SIGTERM
  1  the input or a check failed (a damaged file, a failed pipeline test), or a replay differs
  2  wrong usage, a pipeline with problems, or saved state that does not fit it
  3  the disk, the network or the system failed; the same command goes on from the last checkpoint";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "earful", version, about = ABOUT, after_help = AFTER, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Run(run::RunArgs),
    Analyse(analyse::AnalyseArgs),
    Check(check::CheckArgs),
    Query(query::QueryArgs),
    Score(score::ScoreArgs),
    Train(train::TrainArgs),
    Calibrate(calibrate::CalibrateArgs),
    #[cfg(feature = "kafka")]
    Topics(topics::TopicsArgs),
    #[cfg(feature = "kafka")]
    Lanes(lanes::LanesArgs),
    #[cfg(feature = "kafka")]
    Load(load::LoadArgs),
    #[cfg(feature = "kafka")]
    Replay(replay::ReplayArgs),
    Completions(completions::CompletionsArgs),
}

/// Reads the command line, does what it says, and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are no errors; clap prints them to the standard output.
            let code = if e.use_stderr() { EXIT_USAGE } else { EXIT_OK };
            let _ = e.print();
            return ExitCode::from(code);
        }
    };
    dispatch(cli.command).unwrap_or_else(|e| {
        say(&format!("earful: {e:#}"));
        ExitCode::from(EXIT_FAILURE)
    })
}

fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(args) => demo::run(&args),
        Command::Run(args) => run::run(args),
        Command::Analyse(args) => analyse::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Score(args) => score::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        #[cfg(feature = "kafka")]
        Command::Topics(args) => topics::run(&args),
        #[cfg(feature = "kafka")]
        Command::Lanes(args) => lanes::run(&args),
        #[cfg(feature = "kafka")]
        Command::Load(args) => load::run(&args),
        #[cfg(feature = "kafka")]
        Command::Replay(args) => replay::run(&args),
        Command::Completions(args) => completions::run(&args),
    }
}

/// A line for people. Standard error may be gone; then nobody listens.
pub(crate) fn say(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}
