//! Records of the WeiboSpider crawler: tweets, comments, users.
//!
//! `created_at` has no zone and is China's time. `content` is plain text. A user record is no post.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    Emit, Frame,
    common::{links_in, malformed, missing_id, no_time},
    dates,
    run::Read,
    soft::{List, Scalar, Soft, first_id},
    weibo_ajax::{Point, gender, geo, is_bare_repost, own_words, topics},
};
use crate::model::{Author, Kind, Media, Network, PageType, Post, Reference};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow, rename = "_id")]
    id: Scalar<'a>,
    mblogid: Scalar<'a>,
    created_at: Scalar<'a>,
    content: Scalar<'a>,
    geo: Soft<Point<'a>>,
    ip_location: Scalar<'a>,
    reposts_count: Scalar<'a>,
    comments_count: Scalar<'a>,
    attitudes_count: Scalar<'a>,
    like_counts: Scalar<'a>,
    reads_count: Scalar<'a>,
    pic_urls: List<Scalar<'a>>,
    video: Scalar<'a>,
    url: Scalar<'a>,
    user: Soft<User<'a>>,
    comment_user: Soft<User<'a>>,
    reply_comment: Soft<Answered<'a>>,
    retweet_id: Scalar<'a>,
    nick_name: Scalar<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User<'a> {
    #[serde(borrow, rename = "_id")]
    id: Scalar<'a>,
    nick_name: Scalar<'a>,
    followers_count: Scalar<'a>,
    statuses_count: Scalar<'a>,
    verified: Scalar<'a>,
    gender: Scalar<'a>,
}

/// The comment that a comment answers.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answered<'a> {
    #[serde(borrow, rename = "_id")]
    id: Scalar<'a>,
    text: Scalar<'a>,
    user: Soft<User<'a>>,
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let item: Item<'_> = serde_json::from_str(text)?;
    if item.content.is_absent() && !item.nick_name.is_absent() {
        malformed(emit, "user_only", "the record describes an account, not a post");
    } else {
        post(item, emit);
    }
    Ok(())
}

fn post(item: Item<'_>, emit: &mut Emit<'_>) {
    let Some(id) = item.id.id() else { return missing_id(emit, "_id") };
    let Some(published_at) = time(&item.created_at) else {
        return no_time(emit, "created_at", item.created_at.as_str());
    };
    let Some(body) = item.content.text() else {
        return malformed(emit, "missing_text", "the record has no `content`");
    };
    let mut post = Post::new(Network::Weibo, id, body, published_at);
    post.page_type = PageType::Microblog;
    let is_comment = item.comment_user.0.is_some();
    post.author = author(item.comment_user.0.or(item.user.0).unwrap_or_default());
    let short = item.mblogid.id();
    let built =
        short.zip(post.author.id.as_deref()).map(|(short, user)| format!("https://weibo.com/{user}/{short}"));
    post.url = item.url.filled().or_else(|| built.map(Cow::Owned));
    post.geo = geo(item.geo.0, item.ip_location.filled());
    post.counts.reposts = item.reposts_count.count();
    post.counts.replies = item.comments_count.count();
    post.counts.likes = item.attitudes_count.count().or_else(|| item.like_counts.count());
    post.counts.views = item.reads_count.count();
    let pictures = item.pic_urls.0.into_iter().filter_map(Scalar::filled).map(|url| ("image", url));
    let attached = pictures.chain(item.video.filled().map(|url| ("video", url)));
    post.media = attached
        .map(|(kind, url)| Media { media_type: Cow::Borrowed(kind), url: Some(url), alt: None })
        .collect();
    relate(&mut post, is_comment, item.reply_comment, first_id([item.retweet_id]));
    post.hashtags = topics(&post.body);
    post.links = links_in(&post.body);
    emit(Frame::Post(post));
}

fn time(value: &Scalar<'_>) -> Option<crate::model::Timestamp> {
    match value {
        Scalar::Text(text) => dates::iso(text, dates::CHINA).or_else(|| dates::x(text)),
        other => other.integer().map(dates::epoch),
    }
}

fn relate<'a>(
    post: &mut Post<'a>,
    is_comment: bool,
    answered: Soft<Answered<'a>>,
    original: Option<Cow<'a, str>>,
) {
    if is_comment {
        post.kind = Kind::Reply;
        post.in_reply_to = answered.0.and_then(|answered| {
            let author = answered.user.0.and_then(|user| user.nick_name.filled());
            Some(Reference {
                id: answered.id.id()?,
                author,
                text: answered.text.text(),
                ..Reference::default()
            })
        });
    } else if let Some(id) = original {
        let reference = Some(Reference { id, ..Reference::default() });
        let own = own_words(&post.body).to_owned();
        if is_bare_repost(&own) {
            post.kind = Kind::Repost;
            post.repost_of = reference;
        } else {
            post.kind = Kind::Quote;
            post.quote_of = reference;
        }
        post.body = Cow::Owned(own);
    }
}

fn author(user: User<'_>) -> Author<'_> {
    let id = user.id.id();
    let handle = user.nick_name.filled();
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
