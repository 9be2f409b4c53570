//! A model as a file.
//!
//! All numbers are little-endian. `EARFULSM`, or `EARFULPM` of a model for parts of texts, format version (u16),
//! name of the features (16 bytes), language tag (16 bytes), bits of both tables (u8, u8), number of rule features
//! (u16), neutral bias and base (f32 each), rule weights (f32 pairs), scales (four f32), both tables (i8 pairs),
//! XXH3 of all before (u64). Names are padded with zeros.

use xxhash_rust::xxh3::xxh3_64;

use super::{
    super::rated::FEATURES,
    EmotionModel, Model, Pair, Scope, Table,
    grams::{HASH, Sizes},
};
use crate::model::Language;

const MAGIC: &[u8; 8] = b"EARFULSM";
const MAGIC_OF_PARTS: &[u8; 8] = b"EARFULPM";
const VERSION: u16 = 1;
pub(super) const NAME_BYTES: usize = 16;
pub(super) const CHECKSUM_BYTES: usize = 8;
/// The largest table that a model may have, as a power of two.
const BITS_MAX: u32 = 22;

/// Why a file is no model that this program can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It does not begin as a model does.
    #[error(
        "this is no sentiment model: it does not begin with `EARFULSM`, `EARFULPM` or `EARFULEM`; make one with `earful train`"
    )]
    Magic,
    /// It is one of the other kind.
    #[error(
        "this is a model of emotions, where one of sentiment is wanted; give one that `earful train` made from labels"
    )]
    OfEmotions,
    /// The same the other way round.
    #[error(
        "this is a model of sentiment, where one of emotions is wanted; give one made by a recipe of emotions"
    )]
    OfSentiment,
    /// It was written by another release.
    #[error(
        "the model has format version {0}, this program reads version {VERSION}; train it again with this program"
    )]
    Version(u16),
    /// Its n-grams were made into numbers in another way.
    #[error(
        "the model was trained for the features `{0}`, this program has `{HASH}`; train it again with this program"
    )]
    Hash(String),
    /// It ends before or after where its sizes say.
    #[error(
        "the model is cut or has something behind its end: {found} bytes where its header says {wanted}; copy it again"
    )]
    Length {
        /// Bytes that there are.
        found: usize,
        /// Bytes that there should be.
        wanted: usize,
    },
    /// Its bytes are not those that were written.
    #[error("the model is damaged: its checksum does not fit; copy it again")]
    Checksum,
    /// A number in it cannot be.
    #[error("the model cannot be used: {0}; train it again with this program")]
    Content(String),
}

impl Model {
    /// The language that it is for.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// What it judges.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// What is added to neutrality.
    #[must_use]
    pub fn neutral_bias(&self) -> f32 {
        self.neutral_bias
    }

    /// The same with another neutral bias.
    #[must_use]
    pub fn with_neutral_bias(self, neutral_bias: f32) -> Model {
        Model { neutral_bias, ..self }
    }

    /// The model as the bytes of a file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = magic(self.scope).to_vec();
        out.extend(VERSION.to_le_bytes());
        out.extend(padded(HASH));
        out.extend(padded(self.language.as_str()));
        out.extend([self.sizes.words as u8, self.sizes.chars as u8]);
        out.extend((FEATURES as u16).to_le_bytes());
        let rules = self.rules.iter().flatten();
        let scales = self.words.scale.iter().chain(&self.chars.scale);
        let numbers = std::iter::once(&self.neutral_bias).chain(&self.base).chain(rules).chain(scales);
        out.extend(numbers.flat_map(|number| number.to_le_bytes()));
        let weights = self.words.weights.iter().chain(&self.chars.weights).flatten();
        out.extend(weights.map(|weight| *weight as u8));
        out.extend(xxh3_64(&out).to_le_bytes());
        out
    }

    /// Reads what [`Model::to_bytes`] wrote.
    ///
    /// # Errors
    /// The bytes are cut, damaged, of another version or for other features.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
        let mut reader = Reader { rest: bytes, whole: bytes.len() };
        if EmotionModel::is_one(bytes) {
            return Err(ModelError::OfEmotions);
        }
        let scope = scope_of(bytes).ok_or(ModelError::Magic)?;
        let _: [u8; 8] = reader.take()?;
        let version = u16::from_le_bytes(reader.take()?);
        if version != VERSION {
            return Err(ModelError::Version(version));
        }
        let hash = name(reader.take()?);
        if hash != HASH {
            return Err(ModelError::Hash(hash));
        }
        let language = name(reader.take()?);
        let [words, chars] = reader.take::<2>()?.map(u32::from);
        let rules = usize::from(u16::from_le_bytes(reader.take()?));
        check_sizes(words, chars, rules)?;
        check_end(bytes, wanted(words, chars))?;
        reader.model(&language, scope, Sizes { words, chars })
    }
}

/// What the model judges whose bytes these may be.
pub(super) fn scope_of(bytes: &[u8]) -> Option<Scope> {
    [Scope::Text, Scope::Part].into_iter().find(|scope| bytes.starts_with(magic(*scope)))
}

const fn magic(scope: Scope) -> &'static [u8; 8] {
    match scope {
        Scope::Text => MAGIC,
        Scope::Part => MAGIC_OF_PARTS,
    }
}

pub(super) fn check_sizes(words: u32, chars: u32, rules: usize) -> Result<(), ModelError> {
    if rules != FEATURES {
        let what = format!("it has {rules} rule features, this program {FEATURES}");
        return Err(ModelError::Content(what));
    }
    if words == 0 || chars == 0 || words > BITS_MAX || chars > BITS_MAX {
        return Err(ModelError::Content(format!("its tables have 2^{words} and 2^{chars} slots")));
    }
    Ok(())
}

