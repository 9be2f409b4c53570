//! RSS 0.9x, 1.0 and 2.0, Atom, media RSS: XML in any encoding.
//!
//! Elements are told apart by local name and parent, since feeds are careless with namespaces. An entry without
//! a date takes the feed's, else the time of arrival. Broken XML costs the entry it is in and what follows.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use memchr::memmem;
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    Emit, Frame,
    common::{anchor_link, link, malformed, missing_id, no_time},
    dates, html,
};
use crate::model::{Author, Channel, Counts, Media, Network, PageType, Post, Timestamp};

/// What an entry says, before it becomes a post. Also filled from JSON.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) title: String,
    /// HTML, whatever the feed had.
    pub(super) content: String,
    pub(super) summary: String,
    pub(super) published: String,
    pub(super) updated: String,
    pub(super) author: String,
    pub(super) author_url: String,
    pub(super) language: String,
    pub(super) tags: Vec<String>,
    pub(super) media: Vec<Media<'static>>,
    pub(super) links: Vec<String>,
    pub(super) counts: Counts,
    pub(super) page_type: Option<PageType>,
}

/// What a feed says about all its entries.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) language: String,
    pub(super) author: String,
    pub(super) date: String,
    pub(super) received_at: Option<Timestamp>,
}

pub(super) fn decode(bytes: &[u8], received_at: Option<Timestamp>, emit: &mut Emit<'_>) {
    let text = to_utf8(bytes);
    let mut reader = Reader::from_str(text.trim_start());
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    config.expand_empty_elements = true;
    let mut state = State { about: About { received_at, ..About::default() }, ..State::default() };
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return state.end(emit),
            Ok(event) => state.event(event, emit),
            Err(error) => {
                let at = reader.error_position();
                return malformed(emit, "xml_syntax", format!("at byte {at}: {error}"));
            }
        }
    }
}

/// By byte order mark, else by the XML declaration, else UTF-8. Bytes that do not fit become U+FFFD.
fn to_utf8(bytes: &[u8]) -> Cow<'_, str> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or_else(|| (declared(bytes), 0));
    encoding.decode_without_bom_handling(&bytes[mark..]).0
}

fn declared(bytes: &[u8]) -> &'static Encoding {
    let head = &bytes[..bytes.len().min(256)];
    let label = memmem::find(head, b"encoding").and_then(|at| {
        let rest = head[at + 8..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let quote = *rest.first().filter(|c| matches!(c, b'"' | b'\''))?;
        rest[1..].split(|c| *c == quote).next()
    });
    // A document that can be read this far is not UTF-16, whatever it claims.
    label.and_then(Encoding::for_label).filter(|e| e.is_ascii_compatible()).unwrap_or(UTF_8)
}

#[derive(Default)]
struct State {
    path: Vec<Element>,
    text: String,
    /// Length of the path at which markup became part of the text (XHTML content).
    markup: Option<usize>,
    about: About,
    entry: Option<Entry>,
    /// Length of the path at which the entry began.
    entry_depth: usize,
    is_feed: bool,
}

struct Element {
    name: String,
    prefixed: bool,
    /// The `type` of Atom text, `rel` of a link.
    kind: String,
}

impl State {
    fn event(&mut self, event: Event<'_>, emit: &mut Emit<'_>) {
        match event {
            Event::Start(start) => self.start(&start),
            Event::End(end) => {
                if self.markup.is_some_and(|depth| self.path.len() > depth) {
                    self.text
                        .push_str(&format!("</{}>", String::from_utf8_lossy(end.name().as_ref().as_ref())));
                }
                self.end_element(emit);
            }
            Event::Text(text) => self.text.push_str(&text.xml10_content()),
            Event::CData(text) => self.text.push_str(&text.into_inner()),
            Event::GeneralRef(name) => self.reference(&name),
            _ => {}
        }
    }

