//! Panes of time: open until the global watermark passes them, then rows, hours and days.
//!
//! **Invariant:** what is due is taken out in the order of its time, and at one time all of it
//! together. Only panes that hold something exist, so silence costs nothing, however long it is.
//! A span that is closed is never opened again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Folded, Tally, counters::Counters, delta::LateKey, panes::Panes, summary::Summary, tracked::Tracked,
};
use crate::model::{BrandId, Resolution, Timestamp};

/// Open panes by end and brand.
pub(super) type Open<T> = Tracked<(Timestamp, BrandId), T>;
/// Copies of open spans.
type Copies = BTreeMap<(Timestamp, BrandId), Summary>;

/// Everything that still waits for the watermark.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Windows {
    pane_ms: i64,
    pub(super) panes: Panes,
    pub(super) late: Tracked<LateKey, Counters>,
    pub(super) hours: Open<Box<Summary>>,
    pub(super) days: Open<Box<Summary>>,
}

/// Everything that falls due at one time, each list ascending by brand.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) panes: Vec<(BrandId, Box<Tally>)>,
    pub(super) late: Additions,
    pub(super) hours: Vec<(BrandId, Box<Summary>)>,
    pub(super) days: Vec<(BrandId, Box<Summary>)>,
}

/// A row that is already out: its brand, resolution and start.
pub(super) type OldRow = (BrandId, Resolution, Timestamp);
/// What is added to such rows at one time. One addition a row, whatever it is made of: a second one would have the same
/// key, and a compacted topic keeps one value a key.
type Additions = BTreeMap<OldRow, Counters>;

const HOUR: i64 = Resolution::Hour.width_ms();
const DAY: i64 = Resolution::Day.width_ms();

impl Windows {
    pub(super) fn new(pane_ms: i64) -> Windows {
        Windows { pane_ms, ..Windows::default() }
    }

    pub(super) fn pane_ms(&self) -> i64 {
        self.pane_ms
    }

    /// Panes that wait for the watermark, over all brands and resolutions.
    pub(super) fn count(&self) -> usize {
        self.panes.entries().len() + self.hours.entries().len() + self.days.entries().len()
    }

    /// Merges what lanes have folded. Panes that end by `closed`, the engine's watermark, are out already:
    /// what a lane that has joined later still brings for them is a late addition, due at the end of the
    /// pane that holds `closed`. Only counts and sums can be added so; authors and lists are left out.
    pub(super) fn merge(&mut self, folded: Folded, closed: Timestamp) {
        let next = closed.floor(self.pane_ms).plus(self.pane_ms);
        for ((start, brand), tally) in folded.panes {
            if start.plus(self.pane_ms) <= closed {
                let key = LateKey { epoch: next, brand, start };
                self.late.entry(key).or_default().merge(&tally.counters);
                continue;
            }
            self.panes.merge((start.plus(self.pane_ms), brand), tally);
        }
        for (key, counters) in folded.late {
            let epoch = if key.epoch <= closed { next } else { key.epoch };
            self.late.entry(LateKey { epoch, ..key }).or_default().merge(&counters);
        }
    }

    /// When the next thing falls due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        [
            first_end(self.panes.entries()),
            self.late.entries().first_key_value().map(|(key, _)| key.epoch),
            first_end(self.hours.entries()),
            first_end(self.days.entries()),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Start of the first open base pane.
    pub(super) fn oldest_pane(&self) -> Option<Timestamp> {
        first_end(self.panes.entries()).map(|end| end.plus(-self.pane_ms))
    }

    /// End of the last open base pane.
    pub(super) fn last_pane(&self) -> Option<Timestamp> {
        self.panes.entries().last_key_value().map(|((end, _), _)| *end)
    }

