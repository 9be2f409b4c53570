//! Options that mean nothing for a pipeline. They are refused, because whoever gives one wants something of it.

use super::RunArgs;
use crate::config::Plan;

/// It becomes part of names in Kafka, which are 249 characters long at most.
#[cfg(feature = "kafka")]
const INSTANCE_CHARS_MAX: usize = 200;

/// What is wrong with the options for this pipeline.
pub(super) fn problems(args: &RunArgs, plan: &Plan) -> Vec<String> {
    #[cfg(feature = "kafka")]
    if plan.kafka.is_some() {
        let instance = args.instance.as_deref().and_then(instance_problem);
        return instance.into_iter().chain(with_kafka(args)).collect();
    }
    let needs_http = (args.stay && plan.http.is_none()).then(|| {
        "--stay serves the read API, but the pipeline has no [http]; add it, or leave --stay out".to_owned()
    });
    needs_http.into_iter().chain(without_kafka(args)).collect()
}

#[cfg(feature = "kafka")]
fn with_kafka(args: &RunArgs) -> impl Iterator<Item = String> {
    let given = [
        (args.stay, "--stay", "topics never end, so the run serves until it is stopped anyway; leave it out"),
        (args.fresh, "--fresh", "the state is in the topics; to start anew give [kafka] another `prefix`"),
        (
            args.batch_bytes.is_some(),
            "--batch-bytes",
            "records are read as the brokers send them; leave it out",
        ),
    ];
    misplaced(given, "with [kafka]")
}

#[cfg(feature = "kafka")]
fn without_kafka(args: &RunArgs) -> impl Iterator<Item = String> {
    let given = [
        (args.roles.is_some(), "--role", "one process does everything; leave it out, or add [kafka]"),
        (
            args.instance.is_some(),
            "--instance",
            "a run is known by its state folder; leave it out, or add [kafka]",
        ),
    ];
    misplaced(given, "in a pipeline that has no [kafka]")
}

#[cfg(not(feature = "kafka"))]
fn without_kafka(_: &RunArgs) -> impl Iterator<Item = String> {
    std::iter::empty()
}

/// The options that are given, with what to do about them.
#[cfg(feature = "kafka")]
fn misplaced<'a, const N: usize>(
    options: [(bool, &'a str, &'a str); N],
    place: &'a str,
) -> impl Iterator<Item = String> {
    let given = options.into_iter().filter(|(is_given, ..)| *is_given);
    given.map(move |(_, option, hint)| format!("{option} means nothing {place}: {hint}"))
}

/// Two processes whose variable is not set would take each other's partitions in turns.
#[cfg(feature = "kafka")]
fn instance_problem(instance: &str) -> Option<String> {
    let chars = instance.chars().count();
    if instance.trim().is_empty() {
        let hint = "give this process a name of its own, or leave it out; if it comes from a variable, that is not set";
        return Some(format!("--instance is empty: {hint}"));
    }
    (chars > INSTANCE_CHARS_MAX).then(|| {
        format!(
            "--instance has {chars} characters, and {INSTANCE_CHARS_MAX} are allowed: give a shorter name"
        )
    })
}
