//! A short text that is copied often: a value of a list in a metric row.

use std::{cmp::Ordering, fmt, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that need no allocation.
const SHORT: usize = 14;

/// Text that costs little to copy: up to 14 bytes in place, else shared. Reads, compares and is written as
/// its text.
///
/// ```
/// use earful::model::Label;
/// assert_eq!(&*Label::from("bluesky"), "bluesky");
/// assert_eq!(&*Label::from("https://example.org/a"), "https://example.org/a");
/// ```
#[derive(Clone)]
pub struct Label(Kind);

#[derive(Clone)]
enum Kind {
    Short(u8, [u8; SHORT]),
    Shared(Arc<str>),
}

impl Label {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Label {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..text.len()) {
            Some(place) => {
                place.copy_from_slice(text.as_bytes());
                Label(Kind::Short(text.len() as u8, bytes))
            }
            None => Label(Kind::Shared(text.into())),
        }
    }
}

impl From<String> for Label {
    fn from(text: String) -> Label {
        Label::from(text.as_str())
    }
}

impl From<&Arc<str>> for Label {
    fn from(text: &Arc<str>) -> Label {
        if text.len() <= SHORT { Label::from(&**text) } else { Label(Kind::Shared(Arc::clone(text))) }
    }
}

impl Deref for Label {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            // Whole texts only are put in, so this never falls back.
            Kind::Short(len, bytes) => {
                std::str::from_utf8(bytes.get(..usize::from(*len)).unwrap_or_default()).unwrap_or_default()
            }
            Kind::Shared(text) => text,
        }
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Label) -> bool {
        **self == **other
    }
}

impl Eq for Label {}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Label) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Label) -> Ordering {
        str::cmp(self, other)
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Label, D::Error> {
        String::deserialize(d).map(Label::from)
    }
}