    /// Takes out everything that is due at `now`, which must be `next_due`. Panes go into their hour as
    /// they close, hours into their day.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Due {
        let mut due = Due { panes: self.panes.take_due(now), ..Due::default() };
        while let Some((key, counters)) = self.late.pop_first_if(|key| key.epoch <= now) {
            if !counters.is_zero() {
                self.add_late(key, counters, now, &mut due.late);
            }
        }
        due.late.retain(|_, counters| !counters.is_zero());
        due
    }

    /// Adds a closed pane to its hour.
    pub(super) fn roll_up(&mut self, end: Timestamp, brand: BrandId, pane: &Summary) {
        let hour = end.plus(-1).floor(HOUR).plus(HOUR);
        self.hours.entry((hour, brand)).or_default().merge(pane);
    }

    /// Takes out the hours and days that end by `now`; call it after the panes of `now` are rolled up.
    pub(super) fn take_rollups(&mut self, now: Timestamp, due: &mut Due) {
        due.hours = take(&mut self.hours, now);
        for (brand, hour) in &due.hours {
            let day = now.plus(-1).floor(DAY).plus(DAY);
            self.days.entry((day, *brand)).or_default().merge(hour);
        }
        due.days = take(&mut self.days, now);
    }

    /// A late addition: a row for every span that is already out, and the first open span takes it in.
    fn add_late(&mut self, key: LateKey, counters: Counters, now: Timestamp, rows: &mut Additions) {
        let LateKey { brand, start, .. } = key;
        let mut row =
            |resolution, start| rows.entry((brand, resolution, start)).or_default().merge(&counters);
        row(Resolution::Minute, start);
        let hour = start.floor(HOUR);
        if hour.plus(HOUR) >= now {
            return self.hours.entry((hour.plus(HOUR), brand)).or_default().counters.merge(&counters);
        }
        row(Resolution::Hour, hour);
        let day = start.floor(DAY);
        if day.plus(DAY) >= now {
            return self.days.entry((day.plus(DAY), brand)).or_default().counters.merge(&counters);
        }
        row(Resolution::Day, day);
    }

    /// Open spans of every resolution as they stand, for provisional rows: (resolution, end, brand, summary).
    pub(super) fn open(&self, only: Option<BrandId>) -> Vec<(Resolution, Timestamp, BrandId, Summary)> {
        let wanted = |brand: BrandId| only.is_none_or(|b| b == brand);
        let mut hours = Copies::new();
        let mut rows = Vec::new();
        copy_open(&self.hours, &wanted, &mut hours);
        for ((end, brand), tally) in self.panes.entries().iter().filter(|((_, brand), _)| wanted(*brand)) {
            let summary = Summary::of((**tally).clone());
            let hour = end.plus(-1).floor(HOUR).plus(HOUR);
            hours.entry((hour, *brand)).or_default().merge(&summary);
            rows.push((Resolution::Minute, *end, *brand, summary));
        }
        let mut days = Copies::new();
        copy_open(&self.days, &wanted, &mut days);
        for ((end, brand), hour) in hours {
            days.entry((end.plus(-1).floor(DAY).plus(DAY), brand)).or_default().merge(&hour);
            rows.push((Resolution::Hour, end, brand, hour));
        }
        rows.extend(days.into_iter().map(|((end, brand), day)| (Resolution::Day, end, brand, day)));
        rows
    }

    /// Renames brands; what belongs to a brand that is gone is dropped.
    pub(super) fn remap(&mut self, brand: &dyn Fn(BrandId) -> Option<BrandId>) {
        let at_end = |(end, old)| Some((end, brand(old)?));
        self.panes = std::mem::take(&mut self.panes).rekeyed(brand);
        self.hours = std::mem::take(&mut self.hours).rekeyed(at_end);
        self.days = std::mem::take(&mut self.days).rekeyed(at_end);
        let late = |key: LateKey| Some(LateKey { brand: brand(key.brand)?, ..key });
        self.late = std::mem::take(&mut self.late).rekeyed(late);
    }
}

fn first_end<T>(open: &BTreeMap<(Timestamp, BrandId), T>) -> Option<Timestamp> {
    open.first_key_value().map(|((end, _), _)| *end)
}

fn take<T>(open: &mut Open<T>, now: Timestamp) -> Vec<(BrandId, T)> {
    let mut taken = Vec::new();
    while let Some(((_, brand), value)) = open.pop_first_if(|(end, _)| *end <= now) {
        taken.push((brand, value));
    }
    taken
}

fn copy_open(from: &Open<Box<Summary>>, wanted: &dyn Fn(BrandId) -> bool, to: &mut Copies) {
    to.extend(from.entries().iter().filter(|((_, b), _)| wanted(*b)).map(|(key, s)| (*key, (**s).clone())));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Late posts of several minutes of one hour, and of several hours of one day, all told of at once.
    #[test]
    fn additions_to_one_row_at_one_time_are_one() {
        let minute = |n: i64| Timestamp::from_millis(n * 60_000);
        let (mut windows, epoch) = (Windows::new(60_000), minute(1_600));
        for (start, mentions) in [(10, 4), (300, 1), (301, 2), (359, 3), (420, 5), (421, -5)] {
            let key = LateKey { epoch, brand: BrandId(7), start: minute(start) };
            windows.late.entry(key).or_default().mentions = mentions;
        }
        let row = |((_, resolution, start), counters): (&OldRow, &Counters)| {
            (resolution.as_str(), start.millis() / 60_000, counters.mentions)
        };
        let found: Vec<_> = windows.take_due(epoch).late.iter().map(row).collect();
        let minutes = [(10, 4), (300, 1), (301, 2), (359, 3), (420, 5), (421, -5)];
        let mut expected = Vec::from(minutes.map(|(start, mentions)| ("minute", start, mentions)));
        // Of the last hour nothing is left.
        expected.extend([("hour", 0, 4), ("hour", 300, 6), ("day", 0, 10)]);
        assert_eq!(found, expected);
    }
}
