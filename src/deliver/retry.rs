//! What follows from an answer, and how long to wait before the next try.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;

/// First pause; doubled with every failure in a row.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
const PAUSE_LONGEST: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// An answer of the receiver.
    Status {
        status: u16,
        /// For so long it wants to be left alone.
        retry_after: Option<Duration>,
        /// The beginning of its body, without secrets.
        body: String,
    },
    /// None: the reason, without secrets.
    None(String),
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Delivered,
    /// Try again, not before this.
    Again(Duration),
    /// It will never be taken.
    Refused,
}

/// Too busy, too slow, broken or away may pass; all else does not.
pub(super) fn decide(answer: &Answer) -> Decision {
    match answer {
        Answer::Status { status: 200..=299, .. } => Decision::Delivered,
        Answer::Status { status: 408 | 429 | 500..=599, retry_after, .. } => {
            Decision::Again(retry_after.unwrap_or_default())
        }
        Answer::Status { .. } => Decision::Refused,
        Answer::None(_) => Decision::Again(Duration::ZERO),
    }
}

/// The pause after the `failures`th failure in a row: 1 s, doubled up to 60 s, and of that a random part between a
/// half and all, so that many senders do not come back together.
pub(super) fn pause(failures: u32, random: u64) -> Duration {
    let whole = PAUSE_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(PAUSE_LONGEST);
    whole / 2 + (whole / 2).mul_f64(random as f64 / u64::MAX as f64)
}

/// A `Retry-After` header: seconds, or a date, from `now_ms` on (milliseconds since 1970).
pub(super) fn retry_after(text: &str, now_ms: i64) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
    Some(Duration::from_millis(u64::try_from(at.as_millisecond().saturating_sub(now_ms)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, wait: Option<u64>) -> Answer {
        Answer::Status { status, retry_after: wait.map(Duration::from_secs), body: String::new() }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_the_rest_is_not() {
        let again = |seconds| Decision::Again(Duration::from_secs(seconds));
        let check = |answer: &Answer, expected| assert_eq!(decide(answer), expected, "{answer:?}");
        for status in [200, 201, 202, 204, 299] {
            check(&answer(status, None), Decision::Delivered);
        }
        for status in [408, 429, 500, 502, 503, 504, 599] {
            check(&answer(status, None), again(0));
        }
        check(&answer(429, Some(30)), again(30));
        check(&answer(503, Some(120)), again(120));
        for status in [100, 301, 302, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422] {
            check(&answer(status, Some(30)), Decision::Refused);
        }
        check(&Answer::None("connection refused".to_owned()), again(0));
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_differ() {
        let check = |failures, least_ms: u64| {
            let (least, most) = (pause(failures, 0), pause(failures, u64::MAX));
            assert_eq!(least, Duration::from_millis(least_ms), "{failures}");
            assert_eq!(most, Duration::from_millis(2 * least_ms), "{failures}");
        };
        for (failures, least_ms) in
            [(1, 500), (2, 1_000), (3, 2_000), (6, 16_000), (7, 30_000), (100, 30_000), (u32::MAX, 30_000)]
        {
            check(failures, least_ms);
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now_ms = 1_445_412_480_000; // 2015-10-21T07:28:00Z
        let check = |text: &str, seconds: Option<u64>| {
            assert_eq!(retry_after(text, now_ms), seconds.map(Duration::from_secs), "{text}");
        };
        check("0", Some(0));
        check(" 120 ", Some(120));
        check("Wed, 21 Oct 2015 07:30:00 GMT", Some(120));
        check("Wed, 21 Oct 2015 07:00:00 GMT", Some(0));
        for text in ["", "-1", "soon", "1.5", "99999999999999999999"] {
            check(text, None);
        }
    }
}
