//! The life of an incident: opens, updates, resolves. One at a time for a brand and rule.
//!
//! - It opens when its rule fires and the cool-down since the last opening is over.
//! - It is updated when it gets worse by a step of severity (1.5 and 2 times the threshold), and after
//!   30 min, 2 h, 6 h and then daily while it lasts.
//! - It resolves when the verdict has been calm (see the detectors) for the rule's `resolve_after`.
//!
//! **Invariant:** driven by closed panes and their time alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    AlertRule, AlertTest,
    detect::{Verdict, surge, threshold},
    digest::Digest,
    evidence::{Bucket, Highlights, Recent},
    summary::Summary,
};
use crate::model::{Evidence, Incident, IncidentStatus, PostDigest, Severity, Timestamp};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Entries of each list in the evidence.
const LIST: usize = 10;
/// Posts shown.
const POSTS: usize = 5;

/// Everything that alerting knows of one brand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Watch {
    history: surge::History,
    recent: Recent,
    /// By name of the rule.
    live: BTreeMap<String, Live>,
    /// When an incident of the rule was last opened.
    opened: BTreeMap<String, Timestamp>,
}

/// An incident that is going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Live {
    started_at: Timestamp,
    revision: u32,
    severity: Severity,
    /// Reminders sent.
    reminders: u32,
    calm_since: Option<Timestamp>,
    /// Posts, roots and links since the start of the span that led to the opening.
    gathered: Bucket,
}

/// Where and when a rule is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) now: Timestamp,
    pub(super) brand: &'a str,
    /// First row of the stream, for the surge rule.
    pub(super) since: i64,
}

impl Watch {
    /// Adds a closed pane.
    pub(super) fn observe(&mut self, end: Timestamp, pane: Summary, seen: Highlights, keep_ms: i64) {
        self.history.add(row_of(end), pane.counters.mentions);
        for live in self.live.values_mut() {
            live.gathered.gather(&seen.exemplars, &seen.causes);
        }
        self.recent.add(end, pane, seen, keep_ms);
    }

    /// True while something is going on.
    pub(super) fn is_live(&self) -> bool {
        !self.live.is_empty()
    }

    /// Drops incidents and cool-downs of rules that the plan no longer has; true when there were any.
    pub(super) fn retain_rules(&mut self, keep: &dyn Fn(&str) -> bool) -> bool {
        let before = (self.live.len(), self.opened.len());
        self.live.retain(|rule, _| keep(rule));
        self.opened.retain(|rule, _| keep(rule));
        before != (self.live.len(), self.opened.len())
    }

    /// Looks at one rule: an incident record when its state has changed, and whether anything at all has
    /// changed here. Without a record that can be the quantiles or the calm only.
    pub(super) fn look(&mut self, at: &Look<'_>, rule: &AlertRule) -> (Option<Incident>, bool) {
        let calm = |watch: &Watch| watch.live.get(&rule.name).and_then(|live| live.calm_since);
        let before = (self.history.block(), calm(self));
        let record = self.turn(at, rule);
        let changed = record.is_some() || before != (self.history.block(), calm(self));
        (record, changed)
    }

    fn turn(&mut self, at: &Look<'_>, rule: &AlertRule) -> Option<Incident> {
        let verdict = self.judge(at, rule)?;
        match self.live.remove(&rule.name) {
            Some(live) => self.go_on(at, rule, live, &verdict),
            None if verdict.fires && self.is_cool(at.now, rule) => Some(self.open(at, rule, &verdict)),
            None => None,
        }
    }

    fn judge(&mut self, at: &Look<'_>, rule: &AlertRule) -> Option<Verdict> {
        if let AlertTest::Surge { threshold } = rule.test {
            let on_row = at.now.floor(surge::ROW_MS) == at.now;
            let open = self.live.contains_key(&rule.name);
            let row = row_of(at.now);
            return on_row
                .then(|| self.history.judge(row, at.since, rule.min_mentions, threshold, open))
                .flatten();
        }
        let window = self.recent.counts(at.now.plus(-rule.test.window_ms()), at.now);
        threshold::judge(&rule.test, rule.min_mentions, window)
    }

