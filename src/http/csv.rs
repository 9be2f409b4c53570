//! Answers as CSV (RFC 4180), safe to open in a spreadsheet.
//!
//! **Invariant:** a text cell never begins with a character that starts a formula: such a cell gets an
//! apostrophe in front (OWASP, "CSV injection"). Numbers are written as numbers, minus sign and all.

use std::fmt::Display;

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// A table under construction: one header, then rows of as many cells.
pub(super) struct Table {
    writer: ::csv::Writer<Vec<u8>>,
    row: Vec<String>,
}

impl Table {
    pub(super) fn new(columns: &[&str]) -> Table {
        let mut writer =
            ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
        // Writing to a `Vec` fails only when rows differ in length, which `end_row` cannot repair either.
        let _ = writer.write_record(columns);
        Table { writer, row: Vec::with_capacity(columns.len()) }
    }

    /// A cell whose text may come from a post, a person or a pipeline file.
    pub(super) fn text(&mut self, text: &str) -> &mut Table {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
        self.row.push(if formula { format!("'{text}") } else { text.to_owned() });
        self
    }

    /// A text cell that may be empty.
    pub(super) fn maybe_text(&mut self, text: Option<&str>) -> &mut Table {
        self.text(text.unwrap_or(""))
    }

    /// A number, a time or a name from a closed list.
    pub(super) fn value(&mut self, value: impl Display) -> &mut Table {
        self.row.push(value.to_string());
        self
    }

    /// The same, empty when not known.
    pub(super) fn maybe(&mut self, value: Option<impl Display>) -> &mut Table {
        self.row.push(value.map(|v| v.to_string()).unwrap_or_default());
        self
    }

    pub(super) fn end_row(&mut self) {
        let _ = self.writer.write_record(&self.row);
        self.row.clear();
    }

    pub(super) fn into_response(self) -> Response {
        let body = self.writer.into_inner().unwrap_or_default();
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present")], body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cell: &str, expected: &str) {
        let mut table = Table::new(&["a", "b"]);
        table.text(cell).value(-1);
        table.end_row();
        let body = String::from_utf8(table.writer.into_inner().unwrap()).unwrap();
        assert_eq!(body, format!("a,b\r\n{expected},-1\r\n"));
    }

    #[test]
    fn cells_are_quoted_and_no_formula() {
        check("plain", "plain");
        check("=1+1", "'=1+1");
        check("@united", "'@united");
        check("-5", "'-5");
        check("＝cmd", "'＝cmd");
        check("\t=1", "'\t=1");
        check("a,\"b\"\nc", "\"a,\"\"b\"\"\nc\"");
        check("航空", "航空");
    }
}
