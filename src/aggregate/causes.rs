//! Where a wave may have begun: what posts refer to, and which links they carry.
//!
//! For each root (the post that is reposted, quoted or answered) and each link: how many mentions
//! carry it, and the earliest of them. Bounded in a pane like [`super::keys`]: beyond [`CAUSES_MAX`]
//! only keys whose hash passes a level stay.
//!
//! **Invariant:** a function of the multiset of mentions, not of their order.

use std::{cmp::Reverse, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_64;

use super::{digest::Digest, keymap::KeyMap, keys::key_level};
use crate::model::{Mention, Polarity, PostDigest, Referred, Timestamp};

const CAUSES_MAX: usize = 16_384;
/// Links that are remembered of a root's carriers.
const ROOT_LINKS: usize = 4;
/// A root is named instead of a link when at least one in so many of the link's carriers refers to it.
const ROOT_SHARE: u64 = 10;

/// One root or link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cause {
    /// Mentions that refer to it or carry it.
    pub(super) carriers: u64,
    /// When the earliest of them was published.
    first_at: Timestamp,
    /// The earliest that carries the link; none for a root, which its carriers describe.
    first: Option<Digest>,
    /// The post referred to, by the carrier that says most of it; none for a link.
    root: Option<Arc<Referred>>,
    /// Hashes of links that those who refer to this root carry: the least few, ascending. Empty for a link.
    links: SmallVec<[u64; 1]>,
}

impl Cause {
    /// When the wave began, as far as is known: ties between causes go to the earlier.
    pub(super) fn began(&self) -> Timestamp {
        self.root.as_ref().and_then(|root| root.published_at).unwrap_or(self.first_at)
    }

    /// The post to name: the one referred to, else the earliest that carries the link.
    pub(super) fn post(&self) -> Option<PostDigest> {
        self.root.as_deref().map(root_post).or_else(|| self.first.as_ref().map(Digest::to_model))
    }

    /// The earliest that carries the link, in full.
    pub(super) fn first(&self) -> Option<&Digest> {
        self.first.as_ref()
    }

    fn add_link(&mut self, hash: u64) {
        if let Err(at) = self.links.binary_search(&hash)
            && at < ROOT_LINKS
        {
            self.links.insert(at, hash);
            self.links.truncate(ROOT_LINKS);
        }
    }

    fn merge(&mut self, other: Cause) {
        self.carriers += other.carriers;
        self.first_at = self.first_at.min(other.first_at);
        self.first = match (self.first.take(), other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.root = match (self.root.take(), other.root) {
            (Some(a), Some(b)) => Some(better(a, b)),
            (a, b) => a.or(b),
        };
        for hash in other.links {
            self.add_link(hash);
        }
    }
}

/// The one that says more; of equals the one that sorts first.
fn better(a: Arc<Referred>, b: Arc<Referred>) -> Arc<Referred> {
    let stated =
        |r: &Referred| (r.text.is_some(), r.author.is_some(), r.published_at.is_some(), r.url.is_some());
    if (stated(&b), Reverse(&*b)) > (stated(&a), Reverse(&*a)) { b } else { a }
}

/// Roots and links of one pane, or of a span of panes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Causes {
    level: u32,
    map: KeyMap<Cause>,
}

impl Causes {
    /// Counts what a mention refers to and carries. `text` is a reused buffer.
    pub(super) fn count(&mut self, mention: &Mention, at: Timestamp, polarity: Polarity, text: &mut String) {
        if let Some(root) = &mention.refers_to {
            text.clear();
            text.extend(["root:", root.key.network.as_str(), ":", &root.key.id]);
            self.count_root(text, root, mention, at);
        }
        for link in &mention.links {
            text.clear();
            text.extend(["link:", link]);
            self.count_link(text, mention, at, polarity);
        }
    }

    fn count_root(&mut self, key: &str, root: &Arc<Referred>, mention: &Mention, at: Timestamp) {
        let links = mention.links.iter().map(|link| xxh3_64(link.as_bytes()));
        if let Some(cause) = self.map.get_mut(key)
            && cause.root.as_ref() == Some(root)
        {
            cause.carriers += 1;
            cause.first_at = cause.first_at.min(at);
            links.for_each(|hash| cause.add_link(hash));
            return;
        }
        let root = Some(Arc::clone(root));
        let mut cause = Cause { carriers: 1, first_at: at, first: None, root, links: SmallVec::new() };
        links.for_each(|hash| cause.add_link(hash));
        self.insert(key.into(), cause);
    }

