//! X (Twitter) API v1.1: tweets of the streaming, search and lookup endpoints, and the stream's control frames.
//!
//! Text is HTML-escaped once. The whole text of a long tweet is in `extended_tweet` (stream) or `full_text`.
//! Numeric ids may have been rounded by whoever wrote the JSON, so `id_str` goes first. Entities carry their own
//! text; their `indices` (code points) are used only where it is missing.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{by_code_points, link, missing_id, no_time, unescape},
    dates,
    run::{Read, delete, each},
    soft::{List, Scalar, Soft, first_id},
};
use crate::model::{Author, Geo, Kind, Media, Network, PageType, Post, Reference, Timestamp};

/// What many tweets lack is boxed: the struct is moved several times on its way out of the JSON.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Tweet<'a> {
    #[serde(borrow)]
    created_at: Scalar<'a>,
    timestamp_ms: Scalar<'a>,
    id: Scalar<'a>,
    id_str: Scalar<'a>,
    text: Scalar<'a>,
    full_text: Scalar<'a>,
    extended_tweet: Soft<Box<Extended<'a>>>,
    entities: Soft<Box<Entities<'a>>>,
    extended_entities: Soft<Box<Entities<'a>>>,
    user: Soft<User<'a>>,
    in_reply_to_status_id: Scalar<'a>,
    in_reply_to_status_id_str: Scalar<'a>,
    in_reply_to_screen_name: Scalar<'a>,
    quoted_status_id: Scalar<'a>,
    quoted_status_id_str: Scalar<'a>,
    quoted_status: Option<&'a RawValue>,
    retweeted_status: Option<&'a RawValue>,
    coordinates: Soft<Point<'a>>,
    place: Soft<Box<Place<'a>>>,
    favorite_count: Scalar<'a>,
    retweet_count: Scalar<'a>,
    reply_count: Scalar<'a>,
    quote_count: Scalar<'a>,
    possibly_sensitive: Scalar<'a>,
    lang: Scalar<'a>,
    // Pages and control frames.
    statuses: Option<&'a RawValue>,
    delete: Soft<DeleteFrame<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Extended<'a> {
    #[serde(borrow)]
    full_text: Scalar<'a>,
    entities: Soft<Box<Entities<'a>>>,
    extended_entities: Soft<Box<Entities<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entities<'a> {
    #[serde(borrow)]
    hashtags: List<Soft<Entity<'a>>>,
    user_mentions: List<Soft<Entity<'a>>>,
    urls: List<Soft<Url<'a>>>,
    media: List<Soft<Picture<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entity<'a> {
    #[serde(borrow)]
    text: Scalar<'a>,
    screen_name: Scalar<'a>,
    indices: List<Scalar<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Url<'a> {
    #[serde(borrow)]
    url: Scalar<'a>,
    expanded_url: Scalar<'a>,
    unwound: Soft<Unwound<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Unwound<'a> {
    #[serde(borrow)]
    url: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Picture<'a> {
    #[serde(borrow, rename = "type")]
    media_type: Scalar<'a>,
    media_url_https: Scalar<'a>,
    media_url: Scalar<'a>,
    ext_alt_text: Scalar<'a>,
    video_info: Soft<Video<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Video<'a> {
    #[serde(borrow)]
    variants: List<Soft<Variant<'a>>>,
}

/// One encoding of a video, the same in both versions of the API but for a name.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Variant<'a> {
    #[serde(borrow)]
    bitrate: Scalar<'a>,
    bit_rate: Scalar<'a>,
    url: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    id_str: Scalar<'a>,
    name: Scalar<'a>,
    screen_name: Scalar<'a>,
    followers_count: Scalar<'a>,
    statuses_count: Scalar<'a>,
    verified: Scalar<'a>,
    verified_type: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Point<'a> {
    #[serde(borrow)]
    coordinates: List<Scalar<'a>>,
}

/// A named place, the same in both versions of the API.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Place<'a> {
    #[serde(borrow)]
    pub(super) id: Scalar<'a>,
    place_type: Scalar<'a>,
    name: Scalar<'a>,
    full_name: Scalar<'a>,
    country: Scalar<'a>,
    country_code: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DeleteFrame<'a> {
    #[serde(borrow)]
    status: Soft<Deleted<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Deleted<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    id_str: Scalar<'a>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let tweet: Tweet<'_> = serde_json::from_str(text)?;
    if let Some(page) = tweet.statuses {
        return each(page, emit, decode);
    }
    if let Some(frame) = tweet.delete.0 {
        deleted(frame, emit);
    } else if tweet.is_control_frame() {
        emit(Frame::Ignored("control_frame"));
    } else {
        post(tweet, emit);
    }
    Ok(())
}

impl Tweet<'_> {
    /// Limit, warning, disconnect, withheld and the like carry nothing of a tweet.
    fn is_control_frame(&self) -> bool {
        let identity = [&self.id, &self.id_str, &self.created_at, &self.text, &self.full_text];
        identity.iter().all(|field| field.is_absent()) && self.user.0.is_none()
    }
}

