//! Which partitions were read to their end.
//!
//! The client's own event for that names the number of a partition and no topic, which is too little when partitions of
//! several topics have the same number. Its statistics name both, but they overtake the records that wait to be
//! polled. So what they say holds only when as many records have been polled as were waiting then.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::statistics::{Partition as Told, Statistics};

use super::partition::Partition;

/// What the statistics said last, until it holds.
#[derive(Default)]
pub(super) struct Ends(Mutex<Option<Pending>>);

struct Pending {
    partitions: Vec<Partition>,
    /// Records that waited to be polled.
    waiting: u64,
    /// What is polled counts from the first batch on that began after the statistics came.
    is_counting: bool,
}

impl Ends {
    fn lock(&self) -> MutexGuard<'_, Option<Pending>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the statistics say, unless something older does not hold yet.
    pub(super) fn told(&self, statistics: &Statistics) {
        let (mut partitions, mut waiting) = (Vec::new(), 0);
        for topic in statistics.topics.values() {
            for told in topic.partitions.values() {
                // All partitions wait in one queue, and each gives its length.
                waiting = waiting.max(told.fetchq_cnt.unsigned_abs());
                if is_at_end(told) {
                    partitions.push(Partition::new(&topic.topic, told.partition));
                }
            }
        }
        self.lock().get_or_insert(Pending { partitions, waiting, is_counting: false });
    }

    /// Partitions come or go: what was said no longer holds.
    pub(super) fn forget(&self) {
        *self.lock() = None;
    }

    /// A batch of so many records was polled, or nothing was there to be polled. Gives the partitions that are at their
    /// end once that is sure; the others are not.
    pub(super) fn polled(&self, records: usize, is_empty: bool) -> Option<Vec<Partition>> {
        let mut slot = self.lock();
        let pending = slot.as_mut()?;
        if pending.is_counting {
            pending.waiting = pending.waiting.saturating_sub(records as u64);
        }
        let is_sure = is_empty || (pending.is_counting && pending.waiting == 0);
        pending.is_counting = true;
        if is_sure { slot.take().map(|pending| pending.partitions) } else { None }
    }
}

/// True when the brokers have said that nothing is behind what was fetched. Offsets of records alone do not tell: behind
/// the last one of a transaction is a marker, which nobody ever gets.
pub(super) fn is_at_end(told: &Told) -> bool {
    told.fetch_state == "active" && told.eof_offset >= 0 && told.next_offset == told.eof_offset
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What polling brings after statistics that tell of one end, with so many records waiting: records of a batch, whether
    /// the queue was empty, and whether the end is told then.
    fn check(waiting: u64, polls: &[(usize, bool, bool)]) {
        let ends = Ends::default();
        assert_eq!(ends.polled(9, true), None, "nothing was said");
        let pending = |number, waiting| Pending {
            partitions: vec![Partition::new("t", number)],
            waiting,
            is_counting: false,
        };
        *ends.lock() = Some(pending(1, waiting));
        for (at, &(records, is_empty, is_told)) in polls.iter().enumerate() {
            let told = ends.polled(records, is_empty);
            assert_eq!(told, is_told.then(|| vec![Partition::new("t", 1)]), "{waiting}: poll {at}");
        }
        *ends.lock() = Some(pending(2, 0));
        ends.forget();
        assert_eq!(ends.polled(9, true), None, "it was taken back");
    }

    #[test]
    fn an_end_holds_when_all_that_waited_is_polled() {
        check(0, &[(0, true, true), (0, true, false)]);
        check(3, &[(0, true, true)]);
        // The first batch may have begun before.
        check(0, &[(5, false, false), (1, false, true)]);
        check(3, &[(9, false, false), (2, false, false), (1, false, true), (7, false, false)]);
        check(3, &[(9, false, false), (2, true, true)]);
    }

    #[test]
    fn a_partition_is_at_its_end_when_everything_was_fetched() {
        let cases = [
            ("active", 7, 7, true),
            ("active", 7, 9, false),
            ("active", 9, 7, false),
            ("active", -1001, -1001, false),
            ("stopped", 7, 7, false),
            ("active", 0, 0, true),
        ];
        for (fetch_state, eof_offset, next_offset, expected) in cases {
            let told =
                Told { fetch_state: fetch_state.to_owned(), eof_offset, next_offset, ..Told::default() };
            assert_eq!(is_at_end(&told), expected, "{told:?}");
        }
    }
}
