//! A commit of Bluesky's Jetstream.

use std::fmt::Write;

use super::super::rng::mix;
use super::{Draft, Earlier, Relation, language, quoted, rfc3339};

pub(super) fn write(draft: &Draft<'_>, key: &mut String, out: &mut String) {
    let Draft { number, author, text, at, arrival, .. } = *draft;
    let _ = write!(key, "bluesky:{}", uri(at, number, author));
    let rkey = rkey(at, number);
    let _ = write!(
        out,
        r#"{{"did":"{}","time_us":{},"kind":"commit","commit":{{"rev":"{rkey}","operation":"create","collection":"app.bsky.feed.post","rkey":"{rkey}","record":{{"$type":"app.bsky.feed.post","createdAt":"{}","langs":["{}"],"text":{}"#,
        did(author),
        arrival * 1000 + (number % 1000) as i64,
        rfc3339(at),
        language(text),
        quoted(&shown(draft)),
    );
    if let Some(link) = draft.link {
        let (start, end) = (text.len() + 1, text.len() + 1 + link.len());
        let _ = write!(
            out,
            r#","facets":[{{"index":{{"byteStart":{start},"byteEnd":{end}}},"features":[{{"$type":"app.bsky.richtext.facet#link","uri":{}}}]}}]"#,
            quoted(link)
        );
    }
    if let Some((relation, earlier)) = draft.about {
        about(relation, earlier, out);
    }
    let _ = write!(out, r#"}},"cid":"{}"}}}}"#, cid(number));
}

/// A facet's link is a part of the text.
fn shown(draft: &Draft<'_>) -> String {
    draft.link.map_or_else(|| draft.text.to_owned(), |link| format!("{} {link}", draft.text))
}

/// A repost has no text of its own here, so nobody could see which brand it is about: it becomes a quote.
fn about(relation: Relation, earlier: &Earlier, out: &mut String) {
    let (uri, cid) = (uri(earlier.at, earlier.number, earlier.author), cid(earlier.number));
    let _ = match relation {
        Relation::Repost | Relation::Quote => write!(
            out,
            r#","embed":{{"$type":"app.bsky.embed.record","record":{{"uri":"{uri}","cid":"{cid}"}}}}"#
        ),
        Relation::Reply => write!(
            out,
            r#","reply":{{"root":{{"uri":"{uri}","cid":"{cid}"}},"parent":{{"uri":"{uri}","cid":"{cid}"}}}}"#
        ),
    };
}

fn uri(at: i64, number: u64, author: u64) -> String {
    format!("at://{}/app.bsky.feed.post/{}", did(author), rkey(at, number))
}

fn did(author: u64) -> String {
    let half = base32(mix(author), 12);
    format!("did:plc:{half}{half}")
}

fn rkey(at: i64, number: u64) -> String {
    let micros = at.unsigned_abs() * 1000 + number % 1000;
    base32(micros << 10 | (number / 1000) & 0x3FF, 13)
}

fn cid(number: u64) -> String {
    let part = base32(mix(number), 13);
    format!("bafyrei{part}{part}{part}{part}")
}

/// The last `len` digits.
pub(super) fn base32(mut value: u64, len: usize) -> String {
    let mut out = vec![b'2'; len];
    for slot in out.iter_mut().rev() {
        *slot = b"234567abcdefghijklmnopqrstuvwxyz"[(value % 32) as usize];
        value /= 32;
    }
    String::from_utf8_lossy(&out).into_owned()
}
