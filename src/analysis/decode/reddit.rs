//! Reddit: comments (t1), submissions (t3), listings, comment trees, and bare objects of the archives.
//!
//! The id is the fullname (`t1_...`, `t3_...`). Text is Markdown and is kept so; with `raw_json=0` (the API's
//! default) it is HTML-escaped once, which `body_html` gives away. A post whose text is `[deleted]` or `[removed]` is a delete.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{link, links_in, malformed, missing_id, no_time, unescape},
    dates,
    run::{Read, delete},
    soft::{Scalar, Soft},
};
use crate::model::{Author, Channel, Kind, Media, Network, PageType, Post, Reference, Timestamp};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Thing<'a> {
    #[serde(borrow)]
    kind: Scalar<'a>,
    data: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Listing<'a> {
    #[serde(borrow)]
    children: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    name: Scalar<'a>,
    author: Scalar<'a>,
    author_fullname: Scalar<'a>,
    body: Scalar<'a>,
    body_html: Scalar<'a>,
    title: Scalar<'a>,
    selftext: Scalar<'a>,
    selftext_html: Scalar<'a>,
    url: Scalar<'a>,
    is_self: Scalar<'a>,
    is_video: Scalar<'a>,
    post_hint: Scalar<'a>,
    media: Soft<Embedded<'a>>,
    permalink: Scalar<'a>,
    link_id: Scalar<'a>,
    parent_id: Scalar<'a>,
    link_permalink: Scalar<'a>,
    subreddit: Scalar<'a>,
    subreddit_id: Scalar<'a>,
    created_utc: Scalar<'a>,
    edited: Scalar<'a>,
    score: Scalar<'a>,
    ups: Scalar<'a>,
    num_comments: Scalar<'a>,
    over_18: Scalar<'a>,
    spoiler: Scalar<'a>,
    link_flair_text: Scalar<'a>,
    author_flair_text: Scalar<'a>,
    replies: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Embedded<'a> {
    #[serde(borrow)]
    reddit_video: Soft<Video<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Video<'a> {
    #[serde(borrow)]
    fallback_url: Scalar<'a>,
}

/// Each level of a tree is scanned again for the level below, so the number of levels must have a bound. Reddit's
/// own pages end at ten comments, two levels each (thing and listing).
const MAX_DEPTH: usize = 64;

/// Trees are walked with a list of what is still to read, never by recursion, so depth costs no stack.
pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let outer: Thing<'_> = serde_json::from_str(text)?;
    // Archives hold the object without the wrapper.
    if outer.data.is_none() {
        return thing(outer.kind.as_str(), text, emit).map(|_| ());
    }
    let mut open: Vec<(&str, usize)> = vec![(text, 0)];
    while let Some((text, depth)) = open.pop() {
        match walk(text, emit) {
            Ok(more) if depth < MAX_DEPTH => {
                open.extend(more.into_iter().rev().map(|text| (text, depth + 1)))
            }
            Ok(more) if more.is_empty() => {}
            Ok(_) => malformed(emit, "too_deep", format!("replies nested more than {MAX_DEPTH} levels deep")),
            Err(error) => malformed(emit, "json_syntax", error.to_string()),
        }
    }
    Ok(())
}

/// Reads one thing and returns the things inside it, in order.
fn walk<'a>(text: &'a str, emit: &mut Emit<'_>) -> Result<Vec<&'a str>, serde_json::Error> {
    let Soft(Some(outer)) = serde_json::from_str::<Soft<Thing<'a>>>(text)? else { return Ok(Vec::new()) };
    let Some(data) = outer.data else { return Ok(Vec::new()) };
    match outer.kind.as_str() {
        "Listing" | "" if data.get().contains("\"children\"") => children(data),
        "more" => {
            emit(Frame::Ignored("more"));
            Ok(Vec::new())
        }
        kind => thing(kind, data.get(), emit),
    }
}

fn children<'a>(data: &'a RawValue) -> Result<Vec<&'a str>, serde_json::Error> {
    let listing: Soft<Listing<'a>> = serde_json::from_str(data.get())?;
    let Some(children) = listing.or_empty().children else { return Ok(Vec::new()) };
    let items: Vec<&'a RawValue> = serde_json::from_str(children.get()).unwrap_or_default();
    Ok(items.into_iter().map(RawValue::get).collect())
}

/// Reads a comment or a submission and returns its replies.
fn thing<'a>(kind: &str, text: &'a str, emit: &mut Emit<'_>) -> Result<Vec<&'a str>, serde_json::Error> {
    let data = serde_json::from_str::<Soft<Data<'a>>>(text)?.or_empty();
    let replies = data.replies.map(RawValue::get).filter(|replies| replies.starts_with('{'));
    let is_comment = kind == "t1" || (kind != "t3" && !data.body.is_absent());
    match kind {
        "t2" | "t4" | "t5" | "t6" => emit(Frame::Ignored("no_post")),
        _ if is_comment => comment(data, emit),
        _ => submission(data, emit),
    }
    Ok(replies.into_iter().collect())
}

fn comment(data: Data<'_>, emit: &mut Emit<'_>) {
    let Some((mut post, plain)) = begin(&data, "t1_", emit) else { return };
    let Some(body) = data.body.text() else {
        return malformed(emit, "missing_text", "the comment has no `body`");
    };
    if is_withdrawn(&body) {
        return delete(Network::Reddit, Cow::Owned(post.id.into_owned()), emit);
    }
    post.kind = Kind::Reply;
    post.url = permalink(&data.permalink, &data.link_permalink, &data.link_id, &post.id);
    post.thread_root = data.link_id.id();
    post.in_reply_to = data
        .parent_id
        .id()
        .or_else(|| post.thread_root.clone())
        .map(|id| Reference { id, ..Reference::default() });
    post.body = if plain { body } else { unescape(body) };
    post.links = links_in(&post.body);
    emit(Frame::Post(post));
}