    fn is_cool(&self, now: Timestamp, rule: &AlertRule) -> bool {
        self.opened.get(&rule.name).is_none_or(|opened| now >= opened.plus(rule.cool_down_ms))
    }

    fn open(&mut self, at: &Look<'_>, rule: &AlertRule, verdict: &Verdict) -> Incident {
        let live = Live {
            started_at: at.now,
            revision: 1,
            severity: severity(rule, verdict),
            reminders: 0,
            calm_since: None,
            gathered: self.recent.span(at.now.plus(-rule.test.window_ms())),
        };
        self.opened.insert(rule.name.clone(), at.now);
        let record = self.record(at, rule, &live, verdict, IncidentStatus::Open);
        self.live.insert(rule.name.clone(), live);
        record
    }

    fn go_on(
        &mut self,
        at: &Look<'_>,
        rule: &AlertRule,
        mut live: Live,
        verdict: &Verdict,
    ) -> Option<Incident> {
        live.calm_since = if verdict.calm { live.calm_since.or(Some(at.now)) } else { None };
        if live.calm_since.is_some_and(|since| at.now >= since.plus(rule.resolve_after_ms)) {
            live.revision += 1;
            return Some(self.record(at, rule, &live, verdict, IncidentStatus::Resolved));
        }
        let worse = severity(rule, verdict) > live.severity;
        let due = !verdict.calm && at.now >= live.started_at.plus(reminder_after(live.reminders));
        let mut record = None;
        if worse || due {
            live.revision += 1;
            live.severity = live.severity.max(severity(rule, verdict));
            while at.now >= live.started_at.plus(reminder_after(live.reminders)) {
                live.reminders += 1;
            }
            record = Some(self.record(at, rule, &live, verdict, IncidentStatus::Update));
        }
        self.live.insert(rule.name.clone(), live);
        record
    }

    fn record(
        &self,
        at: &Look<'_>,
        rule: &AlertRule,
        live: &Live,
        verdict: &Verdict,
        status: IncidentStatus,
    ) -> Incident {
        let evidence = self.evidence(at.now, rule, live, verdict);
        Incident {
            id: incident_id(at.brand, &rule.name, live.started_at),
            revision: live.revision,
            brand: at.brand.to_owned(),
            rule: rule.name.clone(),
            reason_code: rule.test.name().to_owned(),
            status,
            severity: live.severity,
            started_at: live.started_at,
            at: at.now,
            ended_at: (status == IncidentStatus::Resolved).then_some(at.now),
            summary: sentence(at.brand, rule, status, &evidence),
            evidence,
        }
    }

    fn evidence(&self, now: Timestamp, rule: &AlertRule, live: &Live, verdict: &Verdict) -> Evidence {
        let window_start = now.plus(-rule.test.window_ms());
        let counts = self.recent.counts(window_start, now);
        let span = self.recent.span(window_start);
        let (cause, cause_followers) = cause(&live.gathered);
        Evidence {
            window_start,
            window_end: now,
            observed: verdict.observed,
            baseline: verdict.baseline.clone(),
            score: verdict.score,
            threshold: verdict.threshold,
            mentions: counts.mentions,
            negative_share: (counts.mentions > 0).then(|| counts.negative as f64 / counts.mentions as f64),
            authors: span.authors.estimate().0,
            top_hashtags: span.hashtags.top(LIST).entries,
            top_links: span.links.top(LIST).entries,
            top_authors: span.top_authors.top(LIST).entries,
            cause,
            cause_followers,
            sample_posts: live.gathered.exemplars.iter().take(POSTS).map(|d| d.to_model()).collect(),
        }
    }
}

/// The row of five minutes that ends at or after `end`.
fn row_of(end: Timestamp) -> i64 {
    end.plus(-1).floor(surge::ROW_MS).millis() / surge::ROW_MS
}

