//! Bluesky's Jetstream: v1 frames, and the XRPC messages of v2 with or without their wrapper.
//!
//! Two clocks: `record.createdAt` is the client's and becomes `published_at`; `time_us` (v2: `time`) is the
//! server's and becomes `server_at`, and stands in where the client's cannot be read. Facet offsets count UTF-8 bytes.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{link, malformed, missing_id, no_time},
    dates,
    run::{Read, delete},
    soft::{List, Scalar, Soft},
};
use crate::model::{Kind, Media, Network, PageType, Post, Reference, Timestamp};

const POST: &str = "app.bsky.feed.post";
const REPOST: &str = "app.bsky.feed.repost";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message<'a> {
    #[serde(borrow, rename = "$type")]
    message_type: Scalar<'a>,
    did: Scalar<'a>,
    time_us: Scalar<'a>,
    kind: Scalar<'a>,
    commit: Soft<Commit<'a>>,
    /// v2: the wrapped message.
    payload: Option<&'a RawValue>,
    // v2 has the commit's fields in the message itself.
    time: Scalar<'a>,
    operation: Scalar<'a>,
    collection: Scalar<'a>,
    rkey: Scalar<'a>,
    record: Soft<Box<Body<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Commit<'a> {
    #[serde(borrow)]
    operation: Scalar<'a>,
    collection: Scalar<'a>,
    rkey: Scalar<'a>,
    record: Soft<Body<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow)]
    text: Scalar<'a>,
    created_at: Scalar<'a>,
    langs: List<Scalar<'a>>,
    tags: List<Scalar<'a>>,
    facets: List<Soft<Facet<'a>>>,
    embed: Soft<Box<Embed<'a>>>,
    reply: Soft<Reply<'a>>,
    labels: Soft<Labels<'a>>,
    /// Of a repost.
    subject: Soft<Pointer<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Facet<'a> {
    #[serde(borrow)]
    features: List<Soft<Feature<'a>>>,
    index: Soft<Index<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Feature<'a> {
    #[serde(borrow)]
    uri: Scalar<'a>,
    tag: Scalar<'a>,
    did: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Index<'a> {
    #[serde(borrow)]
    byte_start: Scalar<'a>,
    byte_end: Scalar<'a>,
}

/// Every kind of embed at once; only the fields of one kind are there.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Embed<'a> {
    #[serde(borrow)]
    external: Soft<External<'a>>,
    images: List<Soft<Picture<'a>>>,
    video: Soft<Blob<'a>>,
    alt: Scalar<'a>,
    record: Soft<Quoted<'a>>,
    media: Soft<Attached<'a>>,
}

/// The media half of `recordWithMedia`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Attached<'a> {
    #[serde(borrow)]
    external: Soft<External<'a>>,
    images: List<Soft<Picture<'a>>>,
    video: Soft<Blob<'a>>,
    alt: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct External<'a> {
    #[serde(borrow)]
    uri: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Picture<'a> {
    #[serde(borrow)]
    alt: Scalar<'a>,
    image: Soft<Blob<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Blob<'a> {
    #[serde(borrow, rename = "ref")]
    reference: Soft<BlobLink<'a>>,
    /// Before 2023 a blob was its bare id.
    cid: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BlobLink<'a> {
    #[serde(borrow, rename = "$link")]
    link: Scalar<'a>,
}

/// `record` has the address, `recordWithMedia` has it one level deeper.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Quoted<'a> {
    #[serde(borrow)]
    uri: Scalar<'a>,
    record: Soft<Pointer<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pointer<'a> {
    #[serde(borrow)]
    uri: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reply<'a> {
    #[serde(borrow)]
    root: Soft<Pointer<'a>>,
    parent: Soft<Pointer<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Labels<'a> {
    #[serde(borrow)]
    values: List<Soft<Label<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Label<'a> {
    #[serde(borrow)]
    val: Scalar<'a>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let outer: Message<'_> = serde_json::from_str(text)?;
    match outer.payload {
        Some(payload) => message(serde_json::from_str(payload.get()).or_else(not_an_object)?, emit),
        None => message(outer, emit),
    }
    Ok(())
}

/// A wrapper around something else is an empty message; broken JSON stays an error.
fn not_an_object<'a>(error: serde_json::Error) -> Result<Message<'a>, serde_json::Error> {
    if error.is_data() { Ok(Message::default()) } else { Err(error) }
}

