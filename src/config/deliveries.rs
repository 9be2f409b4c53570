//! `[[deliveries]]`: who is told of incidents, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use super::alerts::listed_brands;
use super::problem::nearest;
use super::reader::{At, Report, Table, choose};
use super::receiver::{DeliveryPlan, Receiver, Wanted};
use super::secrets;
use crate::aggregate::AlertRule;
use crate::model::{IncidentStatus, Severity};

const TIMEOUT_MS: i64 = 10_000;
/// Within the time that a consumer group waits for a member.
const TIMEOUT_MAX_MS: i64 = 60_000;
const GIVE_UP_AFTER_MS: i64 = 3_600_000;
const GIVE_UP_AFTER_MAX_MS: i64 = 30 * 24 * 3_600_000;
/// Slack takes one message a second.
const PER_MINUTE: i64 = 60;
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";
/// Headers that say what the body is; they are earful's.
const RESERVED: &[&str] =
    &["connection", "content-length", "content-type", "host", "idempotency-key", "transfer-encoding"];

const RECEIVERS: &[(&str, Receiver)] = &[
    ("webhook", Receiver::Webhook),
    ("slack", Receiver::Slack),
    ("alertmanager", Receiver::Alertmanager),
    ("pagerduty", Receiver::PagerDuty),
];

/// All deliveries that can be used; problems with the others are in the report.
pub(super) fn deliveries(
    report: &mut Report<'_>,
    top: &mut Table<'_>,
    brands: &[String],
    rules: &[AlertRule],
    has_kafka: bool,
) -> Vec<DeliveryPlan> {
    let mut plans: Vec<DeliveryPlan> = Vec::new();
    for mut table in top.tables(report, "deliveries", "[[deliveries]]") {
        let at = table.at;
        if !has_kafka {
            let hint = "add [kafka] (the role deliver reads the topic of alerts), or remove [[deliveries]] and read \
                        alerts.jsonl or the read API";
            report.error(at, "[[deliveries]] needs [kafka]", hint);
        }
        let plan = delivery(report, &mut table, brands, rules);
        table.finish(report);
        let Some(plan) = plan else { continue };
        if plans.iter().any(|other| other.name == plan.name) {
            report.error(
                at,
                format!("two deliveries are called \"{}\"", plan.name),
                "give each its own name",
            );
        }
        plans.push(plan);
    }
    plans
}

fn delivery(
    report: &mut Report<'_>,
    table: &mut Table<'_>,
    brands: &[String],
    rules: &[AlertRule],
) -> Option<DeliveryPlan> {
    let name = name(report, table);
    let wanted = wanted(report, table, brands, rules);
    let headers = headers(report, table);
    let ca = table.string(report, "ca").map(|path| report.path(path.value));
    let link = link(report, table);
    let timeout = table.duration(report, "timeout", 100..=TIMEOUT_MAX_MS).unwrap_or(TIMEOUT_MS);
    let give_up_after =
        table.duration(report, "give_up_after", 0..=GIVE_UP_AFTER_MAX_MS).unwrap_or(GIVE_UP_AFTER_MS);
    let per_minute = table.integer(report, "per_minute", 1..=60_000).unwrap_or(PER_MINUTE);
    let names: Vec<&str> = RECEIVERS.iter().map(|(name, _)| *name).collect();
    let kind = table.required(report, "type", &format!("give one of: {}", names.join(", ")));
    // Asked for before the type is judged, so that neither is taken for an unknown key.
    let (written, key) = (table.string(report, "url"), table.string(report, "routing_key"));
    let receiver = choose(report, &kind?, "type", RECEIVERS)?;
    let url = url(report, table.at, receiver, written);
    let routing_key = routing_key(report, table.at, receiver, key);
    warn_of_silence(report, table.at, receiver, &wanted);
    Some(DeliveryPlan {
        name: name?,
        receiver,
        url: url?,
        routing_key,
        headers,
        ca,
        link,
        wanted,
        timeout: Duration::from_millis(timeout as u64),
        give_up_after: Duration::from_millis(give_up_after as u64),
        interval: Duration::from_micros(60_000_000 / per_minute as u64),
    })
}

/// It becomes part of the name of a group.
fn name(report: &mut Report<'_>, table: &mut Table<'_>) -> Option<String> {
    const HINT: &str = "give 1 to 100 of a-z, A-Z, 0-9, dot, minus and underscore";
    let found = table.required(report, "name", HINT)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if found.value.len() > 100 || !found.value.chars().all(allowed) {
        let what = format!("`name`: \"{}\" cannot be part of a group's name", found.value);
        report.error(found.at, what, HINT);
    }
    Some(found.value.to_owned())
}

fn wanted(report: &mut Report<'_>, table: &mut Table<'_>, brands: &[String], rules: &[AlertRule]) -> Wanted {
    let severities: Vec<_> = Severity::ALL.iter().map(|s| (s.as_str(), *s)).collect();
    Wanted {
        brands: listed_brands(report, table, brands),
        rules: listed_rules(report, table, rules),
        min_severity: table.choice(report, "min_severity", &severities).unwrap_or(Severity::Info),
        on: moments(report, table),
    }
}

