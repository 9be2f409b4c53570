//! Takes what the replayed lanes and engines let out: writes it, and lays it beside what was published.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use super::super::error::KafkaError;
use super::super::outputs::{row_key, write_label_key, write_post_key};
use super::compare::{Comparison, Fired, Labels, Row, Side};
use super::scope::Scope;
use super::target::Target;
use crate::aggregate::{EngineOutput, LaneOutput};
use crate::model::{Correction, Incident, Label, Mention, MetricRow, OutputKind, PostKey, Timestamp};

/// Keeps what comes out of a replay.
pub(super) struct Keeper {
    pub(super) target: Target,
    pub(super) comparison: Comparison,
    pub(super) scope: Scope,
    /// By `BrandId`.
    pub(super) brands: Vec<Label>,
    /// What is behind has nothing to be compared with.
    pub(super) until: Option<Timestamp>,
    /// The first rows by time and key that are other than published, as they are replayed.
    pub(super) other_rows: BTreeMap<(Timestamp, String), Vec<u8>>,
    /// How many of these are kept.
    pub(super) limit: usize,
    /// How many were let out, by kind.
    pub(super) outputs: BTreeMap<&'static str, u64>,
    pub(super) value: Vec<u8>,
}

impl Keeper {
    /// The `number`th output of a record of the span.
    pub(super) fn lane(
        &mut self,
        lane: usize,
        offset: i64,
        number: usize,
        output: LaneOutput<'_>,
    ) -> Result<(), KafkaError> {
        if let Some(output) = output.output() {
            self.count(OutputKind::of(&output));
        }
        if self.scope.has_record(lane, offset) {
            self.compare(output, (lane, offset));
        }
        let partition = self.scope.name(lane);
        self.target.lane(output, format_args!("{partition}/{offset}/{number}"))
    }

    /// Lays it beside what was published of the record at `place`.
    fn compare(&mut self, output: LaneOutput<'_>, place: (usize, i64)) {
        let (key, labels) = match output {
            LaneOutput::Mention(fate, mention) => {
                self.value.clear();
                mention.write_json(fate, &mut self.value);
                (key(mention.key()), Some(self.labels(mention, place)))
            }
            LaneOutput::Tombstone(post) => (key(post), None),
            LaneOutput::Correction(corrected) => {
                self.value.clear();
                // Writing plain values into memory cannot fail.
                let _ = corrected.write_json(&mut self.value);
                let Correction { brand_name, polarity, key, .. } = corrected.correction;
                let brands = vec![(Label::from(&**brand_name), *polarity)];
                (label_key(brand_name, key), Some(Labels::of(&self.value, brands, place)))
            }
            LaneOutput::LabelGone(post, brand) => {
                (label_key(self.brands.get(brand.0 as usize).map_or("", Label::as_str), post), None)
            }
            LaneOutput::Dead(_) => return,
        };
        self.comparison.mention(Side::Replayed, &key, labels);
    }

    fn labels(&self, mention: &Mention, place: (usize, i64)) -> Labels {
        let name = |brand: usize| self.brands.get(brand).cloned().unwrap_or_else(|| Label::from(""));
        let brands =
            mention.matches.iter().map(|found| (name(found.brand.0 as usize), found.polarity)).collect();
        Labels::of(&self.value, brands, place)
    }

    /// A row or a state of an incident; nothing is done with those of the warm-up.
    pub(super) fn engine(&mut self, output: &EngineOutput) -> Result<(), KafkaError> {
        let kind = match output {
            EngineOutput::Metric(row) => {
                if !self.scope.has_row(row.status, row.start, row.as_of) {
                    return Ok(());
                }
                self.row(row);
                OutputKind::Metrics
            }
            EngineOutput::Incident(incident) => {
                if !self.scope.has_incident(incident.at) {
                    return Ok(());
                }
                self.incident(incident);
                OutputKind::Alerts
            }
        };
        self.count(kind);
        self.target.engine(output)
    }

    fn is_compared(&self, at: Timestamp) -> bool {
        self.until.is_some_and(|until| at <= until)
    }

    fn row(&mut self, row: &MetricRow) {
        if !self.is_compared(row.as_of) {
            return;
        }
        self.value.clear();
        // Writing plain values into memory cannot fail.
        let _ = row.write_json(&mut self.value);
        let key = row_key(row);
        let seen = Row { hash: xxh3_64(&self.value), mentions: row.mentions, as_of: row.as_of };
        if self.comparison.is_other(&key, &seen) {
            self.other_rows.insert((row.as_of, key.clone()), self.value.clone());
            if self.other_rows.len() > self.limit {
                self.other_rows.pop_last();
            }
        }
        self.comparison.row(Side::Replayed, &key, seen);
    }

    fn incident(&mut self, incident: &Incident) {
        if self.is_compared(incident.at) && self.scope.has_incident(incident.started_at) {
            let Incident { brand, rule, id, .. } = incident;
            self.comparison.alert(Side::Replayed, brand, rule, id, Fired::of(incident));
        }
    }

    fn count(&mut self, kind: OutputKind) {
        *self.outputs.entry(kind.as_str()).or_default() += 1;
    }
}

fn key(post: &PostKey) -> String {
    let mut key = String::new();
    write_post_key(post, &mut key);
    key
}

fn label_key(brand: &str, post: &PostKey) -> String {
    let mut key = String::new();
    write_label_key(brand, post, &mut key);
    key
}
