//! The engine's state as bytes and back.
//!
//! Format number (4 bytes, little endian), xxh3 of the rest (8 bytes), then postcard. Brands are written
//! by name, so that a plan with other brands takes up what still belongs to it.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{
    Engine, EngineSettings, RestoreError, engine::Agenda, incident::Watch, tracked::Tracked, windows::Windows,
};
use crate::model::{BrandId, Timestamp};

const FORMAT: u32 = 4;
const HEAD: usize = 12;
const WHAT: &str = "engine snapshot";

/// Everything that the engine must not forget.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct State {
    /// Watermark and next sequence number of each lane.
    pub(super) lanes: Vec<(Timestamp, u64)>,
    pub(super) windows: Windows,
    pub(super) watches: Tracked<BrandId, Watch>,
    pub(super) agenda: Agenda,
    /// First row of the stream's history.
    pub(super) since: i64,
    /// End of the last pane that was closed.
    pub(super) last_end: Timestamp,
    /// How far any lane's time has come, its end left out.
    pub(super) reached: Timestamp,
}

impl State {
    pub(super) fn new(pane_ms: i64, lanes: usize) -> State {
        State {
            lanes: vec![(Timestamp::MIN, 0); lanes],
            windows: Windows::new(pane_ms),
            watches: Tracked::default(),
            agenda: Agenda::default(),
            since: 0,
            last_end: Timestamp::MIN,
            reached: Timestamp::MIN,
        }
    }

    fn remap(&mut self, brand: &dyn Fn(BrandId) -> Option<BrandId>) {
        self.windows.remap(brand);
        self.watches = std::mem::take(&mut self.watches).rekeyed(brand);
        self.agenda = std::mem::take(&mut self.agenda).rekeyed(|(due, old)| Some((due, brand(old)?)));
    }

    /// Drops incidents and cool-downs of rules that the settings no longer have.
    pub(super) fn retain_rules(&mut self, settings: &EngineSettings) {
        let brands: Vec<BrandId> = self.watches.entries().keys().copied().collect();
        let keep = |name: &str| settings.alerts.iter().any(|rule| rule.name == name);
        for brand in brands {
            self.watches.change(brand, |watch| ((), watch.retain_rules(&keep)));
        }
    }
}

impl Engine {
    /// The whole state as bytes.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let brands: Vec<&str> = self.settings.brands.iter().map(|b| b.id.as_str()).collect();
        // Writing to memory cannot fail; were it to, the empty rest is refused on restore.
        let mut head = Vec::with_capacity(self.snapshot_bytes.get());
        head.resize(HEAD, 0);
        let mut bytes = postcard::to_extend(&(brands, &self.state), head).unwrap_or_else(|_| vec![0; HEAD]);
        let sum = bytes.get(HEAD..).map_or(0, xxh3_64);
        self.snapshot_bytes.set(bytes.len() + bytes.len() / 4);
        bytes.splice(..HEAD, FORMAT.to_le_bytes().into_iter().chain(sum.to_le_bytes()));
        bytes
    }

    /// The brand names of a snapshot, in the order of the ids it was written with.
    ///
    /// # Errors
    /// When the snapshot is torn or of another format.
    pub fn snapshot_brands(snapshot: &[u8]) -> Result<Vec<String>, RestoreError> {
        let (brands, _) = postcard::take_from_bytes(checked(snapshot)?).map_err(damaged)?;
        Ok(brands)
    }

    /// The engine as it was when the snapshot was taken. Brands and rules that the settings no longer
    /// have are dropped, new ones start empty.
    ///
    /// # Errors
    /// When the snapshot is torn, of another format, of another pane width or number of lanes.
    pub fn restore(settings: EngineSettings, lanes: usize, snapshot: &[u8]) -> Result<Engine, RestoreError> {
        let (brands, mut state): (Vec<String>, State) =
            postcard::from_bytes(checked(snapshot)?).map_err(damaged)?;
        if state.lanes.len() != lanes {
            return Err(RestoreError::Lanes { found: state.lanes.len(), expected: lanes });
        }
        if state.windows.pane_ms() != settings.pane_ms {
            return Err(RestoreError::Pane { found: state.windows.pane_ms(), expected: settings.pane_ms });
        }
        state.remap(&|old| new_id(&brands, &settings, old));
        state.retain_rules(&settings);
        Ok(Engine::with_state(settings, state))
    }
}

fn new_id(brands: &[String], settings: &EngineSettings, old: BrandId) -> Option<BrandId> {
    let name = brands.get(old.0 as usize)?;
    let at = settings.brands.iter().position(|b| b.id == *name)?;
    u32::try_from(at).ok().map(BrandId)
}

fn checked(snapshot: &[u8]) -> Result<&[u8], RestoreError> {
    let torn = || RestoreError::Damaged { what: WHAT, detail: "it is shorter than its head".to_owned() };
    let format = snapshot.first_chunk::<4>().ok_or_else(torn)?;
    let found = u32::from_le_bytes(*format);
    if found != FORMAT {
        return Err(RestoreError::Version { what: WHAT, found, expected: FORMAT });
    }
    let (sum, rest) = (snapshot.get(4..HEAD).ok_or_else(torn)?, snapshot.get(HEAD..).ok_or_else(torn)?);
    if sum != xxh3_64(rest).to_le_bytes() {
        return Err(RestoreError::Damaged { what: WHAT, detail: "its check sum does not match".to_owned() });
    }
    Ok(rest)
}

fn damaged(error: postcard::Error) -> RestoreError {
    RestoreError::Damaged { what: WHAT, detail: error.to_string() }
}
