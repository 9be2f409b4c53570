//! Enough of a post to show it: exemplars of a pane, and where a cascade began.
//!
//! **Invariant:** [`Exemplars`] is a function of the set of posts, not of their order: it holds the
//! greatest few by a total order.

use std::{cmp::Reverse, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::model::{Excerpt, Mention, Polarity, PostDigest, PostKey, Timestamp};

/// Posts kept in one pane.
const EXEMPLARS_MAX: usize = 5;

/// A post as incidents show it, as seen by one brand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Digest {
    /// The time under which it was counted.
    pub(super) at: Timestamp,
    pub(super) excerpt: Arc<Excerpt>,
    /// Towards the brand.
    polarity: Polarity,
}

impl Digest {
    pub(super) fn new(mention: &Mention, at: Timestamp, polarity: Polarity) -> Digest {
        Digest { at, excerpt: Arc::clone(&mention.excerpt), polarity }
    }

    pub(super) fn to_model(&self) -> PostDigest {
        let post = &*self.excerpt;
        PostDigest {
            network: post.key.network.as_str().to_owned(),
            id: post.key.id.to_string(),
            author: post.author.to_string(),
            followers: post.followers,
            published_at: Some(self.at),
            url: post.url.as_deref().map(str::to_owned),
            text: post.text.to_string(),
            sentiment: Some(self.polarity.as_str().to_owned()),
            engagement: post.engagement,
        }
    }
}

/// Audience plus interactions: how many may have seen the post or acted on it.
fn influence(post: &Excerpt) -> u64 {
    post.followers.unwrap_or(0).saturating_add(post.engagement)
}

/// The most influential posts, most first, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Exemplars(Vec<Digest>);

impl Exemplars {
    /// Takes the post in when it is among the greatest.
    pub(super) fn offer(&mut self, mention: &Mention, at: Timestamp, polarity: Polarity) {
        let full = self.0.len() >= EXEMPLARS_MAX;
        let is_less = |worst: &Digest| influence(&mention.excerpt) < influence(&worst.excerpt);
        if !full || !self.0.last().is_some_and(is_less) {
            self.insert(Digest::new(mention, at, polarity), EXEMPLARS_MAX);
        }
    }

    fn insert(&mut self, digest: Digest, max: usize) {
        if let Some(same) = self.0.iter().position(|d| d.excerpt.key == digest.excerpt.key) {
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
        self.0.iter()
    }
}

/// Most influential first, then by identity, then by everything else.
fn order(digest: &Digest) -> (Reverse<u64>, &PostKey, &Digest) {
    (Reverse(influence(&digest.excerpt)), &digest.excerpt.key, digest)
}
