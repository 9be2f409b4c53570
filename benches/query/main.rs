//! Matching alone: 10 to 100,000 brand queries against posts that are tokenised already, on one core.
//!
//! `cargo bench --bench query -- --bodies FILE` takes posts from a file, one a line; without it there are the 2,000
//! bundled ones, which are too few to tell frequent words from rare ones. What came out is in `benches/RESULTS.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub
)]

mod expr;
mod measure;
mod posts;
mod queries;
mod reload;
mod rules;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/support/server.rs"]
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use expr::Expr;
use measure::Line;
use posts::Posts;
use queries::Maker;

/// What the program allocates by, too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure matching.
#[derive(Debug, Parser)]
struct Arguments {
    /// Texts of posts, one a line, instead of the 2,000 bundled ones.
    #[arg(long)]
    bodies: Option<PathBuf>,
    /// Looks at all posts for each line.
    #[arg(long, default_value_t = 7)]
    runs: usize,
    /// Only this line: a number of queries, `giant`, `wildcards`, `scan`, `raw`, `words`, `same-NUMBER`, `rules` or
    /// `reload`.
    #[arg(long)]
    line: Option<String>,
    /// Write the posts and the queries of `--line` here, as `benches/peers/lucene` reads them, and measure these.
    #[arg(long, requires = "line")]
    peer: Option<PathBuf>,
    /// Posts for `--peer`.
    #[arg(long, default_value_t = 10_000)]
    peer_posts: usize,
    /// What `cargo bench` says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

const HEAD: &str = "| queries | leaves a query | distinct leaves | looked at a post | matches a post | posts that match | \
posts a second, min / median / max | CPU ns a post, min / median / max | parse, s | compile, s | set, MB | peak of compiling, MB | peak, MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

fn main() {
    let arguments = Arguments::parse();
    let posts = Posts::read(arguments.bodies.as_deref());
    if let (Some(folder), Some(name)) = (&arguments.peer, &arguments.line) {
        return beside_a_peer(posts.plain(arguments.peer_posts), name, folder, arguments.runs);
    }
    println!(
        "{} posts of {:.0} bytes and {:.1} tokens on average, {} distinct tokens\n\n{HEAD}",
        posts.texts.len(),
        posts.mean_bytes,
        posts.mean_tokens,
        posts.words.distinct
    );
    let asked = |name: &str| arguments.line.as_deref().is_none_or(|line| line == name);
    for name in LINES.iter().filter(|name| asked(name)) {
        show(name, &measure::line(&posts, exprs(name, &posts), arguments.runs));
    }
    if asked("rules") {
        rules::show(&posts, arguments.runs);
    }
    if asked("reload") {
        reload::show(&posts, arguments.runs);
    }
}

/// `same-NUMBER` are so many queries of which the first ten match, and always the same posts.
const LINES: &[&str] = &[
    "0",
    "10",
    "100",
    "1000",
    "10000",
    "100000",
    "same-10",
    "same-100",
    "same-1000",
    "same-10000",
    "same-100000",
    "giant",
    "wildcards",
    "scan",
    "raw",
    "words",
];

/// Posts and queries that another engine reads alike: written for it, and measured here.
fn beside_a_peer(posts: Posts, name: &str, folder: &Path, runs: usize) {
    let count: usize = name.parse().expect("a number of queries");
    let queries = || {
        let mut maker = Maker::new(&posts.words, false);
        std::iter::repeat_with(move || maker.brand().plain()).take(count)
    };
    let lines: String = queries().map(|query| query.prefix_notation() + "\n").collect();
    fs::write(folder.join("queries.txt"), lines).expect("the queries");
    fs::write(folder.join("posts.txt"), posts.texts.join("\n") + "\n").expect("the posts");
    println!("{HEAD}");
    show(name, &measure::line(&posts, queries(), runs));
}

/// The queries of a line.
fn exprs<'a>(name: &str, posts: &'a Posts) -> Box<dyn Iterator<Item = Expr> + 'a> {
    let mut maker = Maker::new(&posts.words, true);
    let field = |text: &str| Box::new(std::iter::once(Expr::Field(text.to_owned())));
    match name {
        "giant" => Box::new(std::iter::once(maker.giant(4_000))),
        "wildcards" => Box::new(std::iter::once(maker.wildcards(500))),
        "scan" => field("authorFollowers:[100000 TO *]"),
        "raw" => field("raw:\"!!!\""),
        // Phrases and wildcards have filters of their own, which are empty here.
        "words" => Box::new(std::iter::repeat_with(move || maker.plain()).take(1_000)),
        name if name.starts_with("same-") => {
            let count = name["same-".len()..].parse().expect("a number of queries");
            let mut silent = Maker::silent(&posts.words);
            let others = std::iter::repeat_with(move || silent.brand());
            Box::new(std::iter::repeat_with(move || maker.loud()).take(10).chain(others).take(count))
        }
        number => {
            let count = number.parse().expect("a number of queries");
            Box::new(std::iter::repeat_with(move || maker.brand()).take(count))
        }
    }
}

/// Least, median and greatest of ascending values, with so many decimals.
pub fn span(runs: &[f64], decimals: usize) -> String {
    let at = |n: usize| format!("{:.decimals$}", runs.get(n).copied().unwrap_or(f64::NAN));
    [0, runs.len() / 2, runs.len().saturating_sub(1)].map(at).join(" / ")
}

fn show(name: &str, line: &Line) {
    let (posts, queries) = (line.counts.posts as f64, line.queries.max(1) as f64);
    println!(
        "| {name} | {:.1} | {} | {:.2} | {:.3} | {:.1} % | {} | {} | {:.2} | {:.2} | {:.0} | {:.0} | {:.0} |",
        line.leaves as f64 / queries,
        line.distinct,
        line.counts.looked_at as f64 / posts,
        line.counts.matches as f64 / posts,
        line.counts.matched as f64 / posts * 100.0,
        span(&line.per_second, 0),
        span(&line.cpu_ns, 0),
        line.parse_s,
        line.compile_s,
        line.set_mb,
        line.compile_peak_mb,
        line.peak_mb,
    );
}
