//! Where the offsets of a partition jump, and what comes again.
//!
//! Marks of transactions and aborted records leave gaps, and so does a retention that deleted what was not read yet:
//! librdkafka then goes on at the oldest record that is there and says so in a line of its log only. Which of the two a
//! gap is shows in where the partition begins.

use std::collections::{BTreeMap, HashMap};

use super::partition::Partition;

/// Offsets that were not met, of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// The first of them.
    from: i64,
    /// The next record that was met.
    to: i64,
}

impl Gap {
    /// How many of them retention has deleted, if the partition begins at `first` now.
    pub(super) fn lost(self, first: i64) -> u64 {
        (self.to.min(first) - self.from).max(0).unsigned_abs()
    }
}

/// Watches the offsets of all partitions of a worker.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    next: HashMap<Partition, i64>,
    /// The widest gap of each partition since the last look.
    widest: BTreeMap<Partition, Gap>,
}

impl Gaps {
    /// A partition will be read from here.
    pub(super) fn begin(&mut self, partition: &Partition, next: i64) {
        self.next.insert(partition.clone(), next);
    }

    pub(super) fn forget(&mut self, partition: &Partition) {
        self.next.remove(partition);
        self.widest.remove(partition);
    }

    /// Records that follow on each other, with their offsets. Gives the offset from which on they are new: what was polled
    /// just before a rebalance comes again after it, when the partition comes back to the same worker.
    pub(super) fn meet(&mut self, partition: &Partition, records: &[(i64, usize)]) -> i64 {
        let Some((first, _)) = records.first() else { return 0 };
        let new_from = self.next.get(partition).copied().unwrap_or(*first);
        let mut expected = new_from;
        for (offset, _) in records.iter().filter(|(offset, _)| *offset >= new_from) {
            if *offset > expected {
                self.note(partition, Gap { from: expected, to: *offset });
            }
            expected = offset + 1;
        }
        match self.next.get_mut(partition) {
            Some(next) => *next = expected,
            None => self.begin(partition, expected),
        }
        new_from
    }

    fn note(&mut self, partition: &Partition, gap: Gap) {
        let widest = self.widest.entry(partition.clone()).or_insert(gap);
        if gap.to - gap.from > widest.to - widest.from {
            *widest = gap;
        }
    }

    /// The gaps since the last call.
    pub(super) fn take(&mut self) -> BTreeMap<Partition, Gap> {
        std::mem::take(&mut self.widest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_gap_of_each_partition_is_told_once() {
        let (mut gaps, one, two) = (Gaps::default(), Partition::new("posts", 1), Partition::new("posts", 2));
        gaps.begin(&one, 10);
        gaps.meet(&one, &[(10, 0), (11, 0), (13, 0)]);
        gaps.meet(&one, &[(20, 0), (22, 0)]);
        // Where a partition begins nobody has told.
        gaps.meet(&two, &[(7, 0), (8, 0)]);
        assert_eq!(gaps.take(), BTreeMap::from([(one.clone(), Gap { from: 14, to: 20 })]));
        gaps.meet(&one, &[(23, 0)]);
        assert_eq!(gaps.take(), BTreeMap::new());
        gaps.meet(&two, &[(12, 0)]);
        gaps.forget(&two);
        assert_eq!(gaps.take(), BTreeMap::new());
    }

    #[test]
    fn what_comes_again_is_told_apart() {
        let (mut gaps, one) = (Gaps::default(), Partition::new("posts", 1));
        assert_eq!(gaps.meet(&one, &[(3, 0), (4, 0)]), 3);
        // Given up and taken over again, from what is committed.
        gaps.forget(&one);
        gaps.begin(&one, 5);
        assert_eq!(gaps.meet(&one, &[(5, 0), (6, 0)]), 5);
        assert_eq!(gaps.meet(&one, &[(5, 0), (6, 0), (7, 0)]), 7);
        assert_eq!(gaps.meet(&one, &[(6, 0)]), 8);
        assert_eq!(gaps.meet(&one, &[(8, 0)]), 8);
        assert_eq!(gaps.take(), BTreeMap::new());
    }

    #[test]
    fn only_what_lies_before_the_beginning_is_lost() {
        let check = |first: i64, lost: u64| assert_eq!(Gap { from: 14, to: 20 }.lost(first), lost, "{first}");
        check(0, 0);
        check(14, 0);
        check(16, 2);
        check(20, 6);
        check(90, 6);
    }
}
