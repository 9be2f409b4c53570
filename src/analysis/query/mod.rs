//! query
#![allow(missing_docs)]
#[derive(Clone, Debug)]
pub struct Query(pub String);
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Warning,
    Error,
}
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub code: &'static str,
    pub severity: Severity,
    pub message: String,
    pub start: usize,
    pub end: usize,
    pub line: usize,
    pub column: usize,
    pub hint: String,
}
#[derive(Clone, Copy, Debug, Default)]
pub struct ParseOptions;
pub struct Parsed {
    pub query: Option<Query>,
    pub problems: Vec<Problem>,
}
pub fn parse(text: &str, _: &ParseOptions) -> Parsed {
    Parsed { query: Some(Query(text.to_owned())), problems: Vec::new() }
}
