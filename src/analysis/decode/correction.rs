//! An analyst's label for a mention, `{"correction": {...}}`: earful's own, in feeds of every format.

use std::borrow::Cow;

use serde::Deserialize;

use super::{
    Emit, Frame, GivenLabel,
    common::{malformed, no_time},
    dates,
    run::Read,
    soft::{Scalar, Soft},
};
use crate::model::{Network, Polarity};

/// Longer names are cut short.
const NAME_CHARS: usize = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow)]
    correction: Soft<WireCorrection<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCorrection<'a> {
    #[serde(borrow)]
    network: Scalar<'a>,
    id: Scalar<'a>,
    brand: Scalar<'a>,
    sentiment: Scalar<'a>,
    by: Scalar<'a>,
    at: Scalar<'a>,
    source: Scalar<'a>,
}

/// True for an object whose first key is `correction`. No feed's posts begin so.
pub(super) fn is_one(object: &str) -> bool {
    let inside = object.strip_prefix('{').map(str::trim_ascii_start);
    inside.is_some_and(|keys| keys.starts_with("\"correction\""))
}

pub(super) fn decode(text: &str, emit: &mut Emit<'_>) -> Read {
    let wire: Wire<'_> = serde_json::from_str(text)?;
    match wire.correction.0 {
        Some(correction) => label(correction, emit),
        None => malformed(emit, "missing_record", "`correction` is no object"),
    }
    Ok(())
}

fn label(wire: WireCorrection<'_>, emit: &mut Emit<'_>) {
    let Some(network) = Network::from_name(wire.network.as_str()) else {
        return malformed(
            emit,
            "unknown_network",
            one_of("network", Network::ALL.iter().map(|n| n.as_str())),
        );
    };
    let Some(polarity) = Polarity::from_name(wire.sentiment.as_str()) else {
        let labels = Polarity::ALL.iter().map(|p| p.as_str());
        return malformed(emit, "unknown_sentiment", one_of("sentiment", labels));
    };
    let Some(id) = wire.id.id() else { return missing(emit, "missing_id", "id") };
    let Some(brand) = wire.brand.filled() else { return missing(emit, "missing_brand", "brand") };
    let Some(by) = wire.by.filled() else { return missing(emit, "missing_by", "by") };
    let at = dates::time(&wire.at);
    if at.is_none() && wire.at != Scalar::Absent {
        return no_time(emit, "at", wire.at.as_str());
    }
    let source = wire.source.filled();
    emit(Frame::Correction(GivenLabel { network, id, brand, polarity, by: short(by), at, source }));
}

fn one_of<'n>(field: &str, names: impl Iterator<Item = &'n str>) -> String {
    format!("`{field}` of a correction must be one of {}", names.collect::<Vec<_>>().join(", "))
}

fn missing(emit: &mut Emit<'_>, code: &'static str, field: &str) {
    malformed(emit, code, format!("the correction has no `{field}`"));
}

fn short(name: Cow<'_, str>) -> Cow<'_, str> {
    match name.char_indices().nth(NAME_CHARS) {
        Some((end, _)) => Cow::Owned(name[..end].to_owned()),
        None => name,
    }
}
