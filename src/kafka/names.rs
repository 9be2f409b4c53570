//! The names of topics and groups.

use crate::config::KafkaPlan;
use crate::model::OutputKind;

/// What a pipeline's topics and groups are called.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) prefix: String,
    pub(super) mentions: String,
    pub(super) metrics: String,
    pub(super) alerts: String,
    pub(super) dead: String,
    pub(super) tallies: String,
    pub(super) changelog: String,
    /// Of the user's choice, and not under the prefix.
    pub(super) corrections: Option<String>,
    pub(super) listen_group: String,
    pub(super) tally_group: String,
    pub(super) corrections_group: String,
}

impl Names {
    pub(super) fn of(plan: &KafkaPlan) -> Names {
        let topic = |name: &str| format!("{}{name}", plan.prefix);
        Names {
            prefix: plan.prefix.clone(),
            mentions: topic("mentions"),
            metrics: topic("metrics"),
            alerts: topic("alerts"),
            dead: topic("dead"),
            tallies: topic("tallies"),
            changelog: topic("changelog"),
            corrections: plan.corrections.clone(),
            listen_group: plan.group.clone(),
            tally_group: format!("{}-tally", plan.group),
            corrections_group: format!("{}-corrections", plan.group),
        }
    }

    /// The consumer group of a delivery.
    pub(super) fn deliver_group(&self, delivery: &str) -> String {
        format!("{}-deliver-{delivery}", self.listen_group)
    }

    /// The journal of a posts topic; partition by partition.
    pub(super) fn journal(&self, input: &str) -> String {
        format!("{}journal.{input}", self.prefix)
    }

    /// Which of the topics out it is.
    pub(super) fn kind(&self, topic: &str) -> Option<OutputKind> {
        OutputKind::ALL.into_iter().find(|kind| self.topic(*kind) == topic)
    }

    /// The topic out of this kind.
    pub(super) fn topic(&self, kind: OutputKind) -> &str {
        match kind {
            OutputKind::Mentions => &self.mentions,
            OutputKind::Metrics => &self.metrics,
            OutputKind::Alerts => &self.alerts,
            OutputKind::Dead => &self.dead,
        }
    }

    /// True for topics that this pipeline writes: a pattern must not make it read them.
    pub(super) fn is_own(&self, topic: &str) -> bool {
        topic.starts_with(&self.prefix) || topic.starts_with("__")
    }
}