fn message(message: Message<'_>, emit: &mut Emit<'_>) {
    let server_at = server_time(&message);
    let commit = match message.commit.0 {
        Some(commit) => commit,
        None if !message.collection.is_absent() => Commit {
            operation: message.operation,
            collection: message.collection,
            rkey: message.rkey,
            record: Soft(message.record.0.map(|record| *record)),
        },
        None => return other(message.kind.as_str(), message.message_type.as_str(), emit),
    };
    let Some(did) = message.did.id() else { return missing_id(emit, "did") };
    commit_frame(&did, server_at, commit, emit);
}

fn server_time(message: &Message<'_>) -> Option<Timestamp> {
    let micros = message.time_us.integer().map(|us| Timestamp::from_millis(us.div_euclid(1000)));
    micros.or_else(|| dates::iso(message.time.as_str(), 0))
}

/// Frames without a commit.
fn other(kind: &str, message_type: &str, emit: &mut Emit<'_>) {
    let name = if kind.is_empty() { message_type.rsplit('#').next().unwrap_or("") } else { kind };
    let reason = match name {
        "identity" => "identity",
        "account" => "account",
        "sync" => "sync",
        "info" | "error" => "control_frame",
        _ => return malformed(emit, "missing_record", "a Jetstream frame needs a `commit`"),
    };
    emit(Frame::Ignored(reason));
}

fn commit_frame(did: &str, server_at: Option<Timestamp>, commit: Commit<'_>, emit: &mut Emit<'_>) {
    let collection = commit.collection.as_str();
    if collection != POST && collection != REPOST {
        return emit(Frame::Ignored(reason(collection)));
    }
    let rkey = commit.rkey.as_str();
    if rkey.is_empty() {
        return missing_id(emit, "rkey");
    }
    let id = ["at://", did, "/", collection, "/", rkey].concat();
    if commit.operation.as_str() == "delete" {
        return delete(Network::Bluesky, Cow::Owned(id), emit);
    }
    let Some(body) = commit.record.0 else {
        return malformed(emit, "missing_record", "a create or update needs a `record`");
    };
    let Some(published_at) = dates::iso(body.created_at.as_str(), 0).or(server_at) else {
        return no_time(emit, "createdAt", body.created_at.as_str());
    };
    let mut post = Post::new(Network::Bluesky, Cow::Owned(id), Cow::Borrowed(""), published_at);
    post.page_type = PageType::Microblog;
    post.server_at = server_at;
    post.author.id = Some(Cow::Borrowed(did));
    post.author.url = Some(Cow::Owned(["https://bsky.app/profile/", did].concat()));
    if commit.operation.as_str() == "update" {
        post.edited_at = server_at;
    }
    if collection == REPOST {
        post.kind = Kind::Repost;
        post.repost_of = body.subject.0.and_then(reference);
    } else {
        post.url = Some(Cow::Owned(["https://bsky.app/profile/", did, "/post/", rkey].concat()));
        fill(&mut post, did, body);
    }
    emit(Frame::Post(post));
}

/// Why a record of another collection is no post.
fn reason(collection: &str) -> &'static str {
    match collection {
        "app.bsky.feed.like" => "like",
        "app.bsky.graph.follow" => "follow",
        "app.bsky.graph.block" | "app.bsky.graph.listblock" => "block",
        "app.bsky.actor.profile" => "profile",
        _ => "other_collection",
    }
}

fn fill<'a>(post: &mut Post<'a>, did: &str, body: Body<'a>) {
    let text = body.text.text().unwrap_or_default();
    for facet in body.facets.objects() {
        read_facet(post, &text, facet);
    }
    post.hashtags.extend(body.tags.0.into_iter().filter_map(Scalar::filled));
    post.declared_language = body.langs.0.into_iter().find_map(Scalar::filled);
    post.sensitive = sensitive(body.labels);
    if let Some(embed) = body.embed.0 {
        read_embed(post, did, *embed);
    }
    if let Some(reply) = body.reply.0 {
        post.thread_root = reply.root.0.and_then(|root| root.uri.id());
        post.in_reply_to = reply.parent.0.and_then(reference);
    }
    post.kind = match (&post.quote_of, &post.in_reply_to) {
        (Some(_), _) => Kind::Quote,
        (None, Some(_)) => Kind::Reply,
        _ => Kind::Original,
    };
    post.body = text;
}