fn submission(data: Data<'_>, emit: &mut Emit<'_>) {
    let Some((mut post, plain)) = begin(&data, "t3_", emit) else { return };
    let body = data.selftext.clone().text().unwrap_or_default();
    if is_withdrawn(&body) {
        return delete(Network::Reddit, Cow::Owned(post.id.into_owned()), emit);
    }
    let clean = |text| if plain { text } else { unescape(text) };
    let title = data.title.clone().filled().map(clean);
    if title.is_none() && data.is_empty(&body) {
        return malformed(emit, "missing_text", "the submission has neither `title` nor `selftext`");
    }
    post.title = title;
    post.body = clean(body);
    post.url = permalink(&data.permalink, &data.link_permalink, &Scalar::Absent, &post.id);
    post.links = links_in(&post.body);
    let target = data.url.filled().map(clean).filter(|_| !data.is_self.is_true());
    if let Some(target) = target {
        let picture = data.post_hint.as_str() == "image" || target.starts_with("https://i.redd.it/");
        let kind = if picture { Some("image") } else { data.is_video.is_true().then_some("video") };
        let video =
            data.media.0.and_then(|media| media.reddit_video.0).and_then(|video| video.fallback_url.filled());
        if let Some(kind) = kind {
            let url = video.map(clean).unwrap_or_else(|| target.clone());
            post.media.push(Media { media_type: Cow::Borrowed(kind), url: Some(url), alt: None });
        }
        post.links.insert(0, link(target, None));
    }
    emit(Frame::Post(post));
}

/// What comments and submissions share; also whether the text is plain already.
fn begin<'a>(data: &Data<'a>, prefix: &str, emit: &mut Emit<'_>) -> Option<(Post<'a>, bool)> {
    let short = data.id.clone().id();
    let full = data.name.clone().id().filter(|name| name.starts_with(prefix));
    let Some(id) = full.or_else(|| short.map(|id| full_name(prefix, id))) else {
        missing_id(emit, "name");
        return None;
    };
    let Some(published_at) = seconds(&data.created_utc) else {
        no_time(emit, "created_utc", data.created_utc.as_str());
        return None;
    };
    let mut post = Post::new(Network::Reddit, id, Cow::Borrowed(""), published_at);
    post.page_type = PageType::Forum;
    post.author = author(data);
    post.channel = channel(data);
    // `edited` is false or a time; very old edits are only true.
    post.edited_at = match data.edited {
        Scalar::Bool(_) => None,
        ref time => seconds(time),
    };
    post.counts.likes = data.score.count().or_else(|| data.ups.count());
    post.counts.replies = data.num_comments.count();
    post.sensitive = data.over_18.flag();
    post.spoiler = data.spoiler.flag();
    post.flair = data.link_flair_text.clone().filled();
    let html = [&data.body_html, &data.selftext_html].into_iter().find(|html| !html.is_absent());
    Some((post, html.is_some_and(|html| html.as_str().trim_start().starts_with('<'))))
}

impl Data<'_> {
    /// A submission may be a title alone, but not nothing.
    fn is_empty(&self, body: &str) -> bool {
        body.is_empty() && self.url.is_absent()
    }
}

fn full_name<'a>(prefix: &str, id: Cow<'a, str>) -> Cow<'a, str> {
    if id.starts_with(prefix) { id } else { Cow::Owned([prefix, &id].concat()) }
}

fn seconds(value: &Scalar<'_>) -> Option<Timestamp> {
    match value {
        Scalar::Text(text) => {
            text.parse::<f64>().ok().map(|s| dates::epoch(s as i64)).or_else(|| dates::any(text))
        }
        Scalar::Bool(_) => None,
        other => other.integer().map(dates::epoch),
    }
}

fn is_withdrawn(text: &str) -> bool {
    let text = text.trim();
    text == "[deleted]" || text == "[removed]" || text.starts_with("[ Removed by ")
}

fn author<'a>(data: &Data<'a>) -> Author<'a> {
    let handle = data.author.clone().filled().filter(|name| name != "[deleted]" && name != "[removed]");
    Author {
        id: data.author_fullname.clone().id(),
        url: handle.as_deref().map(|name| Cow::Owned(["https://www.reddit.com/user/", name].concat())),
        handle,
        flair: data.author_flair_text.clone().filled(),
        ..Author::default()
    }
}

fn channel<'a>(data: &Data<'a>) -> Option<Channel<'a>> {
    let (id, name) = (data.subreddit_id.clone().id(), data.subreddit.clone().filled());
    let channel = Channel { id, name, ..Channel::default() };
    (channel != Channel::default()).then_some(channel)
}

/// The permalink, else one made of the ids, which Reddit redirects.
fn permalink<'a>(
    own: &Scalar<'a>,
    thread: &Scalar<'a>,
    link_id: &Scalar<'a>,
    id: &str,
) -> Option<Cow<'a, str>> {
    let short = id.get(3..)?;
    if let Some(path) = own.clone().filled() {
        return Some(if path.starts_with('/') {
            Cow::Owned(format!("https://www.reddit.com{path}"))
        } else {
            path
        });
    }
    if let Some(thread) = thread.clone().filled() {
        return Some(Cow::Owned(format!("{}/{short}/", thread.trim_end_matches('/'))));
    }
    let root = link_id.as_str().strip_prefix("t3_");
    Some(Cow::Owned(match root {
        Some(root) => format!("https://www.reddit.com/comments/{root}/_/{short}/"),
        None if id.starts_with("t1_") => return None,
        None => format!("https://www.reddit.com/comments/{short}/"),
    }))
}
