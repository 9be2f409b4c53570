//! From a record to its decoder: bytes, encoding, server-sent events, arrays, format.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::{
    Emit, Format, Frame, canonical, common::malformed, correction, detect::detect_format, feed, feed_json,
    framing::skip_bom_and_space, hackernews, jetstream, mastodon, reddit, sse, telegram, weibo_ajax,
    weibo_spider, x_v1, x_v2, youtube,
};
use crate::model::{Network, Record, Timestamp};

/// What decoders return: an error means that nothing was emitted because the text is no JSON.
pub(super) type Read = Result<(), serde_json::Error>;

/// Reads one record. Calls `emit` at least once, in the order of the record.
///
/// ```
/// use earful::{analysis::decode::{Format, Frame, decode}, model::{Origin, Record}};
/// let payload = br#"{"network":"other","id":"7","text":"hello","published_at":"2026-11-22T10:00:00Z"}"#;
/// let record = Record { payload, received_at: None, origin: Origin::default() };
/// decode(&record, Format::Auto, &mut |frame| {
///     assert!(matches!(frame, Frame::Post(post) if post.body == "hello"));
/// });
/// ```
pub fn decode(record: &Record<'_>, format: Format, emit: &mut dyn FnMut(Frame<'_>)) {
    let mut frames = 0;
    let mut counting = |frame: Frame<'_>| {
        frames += 1;
        emit(frame);
    };
    bytes(record, format, &mut counting);
    if frames == 0 {
        emit(Frame::Ignored("empty_page"));
    }
}

fn bytes(record: &Record<'_>, format: Format, emit: &mut Emit<'_>) {
    let body = skip_bom_and_space(record.payload).trim_ascii_end();
    match body.first() {
        None => return emit(Frame::Ignored("keep_alive")),
        // XML states its own encoding, so it is the one kind of record that need not be UTF-8.
        Some(b'<' | 0xFE | 0xFF) if matches!(format, Format::Auto | Format::Feed) => {
            return feed::decode(record.payload, record.received_at, emit);
        }
        _ => {}
    }
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            return malformed(
                emit,
                "not_utf8",
                format!("byte {at} of the record does not belong to UTF-8 text"),
            );
        }
    };
    let reader = Reader { format, received_at: record.received_at };
    if sse::is_sse(body) { reader.events(text, emit) } else { reader.json(text, emit) }
}

/// What stays the same for all parts of a record.
#[derive(Clone, Copy)]
struct Reader {
    format: Format,
    received_at: Option<Timestamp>,
}

impl Reader {
    /// A record of server-sent events: one, or a whole capture.
    fn events(self, text: &str, emit: &mut Emit<'_>) {
        let mut rest = text;
        while !rest.is_empty() {
            let end = sse::end_of_event(rest.as_bytes(), 0, true).unwrap_or(rest.len());
            let (block, tail) = rest.split_at(end);
            if !block.trim_ascii().is_empty() {
                self.event(&sse::sse_data(block.trim_ascii()), emit);
            }
            rest = tail;
        }
    }

    fn event(self, event: &sse::SseEvent<'_>, emit: &mut Emit<'_>) {
        let data = event.data.as_deref().unwrap_or("").trim();
        let may_be_mastodon = matches!(self.format, Format::Auto | Format::Mastodon);
        match event.event {
            _ if data.is_empty() => emit(Frame::Ignored("keep_alive")),
            Some(name) if may_be_mastodon && mastodon::is_event(name) => {
                let read = mastodon::event(name, data, emit);
                report(read, data, emit, |text, emit| mastodon::event(name, text, emit));
            }
            _ => self.json(data, emit),
        }
    }

    fn json(self, text: &str, emit: &mut Emit<'_>) {
        match text.as_bytes().first() {
            Some(b'{') => self.object(text, emit),
            Some(b'[') => match serde_json::from_str::<Vec<&RawValue>>(text) {
                Ok(items) => items.iter().for_each(|item| self.element(item.get(), emit)),
                Err(error) => syntax(&error, text, emit),
            },
            _ => no_object(text, emit),
        }
    }

    /// One element of an array. Arrays in arrays are no feed's shape.
    fn element(self, text: &str, emit: &mut Emit<'_>) {
        if text.starts_with('{') { self.object(text, emit) } else { no_object(text, emit) }
    }

    fn object(self, text: &str, emit: &mut Emit<'_>) {
        if correction::is_one(text) {
            return report(correction::decode(text, emit), text, emit, correction::decode);
        }
        let format = match self.format {
            Format::Auto => detect_format(text),
            known => Some(known),
        };
        let Some(format) = format else { return unknown(text, emit) };
        let read = self.known(format, text, emit);
        report(read, text, emit, |text, emit| self.known(format, text, emit));
    }

