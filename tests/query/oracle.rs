//! The language as the page says it, slowly: every place of every term by trying all of them.
//! No parser, no index, no triggers, no shared leaves, and words of its own.

use earful::analysis::text::TextOptions;
use earful::model::{Post, Span, Zone};

use crate::term::{Term, plain_signs};
use crate::tree::{Ask, Level, Near, Tree};
use crate::words::{Kind, Model, Texts, Word, in_unspaced_block};

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
    post: &'a Post<'a>,
    texts: Texts,
    options: TextOptions,
}

/// A word by its number, and one inside of it if that is meant.
type Step = (usize, Option<usize>);

pub(crate) fn model(options: TextOptions) -> Model {
    Model { fold_han: options.fold_han, terms_in_urls: options.terms_in_urls }
}

impl<'a> Oracle<'a> {
    pub(crate) fn new(post: &'a Post<'a>, options: TextOptions) -> Oracle<'a> {
        Oracle { post, texts: Texts::of(post, model(options)), options }
    }

    pub(crate) fn holds(&self, tree: &Tree) -> bool {
        match tree {
            Tree::Level(level) => self.level_holds(level),
            Tree::Field(Ask(_, asks)) => asks(self.post, &self.texts),
            Tree::Term(written) | Tree::Signed(_, written) => {
                self.is_stated(&Term::new(written, self.options)) || !self.found(tree).is_empty()
            }
            other => !self.found(other).is_empty(),
        }
    }

    /// A tag or name alone, which the feed states beside the text: it is read as if it stood in one.
    fn is_stated(&self, term: &Term) -> bool {
        let Some((kind, piece)) = term.alone() else { return false };
        let (stated, sign) = match kind {
            Kind::Hashtag => (&self.post.hashtags, '#'),
            Kind::Handle => (&self.post.mentions, '@'),
            _ => return false,
        };
        let words = |name: &str| model(self.options).words(&format!("{sign}{name}"));
        stated.iter().any(|name| piece.fits(&words(name)[0], false))
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
            Tree::Term(written) | Tree::Signed(_, written) => self.hits(&Term::new(written, self.options)),
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
            let words = self.texts.zone(*zone);
            let mut runs = Vec::new();
            for start in all_steps(words) {
                self.runs(term, words, vec![start], &mut runs);
            }
            let read = |run: Vec<Step>| run.into_iter().map(|step| word_at(words, step)).collect();
            let runs = runs.into_iter().map(read);
            for run in runs.filter(|run: &Vec<&Word>| signs_fit(term, self.post.zone(*zone), run)) {
                let (head, tail) = (run[0], run[run.len() - 1]);
                let span = Span { zone: *zone, start: head.start as u32, end: tail.end as u32 };
                let (first, last) = (head.position, tail.position);
                found.push(Place { zone: *zone, first, last, wide: false, spans: vec![span] });
            }
        }
        found
    }

    fn runs(&self, term: &Term, words: &[Word], run: Vec<Step>, out: &mut Vec<Vec<Step>>) {
        let step = run[run.len() - 1];
        let silent = words[step.0].kind == Kind::Handle && !self.options.match_handles;
        if !term.pieces[run.len() - 1].fits(word_at(words, step), silent) {
            return;
        }
        if run.len() == term.pieces.len() {
            return out.push(run);
        }
        for next in steps_after(words, step) {
            self.runs(term, words, [run.clone(), vec![next]].concat(), out);
        }
    }

    /// The literal between characters that are part of no word.
    fn raw(&self, literal: &str, bounded: bool) -> Vec<Place> {
        // Of any width, and with the signs of these scripts.
        let is_unspaced = |c: char| in_unspaced_block(c) || matches!(c, '\u{ff66}'..='\u{ffdc}');
        let wordy = |c: char| {
            (c.is_alphanumeric() || c == '_' || unicode_normalization::char::is_combining_mark(c))
                && !is_unspaced(c)
        };
        let mut found = Vec::new();
        for zone in Zone::ALL {
            let text = self.post.zone(*zone);
            let mut at = 0;
            while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
                let end = at + literal.len();
                let first_free = literal.starts_with(is_unspaced) || !text[..at].ends_with(wordy);
                let last_free = || literal.ends_with(is_unspaced) || !text[end..].starts_with(wordy);
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

fn word_at(words: &[Word], (word, inside): Step) -> &Word {
    inside.map_or(&words[word], |inside| &words[word].inside[inside])
}

/// Each word as a whole, and what is inside of tags.
fn all_steps(words: &[Word]) -> Vec<Step> {
    let of =
        |n: usize| std::iter::once((n, None)).chain((0..words[n].inside.len()).map(move |i| (n, Some(i))));
    (0..words.len()).flat_map(of).collect()
}

/// What stands next: the next inside of the same tag, else the next word, or the first inside of that.
fn steps_after(words: &[Word], (word, inside): Step) -> Vec<Step> {
    if let Some(inside) = inside
        && inside + 1 < words[word].inside.len()
    {
        return vec![(word, Some(inside + 1))];
    }
    let Some(next) = words.get(word + 1) else { return Vec::new() };
    let first = (!next.inside.is_empty()).then_some((word + 1, Some(0)));
    std::iter::once((word + 1, None)).chain(first).collect()
}

/// The signs of a term stand where the term has them.
fn signs_fit(term: &Term, text: &str, run: &[&Word]) -> bool {
    let before = plain_signs(&text[..run[0].start]);
    let after = plain_signs(&text[run[run.len() - 1].end..]);
    before.ends_with(&term.before)
        && after.starts_with(&term.after)
        && run.windows(2).zip(&term.gaps).all(|(pair, wanted)| {
            let gap = text.get(pair[0].end..pair[1].start).unwrap_or("");
            wanted.is_empty() || term.signs_of(gap) == *wanted
        })
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
