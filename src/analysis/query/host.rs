//! Hosts with other letters than ASCII: the readable form and the one on the wire (`xn--...`, RFC 3492) are one.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::site::Address;
use crate::analysis::text::push_name;

/// Longest label of a host. Longer ones are no hosts, and reading them would cost more than their length.
const LABEL_BYTES: usize = 63;

/// An address in the form in which its host can be read, in small letters. One of plain ASCII, as nearly all are, is
/// given back as it is.
pub(super) fn readable(url: &str) -> Cow<'_, str> {
    let Address { whole, host } = Address::new(url);
    if url.is_ascii() && !host.split('.').any(|label| wire(label).is_some()) {
        return Cow::Borrowed(url);
    }
    let mut out = String::with_capacity(whole.len());
    for (at, label) in host.split(['.', '。', '．', '｡']).enumerate() {
        out.extend((at > 0).then_some('.'));
        push_label(label, &mut out);
    }
    let rest = whole.get(host.len()..).unwrap_or("");
    out.extend(rest.nfc().flat_map(char::to_lowercase));
    Cow::Owned(out)
}

/// What stands behind the sign of a label on the wire.
fn wire(label: &str) -> Option<&str> {
    let sign = label.get(..4).filter(|sign| sign.eq_ignore_ascii_case("xn--"));
    sign.and_then(|_| label.get(4..)).filter(|coded| !coded.is_empty() && label.len() <= LABEL_BYTES)
}

/// A label that would bring along a sign of addresses is left as it is: it must not seem to end a host.
fn push_label(label: &str, out: &mut String) {
    let decoded = wire(label).and_then(decoded);
    let start = out.len();
    push_name(decoded.as_deref().unwrap_or(label), false, true, out);
    if out[start..].contains(['.', '/', '?', '#', ':', '@', '\\']) {
        out.truncate(start);
        out.extend(label.chars().map(|c| c.to_ascii_lowercase()));
    }
}

// The parameters of the encoding.
const BASE: u32 = 36;
const LEAST: u32 = 1;
const MOST: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const FIRST_BIAS: u32 = 72;
const FIRST_CODE: u32 = 128;

/// The letters of a label on the wire: plain ones before the last hyphen, behind it which others stand where.
fn decoded(label: &str) -> Option<String> {
    let (plain, coded) = label.rsplit_once('-').unwrap_or(("", label));
    let mut letters: Vec<char> = plain.chars().collect();
    let (mut code, mut at, mut bias) = (FIRST_CODE, 0_u32, FIRST_BIAS);
    let mut digits = coded.bytes().map(digit).peekable();
    while digits.peek().is_some() {
        let before = at;
        at = at.checked_add(number(&mut digits, bias)?)?;
        let count = u32::try_from(letters.len()).ok()? + 1;
        bias = adapted(at - before, count, before == 0);
        code = code.checked_add(at / count)?;
        at %= count;
        letters.insert(at as usize, char::from_u32(code)?);
        at += 1;
    }
    Some(letters.into_iter().collect())
}

/// One number: the least digit first, as many as the thresholds tell.
fn number(digits: &mut impl Iterator<Item = Option<u32>>, bias: u32) -> Option<u32> {
    let (mut sum, mut weight, mut place) = (0_u32, 1_u32, BASE);
    loop {
        let digit = digits.next()??;
        sum = sum.checked_add(digit.checked_mul(weight)?)?;
        let threshold = place.saturating_sub(bias).clamp(LEAST, MOST);
        if digit < threshold {
            return Some(sum);
        }
        weight = weight.checked_mul(BASE - threshold)?;
        place += BASE;
    }
}

fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'a'..=b'z' => Some(u32::from(byte - b'a')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 26),
        _ => None,
    }
}

/// The threshold follows the size of the steps.
fn adapted(step: u32, count: u32, first: bool) -> u32 {
    let mut step = step / if first { DAMP } else { 2 };
    step += step / count;
    let mut places = 0;
    while step > (BASE - LEAST) * MOST / 2 {
        step /= BASE - LEAST;
        places += BASE;
    }
    places + (BASE - LEAST + 1) * step / (step + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: &str) {
        assert_eq!(readable(url), expected, "{url}");
    }

    #[test]
    fn hosts_are_read_as_people_write_them() {
        check("https://bbc.com/A", "https://bbc.com/A");
        check("https://xn--mnchen-3ya.de/Weg", "münchen.de/weg");
        check("http://www.XN--MNCHEN-3YA.de:80/", "münchen.de:80/");
        check("MÜNCHEN.de", "münchen.de");
        check("https://xn--fsqu00a.xn--fiqs8s/x", "例子.中国/x");
        check("例子。中国", "例子.中国");
        check("xn--e1afmkfd.xn--p1ai", "пример.рф");
        check("xn--strae-oqa.de", "straße.de");
        check("xn--ls8h.la", "💩.la");
        check("bbc.com/É", "bbc.com/é");
    }

    #[test]
    fn what_is_no_label_stays_as_it_is() {
        check("xn--.com", "xn--.com");
        check("xn--a\u{e9}.com", "xn--aé.com");
        check("xn--99999999.com", "xn--99999999.com");
        check(&format!("xn--{}.com", "a".repeat(80)), &format!("xn--{}.com", "a".repeat(80)));
        // A wide slash would end the host.
        check("bbc.com／x.evil.org", "bbc.com／x.evil.org");
        assert_eq!(decoded("bbc-k83d").map(|text| text.len()), Some(6));
    }

    #[test]
    fn numbers_of_any_size_end() {
        for length in 0..59 {
            for byte in [b'a', b'z', b'9', b'0', b'-'] {
                let label = String::from_utf8(vec![byte; length]).unwrap();
                let _ = decoded(&label);
            }
        }
    }
}
