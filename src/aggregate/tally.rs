//! One brand in one pane of time.
//!
//! **Invariant:** integers only, no float is ever summed across posts. `merge` is commutative and
//! associative with `Tally::default()` as its identity, byte for byte in serialised form
//! (`aggregate/laws.rs` tests it), so neither the order nor the grouping of lanes and batches shows.

use serde::{Deserialize, Serialize};

use super::{
    causes::Causes,
    counters::{Counters, PostNumbers},
    digest::Exemplars,
    hll::Distinct,
    keys::KeyCounts,
    reach::Audience,
};
use crate::model::{BrandMatch, Mention, Timestamp};

/// An integer-only, commutative and associative aggregate of one brand in one pane of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub(super) counters: Counters,
    pub(super) authors: Distinct,
    pub(super) audience: Audience,
    pub(super) hashtags: KeyCounts,
    pub(super) links: KeyCounts,
    pub(super) top_authors: KeyCounts,
    pub(super) exemplars: Exemplars,
    pub(super) causes: Causes,
}

/// A mention prepared once for all the brands that it names.
pub(super) struct Prepared<'a> {
    mention: &'a Mention,
    at: Timestamp,
    numbers: PostNumbers,
}

impl<'a> Prepared<'a> {
    /// `author_name` is a reused buffer that receives `network:label`, the key of the top list.
    pub(super) fn new(mention: &'a Mention, at: Timestamp, author_name: &mut String) -> Prepared<'a> {
        author_name.clear();
        author_name.extend([mention.key().network.as_str(), ":", &mention.excerpt.author]);
        Prepared { mention, at, numbers: PostNumbers::of(mention) }
    }
}

impl Tally {
    /// Counts one match of a mention. `author_name` comes from [`Prepared::new`], `text` is a reused buffer.
    pub(super) fn add(
        &mut self,
        post: &Prepared<'_>,
        found: &BrandMatch,
        author_name: &str,
        text: &mut String,
    ) {
        let mention = post.mention;
        self.counters.add(&post.numbers, found.polarity, found.score, 1);
        if let Some(author) = mention.author {
            self.authors.insert(author);
            self.audience.insert(author, mention.excerpt.followers.unwrap_or(0));
            self.top_authors.count(author_name);
        }
        for tag in &mention.hashtags {
            self.hashtags.count(tag);
        }
        for link in &mention.links {
            self.links.count(link);
        }
        self.exemplars.offer(mention, post.at, found.polarity);
        self.causes.count(mention, post.at, found.polarity, text);
    }

    /// Adds another tally of the same brand and pane.
    pub fn merge(&mut self, other: Tally) {
        self.counters.merge(&other.counters);
        self.authors.merge(&other.authors);
        self.audience.merge(&other.audience);
        self.hashtags.merge(other.hashtags);
        self.links.merge(other.links);
        self.top_authors.merge(other.top_authors);
        self.exemplars.absorb(other.exemplars);
        self.causes.merge(other.causes);
    }

    /// Mentions in it.
    #[must_use]
    pub fn mentions(&self) -> i64 {
        self.counters.mentions
    }
}
