//! The language as the page says it, slowly: every place of every term by trying all of them.
//! No parser, no index, no triggers, no shared leaves. Only the tokens come from the product.

use earful::analysis::text::{Token, TokenKind, Tokenizer, Tokens};
use earful::model::{Post, Span, Zone};

use crate::term::Term;
use crate::tree::{Ask, Level, Near, Tree};

/// Where something stands: zone, positions, the spans of its terms, and whether a NEAR made it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    zone: Zone,
    first: u32,
    last: u32,
    wide: bool,
    spans: Vec<Span>,
}

pub(crate) struct Oracle<'a> {
    pub(crate) post: &'a Post<'a>,
    pub(crate) tokens: &'a Tokens,
    pub(crate) tokenizer: &'a Tokenizer,
}

/// A token, and the tag that it is inside of.
type Step<'a> = (&'a Token, Option<&'a Token>);

impl Oracle<'_> {
    pub(crate) fn holds(&self, tree: &Tree) -> bool {
        match tree {
            Tree::Level(level) => self.level_holds(level),
            Tree::Field(Ask(_, asks)) => asks(self.post, self.tokens),
            Tree::Signed(field, name) => {
                let stated = if *field == "at_mentions" { &self.post.mentions } else { &self.post.hashtags };
                stated.iter().any(|stated| stated.to_lowercase() == name[1..]) || !self.found(tree).is_empty()
            }
            other => !self.found(other).is_empty(),
        }
    }

    fn level_holds(&self, level: &Level) -> bool {
        let mut positives = level.positives.iter().map(|tree| self.holds(tree));
        let positive = if level.any { positives.any(|holds| holds) } else { positives.all(|holds| holds) };
        positive && !level.negatives.iter().any(|tree| self.holds(tree))
    }

    /// The places that made a query match: ascending, not overlapping.
    pub(crate) fn spans(&self, tree: &Tree) -> Vec<Span> {
        let mut spans = self.collected(tree);
        spans.sort_unstable();
        let mut merged: Vec<Span> = Vec::new();
        for span in spans {
            match merged.last_mut() {
                Some(last) if last.zone == span.zone && span.start < last.end => {
                    last.end = last.end.max(span.end)
                }
                _ => merged.push(span),
            }
        }
        merged
    }

    fn collected(&self, tree: &Tree) -> Vec<Span> {
        match tree {
            Tree::Level(level) => {
                let took_part = level.positives.iter().filter(|tree| self.holds(tree));
                took_part.flat_map(|tree| self.collected(tree)).collect()
            }
            Tree::Field(_) => Vec::new(),
            other => self.found(other).into_iter().flat_map(|place| place.spans).collect(),
        }
    }

    /// Every place of what stands in the text.
    fn found(&self, tree: &Tree) -> Vec<Place> {
        match tree {
            Tree::Term(written) | Tree::Signed(_, written) => self.hits(&Term::new(written, self.tokenizer)),
            Tree::Zoned(zone, terms) => {
                let all = terms.iter().flat_map(|written| self.found(&Tree::Term(written)));
                all.filter(|place| place.zone == *zone).collect()
            }
            Tree::Raw(literal) => self.raw(literal, true),
            Tree::Near(near) => self.near(near),
            Tree::Tilde { operands, distance, .. } => {
                let operands: Vec<Vec<Place>> = operands.iter().map(|tree| self.found(tree)).collect();
                let mut members = Vec::new();
                choose(&operands, &mut Vec::new(), *distance, &mut members);
                members
            }
            // A group of alternatives.
            Tree::Level(level) => level.positives.iter().flat_map(|tree| self.found(tree)).collect(),
            Tree::Field(_) => Vec::new(),
        }
    }

    fn near(&self, near: &Near) -> Vec<Place> {
        let (lefts, rights) = (self.found(&near.left), self.found(&near.right));
        let mut found = Vec::new();
        for l in &lefts {
            for r in rights.iter().filter(|r| r.zone == l.zone) {
                let close = |a: &Place, b: &Place| a.last < b.first && b.first - a.last - 1 <= near.distance;
                let inside = |a: &Place, b: &Place| b.wide && a.first > b.first && a.last < b.last;
                let free = close(r, l) || inside(l, r) || inside(r, l);
                if close(l, r) || (!near.ordered && free) {
                    let (first, last) = (l.first.min(r.first), l.last.max(r.last));
                    let spans = [l.spans.as_slice(), r.spans.as_slice()].concat();
                    found.push(Place { zone: l.zone, first, last, wide: true, spans });
                }
            }
        }
        found
    }

    fn hits(&self, term: &Term) -> Vec<Place> {
        if term.pieces.is_empty() {
            return self.raw(&term.before, false);
        }
        let mut found = Vec::new();
        for zone in Zone::ALL {
            let mut runs = Vec::new();
            for start in self.steps_from(*zone, None) {
                self.runs(term, *zone, vec![start], &mut runs);
            }
            for run in runs.iter().filter(|run| self.signs_fit(term, *zone, run)) {
                let (head, tail) = (run[0].0, run[run.len() - 1].0);
                let span = Span { zone: *zone, start: head.start, end: tail.end };
                let (first, last) = (head.position, tail.position);
                found.push(Place { zone: *zone, first, last, wide: false, spans: vec![span] });
            }
        }
        found
    }

    /// What may stand next: a token as a whole, or what is inside of a tag. Without `after`, all of them.
    fn steps_from(&self, zone: Zone, after: Option<Step<'_>>) -> Vec<Step<'_>> {
        let tokens = self.tokens.zone(zone);
        let first_inside = |whole: &'_ Token| self.tokens.inner(whole).next().copied();
        let Some((token, owner)) = after else {
            let inside = |whole| self.tokens.inner(whole).map(move |inner| (inner, Some(whole)));
            return tokens
                .iter()
                .flat_map(|whole| std::iter::once((whole, None)).chain(inside(whole)))
                .collect();
        };
        if let Some(owner) = owner {
            let inside: Vec<&Token> = self.tokens.inner(owner).collect();
            let at = inside.iter().position(|inner| **inner == *token).unwrap();
            if let Some(next) = inside.get(at + 1) {
                let owner = tokens.iter().find(|whole| *whole == owner);
                return vec![(next, owner)];
            }
        }
        let position = owner.unwrap_or(token).position + 1;
        let Some(whole) = tokens.iter().find(|whole| whole.position == position) else { return Vec::new() };
        let mut next = vec![(whole, None)];
        if first_inside(whole).is_some() {
            next.extend(self.tokens.inner(whole).next().map(|inner| (inner, Some(whole))));
        }
        next
    }

    fn runs<'t>(&'t self, term: &Term, zone: Zone, run: Vec<Step<'t>>, out: &mut Vec<Vec<Step<'t>>>) {
        let step = run[run.len() - 1];
        if !term.pieces[run.len() - 1].fits(self.tokens, step.0) {
            return;
        }
        if run.len() == term.pieces.len() {
            return out.push(run);
        }
        for next in self.steps_from(zone, Some(step)) {
            self.runs(term, zone, [run.clone(), vec![next]].concat(), out);
        }
    }

    /// The signs of a term stand where the term has them.
    fn signs_fit(&self, term: &Term, zone: Zone, run: &[Step<'_>]) -> bool {
        let text = self.tokens.source_zone(zone);
        let (head, tail) = (run[0].0, run[run.len() - 1].0);
        let before = crate::term::plain_signs(&text[..head.start as usize]);
        let after = crate::term::plain_signs(&text[tail.end as usize..]);
        before.ends_with(&term.before)
            && after.starts_with(&term.after)
            && run.windows(2).zip(&term.gaps).all(|(pair, wanted)| {
                let gap = text.get(pair[0].0.end as usize..pair[1].0.start as usize).unwrap_or("");
                wanted.is_empty() || term.signs_of(gap) == *wanted
            })
    }

    /// The literal between characters that are part of no word.
    fn raw(&self, literal: &str, bounded: bool) -> Vec<Place> {
        let spaceless = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
        let wordy = |c: char| {
            (c.is_alphanumeric() || c == '_' || unicode_normalization::char::is_combining_mark(c))
                && !spaceless(c)
        };
        let mut found = Vec::new();
        for zone in Zone::ALL {
            let text = self.post.zone(*zone);
            let mut at = 0;
            while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
                let end = at + literal.len();
                let first_free = literal.starts_with(spaceless) || !text[..at].ends_with(wordy);
                let last_free = || literal.ends_with(spaceless) || !text[end..].starts_with(wordy);
                if rest.starts_with(literal) && (!bounded || (first_free && last_free())) {
                    let span = Span { zone: *zone, start: at as u32, end: end as u32 };
                    found.push(Place { zone: *zone, first: 0, last: 0, wide: false, spans: vec![span] });
                    at = end;
                } else {
                    at += rest.chars().next().map_or(1, char::len_utf8);
                }
            }
        }
        found
    }
}

/// The members of every full choice, one of each operand, apart and close enough.
fn choose(operands: &[Vec<Place>], chosen: &mut Vec<Place>, distance: u32, members: &mut Vec<Place>) {
    let Some((operand, rest)) = operands.split_first() else {
        let first = chosen.iter().map(|p| p.first).min().unwrap_or(0);
        let last = chosen.iter().map(|p| p.last).max().unwrap_or(0);
        let words: u32 = chosen.iter().map(|p| p.last - p.first + 1).sum();
        if last - first + 1 - words <= distance {
            members.extend(chosen.iter().cloned());
        }
        return;
    };
    for place in operand {
        let apart = |p: &Place| p.zone == place.zone && (p.last < place.first || place.last < p.first);
        if chosen.iter().all(apart) {
            chosen.push(place.clone());
            choose(rest, chosen, distance, members);
            chosen.pop();
        }
    }
}

/// The kinds of tokens that a plain word finds.
pub(crate) fn is_wordy(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Word | TokenKind::Hashtag | TokenKind::Handle | TokenKind::Cashtag)
}
