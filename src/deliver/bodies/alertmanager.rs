//! `POST /api/v2/alerts`.

use serde_json::{Map, Value, json};

use super::{About, address, clip, facts};
use crate::model::{Incident, IncidentStatus, Severity, Timestamp};

/// Alertmanager takes an alert that it hears no more of for resolved after five minutes, unless it has an end. While
/// an incident lasts it is heard of at least once a day; three days bridge a weekend without earful.
const LASTS_MS: i64 = 3 * 24 * 3_600_000;

/// The labels are what Alertmanager knows an alert by. They stay the same through an incident but for the severity,
/// which people route by; so where it may have risen, the alerts of less severity end.
pub(super) fn body(incident: &Incident, about: &About) -> Value {
    let ends_at = match incident.status {
        IncidentStatus::Resolved => incident.ended_at.unwrap_or(incident.at),
        IncidentStatus::Open | IncidentStatus::Update => incident.at.plus(LASTS_MS),
    };
    let mut alerts = vec![alert(incident, about, incident.severity, ends_at)];
    let may_have_risen = incident.revision > 1;
    let lower = Severity::ALL.iter().filter(|severity| may_have_risen && **severity < incident.severity);
    alerts.extend(lower.map(|severity| alert(incident, about, *severity, incident.at)));
    alerts.into()
}

fn alert(incident: &Incident, about: &About, severity: Severity, ends_at: Timestamp) -> Value {
    let mut alert = json!({
        "labels": {
            "alertname": incident.rule,
            "brand": incident.brand,
            "incident": incident.id,
            "pipeline": about.pipeline,
            "reason": incident.reason_code,
            "severity": severity.as_str(),
        },
        "annotations": annotations(incident),
        "startsAt": incident.started_at,
        "endsAt": ends_at,
    });
    if let Some(link) = about.link(incident) {
        alert["generatorURL"] = link.into();
    }
    alert
}

fn annotations(incident: &Incident) -> Map<String, Value> {
    let mut notes: Map<String, Value> =
        facts(incident).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    notes.insert("summary".to_owned(), clip(&incident.summary, 1_000).into());
    notes.insert("revision".to_owned(), incident.revision.to_string().into());
    if let Some(url) = incident.evidence.cause.as_ref().and_then(address) {
        notes.insert("cause_url".to_owned(), url.into());
    }
    notes
}
