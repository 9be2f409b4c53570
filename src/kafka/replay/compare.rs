//! What a replay has made, beside what was published: which is the same, which is not.
//!
//! **Invariant:** no broker, no clock; the order in which things come in does not show. What is held grows with the mentions and rows of the span, not with its posts: of a mention
//! its key, a hash and its labels, of a row its key and a hash.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::report::{
    AlertDifference, AlertExample, AlertState, BrandDifference, Difference, MentionDifference,
    MentionExample, MetricDifference, RowExample,
};
use super::substance::substance;
use crate::model::{Incident, Label, Polarity, Severity, Timestamp};

/// What is compared of a mention: the last state of its key within the span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labels {
    /// Of its JSON.
    pub(super) hash: u64,
    /// Of the same without the versions of queries.
    pub(super) substance: u64,
    /// Its brands, and the label towards each.
    pub(super) brands: Vec<(Label, Polarity)>,
    /// Number of the partition in the span, and offset of the record.
    pub(super) place: (usize, i64),
}

impl Labels {
    /// Of a mention's JSON.
    pub(super) fn of(json: &[u8], brands: Vec<(Label, Polarity)>, place: (usize, i64)) -> Labels {
        Labels { hash: xxh3_64(json), substance: substance(json), brands, place }
    }
}

/// What is compared of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) hash: u64,
    pub(super) mentions: i64,
    pub(super) as_of: Timestamp,
}

/// What is compared of an incident: its last state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fired {
    pub(super) started_at: Timestamp,
    pub(super) at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) severity: Severity,
    /// Of its first state that is known.
    pub(super) summary: String,
}

/// One key on both sides.
#[derive(Clone, Debug)]
struct Pair<T> {
    published: Option<T>,
    replayed: Option<T>,
}

impl<T> Default for Pair<T> {
    fn default() -> Pair<T> {
        Pair { published: None, replayed: None }
    }
}

#[derive(Debug, Default)]
struct MentionPair {
    pair: Pair<Labels>,
    /// A record behind the span has replaced what was published within it, which may have been compacted away.
    is_superseded: bool,
}

/// Both sides, while they come in.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    mentions: FxHashMap<String, MentionPair>,
    metrics: FxHashMap<String, Pair<Row>>,
    /// By brand and rule; each by its id.
    alerts: BTreeMap<(String, String), BTreeMap<String, Pair<Fired>>>,
}

/// Which of the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Published,
    Replayed,
}

impl<T> Pair<T> {
    fn side(&mut self, side: Side) -> &mut Option<T> {
        match side {
            Side::Published => &mut self.published,
            Side::Replayed => &mut self.replayed,
        }
    }
}

impl Comparison {
    /// A state of a mention; none when the post is gone.
    pub(super) fn mention(&mut self, side: Side, key: &str, labels: Option<Labels>) {
        match (self.mentions.get_mut(key), labels) {
            (Some(found), labels) => *found.pair.side(side) = labels,
            (None, Some(labels)) => {
                let mut new = MentionPair::default();
                *new.pair.side(side) = Some(labels);
                self.mentions.insert(key.to_owned(), new);
            }
            (None, None) => {}
        }
    }

    /// Something was published of this key behind the span. Nothing is held of keys that are not there yet.
    pub(super) fn supersede(&mut self, key: &str) {
        if let Some(found) = self.mentions.get_mut(key) {
            found.is_superseded = true;
        }
    }

    /// A row of a key.
    pub(super) fn row(&mut self, side: Side, key: &str, row: Row) {
        match self.metrics.get_mut(key) {
            Some(pair) => *pair.side(side) = Some(row),
            None => {
                let mut pair = Pair::default();
                *pair.side(side) = Some(row);
                self.metrics.insert(key.to_owned(), pair);
            }
        }
    }

    /// Whether a replayed row is other than the published one.
    pub(super) fn is_other(&self, key: &str, row: &Row) -> bool {
        let published = self.metrics.get(key).and_then(|pair| pair.published.as_ref());
        published.is_some_and(|published| published.hash != row.hash)
    }

