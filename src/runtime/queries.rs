//! The queries in force, which those who match posts share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::run::annotator;
use crate::analysis::Annotator;
use crate::analysis::query::Version;
use crate::config::Plan;

/// One state of the queries.
pub struct InForce {
    /// 0 at the start, one more with each change.
    pub number: u64,
    /// The plan with these queries. Its brands are those of the one before and more behind them.
    pub plan: Plan,
    /// Matches by them.
    pub annotator: Annotator,
    /// The version of all of them together.
    pub version: Version,
}

/// The queries in force. Whoever matches takes them for one batch of posts.
pub struct Queries {
    current: RwLock<Arc<InForce>>,
    /// Of `current`; it never is ahead of it.
    number: AtomicU64,
}

impl Queries {
    /// Those of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Arc<Queries> {
        let current = RwLock::new(Arc::new(InForce::new(0, plan.clone())));
        Arc::new(Queries { current, number: AtomicU64::new(0) })
    }

    /// Those of now.
    #[must_use]
    pub fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Their number, cheaply.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// Puts the queries of a plan into force. Only one may do so: the plan is the one in force, renewed.
    pub(super) fn replace(&self, plan: Plan) -> Arc<InForce> {
        let next = Arc::new(InForce::new(self.number() + 1, plan));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        self.number.store(next.number, Ordering::Release);
        next
    }
}

impl InForce {
    fn new(number: u64, plan: Plan) -> InForce {
        let (annotator, version) = (annotator(&plan), plan.queries_version());
        InForce { number, plan, annotator, version }
    }
}

impl std::fmt::Debug for Queries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queries").field("number", &self.number()).finish_non_exhaustive()
    }
}
