//! Brand queries as analysts write them: names, with a context for the ambiguous ones, and exclusions.
//!
//! Three of five names are invented, as most brands are named in no sample. The others are words of the posts, by
//! rank, so that a few brands are in many posts and most in few.

use super::expr::Expr;
use super::posts::Words;

/// A small generator with a fixed seed: the queries are the same in every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }

    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// From `least` to below `limit`, each power of ten as often as the others.
    pub fn rank(&mut self, least: usize, limit: usize) -> usize {
        let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
        let rank = least as f64 * (limit as f64 / least as f64).powf(share);
        (rank as usize).clamp(least.min(limit - 1), limit - 1)
    }
}

/// Leaves of one query.
const LEAVES: (usize, usize) = (5, 51);

/// Makes queries of the words of the posts.
pub struct Maker<'a> {
    words: &'a Words,
    random: Random,
    /// With conditions on fields.
    fields: bool,
    /// All names are invented.
    silent: bool,
}

impl<'a> Maker<'a> {
    pub fn new(words: &'a Words, fields: bool) -> Maker<'a> {
        Maker { words, random: Random::new(42), fields, silent: false }
    }

    /// Of brands that stand in no post.
    pub fn silent(words: &'a Words) -> Maker<'a> {
        Maker { silent: true, ..Maker::new(words, true) }
    }

    /// The query of one brand: five to fifty leaves.
    pub fn brand(&mut self) -> Expr {
        let leaves = self.random.rank(LEAVES.0, LEAVES.1);
        let chinese = self.random.below(10) < 3;
        let ambiguous = self.random.once_in(10);
        let names = 2 + self.random.below(leaves / 3 + 1);
        let rest = leaves - names.min(leaves - 1);
        let names = self.names(names, chinese, ambiguous);
        let unwanted = if self.random.once_in(2) { 1 + self.random.below(rest / 2 + 1) } else { 0 };
        let context = rest - unwanted.min(rest);
        let mut query = names;
        if context > 0 {
            let context = self.context(context, chinese);
            query = match self.random.below(4) {
                0 => Expr::Near(
                    Box::new(query),
                    Box::new(context),
                    self.random.below(10) as u32,
                    self.random.once_in(4),
                ),
                1 if self.fields => Expr::All(vec![query, context, self.field()]),
                _ => Expr::All(vec![query, context]),
            };
        }
        if unwanted > 0 {
            let unwanted = (0..unwanted).map(|_| self.common(chinese)).collect();
            query = Expr::But(Box::new(query), unwanted);
        }
        query
    }

    fn names(&mut self, count: usize, chinese: bool, ambiguous: bool) -> Expr {
        let mut names: Vec<Expr> = (0..count).map(|_| self.name(chinese)).collect();
        if ambiguous && !self.silent {
            let list = &self.words.latin;
            names.push(Expr::Word(list[self.random.rank(100, list.len() / 10)].0.clone()));
        }
        Expr::Any(names)
    }

    fn name(&mut self, chinese: bool) -> Expr {
        let word = self.rare();
        match self.random.below(10) {
            0..=2 if chinese => Expr::Han(self.rare_han()),
            0..=3 => Expr::Word(word),
            4 | 5 => {
                let second = self.common_word();
                Expr::Phrase(vec![word, second])
            }
            6 if !self.silent => {
                Expr::Phrase(self.words.pairs[self.random.below(self.words.pairs.len())].to_vec())
            }
            6 | 7 => Expr::Tag(word),
            8 if self.random.once_in(2) => Expr::Handle(word),
            8 => Expr::Cased(word[..1].to_uppercase() + &word[1..]),
            _ => Expr::Prefix(word),
        }
    }

    fn context(&mut self, count: usize, chinese: bool) -> Expr {
        Expr::Any((0..count).map(|_| self.common(chinese)).collect())
    }

    /// A word of the kind that many queries share.
    fn common(&mut self, chinese: bool) -> Expr {
        let word = self.common_word();
        match self.random.below(8) {
            0..=2 if chinese => {
                Expr::Han(self.words.han[self.random.rank(20, self.words.han.len() / 4)].clone())
            }
            0 if word.len() > 5 => Expr::Prefix(word[..word.len() - 2].to_owned()),
            1 => {
                let second = self.common_word();
                Expr::Phrase(vec![word, second])
            }
            _ => Expr::Word(word),
        }
    }

    fn common_word(&mut self) -> String {
        let list = &self.words.latin;
        list[self.random.rank(30, list.len() / 5)].0.clone()
    }

    /// A brand's name: three of five stand in no post.
    fn rare(&mut self) -> String {
        let list = &self.words.latin;
        let (head, tail) = (self.random.below(list.len()), self.random.below(list.len()));
        if self.random.below(5) < 3 || self.silent {
            let (head, tail) = (&list[head].0, &list[tail].0);
            let end = if self.silent { "qx" } else { "" };
            return format!("{}{}{end}", &head[..head.len().min(5)], &tail[tail.len() / 2..]);
        }
        list[self.random.rank(list.len() / 25, list.len())].0.clone()
    }

    fn rare_han(&mut self) -> String {
        let list = &self.words.han;
        let rank = self.random.rank(list.len() / 25, list.len());
        if self.random.below(5) < 3 || self.silent {
            let other = &list[self.random.below(list.len())];
            return format!("{}{other}", list[rank]);
        }
        list[rank].clone()
    }

    fn field(&mut self) -> Expr {
        Expr::Field(match self.random.below(3) {
            0 => format!("authorFollowers:[{} TO *]", self.random.rank(10, 10_000)),
            1 => "network:(x OR reddit)".to_owned(),
            _ => format!("author:(user{} OR user{})", self.random.below(20_000), self.random.below(20_000)),
        })
    }

    /// A brand that many posts name.
    pub fn loud(&mut self) -> Expr {
        Expr::All(vec![self.names(2, false, true), self.context(20, false)])
    }

    /// A query of plain words: no phrase, wildcard or field.
    pub fn plain(&mut self) -> Expr {
        Expr::Any((0..10).map(|_| Expr::Word(self.rare())).collect())
    }

    /// What a rule asks of a mention: words that many posts have, and often how it is meant or of which brand.
    pub fn rule(&mut self) -> Expr {
        let words = self.context(6, false);
        match self.random.below(4) {
            0 => Expr::All(vec![words, Expr::Field("sentiment:negative".to_owned())]),
            1 => Expr::All(vec![words, Expr::Field("brand:(acme OR other)".to_owned())]),
            2 => Expr::But(Box::new(words), vec![self.common(false)]),
            _ => words,
        }
    }

    /// One query of so many leaves: half names, a third context, the rest exclusions.
    pub fn giant(&mut self, leaves: usize) -> Expr {
        let (names, context) = (leaves / 2, leaves / 3);
        let wanted = Expr::All(vec![self.names(names, true, false), self.context(context, true)]);
        let unwanted = (0..leaves - names - context).map(|_| self.common(true)).collect();
        Expr::But(Box::new(wanted), unwanted)
    }

    /// One query of wildcards.
    pub fn wildcards(&mut self, count: usize) -> Expr {
        let prefix = |word: String| Expr::Prefix(word[..word.len().min(5)].to_owned());
        Expr::Any((0..count).map(|_| prefix(self.rare())).collect())
    }
}