fn listed_rules(report: &mut Report<'_>, table: &mut Table<'_>, rules: &[AlertRule]) -> Vec<String> {
    let listed = table.strings(report, "rules").map(|list| list.value).unwrap_or_default();
    for name in listed.iter().filter(|name| rules.iter().all(|rule| rule.name != name.value)) {
        let hint = match nearest(name.value, rules.iter().map(|rule| rule.name.as_str())) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "give the `name` of one of [[alerts]]".to_owned(),
        };
        report.error(name.at, format!("no alert has the name \"{}\"", name.value), hint);
    }
    listed.into_iter().map(|name| name.value.to_owned()).collect()
}

fn moments(report: &mut Report<'_>, table: &mut Table<'_>) -> Vec<IncidentStatus> {
    let Some(list) = table.strings(report, "on") else { return IncidentStatus::ALL.to_vec() };
    if list.value.is_empty() {
        report.error(list.at, "`on` is empty", "leave it out for all of: open, update, resolved");
    }
    let choices: Vec<_> = IncidentStatus::ALL.iter().map(|s| (s.as_str(), *s)).collect();
    list.value.iter().filter_map(|name| choose(report, name, "on", &choices)).collect()
}

/// An incident gets worse in updates only.
fn warn_of_silence(report: &mut Report<'_>, at: usize, receiver: Receiver, wanted: &Wanted) {
    if wanted.on.contains(&IncidentStatus::Update) {
        return;
    }
    if wanted.min_severity > Severity::Info {
        let what =
            "an incident that rises to `min_severity` after its opening is not told of without \"update\"";
        report.warning(at, what, "add \"update\" to `on`, or leave `on` out");
    }
    if receiver == Receiver::Alertmanager {
        let what = "without \"update\" Alertmanager takes an incident for over after three days";
        report.warning(at, what, "add \"update\" to `on`, or leave `on` out");
    }
}

fn headers(report: &mut Report<'_>, table: &mut Table<'_>) -> BTreeMap<String, String> {
    let Some(headers) = table.table(report, "headers", "headers") else { return BTreeMap::new() };
    let found = headers.all_strings(report);
    for (name, value) in &found {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let lower = name.to_ascii_lowercase();
        if name.is_empty() || !name.chars().all(is_token) {
            report.error(value.at, format!("\"{name}\" is no name of a header"), "see RFC 9110, section 5.1");
        } else if RESERVED.contains(&lower.as_str()) || lower.starts_with("ce-") {
            report.error(value.at, format!("the header `{name}` is set by earful"), "remove it");
        }
        if value.value.chars().any(char::is_control) {
            report.error(value.at, format!("the header `{name}` holds a control character"), "remove it");
        }
    }
    found.into_iter().map(|(name, value)| (name, value.value)).collect()
}

fn link(report: &mut Report<'_>, table: &mut Table<'_>) -> Option<String> {
    let found = table.string(report, "link")?;
    if !is_web_address(found.value) {
        let hint = "give the page of an incident, such as \"https://radar.example/incidents/{id}\"";
        report.error(found.at, "`link` is no address that begins with http:// or https://", hint);
    }
    Some(found.value.to_owned())
}

/// The address is never repeated: it may be the secret.
fn url(report: &mut Report<'_>, at: usize, receiver: Receiver, found: Option<At<&str>>) -> Option<String> {
    let hint = match receiver {
        Receiver::Alertmanager => "give its address, such as \"http://127.0.0.1:9093\"",
        _ => "give an address that begins with https:// or http://, or ${file:PATH}",
    };
    let Some(found) = found else {
        if receiver == Receiver::PagerDuty {
            return Some(PAGERDUTY.to_owned());
        }
        report.error(at, "[[deliveries]] has no `url`", hint);
        return None;
    };
    if !secrets::is_open(found.value) && !is_web_address(found.value) {
        report.error(found.at, "`url` is no address", hint);
    }
    Some(found.value.to_owned())
}

fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn routing_key(
    report: &mut Report<'_>,
    at: usize,
    receiver: Receiver,
    found: Option<At<&str>>,
) -> Option<String> {
    match (receiver, &found) {
        (Receiver::PagerDuty, None) => {
            let hint = "give the integration key of the service, such as \"${file:/run/secrets/pagerduty}\"";
            report.error(at, "a delivery of type \"pagerduty\" needs `routing_key`", hint);
        }
        (Receiver::PagerDuty, Some(_)) | (_, None) => {}
        (_, Some(key)) => {
            report.error(key.at, "`routing_key` is for type \"pagerduty\" only", "remove it");
        }
    }
    found.map(|key| key.value.to_owned())
}

#[cfg(all(test, feature = "kafka"))]
#[path = "deliveries_tests.rs"]
mod tests;
