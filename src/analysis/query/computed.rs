//! Fields that are known only after a post was collected: what rules may ask for.

use std::sync::Arc;

use super::field_test::{FieldTest, fold};
use super::fields::Field;
use crate::analysis::sentiment::Emotions;
use crate::model::{Polarity, Score};

/// What is known so far of a mention of one brand.
#[derive(Clone, Copy, Debug)]
pub struct Computed<'a> {
    /// The brand's id.
    pub brand: &'a str,
    /// Label towards the brand.
    pub polarity: Polarity,
    /// Graded score towards the brand.
    pub score: Score,
    /// Emotions of the whole text.
    pub emotions: Emotions,
    /// Tags that rules have added.
    pub tags: &'a [Arc<str>],
    /// Category that a rule has set.
    pub category: Option<&'a str>,
}

impl FieldTest {
    /// Does the mention meet the condition? Only for the fields of [`Computed`].
    pub(super) fn holds_after(&self, known: &Computed<'_>, buffer: &mut String) -> bool {
        match self.field {
            Field::Sentiment if self.values.is_empty() => {
                let score = known.score.as_f64();
                score >= self.range.0 && score <= self.range.1
            }
            Field::Sentiment => self.is_named(known.polarity.as_str(), buffer),
            Field::Emotion => known.emotions.iter().any(|(found, _)| self.is_named(found.as_str(), buffer)),
            Field::Brand => self.is_named(known.brand, buffer),
            Field::Tag => known.tags.iter().any(|tag| self.is_named(tag, buffer)),
            Field::Category => known.category.is_some_and(|category| self.is_named(category, buffer)),
            _ => false,
        }
    }

    fn is_named(&self, name: &str, buffer: &mut String) -> bool {
        fold(name, self.field, buffer);
        self.values.iter().any(|value| value.text == *buffer)
    }
}
