//! What the lanes and the engine are told once, at start. Times are in milliseconds.

use serde::{Deserialize, Serialize};

use crate::model::{Resolution, Severity};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// How one lane judges its posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneSettings {
    /// How far the watermark stays behind the newest post: the disorder that is still on time.
    pub lateness_ms: i64,
    /// A published time may lie this far after the received time; what goes beyond is clamped.
    pub skew_ms: i64,
    /// How long (event time, by the watermark) an identity is remembered.
    pub dedupe_horizon_ms: i64,
    /// How many identities are remembered at most; the oldest go first.
    pub dedupe_limit: usize,
    /// Width of the base pane.
    pub pane_ms: i64,
}

/// The settings that a lane's state was made with: with others it would be read in another sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneTimes {
    lateness_ms: i64,
    skew_ms: i64,
    pane_ms: i64,
}

impl LaneTimes {
    /// Those of these settings.
    #[must_use]
    pub fn of(settings: &LaneSettings) -> LaneTimes {
        let LaneSettings { lateness_ms, skew_ms, pane_ms, .. } = *settings;
        LaneTimes { lateness_ms, skew_ms, pane_ms }
    }

    /// What is not the same `now`, in words.
    #[must_use]
    pub fn difference(&self, now: &LaneTimes) -> Option<String> {
        [
            ("lateness", self.lateness_ms, now.lateness_ms),
            ("skew", self.skew_ms, now.skew_ms),
            ("the base pane", self.pane_ms, now.pane_ms),
        ]
        .into_iter()
        .find(|(_, before, after)| before != after)
        .map(|(what, before, after)| format!("{what} was {before} ms and is {after} ms"))
    }
}

impl Default for LaneSettings {
    fn default() -> LaneSettings {
        LaneSettings {
            lateness_ms: 5 * MINUTE,
            skew_ms: 5 * MINUTE,
            dedupe_horizon_ms: HOUR,
            dedupe_limit: 10_000_000,
            pane_ms: MINUTE,
        }
    }
}

/// What the engine makes of the lanes' tallies.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineSettings {
    /// The brands; a `BrandId` is the position in this list.
    pub brands: Vec<BrandSettings>,
    /// Which rows are wanted.
    pub resolutions: Vec<Resolution>,
    /// Width of the base pane; the same as in the lanes. It must divide an hour.
    pub pane_ms: i64,
    /// Length of the top lists in rows.
    pub top: usize,
    /// When to open an incident.
    pub alerts: Vec<AlertRule>,
}

impl Default for EngineSettings {
    fn default() -> EngineSettings {
        EngineSettings {
            brands: Vec::new(),
            resolutions: Resolution::ALL.to_vec(),
            pane_ms: MINUTE,
            top: 50,
            alerts: Vec::new(),
        }
    }
}

/// One brand as the engine knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandSettings {
    /// Name in outputs and in snapshots.
    pub id: String,
    /// Brands of the same set are compared in `share_of_voice`.
    pub peer_set: Option<String>,
}

/// One alert rule of the pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRule {
    /// Its name; unique in the pipeline.
    pub name: String,
    /// For which brands; empty means all.
    pub brands: Vec<String>,
    /// How bad an incident is when it opens.
    pub severity: Severity,
    /// After an opening, no other incident of this rule and brand opens for so long.
    pub cool_down_ms: i64,
    /// Below this many mentions (in the window; for `surge` in five minutes) the rule is silent.
    pub min_mentions: i64,
    /// An incident ends when it has been calm for so long.
    pub resolve_after_ms: i64,
    /// What is tested.
    pub test: AlertTest,
}

/// What an alert rule tests, over closed panes only.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum AlertTest {
    /// HY0, see `docs/alerts.md`: far above the brand's own last 14 days on four time scales.
    Surge {
        /// Score needed; 1 is the brand's own 99th percentile.
        threshold: f64,
    },
    /// More than `limit` mentions in the window.
    MentionsOver {
        /// Width of the sliding window.
        window_ms: i64,
        /// Mentions.
        limit: f64,
    },
    /// Share of negative mentions in the window above `limit`.
    NegativeShareOver {
        /// Width of the sliding window.
        window_ms: i64,
        /// 0 to 1.
        limit: f64,
    },
    /// `(P-N)/(P+N+U)` in the window below `limit`.
    NetSentimentUnder {
        /// Width of the sliding window.
        window_ms: i64,
        /// -1 to 1.
        limit: f64,
    },
}

impl AlertTest {
    /// The rule's name in pipelines and `reason_code` in incidents.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            AlertTest::Surge { .. } => "surge",
            AlertTest::MentionsOver { .. } => "mentions_over",
            AlertTest::NegativeShareOver { .. } => "negative_share_over",
            AlertTest::NetSentimentUnder { .. } => "net_sentiment_under",
        }
    }

    /// The span that evidence is gathered over.
    #[must_use]
    pub const fn window_ms(&self) -> i64 {
        match *self {
            AlertTest::Surge { .. } => HOUR,
            AlertTest::MentionsOver { window_ms, .. }
            | AlertTest::NegativeShareOver { window_ms, .. }
            | AlertTest::NetSentimentUnder { window_ms, .. } => window_ms,
        }
    }
}

impl AlertRule {
    /// Default threshold of `surge`; `docs/alerts.md` says how it was chosen.
    pub const SURGE_THRESHOLD: f64 = 0.95;

    /// A rule of that name with the defaults: all brands, warning, resolved after a calm hour,
    /// and a cool-down of 24 h for `surge`, of one window (at least an hour) for the others.
    #[must_use]
    pub fn new(name: &str, test: AlertTest) -> AlertRule {
        let surge = matches!(test, AlertTest::Surge { .. });
        AlertRule {
            name: name.to_owned(),
            brands: Vec::new(),
            severity: Severity::Warning,
            cool_down_ms: if surge { 24 * HOUR } else { test.window_ms().max(HOUR) },
            min_mentions: if surge { 5 } else { 20 },
            resolve_after_ms: HOUR,
            test,
        }
    }
}
