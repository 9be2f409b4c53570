//! The places that made a query match, as they are collected.
//!
//! **Invariant:** merged spans ascend and do not overlap.

use crate::model::Span;

/// Spans of one brand in one post that are collected before they are merged; few queries and posts have more.
const SPANS_UNMERGED: usize = 4_096;

/// Sorts the spans from `start` on and joins those that overlap.
fn merge_spans(spans: &mut Vec<Span>, start: usize) {
    let Some(list) = spans.get_mut(start..) else { return };
    list.sort_unstable();
    let mut kept = 0;
    for at in 1..list.len() {
        let span = list[at];
        let before = &mut list[kept];
        if span.zone == before.zone && span.start < before.end {
            before.end = before.end.max(span.end);
        } else {
            kept += 1;
            list[kept] = span;
        }
    }
    let length = list.len().min(kept + 1);
    spans.truncate(start + length);
}

/// The spans of one brand while they are collected. They are merged whenever there are many of them, so that a query
/// which names the same words a thousand times takes no more memory than the words do.
pub(super) struct Shown<'a> {
    pub(super) spans: &'a mut Vec<Span>,
    /// Where those of the brand begin.
    start: usize,
    /// The length at which they are merged.
    full: usize,
}

impl<'a> Shown<'a> {
    pub(super) fn new(spans: &'a mut Vec<Span>) -> Shown<'a> {
        Shown { spans, start: 0, full: SPANS_UNMERGED }
    }

    pub(super) fn begin(&mut self, start: usize) {
        (self.start, self.full) = (start, start + SPANS_UNMERGED);
    }

    #[inline]
    pub(super) fn add(&mut self, span: Span) {
        self.spans.push(span);
        if self.spans.len() >= self.full {
            self.merge();
            // Merging costs most where it does not help.
            self.full = self.start + SPANS_UNMERGED.max(2 * (self.spans.len() - self.start));
        }
    }

    pub(super) fn merge(&mut self) {
        merge_spans(self.spans, self.start);
    }
}
