//! Stand-in until the annotator lands: canonical JSON lines, brands found by the words of their query.
#![allow(missing_docs, clippy::all, clippy::pedantic)]
use crate::analysis::decode::Format;
use crate::analysis::query::Query;
use crate::model::*;
use std::sync::Arc;

pub struct Annotator {
    brands: Vec<(String, String)>,
}
#[derive(Default)]
pub struct Scratch;
#[derive(serde::Deserialize)]
struct Mini {
    id: String,
    text: String,
    published_at: Timestamp,
}

impl Annotator {
    pub fn new(brands: &[(String, Query)], _text: crate::analysis::text::TextOptions) -> Annotator {
        Annotator { brands: brands.iter().map(|(id, q)| (id.clone(), q.0.to_lowercase())).collect() }
    }
    pub fn read(&self, record: &Record<'_>, _: Format, _: &mut Scratch, out: &mut Vec<Reading>) {
        let text = String::from_utf8_lossy(record.payload);
        let at = |t: Timestamp| record.received_at.unwrap_or(t);
        match serde_json::from_slice::<Mini>(record.payload) {
            Ok(m) => {
                let hash = xxhash_rust::xxh3::xxh3_64(m.id.as_bytes()).max(1);
                let matches: smallvec::SmallVec<[BrandMatch; 2]> = self
                    .brands
                    .iter()
                    .enumerate()
                    .filter(|(_, b)| m.text.to_lowercase().contains(&b.1))
                    .map(|(i, _)| BrandMatch {
                        brand: BrandId(i as u32),
                        spans: Default::default(),
                        polarity: Polarity::Neutral,
                        score: Score::default(),
                    })
                    .collect();
                let outcome = if matches.is_empty() {
                    ReadingOutcome::Unmatched
                } else {
                    let names: Vec<&str> =
                        matches.iter().map(|x| self.brands[x.brand.0 as usize].0.as_str()).collect();
                    let json = serde_json::json!({"network": "other", "id": m.id, "text": m.text, "brands": names, "published_at": m.published_at});
                    ReadingOutcome::Matched(Arc::new(Mention {
                        key: PostKey { network: Network::Other, id: m.id.clone().into() },
                        kind: Kind::Original,
                        language: Language::EN,
                        author: "".into(),
                        author_label: "".into(),
                        followers: None,
                        counts: Counts::default(),
                        hashtags: Box::new([]),
                        links: Box::new([]),
                        root: RootKey {
                            id: m.id.clone().into(),
                            author: None,
                            snippet: None,
                            published_at: None,
                            url: None,
                            is_reference: false,
                        },
                        url: None,
                        snippet: m.text.clone().into(),
                        matches,
                        json: serde_json::to_vec(&json).unwrap_or_default().into(),
                    }))
                };
                out.push(Reading {
                    identity: hash,
                    version: 0,
                    published_at: m.published_at,
                    received_at: at(m.published_at),
                    outcome,
                });
            }
            Err(e) => {
                let t = at(Timestamp::MIN);
                let outcome = if text.trim().is_empty() {
                    ReadingOutcome::Ignored("keep_alive")
                } else {
                    ReadingOutcome::Malformed(Box::new(DeadLetter {
                        reason: "json_syntax".into(),
                        detail: e.to_string(),
                        feed: record.origin.feed.into(),
                        source: record.origin.source.into(),
                        offset: record.origin.offset,
                        line: record.origin.line,
                        received_at: record.received_at,
                        bytes: record.payload.len() as u64,
                        raw: Some(text.into()),
                        raw_base64: None,
                        truncated: false,
                    }))
                };
                out.push(Reading { identity: 0, version: 0, published_at: t, received_at: t, outcome });
            }
        }
    }
}
