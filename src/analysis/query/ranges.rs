//! Ranges as they are written, and as they are meant.

/// The ends of `a TO b`, or of `a-b` with plain numbers.
pub(super) fn split(inner: &str) -> Option<(&str, &str)> {
    let mut words = inner.split_whitespace();
    if let [Some(from), Some("TO"), Some(to), None] = [words.next(), words.next(), words.next(), words.next()]
    {
        return Some((from, to));
    }
    let (from, to) = inner.split_once('-')?;
    (number(from.trim()).is_some() && number(to.trim()).is_some()).then_some((from, to))
}

/// A number, or `None` for an open end.
pub(super) fn bound(text: &str) -> Option<Option<f64>> {
    match text.trim() {
        "*" => Some(None),
        text => number(text).map(Some),
    }
}

/// A plain decimal number; no exponents, infinities or signs but a leading minus.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { text.parse().ok() } else { None }
}

/// The range that two ends are meant as which are joined in another way: `1 to 5`, `1..5`, `1,5`, `1 5`.
pub(super) fn of_two(inner: &str) -> Option<String> {
    let joined = inner.to_ascii_lowercase().replace("..", " ").replace(" to ", " ");
    let ends: Vec<&str> = joined.split([' ', ',', ';']).filter(|end| !end.is_empty()).collect();
    let [from, to] = ends.as_slice() else { return None };
    match (bound(from)?, bound(to)?) {
        (Some(least), Some(most)) if least > most => Some(format!("[{to} TO {from}]")),
        _ => Some(format!("[{from} TO {to}]")),
    }
}