    fn count_link(&mut self, key: &str, mention: &Mention, at: Timestamp, polarity: Polarity) {
        if let Some(cause) = self.map.get_mut(key)
            && at > cause.first_at
        {
            cause.carriers += 1;
            return;
        }
        let first = Some(Digest::new(mention, at, polarity));
        self.insert(
            key.into(),
            Cause { carriers: 1, first_at: at, first, root: None, links: SmallVec::new() },
        );
    }

    fn insert(&mut self, key: Arc<str>, cause: Cause) {
        if self.level > 0 && key_level(&key) < self.level {
            return;
        }
        match self.map.get_mut(&key) {
            Some(known) => known.merge(cause),
            None => self.map.insert(key, cause),
        }
        while self.map.len() > CAUSES_MAX {
            self.raise_to(self.level + 1);
        }
    }

    fn raise_to(&mut self, level: u32) {
        if level > self.level {
            self.level = level;
            self.map.retain(|key| key_level(key) >= level);
        }
    }

    /// Adds other causes.
    pub(super) fn merge(&mut self, other: Causes) {
        if self.map.is_empty() && self.level == 0 {
            *self = other;
            return;
        }
        self.raise_to(other.level);
        for (key, cause) in other.map.into_entries() {
            self.insert(key, cause);
        }
    }

    /// Keeps the `keep` with the most carriers, then the latest: what a brand remembers for its incidents.
    pub(super) fn prune(&mut self, keep: usize) {
        if self.map.len() <= keep {
            return;
        }
        let mut entries: Vec<_> = std::mem::take(&mut self.map).into_entries().collect();
        entries.sort_unstable_by(|(ka, a), (kb, b)| {
            b.carriers.cmp(&a.carriers).then(b.first_at.cmp(&a.first_at)).then(ka.cmp(kb))
        });
        entries.truncate(keep);
        self.map = entries.into_iter().collect();
    }

    /// The post to name, and how many refer to it or carry its link: those of the cause that most mentions
    /// carry; of equals the one that began first, then the first by key. Posts that refer to a root often
    /// carry its link too, and more posts than those may; the earliest of them that is known is then
    /// anybody. So if it is a link, its post is the root that most of its carriers refer to, when that
    /// is older than the earliest carrier and referred to by a tenth of them.
    pub(super) fn main(&self) -> Option<(&Cause, u64)> {
        let (key, main) = self.greatest(|_, _| true)?;
        let root = key.strip_prefix("link:").and_then(|link| self.root_of(link, main));
        Some((root.unwrap_or(main), main.carriers))
    }

    fn root_of(&self, link: &str, main: &Cause) -> Option<&Cause> {
        let hash = xxh3_64(link.as_bytes());
        let (_, root) = self.greatest(|_, cause| cause.links.contains(&hash))?;
        let leads = root.carriers.saturating_mul(ROOT_SHARE) >= main.carriers;
        (leads && root.began() <= main.first_at).then_some(root)
    }

    fn greatest(&self, among: impl Fn(&str, &Cause) -> bool) -> Option<(&str, &Cause)> {
        let weight = |key: &str, cause: &Cause| (Reverse(cause.carriers), cause.began(), key.to_owned());
        let entries = self.map.iter().map(|(key, cause)| (&**key, cause));
        entries.filter(|(key, cause)| among(key, cause)).min_by_key(|(key, cause)| weight(key, cause))
    }

    /// Posts that are known in full.
    pub(super) fn posts(&self) -> impl Iterator<Item = &Digest> {
        self.map.iter().filter_map(|(_, cause)| cause.first())
    }

    fn sorted(&self) -> Vec<(&str, &Cause)> {
        let mut entries: Vec<_> = self.map.iter().map(|(key, cause)| (&**key, cause)).collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }
}

fn root_post(root: &Referred) -> PostDigest {
    let text = |t: &Option<Box<str>>| t.as_deref().unwrap_or_default().to_owned();
    PostDigest {
        network: root.key.network.as_str().to_owned(),
        id: root.key.id.to_string(),
        author: text(&root.author),
        followers: None,
        published_at: root.published_at,
        url: root.url.as_deref().map(str::to_owned),
        text: text(&root.text),
        sentiment: None,
        engagement: 0,
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
