//! weibo.com's web API: statuses, list pages, comments; also `mblog` cards of the mobile site.
//!
//! `text_raw` is plain and goes before `text`, which is HTML. In a repost only the words before the first `//@`
//! are the author's own; what follows is the chain of earlier reposts. Without own words it is a repost and
//! carries the original's text, with own words a quote.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, Frame,
    common::{link, links_in, malformed, missing_id, no_time},
    dates, html,
    run::{Read, delete, each},
    soft::{List, Scalar, Soft, first_id},
};
use crate::model::{Author, Geo, Kind, Media, Network, PageType, Post, Reference, Timestamp};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    idstr: Scalar<'a>,
    mid: Scalar<'a>,
    mblogid: Scalar<'a>,
    bid: Scalar<'a>,
    created_at: Scalar<'a>,
    edit_at: Scalar<'a>,
    user: Soft<User<'a>>,
    text: Scalar<'a>,
    text_raw: Scalar<'a>,
    #[serde(rename = "longText")]
    long_text: Soft<LongText<'a>>,
    reposts_count: Scalar<'a>,
    comments_count: Scalar<'a>,
    attitudes_count: Scalar<'a>,
    like_counts: Scalar<'a>,
    total_number: Scalar<'a>,
    reads_count: Scalar<'a>,
    region_name: Scalar<'a>,
    source: Scalar<'a>,
    geo: Soft<Point<'a>>,
    pic_ids: List<Scalar<'a>>,
    pic_infos: Option<&'a RawValue>,
    page_info: Soft<PageInfo<'a>>,
    url_struct: List<Soft<UrlStruct<'a>>>,
    retweeted_status: Option<&'a RawValue>,
    deleted: Scalar<'a>,
    // Comments.
    rootid: Scalar<'a>,
    rootidstr: Scalar<'a>,
    reply_comment: Option<&'a RawValue>,
    comments: Option<&'a RawValue>,
    // Pages.
    ok: Scalar<'a>,
    data: Option<&'a RawValue>,
    list: Option<&'a RawValue>,
    statuses: Option<&'a RawValue>,
    cards: Option<&'a RawValue>,
    mblog: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    idstr: Scalar<'a>,
    screen_name: Scalar<'a>,
    followers_count: Scalar<'a>,
    statuses_count: Scalar<'a>,
    verified: Scalar<'a>,
    gender: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LongText<'a> {
    #[serde(borrow, rename = "longTextContent")]
    content: Scalar<'a>,
}

/// Weibo writes the latitude first.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Point<'a> {
    #[serde(borrow)]
    coordinates: List<Scalar<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PageInfo<'a> {
    #[serde(borrow)]
    media_info: Soft<MediaInfo<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MediaInfo<'a> {
    #[serde(borrow)]
    mp4_hd_url: Scalar<'a>,
    mp4_sd_url: Scalar<'a>,
    stream_url: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UrlStruct<'a> {
    #[serde(borrow)]
    short_url: Scalar<'a>,
    long_url: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Picture<'a> {
    #[serde(borrow)]
    largest: Soft<Size<'a>>,
    original: Soft<Size<'a>>,
    large: Soft<Size<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Size<'a> {
    #[serde(borrow)]
    url: Scalar<'a>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    read(text, 0, emit)
}

/// Pages in pages have a bound: a response, its data, its cards, a card, a group of cards.
fn read(text: &str, depth: usize, emit: &mut Emit<'_>) -> Read {
    let Some(status) = serde_json::from_str::<Soft<Status<'_>>>(text)?.0 else { return Ok(()) };
    let page = [status.list, status.statuses, status.cards, status.data].into_iter().flatten().next();
    match (page.filter(|_| depth < 4), status.mblog) {
        (Some(page), _) if page.get().starts_with('[') => {
            let items: Vec<&RawValue> = serde_json::from_str(page.get())?;
            items
                .iter()
                .for_each(|item| super::run::one(item.get(), emit, |text, emit| read(text, depth + 1, emit)));
        }
        (Some(page), _) => read(page.get(), depth + 1, emit)?,
        (None, Some(mblog)) => one_status(mblog.get(), emit)?,
        (None, None) if !status.ok.is_absent() && status.created_at.is_absent() => {
            emit(Frame::Ignored("error_object"));
        }
        (None, None) => return post(status, emit),
    }
    Ok(())
}

fn one_status(text: &str, emit: &mut Emit<'_>) -> Read {
    match serde_json::from_str::<Soft<Status<'_>>>(text)?.0 {
        Some(status) => post(status, emit),
        None => {
            malformed(emit, "not_an_object", "`mblog` is no object");
            Ok(())
        }
    }
}

