//! One clause: a term, a bracket, a field, with NEAR and tilde around it.

use super::super::ast::{Join, Near, Node, NodeKind, SourceSpan, Term, TermForm, Tilde};
use super::super::lexer::{LexKind, Lexeme};
use super::super::problem::{Fix, Report};
use super::{Parser, short};

/// A clause, and whether it is a NEAR without brackets.
pub(super) struct Unit {
    pub(super) node: Node,
    pub(super) open_near: bool,
}

impl Parser<'_> {
    /// Consumes at least one lexeme.
    pub(super) fn unit(&mut self) -> Unit {
        let mut node = self.primary();
        let (mut count, mut second, mut nested) = (0, None, self.source_of(node.span).to_owned());
        while let Some(LexKind::Near { distance, ordered }) = self.kind() {
            let operator = self.here();
            self.at += 1;
            count += 1;
            if count > 1 {
                second.get_or_insert((operator, node.span));
                nested = format!("({nested})");
            }
            let right = self.right_operand(operator);
            let span = node.span.to(right.span);
            nested.extend([" ", self.source_of(operator), " ", self.source_of(right.span)]);
            self.check_operands(&node, &right, operator);
            let near =
                Near { left: Box::new(node), right: Box::new(right), distance: *distance, ordered: *ordered };
            node = Node { kind: NodeKind::Near(near), span };
        }
        if let Some((operator, first)) = second {
            self.report_chain(operator, first, Fix::new(node.span.pair(), nested));
        }
        Unit { node, open_near: count > 0 }
    }

    fn report_chain(&mut self, operator: SourceSpan, first: SourceSpan, fix: Fix) {
        let message = "two NEARs stand side by side without brackets";
        let first = short(&format!("({})", self.source_of(first)));
        let hint = format!("put brackets around the one that is to be found first: {first}");
        // Comments between the operands would be lost.
        let fix = (!self.source.get(fix.start..fix.end).unwrap_or("").contains("<<<")).then_some(fix);
        self.report.add("E210", operator.pair(), message, hint).fix(fix);
    }

    fn right_operand(&mut self, operator: SourceSpan) -> Node {
        match self.kind() {
            None | Some(LexKind::Close | LexKind::And | LexKind::Or | LexKind::Near { .. }) => {
                let message = "NEAR has nothing on its right";
                let added = self.report.add("E205", operator.pair(), message, "write a term after it");
                added.fix(Fix::new(operator.pair(), ""));
                Node::missing(operator)
            }
            Some(LexKind::Not) => {
                let not = self.here();
                self.at += 1;
                let message = "NEAR cannot have NOT as an operand";
                let hint = "leave the NEAR out to exclude whole posts, or write (a NEAR/5 b) NOT c";
                let fix = Fix::new(operator.to(not).pair(), "NOT");
                self.report.add("E211", not.pair(), message, hint).fix(fix);
                Node::missing(not)
            }
            Some(_) => self.primary(),
        }
    }

    fn check_operands(&mut self, left: &Node, right: &Node, operator: SourceSpan) {
        for (node, other, is_left) in [(left, right, true), (right, left, false)] {
            let Some(bad) = bad_operand(node) else { continue };
            let message = "an operand of NEAR may hold words, phrases, OR and bracketed NEARs only";
            let apart = self.apart(node, other, operator, is_left);
            let hint = format!("move the rest out of the NEAR: {}", short(&apart));
            let fix = Fix::new(left.span.to(right.span).pair(), apart);
            self.report.add("E211", bad.pair(), message, hint).fix(fix);
        }
    }

    /// A NEAR of which one operand is none: with the first clause of that operand, and the rest beside it. Where that
    /// is no operand either, the two are only to stand in one post.
    fn apart(&self, node: &Node, other: &Node, operator: SourceSpan, is_left: bool) -> String {
        let written = |node: &Node| self.source_of(node.span);
        let (near, other) = (self.source_of(operator), written(other));
        let level = match &node.kind {
            NodeKind::Level(level) if level.join == Join::All => Some(level),
            _ => None,
        };
        let first = level.and_then(|level| level.positives.first()).filter(|n| bad_operand(n).is_none());
        let (Some(level), Some(first)) = (level, first) else {
            return format!("({other} AND {})", written(node));
        };
        let pair = if is_left {
            format!("{} {near} {other}", written(first))
        } else {
            format!("{other} {near} {}", written(first))
        };
        let more = level.positives.iter().skip(1).map(|node| format!(" AND {}", written(node)));
        let not = level.negatives.iter().map(|node| format!(" NOT {}", written(node)));
        format!("(({pair}){})", more.chain(not).collect::<String>())
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
                if matches!(node.kind, NodeKind::Term(_)) {
                    self.tilde(node)
                } else {
                    self.without_tilde(node)
                }
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

    /// A field with its value has no place in the text.
    fn without_tilde(&mut self, field: Node) -> Node {
        if let Some(Lexeme { kind: LexKind::Tilde(_), span, spaced: false }) = self.peek() {
            self.misplaced(*span);
        }
        field
    }

    fn misplaced(&mut self, span: SourceSpan) -> Node {
        let written = self.source_of(span);
        let (code, message, hint) = match self.kind() {
            Some(LexKind::Range(_)) => (
                "E105",
                "a range stands outside of a field",
                format!("write a field before it: authorFollowers:{written}"),
            ),
            Some(LexKind::Tilde(_)) => (
                "E103",
                "a tilde follows what is no phrase and no bracket",
                format!("remove it, or write a phrase before it: \"apple juice\"{written}"),
            ),
            _ => (
                "E205",
                "this operator has nothing to join on its left",
                format!("remove {written}, or write a term before it"),
            ),
        };
        let fix = (code != "E105").then(|| Fix::new(span.pair(), ""));
        self.report.add(code, span.pair(), message, hint).fix(fix);
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
                let hint = "use a shorter phrase, or several joined by AND";
                self.report.add("E212", span.pair(), message, hint);
                inner
            }
            TildeShape::Idle => {
                idle_tilde(self.report, span, Some(inner.span));
                inner
            }
            TildeShape::Bad(bad) => {
                let message =
                    "a bracket with a tilde may hold words, phrases and OR groups of these, joined by AND";
                let tilde = (inner.span.end, span.end);
                let hint = format!(
                    "use NEAR/{distance}, which can be nested, or leave ~{distance} out to ask for all anywhere in the post"
                );
                self.report.add("E212", bad.pair(), message, hint).fix(Fix::new(tilde, ""));
                inner
            }
        }
    }
}

/// A tilde around one word. `inner` is what stands before it, where that is known.
pub(in super::super) fn idle_tilde(report: &mut Report, span: SourceSpan, inner: Option<SourceSpan>) {
    let message = "this tilde has nothing to be near and is ignored";
    let hint = "leave it out, or give it a phrase of two words or more, or terms joined by AND";
    report
        .add("W104", span.pair(), message, hint)
        .fix(inner.map(|inner| Fix::new((inner.end, span.end), "")));
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
