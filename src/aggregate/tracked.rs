//! A sorted map that can tell which of its entries have changed.
//!
//! **Invariant:** every way to change an entry goes through a method that marks its key, so nothing can be
//! changed and forgotten. Nothing is marked before the first [`Tracked::track`]; from then on the marks
//! hold no more keys than the map had then or has now.

use std::collections::{BTreeMap, btree_map::Entry};

use serde::{Deserialize, Serialize};

/// Written and read as the bare map.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent, bound(deserialize = "K: Ord + Deserialize<'de>, V: Deserialize<'de>"))]
pub(super) struct Tracked<K, V> {
    entries: BTreeMap<K, V>,
    /// Keys that have changed, and whether they were there when the changes were last taken: what came
    /// and went in between needs no tombstone. `None` while nobody asks.
    #[serde(skip)]
    marks: Option<BTreeMap<K, bool>>,
}

impl<K, V> Default for Tracked<K, V> {
    fn default() -> Tracked<K, V> {
        Tracked { entries: BTreeMap::new(), marks: None }
    }
}

impl<K: Ord + Copy, V> Tracked<K, V> {
    /// The map, to be read.
    pub(super) fn entries(&self) -> &BTreeMap<K, V> {
        &self.entries
    }

    /// The place of a key whose value the caller is about to set or change.
    pub(super) fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        self.mark(key);
        self.entries.entry(key)
    }

    /// Sets the value of a key.
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.mark(key);
        self.entries.insert(key, value);
    }

    /// Lets `change` at a value that is there; it says whether it has changed anything.
    pub(super) fn change<R>(&mut self, key: K, change: impl FnOnce(&mut V) -> (R, bool)) -> Option<R> {
        let (result, changed) = change(self.entries.get_mut(&key)?);
        if changed {
            self.mark(key);
        }
        Some(result)
    }

    /// Takes out the first entry if it is due.
    pub(super) fn pop_first_if(&mut self, due: impl FnOnce(&K) -> bool) -> Option<(K, V)> {
        let first = self.entries.first_entry().filter(|entry| due(entry.key()))?;
        let (key, value) = first.remove_entry();
        if let Some(marks) = &mut self.marks
            && !*marks.entry(key).or_insert(true)
        {
            marks.remove(&key);
        }
        Some((key, value))
    }

    fn mark(&mut self, key: K) {
        if let Some(marks) = &mut self.marks {
            marks.entry(key).or_insert_with(|| self.entries.contains_key(&key));
        }
    }

    /// From here on changes are marked; what is there now counts as taken.
    pub(super) fn track(&mut self) {
        self.marks = Some(BTreeMap::new());
    }

    /// Gives every key that has changed since the last call, in order, with its value or `None` where the
    /// entry is gone. The first call gives everything that is there.
    pub(super) fn take_changes(&mut self, give: &mut dyn FnMut(K, Option<&V>)) {
        match self.marks.replace(BTreeMap::new()) {
            None => self.entries.iter().for_each(|(key, value)| give(*key, Some(value))),
            Some(marks) => marks.into_keys().for_each(|key| give(key, self.entries.get(&key))),
        }
    }

    /// The same values under other keys, of which `None` are dropped. Not tracked.
    pub(super) fn rekeyed(self, new: impl Fn(K) -> Option<K>) -> Tracked<K, V> {
        let entries = self.entries.into_iter().filter_map(|(key, value)| Some((new(key)?, value)));
        Tracked { entries: entries.collect(), marks: None }
    }
}

impl<K: Ord + Copy> Tracked<K, ()> {
    /// Adds a member of a set.
    pub(super) fn add(&mut self, key: K) {
        if !self.entries.contains_key(&key) {
            self.entry(key).or_insert(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(map: &mut Tracked<u8, char>) -> Vec<(u8, Option<char>)> {
        let mut seen = Vec::new();
        map.take_changes(&mut |key, value| seen.push((key, value.copied())));
        seen
    }

    #[test]
    fn what_changed_is_told_once_and_what_came_and_went_not_at_all() {
        let mut map = Tracked::default();
        map.entry(1).or_insert('a');
        map.entry(2).or_insert('b');
        assert!(map.marks.is_none());
        assert_eq!(changes(&mut map), [(1, Some('a')), (2, Some('b'))]);
        assert_eq!(changes(&mut map), []);
        *map.entry(2).or_insert('c') = 'd';
        map.entry(0).or_insert('x');
        assert_eq!(map.pop_first_if(|key| *key < 2), Some((0, 'x')));
        assert_eq!(map.pop_first_if(|key| *key < 2), Some((1, 'a')));
        assert_eq!(map.pop_first_if(|key| *key < 2), None);
        map.change(2, |_| ((), false));
        assert_eq!(changes(&mut map), [(1, None), (2, Some('d'))]);
        map.change(2, |value| (*value = 'e', true));
        assert_eq!(changes(&mut map), [(2, Some('e'))]);
    }

    #[test]
    fn an_entry_that_goes_and_comes_back_is_written_and_then_can_go() {
        let mut map = Tracked::default();
        map.entry(1).or_insert('a');
        changes(&mut map);
        map.pop_first_if(|_| true);
        map.entry(1).or_insert('b');
        assert_eq!(map.marks, Some(BTreeMap::from([(1, true)])));
        map.pop_first_if(|_| true);
        assert_eq!(changes(&mut map), [(1, None)]);
    }

    /// Snapshots are written in the format that they had before changes were tracked.
    #[test]
    fn it_is_written_as_the_bare_map_or_set() {
        let (mut map, mut set) = (Tracked::default(), Tracked::default());
        map.track();
        for key in [3_u8, 200] {
            map.insert(key, 'a');
            set.add(key);
        }
        let bytes = postcard::to_stdvec(&map).unwrap();
        assert_eq!(bytes, postcard::to_stdvec(&BTreeMap::from([(3_u8, 'a'), (200, 'a')])).unwrap());
        let members = std::collections::BTreeSet::from([3_u8, 200]);
        assert_eq!(postcard::to_stdvec(&set).unwrap(), postcard::to_stdvec(&members).unwrap());
        let back: Tracked<u8, char> = postcard::from_bytes(&bytes).unwrap();
        assert_eq!((back.entries, back.marks), (map.entries, None));
    }
}