fn post(status: Status<'_>, emit: &mut Emit<'_>) -> Read {
    if status.deleted.is_true() {
        let id = first_id([status.idstr, status.mid, status.id]);
        match id {
            Some(id) => delete(Network::Weibo, id, emit),
            None => missing_id(emit, "idstr"),
        }
        return Ok(());
    }
    let Some(published_at) = dates::x(status.created_at.as_str()) else {
        no_time(emit, "created_at", status.created_at.as_str());
        return Ok(());
    };
    let original = status.retweeted_status.and_then(parse);
    let replies = status.comments.filter(|comments| comments.get().starts_with('['));
    match own(status, published_at) {
        None => missing_id(emit, "idstr"),
        Some(mut post) => {
            if let Some(original) = original {
                pass_on(&mut post, original);
            }
            emit(Frame::Post(post));
        }
    }
    // Answers to a comment; theirs are not nested further.
    replies.map_or(Ok(()), |replies| each(replies, emit, one_reply))
}

fn one_reply(text: &str, emit: &mut Emit<'_>) -> Read {
    let Some(mut status) = serde_json::from_str::<Soft<Status<'_>>>(text)?.0 else { return Ok(()) };
    status.comments = None;
    post(status, emit)
}

fn parse<'a>(raw: &'a RawValue) -> Option<Status<'a>> {
    serde_json::from_str::<Soft<Status<'a>>>(raw.get()).ok()?.0
}

fn pass_on<'a>(post: &mut Post<'a>, original: Status<'a>) {
    let gone = original.user.0.is_none() || original.deleted.is_true();
    let published_at = dates::x(original.created_at.as_str());
    let Some(mut words) = own(original, published_at.unwrap_or_default()) else { return };
    // What stands in the place of a deleted original is a notice, not its text.
    if gone {
        words.body = Cow::Borrowed("");
    }
    let reference = Reference {
        id: words.id.clone(),
        author: words.author.handle.clone(),
        url: words.url.clone(),
        text: (!gone).then(|| words.body.clone()),
        published_at,
    };
    let own = own_words(&post.body).to_owned();
    if is_bare_repost(&own) {
        post.kind = Kind::Repost;
        post.body = words.body;
        post.links = words.links;
        post.hashtags = words.hashtags;
        post.media = words.media;
        post.mentions.extend(words.mentions);
        post.repost_of = Some(reference);
    } else {
        post.kind = Kind::Quote;
        post.hashtags = topics(&own);
        post.body = Cow::Owned(own);
        post.quote_of = Some(reference);
    }
}

/// The author's own words: what stands before the chain of earlier reposts.
pub(super) fn own_words(text: &str) -> &str {
    text.split("//@").next().unwrap_or("").trim()
}

/// What the site writes when an author passes on without a word.
pub(super) fn is_bare_repost(words: &str) -> bool {
    matches!(
        words,
        "" | "转发微博" | "转发微博。" | "轉發微博" | "轉發微博。" | "转发" | "轉發" | "Repost" | "repost"
    )
}

/// The status by itself, without what it passes on.
fn own(status: Status<'_>, published_at: Timestamp) -> Option<Post<'_>> {
    let id = first_id([status.idstr, status.mid, status.id])?;
    let page = html::read(status.text.as_str(), html::Options { alt_text: true, ..html::Options::default() });
    let plain = status.long_text.0.and_then(|long| long.content.filled()).map(html::to_text);
    let plain = plain.or_else(|| status.text_raw.filled());
    let body = trim_filler(plain.unwrap_or(Cow::Owned(page.text)));
    let mut post = Post::new(Network::Weibo, id, body, published_at);
    post.page_type = PageType::Microblog;
    post.author = author(status.user.or_empty());
    let short = first_id([status.mblogid, status.bid]).unwrap_or_else(|| post.id.clone());
    post.url = post.author.id.as_deref().map(|user| Cow::Owned(format!("https://weibo.com/{user}/{short}")));
    post.hashtags = topics(&post.body);
    let names = page.anchors.iter().filter(|a| a.href.starts_with("/n/") || a.href.contains("weibo.com/n/"));
    post.mentions = names.filter_map(|a| Some(Cow::Owned(a.text.strip_prefix('@')?.to_owned()))).collect();
    post.links = links(status.url_struct, &post.body);
    post.media = media(&status.pic_ids, status.pic_infos, status.page_info);
    post.counts.reposts = status.reposts_count.count();
    post.counts.replies = status.comments_count.count().or_else(|| status.total_number.count());
    post.counts.likes = status.attitudes_count.count().or_else(|| status.like_counts.count());
    post.counts.views = status.reads_count.count();
    // A comment has its place in `source`, a status the name of a phone.
    let place =
        status.region_name.filled().or_else(|| status.source.filled().filter(|s| s.starts_with("来自")));
    post.geo = geo(status.geo.0, place);
    post.edited_at = dates::x(status.edit_at.as_str());
    if let Some(root) = first_id([status.rootidstr, status.rootid]) {
        post.kind = Kind::Reply;
        let answered = status.reply_comment.and_then(parse).and_then(|c| first_id([c.idstr, c.mid, c.id]));
        post.in_reply_to = answered
            .or_else(|| (root != post.id).then(|| root.clone()))
            .map(|id| Reference { id, ..Reference::default() });
        post.thread_root = Some(root).filter(|root| *root != post.id);
    }
    Some(post)
}

/// A cut text ends in zero-width spaces.
fn trim_filler(text: Cow<'_, str>) -> Cow<'_, str> {
    let end = |c: char| c.is_whitespace() || c == '\u{200B}';
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end_matches(end)),
        Cow::Owned(text) => Cow::Owned(text.trim_end_matches(end).to_owned()),
    }
}