    /// A state of an incident.
    pub(super) fn alert(&mut self, side: Side, brand: &str, rule: &str, id: &str, mut fired: Fired) {
        let of_rule = self.alerts.entry((brand.to_owned(), rule.to_owned())).or_default();
        let state = of_rule.entry(id.to_owned()).or_default().side(side);
        if let Some(earlier) = state.take() {
            fired.summary = earlier.summary;
        }
        *state = Some(fired);
    }

    /// Compares what both sides know of: panes that closed by `until`, incidents that opened by then.
    /// `place` names a partition of the span. At most `limit` examples of each kind.
    pub(super) fn finish(
        self,
        until: Timestamp,
        limit: usize,
        place: &dyn Fn(usize) -> String,
    ) -> Difference {
        Difference {
            alerts: alerts(self.alerts, until, limit),
            metrics: metrics(self.metrics, until, limit),
            mentions: mentions(self.mentions, limit, place),
        }
    }
}

fn alerts(
    all: BTreeMap<(String, String), BTreeMap<String, Pair<Fired>>>,
    until: Timestamp,
    limit: usize,
) -> AlertDifference {
    let mut found = AlertDifference::default();
    for ((brand, rule), pairs) in all {
        let known = |fired: &Fired| fired.started_at <= until;
        let (mut both, mut alone) = (Vec::new(), [Vec::new(), Vec::new()]);
        for Pair { published, replayed } in pairs.into_values() {
            match (published.filter(known), replayed.filter(known)) {
                (Some(published), Some(replayed)) => both.push((Some(published), Some(replayed))),
                (published, replayed) => {
                    alone[0].extend(published);
                    alone[1].extend(replayed);
                }
            }
        }
        both.extend(overlapping(alone));
        for (published, replayed) in both {
            if found.count(published.as_ref(), replayed.as_ref(), until) {
                let state = |fired: Fired| AlertState {
                    started_at: fired.started_at,
                    ended_at: fired.ended(until),
                    severity: fired.severity,
                    summary: fired.summary,
                };
                let (published, replayed) = (published.map(state), replayed.map(state));
                found.examples.push(AlertExample {
                    brand: brand.clone(),
                    rule: rule.clone(),
                    published,
                    replayed,
                });
            }
        }
    }
    let time = |example: &AlertExample| {
        example.published.as_ref().or(example.replayed.as_ref()).map(|s| s.started_at)
    };
    found.examples.sort_by_key(time);
    found.examples.truncate(limit);
    found
}

/// Those of one side with the first of the other that overlaps; the others alone.
fn overlapping([mut published, mut replayed]: [Vec<Fired>; 2]) -> Vec<(Option<Fired>, Option<Fired>)> {
    published.sort_by_key(|fired| fired.started_at);
    replayed.sort_by_key(|fired| fired.started_at);
    let mut pairs = Vec::new();
    for fired in published {
        let other = replayed.iter().position(|other| fired.overlaps(other)).map(|at| replayed.remove(at));
        pairs.push((Some(fired), other));
    }
    pairs.extend(replayed.into_iter().map(|fired| (None, Some(fired))));
    pairs
}

impl AlertDifference {
    /// Counts a pair; true when it differs.
    fn count(&mut self, published: Option<&Fired>, replayed: Option<&Fired>, until: Timestamp) -> bool {
        let counter = match (published, replayed) {
            (None, _) => &mut self.gained,
            (_, None) => &mut self.lost,
            (Some(a), Some(b)) if a.started_at != b.started_at => &mut self.moved,
            (Some(a), Some(b)) if !a.is_same(b, until) => &mut self.changed,
            _ => {
                self.same += 1;
                return false;
            }
        };
        *counter += 1;
        true
    }
}

impl Fired {
    /// A state of an incident.
    pub(super) fn of(incident: &Incident) -> Fired {
        Fired {
            started_at: incident.started_at,
            at: incident.at,
            ended_at: incident.ended_at,
            severity: incident.severity,
            summary: incident.summary.clone(),
        }
    }

    fn overlaps(&self, other: &Fired) -> bool {
        let end = |fired: &Fired| fired.ended_at.unwrap_or(Timestamp::MAX);
        self.started_at < end(other) && other.started_at < end(self)
    }

