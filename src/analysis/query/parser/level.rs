//! One bracket level: which clauses must hold, which exclude.

use super::super::ast::{Join, Level, Node, NodeKind, SourceSpan};
use super::super::lexer::LexKind;
use super::{DEPTH_MAX, Parser};

/// So many parts of a level are shown in a message, each with so many characters.
const SHOWN: usize = 4;
const SHOWN_CHARACTERS: usize = 40;

/// What stands before a clause.
#[derive(Clone, Copy, Default)]
struct Joint {
    /// AND or OR with its place; a blank counts as AND.
    join: Option<(Join, SourceSpan)>,
    not: Option<SourceSpan>,
}

/// A level while it is read.
#[derive(Default)]
struct Draft {
    join: Option<Join>,
    positives: Vec<Node>,
    negatives: Vec<Node>,
    /// NEARs without brackets of their own.
    nears: Vec<SourceSpan>,
    nots: Vec<SourceSpan>,
    mixed: bool,
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
            self.report.add(
                "E202",
                or.to(not).pair(),
                message,
                "write NOT alone: it excludes from the whole level",
            );
        }
        joint
    }

    fn stray_operator(&mut self, span: SourceSpan) {
        let message = "this operator has nothing to join on its left";
        self.report.add("E205", span.pair(), message, "remove it, or write a term before it");
    }

    fn dangling(&mut self, joint: Joint) {
        if let Some(span) = joint.not.or(joint.join.map(|(_, span)| span)) {
            let message = "this operator has nothing to join on its right";
            self.report.add("E205", span.pair(), message, "remove it, or write a term after it");
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
                self.report.add("W102", here.pair(), message, "write AND, or put a phrase in quotes");
                Some((Join::All, here))
            }
        };
        // `NOT a OR b`: the OR counts, although only b is positive.
        if let Some((join, span)) = join {
            self.set_join(draft, join, span, &node);
        }
        if unit.open_near {
            draft.nears.push(node.span);
        }
        draft.positives.push(node);
    }

    /// `node` stands behind the operator.
    fn set_join(&mut self, draft: &mut Draft, join: Join, span: SourceSpan, node: &Node) {
        match draft.join {
            None => draft.join = Some(join),
            Some(before) if before != join && !draft.mixed => {
                draft.mixed = true;
                let message = "AND and OR are mixed at one level, so it is not clear which binds first";
                let group = self.joined(&draft.positives, before);
                let hint = format!(
                    "put brackets around one of them: ({group}) {} {}",
                    word_of(join),
                    self.shown(node.span)
                );
                self.report.add("E201", span.pair(), message, hint);
            }
            Some(_) => {}
        }
    }

    /// The words of a span, a long one cut short.
    fn shown(&self, span: SourceSpan) -> String {
        short(self.source.get(span.start..span.end).unwrap_or_default())
    }

    /// The first nodes of a level as they are written.
    fn joined(&self, nodes: &[Node], join: Join) -> String {
        let mut texts: Vec<String> = nodes.iter().take(SHOWN).map(|node| self.shown(node.span)).collect();
        if nodes.len() > SHOWN {
            texts.push("…".to_owned());
        }
        texts.join(&format!(" {} ", word_of(join)))
    }

    fn finish_level(&mut self, start: SourceSpan, draft: Draft) -> Node {
        let join = draft.join.unwrap_or(Join::All);
        let several = draft.positives.len() > 1;
        for near in draft.nears.iter().filter(|_| several) {
            match join {
                Join::Any => {
                    let message = "NEAR stands beside OR without brackets";
                    let hint = format!("put the NEAR in brackets: ({})", self.shown(*near));
                    self.report.add("E210", near.pair(), message, hint);
                }
                Join::All => {
                    let message = "NEAR beside AND is read first, as if it stood in brackets";
                    let hint = format!("put the NEAR in brackets: ({})", self.shown(*near));
                    self.report.add("W108", near.pair(), message, hint);
                }
            }
        }
        if join == Join::Any {
            let reading = self.reading(&draft);
            for not in &draft.nots {
                let message = format!("this NOT excludes from all alternatives of its level: {reading}");
                let hint =
                    "put brackets around the level to say so, or around B NOT C if you mean only that one";
                self.report.add("W103", not.pair(), message, hint);
            }
        }
        self.built_level(start, join, draft)
    }

    /// How a level of alternatives with exclusions is read, long parts cut short.
    fn reading(&self, draft: &Draft) -> String {
        let alternatives = self.joined(&draft.positives, Join::Any);
        let exclusions: Vec<String> = draft.nots.iter().take(SHOWN).map(|span| self.shown(*span)).collect();
        format!("({alternatives}) {}", exclusions.join(" "))
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
            self.report.add("E206", span.pair(), "there is nothing in these brackets", "remove them");
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
                self.report.add("E204", open.pair(), message, "add the closing bracket");
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

/// On one line, and not too long for a message.
fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn word_of(join: Join) -> &'static str {
    match join {
        Join::All => "AND",
        Join::Any => "OR",
    }
}
