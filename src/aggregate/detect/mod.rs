//! Detectors: closed panes in, verdicts out.
//!
//! **Invariant:** closed panes only, in the order of their ends; an absent pane is a zero. Verdicts are
//! pure functions of that history: they open and close nothing (that is [`super::incident`]).

pub(super) mod surge;
pub(super) mod threshold;

use crate::model::Baseline;

/// What a rule finds at one time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    /// The rule's condition holds.
    pub(super) fires: bool,
    /// Far enough below the condition to end an incident.
    pub(super) calm: bool,
    /// How far it is: 1 at the threshold.
    pub(super) ratio: f64,
    /// In the rule's unit.
    pub(super) observed: f64,
    pub(super) score: f64,
    pub(super) threshold: f64,
    pub(super) baseline: Baseline,
}
