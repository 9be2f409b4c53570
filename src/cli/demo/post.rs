//! A post of the scenario before it takes the shape of a feed.

use std::rc::Rc;

use super::{
    cast::{Author, Script},
    phrases::VIDEO,
    rng::mix,
};

/// The feeds of the scenario, one file each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    X,
    Bluesky,
    Mastodon,
    Reddit,
    Weibo,
    /// A travellers' forum that delivers earful's own canonical JSON.
    Forum,
}

impl Site {
    pub(crate) const ALL: [Site; 6] =
        [Site::X, Site::Bluesky, Site::Mastodon, Site::Reddit, Site::Weibo, Site::Forum];

    /// Name of its file in `posts/`.
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            Site::X => "x.jsonl",
            Site::Bluesky => "bluesky.jsonl",
            Site::Mastodon => "mastodon.jsonl",
            Site::Reddit => "reddit.jsonl",
            Site::Weibo => "weibo.jsonl",
            Site::Forum => "forum.jsonl",
        }
    }
}

/// What the author did.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Original,
    Reply(Rc<Post>),
    Repost(Rc<Post>),
    Quote(Rc<Post>),
}

/// One post. Times are milliseconds since the Unix epoch.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) site: Site,
    /// Counts all posts of the scenario; ids are made from it and from the time.
    pub(crate) number: u64,
    pub(crate) author: Author,
    pub(crate) script: Script,
    pub(crate) published: i64,
    /// Links are written in full; X shortens them on the wire.
    pub(crate) text: String,
    pub(crate) kind: Kind,
    /// Likes, reposts, replies when seen.
    pub(crate) counts: [u64; 3],
    /// When it was edited last.
    pub(crate) edited: Option<i64>,
}

impl Post {
    /// The native id, or for Bluesky the record key.
    pub(crate) fn id(&self) -> String {
        let (ms, low) = (self.published as u64, self.number);
        match self.site {
            // A snowflake: milliseconds since 2010-11-04, 22 low bits.
            Site::X => ((ms - 1_288_834_974_657) << 22 | low & 0x3F_FFFF).to_string(),
            Site::Mastodon => (ms << 16 | low & 0xFFFF).to_string(),
            Site::Weibo => (5_100_000_000_000_000 + (ms - 1_700_000_000_000) * 1000 + low % 1000).to_string(),
            Site::Bluesky => base32((ms * 1000 + low % 1000) << 10 | low & 0x3FF, 13),
            Site::Reddit => digits(b"0123456789abcdefghijklmnopqrstuvwxyz", 36, 70_000_000_000 + low, 7),
            Site::Forum => format!("t{}", 400_000 + low),
        }
    }

    /// The account's native id.
    pub(crate) fn author_id(&self) -> String {
        match self.site {
            Site::X => (1_000_000_000 + mix(self.author.number) % 900_000_000).to_string(),
            Site::Weibo => (5_000_000_000 + mix(self.author.number) % 2_000_000_000).to_string(),
            Site::Mastodon => (109_000_000_000_000 + self.author.number).to_string(),
            Site::Bluesky => did(&self.author),
            Site::Reddit | Site::Forum => self.author.handle.clone(),
        }
    }

    /// `en`, `zh`: what feeds declare.
    pub(crate) fn language(&self) -> &'static str {
        match self.script {
            Script::English => "en",
            Script::Hans | Script::Hant => "zh",
        }
    }
}

/// The decentralised identifier of a Bluesky account.
pub(crate) fn did(author: &Author) -> String {
    let (high, low) = (mix(author.number), mix(author.number ^ 0xB5));
    format!("did:plc:{}{}", base32(high, 12), base32(low, 12))
}

/// AT Protocol's sortable base 32.
pub(crate) fn base32(value: u64, len: usize) -> String {
    digits(b"234567abcdefghijklmnopqrstuvwxyz", 32, value, len)
}

/// The lowest `len` digits of `value` in base `base`.
pub(crate) fn digits(alphabet: &[u8], base: u64, mut value: u64, len: usize) -> String {
    let mut out = vec![b'0'; len];
    for slot in out.iter_mut().rev() {
        *slot = alphabet[(value % base) as usize];
        value /= base;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A piece of text that a feed marks up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark<'a> {
    Link(&'a str),
    Tag(&'a str),
    Handle(&'a str),
}

/// The marked pieces of a text with their byte ranges, ascending. Names are without `#` and `@`.
pub(crate) fn marks(text: &str) -> Vec<(Mark<'_>, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(['#', '@', 'h']) {
        let start = at + offset;
        let rest = &text[start..];
        let piece = if rest.starts_with("https://") {
            let len = rest.find(|c: char| c.is_whitespace() || !c.is_ascii()).unwrap_or(rest.len());
            Some((Mark::Link(&rest[..len]), len))
        } else if rest.starts_with('h') {
            None
        } else {
            let len = name_len(&rest[1..]);
            let name = &rest[1..1 + len];
            let mark = if rest.starts_with('#') { Mark::Tag(name) } else { Mark::Handle(name) };
            (len > 0).then_some((mark, len + 1))
        };
        at = start + piece.map_or(1, |(_, len)| len);
        if let Some((mark, len)) = piece {
            found.push((mark, start, start + len));
        }
    }
    found
}

fn name_len(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The links of a text.
pub(crate) fn links(text: &str) -> impl Iterator<Item = &str> {
    marks(text).into_iter().filter_map(|(mark, ..)| match mark {
        Mark::Link(url) => Some(url),
        _ => None,
    })
}

/// X's short form of a link: always 23 characters.
pub(crate) fn short_link(url: &str) -> String {
    if url == VIDEO {
        return "https://t.co/sixstring1".to_owned();
    }
    let hash = url.bytes().fold(7, |hash, byte| mix(hash ^ u64::from(byte)));
    format!(
        "https://t.co/{}",
        digits(b"abcdefghijkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 56, hash, 10)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_both_languages() {
        let text = "吉他 @泛联航空 #摔吉他# see https://a.example/x?y=1 @PanUnionAir!";
        let kinds: Vec<Mark<'_>> = marks(text).into_iter().map(|m| m.0).collect();
        let expected = [
            Mark::Handle("泛联航空"),
            Mark::Tag("摔吉他"),
            Mark::Link("https://a.example/x?y=1"),
            Mark::Handle("PanUnionAir"),
        ];
        assert_eq!(kinds, expected);
        let (_, start, end) = marks(text)[2];
        assert_eq!(&text[start..end], "https://a.example/x?y=1");
    }
}
