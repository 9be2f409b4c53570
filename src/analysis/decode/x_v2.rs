//! X API v2: single lookups, search pages, the filtered stream; with `includes` or flattened.
//!
//! A repost's text is cut with an ellipsis; the whole is in `includes.tweets`. An edit is a tweet of its own
//! with the ids of its history: the versions before it are taken back, and `edited_at` is its own time.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{link, malformed, missing_id, no_time, unescape},
    dates,
    run::{Read, delete, one},
    soft::{List, Scalar, Soft},
    x_v1::{Place, Variant, at_point, become_repost, kind, media_type, place_geo, reference, status_url},
};
use crate::model::{Author, Geo, Media, Network, PageType, Post, Reference, Timestamp};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    includes: Soft<Includes<'a>>,
    errors: Option<&'a RawValue>,
    meta: Option<&'a RawValue>,
    id: Scalar<'a>,
    title: Scalar<'a>,
    detail: Scalar<'a>,
    text: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Includes<'a> {
    #[serde(borrow)]
    users: List<Soft<User<'a>>>,
    tweets: List<Soft<Tweet<'a>>>,
    media: List<Soft<Picture<'a>>>,
    places: List<Soft<Place<'a>>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    username: Scalar<'a>,
    name: Scalar<'a>,
    verified: Scalar<'a>,
    verified_type: Scalar<'a>,
    public_metrics: Soft<UserMetrics<'a>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct UserMetrics<'a> {
    #[serde(borrow)]
    followers_count: Scalar<'a>,
    tweet_count: Scalar<'a>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Tweet<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    text: Scalar<'a>,
    created_at: Scalar<'a>,
    author_id: Scalar<'a>,
    /// Flattened pages have the author in the tweet.
    author: Soft<User<'a>>,
    conversation_id: Scalar<'a>,
    lang: Scalar<'a>,
    possibly_sensitive: Scalar<'a>,
    entities: Soft<Entities<'a>>,
    note_tweet: Soft<Note<'a>>,
    referenced_tweets: List<Soft<Referenced<'a>>>,
    edit_history_tweet_ids: List<Scalar<'a>>,
    public_metrics: Soft<Metrics<'a>>,
    attachments: Soft<Attachments<'a>>,
    geo: Soft<TweetGeo<'a>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Note<'a> {
    #[serde(borrow)]
    text: Scalar<'a>,
    entities: Soft<Entities<'a>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Entities<'a> {
    #[serde(borrow)]
    urls: List<Soft<Url<'a>>>,
    hashtags: List<Soft<Tag<'a>>>,
    mentions: List<Soft<Mention<'a>>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Url<'a> {
    #[serde(borrow)]
    url: Scalar<'a>,
    expanded_url: Scalar<'a>,
    unwound_url: Scalar<'a>,
    display_url: Scalar<'a>,
    media_key: Scalar<'a>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Tag<'a> {
    #[serde(borrow)]
    tag: Scalar<'a>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Mention<'a> {
    #[serde(borrow)]
    username: Scalar<'a>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Referenced<'a> {
    #[serde(borrow, rename = "type")]
    relation: Scalar<'a>,
    id: Scalar<'a>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Metrics<'a> {
    #[serde(borrow)]
    retweet_count: Scalar<'a>,
    reply_count: Scalar<'a>,
    like_count: Scalar<'a>,
    quote_count: Scalar<'a>,
    bookmark_count: Scalar<'a>,
    impression_count: Scalar<'a>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Attachments<'a> {
    #[serde(borrow)]
    media_keys: List<Scalar<'a>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct TweetGeo<'a> {
    #[serde(borrow)]
    place_id: Scalar<'a>,
    coordinates: Soft<Point<'a>>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Point<'a> {
    #[serde(borrow)]
    coordinates: List<Scalar<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Picture<'a> {
    #[serde(borrow)]
    media_key: Scalar<'a>,
    #[serde(rename = "type")]
    media_type: Scalar<'a>,
    url: Scalar<'a>,
    preview_image_url: Scalar<'a>,
    alt_text: Scalar<'a>,
    variants: List<Soft<Variant<'a>>>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let mut envelope: Envelope<'_> = serde_json::from_str(text)?;
    let includes = std::mem::take(&mut envelope.includes).or_empty();
    match envelope.data {
        Some(data) if data.get().starts_with('[') => {
            let items: Vec<&RawValue> = serde_json::from_str(data.get())?;
            items.iter().for_each(|item| one(item.get(), emit, |text, emit| tweet(text, &includes, emit)));
            Ok(())
        }
        Some(data) => {
            one(data.get(), emit, |text, emit| tweet(text, &includes, emit));
            Ok(())
        }
        None if !envelope.id.is_absent() || !envelope.text.is_absent() => tweet(text, &includes, emit),
        None => {
            no_data(&envelope, emit);
            Ok(())
        }
    }
}

/// Errors, disconnects and pages without a hit.
fn no_data(envelope: &Envelope<'_>, emit: &mut Emit<'_>) {
    if envelope.errors.is_some() || !envelope.title.is_absent() || !envelope.detail.is_absent() {
        emit(Frame::Ignored("error_object"));
    } else if envelope.meta.is_some() {
        emit(Frame::Ignored("empty_page"));
    } else {
        malformed(emit, "missing_record", "an X v2 response needs `data`, `errors` or `meta`");
    }
}

fn tweet(text: &str, includes: &Includes<'_>, emit: &mut Emit<'_>) -> Read {
    let tweet: Tweet<'_> = serde_json::from_str(text)?;
    let Some(published_at) = time(&tweet) else {
        no_time(emit, "created_at", tweet.created_at.as_str());
        return Ok(());
    };
    let edits = tweet.edit_history_tweet_ids.0.clone();
    let references = tweet.referenced_tweets.clone();
    let Some(mut post) = own(tweet, includes, published_at) else {
        missing_id(emit, "id");
        return Ok(());
    };
    read_references(&mut post, references, includes);
    post.kind = kind(&post);
    take_back_earlier(&mut post, edits, emit);
    emit(Frame::Post(post));
    Ok(())
}

fn time(tweet: &Tweet<'_>) -> Option<Timestamp> {
    dates::any(tweet.created_at.as_str())
}

/// Each version of an edited tweet has its own id; those before this one are replaced by it.
fn take_back_earlier(post: &mut Post<'_>, history: Vec<Scalar<'_>>, emit: &mut Emit<'_>) {
    let ids: Vec<Cow<'_, str>> = history.into_iter().filter_map(Scalar::id).collect();
    let own = ids.iter().position(|id| *id == post.id).unwrap_or(0);
    for earlier in ids.into_iter().take(own) {
        post.edited_at = Some(post.published_at);
        delete(Network::X, earlier, emit);
    }
}

fn read_references<'a>(post: &mut Post<'a>, list: List<Soft<Referenced<'a>>>, includes: &Includes<'a>) {
    for referenced in list.objects() {
        let Some(id) = referenced.id.id() else { continue };
        let found = includes.tweets.iter().find(|t| t.id.as_str() == id);
        let target = found.and_then(|t| target(t.clone(), includes));
        match referenced.relation.as_str() {
            "retweeted" => match target {
                Some(original) => become_repost(post, original),
                None => post.repost_of = Some(reference(id, None)),
            },
            "quoted" => post.quote_of = Some(target.map_or_else(|| reference(id, None), |(r, _)| r)),
            "replied_to" => post.in_reply_to = Some(target.map_or_else(|| reference(id, None), |(r, _)| r)),
            _ => {}
        }
    }
}

fn target<'a>(tweet: Tweet<'a>, includes: &Includes<'a>) -> Option<(Reference<'a>, Post<'a>)> {
    let published_at = time(&tweet);
    let words = own(tweet, includes, published_at.unwrap_or_default())?;
    let reference = Reference {
        id: words.id.clone(),
        author: words.author.handle.clone().or_else(|| words.author.id.clone()),
        url: words.url.clone(),
        text: Some(words.body.clone()),
        published_at,
    };
    Some((reference, words))
}

/// The tweet by itself, without what it refers to.
fn own<'a>(tweet: Tweet<'a>, includes: &Includes<'a>, published_at: Timestamp) -> Option<Post<'a>> {
    let id = tweet.id.id()?;
    let mut post = Post::new(Network::X, id, Cow::Borrowed(""), published_at);
    post.page_type = PageType::Microblog;
    let listed = || includes.users.iter().find(|u| !u.id.is_absent() && u.id == tweet.author_id);
    let user = tweet.author.0.or_else(|| listed().cloned()).unwrap_or_default();
    post.author = author(user, tweet.author_id);
    post.url = Some(status_url(post.author.handle.as_deref(), &post.id));
    let note = tweet.note_tweet.or_empty();
    let entities = note.entities.0.or(tweet.entities.0).unwrap_or_default();
    post.body = unescape(note.text.filled().or_else(|| tweet.text.text()).unwrap_or_default());
    read_entities(&mut post, entities);
    read_media(&mut post, tweet.attachments.or_empty(), includes);
    read_metrics(&mut post, &tweet.public_metrics.or_empty());
    post.declared_language = tweet.lang.filled().filter(|lang| lang != "und");
    post.sensitive = tweet.possibly_sensitive.flag();
    post.thread_root = tweet.conversation_id.id().filter(|root| *root != post.id);
    post.geo = tweet.geo.0.and_then(|geo| place_of(geo, includes));
    Some(post)
}

fn author<'a>(user: User<'a>, author_id: Scalar<'a>) -> Author<'a> {
    let metrics = user.public_metrics.or_empty();
    let handle = user.username.filled();
    Author {
        id: user.id.id().or_else(|| author_id.id()),
        name: user.name.filled(),
        url: handle.as_deref().map(|handle| Cow::Owned(["https://x.com/", handle].concat())),
        handle,
        followers: metrics.followers_count.count(),
        posts: metrics.tweet_count.count(),
        verified: user.verified.flag(),
        verified_type: user.verified_type.filled().filter(|kind| kind != "none"),
        gender: None,
        flair: None,
    }
}

fn read_entities<'a>(post: &mut Post<'a>, entities: Entities<'a>) {
    post.hashtags.extend(entities.hashtags.objects().filter_map(|tag| tag.tag.filled()));
    post.mentions.extend(entities.mentions.objects().filter_map(|mention| mention.username.filled()));
    for url in entities.urls.objects() {
        // The address of an attached picture is listed among the links.
        let shown = url.display_url.as_str();
        if !url.media_key.is_absent()
            || shown.starts_with("pic.twitter.com/")
            || shown.starts_with("pic.x.com/")
        {
            continue;
        }
        let expanded = url.unwound_url.filled().or_else(|| url.expanded_url.filled());
        let Some(short) = url.url.filled().or_else(|| expanded.clone()) else { continue };
        post.links.push(link(short, expanded));
    }
}

fn read_media<'a>(post: &mut Post<'a>, attachments: Attachments<'a>, includes: &Includes<'a>) {
    for key in attachments.media_keys.0 {
        let Some(picture) = includes.media.iter().find(|m| m.media_key == key) else { continue };
        let video = picture.variants.iter().max_by_key(|variant| variant.rate());
        let url = video.and_then(Variant::address).or_else(|| picture.url.clone().filled());
        post.media.push(Media {
            media_type: media_type(picture.media_type.clone()),
            url: url.or_else(|| picture.preview_image_url.clone().filled()),
            alt: picture.alt_text.clone().filled(),
        });
    }
}

fn read_metrics(post: &mut Post<'_>, metrics: &Metrics<'_>) {
    post.counts.likes = metrics.like_count.count();
    post.counts.reposts = metrics.retweet_count.count();
    post.counts.replies = metrics.reply_count.count();
    post.counts.quotes = metrics.quote_count.count();
    post.counts.bookmarks = metrics.bookmark_count.count();
    post.counts.views = metrics.impression_count.count();
}

fn place_of<'a>(geo: TweetGeo<'a>, includes: &Includes<'a>) -> Option<Geo<'a>> {
    let place = includes.places.iter().find(|p| !p.id.is_absent() && p.id == geo.place_id);
    let place = place.map(|place| place_geo(place.clone()));
    match geo.coordinates.0 {
        Some(point) => Some(at_point(place.unwrap_or_default(), &point.coordinates)),
        None => place,
    }
}
