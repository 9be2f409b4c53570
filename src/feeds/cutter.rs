//! Cuts a stream of bytes into batches of whole records.
//!
//! **Invariant:** which records come out, and their places, depend on the bytes alone, not on the batch size
//! or on how the reads fall; and no more than about twice the longest allowed record is held.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter};

use super::batch::Slice;
use crate::analysis::decode::{Framing, split_records};

/// Of a record over the limit this much is kept for its dead letter.
pub const OVERSIZED_KEPT_BYTES: usize = 64 << 10;
/// Bytes that the framing is judged by.
const HEAD_BYTES: usize = 64 << 10;
const READ_BYTES: usize = 64 << 10;
/// An event ends with at most `\r\n\r\n`. With so many bytes more than the limit and no end, a record is over it.
const LINE_ENDS_MAX: usize = 4;

/// Some whole records.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Their bytes.
    pub payload: Vec<u8>,
    /// Their places.
    pub slices: Vec<Slice>,
}

/// Limits of a [`Cutter`].
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A batch holds about so many bytes, or one record.
    pub batch_bytes: usize,
    /// A longer record comes out cut off.
    pub max_record_bytes: usize,
    /// Hand over what is there rather than wait for a full batch.
    pub live: bool,
}

/// Reads from `reader`, which stands at `offset` of its source.
pub struct Cutter<R> {
    reader: R,
    framing: Framing,
    limits: Limits,
    /// Bytes read but not handed over; starts where a record starts.
    pending: Vec<u8>,
    /// Memory for what comes after the pending bytes.
    spare: Vec<u8>,
    offset: u64,
    line: u64,
    ended: bool,
}

impl<R: Read> Cutter<R> {
    /// Starts at a record's start.
    pub fn new(reader: R, framing: Framing, limits: Limits, offset: u64, line: u64) -> Cutter<R> {
        Cutter { reader, framing, limits, pending: Vec::new(), spare: Vec::new(), offset, line, ended: false }
    }

    /// Gives memory to read into.
    pub fn lend(&mut self, spare: Vec<u8>) {
        self.spare = spare;
    }

    /// The next records, or `None` at the end.
    ///
    /// # Errors
    /// What the reader says. A record that is not whole then is not handed over.
    pub fn next_cut(&mut self) -> io::Result<Option<Cut>> {
        match self.framing {
            Framing::Document => self.document(),
            Framing::Lines | Framing::Sse => self.stream(),
        }
    }

    fn stream(&mut self) -> io::Result<Option<Cut>> {
        let mut target = self.limits.batch_bytes.max(1);
        loop {
            self.fill(target)?;
            self.skip_blank_lines();
            let slices = self.slices();
            if let Some((offset, line)) = slices.last().map(|last| (last.next_offset, last.next_line)) {
                return Ok(Some(self.hand_over(slices, offset, line)));
            }
            if self.ended {
                return Ok(None);
            }
            let longest = self.limits.max_record_bytes + LINE_ENDS_MAX;
            if self.pending.len() >= longest {
                return self.oversized().map(Some);
            }
            // No record ends in here: it is longer than what has been read so far.
            target = (self.pending.len() * 2).max(target).min(longest);
        }
    }

