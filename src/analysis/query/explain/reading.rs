//! A query in plain words.

use serde::Serialize;

use super::super::ast::{FieldClause, FieldValue, Join, Level, Near, Node, NodeKind, Term, TermForm, Tilde};
use super::super::fields::Field;
use super::super::written;

/// A line of the reading with what it introduces.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub struct Sentence {
    /// The line.
    pub says: String,
    /// What follows it, a level deeper.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "http", schema(no_recursion))]
    pub parts: Vec<Sentence>,
}

impl Sentence {
    fn new(says: impl Into<String>, parts: Vec<Sentence>) -> Sentence {
        Sentence { says: says.into(), parts }
    }

    /// A line a sentence, deeper ones further to the right.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut out = String::new();
        self.write(0, &mut out);
        out
    }

    fn write(&self, depth: usize, out: &mut String) {
        let dash = if depth == 0 { "" } else { "- " };
        out.push_str(&format!("{}{dash}{}\n", "  ".repeat(depth), self.says));
        self.parts.iter().for_each(|part| part.write(depth + 1, out));
    }
}

/// The reading of a whole query.
pub(super) fn of(root: &Node) -> Sentence {
    Sentence::new("A post matches if it has", vec![part(root)])
}

fn part(node: &Node) -> Sentence {
    match &node.kind {
        NodeKind::Level(level) => of_level(level),
        NodeKind::Term(term) => Sentence::new(of_term(term), Vec::new()),
        NodeKind::Near(near) => of_near(near),
        NodeKind::Tilde(tilde) => of_tilde(tilde),
        NodeKind::Field(clause) => Sentence::new(of_field(clause), Vec::new()),
        NodeKind::Missing => Sentence::new("", Vec::new()),
    }
}

fn of_level(level: &Level) -> Sentence {
    let positives: Vec<Sentence> = level.positives.iter().map(part).collect();
    let mut parts = match (level.join, positives.len()) {
        (Join::Any, 2..) => vec![Sentence::new("at least one of", positives)],
        _ => positives,
    };
    if level.negatives.is_empty() && level.join == Join::Any {
        return parts.pop().unwrap_or_else(|| Sentence::new("", Vec::new()));
    }
    match level.negatives.as_slice() {
        [] => {}
        [one] => parts.push(Sentence::new("but not", vec![part(one)])),
        several => parts.push(Sentence::new("but none of", several.iter().map(part).collect())),
    }
    match parts.len() {
        1 if level.positives.is_empty() => parts.remove(0),
        _ => Sentence::new("all of", parts),
    }
}

fn of_term(term: &Term) -> String {
    let text = written::term(term);
    let wild = !term.text.wildcards.is_empty();
    match (term.form, term.text.text.chars().next()) {
        (TermForm::Cased, _) => format!("{text}: exactly these letters, in this case"),
        (TermForm::Phrase, _) if wild => {
            format!("the phrase {text}, where * is any run of letters and ? one")
        }
        (TermForm::Phrase, _) => format!("the phrase {text}"),
        (TermForm::Word, Some('#' | '＃')) => format!("the tag {text}"),
        (TermForm::Word, Some('@' | '＠')) => format!("the name {text}"),
        (TermForm::Word, Some('$')) => format!("the ticker {text}"),
        (TermForm::Word, _) if wild => format!("a word like {text}"),
        (TermForm::Word, _) => format!("the word {text}"),
    }
}

fn of_near(near: &Near) -> Sentence {
    let order = if near.ordered { "in this order" } else { "in either order" };
    let says = format!("{} {order}", distance("close together:", near.distance));
    Sentence::new(says, vec![part(&near.left), part(&near.right)])
}

fn distance(what: &str, words: u32) -> String {
    match words {
        0 => "side by side,".to_owned(),
        1 => format!("{what} at most one word in between,"),
        _ => format!("{what} at most {words} words in between,"),
    }
}

fn of_tilde(tilde: &Tilde) -> Sentence {
    let words = tilde.distance;
    let among = if words == 1 { "one other word".to_owned() } else { format!("{words} other words") };
    let says = format!("in any order, among at most {among},");
    match &tilde.inner.kind {
        NodeKind::Term(term) => Sentence::new(
            format!("all words of {}, {says}", written::term(term)).trim_end_matches(',').to_owned(),
            Vec::new(),
        ),
        NodeKind::Level(level) => {
            Sentence::new(format!("{says} all of"), level.positives.iter().map(part).collect())
        }
        _ => Sentence::new(says, vec![part(&tilde.inner)]),
    }
}

fn of_field(clause: &FieldClause) -> String {
    let values = match &clause.value {
        FieldValue::AnyOf(_) => written::values(clause).join(" or "),
        FieldValue::Range { from: Some(from), to: Some(to) } if from == to => from.to_string(),
        FieldValue::Range { from: Some(from), to: Some(to) } => format!("from {from} to {to}"),
        FieldValue::Range { from: Some(from), to: None } => format!("of at least {from}"),
        FieldValue::Range { from: None, to: Some(to) } => format!("of at most {to}"),
        FieldValue::Range { .. } => "of any number".to_owned(),
    };
    let name = clause.name;
    match clause.field {
        Field::Title => format!("{values} in its title"),
        Field::Text => format!("{values} in its body (not in the title)"),
        Field::Raw => format!("exactly {values}, with case and every sign"),
        Field::Site => format!("an address at {values}, or below it"),
        Field::Url => format!("an address that begins with {values}"),
        Field::Links => format!("a link to {values}"),
        Field::Author => format!("{values} as its author (handle, name or id)"),
        Field::Language => format!("{values} as its language"),
        Field::Network => format!("{values} as its network"),
        Field::Sample => format!("a place among the {values} % of all posts that a sample keeps"),
        Field::Unanswered => format!("{name}: {values}, which no feed carries"),
        _ => format!("{name}: {values}"),
    }
}
