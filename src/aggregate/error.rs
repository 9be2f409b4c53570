//! What can be wrong with kept state: said in words, with what to do about it.

/// Kept state cannot be taken up again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Written by another version of earful.
    #[error(
        "the {what} was written in format {found}, this earful reads format {expected}: use the earful that wrote it, or delete the state folder and start anew"
    )]
    Version {
        /// Which piece of state.
        what: &'static str,
        /// Its format.
        found: u32,
        /// The format that can be read.
        expected: u32,
    },
    /// Cut off or changed.
    #[error(
        "the {what} is torn or damaged ({detail}): restore it from a copy, or delete the state folder and start anew"
    )]
    Damaged {
        /// Which piece of state.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The plan has another number of lanes.
    #[error(
        "the snapshot holds {found} lanes, the pipeline now has {expected}: keep the number of lanes, or delete the state folder and start anew"
    )]
    Lanes {
        /// In the snapshot.
        found: usize,
        /// In the plan.
        expected: usize,
    },
    /// The plan has another base pane.
    #[error(
        "the snapshot holds panes of {found} ms, the pipeline now has {expected} ms: keep the width, or delete the state folder and start anew"
    )]
    Pane {
        /// In the snapshot.
        found: i64,
        /// In the plan.
        expected: i64,
    },
}

/// A delta that does not follow on what the engine has seen of the lane: state and log do not belong together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// No such lane.
    #[error("a delta for lane {lane}, but there are {lanes} lanes")]
    Lane {
        /// The delta's lane.
        lane: usize,
        /// How many there are.
        lanes: usize,
    },
    /// One is missing or came twice.
    #[error(
        "lane {lane} sent delta {found}, expected was {expected}: restore lanes and engine from the same checkpoint"
    )]
    Sequence {
        /// The delta's lane.
        lane: usize,
        /// Its number.
        found: u64,
        /// The number that should have come.
        expected: u64,
    },
}