pub(super) fn check_end(bytes: &[u8], wanted: usize) -> Result<(), ModelError> {
    if bytes.len() != wanted {
        return Err(ModelError::Length { found: bytes.len(), wanted });
    }
    let (content, checksum) = bytes.split_at(wanted - CHECKSUM_BYTES);
    if xxh3_64(content).to_le_bytes() == *checksum { Ok(()) } else { Err(ModelError::Checksum) }
}

/// Bytes of a file with such tables.
fn wanted(words: u32, chars: u32) -> usize {
    let head = MAGIC.len() + 2 + 2 * NAME_BYTES + 2 + 2;
    let numbers = 4 * (1 + 2 + 2 * FEATURES + 4);
    head + numbers + 2 * ((1 << words) + (1 << chars)) + CHECKSUM_BYTES
}

pub(super) fn padded(name: &str) -> [u8; NAME_BYTES] {
    let mut out = [0; NAME_BYTES];
    out.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
    out
}

pub(super) fn name(bytes: [u8; NAME_BYTES]) -> String {
    String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned()
}

pub(super) struct Reader<'b> {
    pub(super) rest: &'b [u8],
    pub(super) whole: usize,
}

impl Reader<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        let mut taken = [0; N];
        taken.copy_from_slice(self.bytes(N)?);
        Ok(taken)
    }

    fn bytes(&mut self, count: usize) -> Result<&[u8], ModelError> {
        let Some((head, rest)) = self.rest.split_at_checked(count) else {
            // What the header says is not known yet, only that there must be more.
            return Err(ModelError::Length { found: self.whole, wanted: wanted(0, 0) });
        };
        self.rest = rest;
        Ok(head)
    }

    fn number(&mut self) -> Result<f32, ModelError> {
        let number = f32::from_le_bytes(self.take()?);
        if number.is_finite() { Ok(number) } else { Err(ModelError::Content("it holds no number".into())) }
    }

    pub(super) fn numbers<const N: usize>(&mut self) -> Result<[f32; N], ModelError> {
        let mut numbers = [0.0; N];
        for number in &mut numbers {
            *number = self.number()?;
        }
        Ok(numbers)
    }

    pub(super) fn table<const N: usize>(
        &mut self,
        bits: u32,
        scale: [f32; N],
    ) -> Result<Table<N>, ModelError> {
        let (weights, _) = self.bytes(N << bits)?.as_chunks::<N>();
        Ok(Table { weights: weights.iter().map(|row| row.map(|b| b as i8)).collect(), scale })
    }

    fn model(&mut self, language: &str, scope: Scope, sizes: Sizes) -> Result<Model, ModelError> {
        let neutral_bias = self.number()?;
        let base = self.numbers()?;
        let mut rules = [Pair::default(); FEATURES];
        for rule in &mut rules {
            *rule = self.numbers()?;
        }
        let scales: [Pair; 2] = [self.numbers()?, self.numbers()?];
        let words = self.table(sizes.words, scales[0])?;
        let chars = self.table(sizes.chars, scales[1])?;
        let language = Language::from_tag(language);
        Ok(Model { language, scope, sizes, words, chars, rules, base, neutral_bias })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Model {
        let table = |bits: u32, scale| Table {
            weights: (0..1 << bits).map(|i| [i as i8, -(i as i8)]).collect(),
            scale: [scale, 2.0 * scale],
        };
        Model {
            language: Language::ZH_HANT,
            scope: Scope::Text,
            sizes: Sizes { words: 2, chars: 3 },
            words: table(2, 0.5),
            chars: table(3, 0.25),
            rules: std::array::from_fn(|i| [i as f32, -0.5]),
            base: [0.1, 0.2],
            neutral_bias: -0.75,
        }
    }

    #[test]
    fn what_was_written_is_read_again() {
        for scope in [Scope::Text, Scope::Part] {
            let model = Model { scope, ..small() };
            assert_eq!(Model::from_bytes(&model.to_bytes()), Ok(model));
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_reason() {
        let check = |change: &dyn Fn(&mut Vec<u8>), what: &str| {
            let mut bytes = small().to_bytes();
            change(&mut bytes);
            let error = Model::from_bytes(&bytes).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        };
        check(&|b| b.clear(), "does not begin with `EARFULSM`,");
        check(&|b| b[0] = b'X', "does not begin with `EARFULSM`,");
        check(&|b| b[6] = b'E', "a model of emotions, where one of sentiment is wanted");
        check(&|b| b.truncate(8), "cut");
        check(&|b| b.truncate(40), "cut");
        check(&|b| b.truncate(b.len() - 1), "cut");
        check(&|b| b.push(0), "behind its end");
        check(&|b| b[8] = 9, "format version 9");
        check(&|b| b[10] = b'x', "features `xrams-2`");
        check(&|b| b[42] = 60, "2^60");
        check(&|b| b[44] = 7, "7 rule features");
        check(&|b| b[60] ^= 1, "checksum");
        check(
            &|b| {
                b[46..50].copy_from_slice(&f32::NAN.to_le_bytes());
                let end = b.len() - CHECKSUM_BYTES;
                let checksum = xxh3_64(&b[..end]).to_le_bytes();
                b[end..].copy_from_slice(&checksum);
            },
            "no number",
        );
    }

    #[test]
    fn every_cut_is_refused() {
        let bytes = small().to_bytes();
        assert!((0..bytes.len()).all(|length| Model::from_bytes(&bytes[..length]).is_err()));
    }
}
