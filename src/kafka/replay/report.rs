//! What a replay has to say: what was read, what was compared, what differs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Label, Polarity, Severity, Timestamp};

/// A replay, when it is over.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayReport {
    /// What was read of each partition.
    pub partitions: Vec<ReadPartition>,
    /// Records of the warm-up.
    pub warm_up_records: u64,
    /// Records of the span.
    pub records: u64,
    /// What became of the posts of both.
    pub fates: BTreeMap<&'static str, u64>,
    /// What the span made: mentions with tombstones, rows, states of incidents, dead letters.
    pub outputs: BTreeMap<&'static str, u64>,
    /// Panes that begin at or after this were compared; none: all from the beginning.
    pub compared_from: Option<Timestamp>,
    /// Panes that end by this were compared; none: no pane was closed on both sides.
    pub compared_until: Option<Timestamp>,
    /// What differs.
    pub difference: Difference,
    /// What a person should know before believing it.
    pub notes: Vec<String>,
}

/// What was read of a partition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadPartition {
    /// Topic and number.
    pub partition: String,
    /// First offset of the warm-up.
    pub warm_up_from: i64,
    /// First offset of the span.
    pub from: i64,
    /// One past the last offset of the span.
    pub to: i64,
    /// How far its mentions can be compared: the listen role had not committed more.
    pub published_to: i64,
}

/// How a replay differs from what was published.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Difference {
    /// Incidents.
    pub alerts: AlertDifference,
    /// Rows.
    pub metrics: MetricDifference,
    /// Mentions.
    pub mentions: MentionDifference,
}

impl Difference {
    /// True when nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let (a, r, m) = (&self.alerts, &self.metrics, &self.mentions);
        let counts =
            [a.gained, a.lost, a.moved, a.changed, r.gained, r.lost, r.changed, m.gained, m.lost, m.changed];
        counts.iter().all(|count| *count == 0)
    }

    /// How much was there to be compared, on either side.
    #[must_use]
    pub fn compared(&self) -> u64 {
        let (a, r, m) = (&self.alerts, &self.metrics, &self.mentions);
        let alerts = a.same + a.gained + a.lost + a.moved + a.changed;
        let mentions = m.same + m.same_but_version + m.gained + m.lost + m.changed;
        alerts + r.same + r.gained + r.lost + r.changed + mentions
    }
}

/// Incidents by brand, rule and opening.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AlertDifference {
    /// Opened on both sides at the same time, with the same severity and end.
    pub same: u64,
    /// Would have fired, and did not.
    pub gained: u64,
    /// Fired, and would not have.
    pub lost: u64,
    /// Opened at another time: the incidents overlap.
    pub moved: u64,
    /// Opened at the same time, with another severity or end.
    pub changed: u64,
    /// Some of those that differ, by time.
    pub examples: Vec<AlertExample>,
}

/// An incident that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertExample {
    /// Brand name.
    pub brand: String,
    /// Name of the rule.
    pub rule: String,
    /// As it was published.
    pub published: Option<AlertState>,
    /// As it was replayed.
    pub replayed: Option<AlertState>,
}

/// An incident on one side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AlertState {
    /// When it opened.
    pub started_at: Timestamp,
    /// When it was over, if it was by the end of the comparison.
    pub ended_at: Option<Timestamp>,
    /// How bad it was.
    pub severity: Severity,
    /// One sentence.
    pub summary: String,
}

/// Rows by key; an addition has a key of its own.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MetricDifference {
    /// The same bytes.
    pub same: u64,
    /// Replayed, and not published.
    pub gained: u64,
    /// Published, and not replayed.
    pub lost: u64,
    /// On both sides, with other numbers.
    pub changed: u64,
    /// Some of those that differ, by time.
    pub examples: Vec<RowExample>,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowExample {
    /// `brand|resolution|start`, for additions `|as_of` behind it.
    pub key: String,
    /// Mentions as published.
    pub published: Option<i64>,
    /// Mentions as replayed.
    pub replayed: Option<i64>,
    /// The fields that differ: published and replayed value.
    pub fields: BTreeMap<String, (serde_json::Value, serde_json::Value)>,
}

/// Mentions by key: the last state within the span.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MentionDifference {
    /// The same bytes.
    pub same: u64,
    /// The same bytes but for the version of a query, which is no difference of the mention.
    pub same_but_version: u64,
    /// Replayed, and not published.
    pub gained: u64,
    /// Published, and not replayed.
    pub lost: u64,
    /// On both sides, not the same.
    pub changed: u64,
    /// Not compared, because they were published anew behind the span.
    pub superseded: u64,
    /// For each brand that gains or loses mentions, or is named with another label.
    pub brands: BTreeMap<Label, BrandDifference>,
    /// Some of those that differ, by partition and offset.
    pub examples: Vec<MentionExample>,
}

/// What differs for one brand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BrandDifference {
    /// Mentions that it gains.
    pub gained: u64,
    /// Mentions that it loses.
    pub lost: u64,
    /// Mentions with another label towards it.
    pub relabelled: u64,
}

/// A mention that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MentionExample {
    /// `network:id` of the post.
    pub key: String,
    /// The record: topic, partition and offset.
    pub record: String,
    /// Brands and labels as published.
    pub published: Option<BTreeMap<Label, Polarity>>,
    /// Brands and labels as replayed.
    pub replayed: Option<BTreeMap<Label, Polarity>>,
}

/// The fields in which two rows differ, with both values.
pub(super) fn fields(
    published: &[u8],
    replayed: &[u8],
) -> BTreeMap<String, (serde_json::Value, serde_json::Value)> {
    let parse =
        |json| serde_json::from_slice::<BTreeMap<String, serde_json::Value>>(json).unwrap_or_default();
    let (published, mut replayed) = (parse(published), parse(replayed));
    let mut fields = BTreeMap::new();
    for (name, old) in published {
        let new = replayed.remove(&name).unwrap_or_default();
        if old != new {
            fields.insert(name, (old, new));
        }
    }
    fields.extend(replayed.into_iter().map(|(name, new)| (name, (serde_json::Value::Null, new))));
    fields
}
