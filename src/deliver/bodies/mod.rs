//! From an alert to what each kind of receiver takes. Pure.

mod alertmanager;
mod pagerduty;
mod slack;

use crate::config::Receiver;
use crate::model::{Incident, PostDigest};

use super::Alert;

/// What a body says besides the alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    /// Name of the pipeline.
    pub(super) pipeline: String,
    /// A page about the incident; `{id}` stands for its id.
    pub(super) link: Option<String>,
    /// PagerDuty's key.
    pub(super) routing_key: String,
}

impl About {
    fn link(&self, incident: &Incident) -> Option<String> {
        self.link.as_ref().map(|link| link.replace("{id}", &incident.id))
    }
}

/// The JSON for a receiver.
pub(super) fn body(receiver: Receiver, alert: &Alert, about: &About) -> Vec<u8> {
    let incident = &alert.incident;
    match receiver {
        Receiver::Webhook => return alert.json.clone(),
        Receiver::Slack => slack::body(incident, about),
        Receiver::Alertmanager => alertmanager::body(incident, about),
        Receiver::PagerDuty => pagerduty::body(incident, about),
    }
    .to_string()
    .into_bytes()
}

/// The numbers of an incident for people, by name.
fn facts(incident: &Incident) -> Vec<(&'static str, String)> {
    let evidence = &incident.evidence;
    let mut facts = vec![
        ("observed", number(evidence.observed)),
        ("usual", number(evidence.baseline.median)),
        ("score", number(evidence.score)),
        ("threshold", number(evidence.threshold)),
        ("mentions", evidence.mentions.to_string()),
        ("authors", evidence.authors.to_string()),
    ];
    facts.extend(evidence.negative_share.map(|share| ("negative_share", number(share))));
    facts.push(("window", format!("{} to {}", evidence.window_start, evidence.window_end)));
    facts
}

/// Three decimals at most.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// At most `most` characters on one line.
fn clip(text: &str, most: usize) -> String {
    let one_line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let one_line = one_line.collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(most) {
        Some((end, _)) => format!("{}\u{2026}", &one_line[..end]),
        None => one_line,
    }
}

/// The address of a post, if it is one that a browser can be sent to.
fn address(post: &PostDigest) -> Option<&str> {
    let url = post.url.as_deref()?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '|' | '"');
    (is_web && url.len() <= 2_000 && !url.contains(is_odd)).then_some(url)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
