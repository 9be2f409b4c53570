//! The engine's state as a compacted log: after a commit only what has changed is written, and the last
//! value of each key is the state.
//!
//! Keys are described in `logkey.rs`. A value is the format number, then the entry, both in postcard. The log
//! guards its bytes itself.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Engine, EngineSettings, RestoreError, delta::LateKey, logkey::Key, snapshot::State};
use crate::model::{BrandId, Timestamp};

const FORMAT: u32 = 1;
const WHAT: &str = "engine changelog";

/// One change of the engine's state, for a compacted log: the last value of each key is the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// Which entry of the state.
    pub key: Vec<u8>,
    /// The entry as it is now. `None`: it is gone (a tombstone).
    pub value: Option<Vec<u8>>,
}

/// Changes that the maps of the state do not mark themselves.
#[derive(Clone, Debug)]
pub(super) struct Unwritten {
    pub(super) meta: bool,
    /// Keys of brands that the settings no longer have.
    dropped: Vec<Vec<u8>>,
}

impl Default for Unwritten {
    fn default() -> Unwritten {
        Unwritten { meta: true, dropped: Vec::new() }
    }
}

/// What belongs to no brand: small, written whenever a lane has moved.
#[derive(Serialize, Deserialize)]
struct Meta {
    pane_ms: i64,
    lanes: Vec<(Timestamp, u64)>,
    since: i64,
    last_end: Timestamp,
    reached: Timestamp,
}

impl Engine {
    /// What has changed since the last call (or since [`Engine::from_changes`]), ascending by key; however
    /// often an entry was changed, it is here once. The first call on an engine that was made in another
    /// way gives the whole state. The work is proportional to what has changed. What is given counts as
    /// written: when the commit fails, go back to the last one by [`Engine::from_changes`].
    ///
    /// Changes are tracked from the first call on, so an engine that is never asked remembers none; once
    /// asked, ask after every commit.
    pub fn take_changes(&mut self) -> Vec<StateChange> {
        let gone = |key| StateChange { key, value: None };
        let mut changes: Vec<_> = std::mem::take(&mut self.unwritten.dropped).into_iter().map(gone).collect();
        if std::mem::take(&mut self.unwritten.meta) {
            changes.push(change(Key::Meta, Some(&Meta::of(&self.state))));
        }
        self.take_entries(&mut changes);
        changes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        changes
    }

    fn take_entries(&mut self, changes: &mut Vec<StateChange>) {
        let State { windows, watches, agenda, .. } = &mut self.state;
        // The state holds brands of the settings only.
        let name = |brand: BrandId| self.settings.brands.get(brand.0 as usize).map_or("", |b| b.id.as_str());
        windows.panes.take_changes(&mut |(end, b), part, tally| {
            changes.push(change(Key::Pane(end, part, name(b)), tally));
        });
        windows.late.take_changes(&mut |LateKey { epoch, brand, start }, counters| {
            changes.push(change(Key::Late(epoch, start, name(brand)), counters));
        });
        windows.hours.take_changes(&mut |(end, b), hour| changes.push(change(Key::Hour(end, name(b)), hour)));
        windows.days.take_changes(&mut |(end, b), day| changes.push(change(Key::Day(end, name(b)), day)));
        watches.take_changes(&mut |b, watch| changes.push(change(Key::Watch(name(b)), watch)));
        agenda.take_changes(&mut |(due, b), unit| changes.push(change(Key::Look(due, name(b)), unit)));
    }

    /// The engine from the last values of all keys, in any order; of none, an engine without lanes that
    /// has seen nothing. Brands and rules that the settings no longer have are dropped, and the next
    /// [`Engine::take_changes`] takes them out of the log too; new ones start empty.
    ///
    /// # Errors
    /// When a key or value is torn, of another format, of another pane width, or when the entries are not
    /// a whole log.
    pub fn from_changes<'a>(
        settings: EngineSettings,
        entries: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) -> Result<Engine, RestoreError> {
        let settings = EngineSettings { pane_ms: settings.pane_ms.max(1), ..settings };
        let mut reader = Reader::new(&settings);
        for (key, value) in entries {
            reader.read(key, value)?;
        }
        let (mut state, dropped) = reader.finish(settings.pane_ms)?;
        state.track();
        state.retain_rules(&settings);
        let mut engine = Engine::with_state(settings, state);
        engine.unwritten = Unwritten { meta: false, dropped };
        Ok(engine)
    }

    /// Whether the entry of this key is needed by those who want nothing of an engine but [`Engine::open_rows`].
    #[must_use]
    pub fn is_for_open_rows(key: &[u8]) -> bool {
        matches!(Key::parse(key), Some(Key::Meta | Key::Pane(..) | Key::Hour(..) | Key::Day(..)))
    }

    /// The watermark that an entry of a log holds, for those who want to know no more of an engine; none for
    /// every entry but one.
    ///
    /// # Errors
    /// When that one is torn or of another format.
    pub fn logged_watermark(key: &[u8], value: &[u8]) -> Result<Option<Timestamp>, RestoreError> {
        let Some(Key::Meta) = Key::parse(key) else { return Ok(None) };
        let meta: Meta = entry(value)?;
        Ok(Some(meta.lanes.iter().map(|lane| lane.0).min().unwrap_or(Timestamp::MIN)))
    }
}

