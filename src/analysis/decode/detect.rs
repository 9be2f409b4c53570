//! Which feed a record comes from, by its keys.
//!
//! The keys of the outermost object are read one after the other, values skipped, until one decides. Most
//! records are known by their first or third key. Nothing is parsed and nothing is copied.

use memchr::memchr;

use super::{Format, framing::end_of_string};

/// The format of a JSON object, or of the first object of an array; `None` when nothing fits.
#[must_use]
pub fn detect_format(text: &str) -> Option<Format> {
    detect(text.as_bytes(), 0)
}

/// `depth` bounds the looks into nested pages.
fn detect(value: &[u8], depth: usize) -> Option<Format> {
    let value = value.trim_ascii_start();
    let object = match value.first()? {
        b'[' => value[1..].trim_ascii_start(),
        _ => value,
    };
    let keys = Keys { bytes: object.strip_prefix(b"{")?, at: 0 };
    let mut hints = Hints::default();
    for (key, value) in keys {
        if let Some(format) = decisive(key, value, depth) {
            return Some(format);
        }
        hints.note(key, value);
    }
    hints.verdict()
}

fn decisive(key: &[u8], value: &[u8], depth: usize) -> Option<Format> {
    let first = value.first()?;
    Some(match key {
        b"network" if *first == b'"' => Format::Canonical,
        b"did" | b"time_us" | b"$type" => Format::Jetstream,
        b"id_str" | b"retweet_count" | b"favorite_count" | b"is_quote_status" | b"extended_tweet"
        | b"search_metadata" | b"status_withheld" | b"user_withheld" | b"scrub_geo" => Format::XV1,
        b"delete" | b"limit" | b"disconnect" | b"warning" if *first == b'{' => Format::XV1,
        b"friends" | b"friends_str" if *first == b'[' => Format::XV1,
        b"author_id"
        | b"includes"
        | b"matching_rules"
        | b"edit_history_tweet_ids"
        | b"public_metrics"
        | b"conversation_id"
        | b"errors"
        | b"referenced_tweets" => Format::XV2,
        b"stream"
        | b"reblog"
        | b"spoiler_text"
        | b"favourites_count"
        | b"reblogs_count"
        | b"in_reply_to_account_id"
        | b"media_attachments" => Format::Mastodon,
        b"event" if *first == b'"' => Format::Mastodon,
        b"subreddit" | b"subreddit_id" | b"link_id" | b"selftext" | b"created_utc" => Format::Reddit,
        b"snippet" => Format::YouTube,
        b"by" | b"kids" | b"descendants" | b"objectID" | b"hits" => Format::HackerNews,
        b"update_id" | b"message_id" => Format::Telegram,
        b"_id" | b"crawl_time" => Format::WeiboSpider,
        b"idstr" | b"text_raw" | b"mblogtype" | b"mid" | b"rootidstr" => Format::WeiboAjax,
        b"guid" | b"content_html" | b"content_text" | b"date_published" => Format::Feed,
        b"version" if value.starts_with(b"\"https://jsonfeed.org/") => Format::Feed,
        b"kind" => kind(value)?,
        b"data" | b"statuses" | b"items" | b"result" if depth < 2 => return page(key, value, depth),
        _ => return None,
    })
}

/// Several networks name the kind of a thing.
fn kind(value: &[u8]) -> Option<Format> {
    let end = end_of_string(value, 0).filter(|_| value.starts_with(b"\""))?;
    Some(match &value[1..end] {
        b"t1" | b"t2" | b"t3" | b"t4" | b"t5" | b"t6" | b"Listing" | b"more" => Format::Reddit,
        b"commit" | b"identity" | b"account" | b"sync" => Format::Jetstream,
        b"original" | b"reply" | b"repost" | b"quote" => Format::Canonical,
        name if name.starts_with(b"youtube#") => Format::YouTube,
        _ => return None,
    })
}

