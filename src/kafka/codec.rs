//! What earful says to itself: the state beside an offset, tallies, and the mark of an engine's commit.
//!
//! Everything begins with a format number; another one is refused by name.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use xxhash_rust::xxh3::xxh3_64;

use crate::aggregate::{Folded, LaneMark, LaneState, LaneTimes};
use crate::config::BrandPlan;
use crate::model::BrandId;

const FORMAT: u8 = 4;

/// Travels as the metadata of a lane's offset. Brokers take 4,096 bytes; this is some 160.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct LaneCommit {
    /// With which the state was made.
    pub(super) times: LaneTimes,
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

/// The numbers of the brands in a plan, to be told again in the keys of journal records: the brands in a record are
/// numbers, and it may be read when the same numbers stand for others.
pub(super) struct Numbering {
    /// Of a key of this very numbering.
    head: Vec<u8>,
    names: Vec<String>,
    numbers: HashMap<String, BrandId>,
}

/// The numbers of now by those in a journal record; none where they are the same.
pub(super) type Renumbered = Option<HashMap<BrandId, BrandId>>;

impl Numbering {
    pub(super) fn new(brands: &[BrandPlan]) -> Numbering {
        let names: Vec<String> = brands.iter().map(|brand| brand.id.clone()).collect();
        let head = encode(&xxh3_64(names.join("\0").as_bytes()).to_le_bytes());
        let numbers = names.iter().cloned().zip((0..).map(BrandId)).collect();
        Numbering { head, names, numbers }
    }

    /// The key of a record that names these brands.
    pub(super) fn key(&self, brands: impl Iterator<Item = BrandId>) -> Vec<u8> {
        let name = |brand: BrandId| Some((brand, self.names.get(brand.0 as usize)?.as_str()));
        let names: Vec<(BrandId, &str)> = brands.filter_map(name).collect();
        [&self.head[..], &encode(&names)].concat()
    }

    /// What the numbers of a record with this key stand for.
    ///
    /// # Errors
    /// In words, when it is no such key.
    pub(super) fn read(&self, key: &[u8]) -> Result<Renumbered, String> {
        if key.starts_with(&self.head) {
            return Ok(None);
        }
        let names: Vec<(BrandId, String)> = decode(key.get(self.head.len()..).unwrap_or_default())?;
        let number = |(old, name): (BrandId, String)| Some((old, *self.numbers.get(&name)?));
        Ok(Some(names.into_iter().filter_map(number).collect()))
    }
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

    fn numbering(ids: &[&str]) -> Numbering {
        let mut text =
            "name = 'n'\n[[feeds]]\nname = 'f'\ntype = 'stdin'\n[[sinks]]\ntype = 'null'\n".to_owned();
        for id in ids {
            text.push_str(&format!("[[brands]]\nid = '{id}'\nquery = 'x1'\n"));
        }
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.toml");
        std::fs::write(&file, text).unwrap();
        let loaded = crate::config::load(&file).unwrap();
        Numbering::new(&loaded.plan.brands)
    }

    #[test]
    fn a_journal_record_is_read_by_the_names_of_its_brands() {
        let old = numbering(&["heron", "jade", "kite"]);
        let key = old.key([BrandId(0), BrandId(2)].into_iter());
        assert_eq!(old.read(&key).unwrap(), None);
        let check = |now: &[&str], expected: &[(u32, u32)]| {
            let expected = expected.iter().map(|&(old, now)| (BrandId(old), BrandId(now))).collect();
            assert_eq!(numbering(now).read(&key).unwrap(), Some(expected), "{now:?}");
        };
        check(&["kite", "heron"], &[(0, 1), (2, 0)]);
        check(&["heron", "jade", "kite", "tern"], &[(0, 0), (2, 2)]);
        check(&["jade", "kite"], &[(2, 1)]);
        check(&["jade"], &[]);
        for damaged in [&key[..key.len() / 2], b"journal", b""] {
            assert!(numbering(&["jade"]).read(damaged).is_err(), "{damaged:?}");
        }
    }

    #[test]
    fn a_lanes_commit_fits_beside_an_offset_and_comes_back() {
        let commit = LaneCommit {
            times: LaneTimes::of(&LaneSettings::default()),
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
