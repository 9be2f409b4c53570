//! An analyst's label as a lane takes it in: with the brand's number, and its record in case that it is of no use.

use super::annotator::dead_letter;
use super::decode::GivenLabel;
use super::document::BrandLabel;
use crate::model::{BrandId, Correction, Defect, PostKey, ReadingOutcome, Record, Timestamp};

/// When it was decided, and what the lane gets.
pub(super) fn outcome(
    brands: &[BrandLabel],
    record: &Record<'_>,
    label: &GivenLabel<'_>,
) -> Result<(Timestamp, ReadingOutcome), Defect> {
    let place = (0..).zip(brands).find(|(_, brand)| brand.id == label.brand);
    let Some((number, brand)) = place else {
        let detail = format!("this pipeline has no brand `{}`", label.brand);
        return Err(Defect { code: "unknown_brand", detail });
    };
    let Some(at) = label.at.or(record.received_at) else {
        let detail = "the correction has no `at`, and its feed does not tell when it came in".to_owned();
        return Err(Defect { code: "missing_time", detail });
    };
    let correction = Correction {
        key: PostKey { network: label.network, id: label.id.as_ref().into() },
        brand: BrandId(number),
        brand_name: brand.id.as_str().into(),
        polarity: label.polarity,
        by: label.by.as_ref().into(),
        source: label.source.as_deref().map(Into::into),
        dead: dead_letter(record, Defect { code: "", detail: String::new() }),
    };
    Ok((at, ReadingOutcome::Correction(Box::new(correction))))
}
