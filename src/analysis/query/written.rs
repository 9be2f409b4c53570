//! Parts of a query as they are written: the one way back from values to text.
//!
//! **Invariant:** what is written here is read again as the same value.

use super::ast::{FieldClause, FieldText, FieldValue, Near, Term, TermForm};
use super::chars::is_quote;

/// A term with its quotes, braces and backslashes.
#[must_use]
pub(super) fn term(term: &Term) -> String {
    let text = &term.text.text;
    let address = term.form == TermForm::Word && is_address(text);
    let mut out = String::with_capacity(text.len() + 2);
    for (at, c) in text.char_indices() {
        let wild = term.text.wildcards.contains(&at);
        let literal_mark = matches!(c, '*' | '?') && !wild && !address;
        let closes = match term.form {
            TermForm::Word => is_quote(c),
            TermForm::Phrase => is_quote(c),
            TermForm::Cased => matches!(c, '}' | '｝'),
        };
        if term.text.escaped.contains(&at) || literal_mark || closes || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    match term.form {
        TermForm::Word => out,
        TermForm::Phrase => format!("\"{out}\""),
        TermForm::Cased => format!("{{{out}}}"),
    }
}

/// A word that is a full address may hold `:` and a literal `?`.
fn is_address(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "ftp" | "at"))
}

/// `NEAR/5`, `NEAR/5f`.
#[must_use]
pub(super) fn near(near: &Near) -> String {
    format!("NEAR/{}{}", near.distance, if near.ordered { "f" } else { "" })
}

/// The values of a field, one text each; a range is one.
#[must_use]
pub(super) fn values(clause: &FieldClause) -> Vec<String> {
    match &clause.value {
        FieldValue::AnyOf(values) => values.iter().map(|FieldText { term: value, .. }| term(value)).collect(),
        FieldValue::Range { from, to } => vec![range(clause, *from, *to)],
    }
}

/// `[500 TO *]`; one number where the field takes it alone.
fn range(clause: &FieldClause, from: Option<f64>, to: Option<f64>) -> String {
    let bound = |bound: Option<f64>| bound.map_or_else(|| "*".to_owned(), |number| number.to_string());
    match (from, to) {
        (Some(from), Some(to)) if from == to && super::fields::takes_number(clause.field) => from.to_string(),
        _ => format!("[{} TO {}]", bound(from), bound(to)),
    }
}
