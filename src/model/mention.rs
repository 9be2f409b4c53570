//! What analysis hands to a lane: small owned values.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{
    Correction, Counts, DeadLetter, Fate, Kind, Language, Network, Polarity, Score, Timestamp,
    post::named_enum,
};

/// A brand's position in the plan (and in every state that belongs to it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BrandId(pub u32);

named_enum! {
    /// A text zone of a post. Positions start anew in each; nothing matches across zones.
    Zone {
        /// Headline.
        Title = "title",
        /// The words of the post.
        Body = "body",
        /// Content warning.
        Warning = "warning",
    }
}

/// Bytes `start..end` of a zone's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Which text.
    pub zone: Zone,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One brand found in a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandMatch {
    /// Which brand.
    pub brand: BrandId,
    /// What made it match: ascending, not overlapping.
    pub spans: SmallVec<[Span; 2]>,
    /// Label towards this brand.
    pub polarity: Polarity,
    /// Graded score towards this brand.
    pub score: Score,
}

/// Network and native id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PostKey {
    /// Where.
    pub network: Network,
    /// The native id.
    pub id: Box<str>,
}

/// What is kept of a post to show it: in evidence, in lists, in tombstones. One copy for all who keep it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Excerpt {
    /// Identity.
    pub key: PostKey,
    /// What a reader would call the author.
    pub author: Box<str>,
    /// The author's followers, where stated.
    pub followers: Option<u64>,
    /// Interactions, see [`Counts::engagement`].
    pub engagement: u64,
    /// Address, if known.
    pub url: Option<Box<str>>,
    /// First 280 characters of the text.
    pub text: Box<str>,
}

/// The post that another reposts, quotes or answers, as far as the other says.
///
/// The order is one of preference: who says more of it is greater (`aggregate::causes`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Referred {
    /// First characters of its text.
    pub text: Option<Box<str>>,
    /// Its author's label.
    pub author: Option<Box<str>>,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Its address.
    pub url: Option<Box<str>>,
    /// Identity.
    pub key: PostKey,
}

/// A matched post, reduced to what tallies, incidents and sinks need.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Identity, author and text, to show it.
    pub excerpt: Arc<Excerpt>,
    /// Original, reply, repost, quote.
    pub kind: Kind,
    /// Detected language.
    pub language: Language,
    /// Stable hash of network and author key, for distinct authors; none when the feed names no author.
    pub author: Option<u64>,
    /// Interactions.
    pub counts: Counts,
    /// Hashtags, folded, without `#`, distinct.
    pub hashtags: Box<[Box<str>]>,
    /// Link targets, normalised, distinct.
    pub links: Box<[Box<str>]>,
    /// The post that it passes on, quotes or answers: what a cascade grows from.
    pub refers_to: Option<Arc<Referred>>,
    /// The brands, ascending by id, each once, at least one.
    pub matches: SmallVec<[BrandMatch; 2]>,
    /// The mention as one JSON object without `fate`; see `sinks`.
    pub json: Box<[u8]>,
}

impl Mention {
    /// Network and native id.
    #[must_use]
    pub fn key(&self) -> &PostKey {
        &self.excerpt.key
    }

    /// Appends the mention as one JSON object: `fate` first, then what analysis wrote.
    pub fn write_json(&self, fate: Fate, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"fate\":\"");
        out.extend_from_slice(fate.as_str().as_bytes());
        out.extend_from_slice(b"\",");
        out.extend_from_slice(self.json.get(1..).unwrap_or(b"}"));
    }
}

/// One post or frame after analysis, before its fate is known. Pure: a function of the record alone.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Stable 64-bit hash of network and native id; 0 when the frame has no identity.
    pub identity: u64,
    /// Time of the last edit in milliseconds, 0 for a first version. Greater replaces smaller.
    pub version: i64,
    /// When it was published, as stated.
    pub published_at: Timestamp,
    /// When it was received: the record's time, else the server's, else `published_at`.
    pub received_at: Timestamp,
    /// What it turned out to be.
    pub outcome: ReadingOutcome,
}

/// What a frame turned out to be.
#[derive(Clone, Debug)]
pub enum ReadingOutcome {
    /// A post that names no brand.
    Unmatched,
    /// A post that names at least one brand.
    Matched(Arc<Mention>),
    /// Left out by a spam rule of that name.
    Filtered(Arc<str>),
    /// Deletes the post of this identity.
    Delete(PostKey),
    /// An analyst's label for the mention of this identity; `published_at` is when it was decided.
    Correction(Box<Correction>),
    /// No post, for this reason.
    Ignored(&'static str),
    /// Cannot be used.
    Malformed(Box<DeadLetter>),
}
