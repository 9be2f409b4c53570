//! An incoming webhook of Slack: `text` for notifications, blocks for the channel.

use serde_json::{Value, json};

use super::{About, address, clip, facts};
use crate::model::{Incident, IncidentStatus, PostDigest};

/// Slack takes 3,000 characters a text, and escaping makes at most five of one.
const LONGEST: usize = 450;
const NAME: usize = 50;

pub(super) fn body(incident: &Incident, about: &About) -> Value {
    let title = format!(
        "*{}* \u{b7} {} \u{b7} *{}* \u{b7} {}",
        word(incident.status),
        incident.severity,
        escape(&clip(&incident.brand, NAME)),
        escape(&clip(&incident.rule, NAME))
    );
    let summary = escape(&clip(&incident.summary, LONGEST));
    let mut blocks = vec![
        section(&format!("{title}\n{summary}")),
        json!({ "type": "section", "fields": fields(incident) }),
    ];
    blocks.extend(incident.evidence.cause.as_ref().map(|cause| section(&quote(cause))));
    let text = format!("{} ({}): {summary}", word(incident.status), incident.severity);
    blocks.push(json!({ "type": "context", "elements": [mrkdwn(&footer(incident, about))] }));
    json!({ "text": text, "blocks": blocks })
}

const fn word(status: IncidentStatus) -> &'static str {
    match status {
        IncidentStatus::Open => "Opened",
        IncidentStatus::Update => "Going on",
        IncidentStatus::Resolved => "Resolved",
    }
}

fn fields(incident: &Incident) -> Vec<Value> {
    let facts = facts(incident);
    facts
        .iter()
        .map(|(name, value)| mrkdwn(&format!("*{}*\n{}", name.replace('_', " "), escape(value))))
        .collect()
}

fn quote(post: &PostDigest) -> String {
    let words = escape(&clip(&post.text, LONGEST));
    let by = escape(&clip(&post.author, NAME));
    let network = escape(&post.network);
    let place = match address(post) {
        Some(url) => format!("<{}|{network}>", escape(url)),
        None => network,
    };
    format!("Started by a post of {by} on {place}:\n> {words}")
}

fn footer(incident: &Incident, about: &About) -> String {
    let Incident { id, revision, at, .. } = incident;
    let id = match about.link(incident) {
        Some(link) => format!("<{}|incident {id}>", escape(&link)),
        None => format!("incident {id}"),
    };
    format!("earful {} \u{b7} {id} \u{b7} revision {revision} \u{b7} {at}", escape(&about.pipeline))
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": mrkdwn(text) })
}

/// `verbatim`: what looks like an address or a channel in the text of a post does not become a link.
fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text, "verbatim": true })
}

/// The three characters that Slack's syntax is made of: without it, no text can name `<!channel>` or hide an address.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
