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
