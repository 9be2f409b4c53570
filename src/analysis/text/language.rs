//! Which language a text is written in.

use crate::model::Language;

/// The language of a text.
#[must_use]
pub fn detect_language(text: &str, declared: Option<&str>) -> Language {
    match declared.map(Language::from_tag) {
        Some(language) if language != Language::UNKNOWN => language,
        _ => Language::from_tag(whichlang::detect_language(text).three_letter_code()),
    }
}
