//! The queries of the bench as trees, so that they can be written in more than one language.

/// A part of a query.
pub enum Expr {
    Word(String),
    Phrase(Vec<String>),
    Tag(String),
    Handle(String),
    /// Case as written.
    Cased(String),
    /// Letters with anything behind them.
    Prefix(String),
    /// Characters side by side.
    Han(String),
    /// `name:value`, ready written.
    Field(String),
    Any(Vec<Expr>),
    All(Vec<Expr>),
    /// The first without any of the others.
    But(Box<Expr>, Vec<Expr>),
    Near(Box<Expr>, Box<Expr>, u32, bool),
}

impl Expr {
    /// Terms and fields.
    pub fn leaves(&self) -> usize {
        match self {
            Expr::Any(parts) | Expr::All(parts) => parts.iter().map(Expr::leaves).sum(),
            Expr::But(wanted, unwanted) => wanted.leaves() + unwanted.iter().map(Expr::leaves).sum::<usize>(),
            Expr::Near(left, right, ..) => left.leaves() + right.leaves(),
            _ => 1,
        }
    }

    /// In the brand query language.
    pub fn text(&self) -> String {
        match self {
            Expr::Word(word) | Expr::Han(word) | Expr::Field(word) => word.clone(),
            Expr::Phrase(words) => format!("\"{}\"", words.join(" ")),
            Expr::Tag(name) => format!("#{name}"),
            Expr::Handle(name) => format!("@{name}"),
            Expr::Cased(word) => format!("{{{word}}}"),
            Expr::Prefix(letters) => format!("{letters}*"),
            Expr::Any(parts) => format!("({})", joined(parts, " OR ")),
            Expr::All(parts) => format!("({})", joined(parts, " AND ")),
            Expr::But(wanted, unwanted) => {
                format!("({} NOT ({}))", wanted.text(), joined(unwanted, " OR "))
            }
            Expr::Near(left, right, distance, ordered) => {
                let order = if *ordered { "f" } else { "" };
                format!("({} NEAR/{distance}{order} {})", left.text(), right.text())
            }
        }
    }
}

fn joined(parts: &[Expr], with: &str) -> String {
    parts.iter().map(Expr::text).collect::<Vec<_>>().join(with)
}
