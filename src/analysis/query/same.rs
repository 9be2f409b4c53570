//! Do two trees say the same, wherever they stand in their texts?

use super::ast::{FieldText, FieldValue, Join, Level, Node, NodeKind};

impl Node {
    /// The same parts in the same order; places in the source and brackets that change nothing do not count.
    #[must_use]
    pub fn says_the_same_as(&self, other: &Node) -> bool {
        match (&self.kind, &other.kind) {
            (NodeKind::Level(a), NodeKind::Level(b)) => same_levels(a, b),
            (NodeKind::Near(a), NodeKind::Near(b)) => {
                (a.distance, a.ordered) == (b.distance, b.ordered)
                    && a.left.says_the_same_as(&b.left)
                    && a.right.says_the_same_as(&b.right)
            }
            (NodeKind::Tilde(a), NodeKind::Tilde(b)) => {
                a.distance == b.distance && a.inner.says_the_same_as(&b.inner)
            }
            (NodeKind::Field(a), NodeKind::Field(b)) => {
                (a.field, a.name) == (b.field, b.name) && same_values(&a.value, &b.value)
            }
            (a, b) => a == b,
        }
    }
}

fn same_levels(a: &Level, b: &Level) -> bool {
    let same =
        |a: &[Node], b: &[Node]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.says_the_same_as(b));
    let ((a_join, a_positives), (b_join, b_positives)) = (positives(a), positives(b));
    // One positive clause is joined to nothing.
    (a_join == b_join || a_positives.len() < 2)
        && same(a_positives, b_positives)
        && same(&a.negatives, &b.negatives)
}

/// Brackets around all positive clauses of a level say nothing: `(a OR b) NOT c` is `a OR b NOT c`.
fn positives(level: &Level) -> (Join, &[Node]) {
    match level.positives.as_slice() {
        [Node { kind: NodeKind::Level(inner), .. }] if inner.negatives.is_empty() => positives(inner),
        all => (level.join, all),
    }
}

fn same_values(a: &FieldValue, b: &FieldValue) -> bool {
    match (a, b) {
        (FieldValue::AnyOf(a), FieldValue::AnyOf(b)) => {
            let term = |text: &FieldText| text.term.clone();
            a.iter().map(term).eq(b.iter().map(term))
        }
        (a, b) => a == b,
    }
}
