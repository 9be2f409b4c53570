//! Bytes of any feed to posts.
//!
//! One file a feed format; `detect` finds the format of a record by its first keys; `framing` cuts files and
//! streams into records.
//!
//! **Invariant:** a pure function of the record's bytes. Every record gives at least one frame, no input
//! panics, nothing here recurses without a bound, and ids never pass through a float.

mod canonical;
mod common;
mod correction;
mod dates;
mod detect;
mod feed;
mod feed_json;
mod framing;
mod hackernews;
mod html;
mod jetstream;
mod mastodon;
mod reddit;
mod run;
mod soft;
mod sse;
mod telegram;
mod weibo_ajax;
mod weibo_spider;
mod x_v1;
mod x_v2;
mod youtube;

use std::borrow::Cow;

pub use detect::detect_format;
pub use framing::{Framing, Piece, detect_framing, split_records};
pub use run::decode;
pub use sse::{MAX_SSE_EVENT_BYTES, SseEvent, SseSplitter, sse_data};

use crate::model::{Defect, Network, Polarity, Post, Timestamp};

/// What kind of record to expect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Find out for each record.
    #[default]
    Auto,
    /// earful's own: `schemas/post.schema.json`.
    Canonical,
    /// X (Twitter) API v1.1, streaming and search.
    XV1,
    /// X API v2: lookups, search pages, filtered stream.
    XV2,
    /// Bluesky Jetstream, v1 frames and the XRPC wrapper of v2.
    Jetstream,
    /// Mastodon statuses and streaming frames.
    Mastodon,
    /// Reddit things and listings.
    Reddit,
    /// YouTube comments and comment threads.
    YouTube,
    /// Hacker News items and Algolia's search hits.
    HackerNews,
    /// RSS, Atom, JSON Feed and single entries of a bridge.
    Feed,
    /// Telegram Bot API messages and updates.
    Telegram,
    /// weibo.com web API.
    WeiboAjax,
    /// Records of the WeiboSpider crawler.
    WeiboSpider,
}

impl Format {
    /// Every format with its name, in the order of the documents.
    pub const ALL: &'static [(Format, &'static str)] = &[
        (Format::Auto, "auto"),
        (Format::Canonical, "canonical"),
        (Format::XV1, "x_v1"),
        (Format::XV2, "x_v2"),
        (Format::Jetstream, "bluesky_jetstream"),
        (Format::Mastodon, "mastodon"),
        (Format::Reddit, "reddit"),
        (Format::YouTube, "youtube"),
        (Format::HackerNews, "hackernews"),
        (Format::Feed, "rss_atom"),
        (Format::Telegram, "telegram"),
        (Format::WeiboAjax, "weibo_ajax"),
        (Format::WeiboSpider, "weibo_spider"),
    ];

    /// The name used in pipeline files and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Format::ALL.iter().find(|(f, _)| *f == self).map_or("auto", |(_, name)| name)
    }

    /// The format of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.iter().find(|(_, n)| *n == name).map(|(f, _)| *f)
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing found in a record. Lives on the stack from decoder to callback, so the post is not boxed.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Frame<'a> {
    /// A post, first version or edited.
    Post(Post<'a>),
    /// The post of this identity was taken back.
    Delete {
        /// Where.
        network: Network,
        /// Its native id.
        id: Cow<'a, str>,
    },
    /// An analyst's label for the mention of a brand.
    Correction(GivenLabel<'a>),
    /// No post, for this reason: `keep_alive`, `like`, ...; `docs/feeds.md` lists them.
    Ignored(&'static str),
    /// Cannot be used; `docs/dead-letters.md` lists the codes.
    Malformed(Defect),
}

/// What an analyst says of a mention.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenLabel<'a> {
    /// Where the post was published.
    pub network: Network,
    /// Its native id.
    pub id: Cow<'a, str>,
    /// The brand's id in the pipeline.
    pub brand: Cow<'a, str>,
    /// The label towards that brand.
    pub polarity: Polarity,
    /// Who gives it; at most 100 characters.
    pub by: Cow<'a, str>,
    /// When it was decided, where stated.
    pub at: Option<Timestamp>,
    /// Where the post came in, as `origin.source` of the mention tells, where stated.
    pub source: Option<Cow<'a, str>>,
}

/// Where decoders put what they find.
type Emit<'e> = dyn FnMut(Frame<'_>) + 'e;
