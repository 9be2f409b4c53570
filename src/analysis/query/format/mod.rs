//! Queries in one layout: what `earful query fmt` writes.
//!
//! Follow one query: `comments` finds the comments and the part that each belongs to, `doc` turns the
//! tree into texts and groups, `layout` breaks groups that are too wide into a clause a line.
//!
//! **Invariant:** the tree of what is written is the tree of what was read, every comment is kept, and
//! formatting again changes nothing.

mod comments;
mod doc;
mod layout;

use super::ast::{Node, Query};
use super::lexer;
use super::parser::{ParseOptions, parse};
use super::problem::{Problem, Report};

/// Columns of a line; a single term or comment may be wider.
pub const WIDTH: usize = 100;

/// The query in the common layout, with a newline at its end.
///
/// # Errors
/// The errors of the text: only a query that can be used is formatted. A query that is too long for its
/// limits once it is laid out has that as its error.
pub fn format(text: &str, options: &ParseOptions) -> Result<String, Vec<Problem>> {
    let parsed = parse(text, options);
    let Some(query) = parsed.query else { return Err(parsed.problems) };
    let written = lay_out(&query);
    let again = parse(&written, options);
    match again.query {
        Some(same) if same.root.says_the_same_as(&query.root) => Ok(written),
        // Better as it is than with another meaning.
        Some(_) => Ok(text.to_owned()),
        None => Err(again.problems),
    }
}

fn lay_out(query: &Query) -> String {
    let lexemes = lexer::lex(&query.source, &mut Report::default());
    let comments = comments::attach(&query.source, &lexemes, &query.root);
    layout::lines(&doc::of(&query.root, comments), WIDTH)
}

/// The query in one line, without its comments. NOTs that exclude from a level of ORs get brackets
/// around the level, so that nobody can read it otherwise.
#[must_use]
pub fn one_line(root: &Node) -> String {
    layout::flat(&doc::explicit(root))
}
