//! One post as canonical JSON, as a compact X v1.1 tweet or as a Jetstream commit: 40, 35 and 25 of a hundred.

use std::io::Write;

use crate::rng::{Rng, mix};

/// A post before it takes a shape. Times are milliseconds since the Unix epoch.
pub(crate) struct Draft<'a> {
    pub(crate) number: u64,
    pub(crate) author: u64,
    pub(crate) text: &'a str,
    pub(crate) at: i64,
    pub(crate) arrival: i64,
}

/// Appends the record, without a line break.
pub(crate) fn write(draft: &Draft<'_>, rng: &mut Rng, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let likes = if rng.chance(200_000) { rng.below(30) } else { 0 };
    match rng.below(100) {
        0..40 => canonical(draft, likes, out),
        40..75 => tweet(draft, likes, out),
        _ => commit(draft, out),
    }
}

fn canonical(draft: &Draft<'_>, likes: u64, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let (id, text, followers) =
        (7_000_000_000 + draft.number, serde_json::to_string(draft.text)?, followers(draft.author));
    write!(
        out,
        r#"{{"network":"other","id":"{id}","url":"https://talk.example/p/{id}","page_type":"forum","body":{text},"declared_language":"{}","author":{{"id":"u{a}","handle":"member{a}","name":"Member {a}","followers":{followers},"posts":{}}},"counts":{{"likes":{likes},"replies":{}}},"channel":{{"id":"c{}","name":"Board {}"}},"published_at":"{}"}}"#,
        language(draft.text),
        draft.author % 5_000 + 1,
        likes / 3,
        draft.author % 40,
        draft.author % 40,
        time(draft.at, "%Y-%m-%dT%H:%M:%S%.3fZ")?,
        a = draft.author,
    )?;
    Ok(())
}

fn tweet(draft: &Draft<'_>, likes: u64, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let id = (draft.at as u64 - 1_288_834_974_657) << 22 | draft.number & 0x3F_FFFF;
    let text =
        serde_json::to_string(&draft.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))?;
    write!(
        out,
        r#"{{"created_at":"{}","id":{id},"id_str":"{id}","text":{text},"truncated":false,"user":{{"id_str":"{}","name":"Person {a}","screen_name":"person_{a}","followers_count":{},"statuses_count":{},"verified":false}},"retweet_count":{},"favorite_count":{likes},"is_quote_status":false,"lang":"{}","timestamp_ms":"{}"}}"#,
        time(draft.at, "%a %b %d %H:%M:%S +0000 %Y")?,
        1_000_000_000 + mix(draft.author) % 900_000_000,
        followers(draft.author),
        draft.author % 9_000 + 1,
        likes / 4,
        language(draft.text),
        draft.at,
        a = draft.author,
    )?;
    Ok(())
}

fn commit(draft: &Draft<'_>, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let micros = draft.at as u64 * 1000 + draft.number % 1000;
    let rkey = base32(micros << 10 | draft.number & 0x3FF, 13);
    let (did, cid) = (base32(mix(draft.author), 12), base32(mix(draft.number), 13));
    write!(
        out,
        r#"{{"did":"did:plc:{did}{did}","time_us":{},"kind":"commit","commit":{{"rev":"{rkey}","operation":"create","collection":"app.bsky.feed.post","rkey":"{rkey}","record":{{"$type":"app.bsky.feed.post","createdAt":"{}","langs":["{}"],"text":{}}},"cid":"bafyrei{cid}{cid}{cid}{cid}"}}}}"#,
        draft.arrival * 1000 + (draft.number % 1000) as i64,
        time(draft.at, "%Y-%m-%dT%H:%M:%S%.3fZ")?,
        language(draft.text),
        serde_json::to_string(draft.text)?,
    )?;
    Ok(())
}

/// 900,000 / rank for a rank that is uniform in 1..=5,000, plus a handful.
fn followers(author: u64) -> u64 {
    let dice = mix(author ^ 0xF0);
    900_000 / (dice % 5_000 + 1) + (dice >> 40) % 60
}

fn language(text: &str) -> &'static str {
    if text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) { "zh" } else { "en" }
}

fn time(millis: i64, format: &str) -> anyhow::Result<String> {
    Ok(jiff::Timestamp::from_millisecond(millis)?.strftime(format).to_string())
}

fn base32(mut value: u64, len: usize) -> String {
    let mut out = vec![b'2'; len];
    for slot in out.iter_mut().rev() {
        *slot = b"234567abcdefghijklmnopqrstuvwxyz"[(value % 32) as usize];
        value /= 32;
    }
    String::from_utf8_lossy(&out).into_owned()
}
