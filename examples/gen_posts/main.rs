//! Writes posts for load tests: N records of about 450 bytes, of three feed shapes, in one NDJSON file, and the
//! pipeline that reads them with 1,000 brand queries of realistic shape.
//!
//! ```text
//! cargo run --release --example gen_posts -- --posts 1000000 --span 24h --out target/load
//! earful run target/load/pipeline.toml
//! ```
//!
//! Bodies are drawn from a text file, one a line (`benches/data/posts.txt`, or a larger one of your own), so that
//! the vocabulary is as varied as that file; about half of the posts name one of the brands, by Zipf's law.
//! The same arguments and bodies write the same bytes. Memory holds the bodies, never the posts.

mod brands;
#[path = "../../src/cli/demo/rng.rs"]
#[allow(dead_code)]
mod rng;
mod shapes;

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use clap::Parser;

use brands::Brand;
use rng::{Rng, Zipf};

/// 2026-03-10T00:00:00Z.
const START_MS: i64 = 1_773_100_800_000;

/// Write posts and a matching pipeline for load tests.
#[derive(Debug, Parser)]
struct Arguments {
    /// Posts, before duplicates and malformed records are added.
    #[arg(long, default_value_t = 1_000_000)]
    posts: u64,
    /// Time between the first and the last post, such as 24h or 90m.
    #[arg(long, default_value = "24h")]
    span: String,
    /// Folder to write `posts.jsonl` and `pipeline.toml` into.
    #[arg(long)]
    out: PathBuf,
    /// Texts to draw bodies from, one a line.
    #[arg(long, default_value = "benches/data/posts.txt")]
    bodies: PathBuf,
    /// Brand queries.
    #[arg(long, default_value_t = 1_000)]
    brands: usize,
    /// Seed of everything.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Duplicates in a million posts.
    #[arg(long, default_value_t = 20_000)]
    duplicates: u64,
    /// Late posts in a million (8 to 45 minutes behind).
    #[arg(long, default_value_t = 10_000)]
    late: u64,
    /// Malformed records in a million posts.
    #[arg(long, default_value_t = 5_000)]
    malformed: u64,
    /// Posts in a million that name a brand.
    #[arg(long, default_value_t = 500_000)]
    naming: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let text = fs::read_to_string(&arguments.bodies).with_context(|| {
        format!("cannot read the bodies from {}; give a text file with --bodies", arguments.bodies.display())
    })?;
    let bodies: Vec<&str> =
        text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("# ")).collect();
    ensure!(!bodies.is_empty(), "{} holds no text", arguments.bodies.display());
    fs::create_dir_all(&arguments.out)
        .with_context(|| format!("cannot create the folder {}", arguments.out.display()))?;
    let brands = brands::invent(arguments.brands, arguments.seed);
    fs::write(arguments.out.join("pipeline.toml"), brands::pipeline(&brands)?)
        .context("cannot write pipeline.toml")?;
    let (records, bytes) = write_posts(&arguments, &bodies, &brands)?;
    eprintln!("{records} records, {} bytes each, in {}", bytes / records.max(1), arguments.out.display());
    Ok(())
}

/// A record that arrives later than its turn: arrival, serial number, bytes.
type Delayed = Reverse<(i64, u64, Vec<u8>)>;

/// Writes `posts.jsonl`; returns the number of records and of bytes.
fn write_posts(arguments: &Arguments, bodies: &[&str], brands: &[Brand]) -> anyhow::Result<(u64, u64)> {
    let span_ms = i64::try_from(span(&arguments.span)?.as_millis())?;
    let mut out = Output::create(&arguments.out.join("posts.jsonl"))?;
    let (mut rng, authors, popularity) =
        (Rng::new(arguments.seed), Zipf::new(200_000, 100), Zipf::new(brands.len(), 5));
    let mut waiting: BinaryHeap<Delayed> = BinaryHeap::new();
    let mut line = Vec::with_capacity(1024);
    for number in 0..arguments.posts {
        let arrival =
            START_MS + (i128::from(span_ms) * i128::from(number) / i128::from(arguments.posts.max(1))) as i64;
        let behind = if rng.chance(arguments.late) {
            rng.between(480_000, 2_700_000)
        } else {
            rng.between(100, 9_000)
        };
        let brand = rng.chance(arguments.naming).then(|| &brands[popularity.draw(&mut rng)]);
        let text = brands::body(rng.pick(bodies), brand, &mut rng);
        let author = authors.draw(&mut rng) as u64;
        line.clear();
        shapes::write(
            &shapes::Draft { number, author, text: &text, at: arrival - behind, arrival },
            &mut rng,
            &mut line,
        )?;
        if rng.chance(arguments.duplicates) {
            let again = arrival + rng.between(1_000, 120_000);
            waiting.push(Reverse((again, number, line.clone())));
        }
        while waiting.peek().is_some_and(|Reverse(w)| w.0 <= arrival) {
            let Some(Reverse((.., record))) = waiting.pop() else { break };
            out.line(&record)?;
        }
        out.line(&line)?;
        if rng.chance(arguments.malformed) {
            out.line(&line[..line.len() / 2])?;
        }
    }
    while let Some(Reverse((.., record))) = waiting.pop() {
        out.line(&record)?;
    }
    out.file.flush().context("cannot write posts.jsonl")?;
    Ok((out.records, out.bytes))
}

fn span(text: &str) -> anyhow::Result<std::time::Duration> {
    let span: jiff::SignedDuration =
        text.parse().with_context(|| format!("`{text}` is no time span such as 24h or 90m"))?;
    ensure!(span.is_positive(), "the span must be longer than nothing, not `{text}`");
    Ok(span.unsigned_abs())
}

/// The file of posts, and what went into it.
struct Output {
    file: BufWriter<File>,
    records: u64,
    bytes: u64,
}

impl Output {
    fn create(path: &Path) -> anyhow::Result<Output> {
        let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Output { file: BufWriter::with_capacity(1 << 20, file), records: 0, bytes: 0 })
    }

    fn line(&mut self, record: &[u8]) -> anyhow::Result<()> {
        self.file
            .write_all(record)
            .and_then(|()| self.file.write_all(b"\n"))
            .context("cannot write posts.jsonl")?;
        self.records += 1;
        self.bytes += record.len() as u64 + 1;
        Ok(())
    }
}
