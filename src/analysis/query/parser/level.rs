//! One bracket level: which clauses must hold, which exclude.

use super::super::ast::{Join, Level, Node, NodeKind, SourceSpan};
use super::super::chars::is_blank;
use super::super::lexer::LexKind;
use super::super::problem::Fix;
use super::shown::word_of;
use super::{DEPTH_MAX, Parser};

/// What stands before a clause.
#[derive(Clone, Copy, Default)]
struct Joint {
    /// AND or OR with its place; a blank counts as AND.
    join: Option<(Join, SourceSpan)>,
    not: Option<SourceSpan>,
}

/// A level while it is read.
#[derive(Default)]
pub(super) struct Draft {
    join: Option<Join>,
    pub(super) positives: Vec<Node>,
    pub(super) negatives: Vec<Node>,
    /// What joins each positive but the first with what stands before it.
    pub(super) joins: Vec<Join>,
    /// NEARs without brackets of their own.
    nears: Vec<SourceSpan>,
    pub(super) nots: Vec<SourceSpan>,
    /// The operator that made the level mixed, and how many positives stand before it.
    mixed: Option<(SourceSpan, usize)>,
}

impl Parser<'_> {
    /// Clauses up to a closing bracket or the end; the bracket is left to the caller.
    pub(super) fn level(&mut self) -> Node {
        let start = self.here();
        let mut draft = Draft::default();
        loop {
            let first = draft.positives.is_empty() && draft.negatives.is_empty();
            let joint = self.joint(first);
            if matches!(self.kind(), None | Some(LexKind::Close)) {
                self.dangling(joint);
                break;
            }
            self.clause(joint, first, &mut draft);
        }
        self.finish_level(start, draft)
    }

    /// Reads the operators before a clause.
    fn joint(&mut self, first: bool) -> Joint {
        let mut joint = Joint::default();
        while let Some(lexeme) = self.peek() {
            let span = lexeme.span;
            let join = match lexeme.kind {
                LexKind::And => Some(Join::All),
                LexKind::Or => Some(Join::Any),
                LexKind::Not => None,
                _ => break,
            };
            self.at += 1;
            match join {
                None if joint.not.is_none() => joint.not = Some(span),
                Some(join) if joint.join.is_none() && joint.not.is_none() && !first => {
                    joint.join = Some((join, span));
                }
                _ => self.stray_operator(span),
            }
        }
        if let (Some((Join::Any, or)), Some(not)) = (joint.join, joint.not) {
            let message = "OR NOT would match nearly every post";
            let hint = "write NOT alone: it excludes from the whole level";
            let fix = Fix::new(or.to(not).pair(), "NOT");
            self.report.add("E202", or.to(not).pair(), message, hint).fix(fix);
        }
        joint
    }

    fn stray_operator(&mut self, span: SourceSpan) {
        let message = "this operator has nothing to join on its left";
        let hint = format!("remove {}, or write a term before it", self.source_of(span));
        self.report.add("E205", span.pair(), message, hint).fix(Fix::new(span.pair(), ""));
    }

    fn dangling(&mut self, joint: Joint) {
        if let Some(span) = joint.not.or(joint.join.map(|(_, span)| span)) {
            let message = "this operator has nothing to join on its right";
            let whole = joint.join.map_or(span, |(_, join)| join.to(span));
            let hint = format!("remove {}, or write a term after it", self.source_of(whole));
            self.report.add("E205", span.pair(), message, hint).fix(Fix::new(whole.pair(), ""));
        }
    }

    fn clause(&mut self, joint: Joint, first: bool, draft: &mut Draft) {
        let here = self.here();
        let unit = self.unit();
        let node = unit.node;
        if let Some(not) = joint.not {
            draft.nots.push(not.to(node.span));
            return draft.negatives.push(node);
        }
        let join = match joint.join {
            Some(join) => Some(join),
            None if first => None,
            None => {
                let message = "a blank between two terms is read as AND";
                let hint = self.joined_by_and(draft.positives.last(), &node);
                // Behind a term without a blank it would be a part of that.
                let is_glued =
                    self.source.get(..here.start).is_some_and(|before| !before.ends_with(is_blank));
                let fix = Fix::new((here.start, here.start), if is_glued { " AND " } else { "AND " });
                self.report.add("W102", here.pair(), message, hint).fix(fix);
                Some((Join::All, here))
            }
        };
        // `NOT a OR b`: the OR counts, although only b is positive.
        if let Some((join, span)) = join {
            self.set_join(draft, join, span);
            if !draft.positives.is_empty() {
                draft.joins.push(join);
            }
        }
        if unit.open_near {
            draft.nears.push(node.span);
        }
        draft.positives.push(node);
    }

    fn set_join(&self, draft: &mut Draft, join: Join, span: SourceSpan) {
        match draft.join {
            None => draft.join = Some(join),
            Some(before) if before != join && draft.mixed.is_none() => {
                draft.mixed = Some((span, draft.positives.len()));
            }
            Some(_) => {}
        }
    }

    fn report_mixed(&mut self, draft: &Draft) {
        let (Some((span, before)), Some(join)) = (draft.mixed, draft.join) else { return };
        let (group, rest) = draft.positives.split_at(before.min(draft.positives.len()));
        let other = if join == Join::All { Join::Any } else { Join::All };
        let next = rest.first().map_or_else(String::new, |node| self.shown(node.span));
        let group = self.joined(group, join);
        let hint = format!("put brackets around one of them: ({group}) {} {next}", word_of(other));
        let message = "AND and OR are mixed at one level, so it is not clear which binds first";
        let fix = self.grouped_from_the_left(draft);
        self.report.add("E201", span.pair(), message, hint).fix(fix);
    }

    fn finish_level(&mut self, start: SourceSpan, draft: Draft) -> Node {
        let join = draft.join.unwrap_or(Join::All);
        let several = draft.positives.len() > 1;
        for near in draft.nears.iter().filter(|_| several) {
            let (code, message) = match join {
                Join::Any => ("E210", "NEAR stands beside OR without brackets"),
                Join::All => ("W108", "NEAR beside AND is read first, as if it stood in brackets"),
            };
            let hint = format!("put the NEAR in brackets: ({})", self.shown(*near));
            let fix = Fix::new(near.pair(), format!("({})", self.source_of(*near)));
            self.report.add(code, near.pair(), message, hint).fix(fix);
        }
        self.report_mixed(&draft);
        if join == Join::Any {
            let reading = self.reading(&draft);
            let fix = self.in_brackets(&draft);
            for not in &draft.nots {
                let message = format!("this NOT excludes from all alternatives of its level: {reading}");
                let hint = format!(
                    "write so, or put brackets around {} {} if it is to exclude from that one only",
                    draft.positives.last().map_or_else(String::new, |last| self.shown(last.span)),
                    self.shown(*not)
                );
                self.report.add("W103", not.pair(), message, hint).fix(fix.clone());
            }
        }
        self.built_level(start, join, draft)
    }

    fn built_level(&mut self, start: SourceSpan, join: Join, mut draft: Draft) -> Node {
        if draft.negatives.is_empty() && draft.positives.len() == 1 {
            return draft.positives.remove(0);
        }
        let last =
            self.at.checked_sub(1).and_then(|i| self.lexemes.get(i)).map_or(start, |lexeme| lexeme.span);
        let span = SourceSpan { start: start.start, end: last.end.max(start.start) };
        if draft.negatives.is_empty() && draft.positives.is_empty() {
            return Node::missing(span);
        }
        let level = Level { join, positives: draft.positives, negatives: draft.negatives };
        Node { kind: NodeKind::Level(level), span }
    }

    /// `( level )`; the opening bracket is the next lexeme.
    pub(super) fn bracket(&mut self) -> Node {
        let open = self.here();
        if self.depth == DEPTH_MAX {
            return self.too_deep(open);
        }
        self.at += 1;
        self.depth += 1;
        if matches!(self.kind(), Some(LexKind::Close)) {
            let span = open.to(self.here());
            let fix = Fix::new(self.with_its_operators(self.at - 1, self.at).pair(), "");
            self.report
                .add("E206", span.pair(), "there is nothing in these brackets", "remove them")
                .fix(fix);
            (self.at, self.depth) = (self.at + 1, self.depth - 1);
            return Node::missing(span);
        }
        let mut node = self.level();
        self.depth -= 1;
        node.span = open.to(self.here());
        match self.kind() {
            Some(LexKind::Close) => self.at += 1,
            _ => {
                let message = "the bracket that opens here is not closed";
                let fix = Fix::new((self.end, self.end), ")");
                self.report.add("E204", open.pair(), message, "add the closing bracket").fix(fix);
            }
        }
        node
    }

    /// Skips a bracket that is nested too deeply, with all that is in it.
    fn too_deep(&mut self, open: SourceSpan) -> Node {
        let message = format!("brackets are nested more than {DEPTH_MAX} deep");
        self.report.add("E222", open.pair(), message, "remove brackets that are not needed");
        let mut nested = 0_usize;
        while let Some(kind) = self.kind() {
            self.at += 1;
            match kind {
                LexKind::Open => nested += 1,
                LexKind::Close => nested -= 1,
                _ => {}
            }
            if nested == 0 {
                break;
            }
        }
        Node::missing(open.to(self.here()))
    }
}
