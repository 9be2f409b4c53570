//! Who is told of incidents: the validated form of `[[deliveries]]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::{Incident, IncidentStatus, Severity};

/// What kind of body a receiver takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// The alert as it is in the topic, with CloudEvents headers.
    Webhook,
    /// An incoming webhook of Slack.
    Slack,
    /// `POST /api/v2/alerts` of Alertmanager.
    Alertmanager,
    /// The Events API v2 of PagerDuty.
    PagerDuty,
}

/// Which records of incidents a receiver wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of these brands; of all when empty.
    pub brands: Vec<String>,
    /// Of these alerts; of all when empty.
    pub rules: Vec<String>,
    /// At least so bad.
    pub min_severity: Severity,
    /// At these moments.
    pub on: Vec<IncidentStatus>,
}

impl Wanted {
    /// True for a record that the receiver is told of.
    #[must_use]
    pub fn includes(&self, incident: &Incident) -> bool {
        let listed = |list: &[String], name: &String| list.is_empty() || list.contains(name);
        self.on.contains(&incident.status)
            && incident.severity >= self.min_severity
            && listed(&self.brands, &incident.brand)
            && listed(&self.rules, &incident.rule)
    }
}

/// One receiver of alerts. Address, headers and key may hold `${NAME}` and `${file:PATH}`; they are looked up when
/// the role starts.
#[derive(Clone, PartialEq, Eq)]
pub struct DeliveryPlan {
    /// Unique; part of the name of its consumer group.
    pub name: String,
    /// What it takes.
    pub receiver: Receiver,
    /// Where it is. A secret.
    pub url: String,
    /// PagerDuty's key of the service. A secret.
    pub routing_key: Option<String>,
    /// Sent with every request. Secrets.
    pub headers: BTreeMap<String, String>,
    /// PEM file of the authorities that are trusted; else those of the system.
    pub ca: Option<PathBuf>,
    /// A page about the incident; `{id}` stands for its id.
    pub link: Option<String>,
    /// What it is told of.
    pub wanted: Wanted,
    /// A request takes no longer.
    pub timeout: Duration,
    /// An alert that could not be delivered for so long is given up.
    pub give_up_after: Duration,
    /// Between the beginnings of two requests there is at least this.
    pub interval: Duration,
}

impl std::fmt::Debug for DeliveryPlan {
    /// Without what may be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeliveryPlan")
            .field("name", &self.name)
            .field("receiver", &self.receiver)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("ca", &self.ca)
            .field("link", &self.link)
            .field("wanted", &self.wanted)
            .field("timeout", &self.timeout)
            .field("give_up_after", &self.give_up_after)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
