//! Grades in English texts: `9/10`, "2 out of 5 stars", ★★★★☆.
//!
//! A share of something looks the same ("9 out of 10 people", 1/5 of May), so what stands around it must allow for a grade.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::house::Hit;

/// The best grades, as they are written.
const OF: [(&str, f64); 5] = [("5", 5.0), ("10", 10.0), ("100", 100.0), ("five", 5.0), ("ten", 10.0)];
const NUMBERS: [&str; 11] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
/// Words that may stand behind a grade.
const BEHIND: [&str; 13] = [
    "star",
    "stars",
    "would",
    "for",
    "from",
    "and",
    "but",
    "because",
    "recommend",
    "will",
    "highly",
    "on",
    "rating",
];
/// Words before a date.
const DATES: [&str; 9] = ["on", "by", "until", "till", "from", "since", "before", "after", "of"];
const OUT_OF: &str = " out of ";
/// Made once: to make one takes longer than to search a post.
static OUT_OF_IN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(OUT_OF));
static STAR_IN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("★"));
/// So many stars, full and empty, are a grade; fewer are ornament.
const STARS: [usize; 2] = [5, 10];

/// There may be grades: nearly all texts are told from these by a few bytes.
pub(super) fn may_be_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_share = |at: usize| {
        at > 0 && bytes[at - 1].is_ascii_digit() && matches!(bytes.get(at + 1), Some(b'5' | b'1'))
    };
    memchr::memchr_iter(b'/', bytes).any(is_share)
        || OUT_OF_IN.find(bytes).is_some()
        || (!text.is_ascii() && STAR_IN.find(bytes).is_some())
}

/// Adds the grades of `text` to `found`.
pub(super) fn find(text: &str, found: &mut Vec<Hit>) {
    for (at, sign) in text.match_indices('/').chain(text.match_indices(OUT_OF)) {
        found.extend(share(text, at, at + sign.len(), sign == "/"));
    }
    stars(text, found);
}

/// The grade whose two numbers stand before one place and behind another.
fn share(text: &str, end: usize, start: usize, is_slash: bool) -> Option<Hit> {
    let is_number = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let first = text[..end]
        .rfind(|c| !is_number(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let rest = &text[start..];
    let last = start + rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let value = number(&text[first..end])?;
    let of = OF.iter().find(|(name, _)| text[start..last].eq_ignore_ascii_case(name))?.1;
    let allows = follows(&text[last..]) && (!is_slash || !is_date(&text[..first]));
    allows.then(|| hit(first, last, value / of))
}

fn number(text: &str) -> Option<f64> {
    let by_name = || NUMBERS.iter().position(|name| text.eq_ignore_ascii_case(name)).map(|at| at as f64);
    text.parse().ok().filter(|value: &f64| value.is_finite()).or_else(by_name)
}

/// Behind a grade the text ends, or a mark or one of a few words comes.
fn follows(after: &str) -> bool {
    let word = after.trim_start();
    let is_joined = word.len() == after.len() && after.starts_with(['/', '-', '%']);
    let word = &word[..word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len())];
    !is_joined && (word.is_empty() || BEHIND.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

fn is_date(before: &str) -> bool {
    let is_joined = before.ends_with(['/', '-', '$', '£', '€', '#', '.']);
    let word = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    is_joined || DATES.iter().any(|date| word.eq_ignore_ascii_case(date))
}

fn stars(text: &str, found: &mut Vec<Hit>) {
    let mut free = 0;
    for (at, _) in text.match_indices('★') {
        if at < free {
            continue;
        }
        let full = text[at..].chars().take_while(|c| *c == '★').count();
        let empty = text[at..].chars().skip(full).take_while(|c| *c == '☆').count();
        free = at + '★'.len_utf8() * (full + empty);
        if STARS.contains(&(full + empty)) {
            found.push(hit(at, free, full as f64 / (full + empty) as f64));
        }
    }
}

fn hit(start: usize, end: usize, share: f64) -> Hit {
    let points = match share {
        0.75.. => 3.0,
        0.65.. => 1.5,
        ..=0.45 => -2.5,
        _ => 0.0,
    };
    Hit { start: start as u32, end: end as u32, points, is_symbol: false, is_house: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, f64)]) {
        let mut found = Vec::new();
        if may_be_in(text) {
            find(text, &mut found);
        }
        let found = found.iter().map(|hit| (&text[hit.start as usize..hit.end as usize], hit.points));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn grades_are_told_from_shares_and_dates() {
        check("5/5", &[("5/5", 3.0)]);
        check("10/10 would fly again", &[("10/10", 3.0)]);
        check("Service: 1/5. Food 7/10, room 6/10!", &[("1/5", -2.5), ("7/10", 1.5), ("6/10", 0.0)]);
        check(
            "2 out of 5 stars, nine out of ten for the staff",
            &[("2 out of 5", -2.5), ("nine out of ten", 3.0)],
        );
        check("4.5/5 – “3.5/10”", &[("4.5/5", 3.0), ("3.5/10", -2.5)]);
        check("★★★★★ ★☆☆☆☆ ★★★☆☆", &[("★★★★★", 3.0), ("★☆☆☆☆", -2.5), ("★★★☆☆", 0.0)]);
        for text in [
            "9/10 people",
            "9 out of 10 cats",
            "due on 1/5",
            "1/5/2026",
            "24/7",
            "★ new ★",
            "2/50",
            "and/or",
            "1/5th",
            "ran out of ten",
            "a/5",
            "out of 5",
        ] {
            check(text, &[]);
        }
    }
}
