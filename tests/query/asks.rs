//! Field clauses with their meaning, written from the table of the page, and posts that carry such data.

use std::borrow::Cow;

use earful::model::{Author, Counts, Geo, Kind, Link, Media, Network, Post, Reference, Review, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use crate::tree::Ask;
use crate::words::{Kind as WordKind, Texts};

fn host(url: &str) -> String {
    let rest = url.split("://").last().unwrap().trim_start_matches("www.");
    rest.split('/').next().unwrap().replace("twitter.com", "x.com")
}

fn path(url: &str) -> String {
    url.split("://").last().unwrap().trim_start_matches("www.").to_lowercase()
}

fn at(site: &str, url: &str) -> bool {
    host(url) == site || host(url).ends_with(&format!(".{site}"))
}

fn own(post: &Post<'_>) -> String {
    let home = match post.network {
        Network::X => "x.com",
        Network::Reddit => "reddit.com",
        Network::Weibo => "weibo.com",
        _ => "",
    };
    post.url.as_deref().unwrap_or(home).to_owned()
}

fn any_link(post: &Post<'_>, texts: &Texts, check: impl Fn(&str) -> bool) -> bool {
    post.links.iter().any(|l| check(&l.url) || l.expanded.as_deref().is_some_and(&check))
        || texts.addresses(post).any(check)
}

fn named(post: &Post<'_>, check: impl Fn(&str) -> bool) -> bool {
    let a = &post.author;
    let short = a.handle.as_deref().and_then(|handle| handle.split('@').next());
    [a.handle.as_deref(), short, a.name.as_deref(), a.id.as_deref()]
        .into_iter()
        .flatten()
        .any(|name| check(&name.to_lowercase().replace('.', " ")))
}

fn within(value: Option<u64>, least: u64, most: u64) -> bool {
    value.is_some_and(|n| (least..=most).contains(&n))
}

fn geo<'a>(post: &'a Post<'_>) -> [Option<&'a str>; 3] {
    let geo = post.geo.as_ref();
    [
        geo.and_then(|g| g.country.as_deref()),
        geo.and_then(|g| g.region.as_deref()),
        geo.and_then(|g| g.city.as_deref()),
    ]
}

fn minute(post: &Post<'_>) -> i64 {
    post.published_at.millis() / 60_000 % 1_440
}

fn is_us(post: &Post<'_>) -> bool {
    matches!(geo(post)[0], Some("US" | "usa"))
}

