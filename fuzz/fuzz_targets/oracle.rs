//! Bytes that choose queries and a post among what the property tests make: what is found, and where, must be what
//! the slow evaluator under `tests/query/` finds. Start with `cargo +nightly fuzz run oracle`.
#![no_main]
#![allow(dead_code)]

#[path = "../../tests/query/asks.rs"]
mod asks;
#[path = "../../tests/query/common.rs"]
mod common;
#[path = "../../tests/query/oracle.rs"]
mod oracle;
#[path = "../../tests/query/random.rs"]
mod random;
#[path = "../../tests/query/term.rs"]
mod term;
#[path = "../../tests/query/tree.rs"]
mod tree;
#[path = "../../tests/query/words/mod.rs"]
mod words;

use std::borrow::Cow;

use earful::analysis::text::TextOptions;
use earful::model::Zone;
use libfuzzer_sys::fuzz_target;

use asks::ASKS;
use random::{GLUE, RAWS, SIGNED, SIGNS, TERMS, TILDE_WORDS, WORDS, ZONED, any_of, compare};
use tree::{Level, Near, Tree};

/// Most words of a zone: the evaluator tries all places with all others.
const WORDS_MAX: usize = 16;

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices(data);
    let fold_han = choices.yes();
    let [title, body, warning] = [choices.text(), choices.text(), choices.text()];
    let mut post = common::text_post(&body);
    post.title = (!title.is_empty()).then_some(Cow::Owned(title));
    post.warning = (!warning.is_empty()).then_some(Cow::Owned(warning));
    let queries: Vec<Tree> = (0..=choices.below(3)).map(|_| choices.query(4)).collect();
    compare(&queries, &post, TextOptions { fold_han, ..TextOptions::default() });
});

/// Each byte is a choice; behind the last one it is always the first.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn below(&mut self, bound: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % bound
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 1
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn list<T>(&mut self, least: usize, most: usize, one: impl Fn(&mut Self) -> T) -> Vec<T> {
        let count = least + self.below(most - least + 1);
        (0..count).map(|_| one(self)).collect()
    }

    fn text(&mut self) -> String {
        let word = |choices: &mut Self| [choices.one_of(WORDS), choices.one_of(GLUE)].concat();
        self.list(0, WORDS_MAX, word).concat()
    }

    fn query(&mut self, depth: u32) -> Tree {
        match self.below(if depth == 0 { 8 } else { 12 }) {
            0 | 1 => Tree::Term(self.one_of(TERMS)),
            2 => self.near(1),
            3 => self.tilde(),
            4 => Tree::Zoned(self.one_of(&[Zone::Title, Zone::Body]), self.list(1, 2, |c| c.one_of(ZONED))),
            5 => Tree::Raw(self.one_of(RAWS)),
            6 => Tree::Term(self.one_of(SIGNS)),
            7 if self.yes() => Tree::Field(self.one_of(ASKS)),
            7 => {
                let (field, name) = self.one_of(SIGNED);
                Tree::Signed(field, name)
            }
            _ => self.level(depth - 1),
        }
    }

    fn level(&mut self, depth: u32) -> Tree {
        let positives = self.list(1, 4, |choices| choices.query(depth));
        let negatives = self.list(0, 2, |choices| choices.query(depth));
        let (any, not_at, lax) = (self.yes(), self.below(3) as u8, self.yes());
        Tree::Level(Level { any, positives, negatives, not_at, lax })
    }

    fn group(&mut self) -> Tree {
        match self.list(1, 3, |choices| Tree::Term(choices.one_of(TERMS))) {
            mut terms if terms.len() == 1 => terms.remove(0),
            terms => any_of(terms),
        }
    }

    /// A NEAR of groups, and of further ones `depth` times.
    fn near(&mut self, depth: u32) -> Tree {
        let (left, right) = (self.operand(depth), self.operand(depth));
        Tree::Near(Box::new(Near { left, right, distance: self.below(5) as u32, ordered: self.yes() }))
    }

    fn operand(&mut self, depth: u32) -> Tree {
        match self.below(4) {
            2 if depth > 0 => self.near(depth - 1),
            3 if depth > 0 => any_of(vec![Tree::Term(self.one_of(TERMS)), self.near(depth - 1)]),
            _ => self.group(),
        }
    }

    fn tilde(&mut self) -> Tree {
        let (phrase, distance) = (self.yes(), self.below(4) as u32);
        let word = |choices: &mut Self| Tree::Term(choices.one_of(TILDE_WORDS));
        let operands = if phrase { self.list(2, 3, word) } else { self.list(2, 3, Self::group) };
        Tree::Tilde { operands, phrase, distance }
    }
}
