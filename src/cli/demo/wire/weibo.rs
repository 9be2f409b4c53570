//! WeiboSpider records: China time without offset, plain text, reposts written as `//@name:` in the text.

use serde_json::{Value, json};

use super::civil;
use crate::cli::demo::post::{Kind, Post, digits};

const PLACES: [&str; 8] = ["北京", "上海", "广东", "浙江", "四川", "江苏", "福建", "陕西"];

/// A tweet record.
pub(super) fn tweet(post: &Post, arrival: i64) -> Value {
    let (id, user) = (post.id(), post.author_id());
    let short = mblogid(&id);
    json!({
        "_id": id,
        "mblogid": short,
        "created_at": civil(post.published, 8, "%Y-%m-%d %H:%M:%S"),
        "geo": null,
        "ip_location": format!("发布于 {}", PLACES[post.author.number as usize % PLACES.len()]),
        "reposts_count": post.counts[1],
        "comments_count": post.counts[2],
        "attitudes_count": post.counts[0],
        "source": "iPhone客户端",
        "content": content(post),
        "pic_urls": [],
        "pic_num": 0,
        "isLongText": false,
        "user": {
            "_id": user, "nick_name": post.author.name, "verified": post.author.verified,
            "followers_count": post.author.followers, "mbrank": 4, "mbtype": 11,
        },
        "url": format!("https://weibo.com/{user}/{short}"),
        "crawl_time": arrival / 1000,
    })
}

fn content(post: &Post) -> String {
    match &post.kind {
        Kind::Repost(target) => format!("转发微博 //@{}:{}", target.author.name, target.text),
        Kind::Quote(target) => format!("{} //@{}:{}", post.text, target.author.name, target.text),
        Kind::Reply(target) => format!("回复@{}:{}", target.author.name, post.text),
        Kind::Original => post.text.clone(),
    }
}

/// The short id: groups of seven decimal digits, each as four digits of base 62.
fn mblogid(id: &str) -> String {
    let alphabet = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let number: u64 = id.parse().unwrap_or(0);
    let (high, middle, low) =
        (number / 100_000_000_000_000, number / 10_000_000 % 10_000_000, number % 10_000_000);
    [(high, 1), (middle, 4), (low, 4)].map(|(value, len)| digits(alphabet, 62, value, len)).concat()
}
