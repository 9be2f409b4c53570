//! Rows of the `metrics` output: one brand in one pane of time.

use serde::{Deserialize, Serialize};

use super::{Label, Timestamp, post::named_enum};

named_enum! {
    /// Width of a pane.
    Resolution {
        /// The pipeline's base pane (one minute unless it says otherwise).
        Minute = "minute",
        /// One hour.
        Hour = "hour",
        /// One day, UTC.
        Day = "day",
    }
}

impl Resolution {
    /// Width in milliseconds.
    #[must_use]
    pub const fn width_ms(self) -> i64 {
        match self {
            Resolution::Minute => 60_000,
            Resolution::Hour => 3_600_000,
            Resolution::Day => 86_400_000,
        }
    }
}

named_enum! {
    /// How far a row can be trusted.
    MetricStatus {
        /// The pane is closed; later posts come as rows with status `delta`.
        Final = "final",
        /// The pane is open (HTTP only).
        Provisional = "provisional",
        /// To be added to the final row of the same brand, resolution and start: late posts,
        /// deletes and edits. Counts and sums only.
        Delta = "delta",
    }
}

/// One brand in one pane. All counts are of (post, brand) matches by *published* time.
///
/// The key is `brand|resolution|start`, and for deltas `|as_of` behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MetricRow {
    /// Brand name.
    pub brand: String,
    /// Width of the pane.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub resolution: Resolution,
    /// Start of the pane, inclusive.
    #[cfg_attr(feature = "http", schema(value_type = String, format = DateTime))]
    pub start: Timestamp,
    /// End of the pane, exclusive.
    #[cfg_attr(feature = "http", schema(value_type = String, format = DateTime))]
    pub end: Timestamp,
    /// Watermark pane at which the row was made: equal to `end` rounded up for final rows, later for deltas.
    #[cfg_attr(feature = "http", schema(value_type = String, format = DateTime))]
    pub as_of: Timestamp,
    /// Final, provisional or delta.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub status: MetricStatus,
    /// Mention volume.
    pub mentions: i64,
    /// Volume without pure reposts.
    pub originals: i64,
    /// Of these, replies.
    pub replies: i64,
    /// Pure reposts.
    pub reposts: i64,
    /// Quotes.
    pub quotes: i64,
    /// Positive mentions.
    pub positive: i64,
    /// Neutral mentions.
    pub neutral: i64,
    /// Negative mentions.
    pub negative: i64,
    /// `(P-N)/(P+N)` with its interval; null without polar mentions.
    pub net_sentiment_polar: Option<NetSentiment>,
    /// `(P-N)/(P+N+U)` with its interval; null without mentions.
    pub net_sentiment_total: Option<NetSentiment>,
    /// Sum of the graded scores, to four decimals; the mean over several rows is the sum of these by the sum of
    /// `mentions`. In deltas what is added to the final row's, also where only a label has changed.
    #[serde(default)]
    pub score_sum: f64,
    /// Mean graded score, -1 to 1; null without mentions.
    pub mean_score: Option<f64>,
    /// Distinct `network:author` with the standard error. Null in deltas.
    pub authors: Option<DistinctCount>,
    /// Audience. Null in deltas.
    pub reach: Option<Reach>,
    /// Sum of interactions.
    pub engagement: i64,
    /// Name and version of the formula of `engagement`.
    pub engagement_formula: String,
    /// Sum of platform-reported views over the posts that state them; null when none does.
    pub impressions: Option<i64>,
    /// This brand's share of the mentions of its peer set in this pane, 0 to 1; null without a peer set
    /// or mentions, and in deltas.
    pub share_of_voice: Option<f64>,
    /// Mentions by network, most first.
    pub networks: Vec<TopEntry>,
    /// Mentions by language, most first.
    pub languages: Vec<TopEntry>,
    /// Hashtags, most first. Empty in deltas, like the next two.
    pub top_hashtags: TopList,
    /// Link targets, most first.
    pub top_links: TopList,
    /// Authors by mentions, most first.
    pub top_authors: TopList,
}

/// A ratio with the number behind it and a 95 % interval (Wilson's, mapped to -1..1).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NetSentiment {
    /// -1 to 1.
    pub value: f64,
    /// Denominator.
    pub n: i64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// An estimated number of distinct things.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DistinctCount {
    /// The estimate.
    pub estimate: u64,
    /// Relative standard error: 0 while exact, else about 0.016.
    pub relative_error: f64,
}

/// Audience of the mentions in a pane, over the authors whose followers are stated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reach {
    /// Sum of followers over posts.
    pub potential_total: u64,
    /// Sum of followers over distinct authors.
    pub potential_unique: u64,
    /// Relative standard error of `potential_unique`: 0 while exact.
    pub unique_relative_error: f64,
    /// Sum of followers x f, f falling from 0.15 (to 100,000 followers) to 0.06 (from 10 million): Sprinklr's published formula.
    pub estimated: u64,
    /// Mentions whose author's followers are known.
    pub known: u64,
}

/// A value and how often it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TopEntry {
    /// The value.
    #[cfg_attr(feature = "http", schema(value_type = String))]
    pub value: Label,
    /// Mentions.
    pub count: i64,
}

/// The most frequent values of an open-ended dimension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TopList {
    /// Most first; ties by value.
    pub entries: Vec<TopEntry>,
    /// A count may be too low by at most this; 0 when exact.
    pub error: u64,
}
