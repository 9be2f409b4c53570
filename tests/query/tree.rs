//! A query as the generator makes it: a tree of its own, printed as text for the product and read as it is
//! by the oracle. So the product's parser is under test too.

use std::fmt;

use earful::model::{Post, Zone};

use crate::words::Texts;

/// One part of a query.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// As written: a word, `"phrase"`, `{cased}`, `#tag`, with wildcards and escapes.
    Term(&'static str),
    /// `title:` and `text:`, one of the terms.
    Zoned(Zone, Vec<&'static str>),
    /// `raw:` with its literal.
    Raw(&'static str),
    /// `tags:`, `hashtags:` or `at_mentions:` with a name: as `#name` or `@name` in the text, or stated.
    Signed(&'static str, &'static str),
    /// A field as written, and what it asks of a post.
    Field(Ask),
    Level(Level),
    Near(Box<Near>),
    /// Terms and groups of terms in brackets, or the words of a phrase.
    Tilde {
        operands: Vec<Tree>,
        phrase: bool,
        distance: u32,
    },
}

/// A field clause and its meaning.
#[derive(Clone, Copy)]
pub(crate) struct Ask(pub(crate) &'static str, pub(crate) fn(&Post<'_>, &Texts) -> bool);

#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) any: bool,
    pub(crate) positives: Vec<Tree>,
    pub(crate) negatives: Vec<Tree>,
    /// The first NOT stands before everything, after the first clause, or at the end.
    pub(crate) not_at: u8,
    /// `AND NOT` for `NOT`, and NEAR without brackets beside AND.
    pub(crate) lax: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Near {
    pub(crate) left: Tree,
    pub(crate) right: Tree,
    pub(crate) distance: u32,
    pub(crate) ordered: bool,
}

impl fmt::Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tree::Term(written) | Tree::Field(Ask(written, _)) => f.write_str(written),
            Tree::Zoned(zone, terms) => {
                let name = if *zone == Zone::Title { "title" } else { "text" };
                write!(f, "{name}:({})", terms.join(" OR "))
            }
            Tree::Signed(field, name) => write!(f, "{field}:{}", &name[1..]),
            Tree::Raw(literal) => write!(f, "raw:\"{}\"", literal.replace(['"', '\\'], "")),
            Tree::Level(level) => write!(f, "({level})"),
            Tree::Near(near) => write!(f, "({near})"),
            Tree::Tilde { operands, phrase: true, distance } => {
                let words: Vec<String> = operands.iter().map(Tree::to_string).collect();
                write!(f, "\"{}\"~{distance}", words.join(" "))
            }
            Tree::Tilde { operands, distance, .. } => {
                let operands: Vec<String> = operands.iter().map(Tree::to_string).collect();
                write!(f, "({})~{distance}", operands.join(" AND "))
            }
        }
    }
}

impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.ordered { "f" } else { "" };
        write!(f, "{} NEAR/{}{order} {}", self.left, self.distance, self.right)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = if self.any { " OR " } else { " AND " };
        let mut negatives = self.negatives.iter();
        let mut first = true;
        if self.not_at == 0
            && let Some(not) = negatives.next()
        {
            write!(f, "NOT {not}")?;
            first = false;
        }
        for clause in &self.positives {
            if !first {
                f.write_str(join)?;
            }
            match clause {
                Tree::Near(near) if self.lax && !self.any => write!(f, "{near}")?,
                clause => write!(f, "{clause}")?,
            }
            if self.not_at == 1
                && first
                && let Some(not) = negatives.next()
            {
                write!(f, " NOT {not}")?;
            }
            first = false;
        }
        let not = if self.lax && !self.any { "AND NOT" } else { "NOT" };
        negatives.try_for_each(|negative| write!(f, " {not} {negative}"))
    }
}
