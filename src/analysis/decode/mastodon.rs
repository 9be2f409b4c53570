//! Mastodon and servers that speak its API: REST statuses, WebSocket frames, events of the SSE stream.
//!
//! A WebSocket frame carries the status as JSON inside a JSON string. `content` is HTML. An id is the server's
//! own, and deletes name only that id, so a feed should read one server.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{anchor_link, malformed, missing_id, no_time},
    dates, html,
    run::{Read, delete, each},
    soft::{List, Scalar, Soft},
};
use crate::model::{Author, Kind, Media, Network, PageType, Post, Reference};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    created_at: Scalar<'a>,
    edited_at: Scalar<'a>,
    in_reply_to_id: Scalar<'a>,
    sensitive: Scalar<'a>,
    spoiler_text: Scalar<'a>,
    language: Scalar<'a>,
    uri: Scalar<'a>,
    url: Scalar<'a>,
    replies_count: Scalar<'a>,
    reblogs_count: Scalar<'a>,
    favourites_count: Scalar<'a>,
    quotes_count: Scalar<'a>,
    content: Scalar<'a>,
    account: Soft<Account<'a>>,
    media_attachments: List<Soft<Attachment<'a>>>,
    mentions: List<Soft<Mention<'a>>>,
    tags: List<Soft<Tag<'a>>>,
    reblog: Option<&'a RawValue>,
    quote: Soft<Quote<'a>>,
    // WebSocket frames and pages.
    event: Scalar<'a>,
    payload: Option<&'a RawValue>,
    statuses: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Account<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    acct: Scalar<'a>,
    display_name: Scalar<'a>,
    url: Scalar<'a>,
    followers_count: Scalar<'a>,
    statuses_count: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attachment<'a> {
    #[serde(borrow, rename = "type")]
    media_type: Scalar<'a>,
    url: Scalar<'a>,
    remote_url: Scalar<'a>,
    description: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Mention<'a> {
    #[serde(borrow)]
    acct: Scalar<'a>,
    url: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tag<'a> {
    #[serde(borrow)]
    name: Scalar<'a>,
}

/// `quoted_status` in a quote, `quoted_status_id` in a shallow quote; other servers put the status itself here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Quote<'a> {
    #[serde(borrow)]
    quoted_status: Option<&'a RawValue>,
    quoted_status_id: Scalar<'a>,
    id: Scalar<'a>,
    content: Scalar<'a>,
}

/// The names of the streaming API's events.
pub(super) fn is_event(name: &str) -> bool {
    matches!(name, "update" | "status.update" | "delete") || other_event(name).is_some()
}

fn other_event(name: &str) -> Option<&'static str> {
    Some(match name {
        "notification" | "notifications_merged" => "notification",
        "conversation" => "conversation",
        "filters_changed" => "control_frame",
        "announcement" | "announcement.reaction" | "announcement.delete" => "announcement",
        "encrypted_message" => "encrypted_message",
        _ => return None,
    })
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let status: Status<'_> = serde_json::from_str(text)?;
    if let Some(page) = status.statuses {
        return each(page, emit, decode);
    }
    match status.event.as_str() {
        "" => post(status, emit),
        name => return frame(name, status.payload, emit),
    }
    Ok(())
}

/// A WebSocket frame: the payload is a string that holds JSON (an object is let pass too).
fn frame(name: &str, payload: Option<&RawValue>, emit: &mut Emit<'_>) -> Read {
    let Some(payload) = payload else { return event(name, "", emit) };
    match serde_json::from_str::<Scalar<'_>>(payload.get())?.id() {
        Some(inner) => event(name, &inner, emit),
        None => event(name, payload.get(), emit),
    }
}

/// One event of the stream, from either transport.
pub(super) fn event(name: &str, data: &str, emit: &mut Emit<'_>) -> Read {
    match name {
        "update" | "status.update" if data.is_empty() => {
            malformed(emit, "missing_record", "the event has no payload")
        }
        "update" | "status.update" => post(serde_json::from_str(data)?, emit),
        "delete" => match data.trim().trim_matches('"') {
            "" => missing_id(emit, "payload"),
            id => delete(Network::Mastodon, Cow::Borrowed(id), emit),
        },
        _ => emit(Frame::Ignored(other_event(name).unwrap_or("other_event"))),
    }
    Ok(())
}

fn post(status: Status<'_>, emit: &mut Emit<'_>) {
    let Some(published_at) = dates::iso(status.created_at.as_str(), 0) else {
        return no_time(emit, "created_at", status.created_at.as_str());
    };
    let reblog = status.reblog.and_then(parse);
    let Some(mut post) = own(status, published_at) else { return missing_id(emit, "id") };
    if let Some((reference, original)) = reblog.and_then(reference_and_words) {
        post.kind = Kind::Repost;
        post.repost_of = Some(reference);
        post.body = original.body;
        post.warning = original.warning;
        post.declared_language = original.declared_language;
        post.links = original.links;
        post.hashtags = original.hashtags;
        post.mentions = original.mentions;
        post.media = original.media;
        post.sensitive = original.sensitive;
    }
    emit(Frame::Post(post));
}

