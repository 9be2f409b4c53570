//! `earful query ...`: brand queries treated as code. One subcommand a file.
//!
//! What a query means is decided in `analysis::query`; here are files, terminals and exit codes.

mod check;
mod convert;
mod diff;
mod eval;
mod explain;
mod fmt;
mod measure;
mod problems;
mod shown_post;
mod snippet;
mod source;
mod test;

use std::io;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{EXIT_INPUT, EXIT_OK};

/// Brand queries as code: check, test, explain, compare, format, measure and translate them.
#[derive(Debug, Args)]
pub struct QueryArgs {
    #[command(subcommand)]
    command: QueryCommand,
}

#[derive(Debug, Subcommand)]
enum QueryCommand {
    Check(check::CheckArgs),
    Test(test::TestArgs),
    Explain(explain::ExplainArgs),
    Diff(diff::DiffArgs),
    Fmt(fmt::FmtArgs),
    Eval(eval::EvalArgs),
    Convert(convert::ConvertArgs),
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read or written, or standard output is gone.
pub fn run(args: &QueryArgs) -> anyhow::Result<ExitCode> {
    let done = match &args.command {
        QueryCommand::Check(args) => check::run(args),
        QueryCommand::Explain(args) => explain::run(args),
        QueryCommand::Diff(args) => diff::run(args),
        QueryCommand::Fmt(args) => fmt::run(args),
        QueryCommand::Eval(args) => eval::run(args),
        QueryCommand::Convert(args) => convert::run(args),
        QueryCommand::Test(args) => test::run(args),
    };
    done.or_else(closed_pipe_is_fine)
}

/// `earful query ... | head` closes the pipe early: that is no failure.
fn closed_pipe_is_fine(error: anyhow::Error) -> anyhow::Result<ExitCode> {
    match error.downcast_ref::<io::Error>() {
        Some(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        _ => Err(error),
    }
}

fn verdict(good: bool) -> ExitCode {
    ExitCode::from(if good { EXIT_OK } else { EXIT_INPUT })
}

/// What is wrong with a line that should be an object, in other words than those of the reader of JSON where it is none
/// at all.
fn why_no_object(line: &str, error: &serde_json::Error) -> String {
    let is_object = line.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    if is_object { error.to_string() } else { "it is no JSON object".to_owned() }
}

/// `1 error`, `2 errors`.
fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
