//! Where a wave may have begun: what posts refer to, and which links they carry.
//!
//! For each root (the post that is reposted, quoted or answered) and each link: how many mentions
//! carry it, and the earliest of them. Bounded in a pane like [`super::keys`]: beyond [`CAUSES_MAX`]
//! only keys whose hash passes a level stay.
//!
//! **Invariant:** a function of the multiset of mentions, not of their order.

use std::cmp::Reverse;

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
    /// When the earliest of them was published.
    first_at: Timestamp,
    /// The earliest that carries the link; none for a root, which its carriers describe.
    first: Option<Digest>,
    /// The post referred to; none for a link.
    origin: Option<Origin>,
}

impl Cause {
    /// When the wave began, as far as is known: ties between causes go to the earlier.
    pub(super) fn began(&self) -> Timestamp {
        self.origin.as_ref().and_then(|o| o.at).unwrap_or(self.first_at)
    }

    /// The post to name: the one referred to, else the earliest that carries the link.
    pub(super) fn post(&self) -> Option<PostDigest> {
        self.origin.as_ref().map(Origin::post).or_else(|| self.first.as_ref().map(Digest::to_model))
    }

    fn merge(&mut self, other: Cause) {
        self.carriers += other.carriers;
        self.first_at = self.first_at.min(other.first_at);
        self.first = match (self.first.take(), other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.origin = match (self.origin.take(), other.origin) {
            (Some(a), Some(b)) => Some(better(a, b)),
            (a, b) => a.or(b),
        };
    }
}

/// The one that says more; of equals the one that sorts first.
fn better(a: Origin, b: Origin) -> Origin {
    let stated = |o: &Origin| (o.snippet.is_some(), o.author.is_some(), o.at.is_some(), o.url.is_some());
    if (stated(&b), Reverse(&b)) > (stated(&a), Reverse(&a)) { b } else { a }
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
            self.count_root(text, OriginRef { root: &mention.root, network: mention.key.network }, at);
        }
        for link in &mention.links {
            text.clear();
            text.extend(["link:", link]);
            self.count_link(text, mention, at, polarity);
        }
    }

    fn count_root(&mut self, key: &str, origin: OriginRef<'_>, at: Timestamp) {
        if let Some(cause) = self.map.get_mut(key)
            && cause.origin.as_ref().is_some_and(|known| origin.equals(known))
        {
            cause.carriers += 1;
            cause.first_at = cause.first_at.min(at);
            return;
        }
        let origin = Some(origin.to_owned());
        self.insert(key.into(), Cause { carriers: 1, first_at: at, first: None, origin });
    }

    fn count_link(&mut self, key: &str, mention: &Mention, at: Timestamp, polarity: Polarity) {
        if let Some(cause) = self.map.get_mut(key)
            && at > cause.first_at
        {
            cause.carriers += 1;
            return;
        }
        let first = Some(Digest::of(mention, at, polarity));
        self.insert(key.into(), Cause { carriers: 1, first_at: at, first, origin: None });
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
            b.carriers.cmp(&a.carriers).then(b.first_at.cmp(&a.first_at)).then(ka.cmp(kb))
        });
        entries.truncate(keep);
        self.map = entries.into_iter().collect();
    }

    /// The one that most mentions carry; of equals the one that began first, then the first by key.
    pub(super) fn main(&self) -> Option<&Cause> {
        let weight = |key: &str, cause: &Cause| (Reverse(cause.carriers), cause.began(), key.to_owned());
        self.map.iter().min_by_key(|(key, cause)| weight(key, cause)).map(|(_, cause)| cause)
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
    fn post(&self) -> PostDigest {
        let text = |t: &Option<Box<str>>| t.as_deref().unwrap_or_default().to_owned();
        PostDigest {
            network: self.network.as_str().to_owned(),
            id: self.id.to_string(),
            author: text(&self.author),
            followers: None,
            published_at: self.at,
            url: self.url.as_deref().map(str::to_owned),
            text: text(&self.snippet),
            sentiment: None,
            engagement: 0,
        }
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
