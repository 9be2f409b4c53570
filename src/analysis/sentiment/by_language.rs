//! Models of one kind, one for each language that has rules.

use std::sync::Arc;

use super::Rules;
use crate::model::Language;

/// What there is for English, and for Chinese in either script. Copies share it.
#[derive(Debug)]
pub(super) struct ByLanguage<T> {
    english: Option<Arc<T>>,
    chinese: Option<Arc<T>>,
}

impl<T> ByLanguage<T> {
    pub(super) const NONE: ByLanguage<T> = ByLanguage { english: None, chinese: None };

    pub(super) fn new(english: Option<T>, chinese: Option<T>) -> ByLanguage<T> {
        ByLanguage { english: english.map(Arc::new), chinese: chinese.map(Arc::new) }
    }

    /// That of the language whose rules these are.
    pub(super) fn by(&self, rules: Rules) -> Option<&T> {
        match rules {
            Rules::English => self.english.as_deref(),
            Rules::Chinese => self.chinese.as_deref(),
            Rules::Symbols => None,
        }
    }

    /// Of a language that has no rules there is none.
    pub(super) fn of(&self, language: Language) -> Option<&T> {
        match language {
            Language::EN => self.english.as_deref(),
            language if language.is_chinese() => self.chinese.as_deref(),
            _ => None,
        }
    }

    /// In the place of the one before. For a language that has no rules it is of no use and let go of.
    pub(super) fn put(&mut self, language: Language, model: T) {
        match language {
            Language::EN => self.english = Some(Arc::new(model)),
            language if language.is_chinese() => self.chinese = Some(Arc::new(model)),
            _ => {}
        }
    }
}

impl<T> Clone for ByLanguage<T> {
    fn clone(&self) -> Self {
        ByLanguage { english: self.english.clone(), chinese: self.chinese.clone() }
    }
}
