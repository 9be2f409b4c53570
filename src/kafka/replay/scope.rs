//! Which outputs belong to the span, so that both sides are cut the same way.

use super::super::partition::Partition;
use super::span::Span;
use crate::model::{MetricStatus, Timestamp};

/// The span by records, and by event time.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// Partitions with the first offset of the span, and one past the last that can be compared.
    lanes: Vec<(Partition, i64, i64)>,
    /// Panes that begin earlier are not whole, or not of the span; none: all are.
    begins: Option<Timestamp>,
    /// The replay closes no pane that ends later; none: nobody knows.
    latest: Option<Timestamp>,
    pane_ms: i64,
}

impl Scope {
    /// `committed` are the offsets that the listen role has committed. A published time may lie `skew_ms` after its
    /// record's, so panes are whole only that long after nothing was read.
    pub(super) fn new(span: &Span, committed: &[i64], skew_ms: i64, pane_ms: i64) -> Scope {
        let lane = |(lane, committed): (&super::span::LaneSpan, &i64)| {
            (lane.partition.clone(), lane.from, lane.to.min(*committed))
        };
        let whole = span.lanes.iter().filter_map(|lane| lane.since).map(|since| since.plus(skew_ms));
        let begins = whole.chain(span.begins).max();
        let latest = span.latest.map(|time| time.plus(skew_ms));
        Scope { lanes: span.lanes.iter().zip(committed).map(lane).collect(), begins, latest, pane_ms }
    }

    /// Panes that begin at or after this are of the span; none: all are.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        self.begins
    }

    /// Whether the replay may come as far: what was published of later times need not be held.
    pub(super) fn reaches(&self, at: Timestamp) -> bool {
        self.latest.is_none_or(|latest| at <= latest)
    }

    /// How far both sides can be compared, if the run has published up to `published`.
    pub(super) fn until(&self, published: Option<Timestamp>) -> Option<Timestamp> {
        published.map(|published| self.latest.map_or(published, |latest| latest.min(published)))
    }

    /// The number of a partition of the span.
    pub(super) fn lane(&self, partition: &Partition) -> Option<usize> {
        self.lanes.iter().position(|(lane, ..)| lane == partition)
    }

    /// One past the last record of a partition that can be compared.
    pub(super) fn end(&self, lane: usize) -> i64 {
        self.lanes.get(lane).map_or(0, |(_, _, end)| *end)
    }

    /// The partition's name.
    pub(super) fn name(&self, lane: usize) -> String {
        self.lanes.get(lane).map_or_else(String::new, |(partition, ..)| partition.to_string())
    }

    /// Whether what was made of a record can be compared.
    pub(super) fn has_record(&self, lane: usize, offset: i64) -> bool {
        self.lanes.get(lane).is_some_and(|(_, from, to)| (*from..*to).contains(&offset))
    }

    /// Whether a record comes after those that can be compared.
    pub(super) fn is_behind(&self, lane: usize, offset: i64) -> bool {
        self.lanes.get(lane).is_some_and(|(_, _, to)| offset >= *to)
    }

    /// A row belongs to the span when its pane begins in it; an addition, when it came up in a pane that does.
    pub(super) fn has_row(&self, status: MetricStatus, start: Timestamp, as_of: Timestamp) -> bool {
        let start = if status == MetricStatus::Delta { as_of.plus(-self.pane_ms) } else { start };
        self.begins.is_none_or(|begins| start >= begins)
    }

    /// An incident belongs to the span when the pane that opened it does.
    pub(super) fn has_incident(&self, started_at: Timestamp) -> bool {
        self.begins.is_none_or(|begins| started_at.plus(-self.pane_ms) >= begins)
    }
}

#[cfg(test)]
mod tests {
    use super::super::span::LaneSpan;
    use super::*;

    const PANE: i64 = 60_000;
    const SKEW: i64 = 30_000;

    fn seconds(at: i64) -> Timestamp {
        Timestamp::from_seconds(at)
    }

    /// `since` by partition, `begins` and `latest` of a span, in seconds.
    fn scope(since: &[Option<i64>], begins: Option<i64>, latest: Option<i64>) -> Scope {
        let lane = |(since, number): (&Option<i64>, i32)| LaneSpan {
            partition: Partition::new("posts", number),
            read_from: 5,
            from: 10,
            to: 20,
            is_at_end: false,
            since: since.map(seconds),
        };
        let lanes: Vec<LaneSpan> = since.iter().zip(0..).map(lane).collect();
        let [begins, latest] = [begins, latest].map(|at| at.map(seconds));
        let span = Span { lanes, begins, ends: None, latest, notes: Vec::new() };
        Scope::new(&span, &vec![15; since.len()], SKEW, PANE)
    }

    fn check_begins(since: &[Option<i64>], begins: Option<i64>, expected: Option<i64>) {
        let scope = scope(since, begins, None);
        assert_eq!(scope.begins(), expected.map(seconds), "{since:?} {begins:?}");
    }

    /// A post that was not read may be of a pane that begins up to the skew after the first record.
    #[test]
    fn panes_are_whole_the_skew_after_the_first_record_that_was_read() {
        check_begins(&[None, None], None, None);
        check_begins(&[None, None], Some(600), Some(600));
        check_begins(&[Some(600)], None, Some(630));
        check_begins(&[Some(600)], Some(600), Some(630));
        check_begins(&[Some(600)], Some(620), Some(630));
        check_begins(&[Some(600)], Some(640), Some(640));
        check_begins(&[Some(300), Some(600), None], Some(500), Some(630));
    }

    #[test]
    fn rows_and_incidents_of_the_first_pane_belong_to_it_when_it_is_whole() {
        let check = |since: i64, start: i64, expected: bool| {
            let scope = scope(&[Some(since)], Some(since), None);
            let (start, end) = (seconds(start), seconds(start + 60));
            assert_eq!(scope.has_row(MetricStatus::Final, start, end), expected, "{since} {start}");
            // An addition to an old pane belongs to the pane in which it came up.
            assert_eq!(scope.has_row(MetricStatus::Delta, seconds(0), end), expected, "{since} {start}");
            assert_eq!(scope.has_incident(end), expected, "{since} {start}");
        };
        for (since, start, expected) in
            [(600, 540, false), (600, 600, false), (600, 660, true), (570, 600, true), (571, 600, false)]
        {
            check(since, start, expected);
        }
    }

    #[test]
    fn what_is_compared_ends_the_skew_after_the_last_record() {
        let until =
            |latest, published: Option<i64>| scope(&[None], None, latest).until(published.map(seconds));
        assert_eq!(until(Some(600), Some(900)), Some(seconds(630)));
        assert_eq!(until(Some(600), Some(620)), Some(seconds(620)));
        assert_eq!(until(None, Some(900)), Some(seconds(900)));
        assert_eq!(until(Some(600), None), None);
        assert!(scope(&[None], None, Some(600)).reaches(seconds(630)));
        assert!(!scope(&[None], None, Some(600)).reaches(seconds(631)));
    }

    /// Of the records that the run has committed, and no other.
    #[test]
    fn records_are_compared_from_the_span_s_first_to_the_last_committed() {
        let scope = scope(&[None, Some(1)], None, None);
        let of = |offset| [scope.has_record(1, offset), scope.is_behind(1, offset)];
        assert_eq!([9, 10, 14, 15].map(of), [[false, false], [true, false], [true, false], [false, true]]);
        assert_eq!((scope.end(1), scope.end(2), &*scope.name(1)), (15, 0, "posts/1"));
    }
}
