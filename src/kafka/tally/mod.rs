//! The tally role: tallies in; metrics and alerts out.

mod engines;
mod reading;

pub(super) use engines::{COMMIT_KEY, Engines};
pub(super) use reading::TallyReading;

use xxhash_rust::xxh3::xxh3_64;

use crate::config::BrandPlan;

/// Which partition of `tallies` a brand belongs to. Brands of one peer set belong together, because their
/// shares of voice are parts of one sum.
pub(super) fn part_of(brand: &BrandPlan, partitions: i32) -> i32 {
    let key =
        brand.peer_set.as_deref().map_or_else(|| format!("brand {}", brand.id), |set| format!("set {set}"));
    (xxh3_64(key.as_bytes()) % u64::from(partitions.max(1).unsigned_abs())) as i32
}
