//! Leaves that need nothing but their letters, in little space: nearly all leaves are such.
//!
//! **Invariant:** says the same as the leaf itself, or that it cannot say.

use super::leaf::{Form, Leaf};

/// What such a leaf compares.
#[derive(Clone, Copy, Debug)]
pub(super) enum Simple<'a> {
    /// The folded form is this.
    Word(&'a str),
    /// The form as written is this.
    Cased(&'a str),
    /// The folded form begins with this.
    Prefix(&'a str),
    /// The folded forms of tokens side by side, each with [`END`] behind it.
    Run(&'a str),
}

/// Stands behind each word of a run: no token holds it.
pub(super) const END: char = '\n';

#[derive(Clone, Copy, Debug)]
enum Shape {
    Word,
    Cased,
    Prefix,
    Run,
    Other,
}

/// By the number of the leaf.
#[derive(Debug, Default)]
pub(super) struct Simples {
    /// Where the text of each leaf begins.
    starts: Vec<(u32, Shape)>,
    texts: String,
}

impl Simples {
    pub(super) fn new(leaves: &[Leaf]) -> Simples {
        let mut simples = Simples::default();
        simples.starts.reserve_exact(leaves.len() + 1);
        for leaf in leaves {
            let start = simples.texts.len() as u32;
            let shape = write(leaf, &mut simples.texts);
            simples.starts.push((start, shape));
        }
        simples.starts.push((simples.texts.len() as u32, Shape::Other));
        simples
    }

    /// What the leaf compares, if it is simple.
    #[inline]
    pub(super) fn get(&self, leaf: u32) -> Option<Simple<'_>> {
        let at = leaf as usize;
        let ((start, shape), (end, _)) = (self.starts.get(at).copied()?, self.starts.get(at + 1).copied()?);
        let text = self.texts.get(start as usize..end as usize)?;
        match shape {
            Shape::Word => Some(Simple::Word(text)),
            Shape::Cased => Some(Simple::Cased(text)),
            Shape::Prefix => Some(Simple::Prefix(text)),
            Shape::Run => Some(Simple::Run(text)),
            Shape::Other => None,
        }
    }
}

/// Appends what the leaf compares.
fn write(leaf: &Leaf, texts: &mut String) -> Shape {
    if leaf.symbols.is_some() {
        return Shape::Other;
    }
    let (shape, text) = match leaf.elements.as_slice() {
        [only] => match &only.form {
            Form::Folded(text) => (Shape::Word, text),
            Form::Cased(text) => (Shape::Cased, text),
            Form::Pattern(glob) if glob.is_prefix() => (Shape::Prefix, &only.prefix),
            _ => return Shape::Other,
        },
        _ => return write_run(leaf, texts),
    };
    texts.push_str(text);
    shape
}

fn write_run(leaf: &Leaf, texts: &mut String) -> Shape {
    let kinds = leaf.elements.first().map(|first| first.kinds);
    let alike = |element: &super::leaf::Element| {
        matches!(element.form, Form::Folded(_)) && Some(element.kinds) == kinds
    };
    if !leaf.elements.iter().all(alike) {
        return Shape::Other;
    }
    for element in &leaf.elements {
        texts.push_str(&element.prefix);
        texts.push(END);
    }
    Shape::Run
}