/// A page says what it is by its items.
fn page(key: &[u8], value: &[u8], depth: usize) -> Option<Format> {
    let inner = detect(value, depth + 1);
    match key {
        b"data" => inner.or(Some(Format::XV2)),
        b"statuses" => inner.or(Some(Format::XV1)),
        b"result" if matches!(value.first(), Some(b'[')) => Some(Format::Telegram),
        b"items" | b"result" => inner,
        _ => None,
    }
}

/// Keys that decide only together.
#[derive(Default)]
struct Hints {
    seen: u32,
}

const HINTS: [&[u8]; 24] = [
    b"published_at",
    b"account",
    b"content",
    b"uri",
    b"chat",
    b"date",
    b"mblogid",
    b"attitudes_count",
    b"list",
    b"cards",
    b"link",
    b"title",
    b"text",
    b"created_at",
    b"user",
    b"id",
    b"children",
    b"body",
    b"nick_name",
    b"time",
    b"type",
    b"summary",
    b"published",
    b"updated",
];

impl Hints {
    fn note(&mut self, key: &[u8], value: &[u8]) {
        let news = [&b"\"story\""[..], b"\"comment\"", b"\"poll\"", b"\"pollopt\"", b"\"job\""];
        if key == b"type" && !news.iter().any(|kind| value.starts_with(kind)) {
            return;
        }
        if let Some(n) = HINTS.iter().position(|hint| *hint == key) {
            self.seen |= 1 << n;
        }
    }

    fn has(&self, keys: &[&[u8]]) -> bool {
        keys.iter().all(|key| HINTS.iter().position(|h| h == key).is_some_and(|n| self.seen & (1 << n) != 0))
    }

    fn verdict(&self) -> Option<Format> {
        const RULES: [(&[&[u8]], Format); 18] = [
            (&[b"published_at", b"id"], Format::Canonical),
            (&[b"type", b"id"], Format::HackerNews),
            (&[b"account", b"content"], Format::Mastodon),
            (&[b"account", b"uri"], Format::Mastodon),
            (&[b"chat", b"date"], Format::Telegram),
            (&[b"mblogid"], Format::WeiboAjax),
            (&[b"attitudes_count"], Format::WeiboAjax),
            (&[b"list"], Format::WeiboAjax),
            (&[b"cards"], Format::WeiboAjax),
            (&[b"nick_name"], Format::WeiboSpider),
            (&[b"children"], Format::Reddit),
            (&[b"text", b"created_at", b"user"], Format::XV1),
            (&[b"text", b"created_at", b"id"], Format::XV2),
            (&[b"title", b"link"], Format::Feed),
            (&[b"link", b"content"], Format::Feed),
            (&[b"link", b"summary"], Format::Feed),
            (&[b"id", b"published"], Format::Feed),
            (&[b"id", b"updated"], Format::Feed),
        ];
        RULES.iter().find(|(keys, _)| self.has(keys)).map(|(_, format)| *format)
    }
}

/// The keys of an object with the bytes from their value on. Ends at the first thing that is no JSON.
struct Keys<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Keys<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let start = self.at + memchr(b'"', self.bytes.get(self.at..)?)?;
        // Only white space and one comma may stand before a key; a closing bracket ends the object.
        if self.bytes[self.at..start].iter().any(|b| !b.is_ascii_whitespace() && *b != b',') {
            return None;
        }
        let end = end_of_string(self.bytes, start)?;
        let colon = end + memchr(b':', self.bytes.get(end..)?)?;
        let rest = self.bytes.get(colon + 1..)?;
        let value = rest.trim_ascii_start();
        let value_at = self.bytes.len() - value.len();
        self.at = end_of_value(self.bytes, value_at).unwrap_or(self.bytes.len());
        Some((&self.bytes[start + 1..end], value))
    }
}

/// One past the value that starts here.
fn end_of_value(bytes: &[u8], start: usize) -> Option<usize> {
    match bytes.get(start)? {
        b'"' => Some(end_of_string(bytes, start)? + 1),
        b'{' | b'[' => end_of_container(bytes, start),
        _ => Some(start + bytes[start..].iter().position(|b| matches!(b, b',' | b'}' | b']'))?),
    }
}

fn end_of_container(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'"' => at = end_of_string(bytes, at)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}
