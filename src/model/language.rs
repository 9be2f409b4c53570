//! Languages as small codes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An ISO 639 code of two or three letters, or `und`. Chinese scripts are told apart by
/// [`Language::ZH_HANS`] and [`Language::ZH_HANT`], printed `zh-hans` and `zh-hant`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; 3]);

impl Language {
    /// Not known.
    pub const UNKNOWN: Language = Language(*b"und");
    /// English.
    pub const EN: Language = Language(*b"en\0");
    /// Chinese, script not known.
    pub const ZH: Language = Language(*b"zh\0");
    /// Chinese in Simplified script.
    pub const ZH_HANS: Language = Language(*b"zhs");
    /// Chinese in Traditional script.
    pub const ZH_HANT: Language = Language(*b"zht");
    /// Japanese.
    pub const JA: Language = Language(*b"ja\0");

    /// From a BCP 47 tag of any shape (`en-US`, `ZH-Hant`, `pt_br`); `UNKNOWN` if it is none.
    #[must_use]
    pub fn from_tag(tag: &str) -> Language {
        let lower = tag.trim().to_ascii_lowercase().replace('_', "-");
        let mut parts = lower.split('-');
        let code = parts.next().unwrap_or("");
        if code == "zh" {
            return Self::chinese(parts);
        }
        match code.as_bytes() {
            [a, b] if code.bytes().all(|c| c.is_ascii_lowercase()) => Language([*a, *b, 0]),
            [a, b, c] if code.bytes().all(|c| c.is_ascii_lowercase()) => Language([*a, *b, *c]),
            _ => Language::UNKNOWN,
        }
    }

    fn chinese<'a>(subtags: impl Iterator<Item = &'a str>) -> Language {
        for tag in subtags {
            match tag {
                "hans" | "cn" | "sg" => return Language::ZH_HANS,
                "hant" | "tw" | "hk" | "mo" => return Language::ZH_HANT,
                _ => {}
            }
        }
        Language::ZH
    }

    /// `en`, `zh-hans`, `und`, ...
    #[must_use]
    pub fn as_str(&self) -> &str {
        match *self {
            Language::ZH_HANS => "zh-hans",
            Language::ZH_HANT => "zh-hant",
            _ => std::str::from_utf8(&self.0).unwrap_or("und").trim_end_matches('\0'),
        }
    }

    /// Chinese in any script.
    #[must_use]
    pub fn is_chinese(self) -> bool {
        matches!(self, Language::ZH | Language::ZH_HANS | Language::ZH_HANT)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Language, D::Error> {
        Ok(Language::from_tag(&String::deserialize(d)?))
    }
}
