//! The language as the page says it, slowly: every place of every term by trying all of them.
//! No index, no triggers, no shared leaves. Only the tokens come from the product.

use earful::analysis::query::ast::{Join, Node, NodeKind, Term, TermForm};
use earful::analysis::text::{Token, TokenKind, Tokenizer, Tokens};
use earful::model::{Span, Zone};

/// Where something stands: zone, positions, bytes of the terms in it, and whether a NEAR made it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    zone: Zone,
    first: u32,
    last: u32,
    wide: bool,
}

pub(crate) struct Oracle<'a> {
    pub(crate) tokens: &'a Tokens,
    pub(crate) tokenizer: &'a Tokenizer,
}

fn is_wild(term: &Term) -> bool {
    !term.text.wildcards.is_empty()
}

fn glob(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|n| glob(rest, &text[n..])),
        Some(('?', rest)) => !text.is_empty() && glob(rest, &text[1..]),
        Some((c, rest)) => text.first() == Some(c) && glob(rest, &text[1..]),
    }
}

impl Oracle<'_> {
    pub(crate) fn holds(&self, node: &Node) -> bool {
        match &node.kind {
            NodeKind::Term(term) => !self.hits(term).is_empty(),
            NodeKind::Level(level) => {
                let positive = match level.join {
                    Join::All => level.positives.iter().all(|n| self.holds(n)),
                    Join::Any => level.positives.iter().any(|n| self.holds(n)),
                };
                positive && !level.negatives.iter().any(|n| self.holds(n))
            }
            NodeKind::Near(_) => !self.places(node).is_empty(),
            NodeKind::Tilde(_) => !self.tilde_members(node).is_empty(),
            NodeKind::Field(_) | NodeKind::Missing => unreachable!("not generated"),
        }
    }

    pub(crate) fn spans(&self, node: &Node) -> Vec<Span> {
        let mut spans = Vec::new();
        self.collect(node, &mut spans);
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

    fn collect(&self, node: &Node, out: &mut Vec<Span>) {
        match &node.kind {
            NodeKind::Term(term) => out.extend(self.hits(term).into_iter().map(|(_, span)| span)),
            NodeKind::Level(level) => {
                for child in level.positives.iter().filter(|n| self.holds(n)) {
                    self.collect(child, out);
                }
            }
            NodeKind::Near(_) => {
                let places = self.places(node);
                for (place, span) in self.leaves(node) {
                    let inside =
                        |p: &Place| p.zone == place.zone && place.first >= p.first && place.last <= p.last;
                    if places.iter().any(inside) {
                        out.push(span);
                    }
                }
            }
            NodeKind::Tilde(_) => out.extend(self.tilde_members(node)),
            NodeKind::Field(_) | NodeKind::Missing => {}
        }
    }

    /// All hits of all terms below.
    fn leaves(&self, node: &Node) -> Vec<(Place, Span)> {
        match &node.kind {
            NodeKind::Term(term) => self.hits(term),
            NodeKind::Level(level) => level.positives.iter().flat_map(|n| self.leaves(n)).collect(),
            NodeKind::Near(near) => [self.leaves(&near.left), self.leaves(&near.right)].concat(),
            _ => Vec::new(),
        }
    }

    fn places(&self, node: &Node) -> Vec<Place> {
        let NodeKind::Near(near) = &node.kind else {
            return match &node.kind {
                NodeKind::Level(level) => level.positives.iter().flat_map(|n| self.places(n)).collect(),
                NodeKind::Term(term) => self.hits(term).into_iter().map(|(place, _)| place).collect(),
                _ => Vec::new(),
            };
        };
        let (lefts, rights) = (self.places(&near.left), self.places(&near.right));
        let mut found = Vec::new();
        for l in &lefts {
            for r in rights.iter().filter(|r| r.zone == l.zone) {
                let close = |a: &Place, b: &Place| a.last < b.first && b.first - a.last - 1 <= near.distance;
                let inside = |a: &Place, b: &Place| b.wide && a.first > b.first && a.last < b.last;
                let free = close(r, l) || inside(l, r) || inside(r, l);
                if close(l, r) || (!near.ordered && free) {
                    let (first, last) = (l.first.min(r.first), l.last.max(r.last));
                    found.push(Place { zone: l.zone, first, last, wide: true });
                }
            }
        }
        found
    }

    /// Spans of the hits that stand in some full choice, one of each operand, apart and close enough.
    fn tilde_members(&self, node: &Node) -> Vec<Span> {
        let NodeKind::Tilde(tilde) = &node.kind else { return Vec::new() };
        let operands: Vec<Vec<(Place, Span)>> = match &tilde.inner.kind {
            NodeKind::Term(term) => {
                let word = |text: &str| Term { form: TermForm::Word, text: plain(text) };
                term.text.text.split_whitespace().map(|text| self.hits(&word(text))).collect()
            }
            NodeKind::Level(level) => level.positives.iter().map(|n| self.leaves(n)).collect(),
            _ => Vec::new(),
        };
        let mut members = Vec::new();
        choose(&operands, &mut Vec::new(), tilde.distance, &mut members);
        members
    }

    /// Every place of a term.
    fn hits(&self, term: &Term) -> Vec<(Place, Span)> {
        let mut own = Tokens::new();
        self.tokenizer.tokenize(Zone::Body, &term.text.text, &mut own);
        let wild = is_wild(term);
        let wanted: Vec<&Token> = own.all().iter().collect();
        let mut found = Vec::new();
        for zone in Zone::ALL {
            let tokens = self.tokens.zone(*zone);
            let count = if wild { 1 } else { wanted.len() };
            for run in tokens.windows(count) {
                let fits = if wild {
                    self.wild_fits(&term.text.text, &run[0])
                } else {
                    run.iter().zip(&wanted).all(|(token, want)| self.fits(term, &own, want, token))
                };
                if fits {
                    let (a, b) = (run[0], run[count - 1]);
                    let place = Place { zone: *zone, first: a.position, last: b.position, wide: false };
                    found.push((place, Span { zone: *zone, start: a.start, end: b.end }));
                }
            }
        }
        found
    }

    /// Generated wildcards are plain words.
    fn wild_fits(&self, pattern: &str, token: &Token) -> bool {
        let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
        let fits = |text: &str| glob(&pattern, &text.chars().collect::<Vec<_>>());
        let kind =
            !matches!(token.kind, TokenKind::Char | TokenKind::Url | TokenKind::Emoji | TokenKind::Emoticon);
        kind && (fits(self.tokens.folded(token)) || self.tokens.stem(token).is_some_and(fits))
    }

    fn fits(&self, term: &Term, own: &Tokens, want: &Token, token: &Token) -> bool {
        use TokenKind::{Cashtag, Handle, Hashtag, Word};
        let kind_fits = match want.kind {
            Word => matches!(token.kind, Word | Hashtag | Handle | Cashtag),
            kind => kind == token.kind,
        };
        let t = self.tokens;
        kind_fits
            && if term.form == TermForm::Cased {
                own.cased(want) == t.cased(token) || Some(own.cased(want)) == t.cased_stem(token)
            } else if want.is_accented() {
                own.kept(want) == t.kept(token) || Some(own.kept(want)) == t.kept_stem(token)
            } else {
                own.folded(want) == t.folded(token) || Some(own.folded(want)) == t.stem(token)
            }
    }
}

