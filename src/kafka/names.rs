//! The names of topics and groups.

use crate::config::{KafkaPlan, OWN_TOPICS, writes};
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

    /// True for topics that this pipeline writes, and for Kafka's own: a pattern must not make it read them.
    pub(super) fn is_own(&self, topic: &str) -> bool {
        writes(&self.prefix, topic) || topic.starts_with("__")
    }

    /// The same as expressions for librdkafka.
    pub(super) fn own(&self) -> String {
        let (prefix, topics) = (self.prefix.replace('.', "\\."), OWN_TOPICS.join("|"));
        format!("^__,^{prefix}({topics})$,^{prefix}journal\\.")
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::config::parse;

    /// Both ways to say what is the pipeline's own say the same.
    #[test]
    fn its_own_topics_are_told_from_others_with_the_same_prefix() {
        let text = "[kafka]\nbrokers = 'b:1'\nprefix = 'a.b-'\n[[feeds]]\nname = 'f'\ntype = 'kafka'\n\
                    pattern = '^.*'\n[[brands]]\nid = 'a'\nquery = 'a'\n";
        let plan = parse(std::path::Path::new("p.toml"), text).unwrap().plan;
        let names = Names::of(plan.kafka.as_ref().unwrap());
        let own: Vec<Regex> = names.own().split(',').map(|pattern| Regex::new(pattern).unwrap()).collect();
        let mut cases = vec![
            (names.tallies.clone(), true),
            (names.changelog.clone(), true),
            (names.journal("posts"), true),
            ("__consumer_offsets".to_owned(), true),
        ];
        cases.extend(OutputKind::ALL.iter().map(|kind| (names.topic(*kind).to_owned(), true)));
        let others = ["posts", "a.b-posts", "a.b-mentions-too", "axb-mentions", "xa.b-dead", "a.b-journal"];
        cases.extend(others.map(|topic| (topic.to_owned(), false)));
        for (topic, expected) in cases {
            assert_eq!(names.is_own(&topic), expected, "{topic}");
            assert_eq!(own.iter().any(|pattern| pattern.is_match(&topic)), expected, "{topic}");
        }
    }
}