    fn reference(&mut self, name: &BytesRef<'_>) {
        let entity = format!("&{};", name.xml10_content());
        if self.markup.is_some() {
            self.text.push_str(&entity);
        } else {
            self.text.push_str(&html::to_text(Cow::Owned(entity)));
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) {
        let whole = start.name();
        let whole: &str = whole.as_ref();
        if self.markup.is_some() {
            self.text.push_str(&format!("<{}{}>", whole, start.attributes_raw()));
        } else {
            self.text.clear();
        }
        let (prefixed, local) = whole.split_once(':').map_or((false, whole), |(_, local)| (true, local));
        let mut element = Element { name: local.to_ascii_lowercase(), prefixed, kind: String::new() };
        if self.markup.is_none() {
            self.open(&mut element, start);
        }
        self.path.push(element);
    }

    fn open(&mut self, element: &mut Element, start: &BytesStart<'_>) {
        let attributes = Attributes::read(start);
        match element.name.as_str() {
            "rss" | "rdf" | "feed" => self.is_feed = true,
            "item" | "entry" if self.entry.is_none() => {
                self.is_feed = true;
                self.entry = Some(Entry {
                    id: attributes.get("about"),
                    language: attributes.get("lang"),
                    ..Entry::default()
                });
                self.entry_depth = self.path.len();
            }
            _ => {}
        }
        if element.name == "feed" || element.name == "rss" {
            self.about.language = attributes.get("lang");
        }
        let kind = attributes.get("type");
        if kind == "xhtml" {
            self.markup = Some(self.path.len() + 1);
        }
        if element.name == "link"
            && self.path.len() == self.entry_depth + 1
            && let Some(entry) = &mut self.entry
        {
            entry.read_link(&attributes);
        } else if self.entry.is_none()
            && element.name == "link"
            && self.path.len() <= 2
            && attributes.get("rel") == "self"
        {
            self.about.id = attributes.get("href");
        }
        if let Some(entry) = &mut self.entry {
            entry.read_attributes(element, &attributes);
        }
        element.kind = kind;
    }

    fn end_element(&mut self, emit: &mut Emit<'_>) {
        let Some(element) = self.path.pop() else { return };
        if self.markup.is_some_and(|depth| self.path.len() >= depth) {
            return;
        }
        self.markup = None;
        let text = std::mem::take(&mut self.text);
        let parent = self.path.last().map_or("", |parent| parent.name.as_str());
        match &mut self.entry {
            Some(_) if self.path.len() == self.entry_depth => {
                let entry = self.entry.take().unwrap_or_default();
                post(entry, &self.about, emit);
            }
            // An entry's `source` describes another feed.
            Some(entry) if !self.path.iter().any(|e| e.name == "source") => {
                entry.read_text(&element, parent, text)
            }
            Some(_) => {}
            None => self.about.read_text(&element, parent, &text),
        }
    }

    fn end(self, emit: &mut Emit<'_>) {
        if !self.is_feed {
            malformed(emit, "unknown_format", "the XML is neither RSS nor Atom");
        } else if self.entry.is_some() || !self.path.is_empty() {
            malformed(emit, "truncated", "the XML ends inside an element");
        }
    }
}

struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn read(start: &BytesStart<'_>) -> Attributes {
        let mut attributes = start.attributes();
        let pairs = attributes.with_checks(false).flatten().map(|attribute| {
            let key: &str = attribute.key.as_ref();
            let local = key.rsplit(':').next().unwrap_or(key).to_ascii_lowercase();
            (local, html::to_text(Cow::Borrowed(&attribute.value)).into_owned())
        });
        Attributes(pairs.collect())
    }

    /// Empty if there is none.
    fn get(&self, name: &str) -> String {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    }
}

impl About {
    fn read_text(&mut self, element: &Element, parent: &str, text: &str) {
        let text = text.trim();
        let field = match (parent, element.name.as_str()) {
            ("channel" | "feed", "title") if !element.prefixed => &mut self.title,
            ("channel" | "feed", "id") => &mut self.id,
            ("channel", "link") if self.id.is_empty() && !element.prefixed => &mut self.id,
            ("channel", "language") => &mut self.language,
            ("channel" | "feed", "pubdate" | "lastbuilddate" | "date" | "updated") => &mut self.date,
            ("author", "name") => &mut self.author,
            _ => return,
        };
        if !text.is_empty() {
            text.clone_into(field);
        }
    }
}

impl Entry {
    fn read_link(&mut self, attributes: &Attributes) {
        let href = attributes.get("href");
        match attributes.get("rel").as_str() {
            _ if href.is_empty() => {}
            "" | "alternate" if self.url.is_empty() => self.url = href,
            "enclosure" => self.add_media(href, &attributes.get("type")),
            "related" | "via" => self.links.push(href),
            _ => {}
        }
    }

    fn read_attributes(&mut self, element: &Element, attributes: &Attributes) {
        match element.name.as_str() {
            "enclosure" => self.add_media(attributes.get("url"), &attributes.get("type")),
            "content" if element.prefixed => {
                let medium = attributes.get("medium");
                let kind = if medium.is_empty() { attributes.get("type") } else { medium };
                self.add_media(attributes.get("url"), &kind);
            }
            "category" => self.tags.extend(Some(attributes.get("term")).filter(|term| !term.is_empty())),
            "statistics" => self.counts.views = attributes.get("views").parse().ok(),
            _ => {}
        }
    }

    pub(super) fn add_media(&mut self, url: String, kind: &str) {
        if url.is_empty() || self.media.iter().any(|m| m.url.as_deref() == Some(&url)) {
            return;
        }
        let media_type = match kind.split('/').next().unwrap_or("") {
            "image" => "image",
            "audio" => "audio",
            "video" => "video",
            _ if kind.contains("flash") => "video",
            _ => "document",
        };
        self.media.push(Media {
            media_type: Cow::Borrowed(media_type),
            url: Some(Cow::Owned(url)),
            alt: None,
        });
    }

