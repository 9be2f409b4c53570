//! The posts that a lane remembers, packed: bytes in chunks, the oldest chunk first.
//!
//! Every matched post of the dedupe horizon is here, and nearly none of them is ever asked for again, so
//! they are kept as they are written: a third of the memory, and one allocation for thousands of them.
//!
//! **Invariant:** a chunk is dropped when every identity that was seen before its last post is forgotten.
//! A post is written right after its identity is seen, or later (an edit), so it is never dropped early.

use std::{collections::VecDeque, num::NonZeroU64};

use super::packed::Packed;

/// A chunk takes no further post beyond this.
const CHUNK_BYTES: usize = 64 << 10;
/// Each post follows its length.
const LENGTH_BYTES: usize = 4;

/// Where a post is: one more than its distance from the first byte ever written, so that an `Option` takes no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(NonZeroU64);

impl Place {
    fn at(byte: u64) -> Place {
        Place(NonZeroU64::MIN.saturating_add(byte))
    }

    fn byte(self) -> u64 {
        self.0.get() - 1
    }
}

#[derive(Clone, Debug)]
struct Chunk {
    /// Distance of its first byte from the first ever written.
    start: u64,
    bytes: Vec<u8>,
    /// Identities that had been seen when its last post was written.
    seen: u64,
}

/// Posts as bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Posts {
    chunks: VecDeque<Chunk>,
    /// Where the next byte goes.
    end: u64,
    /// Bytes of posts that were replaced or taken out.
    wasted: u64,
}

impl Posts {
    /// Keeps a post until [`Posts::forget`] is told that so many identities as `seen` are forgotten.
    pub(super) fn push(&mut self, post: Packed<'_>, seen: u64) -> Place {
        if self.chunks.back().is_none_or(|chunk| chunk.bytes.len() >= CHUNK_BYTES) {
            // Room for one more post of the usual size, so that the chunk seldom moves.
            let bytes = Vec::with_capacity(CHUNK_BYTES + (CHUNK_BYTES >> 6));
            self.chunks.push_back(Chunk { start: self.end, bytes, seen });
        }
        let place = Place::at(self.end);
        if let Some(chunk) = self.chunks.back_mut() {
            chunk.seen = seen;
            chunk.bytes.extend_from_slice(&(post.bytes().len() as u32).to_le_bytes());
            chunk.bytes.extend_from_slice(post.bytes());
            self.end = chunk.start + chunk.bytes.len() as u64;
        }
        place
    }

    /// The post at this place.
    pub(super) fn get(&self, place: Place) -> Option<Packed<'_>> {
        let at = self.chunks.partition_point(|chunk| chunk.start <= place.byte()).checked_sub(1)?;
        let chunk = &self.chunks[at];
        let (length, rest) = chunk.bytes.get((place.byte() - chunk.start) as usize..)?.split_first_chunk()?;
        rest.get(..u32::from_le_bytes(*length) as usize).map(Packed::new)
    }

    /// The post at this place is needed no more.
    pub(super) fn waste(&mut self, place: Place) {
        self.wasted += self.get(place).map_or(0, |post| (LENGTH_BYTES + post.bytes().len()) as u64);
    }

    /// True when most of what is kept is needed no more, so that packing anew pays.
    pub(super) fn is_mostly_waste(&self) -> bool {
        self.wasted > CHUNK_BYTES as u64 && self.wasted > self.kept_bytes() / 2
    }

    /// Bytes of all posts, the wasted too.
    pub(super) fn kept_bytes(&self) -> u64 {
        self.chunks.front().map_or(0, |first| self.end - first.start)
    }

    /// Drops the chunks of which no identity is remembered any more, after so many were forgotten.
    pub(super) fn forget(&mut self, forgotten: u64) {
        while self.chunks.front().is_some_and(|chunk| chunk.seen <= forgotten) {
            self.chunks.pop_front();
        }
    }
}
