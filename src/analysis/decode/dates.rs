//! The ways in which feeds write a time.

use super::soft::Scalar;
use crate::model::Timestamp;

/// China standard time, in seconds east of UTC.
pub(super) const CHINA: i64 = 8 * 3600;

/// RFC 3339 and its relatives: `2022-04-26T16:35:43.5+08:00`, `2022-04-26 16:35:43`, `2022-04-26`. Without a
/// zone the time is read `default_offset` seconds east of UTC. Fractions below a millisecond are cut off.
pub(super) fn iso(text: &str, default_offset: i64) -> Option<Timestamp> {
    let b = text.trim().as_bytes();
    if b.len() < 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let days = days(digits(&b[..4])?, digits(&b[5..7])?, digits(&b[8..10])?)?;
    if b.len() == 10 {
        return Some(Timestamp::from_seconds(days * 86_400 - default_offset));
    }
    let clock = &b[11..];
    let (seconds, rest) = match b[10] {
        b'T' | b't' | b' ' => clock_time(clock)?,
        _ => return None,
    };
    let (millis, zone) = fraction(rest);
    let offset = if zone.trim_ascii().is_empty() { default_offset } else { offset(zone.trim_ascii())? };
    Some(Timestamp::from_millis((days * 86_400 + seconds - offset) * 1000 + millis))
}

/// RFC 822 and 2822, `ctime` and the form of X and Weibo, in any order of the parts:
/// `Fri, 26 Feb 2021 20:00:00 GMT`, `Sun Aug 31 00:29:15 +0000 2014`, `1 Jan 99 09:00 PST`. No zone means UTC.
pub(super) fn wordy(text: &str) -> Option<Timestamp> {
    let (mut day, mut month, mut year, mut seconds, mut zone) = (None, None, None, None, 0);
    for word in text.split([' ', ',', '\t', '\n', '\r']).filter(|w| !w.is_empty()) {
        let bytes = word.as_bytes();
        if let Some(number) = digits(bytes) {
            match (bytes.len(), day) {
                (1 | 2, None) => day = Some(number),
                (4, _) => year = Some(number),
                (2, Some(_)) => year = Some(if number < 50 { 2000 + number } else { 1900 + number }),
                _ => return None,
            }
        } else if word.contains(':') {
            let (time, rest) = clock_time(bytes)?;
            seconds = Some(time);
            zone = if rest.is_empty() { zone } else { offset(rest).unwrap_or(zone) };
        } else if let Some(found) = month_of(word) {
            month = Some(found);
        } else if !is_weekday(word) {
            zone = offset(bytes)?;
        }
    }
    let days = days(year?, month?, day?)?;
    Some(Timestamp::from_seconds(days * 86_400 + seconds.unwrap_or(0) - zone))
}

/// Any of the written forms, or a number of seconds or milliseconds since the epoch.
pub(super) fn time(value: &Scalar<'_>) -> Option<Timestamp> {
    match value {
        Scalar::Text(text) => any(text),
        other => other.integer().map(epoch),
    }
}

/// Any of the written forms; without a zone UTC.
pub(super) fn any(text: &str) -> Option<Timestamp> {
    iso(text, 0).or_else(|| wordy(text))
}

/// The one form of X v1.1 and Weibo, `Sun Aug 31 00:29:15 +0000 2014`, by position; else any written form.
pub(super) fn x(text: &str) -> Option<Timestamp> {
    let b = text.as_bytes();
    if b.len() != 30 || b[3] != b' ' || b[7] != b' ' || b[10] != b' ' || b[19] != b' ' || b[25] != b' ' {
        return any(text);
    }
    let month = month_of(text.get(4..7)?)?;
    let days = days(digits(&b[26..])?, month, digits(&b[8..10])?)?;
    let (seconds, _) = clock_time(&b[11..19])?;
    Some(Timestamp::from_seconds(days * 86_400 + seconds - offset(&b[20..25])?))
}

/// Seconds since the epoch where they can be such, milliseconds where only these make sense (from 1973 on).
pub(super) fn epoch(number: i64) -> Timestamp {
    if number.unsigned_abs() < 100_000_000_000 {
        Timestamp::from_seconds(number)
    } else {
        Timestamp::from_millis(number)
    }
}

