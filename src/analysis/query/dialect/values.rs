//! What their fields are asked for.

use super::super::ast::SourceSpan;
use super::expr::{Expr, ExprKind};

/// What stands after `name:` or in `name(...)`.
pub(super) enum Value {
    Word(String, SourceSpan),
    Phrase(String, SourceSpan),
    /// Between `[` and `]`.
    Range(String, SourceSpan),
    List(Box<Expr>),
}

/// Where a value ends; a missing one where its name does.
pub(super) fn place(value: &Value, name: SourceSpan) -> SourceSpan {
    match value {
        Value::Word(_, span) | Value::Phrase(_, span) | Value::Range(_, span) => *span,
        Value::List(expr) if expr.span.end > name.end => expr.span,
        Value::List(_) => name,
    }
}

/// Both ends, `*` for an open one.
pub(super) fn bounds(word: &str) -> Option<(String, String)> {
    let number = |text: &str| text.parse::<u64>().ok();
    let open = || "*".to_owned();
    if let Some((from, to)) = word.split_once("..") {
        return Some((number(from)?.to_string(), number(to)?.to_string()));
    }
    let compared = [(">=", 0, true), ("<=", 0, false), (">", 1, true), ("<", 1, false)];
    for (sign, step, least) in compared {
        if let Some(rest) = word.strip_prefix(sign) {
            let value = number(rest)?;
            return Some(if least {
                (value.checked_add(step)?.to_string(), open())
            } else {
                (open(), value.checked_sub(step)?.to_string())
            });
        }
    }
    Some((number(word)?.to_string(), open()))
}

/// A list of values without operators, of which a post can have only one.
pub(super) fn alternatives(value: Value) -> Value {
    let Value::List(mut expr) = value else { return value };
    expr.kind = match expr.kind {
        ExprKind::All(parts) if parts.iter().all(is_text) => ExprKind::Any(parts),
        kind => kind,
    };
    Value::List(expr)
}

pub(super) fn is_text(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Text(_))
}

/// Domains have a dot.
pub(super) fn has_part_of_address(value: &Value) -> bool {
    match value {
        Value::Word(text, _) | Value::Phrase(text, _) => !text.contains('.'),
        Value::Range(..) => false,
        Value::List(expr) => holds_part_of_address(expr),
    }
}

fn holds_part_of_address(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Text(text) => !text.contains('.'),
        ExprKind::All(parts) | ExprKind::Any(parts) => parts.iter().any(holds_part_of_address),
        ExprKind::Not(inner) => holds_part_of_address(inner),
        ExprKind::Clause(_) | ExprKind::Near { .. } | ExprKind::Nothing => false,
    }
}

/// X has codes of its own for some languages.
pub(super) fn language(value: Value) -> Value {
    const CODES: &[(&str, &str)] = &[("zh-cn", "zh-hans"), ("zh-tw", "zh-hant"), ("in", "id"), ("iw", "he")];
    let Value::Word(code, span) = value else { return value };
    let ours = CODES.iter().find(|(theirs, _)| code.eq_ignore_ascii_case(theirs));
    Value::Word(ours.map_or(code, |(_, ours)| (*ours).to_owned()), span)
}
