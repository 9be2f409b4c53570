//! PagerDuty's Events API v2.

use serde_json::{Map, Value, json};

use super::{About, address, clip, facts};
use crate::model::{Incident, IncidentStatus};

/// All records of an incident have its id as their key: PagerDuty opens one incident, adds to it, and resolves it.
pub(super) fn body(incident: &Incident, about: &About) -> Value {
    let action = match incident.status {
        IncidentStatus::Resolved => "resolve",
        IncidentStatus::Open | IncidentStatus::Update => "trigger",
    };
    let mut event = json!({
        "routing_key": about.routing_key,
        "event_action": action,
        "dedup_key": incident.id,
        "client": "earful",
        "payload": {
            // As much as it takes.
            "summary": clip(&incident.summary, 1_000),
            "source": about.pipeline,
            "severity": incident.severity.as_str(),
            "timestamp": incident.at,
            "component": incident.brand,
            "group": incident.rule,
            "class": incident.reason_code,
            "custom_details": details(incident),
        },
    });
    if let Some(link) = about.link(incident) {
        event["client_url"] = link.into();
    }
    if let Some(url) = incident.evidence.cause.as_ref().and_then(address) {
        event["links"] = json!([{ "href": url, "text": "The post that started it" }]);
    }
    event
}

fn details(incident: &Incident) -> Map<String, Value> {
    let mut details: Map<String, Value> =
        facts(incident).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    details.insert("revision".to_owned(), incident.revision.into());
    details.insert("started_at".to_owned(), incident.started_at.to_string().into());
    details
}
