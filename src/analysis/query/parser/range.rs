//! `[500 TO 1000]` and bare numbers.

use super::super::ast::{FieldText, FieldValue, SourceSpan};
use super::super::fields::{Bounds, FieldRow, Shape};
use super::Parser;

impl Parser<'_> {
    pub(super) fn range(&mut self, row: &FieldRow, inner: &str, span: SourceSpan) -> Option<FieldValue> {
        let (Shape::Number(bounds) | Shape::Graded(_, bounds)) = row.shape else {
            let message = format!("`{}:` takes no range", row.name);
            self.report.add("E304", span.pair(), message, "write a word or a phrase after the colon");
            return None;
        };
        if inner.trim().is_empty() {
            // Already reported by the lexer, or as empty as can be.
            self.report.add("E105", span.pair(), "the range is empty", "write a range as [500 TO 1000]");
            return None;
        }
        let Some((from, to)) = split_range(inner) else {
            let message = format!("`[{inner}]` is no range");
            let hint = "write two numbers with an upper-case TO: [500 TO 1000]";
            self.report.add("E105", span.pair(), message, hint);
            return None;
        };
        let (Some(from), Some(to)) = (bound(from), bound(to)) else {
            let message = format!("`[{inner}]` is no range of numbers, which `{}:` needs", row.name);
            let hint = "write two numbers, or * for an open end: [500 TO *]";
            self.report.add("E304", span.pair(), message, hint);
            return None;
        };
        let ok = self.within(row, bounds, from, span) & self.within(row, bounds, to, span);
        if let (Some(from), Some(to), false) = (from, to, bounds.wraps)
            && from > to
        {
            let message = format!("the range starts at {from} and ends before, at {to}");
            self.report.add("E305", span.pair(), message, format!("write [{to} TO {from}]"));
            return None;
        }
        ok.then_some(FieldValue::Range { from, to })
    }

    pub(super) fn bare_number(
        &mut self,
        row: &FieldRow,
        bounds: Bounds,
        text: &FieldText,
    ) -> Option<FieldValue> {
        let written = &text.term.text.text;
        match number(written) {
            Some(value) if bounds.bare => {
                let ok = self.within(row, bounds, Some(value), text.span);
                ok.then_some(FieldValue::Range { from: Some(value), to: Some(value) })
            }
            _ => {
                let message = format!("`{}:` cannot be `{written}`", row.name);
                let hint = format!("write a range: {}:[{} TO {}]", row.name, bounds.least, bounds.most);
                self.report.add("E304", text.span.pair(), message, hint);
                None
            }
        }
    }

    fn within(&mut self, row: &FieldRow, bounds: Bounds, value: Option<f64>, span: SourceSpan) -> bool {
        let Some(value) = value else { return true };
        let inside = value >= bounds.least && value <= bounds.most && !(bounds.whole && value.fract() != 0.0);
        if !inside {
            let whole = if bounds.whole { "a whole number " } else { "" };
            let message = format!(
                "{value} is not {whole}between {} and {} as `{}` needs",
                bounds.least, bounds.most, row.name
            );
            let hint = format!("write numbers from {} to {}", bounds.least, bounds.most);
            self.report.add("E304", span.pair(), message, hint);
        }
        inside
    }
}

/// The ends of `a TO b`, or of `a-b` with plain numbers.
fn split_range(inner: &str) -> Option<(&str, &str)> {
    let mut words = inner.split_whitespace();
    if let [Some(from), Some("TO"), Some(to), None] = [words.next(), words.next(), words.next(), words.next()]
    {
        return Some((from, to));
    }
    let (from, to) = inner.split_once('-')?;
    (number(from.trim()).is_some() && number(to.trim()).is_some()).then_some((from, to))
}

fn bound(text: &str) -> Option<Option<f64>> {
    match text.trim() {
        "*" => Some(None),
        text => number(text).map(Some),
    }
}

/// A plain decimal number; no exponents, infinities or signs but a leading minus.
fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { text.parse().ok() } else { None }
}
