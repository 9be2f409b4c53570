//! What is asked of a leaf that may stand somewhere, side by side in memory: its letters, if it needs nothing else, as
//! nearly all leaves do, and the queries that it triggers.
//!
//! **Invariant:** says the same as the leaf itself, or that it cannot say.

use super::leaf::{Element, Form, Leaf};

/// What such a leaf compares.
#[derive(Clone, Copy, Debug)]
pub(super) enum Simple<'a> {
    /// The folded form is this.
    Word(&'a [u8]),
    /// The form as written is this.
    Cased(&'a [u8]),
    /// The folded form begins with this.
    Prefix(&'a [u8]),
    /// The folded forms of tokens side by side, each with [`END`] behind it.
    Run(&'a [u8]),
}

/// Stands behind each word of a run: no token holds it.
pub(super) const END: u8 = b'\n';

#[derive(Clone, Copy, Debug)]
enum Shape {
    Word,
    Cased,
    Prefix,
    Run,
    Other,
}

/// Bytes of a text that are kept in the card itself.
const SHORT: usize = 16;

/// One leaf: half a line of the processor's memory, got at once.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(super) struct Card {
    short: [u8; SHORT],
    /// Where a text that is longer stands.
    start: u32,
    length: u16,
    shape: Shape,
    triggers: Queries,
}

/// A part of the list of queries, or a single query.
#[derive(Clone, Copy, Debug, Default)]
struct Queries {
    start: u32,
    count: u32,
}

impl Card {
    /// To read it ahead.
    #[inline]
    pub(super) fn glance(&self) -> u32 {
        self.start
    }
}

/// By the number of the leaf.
#[derive(Debug, Default)]
pub(super) struct Simples {
    cards: Vec<Card>,
    texts: Vec<u8>,
    queries: Vec<u32>,
}

impl Simples {
    pub(super) fn new(leaves: &[Leaf]) -> Simples {
        let mut simples = Simples::default();
        simples.cards.reserve_exact(leaves.len());
        let mut text = Vec::new();
        for leaf in leaves {
            text.clear();
            let shape = write(leaf, &mut text);
            simples.add(shape, &text);
        }
        simples
    }

    fn add(&mut self, shape: Shape, text: &[u8]) {
        let Ok(length) = u16::try_from(text.len()) else { return self.add(Shape::Other, &[]) };
        let (mut short, start) = ([0; SHORT], self.texts.len() as u32);
        match short.get_mut(..text.len()) {
            Some(short) => short.copy_from_slice(text),
            None => self.texts.extend_from_slice(text),
        }
        self.cards.push(Card { short, start, length, shape, triggers: Queries::default() });
    }

    /// Tells the queries that each leaf triggers, in the order of the leaves.
    pub(super) fn set_triggers(&mut self, by_leaf: impl Iterator<Item = Vec<u32>>) {
        for (card, queries) in self.cards.iter_mut().zip(by_leaf) {
            card.triggers = match queries.as_slice() {
                [only] => Queries { start: *only, count: 1 },
                queries => Queries { start: self.queries.len() as u32, count: queries.len() as u32 },
            };
            if queries.len() > 1 {
                self.queries.extend(queries);
            }
        }
    }

    /// The queries that a leaf triggers.
    #[inline]
    pub(super) fn triggers(&self, leaf: u32) -> &[u32] {
        match self.cards.get(leaf as usize).map(|card| &card.triggers) {
            Some(Queries { start, count: 1 }) => std::slice::from_ref(start),
            Some(Queries { start, count }) => {
                self.queries.get(*start as usize..(start + count) as usize).unwrap_or(&[])
            }
            None => &[],
        }
    }

    #[inline]
    pub(super) fn card(&self, leaf: u32) -> Option<&Card> {
        self.cards.get(leaf as usize)
    }

    /// What the leaf compares, if it is simple.
    #[inline]
    pub(super) fn get<'a>(&'a self, card: &'a Card) -> Option<Simple<'a>> {
        let (start, length) = (card.start as usize, usize::from(card.length));
        let text = match card.short.get(..length) {
            Some(short) => short,
            None => self.texts.get(start..start + length)?,
        };
        match card.shape {
            Shape::Word => Some(Simple::Word(text)),
            Shape::Cased => Some(Simple::Cased(text)),
            Shape::Prefix => Some(Simple::Prefix(text)),
            Shape::Run => Some(Simple::Run(text)),
            Shape::Other => None,
        }
    }
}

/// Writes what the leaf compares.
fn write(leaf: &Leaf, text: &mut Vec<u8>) -> Shape {
    if leaf.symbols.is_some() {
        return Shape::Other;
    }
    let (shape, form) = match leaf.elements.as_slice() {
        [only] => match &only.form {
            Form::Folded(form) => (Shape::Word, form),
            Form::Cased(form) => (Shape::Cased, form),
            Form::Pattern(glob) if glob.is_prefix() => (Shape::Prefix, &only.prefix),
            _ => return Shape::Other,
        },
        elements => return write_run(elements, text),
    };
    text.extend_from_slice(form.as_bytes());
    shape
}

fn write_run(elements: &[Element], text: &mut Vec<u8>) -> Shape {
    let kinds = elements.first().map(|first| first.kinds);
    let alike = |element: &Element| matches!(element.form, Form::Folded(_)) && Some(element.kinds) == kinds;
    if !elements.iter().all(alike) {
        return Shape::Other;
    }
    for element in elements {
        text.extend_from_slice(element.prefix.as_bytes());
        text.push(END);
    }
    Shape::Run
}
