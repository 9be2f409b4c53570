//! Word stems, behind a bounded cache.

use rust_stemmers::Algorithm;

use super::hash::hash_folded;
use crate::model::Language;

/// Places in the cache: a power of two. Together with its words about 1 MiB a language.
const SLOTS: usize = 8_192;
/// A longer word is its own stem.
const MAX_WORD_BYTES: usize = 48;

#[derive(Clone, Debug, Default)]
struct Slot {
    word: String,
    stem: String,
}

/// Stems the words of one language (Snowball). Each thread has its own: the cache is a fixed table in which a new word
/// takes the place of the old one with the same hash, so memory is bounded and the answers never depend on history.
pub struct Stemmer {
    inner: Option<rust_stemmers::Stemmer>,
    slots: Vec<Slot>,
}

impl Stemmer {
    /// A stemmer for `language`; the identity where there is none (Chinese, Japanese, Korean, Thai, unknown, ...).
    #[must_use]
    pub fn new(language: Language) -> Stemmer {
        let inner = algorithm(language).map(rust_stemmers::Stemmer::create);
        let slots = if inner.is_some() { vec![Slot::default(); SLOTS] } else { Vec::new() };
        Stemmer { inner, slots }
    }

    /// There is a stemmer for the language; otherwise [`Stemmer::stem`] is the identity.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.inner.is_some()
    }

    /// The stem of a word that is case folded. Give it the kept form ([`super::Tokens::kept`]): the rules of
    /// French, Spanish or German look at accents.
    pub fn stem<'a>(&'a mut self, word: &'a str) -> &'a str {
        let Some(stemmer) = &self.inner else { return word };
        if word.len() > MAX_WORD_BYTES || word.is_empty() {
            return word;
        }
        let index = hash_folded(word) as usize & (SLOTS - 1);
        let Some(slot) = self.slots.get_mut(index) else { return word };
        if slot.word != word {
            word.clone_into(&mut slot.word);
            slot.stem.clear();
            slot.stem.push_str(&stemmer.stem(word));
        }
        &slot.stem
    }
}

impl std::fmt::Debug for Stemmer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stemmer").field("active", &self.is_active()).finish_non_exhaustive()
    }
}

fn algorithm(language: Language) -> Option<Algorithm> {
    Some(match language.as_str() {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "nl" => Algorithm::Dutch,
        "en" => Algorithm::English,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "no" | "nb" | "nn" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "es" => Algorithm::Spanish,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: &str, word: &str, expected: &str) {
        let mut stemmer = Stemmer::new(Language::from_tag(language));
        assert_eq!(stemmer.stem(word), expected, "{language} {word}");
        assert_eq!(stemmer.stem(word), expected, "{language} {word}, from the cache");
    }

    #[test]
    fn stems() {
        check("en", "complaints", "complaint");
        check("en", "happily", "happili");
        check("en", "tesla's", "tesla");
        check("de", "beschwerden", "beschwerd");
        check("es", "aviones", "avion");
        check("ru", "самолёты", "самолёт");
        check("zh-hans", "软", "软");
        check("und", "flying", "flying");
    }

    #[test]
    fn the_cache_does_not_change_the_answer() {
        let mut cached = Stemmer::new(Language::EN);
        let plain = rust_stemmers::Stemmer::create(Algorithm::English);
        for round in 0..3 {
            for n in 0..30_000 {
                let word = format!("w{}ings", n * 7 + round);
                assert_eq!(cached.stem(&word), plain.stem(&word));
            }
        }
        assert_eq!(cached.slots.len(), SLOTS);
    }

    proptest::proptest! {
        #[test]
        fn total(word in "\\PC{0,20}") {
            for language in ["en", "ar", "da", "nl", "fi", "fr", "de", "el", "hu", "it", "nb", "pt", "ro", "ru", "es", "sv", "ta", "tr"] {
                Stemmer::new(Language::from_tag(language)).stem(&word.to_lowercase());
            }
        }
    }
}
