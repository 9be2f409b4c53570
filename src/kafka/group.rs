//! A member of a consumer group: tells the owner of the state which partitions come and go.

use std::collections::BTreeSet;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata, RebalanceProtocol};
use rdkafka::statistics::{ConsumerGroup, Partition as Told, Statistics};
use rdkafka::topic_partition_list::TopicPartitionList;

use super::context::{Context, Hears};
use super::deathpoint::reach;
use super::ends::{Ends, is_at_end};
use super::leave::Joins;
use super::observer::Observer;
use super::partition::Partition;
use super::worker::Event;

/// Longer than any call of the owner may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Several of the questions that every consumer asks all the time: for records, and where the topics are.
const SILENT_MICROS: i64 = 20_000_000;

/// Several heartbeats, of a second at least.
const ANSWERED_FOR_MS: i64 = 3_000;

/// As whom a worker commits, which is how the brokers know whether the partitions are still its own.
pub(super) enum Membership {
    /// Members place the partitions: the member of the generation that gave them to this worker, and of no later one.
    /// librdkafka (2.12) joins its group anew when it hears of another partition or topic, also while a callback still
    /// runs. It calls nobody back for that, and is of the next generation when the partitions have long been given to others.
    OfGeneration(Option<ConsumerGroupMetadata>),
    /// Brokers place the partitions, and wait for a member until it has given up what others are to have. Its epoch
    /// changes without a callback.
    OfNow,
}

/// Callbacks of a consumer. They run on the thread that polls.
pub(super) struct Member<I: Send + 'static> {
    pub(super) events: SyncSender<Event<I>>,
    pub(super) observer: Observer,
    pub(super) ends: Ends,
}

impl<I: Send + 'static> Hears for Member<I> {
    fn statistics(&self, statistics: &Statistics) {
        let topics = statistics.topics.values();
        for (topic, partition) in topics.flat_map(|topic| topic.partitions.values().map(move |p| (topic, p)))
        {
            if let Some(records) = lag(partition) {
                self.observer.lag(&topic.topic, partition.partition, records);
            }
        }
        tell_place(&self.observer, statistics);
        self.ends.told(statistics);
    }
}

/// What the statistics know of a member that nobody calls back.
pub(super) fn tell_place(observer: &Observer, statistics: &Statistics) {
    if statistics.cgrp.as_ref().is_some_and(has_no_part) {
        observer.is_idle();
    }
    observer.unreachable(unreachable(statistics));
}

/// The brokers' addresses, when none of them can be reached, or none has said anything for a while: one that hangs keeps its
/// connections. Whoever has nothing to commit notices nothing else.
pub(super) fn unreachable(statistics: &Statistics) -> Option<String> {
    let brokers = || statistics.brokers.values();
    let is_cut_off = !brokers().any(|broker| broker.state == "UP" && broker.rxidle <= SILENT_MICROS);
    let names: BTreeSet<&str> = brokers().map(|broker| &*broker.nodename).collect();
    is_cut_off.then(|| Vec::from_iter(names).join(", "))
}

/// Where the brokers place the partitions, a member that gets none is not called back: all that it knows is that its
/// coordinator has answered for a while.
fn has_no_part(group: &ConsumerGroup) -> bool {
    group.state == "up" && group.join_state == "init" && group.stateage >= ANSWERED_FOR_MS
}

/// Records that are not read yet. The client's own `consumer_lag` knows nothing of offsets that are committed in
/// transactions. Negative offsets are none.
fn lag(partition: &Told) -> Option<i64> {
    if partition.fetch_state != "active" {
        return None;
    }
    // Behind the last record of a transaction is a marker, which nobody ever gets.
    if is_at_end(partition) && partition.fetchq_cnt == 0 {
        return Some(0);
    }
    let read = [partition.app_offset, partition.committed_offset].into_iter().find(|offset| *offset >= 0)?;
    (partition.ls_offset >= 0).then(|| (partition.ls_offset - read).max(0))
}

impl<I: Send + 'static> Joins for Member<I> {
    /// Their state is restored. The poll waits for it, so no record comes in between.
    fn assigned(
        &self,
        consumer: &BaseConsumer<Context<Self>>,
        protocol: &RebalanceProtocol,
        list: &TopicPartitionList,
    ) {
        self.ends.forget();
        reach("before_assign");
        let membership = match protocol {
            RebalanceProtocol::Eager => Membership::OfGeneration(consumer.group_metadata()),
            _ => Membership::OfNow,
        };
        self.tell(|done| Event::Assigned { partitions: partitions(list), membership, done });
        reach("after_assign");
    }

    /// What was done is committed.
    fn revoked(&self, consumer: &BaseConsumer<Context<Self>>, list: &TopicPartitionList) {
        self.ends.forget();
        reach("before_revoke");
        let is_lost = consumer.assignment_lost();
        self.tell(|done| Event::Revoked { partitions: partitions(list), is_lost, done });
        reach("after_revoke");
        if is_lost {
            self.observer.given_up();
        }
    }
}

impl<I: Send + 'static> Member<I> {
    /// Waits for the owner. It may be gone, when the worker is being thrown away: then there is nothing to wait for.
    fn tell(&self, event: impl FnOnce(SyncSender<()>) -> Event<I>) {
        let (done, answer) = sync_channel(1);
        if self.events.send(event(done)).is_ok() {
            let _ = answer.recv_timeout(ANSWER_TIMEOUT);
        }
    }
}

fn partitions(list: &TopicPartitionList) -> Vec<Partition> {
    list.elements().iter().map(|e| Partition::new(e.topic(), e.partition())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_behind_the_last_record_is_no_lag() {
        // State, next to fetch, end, waiting in the queue, read by the program, committed, last stable offset.
        let cases = [
            (("active", 10, 10, 0, 9, 9, 10), Some(0)),
            (("active", 10, 10, 4, 5, 5, 10), Some(5)),
            (("active", 10, 7, 0, 9, 9, 15), Some(6)),
            (("active", 0, -1001, 0, -1001, 4, 9), Some(5)),
            (("active", 0, -1001, 0, -1001, -1001, 9), None),
            (("stopped", 10, 10, 0, 9, 9, 10), None),
        ];
        for (case, expected) in cases {
            let (state, next_offset, eof_offset, fetchq_cnt, app_offset, committed_offset, ls_offset) = case;
            let fetch_state = state.to_owned();
            let told = Told {
                fetch_state,
                next_offset,
                eof_offset,
                fetchq_cnt,
                app_offset,
                committed_offset,
                ls_offset,
                ..Told::default()
            };
            assert_eq!(lag(&told), expected, "{case:?}");
        }
    }
}
