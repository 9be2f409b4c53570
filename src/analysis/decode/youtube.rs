//! YouTube Data API v3: comment threads with their replies, comments, and the list responses that hold them.
//!
//! `textOriginal` is plain and goes before `textDisplay`, which is HTML. An edit comes again under the same id
//! with a later `updatedAt`. A comment on a video is a reply to the video.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{links_in, malformed, missing_id, no_time},
    dates, html,
    run::{Read, each, one},
    soft::{List, Scalar, Soft},
};
use crate::model::{Author, Channel, Kind, Network, PageType, Post, Reference};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Resource<'a> {
    #[serde(borrow)]
    kind: Scalar<'a>,
    id: Scalar<'a>,
    snippet: Soft<Snippet<'a>>,
    replies: Soft<Replies<'a>>,
    items: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Snippet<'a> {
    #[serde(borrow)]
    top_level_comment: Option<&'a RawValue>,
    total_reply_count: Scalar<'a>,
    video_id: Scalar<'a>,
    channel_id: Scalar<'a>,
    parent_id: Scalar<'a>,
    text_original: Scalar<'a>,
    text_display: Scalar<'a>,
    author_display_name: Scalar<'a>,
    author_channel_url: Scalar<'a>,
    author_channel_id: Soft<ChannelId<'a>>,
    like_count: Scalar<'a>,
    published_at: Scalar<'a>,
    updated_at: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChannelId<'a> {
    #[serde(borrow)]
    value: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Replies<'a> {
    #[serde(borrow)]
    comments: List<&'a RawValue>,
}

/// What a thread says about the comments in it.
#[derive(Default)]
struct Thread<'a> {
    id: Option<&'a str>,
    video: Option<&'a str>,
    channel: Option<&'a str>,
    replies: Option<u64>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let resource: Resource<'_> = serde_json::from_str(text)?;
    if let Some(items) = resource.items {
        return each(items, emit, decode);
    }
    let kind = resource.kind.as_str();
    let about = resource.snippet.0.as_ref();
    let Some(top) = about.and_then(|snippet| snippet.top_level_comment) else {
        if matches!(kind, "youtube#comment" | "youtube#commentThread" | "") {
            comment(resource, &Thread::default(), emit);
        } else {
            emit(Frame::Ignored("no_comment"));
        }
        return Ok(());
    };
    let video = about.map(|s| s.video_id.as_str()).filter(|v| !v.is_empty());
    let channel = about.map(|s| s.channel_id.as_str()).filter(|c| !c.is_empty());
    let id = Some(resource.id.as_str()).filter(|id| !id.is_empty());
    let mut thread = Thread { id, video, channel, replies: about.and_then(|s| s.total_reply_count.count()) };
    one(top.get(), emit, |text, emit| one_comment(text, &thread, emit));
    thread.replies = None;
    for reply in resource.replies.or_empty().comments.0 {
        one(reply.get(), emit, |text, emit| one_comment(text, &thread, emit));
    }
    Ok(())
}

fn one_comment(text: &str, thread: &Thread<'_>, emit: &mut Emit<'_>) -> Read {
    comment(serde_json::from_str(text)?, thread, emit);
    Ok(())
}

fn comment(resource: Resource<'_>, thread: &Thread<'_>, emit: &mut Emit<'_>) {
    let Some(snippet) = resource.snippet.0 else {
        return malformed(emit, "missing_record", "the comment has no `snippet`");
    };
    let Some(id) = resource.id.id() else { return missing_id(emit, "id") };
    let Some(published_at) = dates::any(snippet.published_at.as_str()) else {
        return no_time(emit, "publishedAt", snippet.published_at.as_str());
    };
    let Some(body) = snippet.text_original.text().or_else(|| snippet.text_display.text().map(html::to_text))
    else {
        return malformed(emit, "missing_text", "the comment has neither `textOriginal` nor `textDisplay`");
    };
    let mut post = Post::new(Network::YouTube, id, body, published_at);
    post.page_type = PageType::MediaSharing;
    post.links = links_in(&post.body);
    post.counts.likes = snippet.like_count.count();
    post.counts.replies = thread.replies;
    post.edited_at = dates::any(snippet.updated_at.as_str()).filter(|edited| *edited > published_at);
    let video = snippet.video_id.id().or_else(|| thread.video.map(|v| Cow::Owned(v.to_owned())));
    let channel = snippet.channel_id.id().or_else(|| thread.channel.map(|c| Cow::Owned(c.to_owned())));
    let parent = snippet.parent_id.id().or_else(|| parent_in(&post.id));
    place(&mut post, video, channel, parent, thread.id);
    post.author = author(snippet.author_channel_id, snippet.author_display_name, snippet.author_channel_url);
    emit(Frame::Post(post));
}

/// A reply's id is the thread's id, a dot and its own.
fn parent_in(id: &str) -> Option<Cow<'static, str>> {
    id.split_once('.').map(|(parent, _)| Cow::Owned(parent.to_owned()))
}

fn place<'a>(
    post: &mut Post<'a>,
    video: Option<Cow<'a, str>>,
    channel: Option<Cow<'a, str>>,
    parent: Option<Cow<'a, str>>,
    thread: Option<&str>,
) {
    let watch = video.as_deref().map(|video| format!("https://www.youtube.com/watch?v={video}"));
    post.url = watch.as_deref().map(|watch| Cow::Owned([watch, "&lc=", &post.id].concat()));
    post.thread_root = thread.map(|id| Cow::Owned(id.to_owned())).or_else(|| parent.clone());
    post.thread_root = post.thread_root.take().filter(|root| *root != post.id);
    let answered = parent.map(|id| Reference { id, ..Reference::default() });
    let on_video =
        video.clone().map(|id| Reference { id, url: watch.map(Cow::Owned), ..Reference::default() });
    post.in_reply_to = answered.or(on_video);
    // A bare comment may not say what it is on, but a comment it is.
    post.kind = Kind::Reply;
    post.channel = channel.or(video).map(|id| Channel { id: Some(id), ..Channel::default() });
}

fn author<'a>(channel: Soft<ChannelId<'a>>, name: Scalar<'a>, url: Scalar<'a>) -> Author<'a> {
    let name = name.filled();
    let handle = match &name {
        Some(Cow::Borrowed(name)) => name.strip_prefix('@').map(Cow::Borrowed),
        Some(Cow::Owned(name)) => name.strip_prefix('@').map(|handle| Cow::Owned(handle.to_owned())),
        None => None,
    };
    Author {
        id: channel.0.and_then(|channel| channel.value.id()),
        handle,
        name,
        url: url.filled(),
        ..Author::default()
    }
}
