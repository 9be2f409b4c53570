//! All brands, all panes: the one writer of metrics and incidents.
//!
//! **Invariant:** what comes out is a function of the lanes' contents. Work is done in the order of
//! event time: at each time the panes, additions, hours and days that fall due, then the rules; the
//! records of one time are ordered by brand. An on-time post never meets a closed pane, because the
//! engine's watermark is the least of the lanes' and each lane's posts are on time by its own.

use std::{cell::Cell, collections::BTreeMap};

use rustc_hash::FxHashMap;

use super::{
    AlertRule, BrandSettings, DeltaError, EngineSettings, Folded, LaneDelta, LaneMark, Tally,
    changelog::Unwritten,
    counters::Counters,
    detect::surge::{HISTORY_ROWS, ROW_MS},
    evidence::Highlights,
    incident::Look,
    snapshot::State,
    summary::{RowKey, Summary, delta_row, full_row},
    windows::{Due, OldRow, Open},
};
use crate::model::{BrandId, Incident, MetricRow, MetricStatus, Resolution, Timestamp};

/// What the engine lets out, in an order that depends on the lanes' contents alone.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineOutput {
    /// A closed pane or a late addition to one.
    Metric(Box<MetricRow>),
    /// A state of an incident.
    Incident(Box<Incident>),
}

/// Merges lanes, closes panes, rolls up, detects.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(super) settings: EngineSettings,
    /// Rules of each brand, and the longest window among them.
    rules: Vec<(Vec<AlertRule>, i64)>,
    /// Number of each brand's peer set.
    peer_sets: Vec<Option<usize>>,
    pub(super) state: State,
    /// Room for the next snapshot: a quarter more than the last one took.
    pub(super) snapshot_bytes: Cell<usize>,
    pub(super) unwritten: Unwritten,
}

impl Engine {
    /// An engine over so many lanes that has seen nothing.
    #[must_use]
    pub fn new(settings: EngineSettings, lanes: usize) -> Engine {
        let settings = EngineSettings { pane_ms: settings.pane_ms.max(1), ..settings };
        let state = State::new(settings.pane_ms, lanes);
        Engine::with_state(settings, state)
    }

    pub(super) fn with_state(settings: EngineSettings, state: State) -> Engine {
        let rules = settings.brands.iter().map(|brand| rules_for(&settings.alerts, &brand.id)).collect();
        let peer_sets = peer_sets(&settings);
        let (snapshot_bytes, unwritten) = (Cell::new(0), Unwritten::default());
        Engine { settings, rules, peer_sets, state, snapshot_bytes, unwritten }
    }

    /// Knows more brands from now on. They begin with those known, which keep their numbers and peer sets.
    pub fn set_brands(&mut self, brands: Vec<BrandSettings>) {
        self.settings.brands = brands;
        let (settings, alerts) = (&self.settings, &self.settings.alerts);
        self.rules = settings.brands.iter().map(|brand| rules_for(alerts, &brand.id)).collect();
        self.peer_sets = peer_sets(settings);
    }

    /// Takes in what a lane has folded and appends to `out` what that closes. The deltas of one lane
    /// come in their order; how lanes interleave does not show.
    ///
    /// # Errors
    /// When the delta does not follow on the lane's last one; nothing is changed then.
    pub fn apply(
        &mut self,
        lane: usize,
        delta: LaneDelta,
        out: &mut Vec<EngineOutput>,
    ) -> Result<(), DeltaError> {
        self.apply_all(&[(lane, delta.mark)], delta.folded, out)
    }

    /// As [`Engine::apply`], for lanes that were folded together: each by its number, once.
    ///
    /// # Errors
    /// When a mark does not follow on its lane's last one; nothing is changed then.
    pub fn apply_all(
        &mut self,
        marks: &[(usize, LaneMark)],
        folded: Folded,
        out: &mut Vec<EngineOutput>,
    ) -> Result<(), DeltaError> {
        marks.iter().try_for_each(|(lane, mark)| self.check(*lane, mark))?;
        let closed = self.watermark();
        for (lane, mark) in marks {
            if let Some(slot) = self.state.lanes.get_mut(*lane) {
                *slot = (slot.0.max(mark.watermark), slot.1 + 1);
            }
            self.state.reached = self.state.reached.max(mark.reached);
        }
        self.state.windows.merge(folded, closed);
        self.unwritten.meta = true;
        self.advance(out);
        Ok(())
    }

