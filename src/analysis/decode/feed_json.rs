//! JSON Feed 1.x, and single entries as bridges from RSS to a queue write them (`rss_entry`):
//! `{guid|id, link|url, title, summary, content, published|pubDate|updated, author, feed}`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Emit, dates,
    feed::{About, Entry, post},
    run::{Read, one},
    soft::{List, Scalar, Soft},
};
use crate::model::Timestamp;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Document<'a> {
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    title: Scalar<'a>,
    home_page_url: Scalar<'a>,
    feed_url: Scalar<'a>,
    language: Scalar<'a>,
    author: Option<&'a RawValue>,
    authors: List<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item<'a> {
    #[serde(borrow)]
    id: Scalar<'a>,
    guid: Option<&'a RawValue>,
    url: Scalar<'a>,
    link: Scalar<'a>,
    external_url: Scalar<'a>,
    title: Scalar<'a>,
    content_html: Scalar<'a>,
    content_text: Scalar<'a>,
    content: Option<&'a RawValue>,
    summary: Scalar<'a>,
    description: Scalar<'a>,
    date_published: Scalar<'a>,
    published: Scalar<'a>,
    #[serde(rename = "pubDate")]
    pub_date: Scalar<'a>,
    #[serde(rename = "isoDate")]
    iso_date: Scalar<'a>,
    date: Scalar<'a>,
    date_modified: Scalar<'a>,
    updated: Scalar<'a>,
    author: Option<&'a RawValue>,
    authors: List<&'a RawValue>,
    creator: Scalar<'a>,
    language: Scalar<'a>,
    tags: List<&'a RawValue>,
    categories: List<&'a RawValue>,
    image: Scalar<'a>,
    attachments: List<Soft<Attachment<'a>>>,
    feed: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Attachment<'a> {
    #[serde(borrow)]
    url: Scalar<'a>,
    mime_type: Scalar<'a>,
}

/// A person, a tag, a text or a feed as an object; bridges differ in the field that has the words.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named<'a> {
    #[serde(borrow)]
    name: Scalar<'a>,
    title: Scalar<'a>,
    term: Scalar<'a>,
    value: Scalar<'a>,
    url: Scalar<'a>,
    id: Scalar<'a>,
    link: Scalar<'a>,
}

pub(super) fn decode(text: &str, received_at: Option<Timestamp>, emit: &mut Emit<'_>) -> Read {
    let document: Document<'_> = serde_json::from_str(text)?;
    let mut about = About { received_at, ..About::default() };
    let Some(items) = document.items else { return entry(text, &about, emit) };
    about.title = owned(document.title);
    about.id = first([document.feed_url, document.home_page_url]);
    about.language = owned(document.language);
    about.author = person(&document.authors, document.author).0;
    let items: Vec<&RawValue> = serde_json::from_str(items.get())?;
    items.iter().for_each(|item| one(item.get(), emit, |text, emit| entry(text, &about, emit)));
    Ok(())
}

fn entry(text: &str, about: &About, emit: &mut Emit<'_>) -> Read {
    let item: Item<'_> = serde_json::from_str(text)?;
    let mut about = about.clone();
    if let Some((words, id)) = item.feed.map(words) {
        (about.title, about.id) =
            if words.starts_with("http") { (String::new(), words) } else { (words, id) };
    }
    let (author, author_url) = person(&item.authors, item.author);
    let plain = first([item.content_text]);
    let content = first([item.content_html]);
    let mut entry = Entry {
        id: item
            .id
            .id()
            .map(|id| id.into_owned())
            .or_else(|| item.guid.map(|guid| words(guid).0))
            .unwrap_or_default(),
        url: first([item.url, item.link]),
        title: owned(item.title),
        summary: first([item.summary, item.description]),
        published: date([item.date_published, item.published, item.iso_date, item.pub_date, item.date]),
        updated: date([item.date_modified, item.updated]),
        author: if author.is_empty() { owned(item.creator) } else { author },
        author_url,
        language: owned(item.language),
        links: Some(owned(item.external_url)).filter(|url| !url.is_empty()).into_iter().collect(),
        ..Entry::default()
    };
    entry.content = match (content.is_empty(), plain.is_empty()) {
        (false, _) => content,
        (true, false) => quick_xml::escape::minimal_escape(plain.as_str()).into_owned(),
        _ => item.content.map(|content| words(content).0).unwrap_or_default(),
    };
    let tags = item.tags.0.into_iter().chain(item.categories.0).map(|tag| words(tag).0);
    entry.tags = tags.filter(|tag| !tag.is_empty()).collect();
    entry.add_media(owned(item.image), "image");
    for attachment in item.attachments.objects() {
        entry.add_media(owned(attachment.url), attachment.mime_type.as_str());
    }
    post(entry, &about, emit);
    Ok(())
}

/// The first date that can be read, as text; numbers are seconds or milliseconds.
fn date<const N: usize>(candidates: [Scalar<'_>; N]) -> String {
    let found = candidates.into_iter().find(|date| !date.is_absent());
    match found {
        Some(Scalar::Text(text)) => text.into_owned(),
        Some(number) => number.integer().map(|n| dates::epoch(n).to_string()).unwrap_or_default(),
        None => String::new(),
    }
}

/// Name and address of the first person named.
fn person(several: &List<&RawValue>, one: Option<&RawValue>) -> (String, String) {
    several.0.first().copied().or(one).map(words).unwrap_or_default()
}

/// The words of a text, of an object, or of the first element of an array; and an address, if there is one.
fn words(raw: &RawValue) -> (String, String) {
    let text = raw.get();
    let inner = match text.as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            items.first().map_or("null", |item| item.get())
        }
        _ => text,
    };
    if inner.starts_with('{') {
        let Ok(named) = serde_json::from_str::<Named<'_>>(inner) else { return Default::default() };
        return (
            first([named.name, named.title, named.term, named.value]),
            first([named.url, named.link, named.id]),
        );
    }
    let scalar: Scalar<'_> = serde_json::from_str(inner).unwrap_or_default();
    (scalar.id().map(|text| text.into_owned()).unwrap_or_default(), String::new())
}

fn first<const N: usize>(candidates: [Scalar<'_>; N]) -> String {
    candidates.into_iter().find_map(Scalar::filled).map(|text| text.into_owned()).unwrap_or_default()
}

fn owned(scalar: Scalar<'_>) -> String {
    first([scalar])
}
