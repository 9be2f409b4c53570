//! What earful says to itself: the state beside an offset, tallies, and the mark of an engine's commit.
//!
//! Everything begins with a format number; another one is refused by name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use xxhash_rust::xxh3::xxh3_64;

use crate::aggregate::{Folded, LaneMark, LaneState};
use crate::config::BrandPlan;
use crate::model::BrandId;

const FORMAT: u8 = 2;

/// Travels as the metadata of a lane's offset. Brokers take 4,096 bytes; this is some 150.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LaneCommit {
    /// The brands that the lane's numbers stand for.
    pub(super) brands: u64,
    pub(super) state: LaneState,
    /// First and last record of the lane's journal that count.
    pub(super) journal: Option<(i64, i64)>,
}

/// A record of `tallies`: what the lanes of a worker folded between two commits, for the brands of one partition.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TallyRecord {
    /// Names of the lanes that moved, and how far.
    pub(super) lanes: Vec<(String, LaneMark)>,
    /// Names of the brands; the tallies' numbers are their places here.
    pub(super) brands: Vec<String>,
    pub(super) folded: Folded,
}

/// The last record of every commit of an engine: how far it has read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct EngineCommit {
    /// The offset that was committed together with it.
    pub(super) next_offset: i64,
    /// Names of the engine's lanes, in its order.
    pub(super) lanes: Vec<String>,
}

/// Stands for the brands' ids in their order.
pub(super) fn brands_hash(brands: &[BrandPlan]) -> u64 {
    let mut names = Vec::new();
    for brand in brands {
        names.extend_from_slice(brand.id.as_bytes());
        names.push(0);
    }
    xxh3_64(&names)
}

impl TallyRecord {
    /// Every record names its brands, so that a process with a newer pipeline can read it.
    pub(super) fn new(lanes: &[(String, LaneMark)], folded: Folded, brands: &[BrandPlan]) -> TallyRecord {
        let present = folded.brands();
        let local = |brand: BrandId| present.binary_search(&brand).ok().map(|at| BrandId(at as u32));
        let name = |brand: &BrandId| brands.get(brand.0 as usize).map_or_else(String::new, |b| b.id.clone());
        let names = present.iter().map(name).collect();
        TallyRecord { lanes: lanes.to_vec(), brands: names, folded: folded.remap(&local) }
    }
}

pub(super) fn encode(value: &impl Serialize) -> Vec<u8> {
    // Writing plain values to memory cannot fail; an empty record is refused by the reader.
    postcard::to_extend(value, vec![FORMAT]).unwrap_or_default()
}

/// # Errors
/// In words, when the bytes are not of this format or torn.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match bytes.split_first() {
        Some((&FORMAT, rest)) => postcard::from_bytes(rest).map_err(|e| format!("it is damaged ({e})")),
        Some((found, _)) => Err(format!("it is of format {found}, this earful writes {FORMAT}")),
        None => Err("it is empty".to_owned()),
    }
}

pub(super) fn to_metadata(commit: &LaneCommit) -> String {
    STANDARD_NO_PAD.encode(encode(commit))
}

/// # Errors
/// In words.
pub(super) fn from_metadata(text: &str) -> Result<LaneCommit, String> {
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|e| format!("it was not written by earful ({e})"))?;
    decode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::{Lane, LaneSettings};

    #[test]
    fn a_lanes_commit_fits_beside_an_offset_and_comes_back() {
        let commit = LaneCommit {
            brands: u64::MAX,
            state: Lane::new(LaneSettings::default()).state(),
            journal: Some((1, i64::MAX)),
        };
        let text = to_metadata(&commit);
        assert!(text.len() < 1_000, "{}", text.len());
        assert_eq!(from_metadata(&text).unwrap(), commit);
        for damaged in ["", "!", "AAAA", &text[..text.len() / 2]] {
            assert!(from_metadata(damaged).is_err(), "{damaged}");
        }
    }
}
