//! Everything that leaves earful, as one borrowed value.

use super::{DeadLetter, Fate, Incident, Mention, MetricRow, PostKey};

/// One line of one of the four outputs.
#[derive(Clone, Copy, Debug)]
pub enum Output<'a> {
    /// `mentions`: a matched post and its fate (kept, late, or retracted for an edit that replaces).
    Mention(Fate, &'a Mention),
    /// `mentions`: the post of this key is gone.
    Tombstone(&'a PostKey),
    /// `metrics`.
    Metric(&'a MetricRow),
    /// `alerts`.
    Incident(&'a Incident),
    /// `dead`.
    Dead(&'a DeadLetter),
}