    fn check(&self, lane: usize, mark: &LaneMark) -> Result<(), DeltaError> {
        match self.state.lanes.get(lane) {
            None => Err(DeltaError::Lane { lane, lanes: self.state.lanes.len() }),
            Some((_, expected)) if *expected != mark.sequence => {
                Err(DeltaError::Sequence { lane, found: mark.sequence, expected: *expected })
            }
            Some(_) => Ok(()),
        }
    }

    /// A further lane, which joins at the engine's present watermark; its index. With no lanes at all that
    /// is [`Timestamp::MIN`], and nothing closes.
    ///
    /// The engine's watermark does not fall back for it. As long as the lane's own clock is behind, its
    /// posts may be on time for the lane and too late for the engine: a pane that is closed stays closed,
    /// and they come as late additions (counts and sums only, with `status: delta`), due at the end of the
    /// base pane that holds the watermark at which the lane joined. Late posts and corrections of the lane
    /// whose own epoch is over by then are due at that end too. Which posts these are depends on when the
    /// lane joins, and on nothing else.
    pub fn add_lane(&mut self) -> usize {
        let joins_at = self.watermark();
        self.state.lanes.push((joins_at, 0));
        self.unwritten.meta = true;
        self.state.lanes.len() - 1
    }

    /// Nothing more comes from a lane: it holds no pane open any longer. It shows when the next delta is applied.
    pub fn end_lane(&mut self, lane: usize) {
        self.set_lane(lane, Timestamp::MAX);
    }

    /// A lane that had ended goes on: it joins again at the engine's present watermark, as a further one does
    /// ([`Engine::add_lane`]), and its deltas go on where they were.
    pub fn rejoin_lane(&mut self, lane: usize) {
        self.set_lane(lane, self.watermark());
    }

    fn set_lane(&mut self, lane: usize, to: Timestamp) {
        if let Some(slot) = self.state.lanes.get_mut(lane) {
            slot.0 = to;
            self.unwritten.meta = true;
        }
    }

    /// True when a lane has ended.
    #[must_use]
    pub fn has_ended(&self, lane: usize) -> bool {
        self.state.lanes.get(lane).is_some_and(|slot| slot.0 == Timestamp::MAX)
    }

