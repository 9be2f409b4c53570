//! What several decoders share.

use std::borrow::Cow;

use memchr::memchr;

use super::{Emit, Frame, html::Anchor};
use crate::model::{Defect, Link, Network, PageType};

/// Reports a record, or a part of one, that cannot be used.
pub(super) fn malformed(emit: &mut Emit<'_>, code: &'static str, detail: impl Into<String>) {
    emit(Frame::Malformed(Defect { code, detail: detail.into() }));
}

/// The usual complaint about a post without identity.
pub(super) fn missing_id(emit: &mut Emit<'_>, field: &str) {
    malformed(emit, "missing_id", format!("the post has no `{field}`"));
}

/// `missing_time` when the feed gave nothing, `bad_time` when what it gave is no time.
pub(super) fn no_time(emit: &mut Emit<'_>, field: &str, given: &str) {
    if given.is_empty() {
        malformed(emit, "missing_time", format!("the post has no `{field}`"));
    } else {
        let shown: String = given.chars().take(60).collect();
        malformed(emit, "bad_time", format!("`{field}` is no time that can be read: `{shown}`"));
    }
}

/// The kind of site that a network is.
pub(super) fn page_type_of(network: Network) -> PageType {
    match network {
        Network::X | Network::Bluesky | Network::Mastodon | Network::Weibo => PageType::Microblog,
        Network::Reddit | Network::HackerNews => PageType::Forum,
        Network::YouTube => PageType::MediaSharing,
        Network::Telegram => PageType::Messaging,
        Network::Rss => PageType::Blog,
        Network::Other => PageType::Network,
    }
}

/// Resolves the entities that JSON feeds escape text with, once, from left to right: `&amp;lt;` is `&lt;`.
pub(super) fn unescape(text: Cow<'_, str>) -> Cow<'_, str> {
    const ENTITIES: [(&str, char); 5] =
        [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\'')];
    if memchr(b'&', text.as_bytes()).is_none() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = ENTITIES.iter().find(|(name, _)| rest.starts_with(name));
        let (skip, c) = found.map_or((1, '&'), |(name, c)| (name.len(), *c));
        out.push(c);
        rest = &rest[skip..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A link whose expansion is kept only where it says something new.
pub(super) fn link<'a>(url: Cow<'a, str>, expanded: Option<Cow<'a, str>>) -> Link<'a> {
    let expanded = expanded.filter(|e| !e.is_empty() && *e != url);
    Link { url, expanded }
}

/// The link of an HTML anchor: as shown if it is an address without scheme, else its target.
pub(super) fn anchor_link<'a>(anchor: Anchor) -> Option<Link<'a>> {
    let web = anchor.href.starts_with("http://") || anchor.href.starts_with("https://");
    if !web {
        return None;
    }
    let shows_address =
        anchor.text.len() > 3 && !anchor.text.contains(' ') && anchor.href.contains(&anchor.text);
    let url = if shows_address { anchor.text } else { anchor.href.clone() };
    Some(link(Cow::Owned(url), Some(Cow::Owned(anchor.href))))
}

/// Web addresses in plain text. They end at white space, quotes, angle brackets and wide characters; closing
/// punctuation does not belong to them.
pub(super) fn links_in(text: &str) -> Vec<Link<'static>> {
    let mut links: Vec<Link<'static>> = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"http") {
        let tail = &rest[at..];
        let end = tail.find(ends_address).unwrap_or(tail.len());
        let mut url = tail[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', ']']);
        if !url.contains('(') {
            url = url.split(')').next().unwrap_or(url);
        }
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if host.is_some_and(|h| !h.is_empty()) && links.iter().all(|l| l.url != url) {
            links.push(link(Cow::Owned(url.to_owned()), None));
        }
        rest = &tail[end.max(4)..];
    }
    links
}

fn ends_address(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`' | '|') || (c as u32) >= 0x2E80
}

/// The part of `text` between two offsets counted in code points (X).
pub(super) fn by_code_points(text: &str, start: usize, end: usize) -> Option<&str> {
    by_units(text, start, end, |_| 1)
}

/// The part of `text` between two offsets counted in UTF-16 units (Telegram).
pub(super) fn by_utf16(text: &str, start: usize, end: usize) -> Option<&str> {
    by_units(text, start, end, char::len_utf16)
}

/// `None` if an offset lies outside the text or inside a character.
fn by_units(text: &str, start: usize, end: usize, width: fn(char) -> usize) -> Option<&str> {
    let mut units = 0;
    let mut from = None;
    for (at, c) in text.char_indices() {
        if units == start {
            from = Some(at);
        }
        if units == end {
            return text.get(from?..at);
        }
        units += width(c);
    }
    if units == start {
        from = Some(text.len());
    }
    if units == end { text.get(from?..) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_resolved_once() {
        for (text, expected) in
            [("a &amp;lt; b", "a &lt; b"), ("AT&T &lt;3 &unknown; &", "AT&T <3 &unknown; &")]
        {
            assert_eq!(unescape(Cow::Borrowed(text)), expected);
        }
    }

    #[test]
    fn offsets_in_three_units() {
        let text = "👍é #日本 x";
        assert_eq!(by_code_points(text, 3, 6), Some("#日本"));
        assert_eq!(by_utf16(text, 4, 7), Some("#日本"));
        assert_eq!(by_utf16(text, 1, 4), None, "inside a surrogate pair");
        assert_eq!(by_utf16(text, 8, 9), Some("x"));
        assert_eq!(by_utf16(text, 8, 10), None);
        assert_eq!(by_code_points(text, 6, 3), None);
    }

    #[test]
    fn addresses_in_text() {
        let found = |text| links_in(text).into_iter().map(|l| l.url.into_owned()).collect::<Vec<_>>();
        assert_eq!(
            found("见http://t.cn/A6abc，好 https://a.example/x_(y). http https://"),
            ["http://t.cn/A6abc", "https://a.example/x_(y)"]
        );
        assert_eq!(found("[here](https://a.example/b) and https://a.example/b"), ["https://a.example/b"]);
    }
}
