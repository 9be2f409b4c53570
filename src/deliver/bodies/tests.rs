//! Golden files in `tests/data/deliver/`, and what must not get through.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::model::{Baseline, Evidence, Incident, IncidentStatus, PostDigest, Severity, Timestamp};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A post that wants to wake everybody up and to send them somewhere.
fn cause() -> PostDigest {
    PostDigest {
        network: "x".into(),
        id: "42".into(),
        author: "@eve <!here>".into(),
        followers: Some(12_000),
        published_at: Some(time("2026-03-10T09:01:00Z")),
        url: Some("https://example.org/eve/42?a=1&b=2".into()),
        text: "<!channel> R&D says\n<https://example.com/bad|click here> *now*".into(),
        sentiment: Some("negative".into()),
        engagement: 99,
    }
}

fn incident(status: IncidentStatus, revision: u32, severity: Severity) -> Alert {
    let at = time("2026-03-10T09:00:00Z").plus(i64::from(revision) * 1_800_000);
    let evidence = Evidence {
        window_start: at.plus(-3_600_000),
        window_end: at,
        observed: 412.0,
        baseline: Baseline { method: "history".into(), median: 12.5, p99: 40.0, n: 4_032 },
        score: 1.230_4,
        threshold: 0.95,
        mentions: 412,
        negative_share: Some(0.625),
        authors: 318,
        cause: Some(cause()),
        cause_followers: 77,
        ..Evidence::default()
    };
    let incident = Incident {
        id: "0123456789abcdef".into(),
        revision,
        brand: "heron".into(),
        rule: "surge & more".into(),
        reason_code: "surge".into(),
        status,
        severity,
        started_at: time("2026-03-10T09:30:00Z"),
        at,
        ended_at: (status == IncidentStatus::Resolved).then_some(at),
        summary: "heron: 412 mentions in the last hour; 77 refer to a post by @eve <!here> on x: \u{201c}<!channel> R&D\n\u{201d}."
            .into(),
        evidence,
    };
    let json = serde_json::to_vec(&incident).unwrap();
    Alert { incident, json }
}

fn life() -> [(&'static str, Alert); 3] {
    [
        ("open", incident(IncidentStatus::Open, 1, Severity::Warning)),
        ("update", incident(IncidentStatus::Update, 2, Severity::Critical)),
        ("resolved", incident(IncidentStatus::Resolved, 5, Severity::Critical)),
    ]
}

fn about() -> About {
    About {
        pipeline: "airlines".into(),
        link: Some("https://radar.example/incidents/{id}?from=earful".into()),
        routing_key: "the-routing-key".into(),
    }
}

fn made(receiver: Receiver, alert: &Alert, about: &About) -> Value {
    serde_json::from_slice(&body(receiver, alert, about)).unwrap()
}

#[test]
fn bodies_are_as_in_the_golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/deliver");
    for (kind, receiver) in [
        ("slack", Receiver::Slack),
        ("alertmanager", Receiver::Alertmanager),
        ("pagerduty", Receiver::PagerDuty),
    ] {
        for (moment, alert) in life() {
            let file = folder.join(format!("{kind}-{moment}.json"));
            let text = serde_json::to_string_pretty(&made(receiver, &alert, &about())).unwrap() + "\n";
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(&file, &text).unwrap();
            }
            let expected = fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(text, expected, "{}; UPDATE_GOLDEN=1 writes it", file.display());
        }
    }
}

#[test]
fn a_webhook_gets_the_alert_as_it_was_written() {
    let (_, mut alert) = life()[0].clone();
    alert.json = br#"{ "id": "0123456789abcdef", "a field of tomorrow": 1 }"#.to_vec();
    assert_eq!(body(Receiver::Webhook, &alert, &about()), alert.json);
    assert_eq!(alert.key(), "0123456789abcdef|1");
}

#[test]
fn without_a_link_and_a_cause_there_are_none() {
    let (_, mut alert) = life()[0].clone();
    alert.incident.evidence.cause = None;
    alert.incident.evidence.negative_share = None;
    let about = About { link: None, ..about() };
    let text = |receiver| made(receiver, &alert, &about).to_string();
    for (receiver, absent) in [
        (Receiver::Slack, "http"),
        (Receiver::Alertmanager, "generatorURL"),
        (Receiver::Alertmanager, "cause"),
        (Receiver::PagerDuty, "client_url"),
        (Receiver::PagerDuty, "links"),
        (Receiver::PagerDuty, "negative_share"),
    ] {
        assert!(!text(receiver).contains(absent), "{absent}: {}", text(receiver));
    }
}

/// Slack's syntax in any text of a post is text; what looks like an address but is none is not linked.
#[test]
fn no_text_can_speak_slacks_language() {
    let (_, mut alert) = life()[0].clone();
    for url in
        ["javascript:alert(1)", "https://example.org/|a", "https://example.org/> <!channel", "https://a b"]
    {
        alert.incident.brand = "<!everyone>".into();
        alert.incident.rule = "<@U123>".into();
        let post = alert.incident.evidence.cause.as_mut().unwrap();
        (post.url, post.network) = (Some(url.to_owned()), "<!x>".into());
        let about = About { pipeline: "<!p>".into(), link: None, ..about() };
        let text = made(Receiver::Slack, &alert, &about).to_string();
        assert!(!text.contains('<'), "{text}");
        assert!(!text.contains(url), "{text}");
    }
}

#[test]
fn bodies_fit_into_what_receivers_take() {
    let (_, mut alert) = life()[1].clone();
    let long = "&".repeat(20_000);
    alert.incident.summary.clone_from(&long);
    alert.incident.brand.clone_from(&long);
    alert.incident.rule.clone_from(&long);
    let post = alert.incident.evidence.cause.as_mut().unwrap();
    (post.text, post.author, post.url) = (long.clone(), long.clone(), Some(format!("https://{long}")));
    let slack = made(Receiver::Slack, &alert, &about());
    for block in slack["blocks"].as_array().unwrap() {
        let text = block["text"]["text"].as_str().unwrap_or_default();
        assert!(text.chars().count() <= 3_000, "{}", text.chars().count());
    }
    let summary = made(Receiver::PagerDuty, &alert, &about())["payload"]["summary"].clone();
    assert!(summary.as_str().unwrap().chars().count() <= 1_024);
}

#[test]
fn numbers_are_short() {
    for (value, text) in
        [(412.0, "412"), (0.625, "0.625"), (1.230_4, "1.23"), (1e6, "1000000"), (-0.5, "-0.5")]
    {
        assert_eq!(number(value), text);
    }
}