// The text is passed as it is, since parts of a borrowed text are borrowed too.
#[allow(clippy::ptr_arg)]
fn read_facet<'a>(post: &mut Post<'a>, text: &Cow<'a, str>, facet: Facet<'a>) {
    let index = facet.index.or_empty();
    let shown = part(text, &index);
    for feature in facet.features.objects() {
        if let Some(tag) = feature.tag.filled() {
            post.hashtags.push(tag);
        } else if let Some(uri) = feature.uri.filled() {
            let url = shown.clone().unwrap_or_else(|| uri.clone());
            post.links.push(link(url, Some(uri)));
        } else if let Some(did) = feature.did.filled() {
            post.mentions.push(handle(shown.clone()).unwrap_or(did));
        }
    }
}

/// The bytes of a facet; `None` if they are not a part of the text on character boundaries.
fn part<'a>(text: &Cow<'a, str>, index: &Index<'_>) -> Option<Cow<'a, str>> {
    let start = usize::try_from(index.byte_start.integer()?).ok()?;
    let end = usize::try_from(index.byte_end.integer()?).ok()?;
    match text {
        Cow::Borrowed(text) => text.get(start..end).map(Cow::Borrowed),
        Cow::Owned(text) => text.get(start..end).map(|part| Cow::Owned(part.to_owned())),
    }
    .filter(|part| !part.is_empty())
}

fn handle(shown: Option<Cow<'_, str>>) -> Option<Cow<'_, str>> {
    match shown? {
        Cow::Borrowed(shown) => shown.strip_prefix('@').map(Cow::Borrowed),
        Cow::Owned(shown) => shown.strip_prefix('@').map(|name| Cow::Owned(name.to_owned())),
    }
}

fn sensitive(labels: Soft<Labels<'_>>) -> Option<bool> {
    let adult = ["porn", "sexual", "nudity", "graphic-media", "gore", "nsfl"];
    let values = labels.0?.values;
    Some(values.iter().any(|label| adult.contains(&label.val.as_str())))
}

fn read_embed<'a>(post: &mut Post<'a>, did: &str, embed: Embed<'a>) {
    if let Some(quoted) = embed.record.0 {
        let inner = quoted.record.0.and_then(|record| record.uri.id());
        let uri = inner.or_else(|| quoted.uri.id());
        // Lists, feeds and starter packs are embedded the same way; only a post is a quote.
        let quoted = uri.filter(|uri| uri.contains("/app.bsky.feed.post/"));
        post.quote_of = quoted.and_then(|uri| reference(Pointer { uri: Scalar::Text(uri) }));
    }
    let first =
        Attached { external: embed.external, images: embed.images, video: embed.video, alt: embed.alt };
    for attached in [Some(first), embed.media.0].into_iter().flatten() {
        read_attached(post, did, attached);
    }
}

fn read_attached<'a>(post: &mut Post<'a>, did: &str, attached: Attached<'a>) {
    if let Some(uri) = attached.external.0.and_then(|external| external.uri.filled())
        && !post.links.iter().any(|link| link.target() == uri)
    {
        post.links.push(link(uri, None));
    }
    for picture in attached.images.objects() {
        let cid = picture.image.0.and_then(blob_id);
        let url = cid.map(|cid| format!("https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{cid}@jpeg"));
        post.media.push(media("image", url, picture.alt));
    }
    if let Some(video) = attached.video.0 {
        let url = blob_id(video).map(|cid| {
            format!("https://video.bsky.app/watch/{}/{cid}/playlist.m3u8", did.replace(':', "%3A"))
        });
        post.media.push(media("video", url, attached.alt));
    }
}

fn media<'a>(kind: &'static str, url: Option<String>, alt: Scalar<'a>) -> Media<'a> {
    Media { media_type: Cow::Borrowed(kind), url: url.map(Cow::Owned), alt: alt.filled() }
}

fn blob_id(blob: Blob<'_>) -> Option<Cow<'_, str>> {
    let link = blob.reference.0.and_then(|reference| reference.link.id());
    link.or_else(|| blob.cid.id())
}

/// `at://did/collection/rkey` as a reference with author and address.
fn reference(pointer: Pointer<'_>) -> Option<Reference<'_>> {
    let id = pointer.uri.id()?;
    let mut parts = id.strip_prefix("at://")?.split('/');
    let did = parts.next()?.to_owned();
    let rkey = parts.nth(1).unwrap_or("");
    let url = (!rkey.is_empty()).then(|| format!("https://bsky.app/profile/{did}/post/{rkey}").into());
    Some(Reference { author: Some(Cow::Owned(did)), url, id, ..Reference::default() })
}
