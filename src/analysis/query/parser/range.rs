//! `[500 TO 1000]` and bare numbers.

use super::super::ast::{FieldText, FieldValue, SourceSpan};
use super::super::fields::{Bounds, FieldRow, Shape};
use super::super::problem::Fix;
use super::super::ranges;
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
        let Some((from, to)) = ranges::split(inner) else {
            let message = format!("`[{inner}]` is no range");
            let meant = ranges::of_two(inner.trim()).map(|range| self.taken(bounds, range));
            let hint = format!(
                "write two numbers with an upper-case TO: {}",
                meant.as_deref().unwrap_or("[500 TO 1000]")
            );
            let fix = meant.map(|range| Fix::new(span.pair(), range));
            self.report.add("E105", span.pair(), message, hint).fix(fix);
            return None;
        };
        let (Some(from), Some(to)) = (ranges::bound(from), ranges::bound(to)) else {
            let message = format!("`[{inner}]` is no range of numbers, which `{}:` needs", row.name);
            let hint = "write two numbers, or * for an open end: [500 TO *]";
            self.report.add("E304", span.pair(), message, hint);
            return None;
        };
        let inside = self.inside(bounds, (from, to));
        let fix = Fix::new(span.pair(), inside);
        let ok = self.within(row, bounds, from, (span, &fix)) & self.within(row, bounds, to, (span, &fix));
        if let (Some(from), Some(to), false) = (from, to, bounds.wraps)
            && from > to
        {
            let message = format!("the range starts at {from} and ends before, at {to}");
            let turned = format!("[{to} TO {from}]");
            let hint = format!("write {turned}");
            self.report.add("E305", span.pair(), message, hint).fix(Fix::new(span.pair(), turned));
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
        // In counts a comma parts thousands, elsewhere it is meant as a point.
        let meant = written.replace([',', '，'], if bounds.whole { "" } else { "." });
        match ranges::number(&meant) {
            Some(value) if bounds.bare && meant == *written => {
                let fix = Fix::new(text.span.pair(), nearest(bounds, value).to_string());
                let ok = self.within(row, bounds, Some(value), (text.span, &fix));
                ok.then_some(FieldValue::Range { from: Some(value), to: Some(value) })
            }
            number => {
                let message = format!("`{}:` cannot be `{written}`", row.name);
                // Of followers or likes a number alone mostly means that there are so many at least.
                let meant = number.map(|least| match bounds.bare {
                    true => nearest(bounds, least).to_string(),
                    false => self.inside(bounds, (Some(least), None)),
                });
                let bounds = format!("[{} TO {}]", bounds.least, bounds.most);
                let what = if meant.as_ref().is_some_and(|meant| !meant.starts_with('[')) {
                    "number"
                } else {
                    "range"
                };
                let hint = format!("write a {what}: {}:{}", row.name, meant.as_ref().unwrap_or(&bounds));
                let fix = meant.map(|range| Fix::new(text.span.pair(), range));
                self.report.add("E304", text.span.pair(), message, hint).fix(fix);
                None
            }
        }
    }

    /// The range with its ends moved to where the field takes them.
    fn inside(&self, bounds: Bounds, (from, to): (Option<f64>, Option<f64>)) -> String {
        let end = |end: Option<f64>| end.map_or_else(|| "*".to_owned(), |n| nearest(bounds, n).to_string());
        format!("[{} TO {}]", end(from), end(to))
    }

    /// The range, or the nearest one that the field takes.
    fn taken(&self, bounds: Bounds, range: String) -> String {
        let inner = range.trim_matches(['[', ']']);
        let ends =
            ranges::split(inner).and_then(|(from, to)| Some((ranges::bound(from)?, ranges::bound(to)?)));
        let fits = |end: Option<f64>| end.is_none_or(|number| nearest(bounds, number) == number);
        match ends {
            Some((from, to)) if !fits(from) || !fits(to) => self.inside(bounds, (from, to)),
            _ => range,
        }
    }

    fn within(
        &mut self,
        row: &FieldRow,
        bounds: Bounds,
        value: Option<f64>,
        (span, fix): (SourceSpan, &Fix),
    ) -> bool {
        let Some(value) = value else { return true };
        let inside = value >= bounds.least && value <= bounds.most && !(bounds.whole && value.fract() != 0.0);
        if !inside {
            let whole = if bounds.whole { "a whole number " } else { "" };
            let message = format!(
                "{value} is not {whole}between {} and {} as `{}` needs",
                bounds.least, bounds.most, row.name
            );
            let hint = format!("write numbers from {} to {}: {}", bounds.least, bounds.most, fix.text);
            self.report.add("E304", span.pair(), message, hint).fix(fix.clone());
        }
        inside
    }
}

/// The number that the field takes next to this one.
fn nearest(bounds: Bounds, number: f64) -> f64 {
    let inside = number.clamp(bounds.least, bounds.most);
    if bounds.whole { inside.round() } else { inside }
}
