//! What a mention's JSON says of the post: all of it but for the versions of the queries that have found it. A version is
//! another one whenever the query is, also where that says the same of this post.

use memchr::{memchr, memmem::find};
use xxhash_rust::xxh3::Xxh3;

/// Neither can stand in a text: there quotes are escaped.
const QUERY: &[u8] = b"\"query\":{";
const VERSION: &[u8] = b"\"version\":\"";

/// A hash of it.
pub(super) fn substance(json: &[u8]) -> u64 {
    let (mut hash, mut rest) = (Xxh3::new(), json);
    while let Some((before, from)) = next_version(rest) {
        hash.update(before);
        rest = memchr(b'"', from).map_or(&[], |end| &from[end..]);
    }
    hash.update(rest);
    hash.digest()
}

/// What stands before the next version, and what begins with it.
fn next_version(json: &[u8]) -> Option<(&[u8], &[u8])> {
    let query = find(json, QUERY)? + QUERY.len();
    let version = find(&json[query..], VERSION)? + VERSION.len();
    Some(json.split_at(query + version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(text: &str, label: &str, versions: [&str; 2]) -> String {
        let brand = |id: &str, version: &str| {
            format!(
                r#"{{"brand":"{id}","query":{{"id":"{id}","version":"{version}"}},"sentiment":{{"label":"{label}"}}}}"#
            )
        };
        let body = serde_json::to_string(text).unwrap();
        let [first, second] = [brand("heron", versions[0]), brand("tern", versions[1])];
        format!(r#"{{"id":"1","body":{body},"brands":[{first},{second}]}}"#)
    }

    #[test]
    fn versions_do_not_count_and_all_else_does() {
        let check = |left: String, right: String, is_same: bool| {
            assert_eq!(substance(left.as_bytes()) == substance(right.as_bytes()), is_same, "{left}\n{right}");
        };
        let quoting = |version: &str| format!(r#"a "query":{{"id":"x","version":"{version}"}} b"#);
        let first = || mention("a", "neutral", ["01", "02"]);
        check(first(), first(), true);
        check(first(), mention("a", "neutral", ["01", "ff"]), true);
        check(first(), mention("a", "neutral", ["fe", "ff"]), true);
        check(first(), mention("b", "neutral", ["01", "02"]), false);
        check(first(), mention("a", "positive", ["01", "02"]), false);
        check(
            mention(&quoting("01"), "neutral", ["01", "02"]),
            mention(&quoting("ff"), "neutral", ["01", "02"]),
            false,
        );
        check(r#"{"a":1}"#.to_owned(), r#"{"a":2}"#.to_owned(), false);
        // Broken off in the middle of one.
        check(r#"{"query":{"version":"01"#.to_owned(), r#"{"query":{"version":"02"#.to_owned(), true);
    }
}