fn plain(text: &str) -> earful::analysis::query::ast::TermText {
    let wildcards = text.char_indices().filter(|(_, c)| matches!(c, '*' | '?')).map(|(at, _)| at).collect();
    earful::analysis::query::ast::TermText { text: text.to_owned(), wildcards, escaped: Vec::new() }
}

fn choose(
    operands: &[Vec<(Place, Span)>],
    chosen: &mut Vec<(Place, Span)>,
    distance: u32,
    members: &mut Vec<Span>,
) {
    let Some((operand, rest)) = operands.split_first() else {
        let first = chosen.iter().map(|(p, _)| p.first).min().unwrap_or(0);
        let last = chosen.iter().map(|(p, _)| p.last).max().unwrap_or(0);
        let words: u32 = chosen.iter().map(|(p, _)| p.last - p.first + 1).sum();
        if last - first + 1 - words <= distance {
            members.extend(chosen.iter().map(|(_, span)| *span));
        }
        return;
    };
    for hit in operand {
        let apart =
            |(p, _): &(Place, Span)| p.zone == hit.0.zone && (p.last < hit.0.first || hit.0.last < p.first);
        if chosen.iter().all(apart) {
            chosen.push(hit.clone());
            choose(rest, chosen, distance, members);
            chosen.pop();
        }
    }
}
