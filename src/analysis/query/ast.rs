//! The tree of a query: plain data, every node with its place in the source.

/// Bytes `start..end` of the query text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceSpan {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl SourceSpan {
    /// From the start of one to the end of the other.
    #[must_use]
    pub fn to(self, other: SourceSpan) -> SourceSpan {
        SourceSpan { start: self.start, end: other.end }
    }

    pub(super) fn pair(self) -> (usize, usize) {
        (self.start, self.end)
    }
}

/// A query without errors, ready to be compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The text it was read from.
    pub source: Box<str>,
    /// The outermost level.
    pub root: Node,
}

/// A part of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands.
    pub span: SourceSpan,
}

/// The kinds of parts.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// Clauses joined at one bracket level.
    Level(Level),
    /// A word, phrase, `{cased}`, `#tag`, `@name`, `$cash` or wildcard.
    Term(Term),
    /// `left NEAR/n right`.
    Near(Near),
    /// `"..."~n` or `(... AND ...)~n`.
    Tilde(Tilde),
    /// `name:value`.
    Field(FieldClause),
    /// Stands where an error was; never in a [`Query`] that the parser hands out.
    Missing,
}

/// How the positive clauses of a level are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// All must hold. A level of one clause is this.
    All,
    /// One must hold.
    Any,
}

/// `(P1 op P2 ...) AND NOT N1 AND NOT N2 ...`
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Joins the positive clauses.
    pub join: Join,
    /// Clauses that must hold.
    pub positives: Vec<Node>,
    /// Clauses each of which excludes from the whole level.
    pub negatives: Vec<Node>,
}

/// How a term was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermForm {
    /// Bare; may begin with `#`, `@` or `$`.
    Word,
    /// In quotes.
    Phrase,
    /// In braces: case, accents and symbols as given.
    Cased,
}

/// Something to be found in a text zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// How it was written.
    pub form: TermForm,
    /// What was written.
    pub text: TermText,
}

/// Text of a term after escapes are resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TermText {
    /// The characters, without quotes, braces and backslashes.
    pub text: String,
    /// Byte offsets in `text` of every `*` and `?` that is a wildcard.
    pub wildcards: Vec<usize>,
    /// Byte offsets in `text` of characters that were escaped.
    pub escaped: Vec<usize>,
}

/// Two operands close to each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Near {
    /// First operand.
    pub left: Box<Node>,
    /// Second operand.
    pub right: Box<Node>,
    /// Most words in between.
    pub distance: u32,
    /// Left must stand wholly before right.
    pub ordered: bool,
}

/// Several operands in one window.
#[derive(Clone, Debug, PartialEq)]
pub struct Tilde {
    /// A phrase, or a level joined by AND.
    pub inner: Box<Node>,
    /// Most other words in the window.
    pub distance: u32,
}

/// A condition on a field of the post.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldClause {
    /// Which field.
    pub field: super::fields::Field,
    /// Its name in canonical spelling; several names may mean one field.
    pub name: &'static str,
    /// The condition.
    pub value: FieldValue,
}

/// The condition on a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// One of these.
    AnyOf(Vec<FieldText>),
    /// Between these, both included; absent is open.
    Range {
        /// Lower bound.
        from: Option<f64>,
        /// Upper bound.
        to: Option<f64>,
    },
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldText {
    /// As a term, so that zones and wildcards work as in the text.
    pub term: Term,
    /// Where it stands.
    pub span: SourceSpan,
}

impl Node {
    pub(super) fn missing(span: SourceSpan) -> Node {
        Node { kind: NodeKind::Missing, span }
    }
}
