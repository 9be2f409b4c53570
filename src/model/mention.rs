//! What analysis hands to a lane: small owned values.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::{
    Counts, DeadLetter, Fate, Kind, Language, Network, Polarity, Score, Timestamp, post::named_enum,
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

/// The post at the root of a cascade: what this post reposts, quotes or answers, or itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKey {
    /// Native id on the same network.
    pub id: Box<str>,
    /// Its author's label, if known.
    pub author: Option<Box<str>>,
    /// First characters of its text, if known.
    pub snippet: Option<Box<str>>,
    /// When it was published, if known.
    pub published_at: Option<Timestamp>,
    /// Its address, if known.
    pub url: Option<Box<str>>,
    /// True when the post refers to another; false when it is its own root.
    pub is_reference: bool,
}

/// A matched post, reduced to what tallies, incidents and sinks need.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Identity.
    pub key: PostKey,
    /// Original, reply, repost, quote.
    pub kind: Kind,
    /// Detected language.
    pub language: Language,
    /// `network:author key`, for distinct authors.
    pub author: Box<str>,
    /// What a reader would call the author.
    pub author_label: Box<str>,
    /// Followers, where stated.
    pub followers: Option<u64>,
    /// Interactions.
    pub counts: Counts,
    /// Hashtags, folded, without `#`, distinct.
    pub hashtags: Box<[Box<str>]>,
    /// Link targets, normalised, distinct.
    pub links: Box<[Box<str>]>,
    /// The cascade it belongs to.
    pub root: RootKey,
    /// Address, if known.
    pub url: Option<Box<str>>,
    /// First 280 characters of the text.
    pub snippet: Box<str>,
    /// The brands, ascending by id, each once, at least one.
    pub matches: SmallVec<[BrandMatch; 2]>,
    /// The mention as one JSON object without `fate`; see `sinks`.
    pub json: Box<[u8]>,
}

/// What a lane remembers of a matched post, so that a delete or an edit can be subtracted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// Published time as it was counted (after clamping).
    pub at: Timestamp,
    /// Network.
    pub network: Network,
    /// Kind.
    pub kind: Kind,
    /// Language.
    pub language: Language,
    /// Followers.
    pub followers: Option<u64>,
    /// Interactions.
    pub counts: Counts,
    /// Brand, label and score of each match.
    pub matches: SmallVec<[(BrandId, Polarity, Score); 2]>,
}

impl Mention {
    /// Appends the mention as one JSON object: `fate` first, then what analysis wrote.
    pub fn write_json(&self, fate: Fate, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"fate\":\"");
        out.extend_from_slice(fate.as_str().as_bytes());
        out.extend_from_slice(b"\",");
        out.extend_from_slice(self.json.get(1..).unwrap_or(b"}"));
    }

    /// The part that a correction needs, counted at `at`.
    #[must_use]
    pub fn contribution(&self, at: Timestamp) -> Contribution {
        Contribution {
            at,
            network: self.key.network,
            kind: self.kind,
            language: self.language,
            followers: self.followers,
            counts: self.counts,
            matches: self.matches.iter().map(|m| (m.brand, m.polarity, m.score)).collect(),
        }
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
    /// No post, for this reason.
    Ignored(&'static str),
    /// Cannot be used.
    Malformed(Box<DeadLetter>),
}