pub(crate) const ASKS: &[Ask] = &[
    Ask("site:bbc.com", |p, _| at("bbc.com", &own(p))),
    Ask("site:\"www.bbc.com\"", |p, _| at("bbc.com", &own(p))),
    Ask("site:twitter.com", |p, _| at("x.com", &own(p))),
    Ask("site:reddit.com/r/rust", |p, _| at("reddit.com", &own(p)) && path(&own(p)).contains("/r/rust/")),
    Ask("site:(bbc.com OR x.com)", |p, _| at("bbc.com", &own(p)) || at("x.com", &own(p))),
    Ask("site:ne?s.bbc*", |p, _| host(&own(p)) == "news.bbc.com"),
    Ask("url:\"news.bbc.com/x\"", |p, _| {
        p.url.as_deref().is_some_and(|u| path(u).starts_with("news.bbc.com/x"))
    }),
    Ask("url:https://twitter.com/a", |p, _| {
        p.url.as_deref().is_some_and(|u| path(u).starts_with("twitter.com/a"))
    }),
    Ask("links:bbc.com", |p, t| any_link(p, t, |u| at("bbc.com", u))),
    Ask("links:\"shop.org/a\"", |p, t| any_link(p, t, |u| path(u).starts_with("shop.org/a"))),
    Ask("topLevelDomain:com", |p, _| host(&own(p)).ends_with(".com")),
    Ask("topLevelDomain:.org", |p, _| host(&own(p)).ends_with(".org")),
    Ask("author:philrudd", |p, _| named(p, |n| n == "philrudd")),
    Ask("author:@PhilRudd54", |p, _| named(p, |n| n == "philrudd54")),
    Ask("author:phil*", |p, _| named(p, |n| n.starts_with("phil"))),
    Ask("author:(ann OR \"ann b\")", |p, _| named(p, |n| n == "ann" || n == "ann b")),
    Ask("weblogTitle:philrudd", |p, _| {
        matches!(p.network, Network::Reddit | Network::Rss) && named(p, |n| n == "philrudd")
    }),
    Ask("authorFollowers:[500 TO 1000]", |p, _| within(p.author.followers, 500, 1000)),
    Ask("authorFollowers:[* TO 500]", |p, _| within(p.author.followers, 0, 500)),
    Ask("authorVerified:true", |p, _| p.author.verified == Some(true)),
    Ask("authorVerified:false", |p, _| p.author.verified == Some(false)),
    Ask("language:en", |p, _| p.declared_language.as_deref() == Some("en")),
    Ask("language:zh", |p, _| p.declared_language.as_deref() == Some("zh-Hant")),
    Ask("language:zh-hans", |_, _| false),
    Ask("country:usa", |p, _| is_us(p)),
    Ask("country:gb", |p, _| geo(p)[0] == Some("gbr")),
    Ask("continent:north_america", |p, _| is_us(p)),
    Ask("continent:Europe", |p, _| geo(p)[0] == Some("gbr")),
    Ask("region:usa.fl", |p, _| is_us(p) && geo(p)[1] == Some("FL")),
    Ask("region:fl", |p, _| geo(p)[1] == Some("FL")),
    Ask("city:\"usa.fl.key west\"", |p, _| {
        is_us(p) && matches!(geo(p)[1], None | Some("FL")) && geo(p)[2] == Some("Key West")
    }),
    Ask("city:usa.fl", |p, _| is_us(p) && geo(p)[1] == Some("FL") && geo(p)[2].is_some()),
    Ask("city:\"key west\"", |p, _| geo(p)[2] == Some("Key West")),
    Ask("latitude:[24 TO 25]", |p, _| {
        p.geo.as_ref().and_then(|g| g.latitude).is_some_and(|d| (24.0..=25.0).contains(&d))
    }),
    Ask("minuteOfDay:[0 TO 60]", |p, _| minute(p) <= 60),
    Ask("minuteOfDay:[1320 TO 60]", |p, _| minute(p) >= 1320 || minute(p) <= 60),
    Ask("engagementType:REPLY", |p, _| p.kind == Kind::Reply),
    Ask("engagementType:(RETWEET OR QUOTE)", |p, _| matches!(p.kind, Kind::Repost | Kind::Quote)),
    Ask("engagementType:ORIGINAL", |p, _| p.kind == Kind::Original),
    Ask("engagingWith:@nasa", |p, _| {
        [&p.in_reply_to, &p.repost_of]
            .iter()
            .any(|r| r.as_ref().is_some_and(|r| r.author.as_deref() == Some("NASA")))
    }),
    Ask("engagingWithGuid:99", |p, _| {
        [&p.in_reply_to, &p.repost_of].iter().any(|r| r.as_ref().is_some_and(|r| r.id == "99"))
    }),
    Ask("parentPostId:99", |p, _| p.in_reply_to.as_ref().is_some_and(|r| r.id == "99")),
    Ask("guid:1", |p, _| p.id == "1"),
    Ask("guid:at://did/2", |p, _| p.id == "at://did/2"),
    Ask("rating:4", |p, _| p.review.as_ref().and_then(|r| r.rating) == Some(4.0)),
    Ask("rating:[3 TO *]", |p, _| p.review.as_ref().and_then(|r| r.rating).is_some_and(|n| n >= 3.0)),
    Ask("network:(x OR weibo)", |p, _| matches!(p.network, Network::X | Network::Weibo)),
    Ask("likes:[10 TO 20]", |p, _| within(p.counts.likes, 10, 20)),
    Ask("imageType:image", |p, _| p.media.iter().any(|m| m.media_type == "image")),
    Ask("publisherSubType:VIDEO", |p, _| p.media.iter().any(|m| m.media_type == "video")),
    Ask("is:reply", |p, _| p.kind == Kind::Reply),
    Ask("is:verified", |p, _| p.author.verified == Some(true)),
    Ask("has:links", |p, t| !p.links.is_empty() || t.has(WordKind::Url)),
    Ask("has:hashtags", |p, t| !p.hashtags.is_empty() || t.has(WordKind::Hashtag)),
    Ask("has:images", |p, _| p.media.iter().any(|m| m.media_type == "image")),
    Ask("brandIds:12", |_, _| false),
];

