//! Alerts to send, and the plans of deliveries.
#![allow(dead_code)]

use std::path::Path;

use earful::config::{DeliveryPlan, parse};
use earful::deliver::{Alert, Courier};
use earful::model::{Evidence, Incident, IncidentStatus, Severity, Timestamp};

/// One record of the incident `id`.
pub fn incident(id: &str, revision: u32, status: IncidentStatus) -> Incident {
    let at = Timestamp::from_seconds(1_773_133_200 + i64::from(revision) * 1_800);
    Incident {
        id: id.to_owned(),
        revision,
        brand: "heron".to_owned(),
        rule: "surge".to_owned(),
        reason_code: "surge".to_owned(),
        status,
        severity: Severity::Warning,
        started_at: Timestamp::from_seconds(1_773_135_000),
        at,
        ended_at: (status == IncidentStatus::Resolved).then_some(at),
        summary: format!("heron: revision {revision}"),
        evidence: Evidence::default(),
    }
}

pub fn alert(id: &str, revision: u32) -> Alert {
    let incident = incident(id, revision, IncidentStatus::Open);
    Alert { json: serde_json::to_vec(&incident).unwrap(), incident }
}

const HEAD: &str = r#"
name = "airlines"
[kafka]
brokers = "127.0.0.1:1"
[[feeds]]
name = "posts"
type = "kafka"
topics = ["posts"]
[[brands]]
id = "heron"
query = "heron"
[[alerts]]
name = "surge"
rule = "surge"
[[deliveries]]
name = "d"
per_minute = 60_000
"#;

/// The lines of a delivery behind its name.
pub fn plan(lines: &str) -> DeliveryPlan {
    let loaded = parse(Path::new("p.toml"), &format!("{HEAD}{lines}\n"));
    loaded.unwrap_or_else(|problems| panic!("{problems}")).plan.deliveries.remove(0)
}

pub fn courier(lines: &str) -> Courier {
    Courier::new(&plan(lines), "air lines").unwrap()
}
