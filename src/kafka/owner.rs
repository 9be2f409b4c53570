//! The thread that owns a worker's state: takes records in, commits, hands partitions over.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::context::Context;
use super::deathpoint::reach;
use super::error::KafkaError;
use super::gaps::Gaps;
use super::group::{Member, Membership};
use super::partition::Partition;
use super::role::Role;
use super::transaction::Writer;
use super::worker::{Batch, Event, Owner, Setup};

const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The state of one worker.
pub(super) struct OwnerLoop<'r, O: Owner>
where
    O::Item: Send + 'static,
{
    consumer: Arc<BaseConsumer<Context<Member<O::Item>>>>,
    owner: O,
    writer: Writer,
    setup: &'r Setup<'r>,
    assigned: BTreeSet<Partition>,
    /// As whom it has them.
    membership: Membership,
    /// When the last commit began, or about so (see [`next_from`]): the interval to the next one runs from here.
    since: Instant,
    /// Records taken in since the last commit.
    records: usize,
    is_dirty: bool,
    gaps: Gaps,
}

impl<'r, O: Owner> OwnerLoop<'r, O>
where
    O::Item: Send + 'static,
{
    /// Without partitions yet.
    pub(super) fn new(
        consumer: Arc<BaseConsumer<Context<Member<O::Item>>>>,
        owner: O,
        writer: Writer,
        setup: &'r Setup<'r>,
    ) -> Self {
        OwnerLoop {
            consumer,
            owner,
            writer,
            setup,
            assigned: BTreeSet::new(),
            membership: Membership::OfNow,
            since: Instant::now(),
            records: 0,
            is_dirty: false,
            gaps: Gaps::default(),
        }
    }

    /// Works until the events end.
    pub(super) fn run(&mut self, events: &Receiver<Event<O::Item>>) -> Result<(), KafkaError> {
        loop {
            let wait = self.setup.commit.interval.saturating_sub(self.since.elapsed());
            match events.recv_timeout(wait.max(Duration::from_millis(1))) {
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return self.commit(),
                Ok(event) => self.handle(event)?,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.commit_if_due()?;
        }
    }

    fn handle(&mut self, event: Event<O::Item>) -> Result<(), KafkaError> {
        match event {
            Event::Batch(batch) => self.take_in(batch),
            Event::Assigned { partitions, membership, done } => {
                self.join(membership)?;
                self.assign(&partitions)?;
                // The consumer may be gone.
                let _ = done.send(());
                Ok(())
            }
            Event::Revoked { partitions, is_lost, done } => {
                self.revoke(&partitions, is_lost)?;
                let _ = done.send(());
                Ok(())
            }
            Event::AtEnds(ends) => {
                self.assigned
                    .iter()
                    .for_each(|partition| self.owner.at_end(partition, ends.contains(partition)));
                Ok(())
            }
            Event::Stop => Ok(()),
        }
    }

    fn take_in(&mut self, batch: Batch<O::Item>) -> Result<(), KafkaError> {
        let (mut all, mut start) = (batch.items.into_iter(), 0);
        for run in &batch.runs {
            // What came before a partition was given up is read by its next owner.
            let is_mine = self.assigned.contains(&run.partition);
            let new_from = if is_mine { self.gaps.meet(&run.partition, &run.records) } else { 0 };
            for &(offset, end) in &run.records {
                let mut items = all.by_ref().take(end - start);
                start = end;
                if is_mine && offset >= new_from {
                    self.begin()?;
                    self.owner.accept(&run.partition, offset, &mut items, &mut self.writer)?;
                    self.records += 1;
                    self.is_dirty = true;
                    self.commit_if_full()?;
                }
                // The next record's items begin behind all of this one's, whoever wanted them.
                items.for_each(drop);
            }
        }
        Ok(())
    }

    /// To begin may take many seconds with slow brokers, when a new producer is made. That is no time in which records could
    /// be taken in: else each commit would hold one batch only, and most of the time would go into making producers.
    fn begin(&mut self) -> Result<(), KafkaError> {
        if !self.writer.is_open() {
            let began = Instant::now();
            self.writer.begin()?;
            self.since += began.elapsed();
        }
        Ok(())
    }

    fn commit_if_full(&mut self) -> Result<(), KafkaError> {
        if self.records >= self.setup.commit.records { self.commit() } else { Ok(()) }
    }

    fn commit_if_due(&mut self) -> Result<(), KafkaError> {
        if self.since.elapsed() < self.setup.commit.interval {
            return Ok(());
        }
        if self.owner.tick() {
            self.is_dirty = true;
        }
        self.commit()
    }

    /// Everything taken in so far, in one transaction with its offsets.
    fn commit(&mut self) -> Result<(), KafkaError> {
        let began = Instant::now();
        if self.is_dirty {
            self.writer.begin()?;
            let moved = self.owner.settle(&mut self.writer)?;
            let mut offsets = TopicPartitionList::with_capacity(moved.len());
            for (partition, next_offset, metadata) in &moved {
                let mut entry = offsets.add_partition(&partition.topic, partition.number);
                entry.set_metadata(metadata);
                entry
                    .set_offset(Offset::Offset(*next_offset))
                    .map_err(|e| self.failed("note an offset", e))?;
            }
            self.send(&offsets)?;
            self.report_gaps();
            let owner = &mut self.owner;
            self.setup.observer.committed(began.elapsed(), |report| owner.committed(report));
        }
        self.since = next_from(began, Instant::now(), self.setup.commit.interval);
        (self.records, self.is_dirty) = (0, false);
        Ok(())
    }

    /// The brokers refuse the offsets, and with them all of the transaction, when the partitions are somebody else's.
    fn send(&mut self, offsets: &TopicPartitionList) -> Result<(), KafkaError> {
        reach("before_commit");
        let of_now;
        let member = match &self.membership {
            Membership::OfGeneration(member) => member.as_ref(),
            Membership::OfNow => {
                of_now = self.consumer.group_metadata();
                of_now.as_ref()
            }
        };
        // Asked afterwards: who has lost the partitions may already be about to join as somebody new, whom the brokers
        // would let commit.
        match member.filter(|_| !self.consumer.assignment_lost()) {
            Some(member) => self.writer.commit(offsets, member),
            None => Err(self.lost("commit")),
        }
    }

    /// Where members place the partitions, all of them come anew. Those that nobody has taken back (see [`Membership`]) may
    /// have been somebody else's meanwhile, so what was made of them must not be committed.
    fn join(&mut self, membership: Membership) -> Result<(), KafkaError> {
        if matches!(membership, Membership::OfGeneration(_)) && !self.assigned.is_empty() {
            if self.writer.is_open() {
                let reason = "the group gave them anew without taking them back, as it may when a partition or topic \
                              is added; what was not committed is read again";
                let brokers = &self.setup.clients.brokers;
                return Err(KafkaError::unusable("keep the partitions", brokers, reason.to_owned()));
            }
            let left: Vec<Partition> = self.assigned.iter().cloned().collect();
            self.forget(&left);
        }
        self.membership = membership;
        Ok(())
    }

    fn assign(&mut self, partitions: &[Partition]) -> Result<(), KafkaError> {
        self.setup.observer.joined();
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for partition in partitions.iter().filter(|partition| self.owner.wants(partition)) {
            list.add_partition(&partition.topic, partition.number);
        }
        if list.count() == 0 {
            return Ok(());
        }
        let action = "read the committed offsets";
        let committed =
            self.consumer.committed_offsets(list, CALL_TIMEOUT).map_err(|e| self.failed(action, e))?;
        for entry in committed.elements() {
            entry.error().map_err(|e| self.failed(action, e))?;
            let partition = Partition::new(entry.topic(), entry.partition());
            let stored = match entry.offset() {
                Offset::Offset(next) => Some((next, entry.metadata().to_owned())),
                _ => None,
            };
            let began = Instant::now();
            let from = stored.as_ref().map(|(next, _)| *next);
            self.setup.observer.reads(&partition);
            self.check_start(&partition, from)?;
            self.owner.assign(&partition, stored, &self.writer)?;
            let took = began.elapsed();
            self.setup.observer.restored(took);
            tracing::info!(%partition, offset = from, took_ms = took.as_millis() as u64, "partition taken over");
            self.assigned.insert(partition);
        }
        Ok(())
    }

    /// Retention may have eaten records that were never read; or the topic is another one than was read.
    fn check_start(&mut self, partition: &Partition, committed: Option<i64>) -> Result<(), KafkaError> {
        let Some(next) = committed else { return Ok(()) };
        self.gaps.begin(partition, next);
        match self.consumer.fetch_watermarks(&partition.topic, partition.number, CALL_TIMEOUT) {
            Ok((_, end)) if end < next => {
                let reason = format!(
                    "it was read up to offset {next} and now ends at {end}; if the topic was made anew, begin anew under another `prefix`"
                );
                Err(KafkaError::unusable(
                    format!("go on reading {partition}"),
                    &self.setup.clients.brokers,
                    reason,
                ))
            }
            Ok((first, _)) if first > next => {
                self.report_lost(partition, (first - next).unsigned_abs());
                self.gaps.begin(partition, first);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The same in a partition that is being read. Inner topics have gaps at every commit, and their own checks.
    fn report_gaps(&mut self) {
        let gaps = self.gaps.take();
        if self.setup.observer.role != Role::Listen {
            return;
        }
        for (partition, gap) in gaps {
            match self.consumer.fetch_watermarks(&partition.topic, partition.number, CALL_TIMEOUT) {
                Ok((first, _)) if gap.lost(first) > 0 => self.report_lost(&partition, gap.lost(first)),
                _ => {}
            }
        }
    }

    fn report_lost(&self, partition: &Partition, records: u64) {
        self.setup.observer.lost(partition, records);
        tracing::error!(%partition, records, "records were deleted by the topic's retention before they were read");
    }

    fn revoke(&mut self, partitions: &[Partition], is_lost: bool) -> Result<(), KafkaError> {
        if is_lost && self.writer.is_open() {
            return Err(self.lost("keep the partitions"));
        }
        self.commit()?;
        self.forget(partitions);
        Ok(())
    }

    fn forget(&mut self, partitions: &[Partition]) {
        for partition in partitions {
            self.owner.revoke(partition);
            self.gaps.forget(partition);
            self.setup.observer.gave_up(partition);
            self.assigned.remove(partition);
            tracing::info!(%partition, "partition given up");
        }
        let owner = &mut self.owner;
        self.setup.observer.worker.set(|report| owner.committed(report));
    }

    fn lost(&self, action: &str) -> KafkaError {
        let reason = "the group has ended the session of this worker, and others may have its partitions; what was not \
                      committed is read again";
        KafkaError::unusable(action, &self.setup.clients.brokers, reason.to_owned())
    }

    fn failed(&self, action: &str, source: ClientError) -> KafkaError {
        KafkaError::client(action, &self.setup.clients.brokers, source)
    }
}

/// From when the interval to the next commit runs. Commits begin one interval apart, however long each takes; but one that
/// took most of an interval leaves a quarter of it to take records in, or there would be nothing but commits. One that took
/// longer, as with brokers that are slow, leaves a quarter of its own time: what is read meanwhile fills the few batches
/// that may wait, and reading stands still until they are taken in.
fn next_from(began: Instant, ended: Instant, interval: Duration) -> Instant {
    let pause = interval.max(ended - began) / 4;
    (ended + pause).checked_sub(interval).map_or(began, |least| began.max(least))
}

#[cfg(test)]
#[path = "owner_tests.rs"]
mod tests;
