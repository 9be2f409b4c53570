//! A model of emotions as a file.
//!
//! As a [model](super::file) of the label, but for these: it begins with `EARFULEM`, has thresholds (six f32) in
//! the place of the neutral bias, and six columns in the place of two.

use xxhash_rust::xxh3::xxh3_64;

use super::{
    super::rated::FEATURES,
    EmotionModel, ModelError,
    emotions::EMOTIONS,
    file::{CHECKSUM_BYTES, NAME_BYTES, Reader, check_end, check_sizes, name, padded, scope_of},
    grams::{HASH, Sizes},
};
use crate::model::Language;

const MAGIC: &[u8; 8] = b"EARFULEM";
const VERSION: u16 = 1;

impl EmotionModel {
    /// The language that it is for.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The bytes begin as those of a model of emotions do.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The model as the bytes of a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        out.extend(padded(HASH));
        out.extend(padded(self.language.as_str()));
        out.extend([self.sizes.words as u8, self.sizes.chars as u8]);
        out.extend((FEATURES as u16).to_le_bytes());
        let scales = self.words.scale[..EMOTIONS].iter().chain(&self.chars.scale[..EMOTIONS]);
        let numbers = self.thresholds.iter().chain(&self.base).chain(self.rules.iter().flatten());
        out.extend(numbers.chain(scales).flat_map(|number| number.to_le_bytes()));
        let weights = self.words.weights.iter().chain(&self.chars.weights).flat_map(|row| &row[..EMOTIONS]);
        out.extend(weights.map(|weight| *weight as u8));
        out.extend(xxh3_64(&out).to_le_bytes());
        out
    }

    /// Reads what [`EmotionModel::to_bytes`] wrote.
    ///
    /// # Errors
    /// The bytes are cut, damaged, of another version or for other features.
    pub fn from_bytes(bytes: &[u8]) -> Result<EmotionModel, ModelError> {
        let mut reader = Reader { rest: bytes, whole: bytes.len() };
        if !EmotionModel::is_one(bytes) {
            let is_other = scope_of(bytes).is_some();
            return Err(if is_other { ModelError::OfSentiment } else { ModelError::Magic });
        }
        let _: [u8; 8] = reader.take()?;
        let version = u16::from_le_bytes(reader.take()?);
        if version != VERSION {
            return Err(ModelError::Version(version));
        }
        let hash = name(reader.take()?);
        if hash != HASH {
            return Err(ModelError::Hash(hash));
        }
        let language = Language::from_tag(&name(reader.take()?));
        let [words, chars] = reader.take::<2>()?.map(u32::from);
        let rules = usize::from(u16::from_le_bytes(reader.take()?));
        check_sizes(words, chars, rules)?;
        check_end(bytes, wanted(words, chars))?;
        content(&mut reader, language, Sizes { words, chars })
    }
}

/// Bytes of a file with such tables.
fn wanted(words: u32, chars: u32) -> usize {
    let head = MAGIC.len() + 2 + 2 * NAME_BYTES + 2 + 2;
    let numbers = 4 * EMOTIONS * (2 + FEATURES + 2);
    head + numbers + EMOTIONS * ((1 << words) + (1 << chars)) + CHECKSUM_BYTES
}

fn content(reader: &mut Reader<'_>, language: Language, sizes: Sizes) -> Result<EmotionModel, ModelError> {
    let (thresholds, base) = (reader.numbers()?, reader.numbers()?);
    let mut rules = [[0.0; EMOTIONS]; FEATURES];
    for rule in &mut rules {
        *rule = reader.numbers()?;
    }
    let scales = [reader.numbers()?, reader.numbers()?];
    let words = reader.table(sizes.words, scales[0])?.widened();
    let chars = reader.table(sizes.chars, scales[1])?.widened();
    Ok(EmotionModel { language, sizes, words, chars, rules, base, thresholds })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sentiment::Table;

    fn small() -> EmotionModel {
        let table = |bits: u32, scale| {
            let weights = (0..1 << bits).map(|i| std::array::from_fn(|column| (i * column) as i8)).collect();
            Table { weights, scale: std::array::from_fn(|column| scale * (column + 1) as f32) }.widened()
        };
        EmotionModel {
            language: Language::ZH,
            sizes: Sizes { words: 2, chars: 3 },
            words: table(2, 0.5),
            chars: table(3, 0.25),
            rules: std::array::from_fn(|i| [i as f32; EMOTIONS]),
            base: [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0],
            thresholds: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        }
    }

    #[test]
    fn what_was_written_is_read_again() {
        assert_eq!(EmotionModel::from_bytes(&small().to_bytes()), Ok(small()));
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let bytes = small().to_bytes();
        assert!((0..bytes.len()).all(|length| EmotionModel::from_bytes(&bytes[..length]).is_err()));
        let check = |at: usize, to: u8, what: &str| {
            let mut bytes = bytes.clone();
            bytes[at] = to;
            let error = EmotionModel::from_bytes(&bytes).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        };
        check(7, b'X', "no sentiment model");
        check(6, b'S', "a model of sentiment, where one of emotions is wanted");
        check(8, 9, "format version 9");
        check(10, b'x', "features `xrams-2`");
        check(44, 7, "7 rule features");
        check(60, 77, "checksum");
    }
}
