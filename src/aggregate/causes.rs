//! Where a wave may have begun: what posts refer to, and which links they carry.
//!
//! For each root (the post that is reposted, quoted or answered) and each link: how many mentions
//! carry it, and the earliest of them. Bounded in a pane like [`super::keys`]: beyond [`CAUSES_MAX`]
//! only keys whose hash passes a level stay.
//!
//! **Invariant:** a function of the multiset of mentions, not of their order.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{digest::Digest, keys::key_level};
use crate::model::{Mention, Network, Polarity, PostDigest, RootKey, Timestamp};

const CAUSES_MAX: usize = 16_384;

/// What the carriers say about the post they refer to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Origin {
    // The order of the fields is the order of preference (see `better`).
    snippet: Option<Box<str>>,
    author: Option<Box<str>>,
    at: Option<Timestamp>,
    url: Option<Box<str>>,
    network: Network,
    id: Box<str>,
}

/// One root or link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cause {
    /// Mentions that refer to it or carry it.
    pub(super) carriers: u64,
    /// The earliest of them.
    pub(super) first: Digest,
    /// The post referred to; none for a link.
    pub(super) origin: Option<Origin>,
}

impl Cause {
    /// When the wave began, as far as is known: ties between causes go to the earlier.
    pub(super) fn began(&self) -> Timestamp {
        self.origin.as_ref().and_then(|o| o.at).unwrap_or(self.first.at)
    }

    /// The post to name: the one referred to, else the earliest that carries the link.
    pub(super) fn post(&self) -> PostDigest {
        let Some(origin) = &self.origin else { return self.first.to_model() };
        let text = |t: &Option<Box<str>>| t.as_deref().unwrap_or_default().to_owned();
        PostDigest {
            network: origin.network.as_str().to_owned(),
            id: origin.id.to_string(),
            author: text(&origin.author),
            followers: None,
            published_at: origin.at,
            url: origin.url.as_deref().map(str::to_owned),
            text: text(&origin.snippet),
            sentiment: None,
            engagement: 0,
        }
    }

    fn merge(&mut self, other: Cause) {
        self.carriers += other.carriers;
        if other.first < self.first {
            self.first = other.first;
        }
        self.origin = match (self.origin.take(), other.origin) {
            (Some(a), Some(b)) => Some(better(a, b)),
            (a, b) => a.or(b),
        };
    }
}

/// The one that says more; of equals the one that sorts first.
fn better(a: Origin, b: Origin) -> Origin {
    let stated = |o: &Origin| (o.snippet.is_some(), o.author.is_some(), o.at.is_some(), o.url.is_some());
    if (stated(&b), std::cmp::Reverse(&b)) > (stated(&a), std::cmp::Reverse(&a)) { b } else { a }
}

/// Roots and links of one pane, or of a span of panes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Causes {
    level: u32,
    map: FxHashMap<Box<str>, Cause>,
}

impl Causes {
    /// Counts what a mention refers to and carries. `text` is a reused buffer.
    pub(super) fn count(&mut self, mention: &Mention, at: Timestamp, polarity: Polarity, text: &mut String) {
        if mention.root.is_reference {
            text.clear();
            text.extend(["root:", mention.key.network.as_str(), ":", &mention.root.id]);
            let origin = Origin::of(&mention.root, mention.key.network);
            self.count_one(text, mention, at, polarity, Some(origin));
        }
        for link in &mention.links {
            text.clear();
            text.extend(["link:", link]);
            self.count_one(text, mention, at, polarity, None);
        }
    }

    fn count_one(
        &mut self,
        key: &str,
        mention: &Mention,
        at: Timestamp,
        polarity: Polarity,
        origin: Option<OriginRef<'_>>,
    ) {
        if let Some(cause) = self.map.get_mut(key) {
            let same = origin.is_none_or(|o| cause.origin.as_ref().is_some_and(|known| o.equals(known)));
            if same && (at, mention.key.network) > (cause.first.at, cause.first.network) {
                cause.carriers += 1;
                return;
            }
        }
        let first = Digest::of(mention, at, polarity);
        self.insert(key.into(), Cause { carriers: 1, first, origin: origin.map(OriginRef::to_owned) });
    }

    fn insert(&mut self, key: Box<str>, cause: Cause) {
        if self.level > 0 && key_level(&key) < self.level {
            return;
        }
        match self.map.get_mut(&key) {
            Some(known) => known.merge(cause),
            None => {
                self.map.insert(key, cause);
            }
        }
        while self.map.len() > CAUSES_MAX {
            self.raise_to(self.level + 1);
        }
    }

    fn raise_to(&mut self, level: u32) {
        if level > self.level {
            self.level = level;
            self.map.retain(|key, _| key_level(key) >= level);
        }
    }

    /// Adds other causes.
    pub(super) fn merge(&mut self, other: Causes) {
        if self.map.is_empty() && self.level == 0 {
            *self = other;
            return;
        }
        self.raise_to(other.level);
        for (key, cause) in other.map {
            self.insert(key, cause);
        }
    }

    /// Keeps the `keep` with the most carriers, then the latest: what a brand remembers for its incidents.
    pub(super) fn prune(&mut self, keep: usize) {
        if self.map.len() <= keep {
            return;
        }
        let mut entries: Vec<_> = std::mem::take(&mut self.map).into_iter().collect();
        entries.sort_unstable_by(|(ka, a), (kb, b)| {
            b.carriers.cmp(&a.carriers).then(b.first.at.cmp(&a.first.at)).then(ka.cmp(kb))
        });
        entries.truncate(keep);
        self.map = entries.into_iter().collect();
    }

    /// The one that most mentions carry; of equals the one that began first.
    pub(super) fn main(&self) -> Option<&Cause> {
        self.sorted().into_iter().map(|(_, cause)| cause).max_by(|a, b| {
            // `max_by` takes the last of equals and the list ascends: the comparison below leaves none.
            a.carriers.cmp(&b.carriers).then(b.began().cmp(&a.began())).then(b.first.cmp(&a.first))
        })
    }

    fn sorted(&self) -> Vec<(&str, &Cause)> {
        let mut entries: Vec<_> = self.map.iter().map(|(key, cause)| (&**key, cause)).collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }
}

/// A borrowed [`Origin`].
#[derive(Clone, Copy)]
struct OriginRef<'a> {
    root: &'a RootKey,
    network: Network,
}

impl Origin {
    fn of(root: &RootKey, network: Network) -> OriginRef<'_> {
        OriginRef { root, network }
    }
}

impl OriginRef<'_> {
    fn equals(&self, known: &Origin) -> bool {
        let root = self.root;
        root.snippet == known.snippet
            && root.author == known.author
            && root.published_at == known.at
            && root.url == known.url
    }

    fn to_owned(self) -> Origin {
        Origin {
            snippet: self.root.snippet.clone(),
            author: self.root.author.clone(),
            at: self.root.published_at,
            url: self.root.url.clone(),
            network: self.network,
            id: self.root.id.clone(),
        }
    }
}

impl Serialize for Causes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        (self.level, self.sorted()).serialize(s)
    }
}

impl<'de> Deserialize<'de> for Causes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Causes, D::Error> {
        let (level, map) = <(u32, Vec<(Box<str>, Cause)>)>::deserialize(d)?;
        Ok(Causes { level, map: map.into_iter().collect() })
    }
}
