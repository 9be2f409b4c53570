//! What a run's output files say, reduced to what fits on a screen.
//!
//! **Invariant:** read from the files alone; nothing is known of how they came about.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use serde::de::DeserializeOwned;

use crate::model::{Incident, IncidentStatus, MetricRow, Resolution, Timestamp};

/// The hour rows and incidents of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Start of the first hour; the hours of all brands begin here.
    pub start: Timestamp,
    /// By brand id.
    pub brands: BTreeMap<String, BrandNumbers>,
    /// In the order of their opening.
    pub incidents: Vec<IncidentLife>,
    /// Lines and bytes of each output file.
    pub files: Vec<(PathBuf, u64, u64)>,
}

/// One brand over the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrandNumbers {
    /// Mentions by hour since [`Summary::start`].
    pub hours: Vec<i64>,
    /// Positive, neutral and negative mentions.
    pub sentiment: [i64; 3],
}

impl BrandNumbers {
    /// All mentions.
    #[must_use]
    pub fn mentions(&self) -> i64 {
        self.hours.iter().sum()
    }

    /// `(P-N)/(P+N)`; none without polar mentions.
    #[must_use]
    pub fn net_polar(&self) -> Option<f64> {
        let [positive, _, negative] = self.sentiment;
        ratio(positive - negative, positive + negative)
    }

    /// `(P-N)/(P+N+U)`; none without mentions.
    #[must_use]
    pub fn net_total(&self) -> Option<f64> {
        let [positive, neutral, negative] = self.sentiment;
        ratio(positive - negative, positive + neutral + negative)
    }
}

fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// One incident from its first record to its last.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentLife {
    /// The record that opened it.
    pub opened: Incident,
    /// The record with the most posts behind the cause.
    pub peak: Incident,
    /// Its latest record.
    pub last: Incident,
}

impl IncidentLife {
    /// From opening to end, or to the latest record.
    #[must_use]
    pub fn lasted_ms(&self) -> i64 {
        let end = self.last.ended_at.unwrap_or(self.last.at);
        end.millis() - self.opened.started_at.millis()
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_resolved(&self) -> bool {
        self.last.status == IncidentStatus::Resolved
    }
}

/// Reads `metrics.jsonl` and `alerts.jsonl` in `out`, and measures the other files there.
///
/// # Errors
/// A file is missing, cannot be read, or holds a line that is no record of its kind.
pub fn read(out: &Path) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    let rows = hour_rows(&out.join("metrics.jsonl"))?;
    summary.start = rows.iter().map(|row| row.start).min().unwrap_or_default();
    rows.iter().for_each(|row| add_row(&mut summary, row));
    each_line(&out.join("alerts.jsonl"), |incident: Incident| {
        add_incident(&mut summary.incidents, incident)
    })?;
    for name in ["mentions.jsonl", "metrics.jsonl", "alerts.jsonl", "dead.jsonl"] {
        summary.files.push(measure(&out.join(name))?);
    }
    Ok(summary)
}

fn hour_rows(file: &Path) -> anyhow::Result<Vec<MetricRow>> {
    let mut rows = Vec::new();
    each_line(file, |row: MetricRow| {
        if row.resolution == Resolution::Hour {
            rows.push(row);
        }
    })?;
    Ok(rows)
}

/// Adds a final row, or a delta, which is to be added to it: both are sums.
fn add_row(summary: &mut Summary, row: &MetricRow) {
    let hour = (row.start.millis() - summary.start.millis()) / Resolution::Hour.width_ms();
    let brand = summary.brands.entry(row.brand.clone()).or_default();
    let hour = hour as usize;
    if brand.hours.len() <= hour {
        brand.hours.resize(hour + 1, 0);
    }
    brand.hours[hour] += row.mentions;
    for (sum, value) in brand.sentiment.iter_mut().zip([row.positive, row.neutral, row.negative]) {
        *sum += value;
    }
}

fn add_incident(lives: &mut Vec<IncidentLife>, incident: Incident) {
    match lives.iter_mut().find(|life| life.opened.id == incident.id) {
        Some(life) => {
            if incident.evidence.cause_followers > life.peak.evidence.cause_followers {
                life.peak = incident.clone();
            }
            life.last = incident;
        }
        None => lives.push(IncidentLife { peak: incident.clone(), last: incident.clone(), opened: incident }),
    }
}

fn each_line<T: DeserializeOwned>(file: &Path, mut take: impl FnMut(T)) -> anyhow::Result<()> {
    let reader = BufReader::new(File::open(file).with_context(|| format!("cannot open {}", file.display()))?);
    for (number, line) in reader.lines().enumerate() {
        let line = line.with_context(|| format!("cannot read {}", file.display()))?;
        let value = serde_json::from_str(&line)
            .with_context(|| format!("{} line {} is no record of its kind", file.display(), number + 1))?;
        take(value);
    }
    Ok(())
}

fn measure(file: &Path) -> anyhow::Result<(PathBuf, u64, u64)> {
    let mut reader =
        BufReader::new(File::open(file).with_context(|| format!("cannot open {}", file.display()))?);
    let (mut lines, mut bytes) = (0, 0);
    loop {
        let buffer = reader.fill_buf().with_context(|| format!("cannot read {}", file.display()))?;
        if buffer.is_empty() {
            break;
        }
        let length = buffer.len();
        lines += memchr::memchr_iter(b'\n', buffer).count() as u64;
        bytes += length as u64;
        reader.consume(length);
    }
    ensure!(bytes == 0 || lines > 0, "{} does not end with a line break", file.display());
    Ok((file.to_owned(), lines, bytes))
}