fn parse<'a>(raw: &'a RawValue) -> Option<Status<'a>> {
    serde_json::from_str::<Soft<Status<'a>>>(raw.get()).ok()?.0
}

fn reference_and_words(status: Status<'_>) -> Option<(Reference<'_>, Post<'_>)> {
    let published_at = dates::iso(status.created_at.as_str(), 0);
    let words = own(status, published_at.unwrap_or_default())?;
    let reference = Reference {
        id: words.id.clone(),
        author: words.author.handle.clone().or_else(|| words.author.id.clone()),
        url: words.url.clone(),
        text: Some(words.body.clone()),
        published_at,
    };
    Some((reference, words))
}

/// The status by itself, without what it boosts.
fn own(status: Status<'_>, published_at: crate::model::Timestamp) -> Option<Post<'_>> {
    let id = status.id.id()?;
    let quote_of = status.quote.0.and_then(quoted);
    let options = html::Options { drop_quote: quote_of.is_some(), ..html::Options::default() };
    let page = html::read(status.content.as_str(), options);
    let mut post = Post::new(Network::Mastodon, id, Cow::Owned(page.text), published_at);
    post.page_type = PageType::Microblog;
    post.url = status.url.filled().or_else(|| status.uri.filled());
    post.author = author(status.account.or_empty());
    post.warning = status.spoiler_text.filled();
    post.declared_language = status.language.filled();
    let plain = page.anchors.into_iter().filter(|a| !a.has_class("mention") && !a.has_class("hashtag"));
    post.links = plain.filter_map(anchor_link).collect();
    post.hashtags = status.tags.objects().filter_map(|tag| tag.name.filled()).collect();
    post.mentions = status.mentions.objects().filter_map(|m| full_handle(m.acct, m.url.as_str())).collect();
    post.media = status.media_attachments.objects().map(attachment).collect();
    post.counts.replies = status.replies_count.count();
    post.counts.reposts = status.reblogs_count.count();
    post.counts.likes = status.favourites_count.count();
    post.counts.quotes = status.quotes_count.count();
    post.sensitive = status.sensitive.flag();
    post.edited_at = dates::iso(status.edited_at.as_str(), 0);
    post.in_reply_to = status.in_reply_to_id.id().map(|id| Reference { id, ..Reference::default() });
    post.kind = match (&quote_of, &post.in_reply_to) {
        (Some(_), _) => Kind::Quote,
        (None, Some(_)) => Kind::Reply,
        _ => Kind::Original,
    };
    post.quote_of = quote_of;
    Some(post)
}

/// The quoted status; its own quote is not followed.
fn quoted(quote: Quote<'_>) -> Option<Reference<'_>> {
    if let Some(status) = quote.quoted_status.and_then(parse) {
        let text = html::read(status.content.as_str(), html::Options::default()).text;
        return Some(Reference {
            id: status.id.id()?,
            author: author(status.account.or_empty()).handle,
            url: status.url.filled().or_else(|| status.uri.filled()),
            text: Some(Cow::Owned(text)),
            published_at: dates::iso(status.created_at.as_str(), 0),
        });
    }
    let id = quote.quoted_status_id.id().or_else(|| quote.id.id())?;
    let text = quote.content.text().map(html::to_text);
    Some(Reference { id, text, ..Reference::default() })
}

fn author(account: Account<'_>) -> Author<'_> {
    Author {
        id: account.id.id(),
        handle: full_handle(account.acct, account.url.as_str()),
        name: account.display_name.filled(),
        url: account.url.filled(),
        followers: account.followers_count.count(),
        posts: account.statuses_count.count(),
        ..Author::default()
    }
}

/// `acct` lacks the host for accounts of the server itself; the profile's address has it.
fn full_handle<'a>(acct: Scalar<'a>, url: &str) -> Option<Cow<'a, str>> {
    let acct = acct.filled()?;
    let host =
        url.split_once("://").and_then(|(_, rest)| rest.split('/').next()).filter(|host| !host.is_empty());
    match host {
        Some(host) if !acct.contains('@') => Some(Cow::Owned(format!("{acct}@{host}"))),
        _ => Some(acct),
    }
}

fn attachment(attachment: Attachment<'_>) -> Media<'_> {
    let media_type = match attachment.media_type.as_str() {
        "gifv" => Cow::Borrowed("gif"),
        "" => Cow::Borrowed("unknown"),
        _ => attachment.media_type.text().unwrap_or_default(),
    };
    let url = attachment.url.filled().or_else(|| attachment.remote_url.filled());
    Media { media_type, url, alt: attachment.description.filled() }
}