    fn ended(&self, until: Timestamp) -> Option<Timestamp> {
        self.ended_at.filter(|ended| *ended <= until)
    }

    /// What was published may go on behind the end of the replay, and get worse there.
    fn is_same(&self, replayed: &Fired, until: Timestamp) -> bool {
        let is_severe = if self.at > until {
            self.severity >= replayed.severity
        } else {
            self.severity == replayed.severity
        };
        is_severe && self.ended(until) == replayed.ended(until)
    }
}

fn metrics(all: FxHashMap<String, Pair<Row>>, until: Timestamp, limit: usize) -> MetricDifference {
    let mut found = MetricDifference::default();
    let mut others: Vec<(Timestamp, RowExample)> = Vec::new();
    for (key, Pair { published, replayed }) in all {
        let known = |row: &Row| row.as_of <= until;
        let (published, replayed) = (published.filter(known), replayed.filter(known));
        let counter = match (&published, &replayed) {
            (None, None) => continue,
            (Some(a), Some(b)) if a.hash == b.hash => {
                found.same += 1;
                continue;
            }
            (Some(_), Some(_)) => &mut found.changed,
            (Some(_), None) => &mut found.lost,
            (None, Some(_)) => &mut found.gained,
        };
        *counter += 1;
        if let Some(row) = published.or(replayed) {
            let mentions = |row: Row| row.mentions;
            let (published, replayed) = (published.map(mentions), replayed.map(mentions));
            others.push((row.as_of, RowExample { key, published, replayed, fields: BTreeMap::new() }));
        }
    }
    others.sort_by(|a, b| (a.0, &a.1.key).cmp(&(b.0, &b.1.key)));
    found.examples = others.into_iter().map(|(_, example)| example).take(limit).collect();
    found
}

fn mentions(
    all: FxHashMap<String, MentionPair>,
    limit: usize,
    place: &dyn Fn(usize) -> String,
) -> MentionDifference {
    let mut found = MentionDifference::default();
    let mut others = Vec::new();
    for (key, MentionPair { pair, is_superseded }) in all {
        let counter = match (&pair.published, &pair.replayed) {
            (None, None) => continue,
            (None, Some(_)) if is_superseded => {
                found.superseded += 1;
                continue;
            }
            (Some(a), Some(b)) if a.hash == b.hash => {
                found.same += 1;
                continue;
            }
            (Some(a), Some(b)) if a.substance == b.substance => {
                found.same_but_version += 1;
                continue;
            }
            (Some(_), Some(_)) => &mut found.changed,
            (Some(_), None) => &mut found.lost,
            (None, Some(_)) => &mut found.gained,
        };
        *counter += 1;
        count_brands(&mut found.brands, &pair);
        let at = pair.replayed.as_ref().or(pair.published.as_ref()).map(|labels| labels.place);
        others.push((at.unwrap_or_default(), key, pair));
    }
    others.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let example = |((partition, offset), key, pair): ((usize, i64), String, Pair<Labels>)| {
        let labels = |labels: Labels| labels.brands.into_iter().collect();
        let (published, replayed) = (pair.published.map(labels), pair.replayed.map(labels));
        MentionExample { key, record: format!("{}/{offset}", place(partition)), published, replayed }
    };
    found.examples = others.into_iter().take(limit).map(example).collect();
    found
}

fn count_brands(brands: &mut BTreeMap<Label, BrandDifference>, pair: &Pair<Labels>) {
    let of = |labels: &Option<Labels>| -> BTreeMap<Label, Polarity> {
        labels.iter().flat_map(|labels| labels.brands.iter().cloned()).collect()
    };
    let (published, replayed) = (of(&pair.published), of(&pair.replayed));
    for (brand, label) in &replayed {
        match published.get(brand) {
            None => brands.entry(brand.clone()).or_default().gained += 1,
            Some(other) if other != label => brands.entry(brand.clone()).or_default().relabelled += 1,
            Some(_) => {}
        }
    }
    for brand in published.keys().filter(|brand| !replayed.contains_key(*brand)) {
        brands.entry(brand.clone()).or_default().lost += 1;
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
