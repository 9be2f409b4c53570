//! Records of the `alerts` output: every change of an incident's life.

use serde::{Deserialize, Serialize};

use super::{Timestamp, post::named_enum};

named_enum! {
    /// Where an incident is in its life.
    IncidentStatus {
        /// Just opened.
        Open = "open",
        /// Still going on: worse, or due for a reminder.
        Update = "update",
        /// Over.
        Resolved = "resolved",
    }
}

named_enum! {
    /// How bad it is.
    Severity {
        /// Worth knowing.
        Info = "info",
        /// Look at it today.
        Warning = "warning",
        /// Look at it now.
        Critical = "critical",
    }
}

/// One state of one incident. `id` stays the same through its life; `revision` counts its records from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Incident {
    /// Stable id: brand, rule and opening time, hashed.
    pub id: String,
    /// 1 for the opening record, then one more each time.
    pub revision: u32,
    /// Brand name.
    pub brand: String,
    /// Name of the alert rule in the pipeline.
    pub rule: String,
    /// What kind of rule it is: `surge`, `mentions_over`, `negative_share_over`, ...
    pub reason_code: String,
    /// Open, update or resolved.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub status: IncidentStatus,
    /// How bad.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub severity: Severity,
    /// End of the pane that opened it.
    #[cfg_attr(feature = "http", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    /// End of the pane that led to this record.
    #[cfg_attr(feature = "http", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// Set when resolved.
    #[cfg_attr(feature = "http", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// One sentence for people.
    pub summary: String,
    /// The numbers and the posts behind it.
    pub evidence: Evidence,
}

/// Why an incident is what it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Evidence {
    /// Start of the span that was judged.
    #[cfg_attr(feature = "http", schema(value_type = String, format = DateTime))]
    pub window_start: Timestamp,
    /// End of the span that was judged.
    #[cfg_attr(feature = "http", schema(value_type = String, format = DateTime))]
    pub window_end: Timestamp,
    /// What was observed, in the rule's unit (mentions, share).
    pub observed: f64,
    /// What is usual.
    pub baseline: Baseline,
    /// The rule's score.
    pub score: f64,
    /// The score needed.
    pub threshold: f64,
    /// Mentions in the span.
    pub mentions: i64,
    /// Share of negative mentions in the span.
    pub negative_share: Option<f64>,
    /// Distinct authors in the span.
    pub authors: u64,
    /// Most frequent hashtags in the span.
    pub top_hashtags: Vec<super::TopEntry>,
    /// Most frequent links in the span.
    pub top_links: Vec<super::TopEntry>,
    /// Most active authors in the span.
    pub top_authors: Vec<super::TopEntry>,
    /// The post that started it, as far as can be told.
    pub cause: Option<PostDigest>,
    /// How many posts in the incident refer to the cause or carry its link.
    pub cause_followers: u64,
    /// Most influential posts, most first.
    pub sample_posts: Vec<PostDigest>,
}

/// What is usual for a brand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Baseline {
    /// How it was found.
    pub method: String,
    /// Median, or the fixed limit for threshold rules.
    pub median: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Panes behind it.
    pub n: u64,
}

/// Enough of a post to judge it and to find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PostDigest {
    /// Network name.
    pub network: String,
    /// Native id.
    pub id: String,
    /// What a reader would call the author.
    pub author: String,
    /// Followers, where stated.
    pub followers: Option<u64>,
    /// When it was published.
    #[cfg_attr(feature = "http", schema(value_type = Option<String>, format = DateTime))]
    pub published_at: Option<Timestamp>,
    /// Address, where known.
    pub url: Option<String>,
    /// First 280 characters.
    pub text: String,
    /// `positive`, `neutral`, `negative` towards the brand, where known.
    pub sentiment: Option<String>,
    /// Interactions when seen.
    pub engagement: u64,
}
