//! Event time: a value, never a clock.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, milliseconds since the Unix epoch, UTC.
///
/// Times come with records; nothing below `runtime` asks a clock. Serialised as
/// RFC 3339 in JSON (`2026-11-22T10:00:00Z`, milliseconds only when not zero)
/// and as the bare number in snapshots.
///
/// ```
/// use earful::model::Timestamp;
/// let t: Timestamp = "2009-07-06T16:40:00Z".parse()?;
/// assert_eq!(t.millis(), 1_246_898_400_000);
/// assert_eq!(t.floor(3_600_000).to_string(), "2009-07-06T16:00:00Z");
/// # Ok::<(), earful::model::BadTimestamp>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is no RFC 3339 time, or a year outside 1..=9999.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no RFC 3339 time such as 2026-11-22T10:00:00Z")]
pub struct BadTimestamp(pub String);

impl Timestamp {
    /// Before everything: the watermark of a lane that has seen nothing.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    /// After everything: the watermark of a lane that has ended.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// From milliseconds since the Unix epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Timestamp {
        Timestamp(millis)
    }

    /// From whole seconds since the Unix epoch; saturates.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Timestamp {
        Timestamp(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// This time plus `millis` (which may be negative); saturates.
    #[must_use]
    pub const fn plus(self, millis: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(millis))
    }

    /// The start of the aligned interval of `width_ms` that holds this time.
    #[must_use]
    pub const fn floor(self, width_ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_sub(self.0.rem_euclid(width_ms)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => t.fmt(f),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl std::str::FromStr for Timestamp {
    type Err = BadTimestamp;

    fn from_str(s: &str) -> Result<Timestamp, BadTimestamp> {
        let parsed: jiff::Timestamp = s.parse().map_err(|_| BadTimestamp(s.to_owned()))?;
        Ok(Timestamp(parsed.as_millisecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if s.is_human_readable() { s.collect_str(self) } else { s.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Timestamp, D::Error> {
        if d.is_human_readable() {
            String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
        } else {
            i64::deserialize(d).map(Timestamp)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors_towards_the_past_on_both_sides_of_the_epoch() {
        assert_eq!(Timestamp(-1).floor(60_000), Timestamp(-60_000));
        assert_eq!(Timestamp(59_999).floor(60_000), Timestamp(0));
    }

    #[test]
    fn ends_of_time_are_printed_and_saturate() {
        assert_eq!(Timestamp::MAX.plus(1), Timestamp::MAX);
        assert!(Timestamp::MIN.to_string().ends_with("ms"));
    }
}
