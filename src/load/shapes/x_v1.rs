//! A compact tweet of the API v1.1.

use std::fmt::Write;

use super::super::rng::mix;
use super::{Draft, Earlier, Relation, civil, escaped, followers, language, quoted, short_name};

/// The first millisecond of X's ids.
const EPOCH_MS: i64 = 1_288_834_974_657;

pub(super) fn write(draft: &Draft<'_>, key: &mut String, out: &mut String) {
    let _ = write!(key, "x:{}", id(draft.at, draft.number));
    tweet(draft, out);
}

fn id(at: i64, number: u64) -> u64 {
    (at - EPOCH_MS).unsigned_abs() << 22 | number & 0x3F_FFFF
}

fn tweet(draft: &Draft<'_>, out: &mut String) {
    let Draft { author, at, likes, .. } = *draft;
    let id = id(at, draft.number);
    let _ = write!(
        out,
        r#"{{"created_at":"{}","id":{id},"id_str":"{id}","text":{},"truncated":false,"user":{{"id_str":"{}","name":"Person {author}","screen_name":"person_{author}","followers_count":{},"statuses_count":{},"verified":false}},"retweet_count":{},"favorite_count":{likes},"lang":"{}","timestamp_ms":"{at}""#,
        civil(at, "%a %b %d %H:%M:%S +0000 %Y"),
        quoted(&text(draft)),
        1_000_000_000 + mix(author) % 900_000_000,
        followers(author),
        author % 9_000 + 1,
        likes / 4,
        language(draft.text),
    );
    if let Some(link) = draft.link {
        let _ = write!(
            out,
            r#","entities":{{"urls":[{{"url":"{}","expanded_url":{}}}]}}"#,
            short(link),
            quoted(link)
        );
    }
    match draft.about {
        Some((relation, earlier)) => about(relation, earlier, out),
        None => out.push_str(r#","is_quote_status":false"#),
    }
    out.push('}');
}

/// As X gives it: escaped, a retweet begins with `RT`, a link is shortened.
fn text(draft: &Draft<'_>) -> String {
    let escaped = escaped(draft.text);
    let link = draft.link.map_or_else(String::new, |link| format!(" {}", short(link)));
    match draft.about {
        Some((Relation::Repost, earlier)) => format!("RT @person_{}: {escaped}{link}", earlier.author),
        _ => escaped + &link,
    }
}

fn short(link: &str) -> String {
    format!("https://t.co/{}", short_name(link, 7, 10))
}

fn about(relation: Relation, earlier: &Earlier, out: &mut String) {
    let id = id(earlier.at, earlier.number);
    match relation {
        Relation::Repost => {
            out.push_str(r#","is_quote_status":false,"retweeted_status":"#);
            tweet(&earlier.draft(), out);
        }
        Relation::Quote => {
            let _ = write!(out, r#","is_quote_status":true,"quoted_status_id_str":"{id}","quoted_status":"#);
            tweet(&earlier.draft(), out);
        }
        Relation::Reply => {
            let _ = write!(
                out,
                r#","is_quote_status":false,"in_reply_to_status_id_str":"{id}","in_reply_to_screen_name":"person_{}""#,
                earlier.author
            );
        }
    }
}
