//! What the read API shows: an in-memory copy of the newest outputs.
//!
//! **Invariant:** one writer (the run's main loop), many readers, and an explicit limit on everything.
//! Readers share values by reference count and hold a lock only while they collect them; nothing that a
//! client does can make the view grow. After a restart it is empty until the run fills it again.

mod incidents;
mod mentions;
mod merge;
mod rows;
mod written;

use std::sync::{Arc, RwLock};

use serde::Serialize;

use crate::config::BrandPlan;
use crate::model::{Corrected, Fate, Incident, Mention, MetricRow, Output, PostKey, Timestamp};

pub use incidents::{IncidentFilter, IncidentHistory, IncidentPosition, StatusFilter};
pub use mentions::{MentionFilter, StoredMention};
pub use rows::{RowFilter, RowPosition, StoredRow};

/// A brand as the pipeline file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrandInfo {
    /// Unique id, the `brand` of every output.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The set that its share of voice is measured in.
    pub peer_set: Option<String>,
    /// The query as written; one of another product as it was translated.
    pub query: String,
    /// Removed while the pipeline runs. It keeps its place and its rows, and is no longer listed.
    pub is_retired: bool,
}

impl From<&BrandPlan> for BrandInfo {
    fn from(brand: &BrandPlan) -> BrandInfo {
        BrandInfo {
            id: brand.id.clone(),
            name: brand.name.clone(),
            peer_set: brand.peer_set.clone(),
            query: brand.source.clone(),
            is_retired: brand.is_retired,
        }
    }
}

/// How much is kept. When a limit is reached the oldest goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewLimits {
    /// Rows of one brand: by minute, hour, day.
    pub rows_per_brand: [usize; 3],
    /// Bytes of the rows of all brands (estimated): by minute, hour, day. Each resolution has its own
    /// room, so that many brands' hours do not leave none for the minutes.
    pub rows_bytes: [usize; 3],
    /// Incidents; resolved ones give way first.
    pub incidents: usize,
    /// Records of one incident; the first always stays.
    pub incident_revisions: usize,
    /// Mentions of one brand.
    pub mentions_per_brand: usize,
    /// Mentions of all brands.
    pub mentions: usize,
    /// Bytes of all mentions together (estimated).
    pub mentions_bytes: usize,
}

impl Default for ViewLimits {
    /// A day of minutes, a month of hours, a year of days, 200 mentions a brand; at most about 150 MB in all.
    fn default() -> ViewLimits {
        ViewLimits {
            rows_per_brand: [1_440, 744, 400],
            rows_bytes: [48 << 20, 32 << 20, 16 << 20],
            incidents: 1_000,
            incident_revisions: 100,
            mentions_per_brand: 200,
            mentions: 20_000,
            mentions_bytes: 48 << 20,
        }
    }
}

/// How many of each kind are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewSizes {
    /// Final rows.
    pub rows: usize,
    /// Provisional rows.
    pub open_rows: usize,
    /// Incidents.
    pub incidents: usize,
    /// Mentions.
    pub mentions: usize,
}

/// The newest outputs of a run, by brand.
#[derive(Debug)]
pub struct View {
    brands: RwLock<Arc<[BrandInfo]>>,
    rows: rows::Rows,
    incidents: incidents::Incidents,
    mentions: mentions::Mentions,
}

impl View {
    /// An empty view of these brands, in the order of the plan: the position is the
    /// [`BrandId`](crate::model::BrandId).
    #[must_use]
    pub fn new(brands: Vec<BrandInfo>, limits: ViewLimits) -> View {
        View {
            rows: rows::Rows::new(&brands, limits),
            incidents: incidents::Incidents::new(limits),
            mentions: mentions::Mentions::new(brands.len(), limits),
            brands: RwLock::new(brands.into()),
        }
    }

    /// Shows these brands from now on; they begin with those known. Writer only.
    pub fn set_brands(&self, brands: Vec<BrandInfo>) {
        self.rows.set_brands(&brands);
        self.mentions.set_brands(brands.len());
        *unpoisoned(self.brands.write()) = brands.into();
    }

