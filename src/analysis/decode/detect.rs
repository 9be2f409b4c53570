//! Which feed a record comes from.
use super::Format;

/// The format of a record by its first keys, without parsing it; `None` when nothing fits.
#[must_use]
pub fn detect_format(_text: &str) -> Option<Format> {
    None
}
