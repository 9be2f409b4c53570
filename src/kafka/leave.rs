//! Members of consumer groups: how they take up and give up partitions, and how they leave without hanging.
//!
//! Between two polls librdkafka (2.12) hands out partitions, and when the consumer is closed before the next one, it waits
//! for nobody to take them up: it ends its part of the group. Whoever takes them up then asks a queue that nobody
//! serves, and waits for ever (librdkafka's issues 4041 and 4884); rdkafka's consumer does so when it is dropped. So a
//! member that leaves takes nothing up, and gives everything back only when it is waited for.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;

use super::context::{Context, Hears};
use super::watchdog::Watched;

/// When librdkafka says nothing for so long and has not ended, it waits for its partitions.
const QUIET: Duration = Duration::from_millis(20);

/// What a member does about its partitions. On the thread that polls, which waits for it.
pub(super) trait Joins: Hears + Sized {
    /// Before these partitions are read.
    fn assigned(
        &self,
        _consumer: &BaseConsumer<Context<Self>>,
        _protocol: &RebalanceProtocol,
        _partitions: &TopicPartitionList,
    ) {
    }
    /// Before these partitions are given up.
    fn revoked(&self, _consumer: &BaseConsumer<Context<Self>>, _partitions: &TopicPartitionList) {}
}

/// How far a member is with leaving.
#[derive(Default)]
pub(super) struct Leaving {
    has_begun: AtomicBool,
    /// How often it was told since then to take up partitions or to give them up.
    told: AtomicU64,
}

impl<T: Joins> ConsumerContext for Context<T> {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        if self.leaving.has_begun.load(Ordering::SeqCst) {
            self.leaving.told.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let protocol = consumer.rebalance_protocol();
        let is_assignment = event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if is_assignment {
            self.own.assigned(consumer, &protocol, partitions);
        } else {
            self.own.revoked(consumer, partitions);
        }
        let is_incremental = matches!(protocol, RebalanceProtocol::Cooperative);
        let done = match (is_assignment, is_incremental) {
            (true, true) => consumer.incremental_assign(partitions),
            (true, false) => consumer.assign(partitions),
            (false, true) => consumer.incremental_unassign(partitions),
            (false, false) => consumer.unassign(),
        };
        if let Err(error) = done {
            tracing::warn!(%error, is_assignment, "the group's partitions could not be taken up or given up");
        }
    }
}

/// Has the member leave its group when this is dropped, which must be before the consumer is.
pub(super) struct Leave<'c, T: Joins> {
    consumer: &'c BaseConsumer<Context<T>>,
    watched: &'c Watched,
}

impl<'c, T: Joins> Leave<'c, T> {
    pub(super) fn at_the_end(consumer: &'c BaseConsumer<Context<T>>, watched: &'c Watched) -> Self {
        Leave { consumer, watched }
    }
}

impl<T: Joins> Drop for Leave<'_, T> {
    fn drop(&mut self) {
        let _guard = self.watched.enter("leave the group");
        let leaving = &self.consumer.context().leaving;
        leaving.has_begun.store(true, Ordering::SeqCst);
        if let Err(error) = self.consumer.close_queue() {
            // After a fatal error. Dropping it then asks for no answers either.
            tracing::debug!(%error, "the consumer cannot leave its group");
            return;
        }
        let (mut seen, mut answered) = (0, 0);
        while !self.consumer.closed() {
            let is_silent = self.consumer.poll(QUIET).is_none();
            let told = leaving.told.load(Ordering::SeqCst);
            if is_silent && told == seen && told != answered && !self.consumer.closed() {
                let _ = self.consumer.unassign();
                answered = told;
            }
            seen = told;
        }
    }
}

#[cfg(test)]
#[path = "leave_tests.rs"]
mod tests;