    /// Takes in one output of the run, whichever it is. Writer only.
    pub fn apply(&self, output: &Output<'_>) {
        match output {
            Output::Mention(fate, mention) => self.publish_mention(mention, *fate),
            Output::Tombstone(key) => self.remove_mention(key),
            Output::Correction(corrected) => self.correct_mention(corrected),
            Output::Metric(row) => self.publish_metric(row),
            Output::Incident(incident) => self.publish_incident(incident),
            Output::Dead(_) => {}
        }
    }

    /// Stores a final row, or adds a delta to the row that it corrects. Writer only.
    pub fn publish_metric(&self, row: &MetricRow) {
        self.rows.publish(row);
    }

    /// Replaces all provisional rows. Writer only.
    pub fn publish_open(&self, rows: Vec<MetricRow>) {
        self.rows.publish_open(rows);
    }

    /// Rows of panes that ended by `at` were written by an earlier run: a delta to one that is not held
    /// cannot become a row. Writer only.
    pub fn resumed_at(&self, at: Timestamp) {
        self.rows.resumed_at(at);
    }

    /// Stores one record of an incident. Writer only.
    pub fn publish_incident(&self, incident: &Incident) {
        self.incidents.publish(incident);
    }

    /// Stores a mention, in place of an earlier version of the same post. Writer only.
    pub fn publish_mention(&self, mention: &Mention, fate: Fate) {
        self.mentions.publish(mention, fate);
    }

    /// Gives a mention that is held the label of an analyst. Writer only.
    pub fn correct_mention(&self, corrected: &Corrected<'_>) {
        let mut line = Vec::new();
        // Writing plain values into memory cannot fail.
        let _ = corrected.write_json(&mut line);
        if let Ok(line) = std::str::from_utf8(&line) {
            self.publish_written_mention(line);
        }
    }

    /// Takes in a line of the `mentions` output: a mention, a tombstone or a correction. What is none of these brands is
    /// left out. Writer only.
    pub fn publish_written_mention(&self, json: &str) {
        self.mentions.publish_written(json, &|id| self.brand(id));
    }

    /// Forgets a post. Writer only.
    pub fn remove_mention(&self, key: &PostKey) {
        self.mentions.remove(key);
    }

    /// Forgets all mentions. Writer only.
    pub fn clear_mentions(&self) {
        self.mentions.clear();
    }

    /// The brands, in the order of the plan.
    #[must_use]
    pub fn brands(&self) -> Arc<[BrandInfo]> {
        let brands = unpoisoned(self.brands.read());
        Arc::clone(&brands)
    }

    /// Position of the brand of that id.
    #[must_use]
    pub fn brand(&self, id: &str) -> Option<u32> {
        self.rows.brand(id)
    }

    /// Rows that pass the filter, by brand in the order of the plan, then by start; at most `limit`.
    #[must_use]
    pub fn rows(&self, filter: &RowFilter, after: Option<RowPosition>, limit: usize) -> Vec<StoredRow> {
        self.rows.find(filter, after, limit)
    }

    /// The newest row of a brand, provisional or final.
    #[must_use]
    pub fn latest(&self, brand: u32, resolution: crate::model::Resolution) -> Option<StoredRow> {
        self.rows.latest(brand, resolution)
    }

    /// Incidents that pass the filter, the latest start first; at most `limit`.
    #[must_use]
    pub fn incidents(
        &self,
        filter: &IncidentFilter,
        after: Option<&IncidentPosition>,
        limit: usize,
    ) -> Vec<IncidentHistory> {
        self.incidents.find(filter, after, limit)
    }

    /// One incident with its records.
    #[must_use]
    pub fn incident(&self, id: &str) -> Option<IncidentHistory> {
        self.incidents.get(id)
    }

    /// Mentions that pass the filter, the last one read first, older than `before`; at most `limit`.
    #[must_use]
    pub fn mentions(
        &self,
        filter: &MentionFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Vec<Arc<StoredMention>> {
        self.mentions.find(filter, before, limit)
    }

    /// How many of each kind are held.
    #[must_use]
    pub fn sizes(&self) -> ViewSizes {
        let (rows, open_rows) = self.rows.sizes();
        ViewSizes { rows, open_rows, incidents: self.incidents.len(), mentions: self.mentions.len() }
    }
}

/// A lock whose holder panicked still guards whole values here: every change is made before it is shown.
fn unpoisoned<T>(result: Result<T, std::sync::PoisonError<T>>) -> T {
    result.unwrap_or_else(std::sync::PoisonError::into_inner)
}
