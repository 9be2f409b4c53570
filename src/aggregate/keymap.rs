//! A map from text for the many brands that have a few keys in a pane, and the few that have many.
//!
//! Up to [`FEW`] keys are a vector beside their hashes, which is smaller and faster than a hash map, because
//! texts are only looked at when their hashes are equal; more are a hash map.
//! Keys are shared, so that a key which goes from a pane into its hour, its day and the memory of
//! incidents is one allocation.
//!
//! **Invariant:** one of the two parts is empty. Which one is used shows nowhere: equal contents are equal.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Keys in the vector.
const FEW: usize = 24;

/// Values by text.
#[derive(Clone, Debug)]
pub(super) struct KeyMap<V> {
    /// With the hash of each key, in order of arrival.
    few: Vec<(u64, Arc<str>, V)>,
    many: FxHashMap<Arc<str>, V>,
}

impl<V> Default for KeyMap<V> {
    fn default() -> KeyMap<V> {
        KeyMap { few: Vec::new(), many: FxHashMap::default() }
    }
}

impl<V> KeyMap<V> {
    pub(super) fn len(&self) -> usize {
        self.few.len() + self.many.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.few.is_empty() && self.many.is_empty()
    }

    fn place(&self, hash: u64, key: &str) -> Option<usize> {
        self.few.iter().position(|(h, k, _)| *h == hash && **k == *key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        if self.many.is_empty() { Some(&self.few[self.place(hash(key), key)?].2) } else { self.many.get(key) }
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        if !self.many.is_empty() {
            return self.many.get_mut(key);
        }
        let at = self.place(hash(key), key)?;
        Some(&mut self.few[at].2)
    }

    /// Sets the value of a key.
    pub(super) fn insert(&mut self, key: Arc<str>, value: V) {
        if self.many.is_empty() {
            let hash = hash(&key);
            match self.place(hash, &key) {
                Some(at) => return self.few[at].2 = value,
                None => return self.push(hash, key, value),
            }
        }
        self.many.insert(key, value);
    }

    /// A key that is not there yet.
    fn push(&mut self, hash: u64, key: Arc<str>, value: V) {
        if self.few.len() < FEW {
            return self.few.push((hash, key, value));
        }
        self.many.extend(self.few.drain(..).map(|(_, key, value)| (key, value)));
        self.many.insert(key, value);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.few.retain(|(_, key, _)| keep(key));
        self.many.retain(|key, _| keep(key));
    }

    /// In no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &V)> {
        self.few.iter().map(|(_, key, value)| (key, value)).chain(&self.many)
    }

    /// In no particular order.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (Arc<str>, V)> {
        self.few.into_iter().map(|(_, key, value)| (key, value)).chain(self.many)
    }
}

impl KeyMap<u64> {
    /// Adds the numbers of another map.
    pub(super) fn add_all(&mut self, other: &KeyMap<u64>) {
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        for (hash, key, n) in &other.few {
            match self.place(*hash, key).filter(|_| self.many.is_empty()) {
                Some(at) => self.few[at].2 += n,
                None if self.many.is_empty() => self.push(*hash, Arc::clone(key), *n),
                None => *self.many.entry(Arc::clone(key)).or_default() += n,
            }
        }
        for (key, n) in &other.many {
            match self.get_mut(key) {
                Some(mine) => *mine += n,
                None => self.insert(Arc::clone(key), *n),
            }
        }
    }
}

fn hash(key: &str) -> u64 {
    xxh3_64(key.as_bytes())
}

impl<V: PartialEq> PartialEq for KeyMap<V> {
    fn eq(&self, other: &KeyMap<V>) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl<V: Eq> Eq for KeyMap<V> {}

impl<K: Into<Arc<str>>, V> FromIterator<(K, V)> for KeyMap<V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> KeyMap<V> {
        let mut map = KeyMap::default();
        for (key, value) in entries {
            map.insert(key.into(), value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_keys_behave_alike() {
        let (mut map, mut model) = (KeyMap::default(), std::collections::BTreeMap::new());
        for i in 0..60_u64 {
            let key = format!("k{}", i * 7 % 41);
            match map.get_mut(&key) {
                Some(n) => *n += i,
                None => map.insert(key.as_str().into(), i),
            }
            *model.entry(key).or_insert(0) += i;
            assert_eq!(map.len(), model.len());
            assert!(model.iter().all(|(key, n)| map.get(key) == Some(n)), "{i}");
        }
        map.retain(|key| key < "k2");
        model.retain(|key, _| key.as_str() < "k2");
        for n in [3_u64, 23, 24, 25, 60] {
            let part: KeyMap<u64> = (0..n).map(|i| (format!("k{i}"), i)).collect();
            let mut sum = map.clone();
            sum.add_all(&part);
            sum.add_all(&map);
            let expected = |i: u64| i + 2 * map.get(&format!("k{i}")).copied().unwrap_or(0);
            assert!((0..n).all(|i| sum.get(&format!("k{i}")) == Some(&expected(i))), "{n}");
        }
        let again: KeyMap<u64> = model.iter().map(|(key, n)| (key.as_str(), *n)).collect();
        assert_eq!(map, again);
        assert_eq!(map.into_entries().count(), model.len());
    }
}
