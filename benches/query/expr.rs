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

    /// Without what other engines have no word for: tags, handles and case become words.
    pub fn plain(self) -> Expr {
        let all = |parts: Vec<Expr>| parts.into_iter().map(Expr::plain).collect();
        match self {
            Expr::Tag(word) | Expr::Handle(word) => Expr::Word(word),
            Expr::Cased(word) => Expr::Word(word.to_lowercase()),
            Expr::Any(parts) => Expr::Any(all(parts)),
            Expr::All(parts) => Expr::All(all(parts)),
            Expr::But(wanted, unwanted) => Expr::But(Box::new(wanted.plain()), all(unwanted)),
            Expr::Near(left, right, distance, ordered) => {
                Expr::Near(Box::new(left.plain()), Box::new(right.plain()), distance, ordered)
            }
            other => other,
        }
    }

    /// A plain one for a program that has no parser: each part is a letter, its numbers, then its parts.
    pub fn prefix_notation(&self) -> String {
        let list = |sign: &str, parts: &[Expr]| {
            let parts: Vec<String> = parts.iter().map(Expr::prefix_notation).collect();
            format!("{sign} {} {}", parts.len(), parts.join(" "))
        };
        match self {
            Expr::Phrase(words) => format!("phrase {} {}", words.len(), words.join(" ")),
            Expr::Han(run) => {
                let signs: Vec<String> = run.chars().map(String::from).collect();
                format!("phrase {} {}", signs.len(), signs.join(" "))
            }
            Expr::Prefix(letters) => format!("prefix {letters}"),
            Expr::Any(parts) => list("any", parts),
            Expr::All(parts) => list("all", parts),
            Expr::But(wanted, unwanted) => format!("{} {}", list("but", unwanted), wanted.prefix_notation()),
            Expr::Near(left, right, distance, ordered) => {
                format!("near {distance} {ordered} {} {}", left.prefix_notation(), right.prefix_notation())
            }
            Expr::Word(word)
            | Expr::Tag(word)
            | Expr::Handle(word)
            | Expr::Cased(word)
            | Expr::Field(word) => {
                format!("word {word}")
            }
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
