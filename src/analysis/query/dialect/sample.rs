//! The sample of a query of X, which is one of all that it finds.

use super::super::sample::percent;
use super::expr::{Expr, ExprKind};

/// The text says how many per cent.
pub(super) fn is_share(text: &str) -> bool {
    percent(text).is_some()
}

/// Takes samples out of brackets, so that they hold for the whole query; those in brackets behind a NOT stay where they
/// are.
pub(super) fn for_all(mut expr: Expr) -> Expr {
    let span = expr.span;
    let mut samples = Vec::new();
    take(&mut expr, &mut samples);
    if samples.is_empty() {
        return expr;
    }
    samples.insert(0, expr);
    Expr { kind: ExprKind::All(samples), span }
}

fn take(expr: &mut Expr, samples: &mut Vec<Expr>) {
    let span = expr.span;
    if is_sample(expr) {
        return samples.push(std::mem::replace(expr, Expr::nothing(span)));
    }
    match &mut expr.kind {
        // `-sample:10` leaves a share of all that is found out.
        ExprKind::Not(inner) if is_sample(inner) => {
            samples.push(std::mem::replace(expr, Expr::nothing(span)));
        }
        ExprKind::All(parts) | ExprKind::Any(parts) => parts.iter_mut().for_each(|part| take(part, samples)),
        _ => {}
    }
}

fn is_sample(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Clause(text) if text.starts_with("sample:"))
}
