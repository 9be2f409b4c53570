//! Hacker News: items of the Firebase API, and hits of Algolia's search.
//!
//! `text` is HTML. A deleted or dead item takes its post back.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{anchor_link, link, missing_id, no_time},
    dates, html,
    run::{Read, delete, each},
    soft::{List, Scalar, first_id},
};
use crate::model::{Author, Kind, Network, PageType, Post, Reference};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    #[serde(rename = "type")]
    item_type: Scalar<'a>,
    by: Scalar<'a>,
    time: Scalar<'a>,
    title: Scalar<'a>,
    text: Scalar<'a>,
    url: Scalar<'a>,
    parent: Scalar<'a>,
    poll: Scalar<'a>,
    score: Scalar<'a>,
    descendants: Scalar<'a>,
    kids: List<Scalar<'a>>,
    deleted: Scalar<'a>,
    dead: Scalar<'a>,
    // Algolia.
    hits: Option<&'a RawValue>,
    #[serde(rename = "objectID")]
    object_id: Scalar<'a>,
    author: Scalar<'a>,
    created_at: Scalar<'a>,
    created_at_i: Scalar<'a>,
    comment_text: Scalar<'a>,
    story_text: Scalar<'a>,
    story_id: Scalar<'a>,
    parent_id: Scalar<'a>,
    points: Scalar<'a>,
    num_comments: Scalar<'a>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let item: Item<'_> = serde_json::from_str(text)?;
    if let Some(hits) = item.hits {
        return each(hits, emit, decode);
    }
    post(item, emit);
    Ok(())
}

fn post(item: Item<'_>, emit: &mut Emit<'_>) {
    let Some(id) = first_id([item.object_id, item.id]) else { return missing_id(emit, "id") };
    if item.deleted.is_true() || item.dead.is_true() {
        return delete(Network::HackerNews, id, emit);
    }
    let seconds = [&item.time, &item.created_at_i].into_iter().find_map(Scalar::integer).map(dates::epoch);
    let Some(published_at) = seconds.or_else(|| dates::any(item.created_at.as_str())) else {
        return no_time(emit, "time", item.created_at.as_str());
    };
    let html = [item.text, item.comment_text, item.story_text].into_iter().find_map(Scalar::filled);
    let page = html::read(&html.unwrap_or_default(), html::Options::default());
    let mut post = Post::new(Network::HackerNews, id, Cow::Owned(page.text), published_at);
    post.page_type = PageType::Forum;
    post.title = item.title.filled().map(html::to_text);
    post.url = Some(Cow::Owned(item_url(&post.id)));
    post.author = author(item.by.filled().or_else(|| item.author.filled()));
    post.links.extend(item.url.filled().map(|url| link(url, None)));
    post.links.extend(page.anchors.into_iter().filter_map(anchor_link));
    post.counts.likes = item.score.count().or_else(|| item.points.count());
    let kids = (!item.kids.0.is_empty()).then_some(item.kids.0.len() as u64);
    post.counts.replies = item.descendants.count().or_else(|| item.num_comments.count()).or(kids);
    post.thread_root = item.story_id.id().filter(|root| *root != post.id);
    let parent = first_id([item.parent, item.poll, item.parent_id]);
    post.in_reply_to = parent.or_else(|| post.thread_root.clone()).map(reference);
    let comment = matches!(item.item_type.as_str(), "comment" | "pollopt");
    post.kind = if comment || post.in_reply_to.is_some() { Kind::Reply } else { Kind::Original };
    emit(Frame::Post(post));
}

fn item_url(id: &str) -> String {
    ["https://news.ycombinator.com/item?id=", id].concat()
}

fn reference(id: Cow<'_, str>) -> Reference<'_> {
    Reference { url: Some(Cow::Owned(item_url(&id))), id, ..Reference::default() }
}

fn author(handle: Option<Cow<'_, str>>) -> Author<'_> {
    let url =
        handle.as_deref().map(|name| Cow::Owned(["https://news.ycombinator.com/user?id=", name].concat()));
    Author { handle, url, ..Author::default() }
}
