//! Sentiment as integers, so that sums do not depend on their order.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::post::named_enum;

named_enum! {
    /// Three-way label.
    Polarity {
        /// Against.
        Negative = "negative",
        /// Neither.
        Neutral = "neutral",
        /// In favour.
        Positive = "positive",
    }
}

impl Polarity {
    /// The score of a label that was set, not scored: a label alone says no more than -1, 0 or 1.
    #[must_use]
    pub const fn full_score(self) -> Score {
        match self {
            Polarity::Negative => Score(-10_000),
            Polarity::Neutral => Score(0),
            Polarity::Positive => Score(10_000),
        }
    }
}

/// A graded score from -1 to 1 in steps of 1e-4 (VADER's compound is rounded to four decimals),
/// kept as an integer. In JSON it is the decimal number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(i16);

impl Score {
    /// From ten-thousandths; clamped to -10,000..=10,000.
    #[must_use]
    pub fn from_e4(e4: i32) -> Score {
        Score(e4.clamp(-10_000, 10_000) as i16)
    }

    /// From -1.0..=1.0; rounded half away from zero, clamped; NaN is 0.
    #[must_use]
    pub fn from_f64(value: f64) -> Score {
        Score::from_e4(rounded(value * 10_000.0))
    }

    /// Ten-thousandths.
    #[must_use]
    pub const fn e4(self) -> i32 {
        self.0 as i32
    }

    /// As a float, for display and for detectors.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    /// VADER's usual reading: positive from 0.05 up, negative from -0.05 down.
    #[must_use]
    pub const fn polarity(self) -> Polarity {
        match self.0 {
            500.. => Polarity::Positive,
            ..=-500 => Polarity::Negative,
            _ => Polarity::Neutral,
        }
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { s.serialize_f64(self.as_f64()) } else { s.serialize_i16(self.0) }
    }
}

/// The nearest integer, half away from zero, within what fits; NaN is 0. Without a call to the system's function, which
/// is what `round` costs on processors of the common baseline.
#[inline]
pub(crate) fn rounded(value: f64) -> i32 {
    let whole = value as i32;
    let rest = value - f64::from(whole);
    whole.saturating_add(i32::from(rest >= 0.5) - i32::from(rest <= -0.5))
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Score, D::Error> {
        if d.is_human_readable() {
            f64::deserialize(d).map(Score::from_f64)
        } else {
            i16::deserialize(d).map(Score)
        }
    }
}
