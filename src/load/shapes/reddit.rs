//! A submission or a comment of Reddit's API.

use std::fmt::Write;

use super::super::rng::mix;
use super::{Draft, Earlier, Relation, escaped, quoted, unique};

/// The digits of Reddit's ids.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

pub(super) fn write(draft: &Draft<'_>, key: &mut String, out: &mut String) {
    let id = id(draft.at, draft.number);
    match draft.about {
        Some((Relation::Reply, earlier)) => {
            let _ = write!(key, "reddit:t1_{id}");
            comment(draft, &id, earlier, out);
        }
        about => {
            let _ = write!(key, "reddit:t3_{id}");
            submission(draft, &id, about.map(|(_, earlier)| earlier), out);
        }
    }
}

fn id(at: i64, number: u64) -> String {
    let mut rest = unique(at, number);
    let mut digits = Vec::new();
    while rest > 0 {
        digits.push(DIGITS[(rest % 36) as usize]);
        rest /= 36;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// Whoever passes something on, or quotes it, links to it: the site knows neither.
fn submission(draft: &Draft<'_>, id: &str, about: Option<&Earlier>, out: &mut String) {
    let board = draft.author % 40;
    let url = about.map(|earlier| permalink(earlier.author % 40, &self::id(earlier.at, earlier.number)));
    let own = || permalink(board, id);
    let _ = write!(
        out,
        r#"{{"kind":"t3","data":{{"name":"t3_{id}","title":"Thread {}","selftext":{},"is_self":{},"url":"https://www.reddit.com{}","permalink":"{}","num_comments":{},"#,
        draft.number,
        quoted(&text(draft)),
        about.is_none(),
        url.unwrap_or_else(own),
        own(),
        draft.likes / 3,
    );
    common(draft, id, board, out);
}

fn comment(draft: &Draft<'_>, id: &str, earlier: &Earlier, out: &mut String) {
    let (board, thread) = (earlier.author % 40, self::id(earlier.at, earlier.number));
    let _ = write!(
        out,
        r#"{{"kind":"t1","data":{{"name":"t1_{id}","body":{},"link_id":"t3_{thread}","parent_id":"t3_{thread}","permalink":"{}{id}/","#,
        quoted(&text(draft)),
        permalink(board, &thread),
    );
    common(draft, id, board, out);
}

/// What both have.
fn common(draft: &Draft<'_>, id: &str, board: u64, out: &mut String) {
    let Draft { author, at, likes, .. } = *draft;
    let _ = write!(
        out,
        r#""id":"{id}","author":"member{author}","author_fullname":"t2_{:x}","subreddit":"board{board}","subreddit_id":"t5_{board}","created_utc":{}.0,"edited":false,"score":{likes},"ups":{likes},"over_18":false}}}}"#,
        mix(author) & 0xFFFF_FFFF,
        at.div_euclid(1_000),
    );
}

fn permalink(board: u64, id: &str) -> String {
    format!("/r/board{board}/comments/{id}/_/")
}

/// Escaped once, as the API gives it unless asked not to.
fn text(draft: &Draft<'_>) -> String {
    let link = draft.link.map_or_else(String::new, |link| format!(" {link}"));
    escaped(&format!("{}{link}", draft.text))
}
