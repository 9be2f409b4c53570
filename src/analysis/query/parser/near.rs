//! One clause: a term, a bracket, a field, with NEAR and tilde around it.

use super::super::ast::{Join, Near, Node, NodeKind, SourceSpan, Term, TermForm, Tilde};
use super::super::lexer::LexKind;
use super::super::problem::Report;
use super::Parser;

/// A clause, and whether it is a NEAR without brackets.
pub(super) struct Unit {
    pub(super) node: Node,
    pub(super) open_near: bool,
}

impl Parser<'_> {
    /// Consumes at least one lexeme.
    pub(super) fn unit(&mut self) -> Unit {
        let mut node = self.primary();
        let mut count = 0;
        while let Some(LexKind::Near { distance, ordered }) = self.kind() {
            let operator = self.here();
            self.at += 1;
            count += 1;
            if count == 2 {
                let message = "two NEARs stand side by side without brackets";
                let hint = "put brackets around the one that is to be found first: (a NEAR/2 b) NEAR/3 c";
                self.report.add("E210", operator.pair(), message, hint);
            }
            let right = self.right_operand(operator);
            self.check_operand(&node);
            self.check_operand(&right);
            let span = node.span.to(right.span);
            let near =
                Near { left: Box::new(node), right: Box::new(right), distance: *distance, ordered: *ordered };
            node = Node { kind: NodeKind::Near(near), span };
        }
        Unit { node, open_near: count > 0 }
    }

    fn right_operand(&mut self, operator: SourceSpan) -> Node {
        match self.kind() {
            None | Some(LexKind::Close | LexKind::And | LexKind::Or | LexKind::Near { .. }) => {
                let message = "NEAR has nothing on its right";
                self.report.add("E205", operator.pair(), message, "write a term after it");
                Node::missing(operator)
            }
            Some(LexKind::Not) => {
                let not = self.here();
                self.at += 1;
                let message = "NEAR cannot have NOT as an operand";
                let hint = "write (a NEAR/5 b) NOT c to exclude whole posts";
                self.report.add("E211", not.pair(), message, hint);
                Node::missing(not)
            }
            Some(_) => self.primary(),
        }
    }

    fn check_operand(&mut self, node: &Node) {
        if let Some(bad) = bad_operand(node) {
            let message = "an operand of NEAR may hold words, phrases, OR and bracketed NEARs only";
            let hint = "move the rest out of the NEAR: (vanilla NEAR/5 cream) AND cake";
            self.report.add("E211", bad.pair(), message, hint);
        }
    }

    fn primary(&mut self) -> Node {
        let Some(lexeme) = self.peek() else {
            return Node::missing(self.here());
        };
        match &lexeme.kind {
            LexKind::Open => {
                let node = self.bracket();
                self.tilde(node)
            }
            LexKind::FieldName(name) => {
                self.at += 1;
                let node = self.field(name, lexeme.span);
                if matches!(node.kind, NodeKind::Term(_)) { self.tilde(node) } else { node }
            }
            LexKind::Word(_) | LexKind::Phrase(_) | LexKind::Cased(_) => {
                self.at += 1;
                self.leaves += 1;
                let kind = Self::as_term(lexeme).map_or(NodeKind::Missing, NodeKind::Term);
                self.tilde(Node { kind, span: lexeme.span })
            }
            _ => self.misplaced(lexeme.span),
        }
    }

    fn misplaced(&mut self, span: SourceSpan) -> Node {
        let (code, message, hint) = match self.kind() {
            Some(LexKind::Range(_)) => (
                "E105",
                "a range stands outside of a field",
                "write a field before it: authorFollowers:[500 TO 1000]",
            ),
            Some(LexKind::Tilde(_)) => {
                ("E103", "a tilde follows what is no phrase and no bracket", "write \"apple juice\"~5")
            }
            _ => ("E205", "this operator has nothing to join on its left", "write a term before it"),
        };
        self.report.add(code, span.pair(), message, hint);
        self.at += 1;
        Node::missing(span)
    }

    /// Wraps `inner` if a tilde follows.
    fn tilde(&mut self, inner: Node) -> Node {
        let Some(LexKind::Tilde(distance)) = self.kind() else { return inner };
        let span = inner.span.to(self.here());
        self.at += 1;
        match tilde_shape(&inner) {
            TildeShape::Near => {
                let tilde = Tilde { inner: Box::new(inner), distance: *distance };
                Node { kind: NodeKind::Tilde(tilde), span }
            }
            TildeShape::Crowded => {
                let message = format!("a tilde takes at most {OPERANDS_MAX} words");
                self.report.add(
                    "E212",
                    span.pair(),
                    message,
                    "use a shorter phrase, or several joined by AND",
                );
                inner
            }
            TildeShape::Idle => {
                idle_tilde(self.report, span);
                inner
            }
            TildeShape::Bad(bad) => {
                let message =
                    "a bracket with a tilde may hold words, phrases and OR groups of these, joined by AND";
                self.report.add("E212", bad.pair(), message, "use NEAR/n, which can be nested");
                inner
            }
        }
    }
}

/// A tilde around one word.
pub(in super::super) fn idle_tilde(report: &mut Report, span: SourceSpan) {
    let message = "this tilde has nothing to be near and is ignored";
    let hint = "give it a phrase of two words or more, or terms joined by AND";
    report.add("W104", span.pair(), message, hint);
}

/// The part of a NEAR operand that has no place in the text.
fn bad_operand(node: &Node) -> Option<SourceSpan> {
    match &node.kind {
        NodeKind::Term(_) | NodeKind::Near(_) | NodeKind::Missing => None,
        NodeKind::Level(level) if level.join == Join::Any && level.negatives.is_empty() => {
            level.positives.iter().find_map(bad_operand)
        }
        NodeKind::Level(_) | NodeKind::Tilde(_) | NodeKind::Field(_) => Some(node.span),
    }
}

/// Most words in one window: placing them is a search.
const OPERANDS_MAX: usize = 64;

enum TildeShape {
    Near,
    Crowded,
    Idle,
    Bad(SourceSpan),
}

fn tilde_shape(inner: &Node) -> TildeShape {
    match &inner.kind {
        NodeKind::Term(Term { form: TermForm::Phrase, text })
            if text.text.split_whitespace().nth(1).is_some() =>
        {
            let crowded = text.text.split_whitespace().nth(OPERANDS_MAX).is_some();
            if crowded { TildeShape::Crowded } else { TildeShape::Near }
        }
        NodeKind::Term(_) | NodeKind::Missing => TildeShape::Idle,
        NodeKind::Level(level) if level.negatives.is_empty() => {
            let bad = match level.join {
                Join::All => level.positives.iter().find(|node| !is_word_or_group(node)),
                Join::Any => level.positives.iter().find(|node| !is_word_or_group(node)),
            };
            match (bad, level.join) {
                (Some(node), _) => TildeShape::Bad(node.span),
                (None, Join::All) if level.positives.len() > OPERANDS_MAX => TildeShape::Crowded,
                (None, Join::All) => TildeShape::Near,
                (None, Join::Any) => TildeShape::Idle,
            }
        }
        _ => TildeShape::Bad(inner.span),
    }
}

fn is_word(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Term(_) | NodeKind::Missing)
}

fn is_word_or_group(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Level(level) => {
            level.join == Join::Any && level.negatives.is_empty() && level.positives.iter().all(is_word)
        }
        _ => is_word(node),
    }
}
