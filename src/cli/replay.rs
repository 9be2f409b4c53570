//! `earful replay`: would this rule have fired?

mod text;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::logs::LogArgs;
use super::progress::Progress;
use super::{EXIT_INPUT, EXIT_OK, EXIT_USAGE, say};
use crate::config::{self, Loaded, Plan};
use crate::kafka::{Place, ReplayInto, ReplayOptions, ReplayReport, replay};

/// Recompute a span of the log, and show how that differs from what was published.
///
/// The posts are read again from the topics of PIPELINE, without touching its consumer groups, and worked through with its
/// own brands and rules or with those of another file. Nothing that was published is written to.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful replay p.toml --from 2026-03-10T00:00:00Z --to 2026-03-11T00:00:00Z --with new.toml
                                                         would the rules of new.toml have fired on that day?
  earful replay p.toml --from beginning --to end         does the pipeline still say what it said?
  earful replay p.toml --from 2026-03-10T00:00:00Z --to end --warm-up 14d --with new.toml --out new/
                                                         with two weeks of history for surge rules; results in files

A time is that of the records (their arrival in the topic), an offset is that of every partition of every posts topic:
--from 1000 --to 2000 is the records 1000 to 1999 of each. What is before the span is read for the warm-up, and neither
written nor compared. Of another file (--with) the brands, filters, alerts and settings of lanes and rows count; topics
and their formats are always those of PIPELINE.

Compared are mentions whose record is in the span, rows of panes that begin in it and were closed in the replay and
by the run, and alerts that opened in such a pane.

Exit codes: 0 nothing differs, 1 something differs, 2 wrong usage, a pipeline with problems, a missing topic or a span that
is not in the log, 3 the brokers or the disk failed.")]
pub struct ReplayArgs {
    /// The pipeline file whose posts are read and whose results are compared; it needs a table `kafka`.
    pipeline: PathBuf,
    /// Where the span begins: a time such as 2026-03-10T00:00:00Z, an offset, or `beginning`.
    #[arg(long, value_name = "PLACE", value_parser = from)]
    from: Place,
    /// Where it ends, exclusive: a time, an offset, or `end`.
    #[arg(long, value_name = "PLACE", value_parser = to)]
    to: Place,
    /// Recompute with the brands and rules of this pipeline file instead.
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
    /// How much before the span is read, such as 90m or 14d [default: the dedupe horizon, or as long as a rule other
    /// than `surge` looks back].
    #[arg(long, value_name = "TIME", value_parser = warm_up)]
    warm_up: Option<Duration>,
    /// Write the results into JSONL files in this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "prefix")]
    out: Option<PathBuf>,
    /// Overwrite the files in the folder.
    #[arg(long, requires = "out")]
    fresh: bool,
    /// Write the results into topics that begin so; they are created, and must be empty.
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// How the difference is shown.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    format: ReportFormat,
    /// Show at most so many examples each of alerts, rows and mentions that differ.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Threads that read and analyse [default: one for each core]. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    workers: Option<u16>,
    #[command(flatten)]
    logs: LogArgs,
}

/// How the difference is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

fn from(text: &str) -> Result<Place, String> {
    Place::parse(text, "beginning")
}

fn to(text: &str) -> Result<Place, String> {
    Place::parse(text, "end")
}

/// Days, too, because two weeks is what one needs.
fn warm_up(text: &str) -> Result<Duration, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
    let found = match days {
        Some(days) => Some(jiff::SignedDuration::from_hours(i64::from(days) * 24)),
        None => text.parse().ok(),
    };
    let found = found.filter(|found| !found.is_negative());
    found.map(|found| found.unsigned_abs()).ok_or_else(|| "give a time such as 90m, 24h or 14d".to_owned())
}

/// Runs the command.
///
/// # Errors
/// None; what goes wrong is said and shows in the exit code.
pub fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    args.logs.start();
    let (Some(pipeline), Some(with)) =
        (load(&args.pipeline), load(args.with.as_ref().unwrap_or(&args.pipeline)))
    else {
        return Ok(ExitCode::from(EXIT_USAGE));
    };
    let progress = Progress::new();
    let result = replay(&pipeline, &with, &args.options(), &mut |records, time| progress.show(records, time));
    progress.clear();
    Ok(match result {
        Ok(report) => {
            args.show(&report)?;
            ExitCode::from(if report.difference.is_empty() { EXIT_OK } else { EXIT_INPUT })
        }
        Err(error) => {
            say(&format!("earful: {error}"));
            ExitCode::from(error.exit_code())
        }
    })
}

/// None when the file has problems; they are said.
fn load(file: &Path) -> Option<Plan> {
    match config::load(file) {
        Ok(Loaded { plan, .. }) => Some(plan),
        Err(problems) => {
            say(&problems.to_string());
            None
        }
    }
}

impl ReplayArgs {
    fn options(&self) -> ReplayOptions {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        ReplayOptions {
            from: self.from,
            to: self.to,
            warm_up_ms: self.warm_up.map(millis),
            into: match (&self.out, &self.prefix) {
                (Some(dir), _) => ReplayInto::Files { dir: dir.clone(), fresh: self.fresh },
                (None, Some(prefix)) => ReplayInto::Topics { prefix: prefix.clone() },
                (None, None) => ReplayInto::Nothing,
            },
            examples: self.limit,
            workers: self.workers.map_or(cores, usize::from),
        }
    }

    fn show(&self, report: &ReplayReport) -> anyhow::Result<()> {
        let text = match self.format {
            ReportFormat::Text => text::text(report),
            ReportFormat::Json => serde_json::to_string_pretty(report)? + "\n",
        };
        // Whoever reads may have gone.
        let _ = io::stdout().lock().write_all(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warm_ups_are_times_from_nothing_to_days() {
        for (text, expected) in [
            ("14d", Some(14 * 86_400)),
            ("90m", Some(5_400)),
            ("0s", Some(0)),
            ("1h30m", Some(5_400)),
            ("-1h", None),
            ("d", None),
            ("long", None),
        ] {
            assert_eq!(warm_up(text).ok(), expected.map(Duration::from_secs), "{text}");
        }
    }
}
