//! A map from text for the many brands that have a few keys in a pane, and the few that have many.
//!
//! Up to [`FEW`] keys are a sorted vector, which is smaller and faster than a hash map; more are a hash map.
//! Keys are shared, so that a key which goes from a pane into its hour, its day and the memory of
//! incidents is one allocation.
//!
//! **Invariant:** one of the two parts is empty. Which one is used shows nowhere: equal contents are equal.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Keys in the vector.
const FEW: usize = 16;

/// Values by text.
#[derive(Clone, Debug)]
pub(super) struct KeyMap<V> {
    /// Ascending by key.
    few: Vec<(Arc<str>, V)>,
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

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.few.binary_search_by(|(k, _)| (**k).cmp(key))
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        if self.many.is_empty() { Some(&self.few[self.place(key).ok()?].1) } else { self.many.get(key) }
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        if !self.many.is_empty() {
            return self.many.get_mut(key);
        }
        let at = self.place(key).ok()?;
        Some(&mut self.few[at].1)
    }

    /// Sets the value of a key.
    pub(super) fn insert(&mut self, key: Arc<str>, value: V) {
        if self.many.is_empty() {
            match self.place(&key) {
                Ok(at) => return self.few[at].1 = value,
                Err(at) if self.few.len() < FEW => return self.few.insert(at, (key, value)),
                Err(_) => self.many.extend(self.few.drain(..)),
            }
        }
        self.many.insert(key, value);
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.few.retain(|(key, _)| keep(key));
        self.many.retain(|key, _| keep(key));
    }

    /// In no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &V)> {
        self.few.iter().map(|(key, value)| (key, value)).chain(&self.many)
    }

    /// In no particular order.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (Arc<str>, V)> {
        self.few.into_iter().chain(self.many)
    }
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
        let again: KeyMap<u64> = model.iter().map(|(key, n)| (key.as_str(), *n)).collect();
        assert_eq!(map, again);
        assert_eq!(map.into_entries().count(), model.len());
    }
}