    fn known(self, format: Format, text: &str, emit: &mut Emit<'_>) -> Read {
        match format {
            Format::Auto | Format::Canonical => canonical::decode(text, emit),
            Format::XV1 => x_v1::decode(text, emit),
            Format::XV2 => x_v2::decode(text, emit),
            Format::Jetstream => jetstream::decode(text, emit),
            Format::Mastodon => mastodon::decode(text, emit),
            Format::Reddit => reddit::decode(text, emit),
            Format::YouTube => youtube::decode(text, emit),
            Format::HackerNews => hackernews::decode(text, emit),
            Format::Feed => feed_json::decode(text, self.received_at, emit),
            Format::Telegram => telegram::decode(text, emit),
            Format::WeiboAjax => weibo_ajax::decode(text, emit),
            Format::WeiboSpider => weibo_spider::decode(text, emit),
        }
    }
}

/// Reads each element of a page on its own, so that a bad one costs only itself.
pub(super) fn each(list: &RawValue, emit: &mut Emit<'_>, read: fn(&str, &mut Emit<'_>) -> Read) -> Read {
    let items: Vec<&RawValue> = serde_json::from_str(list.get())?;
    for item in items {
        one(item.get(), emit, read);
    }
    Ok(())
}

/// Reads one part of a page.
pub(super) fn one(text: &str, emit: &mut Emit<'_>, read: impl Fn(&str, &mut Emit<'_>) -> Read) {
    if !text.starts_with('{') {
        return no_object(text, emit);
    }
    let first = read(text, emit);
    report(first, text, emit, read);
}

/// On an error: half a surrogate pair (text that was cut by UTF-16 units) is replaced and the text read again;
/// anything else is reported.
fn report(read: Read, text: &str, emit: &mut Emit<'_>, again: impl Fn(&str, &mut Emit<'_>) -> Read) {
    let Err(error) = read else { return };
    let repaired = if error.is_syntax() { without_lone_surrogates(text) } else { None };
    match repaired.map(|fixed| (again(&fixed, emit), fixed)) {
        Some((Ok(()), _)) => {}
        Some((Err(error), fixed)) => syntax(&error, &fixed, emit),
        None => syntax(&error, text, emit),
    }
}

fn syntax(error: &serde_json::Error, text: &str, emit: &mut Emit<'_>) {
    match error.classify() {
        serde_json::error::Category::Eof => {
            malformed(emit, "truncated", format!("the JSON ends too early, after {} bytes", text.len()));
        }
        serde_json::error::Category::Data => malformed(emit, "json_shape", error.to_string()),
        _ => malformed(emit, "json_syntax", error.to_string()),
    }
}

fn unknown(text: &str, emit: &mut Emit<'_>) {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => malformed(emit, "unknown_format", "no known feed has these keys; name the feed's format"),
        Err(error) => syntax(&error, text, emit),
    }
}

fn no_object(text: &str, emit: &mut Emit<'_>) {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => malformed(emit, "not_an_object", "a post must be a JSON object"),
        Err(error) => syntax(&error, text, emit),
    }
}

/// Replaces `\uD83D` without its other half by `\uFFFD`; `None` if there is nothing to replace.
fn without_lone_surrogates(text: &str) -> Option<String> {
    let mut out: Option<String> = None;
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &text.as_bytes()[at..]) {
        let escape = at + found;
        at = escape + 2;
        let Some(unit) = hex_escape(text, escape) else {
            if at > text.len() {
                break;
            }
            continue;
        };
        at = escape + 6;
        let paired = (0xD800..0xDC00).contains(&unit)
            && hex_escape(text, at).is_some_and(|low| (0xDC00..0xE000).contains(&low));
        if paired {
            at += 6;
        } else if (0xD800..0xE000).contains(&unit) {
            let fixed = out.get_or_insert_with(|| String::with_capacity(text.len()));
            fixed.push_str(text.get(copied..escape)?);
            fixed.push_str("\\uFFFD");
            copied = at;
        }
    }
    let mut fixed = out?;
    fixed.push_str(text.get(copied..)?);
    Some(fixed)
}

/// The unit of a `\uXXXX` escape at this place.
fn hex_escape(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
    u32::from_str_radix(digits, 16).ok()
}

/// Shorthand for a delete frame.
pub(super) fn delete(network: Network, id: Cow<'_, str>, emit: &mut Emit<'_>) {
    emit(Frame::Delete { network, id });
}