/// The post that most of the gathered mentions refer to or carry the link of, and how many do.
/// If it is itself among the posts that are known in full it is shown so, else with the followers that
/// another post of its author states.
fn cause(gathered: &Bucket) -> (Option<PostDigest>, u64) {
    let Some((main, carriers)) = gathered.causes.main() else { return (None, 0) };
    let Some(mut post) = main.post() else { return (None, 0) };
    let known = |d: &&Digest| d.excerpt.key.network.as_str() == post.network;
    let posts = || gathered.exemplars.iter().chain(gathered.causes.posts()).filter(known);
    if let Some(seen) = posts().filter(|d| *d.excerpt.key.id == post.id).min() {
        return (Some(seen.to_model()), carriers);
    }
    let by_author = posts().filter(|d| !post.author.is_empty() && *d.excerpt.author == post.author);
    let followers = by_author.filter_map(|d| d.excerpt.followers).max();
    post.followers = post.followers.or(followers);
    (Some(post), carriers)
}

/// The rule's severity, one step up from 1.5 times the threshold, two from twice.
fn severity(rule: &AlertRule, verdict: &Verdict) -> Severity {
    let steps = usize::from(verdict.ratio >= 1.5) + usize::from(verdict.ratio >= 2.0);
    let at = (rule.severity as usize + steps).min(Severity::ALL.len() - 1);
    Severity::ALL[at]
}

/// The widening schedule of reminders.
fn reminder_after(sent: u32) -> i64 {
    match sent {
        0 => 30 * MINUTE,
        1 => 2 * HOUR,
        2 => 6 * HOUR,
        n => 24 * HOUR * i64::from(n - 2),
    }
}

fn incident_id(brand: &str, rule: &str, started_at: Timestamp) -> String {
    format!("{:016x}", xxh3_64(format!("{brand}\0{rule}\0{}", started_at.millis()).as_bytes()))
}

/// One sentence for people.
fn sentence(brand: &str, rule: &AlertRule, status: IncidentStatus, evidence: &Evidence) -> String {
    let span = span_words(rule.test.window_ms());
    let share = |s: f64| format!("{:.0} %", s * 100.0);
    let mut text = match status {
        IncidentStatus::Resolved => format!("{brand}: over ({}). ", rule.name),
        _ => format!("{brand}: "),
    };
    text += &match rule.test {
        AlertTest::Surge { .. } => {
            format!("{} mentions in {span}, usually {}", evidence.observed, evidence.baseline.median)
        }
        AlertTest::MentionsOver { limit, .. } => {
            format!("{} mentions in {span}, the limit is {limit}", evidence.mentions)
        }
        AlertTest::NegativeShareOver { limit, .. } => {
            format!(
                "{} of {} mentions in {span} are negative, the limit is {}",
                share(evidence.observed),
                evidence.mentions,
                share(limit)
            )
        }
        AlertTest::NetSentimentUnder { limit, .. } => {
            format!(
                "net sentiment {:.2} over {} mentions in {span}, the limit is {limit}",
                evidence.observed, evidence.mentions
            )
        }
    };
    if let (AlertTest::Surge { .. } | AlertTest::MentionsOver { .. }, Some(negative)) =
        (rule.test, evidence.negative_share)
    {
        text += &format!("; {} negative", share(negative));
    }
    if let Some(cause) = &evidence.cause {
        text += &format!("; {} refer to {}", evidence.cause_followers, name_post(cause));
    }
    text + "."
}

fn name_post(post: &PostDigest) -> String {
    let words: String = post.text.chars().take(80).collect();
    match (post.author.is_empty(), words.is_empty()) {
        (true, _) => format!("post {} on {}", post.id, post.network),
        (false, true) => format!("a post by {} on {}", post.author, post.network),
        (false, false) => format!("a post by {} on {}: \u{201c}{words}\u{201d}", post.author, post.network),
    }
}

fn span_words(ms: i64) -> String {
    match ms {
        HOUR => "the last hour".to_owned(),
        ms if ms % HOUR == 0 => format!("the last {} h", ms / HOUR),
        ms => format!("the last {} min", ms / MINUTE),
    }
}
