//! What a feed says, normalised.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Timestamp, Zone};

macro_rules! named_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The name used in JSON, queries, metrics and documents.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }

            /// The value of that name, if there is one.
            #[must_use]
            pub fn from_name(name: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|v| v.as_str() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use named_enum;

named_enum! {
    /// Where a post was published.
    Network {
        /// X, formerly Twitter.
        X = "x",
        /// Bluesky and other AT Protocol servers.
        Bluesky = "bluesky",
        /// Mastodon and other ActivityPub servers.
        Mastodon = "mastodon",
        /// Reddit.
        Reddit = "reddit",
        /// YouTube.
        YouTube = "youtube",
        /// Hacker News.
        HackerNews = "hackernews",
        /// Telegram.
        Telegram = "telegram",
        /// Sina Weibo.
        Weibo = "weibo",
        /// Any site read by RSS, Atom or JSON Feed.
        Rss = "rss",
        /// Anything else; `source` says what.
        Other = "other",
    }
}

named_enum! {
    /// What the author did.
    Kind {
        /// A post of its own.
        Original = "original",
        /// An answer or a comment.
        Reply = "reply",
        /// Somebody else's post passed on without a word.
        Repost = "repost",
        /// Somebody else's post passed on with a comment.
        Quote = "quote",
    }
}

named_enum! {
    /// The kind of site, after the IBM study's note 8 (networks, media sharing, microblogs,
    /// blogs, wikis, reviews, bookmarking), with news, forums and messengers beside them.
    PageType {
        /// A social network.
        Network = "network",
        /// Short posts: X, Bluesky, Mastodon, Weibo.
        Microblog = "microblog",
        /// Video and pictures: YouTube.
        MediaSharing = "media_sharing",
        /// A blog.
        Blog = "blog",
        /// A newspaper or magazine.
        News = "news",
        /// A forum: Reddit, Hacker News.
        Forum = "forum",
        /// A wiki.
        Wiki = "wiki",
        /// A review site.
        Review = "review",
        /// A bookmarking site.
        Bookmarking = "bookmarking",
        /// A messenger's public channel or group: Telegram.
        Messaging = "messaging",
    }
}

/// One post, comment, status or article. Text fields hold *plain text*: decoders have
/// already removed HTML and entities.
///
/// Fields that a feed does not state are `None` or empty; nothing is inferred.
///
/// As JSON this is earful's own record format (`schemas/post.schema.json`); what is absent is left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Post<'a> {
    /// Where it was published.
    pub network: Network,
    /// The network's own id (decimal string, `at://` URI, `t1_...`, ...). With `network` it is the identity.
    pub id: Cow<'a, str>,
    /// Original, reply, repost or quote.
    pub kind: Kind,
    /// The kind of site.
    pub page_type: PageType,
    /// The post's own address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Cow<'a, str>>,
    /// Headline, where there is one. A text zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Cow<'a, str>>,
    /// The words of the post; of a pure repost, the words of the original. A text zone.
    pub body: Cow<'a, str>,
    /// Content warning (`spoiler_text`). A text zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<Cow<'a, str>>,
    /// Language as the feed declares it (BCP 47, any shape).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_language: Option<Cow<'a, str>>,
    /// Who wrote it.
    pub author: Author<'a>,
    /// Links in the post, in the order of the text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link<'a>>,
    /// Hashtags that the feed states, without `#`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashtags: Vec<Cow<'a, str>>,
    /// Handles mentioned that the feed states, without `@`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Cow<'a, str>>,
    /// Pictures, videos and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media<'a>>,
    /// Interaction counts at the time of delivery.
    #[serde(skip_serializing_if = "Counts::is_unknown")]
    pub counts: Counts,
    /// The post answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<Reference<'a>>,
    /// The post passed on unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repost_of: Option<Reference<'a>>,
    /// The post passed on with a comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote_of: Option<Reference<'a>>,
    /// First post of the thread, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_root: Option<Cow<'a, str>>,
    /// Place, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geo: Option<Geo<'a>>,
    /// Subreddit, video, chat, feed: what the post was published in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel<'a>>,
    /// Rating and product, for reviews.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review<'a>>,
    /// The label that a community puts on the post (Reddit's link flair).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flair: Option<Cow<'a, str>>,
    /// Marked as telling the plot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spoiler: Option<bool>,
    /// The source in the words of whoever sent the post in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source<'a>>,
    /// Marked as sensitive or for adults by the feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<bool>,
    /// When the author published it, by the network's or the client's clock.
    pub published_at: Timestamp,
    /// When the network's server took it in, where the feed says (Jetstream `time_us`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_at: Option<Timestamp>,
    /// Last edit. A greater value with the same id replaces the earlier version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
}