    /// How many lanes there are.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.state.lanes.len()
    }

    /// The least watermark of all lanes: panes that end at or before it are closed.
    #[must_use]
    pub fn watermark(&self) -> Timestamp {
        self.state.lanes.iter().map(|l| l.0).min().unwrap_or(Timestamp::MIN)
    }

    /// Panes not closed yet, over all brands and resolutions.
    #[must_use]
    pub fn open_panes(&self) -> usize {
        self.state.windows.count()
    }

    /// When the oldest pane begins that is not closed yet.
    #[must_use]
    pub fn oldest_open_pane(&self) -> Option<Timestamp> {
        self.state.windows.oldest_pane()
    }

    fn advance(&mut self, out: &mut Vec<EngineOutput>) {
        let watermark = self.watermark();
        loop {
            let pane = self.state.windows.next_due().filter(|due| *due <= watermark);
            let rule = self.next_look().filter(|due| *due <= watermark);
            let Some(now) = [pane, rule].into_iter().flatten().min() else { break };
            self.step(now, out);
        }
    }

    /// When a rule is looked at next. After the end of all input, incidents stay as they are: the silence
    /// that follows says nothing. The end is the last pane or the furthest lane, whichever is later, so
    /// that it does not depend on the order in which the lanes end.
    fn next_look(&self) -> Option<Timestamp> {
        let ((due, _), ()) = self.state.agenda.entries().first_key_value()?;
        if self.watermark() < Timestamp::MAX {
            return Some(*due);
        }
        let last_pane = self.state.windows.last_pane().unwrap_or(Timestamp::MIN).max(self.state.last_end);
        (*due <= row_end(last_pane).max(self.state.reached)).then_some(*due)
    }

    fn step(&mut self, now: Timestamp, out: &mut Vec<EngineOutput>) {
        let mut due = self.state.windows.take_due(now);
        let mut records = Vec::new();
        self.close_panes(now, std::mem::take(&mut due.panes), &mut records);
        for (row, counters) in std::mem::take(&mut due.late) {
            self.late_row(now, row, &counters, &mut records);
        }
        self.state.windows.take_rollups(now, &mut due);
        self.rollup_rows(now, &due, &mut records);
        self.look(now, &mut records);
        records.sort_by_key(|(brand, _)| *brand);
        out.extend(records.into_iter().map(|(_, record)| record));
    }

    fn close_panes(&mut self, now: Timestamp, panes: Vec<(BrandId, Box<Tally>)>, records: &mut Records) {
        if panes.is_empty() {
            return;
        }
        self.note_row(now);
        let shares = self.shares(panes.iter().map(|(brand, tally)| (*brand, tally.counters.mentions)));
        for (brand, mut tally) in panes {
            let seen = Highlights {
                exemplars: std::mem::take(&mut tally.exemplars),
                causes: std::mem::take(&mut tally.causes),
            };
            let pane = Summary::of(*tally);
            self.full_row(Resolution::Minute, now, brand, &pane, shares.get(&brand), records);
            self.state.windows.roll_up(now, brand, &pane);
            self.observe(now, brand, pane, seen);
        }
    }

    /// Where the stream's history begins: anew after two silent weeks.
    fn note_row(&mut self, now: Timestamp) {
        let row = (row_end(now).millis() - 1).div_euclid(ROW_MS);
        let last = (row_end(self.state.last_end).millis().saturating_sub(1)).div_euclid(ROW_MS);
        if self.state.last_end == Timestamp::MIN || row - last > HISTORY_ROWS {
            self.state.since = row;
        }
        self.state.last_end = now;
    }

    fn observe(&mut self, now: Timestamp, brand: BrandId, pane: Summary, seen: Highlights) {
        let Some((rules, keep_ms)) = self.rules.get(brand.0 as usize).filter(|(rules, _)| !rules.is_empty())
        else {
            return;
        };
        self.state.watches.entry(brand).or_default().observe(now, pane, seen, *keep_ms);
        let by_row = |rule: &AlertRule| matches!(rule.test, super::AlertTest::Surge { .. });
        if rules.iter().any(by_row) {
            self.state.agenda.add((row_end(now), brand));
        }
        if !rules.iter().all(by_row) {
            self.state.agenda.add((now, brand));
        }
    }

    /// Each brand's share of its peer set's mentions.
    fn shares(&self, mentions: impl Iterator<Item = (BrandId, i64)> + Clone) -> FxHashMap<BrandId, f64> {
        let set = |brand: BrandId| self.peer_sets.get(brand.0 as usize).copied().flatten();
        let mut sums = vec![0_i64; self.settings.brands.len()];
        for (brand, n) in mentions.clone() {
            if let Some(sum) = set(brand).and_then(|set| sums.get_mut(set)) {
                *sum += n;
            }
        }
        let share = |(brand, n): (BrandId, i64)| {
            let sum = *sums.get(set(brand)?)?;
            (sum > 0).then(|| (brand, n as f64 / sum as f64))
        };
        mentions.filter_map(share).collect()
    }

    fn full_row(
        &self,
        resolution: Resolution,
        end: Timestamp,
        brand: BrandId,
        summary: &Summary,
        share: Option<&f64>,
        records: &mut Records,
    ) {
        let Some(key) = self.key(resolution, end, brand) else { return };
        if !summary.counters.is_zero() {
            let row = full_row(&key, MetricStatus::Final, summary, share.copied(), self.settings.top);
            records.push((brand, EngineOutput::Metric(Box::new(row))));
        }
    }

    /// None when the resolution is not wanted.
    fn key(&self, resolution: Resolution, end: Timestamp, brand: BrandId) -> Option<RowKey<'_>> {
        let name = &self.settings.brands.get(brand.0 as usize)?.id;
        let width =
            if resolution == Resolution::Minute { self.settings.pane_ms } else { resolution.width_ms() };
        let key = RowKey { brand: name, resolution, start: end.plus(-width), end, as_of: end };
        self.settings.resolutions.contains(&resolution).then_some(key)
    }

    fn late_row(&self, now: Timestamp, row: OldRow, counters: &Counters, records: &mut Records) {
        let (brand, resolution, start) = row;
        let width =
            if resolution == Resolution::Minute { self.settings.pane_ms } else { resolution.width_ms() };
        let Some(key) = self.key(resolution, start.plus(width), brand) else { return };
        let key = RowKey { as_of: now, ..key };
        records.push((brand, EngineOutput::Metric(Box::new(delta_row(&key, counters)))));
    }

    fn rollup_rows(&self, now: Timestamp, due: &Due, records: &mut Records) {
        for (resolution, rows) in [(Resolution::Hour, &due.hours), (Resolution::Day, &due.days)] {
            let shares = self.shares(rows.iter().map(|(brand, summary)| (*brand, summary.counters.mentions)));
            for (brand, summary) in rows {
                self.full_row(resolution, now, *brand, summary, shares.get(brand), records);
            }
        }
    }

    fn look(&mut self, now: Timestamp, records: &mut Records) {
        while let Some(((_, brand), ())) = self.state.agenda.pop_first_if(|(due, _)| *due <= now) {
            let (Some((rules, _)), Some(settings)) =
                (self.rules.get(brand.0 as usize), self.settings.brands.get(brand.0 as usize))
            else {
                continue;
            };
            let at = Look { now, brand: &settings.id, since: self.state.since };
            let live = self.state.watches.change(brand, |watch| {
                let mut changed = false;
                for rule in rules {
                    let (incident, by_this) = watch.look(&at, rule);
                    changed |= by_this;
                    records.extend(incident.map(|i| (brand, EngineOutput::Incident(Box::new(i)))));
                }
                (watch.is_live(), changed)
            });
            if live == Some(true) {
                self.state.agenda.add((row_end(now.plus(1)), brand));
            }
        }
    }

    /// Provisional rows of every pane that is still open, all brands.
    #[must_use]
    pub fn open_rows(&self) -> Vec<MetricRow> {
        self.provisional(None)
    }

    /// Provisional rows of one brand. Share of voice is null in them.
    #[must_use]
    pub fn open_rows_of(&self, brand: &str) -> Vec<MetricRow> {
        let id = self.settings.brands.iter().position(|b| b.id == brand);
        id.map_or_else(Vec::new, |id| self.provisional(Some(BrandId(id as u32))))
    }

    fn provisional(&self, only: Option<BrandId>) -> Vec<MetricRow> {
        let open = self.state.windows.open(only);
        let mut rows = Vec::with_capacity(open.len());
        let mut groups: BTreeMap<(Resolution, Timestamp), Vec<(BrandId, i64)>> = BTreeMap::new();
        for (resolution, end, brand, summary) in &open {
            groups.entry((*resolution, *end)).or_default().push((*brand, summary.counters.mentions));
        }
        for (resolution, end, brand, summary) in &open {
            let peers = groups.get(&(*resolution, *end)).filter(|_| only.is_none());
            let share = peers.and_then(|peers| self.shares(peers.iter().copied()).get(brand).copied());
            let Some(key) = self.key(*resolution, *end, *brand) else { continue };
            let as_of = self.watermark().max(key.start);
            let key = RowKey { as_of, ..key };
            rows.push(full_row(&key, MetricStatus::Provisional, summary, share, self.settings.top));
        }
        rows
    }
}

/// Records of one time, before they are ordered by brand.
type Records = Vec<(BrandId, EngineOutput)>;

/// The end of the row of five minutes that holds the instant before `end`.
fn row_end(end: Timestamp) -> Timestamp {
    end.plus(-1).floor(ROW_MS).plus(ROW_MS)
}

/// Each brand's peer set by the position of the first brand that names it.
fn peer_sets(settings: &EngineSettings) -> Vec<Option<usize>> {
    let mut first = BTreeMap::new();
    let number = |(at, brand): (usize, &BrandSettings)| {
        let set = brand.peer_set.clone()?;
        Some(*first.entry(set).or_insert(at))
    };
    settings.brands.iter().enumerate().map(number).collect()
}

fn rules_for(rules: &[AlertRule], brand: &str) -> (Vec<AlertRule>, i64) {
    let concerns = |rule: &&AlertRule| rule.brands.is_empty() || rule.brands.iter().any(|b| b == brand);
    let rules: Vec<AlertRule> = rules.iter().filter(concerns).cloned().collect();
    let keep_ms = rules.iter().map(|rule| rule.test.window_ms()).max().unwrap_or(0);
    (rules, keep_ms)
}

/// What waits to be looked at, by time and brand.
pub(super) type Agenda = Open<()>;