fn deleted(frame: DeleteFrame<'_>, emit: &mut Emit<'_>) {
    match frame.status.0 {
        // `delete.favorite` takes back a like.
        None => emit(Frame::Ignored("like")),
        Some(status) => match first_id([status.id_str, status.id]) {
            Some(id) => delete(Network::X, id, emit),
            None => missing_id(emit, "delete.status.id_str"),
        },
    }
}

fn post(tweet: Tweet<'_>, emit: &mut Emit<'_>) {
    let Some(published_at) = time(&tweet) else {
        return no_time(emit, "created_at", tweet.created_at.as_str());
    };
    let original: Option<Tweet<'_>> = tweet.retweeted_status.and_then(parse);
    let quoted: Option<Tweet<'_>> = tweet.quoted_status.and_then(parse);
    let Some(mut post) = own(tweet, published_at) else { return missing_id(emit, "id_str") };
    if let Some(original) = original.and_then(|t| reference_and_words(t)) {
        become_repost(&mut post, original);
    } else if let Some((quoted, _)) = quoted.and_then(|t| reference_and_words(t)) {
        post.quote_of = Some(quoted);
    }
    post.kind = kind(&post);
    emit(Frame::Post(post));
}

pub(super) fn kind(post: &Post<'_>) -> Kind {
    match (&post.repost_of, &post.quote_of, &post.in_reply_to) {
        (Some(_), ..) => Kind::Repost,
        (_, Some(_), _) => Kind::Quote,
        (.., Some(_)) => Kind::Reply,
        _ => Kind::Original,
    }
}

/// The words of a repost, and all that belongs to them, are the original's.
pub(super) fn become_repost<'a>(post: &mut Post<'a>, original: (Reference<'a>, Post<'a>)) {
    let (reference, words) = original;
    post.body = words.body;
    post.links = words.links;
    post.hashtags = words.hashtags;
    post.mentions = words.mentions;
    post.media = words.media;
    post.repost_of = Some(reference);
    post.quote_of = None;
    post.in_reply_to = None;
}

/// A field that is no tweet counts as absent; its syntax was already checked.
fn parse<'a>(raw: &'a RawValue) -> Option<Tweet<'a>> {
    serde_json::from_str::<Soft<Tweet<'a>>>(raw.get()).ok()?.0
}

fn time(tweet: &Tweet<'_>) -> Option<Timestamp> {
    dates::x(tweet.created_at.as_str()).or_else(|| tweet.timestamp_ms.integer().map(Timestamp::from_millis))
}

fn reference_and_words(tweet: Tweet<'_>) -> Option<(Reference<'_>, Post<'_>)> {
    let published_at = time(&tweet);
    let words = own(tweet, published_at.unwrap_or_default())?;
    let reference = Reference {
        id: words.id.clone(),
        author: words.author.handle.clone().or_else(|| words.author.id.clone()),
        url: words.url.clone(),
        text: Some(words.body.clone()),
        published_at,
    };
    Some((reference, words))
}

/// The tweet by itself, without what it reposts or quotes.
fn own(tweet: Tweet<'_>, published_at: Timestamp) -> Option<Post<'_>> {
    let id = first_id([tweet.id_str, tweet.id])?;
    let extended = tweet.extended_tweet.0.map_or_else(Extended::default, |extended| *extended);
    let text = extended.full_text.text().or_else(|| tweet.full_text.text()).or_else(|| tweet.text.text());
    let mut post = Post::new(Network::X, id, Cow::Borrowed(""), published_at);
    post.page_type = PageType::Microblog;
    post.author = author(tweet.user.or_empty());
    post.url = Some(status_url(post.author.handle.as_deref(), &post.id));
    let raw_text = text.unwrap_or_default();
    let entities = extended.entities.0.or(tweet.entities.0);
    let more = extended.extended_entities.0.or(tweet.extended_entities.0);
    if entities.is_some() || more.is_some() {
        read_entities(&mut post, *entities.unwrap_or_default(), *more.unwrap_or_default(), &raw_text);
    }
    post.body = unescape(raw_text);
    post.declared_language = tweet.lang.filled().filter(|lang| lang != "und");
    post.counts.likes = tweet.favorite_count.count();
    post.counts.reposts = tweet.retweet_count.count();
    post.counts.replies = tweet.reply_count.count();
    post.counts.quotes = tweet.quote_count.count();
    post.sensitive = tweet.possibly_sensitive.flag();
    post.geo = geo(tweet.coordinates, tweet.place);
    let (answered, name) =
        ([tweet.in_reply_to_status_id_str, tweet.in_reply_to_status_id], tweet.in_reply_to_screen_name);
    post.in_reply_to = first_id(answered).map(|id| reference(id, name.filled()));
    post.quote_of =
        first_id([tweet.quoted_status_id_str, tweet.quoted_status_id]).map(|id| reference(id, None));
    Some(post)
}

pub(super) fn reference<'a>(id: Cow<'a, str>, author: Option<Cow<'a, str>>) -> Reference<'a> {
    let url = Some(status_url(author.as_deref(), &id));
    Reference { id, author, url, ..Reference::default() }
}

/// `i` stands for an author whose handle is not known; X redirects it.
pub(super) fn status_url(handle: Option<&str>, id: &str) -> Cow<'static, str> {
    Cow::Owned(["https://x.com/", handle.unwrap_or("i"), "/status/", id].concat())
}

