//! What a query costs among many.

use serde::Serialize;

use super::super::Purpose;
use super::super::wakes::Wakes;
use super::scan::Scan;

/// What is done for a query each time that it is looked at, at most. It follows from the query alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Cost {
    /// How often it is looked at.
    pub looked_at: LookedAt,
    /// Terms: does each stand in the post?
    pub terms: usize,
    /// Values of fields that are compared with the post.
    pub values: usize,
    /// NEAR and tilde: places in the text that are compared.
    pub distances: usize,
    /// What a post would be asked for if the query were looked at for all of them; they are, where it has no trigger.
    pub full_scan: Scan,
}

/// For which posts a query is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LookedAt {
    /// None: no post can meet it.
    #[default]
    NoPost,
    /// Those with one of its triggers.
    TriggeredPosts,
    /// Every post of every feed: a full scan.
    EveryPost,
    /// Of a rule: mentions with one of its triggers.
    TriggeredMentions,
    /// Of a rule: every mention.
    EveryMention,
}

impl Cost {
    /// With how often the query is looked at.
    pub(super) fn often(self, wakes: &Wakes, purpose: Purpose) -> Cost {
        let looked_at = match (wakes.full_scan, wakes.on.is_empty(), purpose) {
            (true, _, Purpose::Collection) => LookedAt::EveryPost,
            (true, _, Purpose::Rule) => LookedAt::EveryMention,
            (false, false, Purpose::Collection) => LookedAt::TriggeredPosts,
            (false, false, Purpose::Rule) => LookedAt::TriggeredMentions,
            (false, true, _) => LookedAt::NoPost,
        };
        Cost { looked_at, ..self }
    }
}
