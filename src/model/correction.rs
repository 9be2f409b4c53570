//! An analyst's label for a mention: as it comes in, and as it is written once it is in force.

use serde::Serialize;

use super::{BrandId, DeadLetter, Fate, Network, Polarity, PostKey, Score, Timestamp};

/// A longer record is no correction, in bytes: an honest one has some 200.
pub const CORRECTION_BYTES_MAX: usize = 64 << 10;

/// A label on its way to the lane that has counted the mention.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The post.
    pub key: PostKey,
    /// The brand that the label is towards.
    pub brand: BrandId,
    /// The brand's id in the pipeline.
    pub brand_name: Box<str>,
    /// The label.
    pub polarity: Polarity,
    /// Who gives it.
    pub by: Box<str>,
    /// Where the post came in, as `origin.source` of the mention tells; none when it is not stated.
    pub source: Option<Box<str>>,
    /// Its record for `dead`, in case that it cannot be applied. The lane fills in why.
    pub dead: DeadLetter,
}

/// A label that has come into force: what takes the place of the one in the mention.
#[derive(Clone, Copy, Debug)]
pub struct Corrected<'a> {
    /// What was asked for.
    pub correction: &'a Correction,
    /// The score from now on.
    pub score: Score,
    /// Label and score that were in force before.
    pub was: (Polarity, Score),
    /// How many labels analysts have given this text for this brand, with this one.
    pub revision: u32,
    /// When the analyst decided.
    pub at: Timestamp,
    /// The version of the post that was labelled: when it was last edited, none for the first one.
    pub edited_at: Option<Timestamp>,
}

/// A corrected label as it is written to `mentions`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CorrectionLine<'a> {
    fate: Fate,
    /// Where the post was published.
    network: Network,
    /// The network's own id.
    id: &'a str,
    /// What holds from now on.
    correction: CorrectionView<'a>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CorrectionView<'a> {
    /// The brand's id in the pipeline.
    brand: &'a str,
    /// What takes the place of `brands[].sentiment` of this brand.
    sentiment: GivenSentiment,
    /// Who has set it: `analyst:NAME`.
    sentiment_by: String,
    /// Counts the labels that analysts have given this text for this brand, from 1.
    revision: u32,
    /// When the analyst decided.
    at: Timestamp,
    /// `edited_at` of the post that was labelled; absent for its first version.
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    /// What was in force before.
    was: GivenSentiment,
}

/// Label and graded score.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct GivenSentiment {
    /// Three-way label.
    label: Polarity,
    /// -1 to 1.
    score: Score,
}

impl Corrected<'_> {
    /// Who has set the sentiment, as mentions name it.
    #[must_use]
    pub fn sentiment_by(&self) -> String {
        format!("analyst:{}", self.correction.by)
    }

    /// Appends it as one JSON object.
    ///
    /// # Errors
    /// Never: plain values can be written into memory.
    pub fn write_json(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let Correction { key, brand_name, polarity, .. } = self.correction;
        let line = CorrectionLine {
            fate: Fate::Retracted,
            network: key.network,
            id: &key.id,
            correction: CorrectionView {
                brand: brand_name,
                sentiment: GivenSentiment { label: *polarity, score: self.score },
                sentiment_by: self.sentiment_by(),
                revision: self.revision,
                at: self.at,
                edited_at: self.edited_at,
                was: GivenSentiment { label: self.was.0, score: self.was.1 },
            },
        };
        serde_json::to_writer(out, &line)
    }
}