fn author(user: User<'_>) -> Author<'_> {
    let handle = user.screen_name.filled();
    Author {
        id: first_id([user.id_str, user.id]),
        name: user.name.filled(),
        url: handle.as_deref().map(|handle| Cow::Owned(["https://x.com/", handle].concat())),
        handle,
        followers: user.followers_count.count(),
        posts: user.statuses_count.count(),
        verified: user.verified.flag(),
        verified_type: user.verified_type.filled().filter(|kind| kind != "none"),
        gender: None,
        flair: None,
    }
}

fn read_entities<'a>(post: &mut Post<'a>, entities: Entities<'a>, more: Entities<'a>, text: &str) {
    let tags = entities.hashtags.objects().filter_map(|tag| named(tag.text, &tag.indices, text, '#'));
    post.hashtags.extend(tags);
    let names = entities.user_mentions.objects().filter_map(|m| named(m.screen_name, &m.indices, text, '@'));
    post.mentions.extend(names);
    post.links.extend(entities.urls.objects().filter_map(|url| {
        let unwound = url.unwound.0.and_then(|unwound| unwound.url.filled());
        let expanded = unwound.or_else(|| url.expanded_url.filled());
        Some(link(url.url.filled().or_else(|| expanded.clone())?, expanded))
    }));
    // `extended_entities` names every picture and its true kind; `entities` the first one, always as a photo.
    let pictures = if more.media.0.is_empty() { entities.media } else { more.media };
    post.media.extend(pictures.objects().map(picture));
}

/// The entity's own text, else its part of the post without the sign in front.
fn named<'a>(own: Scalar<'a>, indices: &List<Scalar<'a>>, text: &str, sign: char) -> Option<Cow<'a, str>> {
    own.filled().or_else(|| {
        let [start, end] = [indices.0.first()?, indices.0.get(1)?].map(|n| n.count().unwrap_or(0) as usize);
        let shown = by_code_points(text, start, end)?;
        let name = shown.strip_prefix(sign)?;
        (!name.is_empty()).then(|| Cow::Owned(name.to_owned()))
    })
}

fn picture(picture: Picture<'_>) -> Media<'_> {
    let variants = picture.video_info.or_empty().variants;
    let video = variants.iter().max_by_key(|variant| variant.rate()).and_then(Variant::address);
    let image = picture.media_url_https.filled().or_else(|| picture.media_url.filled());
    Media {
        media_type: media_type(picture.media_type),
        url: video.or(image),
        alt: picture.ext_alt_text.filled(),
    }
}

pub(super) fn media_type(own: Scalar<'_>) -> Cow<'_, str> {
    match own.as_str() {
        "photo" | "" => Cow::Borrowed("image"),
        "animated_gif" => Cow::Borrowed("gif"),
        _ => own.text().unwrap_or_default(),
    }
}

impl<'a> Variant<'a> {
    /// Bits per second; streaming playlists have none and come last.
    pub(super) fn rate(&self) -> i64 {
        self.bitrate.integer().or(self.bit_rate.integer()).unwrap_or(-1)
    }

    pub(super) fn address(&self) -> Option<Cow<'a, str>> {
        self.url.clone().filled()
    }
}

/// GeoJSON puts the longitude first.
fn geo<'a>(point: Soft<Point<'a>>, place: Soft<Box<Place<'a>>>) -> Option<Geo<'a>> {
    let place = place.0.map(|place| place_geo(*place));
    let Some(point) = point.0 else { return place };
    Some(at_point(place.unwrap_or_default(), &point.coordinates))
}

pub(super) fn at_point<'a>(mut geo: Geo<'a>, coordinates: &List<Scalar<'_>>) -> Geo<'a> {
    geo.longitude = coordinates.0.first().and_then(Scalar::float);
    geo.latitude = coordinates.0.get(1).and_then(Scalar::float);
    geo
}

pub(super) fn place_geo(place: Place<'_>) -> Geo<'_> {
    let country = place.country_code.filled().or_else(|| place.country.filled());
    let name = place.name.filled().or_else(|| place.full_name.filled());
    let (region, city) = match place.place_type.as_str() {
        "country" => (None, None),
        "admin" => (name, None),
        _ => (None, name),
    };
    Geo { country, region, city, ..Geo::default() }
}
