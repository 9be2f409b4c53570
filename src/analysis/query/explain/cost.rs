//! What a query costs among many.

use serde::Serialize;

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
}

impl Cost {
    /// With how often the query is looked at.
    pub(super) fn often(self, wakes: &Wakes) -> Cost {
        let looked_at = match (wakes.full_scan, wakes.on.is_empty()) {
            (true, _) => LookedAt::EveryPost,
            (false, false) => LookedAt::TriggeredPosts,
            (false, true) => LookedAt::NoPost,
        };
        Cost { looked_at, ..self }
    }
}