    /// Reads until `target` bytes are pending or the stream has ended; a live stream only until it has
    /// given a record's end.
    fn fill(&mut self, target: usize) -> io::Result<()> {
        while !self.ended && self.pending.len() < target {
            let had = self.pending.len();
            let wanted = if self.limits.live { READ_BYTES } else { (target - had).max(1) };
            self.read(wanted)?;
            let fresh = self.pending.get(had..).unwrap_or_default();
            if self.limits.live && memchr(b'\n', fresh).is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Reads at most `wanted` bytes, at least one unless the stream has ended.
    fn read(&mut self, wanted: usize) -> io::Result<()> {
        let had = self.pending.len();
        self.pending.resize(had + wanted, 0);
        let read = loop {
            match self.reader.read(&mut self.pending[had..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.pending.truncate(had + read.as_ref().map_or(0, |n| *n));
        self.ended = read? == 0;
        Ok(())
    }

    /// Blank lines between events belong to nothing.
    fn skip_blank_lines(&mut self) {
        if self.framing == Framing::Sse {
            let blank = self.pending.len() - self.pending.trim_ascii_start().len();
            self.line += memchr_iter(b'\n', &self.pending[..blank]).count() as u64;
            self.offset += blank as u64;
            self.pending.drain(..blank);
        }
    }

    /// The records that are whole in `pending`.
    fn slices(&self) -> Vec<Slice> {
        let mut slices = Vec::with_capacity(self.pending.len() / 256 + 1);
        let (mut from, mut line) = (0, self.line);
        while from < self.pending.len() {
            let rest = &self.pending[from..];
            let length = match self.framing {
                Framing::Sse => event_end(rest),
                _ => memchr(b'\n', rest).map(|n| n + 1),
            };
            let Some(length) = length.or(self.ended.then_some(rest.len())) else { break };
            let lines = match self.framing {
                Framing::Lines => u64::from(rest[..length].ends_with(b"\n")),
                _ => memchr_iter(b'\n', &rest[..length]).count() as u64,
            };
            let slice = self.slice(from, length, line, lines);
            // What comes before or after an event may be blank lines only.
            if self.framing != Framing::Sse || slice.start < slice.end {
                slices.push(slice);
            }
            from += length;
            line += lines;
        }
        slices
    }

    fn slice(&self, from: usize, length: usize, line: u64, lines: u64) -> Slice {
        let block = &self.pending[from..from + length];
        let lead = match self.framing {
            Framing::Sse => length - block.trim_ascii_start().len(),
            _ => 0,
        };
        let content = block.len() - lead - line_ends(self.framing, &block[lead..]);
        let over = content > self.limits.max_record_bytes;
        let kept = if over { content.min(OVERSIZED_KEPT_BYTES) } else { content };
        Slice {
            start: from + lead,
            end: from + lead + kept,
            offset: self.offset + (from + lead) as u64,
            line: line + memchr_iter(b'\n', &block[..lead]).count() as u64,
            next_offset: self.offset + (from + length) as u64,
            next_line: line + lines,
            whole_bytes: over.then_some(content as u64),
        }
    }

    /// Gives away the pending bytes up to `next_offset`.
    fn hand_over(&mut self, slices: Vec<Slice>, next_offset: u64, next_line: u64) -> Cut {
        let used = (next_offset - self.offset) as usize;
        let mut rest = std::mem::take(&mut self.spare);
        rest.clear();
        rest.extend_from_slice(self.pending.get(used..).unwrap_or_default());
        self.pending.truncate(used);
        let payload = std::mem::replace(&mut self.pending, rest);
        (self.offset, self.line) = (next_offset, next_line);
        Cut { payload, slices }
    }

    /// The pending record is over the limit and its end is not in sight: keeps its beginning and reads
    /// on to its end without holding what comes.
    fn oversized(&mut self) -> io::Result<Cut> {
        let mut payload = Vec::new();
        let mut last = Vec::new();
        let (mut length, mut lines) = (0u64, 0);
        loop {
            let end = match self.framing {
                Framing::Sse => event_end_from(&self.pending, 0),
                Framing::Document => None,
                Framing::Lines => memchr(b'\n', &self.pending).map(|n| n + 1),
            };
            // An event's end may be cut by the edge of a read; these bytes are looked at again.
            let again = if self.ended { 0 } else { LINE_ENDS_MAX.min(self.pending.len()) };
            let used = end.unwrap_or(self.pending.len() - again);
            let bytes = &self.pending[..used];
            payload.extend(bytes.iter().take(OVERSIZED_KEPT_BYTES.saturating_sub(payload.len())));
            last.extend(&bytes[used.saturating_sub(LINE_ENDS_MAX)..]);
            last.drain(..last.len().saturating_sub(LINE_ENDS_MAX));
            lines += memchr_iter(b'\n', bytes).count() as u64;
            length += used as u64;
            self.pending.drain(..used);
            if end.is_some() || self.ended {
                break;
            }
            self.read(READ_BYTES)?;
        }
        let whole = length - line_ends(self.framing, &last) as u64;
        payload.truncate(usize::try_from(whole).unwrap_or(usize::MAX));
        let slice = Slice {
            start: 0,
            end: payload.len(),
            offset: self.offset,
            line: self.line,
            next_offset: self.offset + length,
            next_line: self.line + lines,
            whole_bytes: Some(whole),
        };
        (self.offset, self.line) = (slice.next_offset, slice.next_line);
        Ok(Cut { payload, slices: vec![slice] })
    }

    fn document(&mut self) -> io::Result<Option<Cut>> {
        while !self.ended && self.pending.len() <= self.limits.max_record_bytes {
            self.read(READ_BYTES)?;
        }
        if self.pending.trim_ascii().is_empty() && self.ended {
            return Ok(None);
        }
        if self.pending.len() > self.limits.max_record_bytes {
            return self.oversized().map(Some);
        }
        let payload = std::mem::take(&mut self.pending);
        let (slices, next) = split_document(&payload, self.offset, self.line);
        (self.offset, self.line) = next;
        Ok(Some(Cut { payload, slices }))
    }
}

/// Cuts bytes that are there as a whole, such as a pushed body.
#[must_use]
pub fn cut_whole(payload: Vec<u8>) -> Cut {
    let (slices, _) = split_document(&payload, 0, 1);
    Cut { payload, slices }
}

/// The records of a whole document that starts at `offset` and `line`, and where it ends.
fn split_document(payload: &[u8], offset: u64, line: u64) -> (Vec<Slice>, (u64, u64)) {
    let mut slices: Vec<Slice> = Vec::new();
    let end_offset = offset + payload.len() as u64;
    let end_line = line + memchr_iter(b'\n', payload).count() as u64;
    split_records(payload, &mut |piece| {
        if let Some(last) = slices.last_mut() {
            (last.next_offset, last.next_line) = (offset + piece.offset, line + piece.line - 1);
        }
        let start = piece.offset as usize;
        slices.push(Slice {
            start,
            end: start + piece.bytes.len(),
            offset: offset + piece.offset,
            line: line + piece.line - 1,
            next_offset: end_offset,
            next_line: end_line,
            whole_bytes: None,
        });
    });
    (slices, (end_offset, end_line))
}

/// One past the blank line that ends the first event of the block; blank lines before it belong to it.
fn event_end(block: &[u8]) -> Option<usize> {
    event_end_from(block, block.len() - block.trim_ascii_start().len())
}

fn event_end_from(block: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let end = from + memchr(b'\n', block.get(from..)?)? + 1;
        let next = &block[end..];
        if next.starts_with(b"\n") {
            return Some(end + 1);
        }
        if next.starts_with(b"\r\n") {
            return Some(end + 2);
        }
        from = end;
    }
}

/// How many bytes at the end of a record are its line ends.
fn line_ends(framing: Framing, block: &[u8]) -> usize {
    let strip = |block: &mut &[u8]| {
        *block = block.strip_suffix(b"\n").unwrap_or(block);
        *block = block.strip_suffix(b"\r").unwrap_or(block);
    };
    let mut rest = block;
    match framing {
        Framing::Document => {}
        Framing::Lines => strip(&mut rest),
        Framing::Sse => {
            strip(&mut rest);
            strip(&mut rest);
        }
    }
    block.len() - rest.len()
}

/// Reads the first bytes of a stream: enough to judge its framing, or all there is. A live stream is not
/// waited for beyond its first line.
///
/// # Errors
/// What the reader says.
pub fn read_head<R: Read>(reader: &mut R, live: bool) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD_BYTES];
    let mut filled = 0;
    while filled < HEAD_BYTES {
        match reader.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
        if live && memchr(b'\n', head[..filled].trim_ascii_start()).is_some() {
            break;
        }
    }
    head.truncate(filled);
    Ok(head)
}

#[cfg(test)]
#[path = "cutter_tests.rs"]
mod tests;
