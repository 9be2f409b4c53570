//! Word stems, behind a cache.

use std::borrow::Cow;

use crate::model::Language;

/// Stems folded words of one language.
pub struct Stemmer {
    inner: Option<rust_stemmers::Stemmer>,
}

impl Stemmer {
    /// A stemmer for `language`; the identity where there is none.
    #[must_use]
    pub fn new(language: Language) -> Stemmer {
        let inner = (language == Language::EN)
            .then(|| rust_stemmers::Stemmer::create(rust_stemmers::Algorithm::English));
        Stemmer { inner }
    }

    /// The stem of a folded word.
    pub fn stem<'a>(&'a mut self, folded: &'a str) -> Cow<'a, str> {
        match &self.inner {
            Some(stemmer) => stemmer.stem(folded),
            None => Cow::Borrowed(folded),
        }
    }
}
