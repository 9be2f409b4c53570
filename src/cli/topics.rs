//! `earful topics`: what a pipeline needs from Kafka.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::{EXIT_OK, EXIT_USAGE, say};
use crate::config::{self, Loaded, Plan};
use crate::kafka::{Change, KafkaError, Role, TopicPlan};

/// Show or create the Kafka topics that a pipeline needs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful topics plan pipelines/kafka.toml      what is there and what is missing; changes nothing
  earful topics apply pipelines/kafka.toml     create what is missing, with the right cleanup and retention

The posts topics themselves are not created: they belong to whoever writes them.
Exit codes: 0 fine, 2 the pipeline has problems or a topic is in conflict, 3 the brokers failed.")]
pub struct TopicsArgs {
    #[command(subcommand)]
    command: TopicsCommand,
}

#[derive(Debug, Subcommand)]
enum TopicsCommand {
    /// Show what is there and what is missing.
    Plan {
        /// The pipeline file.
        pipeline: PathBuf,
    },
    /// Create what is missing.
    Apply {
        /// The pipeline file.
        pipeline: PathBuf,
    },
}

/// A role on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Posts in; mentions, dead letters and tallies out.
    Listen,
    /// Tallies in; metrics and alerts out.
    Tally,
    /// The topics out on the read API. Needs an `http` table in the pipeline.
    Serve,
    /// Alerts to their receivers. Needs `deliveries` in the pipeline.
    Deliver,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Role {
        match name {
            RoleName::Listen => Role::Listen,
            RoleName::Tally => Role::Tally,
            RoleName::Serve => Role::Serve,
            RoleName::Deliver => Role::Deliver,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// None; what goes wrong is said and shows in the exit code.
pub fn run(args: &TopicsArgs) -> anyhow::Result<ExitCode> {
    Ok(match &args.command {
        TopicsCommand::Plan { pipeline } => show(pipeline, crate::kafka::plan, false),
        TopicsCommand::Apply { pipeline } => show(pipeline, crate::kafka::apply, true),
    })
}

fn show(pipeline: &Path, act: fn(&Plan) -> Result<Vec<TopicPlan>, KafkaError>, is_done: bool) -> ExitCode {
    let plan = match config::load(pipeline) {
        Ok(Loaded { plan, .. }) => plan,
        Err(problems) => {
            say(&problems.to_string());
            return ExitCode::from(EXIT_USAGE);
        }
    };
    match act(&plan) {
        Ok(topics) => {
            let mut out = io::stdout().lock();
            // Whoever reads may have gone; what was done is done.
            let _ = topics.iter().try_for_each(|topic| writeln!(out, "{}", line(topic, is_done)));
            let is_conflict = |topic: &TopicPlan| matches!(topic.change, Change::Conflict { .. });
            ExitCode::from(if topics.iter().any(is_conflict) { EXIT_USAGE } else { EXIT_OK })
        }
        Err(error) => {
            say(&format!("earful: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

fn line(topic: &TopicPlan, is_done: bool) -> String {
    let settings: Vec<String> = topic.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let change = match (&topic.change, is_done) {
        (Change::Nothing, _) => "there".to_owned(),
        (Change::Create, false) => "to be created".to_owned(),
        (Change::Create, true) => "created".to_owned(),
        (Change::AddPartitions { from }, false) => format!("to grow from {from} partitions"),
        (Change::AddPartitions { from }, true) => format!("grown from {from} partitions"),
        (Change::Conflict { what }, _) => format!("CONFLICT: {what}"),
    };
    let replicas = replicas(topic);
    format!("{}  partitions={}{replicas}  {}  {change}", topic.name, topic.partitions, settings.join(" "))
}

/// What is there, and what is set where that is another number; of a topic that is to be made what is set.
fn replicas(topic: &TopicPlan) -> String {
    match (topic.replicas_now, topic.replicas) {
        (Some(now), Some(set)) if now != set => {
            format!("  replicas={now} (`replicas` is {set}, which holds for topics that are made)")
        }
        (Some(number), _) | (None, Some(number)) => format!("  replicas={number}"),
        (None, None) => String::new(),
    }
}
