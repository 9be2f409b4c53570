//! A status or a comment of weibo.com's web API.

use std::fmt::Write;

use super::super::rng::mix;
use super::{Draft, Earlier, Relation, civil, escaped, followers, quoted, short_name};

/// The first second of Weibo's ids.
const EPOCH_S: i64 = 515_483_463;
/// The site is in China, and so are its times.
const CHINA_MS: i64 = 8 * 3_600_000;

pub(super) fn write(draft: &Draft<'_>, key: &mut String, out: &mut String) {
    let _ = write!(key, "weibo:{}", id(draft.at, draft.number));
    status(draft, out);
}

fn id(at: i64, number: u64) -> u64 {
    (at.div_euclid(1_000) - EPOCH_S).unsigned_abs() << 22 | number & 0x3F_FFFF
}

fn status(draft: &Draft<'_>, out: &mut String) {
    let Draft { author, at, likes, .. } = *draft;
    let (id, user) = (id(at, draft.number), 1_000_000_000 + mix(author) % 6_000_000_000);
    let text = text(draft);
    let _ = write!(
        out,
        r#"{{"created_at":"{}","id":{id},"idstr":"{id}","mid":"{id}","mblogid":"{}","text_raw":{},"text":{},"user":{{"id":{user},"idstr":"{user}","screen_name":"用户{author}","followers_count":{},"statuses_count":{},"verified":false}},"reposts_count":{},"comments_count":{},"attitudes_count":{likes},"source":"网页版","pic_ids":[]"#,
        civil(at + CHINA_MS, "%a %b %d %H:%M:%S +0800 %Y"),
        super::jetstream::base32(id, 9),
        quoted(&text),
        quoted(&escaped(&text)),
        followers(author),
        author % 9_000 + 1,
        likes / 4,
        likes / 3,
    );
    if let Some(link) = draft.link {
        let _ =
            write!(out, r#","url_struct":[{{"short_url":"{}","long_url":{}}}]"#, short(link), quoted(link));
    }
    if let Some((relation, earlier)) = draft.about {
        about(relation, earlier, out);
    }
    out.push('}');
}

/// Whoever passes on without a word says what the site puts there.
fn text(draft: &Draft<'_>) -> String {
    if matches!(draft.about, Some((Relation::Repost, _))) {
        return "转发微博".to_owned();
    }
    let link = draft.link.map_or_else(String::new, |link| format!(" {}", short(link)));
    format!("{}{link}", draft.text)
}

fn short(link: &str) -> String {
    format!("http://t.cn/{}", short_name(link, 11, 8))
}

fn about(relation: Relation, earlier: &Earlier, out: &mut String) {
    match relation {
        Relation::Repost | Relation::Quote => {
            out.push_str(r#","retweeted_status":"#);
            status(&earlier.draft(), out);
        }
        Relation::Reply => {
            let id = id(earlier.at, earlier.number);
            let _ = write!(out, r#","rootid":{id},"rootidstr":"{id}""#);
        }
    }
}
