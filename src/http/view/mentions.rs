//! The latest mentions, by brand and in all.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use dashmap::DashMap;
use smallvec::SmallVec;

use super::written::{Correction, Match, Written};
use super::{ViewLimits, unpoisoned};
use crate::model::{Fate, Mention, Network, Polarity, PostKey};

/// A mention as it was written, with what the filters need.
#[derive(Debug)]
pub struct StoredMention {
    /// Rises with every mention that the view takes in.
    pub sequence: u64,
    /// Identity of the post.
    pub key: PostKey,
    /// Brand position and label of each match.
    pub matches: SmallVec<[(u32, Polarity); 2]>,
    /// The JSON object that the `mentions` output has.
    pub json: Box<[u8]>,
}

/// Which mentions.
#[derive(Clone, Debug, Default)]
pub struct MentionFilter {
    /// Brand by position.
    pub brand: Option<u32>,
    /// Label towards that brand, or towards any if no brand is given.
    pub sentiment: Option<Polarity>,
    /// Network.
    pub network: Option<Network>,
}

impl MentionFilter {
    fn passes(&self, mention: &StoredMention) -> bool {
        let matched = mention.matches.iter().any(|(brand, polarity)| {
            self.brand.is_none_or(|b| b == *brand) && self.sentiment.is_none_or(|s| s == *polarity)
        });
        matched && self.network.is_none_or(|n| n == mention.key.network)
    }
}

impl StoredMention {
    fn new(mention: &Mention, fate: Fate) -> StoredMention {
        let mut json = Vec::with_capacity(mention.json.len() + 24);
        mention.write_json(fate, &mut json);
        StoredMention {
            sequence: 0,
            key: mention.key().clone(),
            matches: mention.matches.iter().map(|m| (m.brand.0, m.polarity)).collect(),
            json: json.into_boxed_slice(),
        }
    }

    /// About what it takes in memory, with its places in the indexes.
    fn size(&self) -> usize {
        size_of::<StoredMention>() + self.json.len() + 2 * self.key.id.len() + 160
    }
}

type ByAge = BTreeMap<u64, Arc<StoredMention>>;

/// What only the writer needs.
#[derive(Debug, Default)]
struct Ledger {
    by_key: HashMap<PostKey, Arc<StoredMention>>,
    sequence: u64,
    bytes: usize,
}

#[derive(Debug)]
pub(super) struct Mentions {
    limits: ViewLimits,
    brands: AtomicU32,
    by_brand: DashMap<u32, ByAge>,
    all: RwLock<ByAge>,
    ledger: Mutex<Ledger>,
}

impl Mentions {
    pub(super) fn new(brands: usize, limits: ViewLimits) -> Mentions {
        Mentions {
            limits,
            brands: AtomicU32::new(u32::try_from(brands).unwrap_or(u32::MAX)),
            by_brand: DashMap::new(),
            all: RwLock::default(),
            ledger: Mutex::default(),
        }
    }

    pub(super) fn set_brands(&self, brands: usize) {
        self.brands.store(u32::try_from(brands).unwrap_or(u32::MAX), Ordering::Release);
    }

    pub(super) fn publish(&self, mention: &Mention, fate: Fate) {
        self.store(StoredMention::new(mention, fate));
    }

    /// Takes in what was written by somebody else; `brand` gives the position of a brand's id. What is no
    /// line of mentions is left out.
    pub(super) fn publish_written(&self, json: &str, brand: &dyn Fn(&str) -> Option<u32>) {
        match Written::read(json) {
            Some(Written::Mention(key, matches)) => {
                let found = |m: &Match<'_>| Some((brand(&m.brand)?, m.label()));
                let matches = matches.iter().filter_map(found).collect();
                self.store(StoredMention { sequence: 0, key, matches, json: json.as_bytes().into() });
            }
            Some(Written::Tombstone(key)) => self.remove(&key),
            Some(Written::Correction(key, correction)) => {
                if let Some(brand) = brand(&correction.brand) {
                    self.correct(&key, brand, &correction);
                }
            }
            None => {}
        }
    }

