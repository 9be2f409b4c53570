//! An expression in our language.

use super::super::ast::{Term, TermForm, TermText};
use super::super::chars::is_term_char;
use super::super::problem::Report;
use super::super::written;
use super::expr::{Expr, ExprKind};

/// A term from its characters. Without `wild`, `*` and `?` are literal.
fn term(form: TermForm, text: &str, wild: bool) -> String {
    let mut parts = TermText { text: text.to_owned(), ..TermText::default() };
    for (at, c) in text.char_indices() {
        if matches!(c, '*' | '?') {
            // A wildcard that our language refuses in this place was none there either.
            if wild { parts.wildcards.push(at) } else { parts.escaped.push(at) }
        }
    }
    written::term(&Term { form, text: parts })
}

/// A word; in quotes where our language would not read it as one.
pub(super) fn text(word: &str, wild: bool) -> String {
    let upper = word.to_ascii_uppercase();
    let operator = matches!(upper.as_str(), "AND" | "OR" | "NOT" | "NEAR") || upper.starts_with("NEAR/");
    let address = word.contains("://");
    if operator || address || !word.chars().all(|c| is_term_char(c) && c != '\\') {
        return quoted(word, wild);
    }
    term(TermForm::Word, word, wild)
}

/// A phrase.
pub(super) fn quoted(phrase: &str, wild: bool) -> String {
    term(TermForm::Phrase, phrase, wild)
}

/// `{BT}`, or the literal string where braces cannot hold it.
pub(super) fn cased(phrase: &str) -> String {
    term(TermForm::Cased, phrase, false)
}

/// The whole expression. `None` if an error was reported.
pub(super) fn write(expr: &Expr, report: &mut Report) -> Option<String> {
    let mut writer = Writer { report, good: true };
    let level = writer.level(expr);
    let good = writer.good;
    match level {
        Some(level) if good => Some(level.text),
        _ => None,
    }
}

/// Text of an expression, and whether it needs brackets inside of another.
struct Written {
    text: String,
    compound: bool,
}

impl Written {
    fn inside(self) -> String {
        if self.compound { format!("({})", self.text) } else { self.text }
    }
}

struct Writer<'a> {
    report: &'a mut Report,
    good: bool,
}

impl Writer<'_> {
    fn error(&mut self, expr: &Expr, message: &str, hint: &str) -> Option<Written> {
        self.report.add("E402", (expr.span.start, expr.span.end), message, hint);
        self.good = false;
        None
    }

    fn level(&mut self, expr: &Expr) -> Option<Written> {
        match &expr.kind {
            ExprKind::Text(text) | ExprKind::Clause(text) => {
                Some(Written { text: text.clone(), compound: false })
            }
            ExprKind::All(parts) => self.all(parts),
            ExprKind::Any(parts) => self.any(parts),
            ExprKind::Not(inner) => {
                let text = format!("NOT {}", self.level(inner)?.inside());
                Some(Written { text, compound: true })
            }
            ExprKind::Near { left, right, distance, ordered } => {
                let (left, right) = (self.operand(left)?, self.operand(right)?);
                let f = if *ordered { "f" } else { "" };
                Some(Written { text: format!("{left} NEAR/{distance}{f} {right}"), compound: true })
            }
            ExprKind::Nothing => None,
        }
    }

    fn all(&mut self, parts: &[Expr]) -> Option<Written> {
        let (mut positives, mut negatives) = (Vec::new(), Vec::new());
        self.collect(parts, &mut positives, &mut negatives);
        let count = positives.len() + negatives.len();
        if count == 0 {
            return None;
        }
        let mut text = positives.join(" AND ");
        for negative in negatives {
            let blank = if text.is_empty() { "" } else { " " };
            text.push_str(&format!("{blank}NOT {negative}"));
        }
        // A lone clause that is left may be a compound in its own brackets.
        Some(Written { text, compound: count > 1 || positives.is_empty() })
    }

    /// Flattens ANDs within ANDs, so that exclusions meet something to exclude from.
    fn collect(&mut self, parts: &[Expr], positives: &mut Vec<String>, negatives: &mut Vec<String>) {
        for part in parts {
            match &part.kind {
                ExprKind::All(inner) => self.collect(inner, positives, negatives),
                ExprKind::Not(inner) => negatives.extend(self.level(inner).map(Written::inside)),
                _ => positives.extend(self.level(part).map(Written::inside)),
            }
        }
    }

    fn any(&mut self, parts: &[Expr]) -> Option<Written> {
        let mut texts = Vec::new();
        for part in parts {
            if matches!(part.kind, ExprKind::Not(_)) {
                let hint = "move the exclusion out of the OR: (apple OR pear) NOT juice";
                self.error(part, "an exclusion among alternatives would match nearly every post", hint);
            } else {
                texts.extend(self.level(part).map(Written::inside));
            }
        }
        let compound = texts.len() > 1;
        (!texts.is_empty()).then(|| Written { text: texts.join(" OR "), compound })
    }

    /// Operands of NEAR have a place in the text: words, phrases, ORs of these, other NEARs.
    fn operand(&mut self, expr: &Expr) -> Option<String> {
        if !has_place(expr) {
            let hint = "move it out of the NEAR: (vanilla NEAR/5 cream) AND cake";
            self.error(expr, "an operand of NEAR may hold words, phrases, OR and other NEARs only", hint);
            return None;
        }
        self.level(expr).map(Written::inside)
    }
}

fn has_place(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Text(_) | ExprKind::Nothing | ExprKind::Near { .. } => true,
        ExprKind::Any(parts) => parts.iter().all(has_place),
        ExprKind::Clause(_) | ExprKind::All(_) | ExprKind::Not(_) => false,
    }
}
