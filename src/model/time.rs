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

/// First and last millisecond of the years that are written with four digits.
const FOUR_DIGIT_YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

const DAY_MS: i64 = 86_400_000;

/// RFC 3339 in UTC, as jiff prints it.
struct Written {
    bytes: [u8; 24],
    len: usize,
}

impl Written {
    /// `None` for years outside 1..=9999.
    fn new(millis: i64) -> Option<Written> {
        if !FOUR_DIGIT_YEARS.contains(&millis) {
            return None;
        }
        let (year, month, day) = civil(millis.div_euclid(DAY_MS));
        let of_day = millis.rem_euclid(DAY_MS);
        let (second, fraction) = (of_day / 1000, of_day % 1000);
        let mut written = Written { bytes: *b"0000-00-00T00:00:00Z\0\0\0\0", len: 20 };
        written.put(0, 4, year);
        for (at, value) in
            [(5, month), (8, day), (11, second / 3600), (14, second / 60 % 60), (17, second % 60)]
        {
            written.put(at, 2, value);
        }
        if fraction != 0 {
            written.bytes[19] = b'.';
            written.put(20, 3, fraction);
            written.len = 23;
            while written.bytes[written.len - 1] == b'0' {
                written.len -= 1;
            }
            written.bytes[written.len] = b'Z';
            written.len += 1;
        }
        Some(written)
    }

    fn put(&mut self, at: usize, digits: usize, value: i64) {
        let mut rest = value;
        for place in self.bytes[at..at + digits].iter_mut().rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

/// Year, month and day of a day since 1970-01-01, by the proleptic Gregorian calendar (Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    // Years begin with March here, so that the leap day is the last.
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(written) = Written::new(self.0) {
            return f.write_str(written.as_str());
        }
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
        if !s.is_human_readable() {
            return s.serialize_i64(self.0);
        }
        match Written::new(self.0) {
            Some(written) => s.serialize_str(written.as_str()),
            None => s.collect_str(self),
        }
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

    fn check_printed(millis: i64) {
        let expected = jiff::Timestamp::from_millisecond(millis).unwrap().to_string();
        assert_eq!(Timestamp(millis).to_string(), expected);
    }

    #[test]
    fn edges_are_printed_as_jiff_does() {
        for day in [*FOUR_DIGIT_YEARS.start(), *FOUR_DIGIT_YEARS.end(), 0, 951_782_400_000, 4_107_542_400_000]
        {
            for step in [-DAY_MS, -1, 0, 1, 10, 100, 999, 1000, DAY_MS] {
                if let Ok(time) = jiff::Timestamp::from_millisecond(day + step) {
                    assert_eq!(Timestamp(day + step).to_string(), time.to_string());
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn is_printed_as_jiff_does(millis in FOUR_DIGIT_YEARS, seconds in -4_000_000_000_i64..8_000_000_000) {
            check_printed(millis);
            check_printed(seconds * 1000);
        }
    }
}