fn author(user: User<'_>) -> Author<'_> {
    let id = first_id([user.idstr, user.id]);
    let handle = user.screen_name.filled();
    Author {
        url: id.as_deref().map(|id| Cow::Owned(format!("https://weibo.com/u/{id}"))),
        id,
        name: handle.clone(),
        handle,
        followers: user.followers_count.count(),
        posts: user.statuses_count.count(),
        verified: user.verified.flag(),
        gender: gender(&user.gender),
        flair: None,
        verified_type: None,
    }
}

/// `n` means not stated.
pub(super) fn gender(stated: &Scalar<'_>) -> Option<Cow<'static, str>> {
    match stated.as_str() {
        "f" | "F" => Some(Cow::Borrowed("F")),
        "m" | "M" => Some(Cow::Borrowed("M")),
        _ => None,
    }
}

/// Topics stand between two number signs: `#话题#`.
pub(super) fn topics(text: &str) -> Vec<Cow<'static, str>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('#') {
        let Some((topic, tail)) = after.split_once('#') else { break };
        let name = topic.trim().trim_end_matches("[超话]");
        if name.is_empty() || topic.contains('\n') || topic.chars().count() > 64 {
            rest = after;
            continue;
        }
        found.push(Cow::Owned(name.to_owned()));
        rest = tail;
    }
    found
}

fn links<'a>(known: List<Soft<UrlStruct<'a>>>, text: &str) -> Vec<crate::model::Link<'a>> {
    let mut links: Vec<_> = known
        .objects()
        .filter_map(|known| {
            let long = known.long_url.filled();
            Some(link(known.short_url.filled().or_else(|| long.clone())?, long))
        })
        .collect();
    for found in links_in(text) {
        if !links.iter().any(|known| known.url == found.url) {
            links.push(found);
        }
    }
    links
}

fn media<'a>(
    ids: &List<Scalar<'a>>,
    infos: Option<&'a RawValue>,
    page: Soft<PageInfo<'a>>,
) -> Vec<Media<'a>> {
    type Infos<'a> = std::collections::BTreeMap<Cow<'a, str>, Soft<Picture<'a>>>;
    let mut infos: Infos<'a> = infos.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let mut media = Vec::new();
    for id in &ids.0 {
        let picture = infos.remove(id.as_str()).and_then(|soft| soft.0).unwrap_or_default();
        let sizes = [picture.largest, picture.original, picture.large];
        let url = sizes.into_iter().find_map(|size| size.0?.url.filled());
        media.push(Media { media_type: Cow::Borrowed("image"), url, alt: None });
    }
    if let Some(video) = page.0.and_then(|page| page.media_info.0) {
        let url = [video.mp4_hd_url, video.mp4_sd_url, video.stream_url].into_iter().find_map(Scalar::filled);
        media.extend(url.map(|url| Media { media_type: Cow::Borrowed("video"), url: Some(url), alt: None }));
    }
    media
}

pub(super) fn geo<'a>(point: Option<Point<'_>>, place: Option<Cow<'a, str>>) -> Option<Geo<'a>> {
    let coordinates = point.map(|point| point.coordinates.0).unwrap_or_default();
    let degrees = |n: usize| coordinates.get(n).and_then(Scalar::float);
    let geo = Geo { city: place, latitude: degrees(0), longitude: degrees(1), ..Geo::default() };
    (geo != Geo::default()).then_some(geo)
}