/// Between title and body where both are scored.
const BETWEEN: &str = "\n\n";

impl<'a> Post<'a> {
    /// The text of a zone; empty where the post has none.
    #[must_use]
    pub fn zone(&self, zone: Zone) -> &str {
        match zone {
            Zone::Title => self.title.as_deref().unwrap_or(""),
            Zone::Body => &self.body,
            Zone::Warning => self.warning.as_deref().unwrap_or(""),
        }
    }

    /// What the post says above all: its body, else its title.
    #[must_use]
    pub fn main_text(&self) -> &str {
        self.zone(self.main_zone())
    }

    /// Where [`Post::main_text`] stands.
    #[must_use]
    pub fn main_zone(&self) -> Zone {
        if self.body.is_empty() { Zone::Title } else { Zone::Body }
    }

    /// What sentiment is scored on: title and body with an empty line between them, or the one that there is. A body that
    /// begins with the title says it already.
    #[must_use]
    pub fn scored_text(&self) -> Cow<'_, str> {
        match self.scored_body() {
            0 => Cow::Borrowed(self.main_text()),
            _ => Cow::Owned([self.zone(Zone::Title), &self.body].join(BETWEEN)),
        }
    }

    /// Where a place of a zone lies in [`Post::scored_text`]: how many bytes further back; none of a zone that is not in it.
    #[must_use]
    pub fn scored_offset(&self, zone: Zone) -> Option<usize> {
        match (self.scored_body(), zone) {
            (_, Zone::Warning) => None,
            (0, zone) => (zone == self.main_zone()).then_some(0),
            (_, Zone::Title) => Some(0),
            (body, Zone::Body) => Some(body),
        }
    }

    /// Where the body begins in what is scored; 0 where it or the title is all.
    fn scored_body(&self) -> usize {
        let title = self.zone(Zone::Title);
        let is_alone = title.is_empty() || self.body.is_empty() || self.body.starts_with(title);
        if is_alone { 0 } else { title.len() + BETWEEN.len() }
    }

    /// A post of which only the identity, the text and the time are known; the rest is absent.
    #[must_use]
    pub fn new(network: Network, id: Cow<'a, str>, body: Cow<'a, str>, published_at: Timestamp) -> Post<'a> {
        Post {
            network,
            id,
            body,
            published_at,
            kind: Kind::Original,
            page_type: PageType::Network,
            url: None,
            title: None,
            warning: None,
            declared_language: None,
            author: Author::default(),
            links: Vec::new(),
            hashtags: Vec::new(),
            mentions: Vec::new(),
            media: Vec::new(),
            counts: Counts::default(),
            in_reply_to: None,
            repost_of: None,
            quote_of: None,
            thread_root: None,
            geo: None,
            channel: None,
            review: None,
            flair: None,
            spoiler: None,
            source: None,
            sensitive: None,
            server_at: None,
            edited_at: None,
        }
    }
}