impl Meta {
    fn of(state: &State) -> Meta {
        Meta {
            pane_ms: state.windows.pane_ms(),
            lanes: state.lanes.clone(),
            since: state.since,
            last_end: state.last_end,
            reached: state.reached,
        }
    }
}

impl State {
    fn track(&mut self) {
        self.windows.panes.track();
        self.windows.late.track();
        self.windows.hours.track();
        self.windows.days.track();
        self.watches.track();
        self.agenda.track();
    }
}

/// Puts a state together from the entries of a log.
struct Reader<'s> {
    ids: FxHashMap<&'s str, BrandId>,
    state: State,
    meta: Option<Meta>,
    any: bool,
    dropped: Vec<Vec<u8>>,
}

impl<'s> Reader<'s> {
    fn new(settings: &'s EngineSettings) -> Reader<'s> {
        let ids = (0_u32..).zip(&settings.brands).map(|(id, brand)| (brand.id.as_str(), BrandId(id)));
        let state = State::new(settings.pane_ms, 0);
        Reader { ids: ids.collect(), state, meta: None, any: false, dropped: Vec::new() }
    }

    fn read(&mut self, key_bytes: &[u8], value: &[u8]) -> Result<(), RestoreError> {
        self.any = true;
        let key = Key::parse(key_bytes)
            .ok_or_else(|| damaged(format!("unknown key `{}`", String::from_utf8_lossy(key_bytes))))?;
        let Some(name) = key.brand() else {
            self.meta = Some(entry(value)?);
            return Ok(());
        };
        match self.ids.get(name) {
            Some(brand) => self.put(key, *brand, value)?,
            None => self.dropped.push(key_bytes.to_vec()),
        }
        Ok(())
    }

    fn put(&mut self, key: Key<'_>, brand: BrandId, value: &[u8]) -> Result<(), RestoreError> {
        let State { windows, watches, agenda, .. } = &mut self.state;
        match key {
            Key::Meta => {}
            Key::Pane(end, part, _) => windows.panes.restore((end, brand), part, entry(value)?),
            Key::Late(epoch, start, _) => {
                windows.late.insert(LateKey { epoch, brand, start }, entry(value)?);
            }
            Key::Hour(end, _) => windows.hours.insert((end, brand), entry(value)?),
            Key::Day(end, _) => windows.days.insert((end, brand), entry(value)?),
            Key::Watch(_) => watches.insert(brand, entry(value)?),
            Key::Look(due, _) => agenda.insert((due, brand), entry(value)?),
        }
        Ok(())
    }

    fn finish(mut self, pane_ms: i64) -> Result<(State, Vec<Vec<u8>>), RestoreError> {
        let Some(meta) = self.meta else {
            let whole = !self.any;
            return whole
                .then_some((self.state, self.dropped))
                .ok_or_else(|| damaged("it has no key `meta`".to_owned()));
        };
        if meta.pane_ms != pane_ms {
            return Err(RestoreError::Pane { found: meta.pane_ms, expected: pane_ms });
        }
        let Meta { lanes, since, last_end, reached, .. } = meta;
        self.state = State { lanes, since, last_end, reached, ..self.state };
        Ok((self.state, self.dropped))
    }
}

/// Writing to memory cannot fail; were it to, the empty value is refused on restore.
fn change(key: Key<'_>, entry: Option<&impl Serialize>) -> StateChange {
    let value = entry.map(|entry| postcard::to_stdvec(&(FORMAT, entry)).unwrap_or_default());
    StateChange { key: key.to_bytes(), value }
}

/// The entry in a value.
fn entry<T: DeserializeOwned>(value: &[u8]) -> Result<T, RestoreError> {
    let torn = |error: postcard::Error| damaged(error.to_string());
    let (found, rest) = postcard::take_from_bytes::<u32>(value).map_err(torn)?;
    if found != FORMAT {
        return Err(RestoreError::Version { what: WHAT, found, expected: FORMAT });
    }
    match postcard::take_from_bytes(rest).map_err(torn)? {
        (entry, []) => Ok(entry),
        (_, more) => Err(damaged(format!("{} bytes follow on an entry", more.len()))),
    }
}

fn damaged(detail: String) -> RestoreError {
    RestoreError::Damaged { what: WHAT, detail }
}
