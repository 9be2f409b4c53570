//! What a process does, and how.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crossbeam_channel::Receiver;

use super::error::KafkaError;
use super::health::Health;
use crate::config::Plan;
use crate::feeds::PushBatch;
use crate::metrics::Metrics;
use crate::runtime::Queries;

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Posts in; mentions, dead letters and tallies out.
    Listen,
    /// Tallies in; metrics and alerts out.
    Tally,
    /// The topics out on the read API; see [`super::follow()`].
    Serve,
    /// Alerts to their receivers.
    Deliver,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 4] = [Role::Listen, Role::Tally, Role::Serve, Role::Deliver];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Listen => "listen",
            Role::Tally => "tally",
            Role::Serve => "serve",
            Role::Deliver => "deliver",
        }
    }

    /// What the pipeline would need to have for this role; none when it is there.
    fn lacks(self, plan: &Plan) -> Option<&'static str> {
        match self {
            Role::Listen | Role::Tally => None,
            Role::Serve => plan.http.is_none().then_some("has no [http] for the role serve"),
            Role::Deliver => {
                plan.deliveries.is_empty().then_some("has no [[deliveries]] for the role deliver")
            }
        }
    }
}

/// A process whose roles all have nothing to do would run for ever without a word.
///
/// # Errors
/// When this is such a process.
pub(super) fn check(plan: &Plan, roles: &[Role]) -> Result<(), KafkaError> {
    let lacking: Vec<&str> = roles.iter().filter_map(|role| role.lacks(plan)).collect();
    if lacking.is_empty() || lacking.len() < roles.len() {
        return Ok(());
    }
    let what = format!(
        "the pipeline {}, so this process would have nothing to do; add what is missing, or give --role another role",
        lacking.join(" and ")
    );
    Err(KafkaError::Setting(what))
}

/// How to run. None of it shows in the outputs.
#[derive(Clone, Debug, Default)]
pub struct KafkaOptions {
    /// What this process does.
    pub roles: Vec<Role>,
    /// Workers of the listen role.
    pub workers: usize,
    /// A name that is this process's own and stays the same over restarts: a restarted process then gets its
    /// partitions back at once. None: it waits until the old one is given up.
    pub instance: Option<String>,
    /// Set it to end the run after a commit.
    pub stop: Arc<AtomicBool>,
    /// Counts the work.
    pub metrics: Option<Arc<Metrics>>,
    /// The queries in force, for others than the workers to look at; without, the run makes its own.
    pub queries: Option<Arc<Queries>>,
    /// Set it to have the queries read again; without it, changes of their files do nothing either.
    pub reload: Option<Arc<AtomicBool>>,
    /// Corrections that the role serve shall write to their topic.
    pub corrections: Option<Receiver<PushBatch>>,
    /// Gets how the workers are.
    pub health: Health,
}