/// `HH:MM[:SS]` and what follows. A leap second counts as the second after.
fn clock_time(b: &[u8]) -> Option<(i64, &[u8])> {
    let colon = b.iter().position(|c| *c == b':').filter(|at| (1..=2).contains(at))?;
    let (hour, minute) = (digits(&b[..colon])?, digits(b.get(colon + 1..colon + 3)?)?);
    let mut rest = &b[colon + 3..];
    let mut second = 0;
    if rest.first() == Some(&b':') {
        second = digits(rest.get(1..3)?)?;
        rest = &rest[3..];
    }
    (hour < 24 && minute < 60 && second <= 60).then_some((hour * 3600 + minute * 60 + second, rest))
}

/// `.123456` as milliseconds, and what follows.
fn fraction(b: &[u8]) -> (i64, &[u8]) {
    if !matches!(b.first(), Some(b'.' | b',')) {
        return (0, b);
    }
    let count = b[1..].iter().take_while(|c| c.is_ascii_digit()).count();
    let millis = (0..3).fold(0, |sum, n| sum * 10 + i64::from(if n < count { b[1 + n] - b'0' } else { 0 }));
    (millis, &b[1 + count..])
}

/// `Z`, `+08:00`, `+0800`, `+08`, or a name of RFC 822, in seconds east of UTC.
fn offset(b: &[u8]) -> Option<i64> {
    let sign = match b.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return named_zone(std::str::from_utf8(b).ok()?),
    };
    let hours = digits(b.get(1..3)?)?;
    let minutes = match b.len() {
        3 => 0,
        5 => digits(&b[3..5])?,
        6 if b[3] == b':' => digits(&b[4..6])?,
        _ => return None,
    };
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn named_zone(name: &str) -> Option<i64> {
    let hours = match name.to_ascii_uppercase().as_str() {
        "Z" | "GMT" | "UT" | "UTC" | "WET" => 0,
        "BST" | "CET" | "WEST" => 1,
        "CEST" | "EET" => 2,
        "JST" | "KST" => 9,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        _ => return None,
    };
    Some(hours * 3600)
}

fn month_of(word: &str) -> Option<i64> {
    const NAMES: &[u8] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    let head = word.as_bytes().get(..3)?.to_ascii_lowercase();
    NAMES.chunks(3).position(|name| name == head).map(|n| n as i64 + 1)
}

fn is_weekday(word: &str) -> bool {
    let head = word.as_bytes().get(..3).map(<[u8]>::to_ascii_lowercase);
    head.is_some_and(|head| b"montuewedthufrisatsun".chunks(3).any(|day| day == head))
}

/// A number of one to four digits and nothing else.
fn digits(b: &[u8]) -> Option<i64> {
    let fits = (1..=4).contains(&b.len()) && b.iter().all(u8::is_ascii_digit);
    fits.then(|| b.iter().fold(0, |sum, c| sum * 10 + i64::from(c - b'0')))
}

/// Days since 1970-01-01, by the proleptic Gregorian calendar (Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Option<Timestamp>, expected: &str) {
        assert_eq!(found.map(|t| t.to_string()).as_deref(), Some(expected));
    }

    #[test]
    fn written_times() {
        check(x("Sun Aug 31 00:29:15 +0000 2014"), "2014-08-31T00:29:15Z");
        check(x("Tue Feb 23 12:28:47 +0800 2021"), "2021-02-23T04:28:47Z");
        check(iso("2022-04-26 16:35:43", CHINA), "2022-04-26T08:35:43Z");
        check(iso("2026-07-04T14:38:02+00:00", 0), "2026-07-04T14:38:02Z");
        check(iso("2026-07-04T14:38:02.1234567Z", 0), "2026-07-04T14:38:02.123Z");
        check(iso("2026-07-04T14:38:02.5-0330", 0), "2026-07-04T18:08:02.5Z");
        check(iso("2024-02-29", 0), "2024-02-29T00:00:00Z");
        check(any("Fri, 26 Feb 2021 20:00:00 GMT"), "2021-02-26T20:00:00Z");
        check(any("Fri, 31 May 2019 12:17:58 -0700"), "2019-05-31T19:17:58Z");
        check(any("1 Jan 99 09:00 PST"), "1999-01-01T17:00:00Z");
        check(any("Thursday, 04 January 2024 01:02:03"), "2024-01-04T01:02:03Z");
        check(any("2014-02-28T16:04Z"), "2014-02-28T16:04:00Z");
    }

    #[test]
    fn no_times() {
        for text in ["", "soon", "2022-13-01", "2022-04-26T25:00:00Z", "26 Feb", "9999999999", "2022-04-26X1"]
        {
            assert_eq!(any(text), None, "{text}");
        }
    }
}
