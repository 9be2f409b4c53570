//! Enough of a post to show it: exemplars of a pane, and where a cascade began.
//!
//! **Invariant:** [`Exemplars`] is a function of the set of posts, not of their order: it holds the
//! greatest few by a total order.

use std::{cell::RefCell, cmp::Reverse};

use serde::{Deserialize, Serialize};

use super::shared::Shared;
use crate::model::{Mention, Network, Polarity, PostDigest, Timestamp};

/// Posts kept in one pane.
const EXEMPLARS_MAX: usize = 5;

/// A post as incidents show it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Digest {
    pub(super) at: Timestamp,
    pub(super) network: Network,
    pub(super) id: Box<str>,
    pub(super) author: Box<str>,
    pub(super) followers: Option<u64>,
    pub(super) engagement: u64,
    pub(super) url: Option<Box<str>>,
    pub(super) text: Box<str>,
    pub(super) polarity: Option<Polarity>,
}

impl Digest {
    pub(super) fn of(mention: &Mention, at: Timestamp, polarity: Polarity) -> Digest {
        Digest {
            at,
            network: mention.key.network,
            id: mention.key.id.clone(),
            author: mention.author_label.clone(),
            followers: mention.followers,
            engagement: mention.counts.engagement(),
            url: mention.url.clone(),
            text: mention.snippet.clone(),
            polarity: Some(polarity),
        }
    }

    pub(super) fn to_model(&self) -> PostDigest {
        PostDigest {
            network: self.network.as_str().to_owned(),
            id: self.id.to_string(),
            author: self.author.to_string(),
            followers: self.followers,
            published_at: Some(self.at),
            url: self.url.as_deref().map(str::to_owned),
            text: self.text.to_string(),
            sentiment: self.polarity.map(|p| p.as_str().to_owned()),
            engagement: self.engagement,
        }
    }

    fn influence(&self) -> u64 {
        influence(self.followers, self.engagement)
    }
}

/// Audience plus interactions: how many may have seen the post or acted on it.
fn influence(followers: Option<u64>, engagement: u64) -> u64 {
    followers.unwrap_or(0).saturating_add(engagement)
}

/// The digest of a mention, made when it is first kept and shared by all that keep it.
pub(super) struct Digests<'a> {
    pub(super) mention: &'a Mention,
    pub(super) at: Timestamp,
    made: RefCell<Option<Shared<Digest>>>,
}

impl<'a> Digests<'a> {
    pub(super) fn new(mention: &'a Mention, at: Timestamp) -> Digests<'a> {
        Digests { mention, at, made: RefCell::new(None) }
    }

    /// As seen by a brand towards which the mention has this polarity.
    pub(super) fn get(&self, polarity: Polarity) -> Shared<Digest> {
        let mut made = self.made.borrow_mut();
        match &*made {
            Some(digest) if digest.polarity == Some(polarity) => digest.clone(),
            _ => made.insert(Shared::new(Digest::of(self.mention, self.at, polarity))).clone(),
        }
    }
}

/// The most influential posts, most first, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Exemplars(Vec<Shared<Digest>>);

impl Exemplars {
    /// Takes the post in when it is among the greatest; a digest is only made then.
    pub(super) fn offer(&mut self, post: &Digests<'_>, polarity: Polarity) {
        let rank = influence(post.mention.followers, post.mention.counts.engagement());
        let full = self.0.len() >= EXEMPLARS_MAX;
        if full && self.0.last().is_some_and(|worst| rank < worst.influence()) {
            return;
        }
        self.insert(post.get(polarity), EXEMPLARS_MAX);
    }

    fn insert(&mut self, digest: Shared<Digest>, max: usize) {
        if let Some(same) = self.0.iter().position(|d| (d.network, &d.id) == (digest.network, &digest.id)) {
            if order(&self.0[same]) <= order(&digest) {
                return;
            }
            self.0.remove(same);
        }
        let at = self.0.partition_point(|d| order(d) < order(&digest));
        if at >= max {
            return;
        }
        self.0.insert(at, digest);
        self.0.truncate(max);
    }

    /// The greatest of both.
    pub(super) fn merge(&mut self, other: &Exemplars, max: usize) {
        for digest in &other.0 {
            self.insert(digest.clone(), max);
        }
    }

    /// As [`Exemplars::merge`] at the size of a pane.
    pub(super) fn merge_pane(&mut self, other: &Exemplars) {
        self.merge(other, EXEMPLARS_MAX);
    }

    /// As [`Exemplars::merge_pane`], without copies where one of the two is empty.
    pub(super) fn absorb(&mut self, other: Exemplars) {
        if self.0.is_empty() {
            *self = other;
        } else {
            self.merge_pane(&other);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Digest> {
        self.0.iter().map(|digest| &**digest)
    }
}

/// Most influential first, then by identity, then by everything else.
fn order(digest: &Digest) -> (Reverse<u64>, Network, &str, &Digest) {
    (Reverse(digest.influence()), digest.network, &digest.id, digest)
}
