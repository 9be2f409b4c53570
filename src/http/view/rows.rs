//! Metric rows by brand and resolution, bounded by number and by bytes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, RwLock};

use dashmap::DashMap;

use super::{BrandInfo, ViewLimits, merge, unpoisoned};
use crate::model::{MetricRow, MetricStatus, Resolution, Timestamp};

/// A row and how often it was corrected.
#[derive(Clone, Debug)]
pub struct StoredRow {
    /// The row with all its corrections.
    pub row: Arc<MetricRow>,
    /// 0 for a provisional row, 1 for a final one, one more with each delta.
    pub revision: u32,
    /// `as_of` of the last delta: one that comes again is not added twice.
    corrected: Option<Timestamp>,
}

/// Which rows.
#[derive(Clone, Debug)]
pub struct RowFilter {
    /// Brands by position, ascending.
    pub brands: Vec<u32>,
    /// Width.
    pub resolution: Resolution,
    /// Rows that start at or after this time.
    pub from: Option<Timestamp>,
    /// Rows that start before this time.
    pub to: Option<Timestamp>,
}

/// Brand and start of a row: where a page ended.
pub type RowPosition = (u32, Timestamp);

/// One brand at one resolution.
#[derive(Debug, Default)]
struct Series {
    rows: BTreeMap<Timestamp, StoredRow>,
    /// The latest start that had to give way; nothing at or before it comes back.
    gone: Option<Timestamp>,
}

type SeriesKey = (u32, Resolution);

/// What only the writer needs.
#[derive(Debug)]
struct Ledger {
    /// Start and brand of every row, by resolution: the order in which rows give way.
    order: [BTreeSet<(Timestamp, u32)>; 3],
    bytes: [usize; 3],
    resumed_at: Timestamp,
}

/// The brands by position.
#[derive(Debug)]
struct Index {
    names: HashMap<String, u32>,
    /// For each brand, all brands of its peer set; empty without one.
    peers: Vec<Vec<u32>>,
}

