//! Whether the run takes part in the work yet, or still.

use std::sync::{PoisonError, RwLock};

/// Where a run is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not reading yet; the text says what is being done.
    Starting(String),
    /// State restored, feeds are read.
    Ready,
    /// It was ready, and does not take part in the work at the moment; the text says why.
    Interrupted(String),
    /// On its way out; the text says why.
    Stopping(String),
}

/// The state that the run's main loop sets and `/readyz` reads.
#[derive(Debug)]
pub struct Readiness(RwLock<State>);

impl Default for Readiness {
    fn default() -> Readiness {
        Readiness(RwLock::new(State::Starting("starting".to_owned())))
    }
}

impl Readiness {
    /// Sets the state.
    pub fn set(&self, state: State) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// The state now.
    #[must_use]
    pub fn get(&self) -> State {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
