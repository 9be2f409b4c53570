//! How the bytes of a file or a stream fall into records. Pure: the caller reads, this cuts.
//!
//! Three framings: lines (NDJSON; blank lines are records too, a keep-alive), one document (XML, a JSON page,
//! pretty-printed JSON, several JSON values one after the other), and server-sent events.

use memchr::{memchr, memchr2};

use super::sse::{end_of_event, is_sse};

/// How the bytes of a file fall into records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One record a line.
    Lines,
    /// The whole is one document (or several JSON values in a row).
    Document,
    /// Server-sent events, divided by blank lines.
    Sse,
}

/// One record of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The record's bytes, without the line end.
    pub bytes: &'a [u8],
    /// Where it starts in the file, in bytes.
    pub offset: u64,
    /// Line number of its start, from 1.
    pub line: u64,
}

/// Judges by the first bytes (a few kilobytes are enough) how a file falls into records.
#[must_use]
pub fn detect_framing(head: &[u8]) -> Framing {
    let body = skip_bom_and_space(head);
    match body.first() {
        Some(b'<' | b'[') => Framing::Document,
        Some(b'{') => object_framing(body),
        Some(_) if is_sse(body) => Framing::Sse,
        // UTF-16 with a byte order mark can only be an XML document here.
        Some(0xFE | 0xFF) => Framing::Document,
        _ => Framing::Lines,
    }
}

/// Without a UTF-8 byte order mark and white space at the start.
pub(super) fn skip_bom_and_space(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.trim_ascii_start();
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start()
}

/// Lines, unless the first line ends inside the object in a place where a pretty printer breaks lines.
/// (A cut-off first line of NDJSON must not swallow the lines after it.)
fn object_framing(body: &[u8]) -> Framing {
    let Some(end) = memchr(b'\n', body) else { return Framing::Lines };
    let (Some(depth), line) = (open_depth(&body[..end]), body[..end].trim_ascii_end()) else {
        return Framing::Lines;
    };
    let next = body[end..].trim_ascii_start().first();
    let opens = matches!(line.last(), Some(b'{' | b'[' | b',' | b':'));
    let closes = matches!(next, Some(b'}' | b']' | b',' | b':'));
    if depth > 0 && (opens || closes) { Framing::Document } else { Framing::Lines }
}

/// How many brackets are open at the end of a line; `None` if it ends inside a string.
fn open_depth(line: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = line.get(at) {
        match byte {
            b'"' => at = end_of_string(line, at)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    Some(depth)
}

/// Where the string that starts at the quote `start` ends (its closing quote).
pub(super) fn end_of_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Cuts a whole file into its records, each with its place.
pub fn split_records<'a>(file: &'a [u8], emit: &mut dyn FnMut(Piece<'a>)) {
    match detect_framing(file) {
        Framing::Lines => split_lines(file, emit),
        Framing::Document => split_document(file, emit),
        Framing::Sse => split_sse(file, emit),
    }
}

fn split_lines<'a>(file: &'a [u8], emit: &mut dyn FnMut(Piece<'a>)) {
    let mut offset = 0;
    let mut number = 0;
    while offset < file.len() {
        let end = memchr(b'\n', &file[offset..]).map_or(file.len(), |n| offset + n);
        let line = &file[offset..end];
        number += 1;
        let bytes = line.strip_suffix(b"\r").unwrap_or(line);
        emit(Piece { bytes, offset: offset as u64, line: number });
        offset = end + 1;
    }
}

/// JSON values one after the other are a record each; what cannot be read as JSON is one record to the end.
fn split_document<'a>(file: &'a [u8], emit: &mut dyn FnMut(Piece<'a>)) {
    let start = file.len() - skip_bom_and_space(file).len();
    let mut cut = Cutter { file, line: 1, seen: 0 };
    let mut from = start;
    if !matches!(file.get(start), Some(b'{' | b'[')) {
        return emit(cut.piece(start, file.len()));
    }
    while from < file.len() {
        let mut values =
            serde_json::Deserializer::from_slice(&file[from..]).into_iter::<serde::de::IgnoredAny>();
        let read = values.next();
        let to = match read {
            Some(Ok(_)) => from + values.byte_offset(),
            Some(Err(_)) => file.len(),
            None => return,
        };
        let lead = file[from..to].len() - file[from..to].trim_ascii_start().len();
        emit(cut.piece(from + lead, to));
        from = to;
    }
}

fn split_sse<'a>(file: &'a [u8], emit: &mut dyn FnMut(Piece<'a>)) {
    let mut cut = Cutter { file, line: 1, seen: 0 };
    let mut from = 0;
    while from < file.len() {
        let to = end_of_event(&file[from..], 0, true).map_or(file.len(), |n| from + n);
        let block = file[from..to].trim_ascii();
        if !block.is_empty() {
            let lead = file[from..to].len() - file[from..to].trim_ascii_start().len();
            emit(cut.piece(from + lead, from + lead + block.len()));
        }
        from = to;
    }
}

/// Counts lines as it goes, so that cutting stays linear.
struct Cutter<'a> {
    file: &'a [u8],
    line: u64,
    /// Bytes before this one are counted.
    seen: usize,
}

impl<'a> Cutter<'a> {
    fn piece(&mut self, from: usize, to: usize) -> Piece<'a> {
        self.line += memchr::memchr_iter(b'\n', &self.file[self.seen..from]).count() as u64;
        self.seen = from;
        Piece { bytes: &self.file[from..to], offset: from as u64, line: self.line }
    }
}