/// Who wrote a post. Any part may be missing: Jetstream has an id only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Author<'a> {
    /// The network's own id of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
    /// Handle without `@`, with the host for federated networks (`user@host`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handle: Option<Cow<'a, str>>,
    /// Display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
    /// Address of the profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Cow<'a, str>>,
    /// Followers or subscribers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followers: Option<u64>,
    /// Posts written so far, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posts: Option<u64>,
    /// Verified by the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// `blue`, `business`, `government`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_type: Option<Cow<'a, str>>,
    /// `F` or `M`, only where the feed states it; never inferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Cow<'a, str>>,
    /// The label that the author bears in the community (Reddit's author flair).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flair: Option<Cow<'a, str>>,
}

impl Author<'_> {
    /// The steadiest name there is: id, else handle, else display name, else empty.
    #[must_use]
    pub fn key(&self) -> &str {
        [&self.id, &self.handle, &self.name].into_iter().flatten().map(AsRef::as_ref).next().unwrap_or("")
    }

    /// What a reader would call the author: handle, else display name, else id.
    #[must_use]
    pub fn label(&self) -> &str {
        [&self.handle, &self.name, &self.id].into_iter().flatten().map(AsRef::as_ref).next().unwrap_or("")
    }
}

/// A link as written and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Link<'a> {
    /// As it stands in the text (often shortened).
    pub url: Cow<'a, str>,
    /// The full address, where the feed gives it and it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expanded: Option<Cow<'a, str>>,
}

impl Link<'_> {
    /// The expanded address, else the written one.
    #[must_use]
    pub fn target(&self) -> &str {
        self.expanded.as_deref().unwrap_or(&self.url)
    }
}

/// A picture, video or other attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Media<'a> {
    /// `image`, `video`, `gif`, `audio`, `document`, ...
    #[serde(rename = "type")]
    pub media_type: Cow<'a, str>,
    /// Its address, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Cow<'a, str>>,
    /// Alternative text, where stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt: Option<Cow<'a, str>>,
}

/// Interaction counts; `None` where the feed does not state them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counts {
    /// Likes, favourites, upvotes (Reddit `score` may be negative: then 0).
    pub likes: Option<u64>,
    /// Reposts, boosts, retweets.
    pub reposts: Option<u64>,
    /// Replies, comments.
    pub replies: Option<u64>,
    /// Quotes.
    pub quotes: Option<u64>,
    /// Bookmarks.
    pub bookmarks: Option<u64>,
    /// Views or impressions reported by the platform.
    pub views: Option<u64>,
}

impl Counts {
    /// True when the feed states none of them.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Counts::default()
    }

    /// Sum of the interactions that are stated (formula `interactions@2024-07`: likes + reposts +
    /// replies + quotes + bookmarks). Views are no interaction.
    #[must_use]
    pub fn engagement(&self) -> u64 {
        [self.likes, self.reposts, self.replies, self.quotes, self.bookmarks]
            .into_iter()
            .flatten()
            .fold(0, u64::saturating_add)
    }
}

/// Another post that this one answers, passes on or quotes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reference<'a> {
    /// Its native id on the same network.
    pub id: Cow<'a, str>,
    /// Its author's handle, else id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Cow<'a, str>>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Cow<'a, str>>,
    /// Its text, where the feed carries it. Not searched for quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Cow<'a, str>>,
    /// When it was published, where the feed carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
}

/// A place as the feed states it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Geo<'a> {
    /// ISO 3166, as stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Cow<'a, str>>,
    /// Region or state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Cow<'a, str>>,
    /// City or free text (`发布于 北京`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<Cow<'a, str>>,
    /// Degrees, north positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees, east positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
}

/// What a post was published in: subreddit, video, chat, feed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Channel<'a> {
    /// Native id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Cow<'a, str>>,
    /// Name or title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
    /// What it is about, where stated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Cow<'a, str>>,
}

/// A source beyond the networks: an upload of one's own, a newspaper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Source<'a> {
    /// The name that its owner gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Cow<'a, str>>,
    /// The publication, where it is another than the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publication: Option<Cow<'a, str>>,
}

/// A review's verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Review<'a> {
    /// Stars, 0 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    /// What was reviewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Cow<'a, str>>,
}
