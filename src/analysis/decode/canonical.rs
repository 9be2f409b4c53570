//! earful's own format: [`Post`] as it is written to JSON, `schemas/post.schema.json`.
//!
//! Only `network`, `id`, `published_at` and `body` (or `text`) are required. `"deleted": true` takes a post back.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    Emit, Frame,
    common::{link, malformed, missing_id, no_time, page_type_of},
    dates::time,
    run::{Read, delete},
    soft::{List, Scalar, Soft},
};
use crate::model::{
    Author, Channel, Counts, Geo, Kind, Link, Media, Network, PageType, Post, Reference, Review, Source,
};

/// What few posts have is boxed: the struct is moved several times on its way out of the JSON.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow)]
    network: Scalar<'a>,
    id: Scalar<'a>,
    kind: Scalar<'a>,
    page_type: Scalar<'a>,
    url: Scalar<'a>,
    title: Scalar<'a>,
    body: Scalar<'a>,
    text: Scalar<'a>,
    warning: Scalar<'a>,
    declared_language: Scalar<'a>,
    author: Soft<WireAuthor<'a>>,
    links: List<WireLink<'a>>,
    hashtags: List<Scalar<'a>>,
    mentions: List<Scalar<'a>>,
    media: List<Soft<WireMedia<'a>>>,
    counts: Soft<WireCounts<'a>>,
    in_reply_to: Soft<Box<WireReference<'a>>>,
    repost_of: Soft<Box<WireReference<'a>>>,
    quote_of: Soft<Box<WireReference<'a>>>,
    thread_root: Scalar<'a>,
    geo: Soft<Box<WireGeo<'a>>>,
    channel: Soft<WireChannel<'a>>,
    review: Soft<WireReview<'a>>,
    flair: Scalar<'a>,
    spoiler: Scalar<'a>,
    source: Soft<WireSource<'a>>,
    sensitive: Scalar<'a>,
    published_at: Scalar<'a>,
    server_at: Scalar<'a>,
    edited_at: Scalar<'a>,
    deleted: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireAuthor<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    handle: Scalar<'a>,
    name: Scalar<'a>,
    url: Scalar<'a>,
    followers: Scalar<'a>,
    posts: Scalar<'a>,
    verified: Scalar<'a>,
    verified_type: Scalar<'a>,
    gender: Scalar<'a>,
    flair: Scalar<'a>,
}

/// A link is an object, or just its address.
#[derive(Deserialize)]
#[serde(untagged)]
enum WireLink<'a> {
    Full {
        #[serde(borrow)]
        url: Cow<'a, str>,
        #[serde(default)]
        expanded: Option<Cow<'a, str>>,
    },
    Bare(#[serde(borrow)] Cow<'a, str>),
    Odd(serde::de::IgnoredAny),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireMedia<'a> {
    #[serde(borrow, rename = "type")]
    media_type: Scalar<'a>,
    url: Scalar<'a>,
    alt: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCounts<'a> {
    #[serde(borrow)]
    likes: Scalar<'a>,
    reposts: Scalar<'a>,
    replies: Scalar<'a>,
    quotes: Scalar<'a>,
    bookmarks: Scalar<'a>,
    views: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireReference<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    author: Scalar<'a>,
    url: Scalar<'a>,
    text: Scalar<'a>,
    published_at: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireGeo<'a> {
    #[serde(borrow)]
    country: Scalar<'a>,
    region: Scalar<'a>,
    city: Scalar<'a>,
    latitude: Scalar<'a>,
    longitude: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireChannel<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    name: Scalar<'a>,
    topics: List<Scalar<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSource<'a> {
    #[serde(borrow)]
    name: Scalar<'a>,
    publication: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireReview<'a> {
    #[serde(borrow)]
    rating: Scalar<'a>,
    item: Scalar<'a>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let wire: Wire<'_> = serde_json::from_str(text)?;
    let Some(network) = Network::from_name(wire.network.as_str()) else {
        let names: Vec<&str> = Network::ALL.iter().map(|n| n.as_str()).collect();
        malformed(emit, "unknown_network", format!("`network` must be one of {}", names.join(", ")));
        return Ok(());
    };
    post(network, wire, emit);
    Ok(())
}

