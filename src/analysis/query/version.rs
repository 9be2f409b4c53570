//! The version of a query: a number that stays the same as long as the query says the same.
//!
//! It is a hash of the tree, so what the parser leaves out does not count: blanks and line ends, comments, brackets
//! that group nothing, `AND` written or not, the case of words and of field names. Everything else does, the order
//! of the clauses too.
//!
//! **Invariant:** the same in every release and on every machine: mentions are compared by it for years.

use std::fmt;

use xxhash_rust::xxh3::xxh3_64;

use super::ast::{FieldClause, FieldValue, Join, Level, Node, NodeKind, Query, Term, TermForm, TermText};
use super::fields::{FIELDS, Field};

/// Which version of a query; 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The version of several things that belong together, in this order.
    #[must_use]
    pub fn of_all(parts: impl IntoIterator<Item = (String, Version)>) -> Version {
        let mut text = String::new();
        for (name, version) in parts {
            text.push_str(&format!("{name}\n{version}\n"));
        }
        Version(xxh3_64(text.as_bytes()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Query {
    /// The version of this query.
    ///
    /// ```
    /// use earful::analysis::query::{ParseOptions, parse};
    /// let version = |text: &str| parse(text, &ParseOptions::default()).query.map(|query| query.version());
    /// assert_eq!(version("acme NOT bird"), version("(Acme)  NOT <<<no ornithology>>> bird"));
    /// assert_ne!(version("acme NOT bird"), version("acme NOT birds"));
    /// ```
    #[must_use]
    pub fn version(&self) -> Version {
        let mut text = String::new();
        node(&self.root, &mut text);
        Version(xxh3_64(text.as_bytes()))
    }
}

fn node(node: &Node, out: &mut String) {
    match &node.kind {
        NodeKind::Level(level) => self::level(level, out),
        NodeKind::Term(term) => self::term(term, out),
        NodeKind::Near(near) => {
            out.push_str(&format!("(near{}{} ", near.distance, if near.ordered { "f" } else { "" }));
            self::node(&near.left, out);
            self::node(&near.right, out);
            out.push(')');
        }
        NodeKind::Tilde(tilde) => {
            out.push_str(&format!("(tilde{} ", tilde.distance));
            self::node(&tilde.inner, out);
            out.push(')');
        }
        NodeKind::Field(clause) => field(clause, out),
        NodeKind::Missing => out.push_str("()"),
    }
}

fn level(level: &Level, out: &mut String) {
    if let ([only], []) = (level.positives.as_slice(), level.negatives.as_slice()) {
        return node(only, out);
    }
    // One positive clause is joined to nothing, however the level calls itself.
    let any = level.join == Join::Any && level.positives.len() > 1;
    out.push_str(if any { "(or " } else { "(and " });
    clauses(level, any, out);
    for negative in &level.negatives {
        out.push('-');
        node(negative, out);
    }
    out.push(')');
}

/// The positive clauses; brackets around clauses that are joined in the same way group nothing.
fn clauses(level: &Level, any: bool, out: &mut String) {
    for positive in &level.positives {
        match &positive.kind {
            NodeKind::Level(inner)
                if inner.negatives.is_empty()
                    && inner.positives.len() > 1
                    && (inner.join == Join::Any) == any =>
            {
                clauses(inner, any, out);
            }
            _ => node(positive, out),
        }
    }
}

fn term(term: &Term, out: &mut String) {
    out.push(match term.form {
        TermForm::Word => 'w',
        TermForm::Phrase => 'p',
        TermForm::Cased => 'c',
    });
    text(&term.text, term.form == TermForm::Cased, out);
}

/// Quoted, with a mark before each wildcard and before each sign that was escaped.
fn text(text: &TermText, cased: bool, out: &mut String) {
    out.push('"');
    for (at, c) in text.text.char_indices() {
        if text.wildcards.contains(&at) {
            out.push('\u{1}');
        } else if text.escaped.contains(&at) && !c.is_alphanumeric() && !c.is_whitespace() {
            out.push('\u{2}');
        } else if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        if cased { out.push(c) } else { out.extend(c.to_lowercase()) }
    }
    out.push('"');
}

fn field(clause: &FieldClause, out: &mut String) {
    let row = FIELDS.iter().find(|row| row.field == clause.field);
    out.push_str(&format!("({}:", row.map_or("", |row| row.name)));
    match &clause.value {
        FieldValue::AnyOf(values) => {
            for value in values {
                let cased = clause.field == Field::Raw || value.term.form == TermForm::Cased;
                out.push(if value.term.form == TermForm::Cased { 'c' } else { 'v' });
                text(&value.term.text, cased, out);
            }
        }
        FieldValue::Range { from, to } => out.push_str(&format!("{from:?}..{to:?}")),
    }
    out.push(')');
}

#[cfg(test)]
mod tests {
    use super::super::{ParseOptions, parse};

    fn version(text: &str) -> String {
        parse(text, &ParseOptions::default()).query.unwrap_or_else(|| panic!("{text}")).version().to_string()
    }

    #[test]
    fn what_says_the_same_has_the_same_version() {
        for (one, other) in [
            ("apple AND juice", "apple   juice"),
            ("apple AND juice", "<<<fruit>>> apple\nAND\tjuice"),
            ("apple AND juice", "((apple) AND (juice))"),
            ("a1 OR b1 OR c1", "a1 OR (b1 OR c1)"),
            ("a1 AND b1 AND c1", "(a1 AND b1) AND c1"),
            ("apple NOT juice", "apple AND NOT juice"),
            ("Apple", "aPPLE"),
            ("site:bbc.com", "SITE: BBC.com"),
            ("“apple juice”", "\"apple juice\""),
            ("hashtags:up", "tags:up"),
        ] {
            assert_eq!(version(one), version(other), "{one} | {other}");
        }
    }

    #[test]
    fn what_says_something_else_has_another_version() {
        let queries = [
            "apple AND juice",
            "apple OR juice",
            "juice AND apple",
            "apple NOT juice",
            "apple NEAR/2 juice",
            "apple NEAR/2f juice",
            "apple NEAR/3 juice",
            "\"apple juice\"",
            "\"apple juice\"~2",
            "\"apple juice\"~3",
            "apple",
            "app*",
            "app\\*",
            "app?",
            "{apple}",
            "{Apple}",
            "#apple",
            "@apple",
            "title:apple",
            "text:apple",
            "author:apple",
            "author:(apple OR juice)",
            "raw:apple",
            "raw:Apple",
            "likes:[1 TO 5]",
            "likes:[1 TO *]",
            "likes:[* TO 5]",
            "a1 OR (b1 AND c1)",
            "(a1 OR b1) AND c1",
            "(a1 OR b1) NOT c1",
            "a1 OR (b1 NOT c1)",
            "apple AND \"juice\\\" pear\"",
            "apple AND \"juice\" AND pear",
        ];
        let mut versions: Vec<_> = queries.iter().map(|query| (version(query), *query)).collect();
        versions.sort_unstable();
        for pair in versions.windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "{} | {}", pair[0].1, pair[1].1);
        }
    }

    #[test]
    fn versions_do_not_change_from_release_to_release() {
        let versions = [
            "apple AND juice",
            "(united OR #united OR @united) NOT \"manchester united\"",
            "likes:[1 TO *] AND 微软*",
        ]
        .map(version);
        assert_eq!(versions, ["bb22783819aaceea", "0828e8312568f308", "74cec0ecc7d0e57f"]);
    }
}
