//! A status of Mastodon's API.

use std::fmt::Write;

use super::{Draft, Earlier, Relation, escaped, followers, language, quoted, rfc3339};

pub(super) fn write(draft: &Draft<'_>, key: &mut String, out: &mut String) {
    let _ = write!(key, "mastodon:{}", id(draft.at, draft.number));
    status(draft, out);
}

fn id(at: i64, number: u64) -> u64 {
    at.unsigned_abs() << 16 | number & 0xFFFF
}

fn status(draft: &Draft<'_>, out: &mut String) {
    let Draft { author, text, at, likes, .. } = *draft;
    let id = id(at, draft.number);
    let _ = write!(
        out,
        r#"{{"id":"{id}","created_at":"{}","sensitive":false,"spoiler_text":"","visibility":"public","language":"{}","uri":"https://social.example/users/member{author}/statuses/{id}","url":"https://social.example/@member{author}/{id}","replies_count":{},"reblogs_count":{},"favourites_count":{likes},"content":{},"account":{{"id":"{author}","acct":"member{author}","display_name":"Member {author}","url":"https://social.example/@member{author}","followers_count":{},"statuses_count":{}}},"media_attachments":[],"mentions":[],"tags":[]"#,
        rfc3339(at),
        language(text),
        likes / 3,
        likes / 4,
        quoted(&content(draft)),
        followers(author),
        author % 9_000 + 1,
    );
    if let Some((relation, earlier)) = draft.about {
        about(relation, earlier, out);
    }
    out.push('}');
}

/// HTML; who boosts says nothing.
fn content(draft: &Draft<'_>) -> String {
    if matches!(draft.about, Some((Relation::Repost, _))) {
        return String::new();
    }
    let link = draft.link.map(escaped).map_or_else(String::new, |link| {
        format!(r#" <a href="{link}" rel="nofollow noopener" target="_blank">{link}</a>"#)
    });
    format!("<p>{}{link}</p>", escaped(draft.text))
}

fn about(relation: Relation, earlier: &Earlier, out: &mut String) {
    match relation {
        Relation::Repost => {
            out.push_str(r#","reblog":"#);
            status(&earlier.draft(), out);
        }
        Relation::Quote => {
            out.push_str(r#","quote":{"state":"accepted","quoted_status":"#);
            status(&earlier.draft(), out);
            out.push('}');
        }
        Relation::Reply => {
            let _ = write!(out, r#","in_reply_to_id":"{}""#, id(earlier.at, earlier.number));
        }
    }
}
