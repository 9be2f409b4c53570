//! Lines of the `mentions` output, read back: mentions, tombstones and corrections.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use smallvec::SmallVec;

use crate::model::{Network, Polarity, PostKey};

/// What of a line the view needs.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    brands: SmallVec<[Match<'a>; 2]>,
    #[serde(borrow)]
    post: Option<Key<'a>>,
    #[serde(borrow)]
    correction: Option<Correction<'a>>,
    #[serde(default)]
    tombstone: bool,
    network: Option<Network>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
}

/// The label of one brand.
#[derive(Deserialize)]
pub(super) struct Match<'a> {
    #[serde(borrow)]
    pub(super) brand: Cow<'a, str>,
    sentiment: Sentiment,
}

#[derive(Deserialize)]
struct Sentiment {
    label: Polarity,
}

#[derive(Deserialize)]
struct Key<'a> {
    network: Network,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// What an analyst has set.
#[derive(Deserialize)]
pub(super) struct Correction<'a> {
    #[serde(borrow)]
    pub(super) brand: Cow<'a, str>,
    sentiment: Value,
    #[serde(borrow)]
    sentiment_by: Cow<'a, str>,
    revision: u32,
}

/// One line.
pub(super) enum Written<'a> {
    Mention(PostKey, SmallVec<[Match<'a>; 2]>),
    Tombstone(PostKey),
    Correction(PostKey, Correction<'a>),
}

impl Written<'_> {
    /// None for what is none of them.
    pub(super) fn read(json: &str) -> Option<Written<'_>> {
        let line: Line<'_> = serde_json::from_str(json).ok()?;
        if let Some(Key { network, id }) = line.post {
            return Some(Written::Mention(PostKey { network, id: id.into() }, line.brands));
        }
        let key = PostKey { network: line.network?, id: line.id?.into() };
        match line.correction {
            Some(correction) => Some(Written::Correction(key, correction)),
            None => line.tombstone.then_some(Written::Tombstone(key)),
        }
    }
}

impl Match<'_> {
    pub(super) fn label(&self) -> Polarity {
        self.sentiment.label
    }
}

impl Correction<'_> {
    pub(super) fn label(&self) -> Option<Polarity> {
        Polarity::from_name(self.sentiment.get("label")?.as_str()?)
    }

    /// A mention's JSON with the label in it.
    pub(super) fn apply(&self, json: &[u8]) -> Option<Box<[u8]>> {
        let mut mention: Value = serde_json::from_slice(json).ok()?;
        let brands = mention.get_mut("brands")?.as_array_mut()?;
        let found = brands.iter_mut().find(|found| found["brand"] == *self.brand)?.as_object_mut()?;
        found.insert("sentiment".to_owned(), self.sentiment.clone());
        found.insert("sentiment_by".to_owned(), self.sentiment_by.as_ref().into());
        found.insert("revision".to_owned(), self.revision.into());
        serde_json::to_vec(&mention).ok().map(Vec::into_boxed_slice)
    }
}
