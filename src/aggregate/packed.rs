//! A remembered post as bytes, the same in memory and in a journal.
//!
//! A lane that is read back copies them from one to the other: unpacking millions of posts of which nearly none is
//! ever asked for took most of the time of a restore.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::dedupe::Remembered;

/// A [`Remembered`] in postcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed<'a>(&'a [u8]);

impl<'a> Packed<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Packed<'a> {
        Packed(bytes)
    }

    /// Packs a post into `buffer`, whose contents are replaced.
    pub(super) fn pack(post: &Remembered<'_>, buffer: &'a mut Vec<u8>) -> Packed<'a> {
        buffer.clear();
        // Writing to memory cannot fail; `to_extend` only reports what the writer reports.
        *buffer = postcard::to_extend(post, std::mem::take(buffer)).unwrap_or_default();
        Packed(buffer)
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The post; none when the bytes are not one.
    pub(super) fn unpack(self) -> Option<Remembered<'a>> {
        postcard::from_bytes(self.0).ok()
    }
}

impl Serialize for Packed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Packed<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Packed<'a>, D::Error> {
        <&'a [u8]>::deserialize(deserializer).map(Packed)
    }
}
