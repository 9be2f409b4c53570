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
        let mut parts = tag.trim().split(['-', '_']);
        match parts.next().unwrap_or("").as_bytes() {
            [b'z' | b'Z', b'h' | b'H'] => Self::chinese(parts),
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Language([a.to_ascii_lowercase(), b.to_ascii_lowercase(), 0])
            }
            [a, b, c] if [a, b, c].into_iter().all(u8::is_ascii_alphabetic) => {
                Language([a, b, c].map(u8::to_ascii_lowercase))
            }
            _ => Language::UNKNOWN,
        }
    }

    fn chinese<'a>(subtags: impl Iterator<Item = &'a str>) -> Language {
        let is = |tag: &str, names: &[&str]| names.iter().any(|name| tag.eq_ignore_ascii_case(name));
        for tag in subtags {
            if is(tag, &["hans", "cn", "sg"]) {
                return Language::ZH_HANS;
            }
            if is(tag, &["hant", "tw", "hk", "mo"]) {
                return Language::ZH_HANT;
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

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn tags_of_any_shape() {
        let check =
            |tag: &str, expected: &str| assert_eq!(Language::from_tag(tag).as_str(), expected, "{tag}");
        check(" EN-us ", "en");
        check("pt_BR", "pt");
        check("Yue-Hant", "yue");
        check("zh", "zh");
        check("ZH_hant_CN", "zh-hant");
        check("zh-x-SG", "zh-hans");
        for tag in ["", "e", "engl", "e1", "é", "-en", "zz9", "中文"] {
            check(tag, "und");
        }
    }
}
