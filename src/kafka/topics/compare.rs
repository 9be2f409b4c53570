//! What is there, beside what must be.

use std::collections::BTreeSet;

use futures_executor::block_on;
use rdkafka::admin::ResourceSpecifier;

use super::super::clients::Clients;
use super::super::error::KafkaError;
use super::super::partition::Partition;
use super::make::{admin, failed, options};
use super::{Change, TopicPlan, count};

/// What each of the topics needs.
pub(super) fn compare(
    clients: &Clients,
    all: &[Partition],
    mut wanted: Vec<TopicPlan>,
) -> Result<Vec<TopicPlan>, KafkaError> {
    for topic in &mut wanted {
        topic.change = change(topic, count(all, &topic.name));
    }
    check_settings(clients, &mut wanted)?;
    Ok(wanted)
}

fn change(topic: &TopicPlan, found: i32) -> Change {
    let is_fixed = topic.name.ends_with("tallies") || topic.name.ends_with("changelog");
    match found {
        0 => Change::Create,
        found if found < topic.partitions && !is_fixed => Change::AddPartitions { from: found },
        found if found != topic.partitions && is_fixed => {
            let what = format!(
                "has {found} partitions, but `tallies_partitions` is {}, and brands are placed by that number for good",
                topic.partitions
            );
            Change::Conflict { what }
        }
        _ => Change::Nothing,
    }
}

/// A topic that is there must be cleaned up as it needs: compaction of tallies would lose posts.
fn check_settings(clients: &Clients, topics: &mut [TopicPlan]) -> Result<(), KafkaError> {
    let there: Vec<usize> = (0..topics.len()).filter(|at| topics[*at].change != Change::Create).collect();
    if there.is_empty() || clients.has_token_file() {
        return Ok(());
    }
    let admin = admin(clients)?;
    let resources: Vec<_> = there.iter().map(|at| ResourceSpecifier::Topic(&topics[*at].name)).collect();
    let found = block_on(admin.describe_configs(&resources, &options()))
        .map_err(|e| failed(clients, "look at the topics' settings", e))?;
    for (at, found) in there.into_iter().zip(&found) {
        let setting = |name: &str| found.as_ref().ok()?.get(name)?.value.clone();
        if let Some(what) = topics[at].unfit(&setting) {
            topics[at].change = Change::Conflict { what };
        }
    }
    Ok(())
}

impl TopicPlan {
    /// What is wrong with a topic that has these settings.
    fn unfit(&self, setting: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let wanted = self.settings.iter().find(|(key, _)| *key == "cleanup.policy");
        if let (Some(found), Some((_, wanted))) = (setting("cleanup.policy"), wanted)
            && !is_same_policy(&found, wanted)
        {
            return Some(format!("has cleanup.policy={found}, it needs {wanted}"));
        }
        // -1 keeps all.
        let kept_ms = setting("retention.ms")?.parse::<i64>().ok().filter(|kept_ms| *kept_ms >= 0)?;
        (kept_ms < self.kept_ms)
            .then(|| format!("has retention.ms={kept_ms}, and `dedupe.horizon` needs {}", self.kept_ms))
    }
}

/// `compact,delete` is `delete,compact`.
fn is_same_policy(left: &str, right: &str) -> bool {
    let parts = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect::<BTreeSet<_>>();
    parts(left) == parts(right)
}
