//! Labelled texts, one a line.

use crate::model::Polarity;

/// A text and what people say it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example<'t> {
    /// Their label.
    pub label: Polarity,
    /// The text.
    pub text: &'t str,
}

/// A text with its label towards something that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Targeted<'t> {
    /// The label towards the target.
    pub label: Polarity,
    /// What it is about, as it stands in the text.
    pub target: &'t str,
    /// The text.
    pub text: &'t str,
}

/// A line that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct TsvError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong, and what is wanted.
    pub what: String,
}

/// Reads lines `label<TAB>text`; empty lines are left out. A tab inside the text belongs to it.
///
/// # Errors
/// The first line that is not UTF-8, has no tab, or has another label than -1, 0, 1 or the names.
pub fn read_labelled(tsv: &[u8]) -> Result<Vec<Example<'_>>, TsvError> {
    lines(tsv, |line| {
        let (label, text) = line.split_once('\t').ok_or("there is no tab; a line is `label<TAB>text`")?;
        Ok(Example { label: label_of(label)?, text })
    })
}

/// Reads lines `label<TAB>target<TAB>text`.
///
/// # Errors
/// As [`read_labelled`], and for a line with fewer than two tabs.
pub fn read_targeted(tsv: &[u8]) -> Result<Vec<Targeted<'_>>, TsvError> {
    lines(tsv, |line| {
        let mut fields = line.splitn(3, '\t');
        let (Some(label), Some(target), Some(text)) = (fields.next(), fields.next(), fields.next()) else {
            return Err("there are not two tabs; a line is `label<TAB>target<TAB>text`".to_owned());
        };
        Ok(Targeted { label: label_of(label)?, target, text })
    })
}

pub(super) fn lines<'t, T>(
    tsv: &'t [u8],
    read: impl Fn(&'t str) -> Result<T, String>,
) -> Result<Vec<T>, TsvError> {
    let mut out = Vec::new();
    let tsv = tsv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(tsv);
    for (line, bytes) in (1..).zip(tsv.split(|b| *b == b'\n')) {
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.is_empty() {
            continue;
        }
        let text = std::str::from_utf8(bytes).map_err(|e| format!("it is not UTF-8: {e}"));
        out.push(text.and_then(&read).map_err(|what| TsvError { line, what })?);
    }
    Ok(out)
}

fn label_of(name: &str) -> Result<Polarity, String> {
    match name.trim() {
        "-1" | "negative" => Ok(Polarity::Negative),
        "0" | "neutral" => Ok(Polarity::Neutral),
        "1" | "+1" | "positive" => Ok(Polarity::Positive),
        other => {
            Err(format!("there is no label `{other}`; take negative, neutral or positive, or -1, 0 or 1"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_names_or_numbers() {
        let tsv = "-1\ta\nneutral\tb\tc\r\n\n+1\td\npositive\t";
        let read: Vec<_> = read_labelled(tsv.as_bytes()).unwrap().iter().map(|e| (e.label, e.text)).collect();
        let (negative, neutral, positive) = (Polarity::Negative, Polarity::Neutral, Polarity::Positive);
        assert_eq!(read, [(negative, "a"), (neutral, "b\tc"), (positive, "d"), (positive, "")]);
    }

    #[test]
    fn bad_lines_are_named() {
        let check = |tsv: &[u8], line, what: &str| {
            let error = read_labelled(tsv).unwrap_err();
            assert!(error.line == line && error.what.contains(what), "{error}");
        };
        check(b"1\ta\nmixed\tb", 2, "no label `mixed`");
        check(b"1 a", 1, "no tab");
        check(b"1\ta\n\n1\t\xff", 3, "not UTF-8");
        let error = read_targeted(b"1\tacme\tgood\n1\tacme").unwrap_err();
        assert!(error.line == 2 && error.what.contains("two tabs"), "{error}");
    }

    #[test]
    fn targets_stand_between() {
        let read = read_targeted(b"negative\tacme\tacme is\tbad").unwrap();
        assert_eq!(read, [Targeted { label: Polarity::Negative, target: "acme", text: "acme is\tbad" }]);
    }
}
