//! Panes of time: open until the global watermark passes them, then rows, hours and days.
//!
//! **Invariant:** what is due is taken out in the order of its time, and at one time all of it
//! together. Only panes that hold something exist, so silence costs nothing, however long it is.

use std::collections::{BTreeMap, btree_map::Entry};

use serde::{Deserialize, Serialize};

use super::{LaneDelta, Tally, counters::Counters, delta::LateKey, summary::Summary};
use crate::model::{BrandId, Resolution, Timestamp};

/// Open panes by end and brand.
type Open<T> = BTreeMap<(Timestamp, BrandId), T>;

/// Everything that still waits for the watermark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Windows {
    pane_ms: i64,
    panes: Open<Box<Tally>>,
    late: BTreeMap<LateKey, Counters>,
    hours: Open<Box<Summary>>,
    days: Open<Box<Summary>>,
}

/// Everything that falls due at one time, each list ascending by brand.
#[derive(Debug, Default)]
pub(super) struct Due {
    pub(super) panes: Vec<(BrandId, Box<Tally>)>,
    pub(super) late: Vec<LateRow>,
    pub(super) hours: Vec<(BrandId, Box<Summary>)>,
    pub(super) days: Vec<(BrandId, Box<Summary>)>,
}

/// An addition to a row that is already out.
#[derive(Debug)]
pub(super) struct LateRow {
    pub(super) brand: BrandId,
    pub(super) resolution: Resolution,
    pub(super) start: Timestamp,
    pub(super) counters: Counters,
}

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
        self.panes.len() + self.hours.len() + self.days.len()
    }

    /// Merges what a lane has folded.
    pub(super) fn merge(&mut self, delta: LaneDelta) {
        for ((start, brand), tally) in delta.panes {
            match self.panes.entry((start.plus(self.pane_ms), brand)) {
                Entry::Vacant(slot) => {
                    slot.insert(tally);
                }
                Entry::Occupied(mut slot) => slot.get_mut().merge(*tally),
            }
        }
        for (key, counters) in delta.late {
            self.late.entry(key).or_default().merge(&counters);
        }
    }

    /// When the next thing falls due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let first = |open: Option<(Timestamp, BrandId)>| open.map(|(end, _)| end);
        [
            first(self.panes.first_key_value().map(|(key, _)| *key)),
            self.late.first_key_value().map(|(key, _)| key.epoch),
            first(self.hours.first_key_value().map(|(key, _)| *key)),
            first(self.days.first_key_value().map(|(key, _)| *key)),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// End of the last open base pane.
    pub(super) fn last_pane(&self) -> Option<Timestamp> {
        self.panes.last_key_value().map(|((end, _), _)| *end)
    }

    /// Takes out everything that is due at `now`, which must be `next_due`. Panes go into their hour as
    /// they close, hours into their day.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Due {
        let mut due = Due { panes: take(&mut self.panes, now), ..Due::default() };
        while let Some(entry) = self.late.first_entry().filter(|e| e.key().epoch <= now) {
            let (key, counters) = entry.remove_entry();
            if !counters.is_zero() {
                self.add_late(key, counters, now, &mut due.late);
            }
        }
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
    fn add_late(&mut self, key: LateKey, counters: Counters, now: Timestamp, rows: &mut Vec<LateRow>) {
        let LateKey { brand, start, .. } = key;
        let mut row = |resolution, start| {
            rows.push(LateRow { brand, resolution, start, counters: counters.clone() });
        };
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
        let mut hours: Open<Summary> = BTreeMap::new();
        let mut rows = Vec::new();
        copy_open(&self.hours, &wanted, &mut hours);
        for ((end, brand), tally) in self.panes.iter().filter(|((_, brand), _)| wanted(*brand)) {
            let summary = Summary::of((**tally).clone());
            let hour = end.plus(-1).floor(HOUR).plus(HOUR);
            hours.entry((hour, *brand)).or_default().merge(&summary);
            rows.push((Resolution::Minute, *end, *brand, summary));
        }
        let mut days: Open<Summary> = BTreeMap::new();
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
        remap(&mut self.panes, brand);
        remap(&mut self.hours, brand);
        remap(&mut self.days, brand);
        let late = std::mem::take(&mut self.late);
        let renamed = |(key, n): (LateKey, Counters)| Some((LateKey { brand: brand(key.brand)?, ..key }, n));
        self.late = late.into_iter().filter_map(renamed).collect();
    }
}

fn take<T>(open: &mut Open<T>, now: Timestamp) -> Vec<(BrandId, T)> {
    let mut taken = Vec::new();
    while let Some(entry) = open.first_entry().filter(|e| e.key().0 <= now) {
        let ((_, brand), value) = entry.remove_entry();
        taken.push((brand, value));
    }
    taken
}

fn copy_open(from: &Open<Box<Summary>>, wanted: &dyn Fn(BrandId) -> bool, to: &mut Open<Summary>) {
    to.extend(from.iter().filter(|((_, b), _)| wanted(*b)).map(|(key, s)| (*key, (**s).clone())));
}

fn remap<T>(open: &mut Open<T>, brand: &dyn Fn(BrandId) -> Option<BrandId>) {
    let old = std::mem::take(open);
    *open = old.into_iter().filter_map(|((end, b), value)| Some(((end, brand(b)?), value))).collect();
}
