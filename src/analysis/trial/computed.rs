//! What a post's description states of a mention of it: the fields that rules may ask for.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::analysis::query::Computed;
use crate::analysis::sentiment::{Emotion, Emotions};
use crate::model::{Polarity, Score};

/// What is computed of a mention, as people write it. What is left out is empty, and the sentiment neutral.
#[derive(Debug)]
pub struct ShortComputed {
    brand: String,
    polarity: Polarity,
    score: Score,
    emotions: Emotions,
    tags: Vec<Arc<str>>,
    category: Option<String>,
}

impl ShortComputed {
    /// Takes `sentiment` (a label, or a score from -1 to 1), `emotion`, `brand`, `tag` and `category` out of a description; the
    /// rest is the post's.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn take(post: &mut Value) -> Result<ShortComputed, String> {
        let mut computed = ShortComputed {
            brand: String::new(),
            polarity: Polarity::Neutral,
            score: Score::from_e4(0),
            emotions: Emotions::default(),
            tags: Vec::new(),
            category: None,
        };
        let Value::Object(fields) = post else { return Ok(computed) };
        if let Some(value) = remove(fields, "sentiment") {
            (computed.polarity, computed.score) = sentiment(&value)?;
        }
        if let Some(value) = remove(fields, "emotion") {
            computed.emotions = names(&value)?.iter().map(|name| emotion(name)).collect::<Result<_, _>>()?;
        }
        if let Some(value) = remove(fields, "tag") {
            computed.tags = names(&value)?.into_iter().map(Arc::from).collect();
        }
        let mut one = |key| remove(fields, key).map(|value| names(&value).map(|names| names.join(" ")));
        computed.brand = one("brand").transpose()?.unwrap_or_default();
        computed.category = one("category").transpose()?;
        Ok(computed)
    }

    /// As rules see it.
    #[must_use]
    pub fn computed(&self) -> Computed<'_> {
        Computed {
            brand: &self.brand,
            polarity: self.polarity,
            score: self.score,
            emotions: self.emotions,
            tags: &self.tags,
            category: self.category.as_deref(),
        }
    }
}

fn remove(fields: &mut Map<String, Value>, key: &str) -> Option<Value> {
    let found = fields.keys().find(|name| name.eq_ignore_ascii_case(key)).cloned()?;
    fields.remove(&found).filter(|value| !value.is_null())
}

fn sentiment(value: &Value) -> Result<(Polarity, Score), String> {
    if let Some(score) = value.as_f64().filter(|score| (-1.0..=1.0).contains(score)) {
        let score = Score::from_e4((score * 10_000.0).round() as i32);
        return Ok((score.polarity(), score));
    }
    let is_named = |polarity: &&Polarity| value.as_str() == Some(polarity.as_str());
    let found = Polarity::ALL.iter().find(is_named);
    let found = found.ok_or("`sentiment` is positive, neutral, negative, or a score from -1 to 1")?;
    Ok((*found, found.full_score()))
}

/// An emotion that is stated is as likely as can be.
fn emotion(name: &str) -> Result<(Emotion, Score), String> {
    let found = Emotion::ALL.iter().find(|emotion| emotion.as_str() == name);
    let known = || Emotion::ALL.iter().map(|emotion| emotion.as_str()).collect::<Vec<_>>().join(", ");
    let found = found.ok_or_else(|| format!("`emotion` cannot be {name}; choose one of {}", known()))?;
    Ok((*found, Score::from_e4(10_000)))
}

/// A text, or a list of texts.
fn names(value: &Value) -> Result<Vec<&str>, String> {
    let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
    texts.ok_or_else(|| format!("{value} is no text and no list of texts"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_computed_is_taken_out() {
        let mut post = json!({"text": "so", "Sentiment": -0.4, "emotion": ["anger", "fear"], "brand": "acme", "tag": "vip", "category": "b2b"});
        let stated = ShortComputed::take(&mut post).unwrap();
        let known = stated.computed();
        assert_eq!(post, json!({"text": "so"}));
        assert_eq!((known.polarity, known.score.as_f64()), (Polarity::Negative, -0.4));
        assert_eq!((known.brand, known.category, known.tags.len()), ("acme", Some("b2b"), 1));
        assert!(known.emotions.has(Emotion::Fear) && !known.emotions.has(Emotion::Joy));
        let bare = ShortComputed::take(&mut json!("so")).unwrap();
        assert_eq!((bare.computed().polarity, bare.computed().brand), (Polarity::Neutral, ""));
    }

    #[test]
    fn mistakes_are_named() {
        for (post, word) in [
            (json!({"sentiment": "bad"}), "`sentiment`"),
            (json!({"sentiment": 2}), "`sentiment`"),
            (json!({"emotion": "glee"}), "glee"),
            (json!({"tag": [1]}), "[1]"),
        ] {
            let told = ShortComputed::take(&mut post.clone()).unwrap_err();
            assert!(told.contains(word), "{post}: {told}");
        }
    }
}
