//! Server-sent events: cutting a stream into events, and reading one event.
//!
//! After the HTML standard, section "Server-sent events": lines end with LF, CR or CRLF, a blank line ends an
//! event, a line that starts with a colon is a comment.

use std::borrow::Cow;

use memchr::memchr2;

use super::framing::skip_bom_and_space;

/// An event longer than this is handed over cut off (and so ends as a dead letter): a stream without blank
/// lines must not fill the memory.
pub const MAX_SSE_EVENT_BYTES: usize = 16 << 20;

/// Cuts a stream that arrives in chunks of any size into events. Each event handed over is the block of its
/// lines as received, without the blank line; it is a record for [`decode`](super::decode).
#[derive(Debug, Default)]
pub struct SseSplitter {
    pending: Vec<u8>,
    /// Bytes at the start of `pending` already known to hold no end of event.
    searched: usize,
}

impl SseSplitter {
    /// Nothing received yet.
    #[must_use]
    pub fn new() -> SseSplitter {
        SseSplitter::default()
    }

    /// Takes in a chunk and hands over the events that it completes.
    pub fn push(&mut self, chunk: &[u8], emit: &mut dyn FnMut(&[u8])) {
        self.pending.extend_from_slice(chunk);
        let mut from = 0;
        while let Some(end) = end_of_event(&self.pending[from..], self.searched, false) {
            hand_over(&self.pending[from..from + end], emit);
            from += end;
            self.searched = 0;
        }
        self.pending.drain(..from);
        // A blank line may be cut anywhere; four bytes (CRLF CRLF) are enough to see it again.
        self.searched = self.pending.len().saturating_sub(4);
        if self.pending.len() > MAX_SSE_EVENT_BYTES {
            self.finish(emit);
        }
    }

    /// The stream has ended: hands over what is left, which may be an event cut off.
    pub fn finish(&mut self, emit: &mut dyn FnMut(&[u8])) {
        hand_over(&self.pending, emit);
        self.pending.clear();
        self.searched = 0;
    }
}

fn hand_over(block: &[u8], emit: &mut dyn FnMut(&[u8])) {
    let block = block.trim_ascii();
    if !block.is_empty() {
        emit(block);
    }
}

/// One past the blank line that ends the first event; searches from `start`. `ended` says that nothing follows,
/// so a carriage return at the very end is a whole line end.
pub(super) fn end_of_event(bytes: &[u8], start: usize, ended: bool) -> Option<usize> {
    let mut at = start;
    loop {
        at += memchr2(b'\n', b'\r', bytes.get(at..)?)?;
        let first = line_end(bytes, at);
        let second = line_end(bytes, at + first);
        if second > 0 {
            let end = at + first + second;
            // CR at the end of a chunk may be half of CRLF: wait, or the LF would begin the next event.
            let half = bytes.get(end - 1) == Some(&b'\r') && end == bytes.len() && !ended;
            return (!half).then_some(end);
        }
        at += first;
    }
}

/// Length of the line end at `at`: 0, 1 or 2 bytes.
fn line_end(bytes: &[u8], at: usize) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (Some(b'\r'), Some(b'\n')) => 2,
        (Some(b'\r' | b'\n'), _) => 1,
        _ => 0,
    }
}

/// One event as read from its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The `event:` field; `message` is what the standard calls an event without one.
    pub event: Option<&'a str>,
    /// The `data:` lines, joined by line feeds; `None` when there is none (a comment, a keep-alive).
    pub data: Option<Cow<'a, str>>,
}

/// Reads the lines of one event. Unknown fields and comments are left out.
#[must_use]
pub fn sse_data(block: &str) -> SseEvent<'_> {
    let mut read = SseEvent { event: None, data: None };
    for line in block.split(['\n', '\r']) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => read.event = Some(value),
            "data" => add_data_line(&mut read.data, value),
            _ => {}
        }
    }
    read
}

fn add_data_line<'a>(data: &mut Option<Cow<'a, str>>, line: &'a str) {
    match data {
        None => *data = Some(Cow::Borrowed(line)),
        Some(text) => {
            let text = text.to_mut();
            text.push('\n');
            text.push_str(line);
        }
    }
}

/// True if the bytes start with a field or a comment of a server-sent event.
pub(super) fn is_sse(bytes: &[u8]) -> bool {
    let body = skip_bom_and_space(bytes);
    [&b":"[..], b"event:", b"data:", b"id:", b"retry:"].iter().any(|field| body.starts_with(field))
}