impl Index {
    fn new(brands: &[BrandInfo]) -> Index {
        let ids = (0u32..).zip(brands);
        let peers = |brand: &BrandInfo| match &brand.peer_set {
            Some(set) => {
                ids.clone().filter(|(_, b)| b.peer_set.as_ref() == Some(set)).map(|(i, _)| i).collect()
            }
            None => Vec::new(),
        };
        Index {
            names: ids.clone().map(|(i, b)| (b.id.clone(), i)).collect(),
            peers: brands.iter().map(peers).collect(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Rows {
    limits: ViewLimits,
    index: RwLock<Index>,
    series: DashMap<SeriesKey, Series>,
    open: RwLock<Arc<HashMap<SeriesKey, BTreeMap<Timestamp, StoredRow>>>>,
    ledger: Mutex<Ledger>,
}

impl Rows {
    pub(super) fn new(brands: &[BrandInfo], limits: ViewLimits) -> Rows {
        Rows {
            limits,
            index: RwLock::new(Index::new(brands)),
            series: DashMap::new(),
            open: RwLock::default(),
            ledger: Mutex::new(Ledger {
                order: Default::default(),
                bytes: [0; 3],
                resumed_at: Timestamp::MIN,
            }),
        }
    }

    pub(super) fn brand(&self, id: &str) -> Option<u32> {
        unpoisoned(self.index.read()).names.get(id).copied()
    }

    pub(super) fn set_brands(&self, brands: &[BrandInfo]) {
        *unpoisoned(self.index.write()) = Index::new(brands);
    }

    pub(super) fn resumed_at(&self, at: Timestamp) {
        unpoisoned(self.ledger.lock()).resumed_at = at;
    }

    pub(super) fn publish(&self, row: &MetricRow) {
        let Some(brand) = self.brand(&row.brand) else { return };
        let mut ledger = unpoisoned(self.ledger.lock());
        match row.status {
            MetricStatus::Provisional => {}
            MetricStatus::Final => {
                self.store(
                    &mut ledger,
                    brand,
                    StoredRow { row: Arc::new(row.clone()), revision: 1, corrected: None },
                );
            }
            MetricStatus::Delta => self.correct(&mut ledger, brand, row),
        }
    }

    pub(super) fn publish_open(&self, rows: Vec<MetricRow>) {
        let mut open: HashMap<SeriesKey, BTreeMap<Timestamp, StoredRow>> = HashMap::new();
        for row in rows {
            if let Some(brand) = self.brand(&row.brand) {
                let (key, start) = ((brand, row.resolution), row.start);
                let stored = StoredRow { row: Arc::new(row), revision: 0, corrected: None };
                open.entry(key).or_default().insert(start, stored);
            }
        }
        *unpoisoned(self.open.write()) = Arc::new(open);
    }

    fn correct(&self, ledger: &mut Ledger, brand: u32, delta: &MetricRow) {
        let key = (brand, delta.resolution);
        let held = self.series.get(&key).and_then(|s| s.rows.get(&delta.start).cloned());
        let corrected = match held {
            Some(held) if held.corrected.is_some_and(|at| delta.as_of <= at) => return,
            Some(mut held) => {
                merge::add_delta(Arc::make_mut(&mut held.row), delta);
                StoredRow { row: held.row, revision: held.revision + 1, corrected: Some(delta.as_of) }
            }
            // The pane closed without a mention, so it has no final row yet.
            None if delta.end > ledger.resumed_at => {
                let row = MetricRow { status: MetricStatus::Final, ..delta.clone() };
                StoredRow { row: Arc::new(row), revision: 1, corrected: Some(delta.as_of) }
            }
            None => return,
        };
        self.store(ledger, brand, corrected);
        if delta.mentions != 0 {
            self.share_again(brand, delta.resolution, delta.start);
        }
    }

    /// Shares of voice of a peer set in one pane, after one of its volumes has changed.
    fn share_again(&self, brand: u32, resolution: Resolution, start: Timestamp) {
        let index = unpoisoned(self.index.read());
        let peers = index.peers.get(brand as usize).map_or(&[][..], Vec::as_slice);
        let volume = |peer: &u32| {
            let series = self.series.get(&(*peer, resolution))?;
            series.rows.get(&start).map(|r| r.row.mentions.max(0))
        };
        let total: i64 = peers.iter().filter_map(volume).sum();
        for peer in peers {
            let Some(mut series) = self.series.get_mut(&(*peer, resolution)) else { continue };
            if let Some(stored) = series.rows.get_mut(&start) {
                let row = Arc::make_mut(&mut stored.row);
                row.share_of_voice = (total > 0).then(|| row.mentions.max(0) as f64 / total as f64);
            }
        }
    }

    fn store(&self, ledger: &mut Ledger, brand: u32, stored: StoredRow) {
        let (resolution, start) = (stored.row.resolution, stored.row.start);
        let mut series = self.series.entry((brand, resolution)).or_default();
        if series.gone.is_some_and(|gone| start <= gone) {
            return;
        }
        ledger.bytes[resolution as usize] += size(&stored.row);
        if let Some(old) = series.rows.insert(start, stored) {
            ledger.bytes[resolution as usize] -= size(&old.row);
        }
        ledger.order[resolution as usize].insert((start, brand));
        while series.rows.len() > self.limits.rows_per_brand[resolution as usize] {
            drop_first(ledger, brand, resolution, &mut series);
        }
        drop(series);
        self.make_room(ledger, resolution);
    }

    /// The oldest rows of all brands give way first.
    fn make_room(&self, ledger: &mut Ledger, resolution: Resolution) {
        let index = resolution as usize;
        while ledger.bytes[index] > self.limits.rows_bytes[index] {
            let Some(&(start, brand)) = ledger.order[index].first() else { return };
            match self.series.get_mut(&(brand, resolution)) {
                Some(mut series) if series.rows.first_key_value().is_some_and(|(s, _)| *s == start) => {
                    drop_first(ledger, brand, resolution, &mut series);
                }
                _ => {
                    ledger.order[index].remove(&(start, brand));
                }
            }
        }
    }

    pub(super) fn find(
        &self,
        filter: &RowFilter,
        after: Option<RowPosition>,
        limit: usize,
    ) -> Vec<StoredRow> {
        let mut found = Vec::new();
        for &brand in &filter.brands {
            let lower = match after {
                Some((last, _)) if brand < last => continue,
                Some((last, start)) if brand == last => Bound::Excluded(start),
                _ => filter.from.map_or(Bound::Unbounded, Bound::Included),
            };
            let upper = filter.to.map_or(Bound::Unbounded, Bound::Excluded);
            self.collect((brand, filter.resolution), (lower, upper), limit - found.len(), &mut found);
            if found.len() >= limit {
                break;
            }
        }
        found
    }

    fn collect(
        &self,
        key: SeriesKey,
        span: (Bound<Timestamp>, Bound<Timestamp>),
        limit: usize,
        found: &mut Vec<StoredRow>,
    ) {
        if empty(span) {
            return;
        }
        // The open rows are looked up first: a pane that closes meanwhile is then seen twice, not never.
        let open = Arc::clone(&*unpoisoned(self.open.read()));
        let mut rows: BTreeMap<Timestamp, StoredRow> = BTreeMap::new();
        if let Some(open) = open.get(&key) {
            rows.extend(open.range(span).take(limit).map(|(start, row)| (*start, row.clone())));
        }
        if let Some(series) = self.series.get(&key) {
            rows.extend(series.rows.range(span).take(limit).map(|(start, row)| (*start, row.clone())));
        }
        found.extend(rows.into_values().take(limit));
    }

    pub(super) fn latest(&self, brand: u32, resolution: Resolution) -> Option<StoredRow> {
        let key = (brand, resolution);
        let open = Arc::clone(&*unpoisoned(self.open.read()));
        let provisional = open.get(&key).and_then(|rows| rows.last_key_value());
        let settled = self.series.get(&key).and_then(|s| s.rows.last_key_value().map(|(_, row)| row.clone()));
        match (provisional, settled) {
            (Some((start, row)), settled) if settled.as_ref().is_none_or(|s| s.row.start < *start) => {
                Some(row.clone())
            }
            (_, settled) => settled,
        }
    }

    pub(super) fn sizes(&self) -> (usize, usize) {
        let rows = unpoisoned(self.ledger.lock()).order.iter().map(BTreeSet::len).sum();
        (rows, unpoisoned(self.open.read()).values().map(BTreeMap::len).sum())
    }
}

fn drop_first(ledger: &mut Ledger, brand: u32, resolution: Resolution, series: &mut Series) {
    if let Some((start, old)) = series.rows.pop_first() {
        ledger.bytes[resolution as usize] -= size(&old.row);
        ledger.order[resolution as usize].remove(&(start, brand));
        series.gone = series.gone.max(Some(start));
    }
}

/// `BTreeMap::range` refuses a span whose end lies before its start.
fn empty(span: (Bound<Timestamp>, Bound<Timestamp>)) -> bool {
    match span {
        (Bound::Included(a) | Bound::Excluded(a), Bound::Included(b) | Bound::Excluded(b)) => a >= b,
        _ => false,
    }
}

/// About what a row takes in memory.
fn size(row: &MetricRow) -> usize {
    let lists = [&row.networks, &row.languages, &row.top_hashtags.entries, &row.top_links.entries];
    let entries = lists.into_iter().chain([&row.top_authors.entries]).flatten();
    let text: usize = entries.map(|e| e.value.len() + size_of_val(e) + 24).sum();
    size_of::<MetricRow>() + 128 + row.brand.len() + row.engagement_formula.len() + text
}