fn maybe(texts: &'static [&'static str]) -> impl Strategy<Value = Option<Cow<'static, str>>> {
    proptest::option::of(select(texts).prop_map(Cow::Borrowed))
}

fn author() -> impl Strategy<Value = Author<'static>> {
    let handle = maybe(&["philrudd", "PhilRudd54", "ann@example.social", "Ann.B"]);
    let name = maybe(&["Ann.B", "Phil Rudd", "Ann"]);
    let followers = proptest::option::of(select(&[0_u64, 500, 1_000, 5_000][..]));
    (handle, name, followers, any::<Option<bool>>()).prop_map(|(handle, name, followers, verified)| Author {
        handle,
        name,
        followers,
        verified,
        ..Author::default()
    })
}

fn place() -> impl Strategy<Value = Option<Geo<'static>>> {
    let latitude = proptest::option::of(select(&[24.5, 51.0][..]));
    let names = (maybe(&["US", "usa", "gbr"]), maybe(&["FL", "Kent"]), maybe(&["Key West", "Dover"]));
    proptest::option::of((names, latitude).prop_map(|((country, region, city), latitude)| Geo {
        country,
        region,
        city,
        latitude,
        longitude: None,
    }))
}

fn reference() -> impl Strategy<Value = Option<Reference<'static>>> {
    let id = select(&["98", "99"][..]).prop_map(Cow::Borrowed);
    proptest::option::of((id, maybe(&["NASA", "esa"])).prop_map(|(id, author)| Reference {
        id,
        author,
        ..Reference::default()
    }))
}

const NETWORKS: &[Network] = &[Network::X, Network::Reddit, Network::Mastodon, Network::Rss, Network::Weibo];

/// A post with the given texts and data of all kinds, or without.
pub(crate) fn posts(texts: impl Strategy<Value = [String; 3]>) -> impl Strategy<Value = Post<'static>> {
    let urls = &[
        "https://www.news.bbc.com/x",
        "https://notbbc.com/x",
        "https://bbc.com/",
        "http://twitter.com/a/status/1",
        "https://old.reddit.com/r/rust/comments/1",
        "https://reddit.com/r/rust/comments/1",
        "https://shop.org/a?b=1",
    ];
    let first = (
        texts,
        select(NETWORKS),
        select(&["1", "at://did/2", "t1_x"][..]),
        select(Kind::ALL),
        maybe(urls),
        proptest::option::of((maybe(urls), maybe(urls))),
        maybe(&["en", "zh-Hant", "fr"]),
    );
    let second = (
        author(),
        place(),
        reference(),
        reference(),
        proptest::option::of(select(
            &["Sale", "apple", "Ａpple", "niño", "NINO", "Straße", "社会", "微軟裁員"][..],
        )),
        proptest::option::of(select(&["image", "video"][..])),
        proptest::option::of(select(&[3_u64, 4, 15][..])),
        select(&[0_i64, 59, 60, 61, 1_319, 1_320][..]),
    );
    (first, second).prop_map(|(first, second)| {
        let (texts, network, id, kind, url, link, language) = first;
        let (author, geo, in_reply_to, repost_of, tag, media, number, minute) = second;
        let [title, body, warning] = texts;
        let filled = |text: String| (!text.is_empty()).then_some(Cow::Owned(text));
        let published = Timestamp::from_millis(minute * 60_000);
        let mut post = Post::new(network, Cow::Borrowed(id), Cow::Owned(body), published);
        (post.title, post.warning) = (filled(title), filled(warning));
        (post.kind, post.url, post.declared_language) = (kind, url, language);
        (post.author, post.geo, post.in_reply_to, post.repost_of) = (author, geo, in_reply_to, repost_of);
        let link = link.and_then(|(url, expanded)| Some(Link { url: url?, expanded }));
        post.links = link.into_iter().collect();
        post.hashtags = tag.map(Cow::Borrowed).into_iter().collect();
        let name = |tag| if tag == "Sale" { "Juice" } else { tag };
        post.mentions = tag.map(|tag| Cow::Borrowed(name(tag))).into_iter().collect();
        let kind = |media| Media { media_type: Cow::Borrowed(media), url: None, alt: None };
        post.media = media.map(kind).into_iter().collect();
        post.counts = Counts { likes: number, ..Counts::default() };
        post.review = number.map(|n| Review { rating: Some(n.min(5) as f64), item: None });
        post
    })
}
