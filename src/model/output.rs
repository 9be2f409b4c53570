//! Everything that leaves earful, as one borrowed value.

use serde::{Deserialize, Serialize};

use super::{Corrected, DeadLetter, Fate, Incident, Mention, MetricRow, PostKey};

/// One line of one of the four outputs.
#[derive(Clone, Copy, Debug)]
pub enum Output<'a> {
    /// `mentions`: a matched post and its fate (kept, late, or retracted for an edit that replaces).
    Mention(Fate, &'a Mention),
    /// `mentions`: the post of this key is gone.
    Tombstone(&'a PostKey),
    /// `mentions`: the label of a mention is another one.
    Correction(&'a Corrected<'a>),
    /// `metrics`.
    Metric(&'a MetricRow),
    /// `alerts`.
    Incident(&'a Incident),
    /// `dead`.
    Dead(&'a DeadLetter),
}

/// One of the four outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputKind {
    /// Matched posts and tombstones.
    Mentions,
    /// Rows of closed panes and their deltas.
    Metrics,
    /// Every change of an incident's life.
    Alerts,
    /// Records that could not be used.
    Dead,
}

impl OutputKind {
    /// Every kind, in the order of the documents.
    pub const ALL: [OutputKind; 4] =
        [OutputKind::Mentions, OutputKind::Metrics, OutputKind::Alerts, OutputKind::Dead];

    /// The name in pipeline files, and of the JSONL file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            OutputKind::Mentions => "mentions",
            OutputKind::Metrics => "metrics",
            OutputKind::Alerts => "alerts",
            OutputKind::Dead => "dead",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<OutputKind> {
        OutputKind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind that an output belongs to.
    #[must_use]
    pub const fn of(output: &Output<'_>) -> OutputKind {
        match output {
            Output::Mention(..) | Output::Tombstone(_) | Output::Correction(_) => OutputKind::Mentions,
            Output::Metric(_) => OutputKind::Metrics,
            Output::Incident(_) => OutputKind::Alerts,
            Output::Dead(_) => OutputKind::Dead,
        }
    }
}
