//! earful's own JSON: a forum.

use std::fmt::Write;

use super::{Draft, Earlier, Relation, followers, language, quoted, rfc3339, unique};

pub(super) fn write(draft: &Draft<'_>, key: &mut String, out: &mut String) {
    let Draft { author, text, at, likes, .. } = *draft;
    let id = unique(at, draft.number);
    let _ = write!(key, "other:{id}");
    let _ = write!(
        out,
        r#"{{"network":"other","id":"{id}","url":"https://talk.example/p/{id}","page_type":"forum","body":{},"declared_language":"{}","author":{{"id":"u{author}","handle":"member{author}","name":"Member {author}","followers":{},"posts":{}}},"counts":{{"likes":{likes},"replies":{}}},"channel":{{"id":"c{}","name":"Board {}"}}"#,
        quoted(text),
        language(text),
        followers(author),
        author % 5_000 + 1,
        likes / 3,
        author % 40,
        author % 40,
    );
    if let Some(link) = draft.link {
        let _ = write!(out, r#","links":[{}]"#, quoted(link));
    }
    if let Some((relation, earlier)) = draft.about {
        about(relation, earlier, out);
    }
    let _ = write!(out, r#","published_at":"{}"}}"#, rfc3339(at));
}

fn about(relation: Relation, earlier: &Earlier, out: &mut String) {
    let field = match relation {
        Relation::Repost => "repost_of",
        Relation::Quote => "quote_of",
        Relation::Reply => "in_reply_to",
    };
    let id = unique(earlier.at, earlier.number);
    let _ = write!(
        out,
        r#","{field}":{{"id":"{id}","author":"member{}","url":"https://talk.example/p/{id}","text":{},"published_at":"{}"}}"#,
        earlier.author,
        quoted(&earlier.text),
        rfc3339(earlier.at),
    );
}
