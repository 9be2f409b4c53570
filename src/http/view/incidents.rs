//! Incidents by id, with their records.

use std::collections::VecDeque;
use std::sync::Arc;

use dashmap::DashMap;

use super::ViewLimits;
use crate::model::{Incident, IncidentStatus, Timestamp};

/// The records of one incident, oldest first. Never empty.
#[derive(Clone, Debug)]
pub struct IncidentHistory {
    revisions: VecDeque<Arc<Incident>>,
}

/// Which status the latest record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Not resolved.
    Active,
    /// Just this one.
    Is(IncidentStatus),
}

/// Which incidents.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    /// Brand ids; empty for all.
    pub brands: Vec<String>,
    /// Status of the latest record.
    pub status: Option<StatusFilter>,
    /// Not over before this time.
    pub from: Option<Timestamp>,
    /// Started before this time.
    pub to: Option<Timestamp>,
}

/// Start and id of an incident: where a page ended.
pub type IncidentPosition = (Timestamp, String);

impl IncidentHistory {
    /// The newest record.
    #[must_use]
    pub fn latest(&self) -> Option<&Arc<Incident>> {
        self.revisions.back()
    }

    /// All records that are held, oldest first.
    pub fn revisions(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.revisions.iter()
    }

    fn order(&self) -> (Timestamp, &str) {
        self.latest().map_or((Timestamp::MIN, ""), |i| (i.started_at, i.id.as_str()))
    }

    fn is_resolved(&self) -> bool {
        self.latest().is_none_or(|i| i.status == IncidentStatus::Resolved)
    }
}

impl IncidentFilter {
    fn passes(&self, incident: &Incident) -> bool {
        let resolved = incident.status == IncidentStatus::Resolved;
        let status = match self.status {
            None => true,
            Some(StatusFilter::Active) => !resolved,
            Some(StatusFilter::Is(wanted)) => incident.status == wanted,
        };
        status
            && (self.brands.is_empty() || self.brands.contains(&incident.brand))
            && self.from.is_none_or(|from| !resolved || incident.ended_at.unwrap_or(incident.at) >= from)
            && self.to.is_none_or(|to| incident.started_at < to)
    }
}

#[derive(Debug)]
pub(super) struct Incidents {
    limits: ViewLimits,
    by_id: DashMap<String, IncidentHistory>,
}

impl Incidents {
    pub(super) fn new(limits: ViewLimits) -> Incidents {
        Incidents { limits, by_id: DashMap::new() }
    }

    pub(super) fn publish(&self, incident: &Incident) {
        let mut history = self
            .by_id
            .entry(incident.id.clone())
            .or_insert_with(|| IncidentHistory { revisions: VecDeque::new() });
        // A run that resumes may hand over a record again.
        if history.latest().is_some_and(|last| last.revision >= incident.revision) {
            return;
        }
        history.revisions.push_back(Arc::new(incident.clone()));
        if history.revisions.len() > self.limits.incident_revisions.max(2) {
            history.revisions.remove(1);
        }
        drop(history);
        while self.by_id.len() > self.limits.incidents {
            self.drop_oldest();
        }
    }

    /// Resolved before unresolved, then by start.
    fn drop_oldest(&self) {
        let rank = |h: &IncidentHistory| (!h.is_resolved(), h.order().0, h.order().1.to_owned());
        let oldest = self.by_id.iter().map(|h| (rank(h.value()), h.key().clone())).min();
        if let Some((_, id)) = oldest {
            self.by_id.remove(&id);
        }
    }

    pub(super) fn find(
        &self,
        filter: &IncidentFilter,
        after: Option<&IncidentPosition>,
        limit: usize,
    ) -> Vec<IncidentHistory> {
        let wanted = |h: &IncidentHistory| {
            h.latest().is_some_and(|latest| filter.passes(latest))
                && after.is_none_or(|(at, id)| h.order() < (*at, id.as_str()))
        };
        let mut found: Vec<_> =
            self.by_id.iter().filter(|h| wanted(h.value())).map(|h| h.value().clone()).collect();
        found.sort_by(|a, b| b.order().cmp(&a.order()));
        found.truncate(limit);
        found
    }

    pub(super) fn get(&self, id: &str) -> Option<IncidentHistory> {
        self.by_id.get(id).map(|h| h.value().clone())
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }
}
