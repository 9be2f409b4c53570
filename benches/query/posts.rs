//! The posts, and the words that they are made of.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use earful::analysis::text::{TextOptions, Token, TokenKind, Tokenizer, Tokens};
use earful::model::{Network, Post, Timestamp, Zone};

use super::queries::Random;

const BUNDLED: &str = include_str!("../data/posts.txt");

/// Texts, one a post.
pub struct Posts {
    pub texts: Vec<String>,
    pub mean_bytes: f64,
    pub mean_tokens: f64,
    pub words: Words,
}

/// What stands in the posts, the most frequent first.
pub struct Words {
    /// Words of letters `a` to `z`, each with a way in which it is written.
    pub latin: Vec<(String, String)>,
    /// Two or three characters side by side, in at least two posts.
    pub han: Vec<String>,
    /// Two words side by side, in no order.
    pub pairs: Vec<[String; 2]>,
    /// Distinct tokens of every kind.
    pub distinct: usize,
}

impl Posts {
    /// One a line of the file, or the bundled ones.
    pub fn read(file: Option<&Path>) -> Posts {
        let text =
            file.map_or_else(|| BUNDLED.to_owned(), |file| fs::read_to_string(file).expect("the posts"));
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let texts: Vec<String> = lines.map(str::to_owned).collect();
        let tokenizer = Tokenizer::new(TextOptions::default());
        let (mut counts, mut tokens, mut count) = (Counts::default(), Tokens::new(), 0);
        for text in &texts {
            tokens.clear();
            tokenizer.tokenize(Zone::Body, text, &mut tokens);
            count += tokens.len();
            counts.add(&tokens);
        }
        let posts = texts.len() as f64;
        let mean_bytes = texts.iter().map(String::len).sum::<usize>() as f64 / posts;
        Posts { words: counts.words(), mean_bytes, mean_tokens: count as f64 / posts, texts }
    }

    /// So many of the posts, evenly chosen, each as its words and signs between blanks: what every engine reads alike.
    pub fn plain(self, count: usize) -> Posts {
        let tokenizer = Tokenizer::new(TextOptions::default());
        let mut tokens = Tokens::new();
        let step = (self.texts.len() / count.max(1)).max(1);
        let mut plain = |text: &String| {
            tokens.clear();
            tokenizer.tokenize(Zone::Body, text, &mut tokens);
            let words = tokens.iter().filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Char));
            let words = words.map(|token| tokens.stem(token).unwrap_or(tokens.folded(token)));
            words.collect::<Vec<_>>().join(" ")
        };
        let texts: Vec<String> = self.texts.iter().step_by(step).take(count).map(&mut plain).collect();
        Posts { texts, ..self }
    }

    /// The post of that number. What is not in its text is drawn by its number.
    pub fn post(&self, number: usize) -> Post<'_> {
        let mut random = Random::new(number as u64);
        let body = Cow::Borrowed(self.texts[number].as_str());
        let time = Timestamp::from_millis(1_700_000_000_000 + number as i64 * 1_000);
        let mut post = Post::new(Network::X, Cow::Owned(number.to_string()), body, time);
        post.author.handle = Some(Cow::Owned(format!("user{}", random.below(20_000))));
        post.author.followers = Some(random.rank(1, 1_000_000) as u64);
        post
    }
}

/// Posts that hold each thing.
#[derive(Default)]
struct Counts {
    latin: HashMap<String, (u32, String)>,
    han: HashMap<String, u32>,
    pairs: HashSet<[String; 2]>,
    distinct: HashSet<u64>,
    seen: HashSet<String>,
}

impl Counts {
    fn add(&mut self, tokens: &Tokens) {
        self.seen.clear();
        self.distinct.extend(tokens.iter().map(|token| token.hash));
        for token in tokens.iter().filter(|token| is_latin(tokens, token)) {
            if self.seen.insert(tokens.folded(token).to_owned()) {
                let cased = || (0, tokens.cased(token).to_owned());
                self.latin.entry(tokens.folded(token).to_owned()).or_insert_with(cased).0 += 1;
            }
        }
        for pair in tokens.all().windows(2).filter(|pair| pair.iter().all(|token| is_latin(tokens, token))) {
            let pair = [0, 1].map(|side: usize| tokens.folded(&pair[side]).to_owned());
            if pair.iter().map(String::len).sum::<usize>() > 12 {
                self.pairs.insert(pair);
            }
        }
        for length in [2, 3] {
            for run in tokens.all().windows(length).filter(|run| is_han(tokens, run)) {
                let run: String = run.iter().map(|token| tokens.folded(token)).collect();
                if self.seen.insert(run.clone()) {
                    *self.han.entry(run).or_default() += 1;
                }
            }
        }
    }

    fn words(self) -> Words {
        let mut latin: Vec<_> = self.latin.into_iter().map(|(word, (n, cased))| (n, word, cased)).collect();
        latin.sort_unstable_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
        let mut han: Vec<_> = self.han.into_iter().filter(|(_, n)| *n > 1).collect();
        han.sort_unstable_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        let mut pairs: Vec<_> = self.pairs.into_iter().collect();
        pairs.sort_unstable();
        Words {
            latin: latin.into_iter().map(|(_, word, cased)| (word, cased)).collect(),
            han: han.into_iter().map(|(run, _)| run).collect(),
            pairs,
            distinct: self.distinct.len(),
        }
    }
}

fn is_latin(tokens: &Tokens, token: &Token) -> bool {
    let word = tokens.folded(token);
    token.kind == TokenKind::Word && word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn is_han(tokens: &Tokens, run: &[Token]) -> bool {
    run.iter().all(|token| token.kind == TokenKind::Char)
        && run.windows(2).all(|pair| tokens.between(&pair[0], &pair[1]).is_empty())
}