    /// Exchanges the label towards one brand; the mention keeps its place.
    fn correct(&self, key: &PostKey, brand: u32, correction: &Correction<'_>) {
        let mut ledger = unpoisoned(self.ledger.lock());
        let Some(old) = ledger.by_key.get(key).cloned() else { return };
        let (Some(json), Some(label)) = (correction.apply(&old.json), correction.label()) else { return };
        let relabelled = |&(of, was): &(u32, Polarity)| (of, if of == brand { label } else { was });
        let matches = old.matches.iter().map(relabelled).collect();
        let new = Arc::new(StoredMention { sequence: old.sequence, key: key.clone(), matches, json });
        ledger.bytes = ledger.bytes + new.size() - old.size();
        ledger.by_key.insert(key.clone(), Arc::clone(&new));
        unpoisoned(self.all.write()).insert(new.sequence, Arc::clone(&new));
        for (brand, _) in &new.matches {
            if let Some(listed) = self.by_brand.get_mut(brand).as_mut().and_then(|l| l.get_mut(&new.sequence))
            {
                *listed = Arc::clone(&new);
            }
        }
        self.make_room(&mut ledger);
    }

    fn store(&self, mut stored: StoredMention) {
        let mut ledger = unpoisoned(self.ledger.lock());
        if let Some(earlier) = ledger.by_key.get(&stored.key).cloned() {
            self.forget(&mut ledger, &earlier);
        }
        ledger.sequence += 1;
        stored.sequence = ledger.sequence;
        let brands = self.brands.load(Ordering::Acquire);
        stored.matches.retain(|(brand, _)| *brand < brands);
        if stored.matches.is_empty() {
            return;
        }
        let stored = Arc::new(stored);
        ledger.bytes += stored.size();
        ledger.by_key.insert(stored.key.clone(), Arc::clone(&stored));
        unpoisoned(self.all.write()).insert(stored.sequence, Arc::clone(&stored));
        for (brand, _) in &stored.matches {
            self.add_to_brand(&mut ledger, *brand, &stored);
        }
        self.make_room(&mut ledger);
    }

    fn add_to_brand(&self, ledger: &mut Ledger, brand: u32, stored: &Arc<StoredMention>) {
        let mut list = self.by_brand.entry(brand).or_default();
        list.insert(stored.sequence, Arc::clone(stored));
        let over = list.len() > self.limits.mentions_per_brand;
        let dropped = if over { list.pop_first() } else { None };
        drop(list);
        if let Some((_, old)) = dropped
            && !self.listed(&old)
        {
            self.forget(ledger, &old);
        }
    }

    /// True while a brand still lists it.
    fn listed(&self, mention: &StoredMention) -> bool {
        let holds = |brand: u32| self.by_brand.get(&brand).is_some_and(|l| l.contains_key(&mention.sequence));
        mention.matches.iter().any(|(brand, _)| holds(*brand))
    }

    fn make_room(&self, ledger: &mut Ledger) {
        while ledger.by_key.len() > self.limits.mentions || ledger.bytes > self.limits.mentions_bytes {
            let oldest = unpoisoned(self.all.read()).first_key_value().map(|(_, m)| Arc::clone(m));
            let Some(oldest) = oldest else { return };
            self.forget(ledger, &oldest);
        }
    }

    fn forget(&self, ledger: &mut Ledger, mention: &StoredMention) {
        if ledger.by_key.remove(&mention.key).is_some() {
            ledger.bytes -= mention.size();
        }
        unpoisoned(self.all.write()).remove(&mention.sequence);
        for (brand, _) in &mention.matches {
            if let Some(mut list) = self.by_brand.get_mut(brand) {
                list.remove(&mention.sequence);
            }
        }
    }

    pub(super) fn remove(&self, key: &PostKey) {
        let mut ledger = unpoisoned(self.ledger.lock());
        if let Some(mention) = ledger.by_key.get(key).cloned() {
            self.forget(&mut ledger, &mention);
        }
    }

    pub(super) fn clear(&self) {
        let mut ledger = unpoisoned(self.ledger.lock());
        let sequence = ledger.sequence;
        *ledger = Ledger { sequence, ..Ledger::default() };
        unpoisoned(self.all.write()).clear();
        self.by_brand.clear();
    }

    pub(super) fn find(
        &self,
        filter: &MentionFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Vec<Arc<StoredMention>> {
        let older = (Bound::Unbounded, before.map_or(Bound::Unbounded, Bound::Excluded));
        let newest = |list: &ByAge| -> Vec<Arc<StoredMention>> {
            list.range(older)
                .rev()
                .map(|(_, m)| m)
                .filter(|m| filter.passes(m))
                .take(limit)
                .cloned()
                .collect()
        };
        match filter.brand {
            Some(brand) => self.by_brand.get(&brand).map(|list| newest(&list)).unwrap_or_default(),
            None => {
                let all = unpoisoned(self.all.read());
                newest(&all)
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        unpoisoned(self.all.read()).len()
    }
}