fn post(network: Network, wire: Wire<'_>, emit: &mut Emit<'_>) {
    let Some(id) = wire.id.id() else { return missing_id(emit, "id") };
    if wire.deleted.is_true() {
        return delete(network, id, emit);
    }
    let Some(published_at) = time(&wire.published_at) else {
        return no_time(emit, "published_at", wire.published_at.as_str());
    };
    let Some(body) = wire.body.text().or_else(|| wire.text.text()) else {
        return malformed(emit, "missing_text", "the post has neither `body` nor `text`");
    };
    let (in_reply_to, repost_of) = (reference(wire.in_reply_to), reference(wire.repost_of));
    let quote_of = reference(wire.quote_of);
    let kind = Kind::from_name(wire.kind.as_str()).unwrap_or(match (&repost_of, &quote_of, &in_reply_to) {
        (Some(_), ..) => Kind::Repost,
        (_, Some(_), _) => Kind::Quote,
        (.., Some(_)) => Kind::Reply,
        _ => Kind::Original,
    });
    emit(Frame::Post(Post {
        network,
        id,
        kind,
        page_type: PageType::from_name(wire.page_type.as_str()).unwrap_or(page_type_of(network)),
        url: wire.url.filled(),
        title: wire.title.filled(),
        body,
        warning: wire.warning.filled(),
        declared_language: wire.declared_language.filled(),
        author: author(wire.author.or_empty()),
        links: wire.links.0.into_iter().filter_map(one_link).collect(),
        hashtags: wire.hashtags.0.into_iter().filter_map(Scalar::filled).collect(),
        mentions: wire.mentions.0.into_iter().filter_map(Scalar::filled).collect(),
        media: wire.media.objects().filter_map(one_media).collect(),
        counts: counts(&wire.counts.or_empty()),
        in_reply_to,
        repost_of,
        quote_of,
        thread_root: wire.thread_root.id(),
        geo: wire.geo.0.map(|wire| geo(*wire)),
        channel: wire.channel.0.map(channel),
        review: wire.review.0.map(|r| Review { rating: r.rating.float(), item: r.item.filled() }),
        flair: wire.flair.filled(),
        spoiler: wire.spoiler.flag(),
        source: wire.source.0.map(|s| Source { name: s.name.filled(), publication: s.publication.filled() }),
        sensitive: wire.sensitive.flag(),
        published_at,
        server_at: time(&wire.server_at),
        edited_at: time(&wire.edited_at),
    }));
}

fn author(wire: WireAuthor<'_>) -> Author<'_> {
    Author {
        id: wire.id.id(),
        handle: wire.handle.filled(),
        name: wire.name.filled(),
        url: wire.url.filled(),
        followers: wire.followers.count(),
        posts: wire.posts.count(),
        verified: wire.verified.flag(),
        verified_type: wire.verified_type.filled(),
        gender: wire.gender.filled(),
        flair: wire.flair.filled(),
    }
}

fn one_link(wire: WireLink<'_>) -> Option<Link<'_>> {
    match wire {
        WireLink::Full { url, expanded } => Some(link(url, expanded)),
        WireLink::Bare(url) => Some(link(url, None)),
        WireLink::Odd(_) => None,
    }
}

fn one_media(wire: WireMedia<'_>) -> Option<Media<'_>> {
    let media_type = wire.media_type.filled()?;
    Some(Media { media_type, url: wire.url.filled(), alt: wire.alt.filled() })
}

fn counts(wire: &WireCounts<'_>) -> Counts {
    Counts {
        likes: wire.likes.count(),
        reposts: wire.reposts.count(),
        replies: wire.replies.count(),
        quotes: wire.quotes.count(),
        bookmarks: wire.bookmarks.count(),
        views: wire.views.count(),
    }
}

fn reference(wire: Soft<Box<WireReference<'_>>>) -> Option<Reference<'_>> {
    let wire = *wire.0?;
    Some(Reference {
        id: wire.id.id()?,
        author: wire.author.filled(),
        url: wire.url.filled(),
        text: wire.text.text(),
        published_at: time(&wire.published_at),
    })
}

fn channel(wire: WireChannel<'_>) -> Channel<'_> {
    let topics = wire.topics.0.into_iter().filter_map(Scalar::filled).collect();
    Channel { id: wire.id.id(), name: wire.name.filled(), topics }
}

fn geo(wire: WireGeo<'_>) -> Geo<'_> {
    Geo {
        country: wire.country.filled(),
        region: wire.region.filled(),
        city: wire.city.filled(),
        latitude: wire.latitude.float(),
        longitude: wire.longitude.float(),
    }
}