    fn read_text(&mut self, element: &Element, parent: &str, text: String) {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        let name = element.name.as_str();
        // Media RSS has titles and descriptions of its own; they only stand in.
        let media = element.prefixed && matches!(name, "title" | "description" | "text");
        match (parent, name) {
            ("author" | "creator", "name") => trimmed.clone_into(&mut self.author),
            ("author", "uri") => trimmed.clone_into(&mut self.author_url),
            (_, "description") if media && self.summary.is_empty() => self.summary = as_html(&text, "text"),
            ("item" | "entry", _) if !media => self.read_child(element, trimmed, &text),
            _ => {}
        }
    }

    fn read_child(&mut self, element: &Element, trimmed: &str, text: &str) {
        let atom_type = element.kind.as_str();
        match element.name.as_str() {
            "guid" | "id" => trimmed.clone_into(&mut self.id),
            "link" if !element.prefixed => trimmed.clone_into(&mut self.url),
            "title" => self.title = as_html(text, atom_type),
            "encoded" => text.clone_into(&mut self.content),
            "content" if !element.prefixed => self.content = as_html(text, atom_type),
            "description" if !element.prefixed => text.clone_into(&mut self.summary),
            "summary" if self.summary.is_empty() => self.summary = as_html(text, atom_type),
            "pubdate" | "published" | "issued" | "created" => trimmed.clone_into(&mut self.published),
            "date" if self.published.is_empty() => trimmed.clone_into(&mut self.published),
            "updated" | "modified" => trimmed.clone_into(&mut self.updated),
            "creator" | "author" if self.author.is_empty() => self.author = person(trimmed),
            "category" | "subject" => self.tags.push(trimmed.to_owned()),
            "language" => trimmed.clone_into(&mut self.language),
            "comments" if element.prefixed => self.counts.replies = trimmed.parse().ok(),
            "total" => self.counts.replies = trimmed.parse().ok(),
            "videoid" => self.page_type = Some(PageType::MediaSharing),
            _ => {}
        }
    }
}

/// RSS text is HTML by custom; Atom's says what it is, and without a type it is plain.
fn as_html(text: &str, kind: &str) -> String {
    match kind {
        "text" | "text/plain" => quick_xml::escape::minimal_escape(text).into_owned(),
        _ => text.to_owned(),
    }
}

/// `mail@example.org (Name)` is the name.
fn person(text: &str) -> String {
    let named = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(name, _)| name.trim());
    named.filter(|name| text.contains('@') && !name.is_empty()).unwrap_or(text).to_owned()
}

/// Makes the post. Used for JSON feeds too.
pub(super) fn post(entry: Entry, about: &About, emit: &mut Emit<'_>) {
    let id = if entry.id.is_empty() { entry.url.clone() } else { entry.id };
    if id.is_empty() {
        return missing_id(emit, "guid");
    }
    let (published, updated) = (dates::any(&entry.published), dates::any(&entry.updated));
    let time = published.or(updated).or_else(|| dates::any(&about.date)).or(about.received_at);
    let Some(published_at) = time else {
        let given = [&entry.published, &entry.updated].into_iter().find(|text| !text.is_empty());
        return no_time(emit, "pubDate", given.map_or("", String::as_str));
    };
    let html = if entry.content.trim().is_empty() { &entry.summary } else { &entry.content };
    let page = html::read(html, html::Options::default());
    let mut post =
        Post::new(Network::Rss, Cow::Owned(id), Cow::Owned(page.text.trim().to_owned()), published_at);
    post.page_type = entry.page_type.unwrap_or(PageType::Blog);
    post.url = web(entry.url).or_else(|| web(post.id.to_string()));
    post.title = some(html::to_text(Cow::Owned(entry.title.trim().to_owned())).into_owned());
    post.author = Author {
        name: some(entry.author).or_else(|| some(about.author.clone())),
        url: some(entry.author_url),
        ..Author::default()
    };
    post.links = entry.links.into_iter().map(|url| link(Cow::Owned(url), None)).collect();
    post.links.extend(page.anchors.into_iter().filter_map(anchor_link));
    post.hashtags = entry.tags.into_iter().map(Cow::Owned).collect();
    post.media = entry.media;
    post.counts = entry.counts;
    post.declared_language = some(entry.language).or_else(|| some(about.language.clone()));
    post.edited_at = updated.filter(|updated| published.is_some_and(|published| *updated > published));
    let channel = Channel {
        id: some(about.id.clone()),
        name: some(html::to_text(Cow::Borrowed(&about.title)).into_owned()),
        ..Channel::default()
    };
    post.channel = (channel != Channel::default()).then_some(channel);
    emit(Frame::Post(post));
}

fn some(text: String) -> Option<Cow<'static, str>> {
    (!text.is_empty()).then_some(Cow::Owned(text))
}

fn web(url: String) -> Option<Cow<'static, str>> {
    some(url).filter(|url| url.starts_with("http://") || url.starts_with("https://"))
}
