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
//! The same arguments and bodies write the same bytes. The generator is that of `earful load`, in `src/load/`.

mod brands;

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use clap::Parser;
use earful::load::{Generator, LoadCounts, LoadRecord, LoadSettings, Schedule, texts};

use brands::Brand;

/// 2026-03-10T00:00:00Z.
const START_MS: i64 = 1_773_100_800_000;

/// Write posts and a matching pipeline for load tests.
#[derive(Debug, Parser)]
struct Arguments {
    /// Records, with duplicates and malformed ones.
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
    /// Duplicates in a million records.
    #[arg(long, default_value_t = 20_000)]
    duplicates: u64,
    /// Late posts in a million (8 to 45 minutes behind).
    #[arg(long, default_value_t = 10_000)]
    late: u64,
    /// Malformed records in a million records.
    #[arg(long, default_value_t = 5_000)]
    malformed: u64,
    /// Posts in a million that name a brand.
    #[arg(long, default_value_t = 500_000)]
    naming: u64,
}

const MIX: &str = "canonical=40,x_v1=35,bluesky_jetstream=25";

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let text = fs::read_to_string(&arguments.bodies).with_context(|| {
        format!("cannot read the bodies from {}; give a text file with --bodies", arguments.bodies.display())
    })?;
    fs::create_dir_all(&arguments.out)
        .with_context(|| format!("cannot create the folder {}", arguments.out.display()))?;
    let brands = brands::invent(arguments.brands, arguments.seed);
    fs::write(arguments.out.join("pipeline.toml"), brands::pipeline(&brands)?)
        .context("cannot write pipeline.toml")?;
    let counts = write_posts(&arguments, texts(&text), &brands)?;
    let LoadCounts { records, bytes, .. } = counts;
    eprintln!(
        "{records} records, {} bytes each, in {}: {counts}",
        bytes / records.max(1),
        arguments.out.display()
    );
    Ok(())
}

/// Writes `posts.jsonl`.
fn write_posts(arguments: &Arguments, texts: Vec<String>, brands: &[Brand]) -> anyhow::Result<LoadCounts> {
    let schedule = Schedule {
        start_ms: START_MS,
        records: Some(arguments.posts),
        lasts_ms: None,
        rate: None,
        span_ms: Some(i64::try_from(span(&arguments.span)?.as_millis())?),
        surge: None,
    };
    let mut generator = Generator::new(settings(arguments), brands::named(brands), texts)?;
    let mut file = create(&arguments.out.join("posts.jsonl"))?;
    let (mut record, mut counts) = (LoadRecord::default(), LoadCounts::default());
    for number in 0..arguments.posts {
        generator.next(schedule.time_of(number, 0.0), &mut record);
        counts.add(&record);
        record.value.push('\n');
        file.write_all(record.value.as_bytes()).context("cannot write posts.jsonl")?;
    }
    file.flush().context("cannot write posts.jsonl")?;
    Ok(counts)
}

fn settings(arguments: &Arguments) -> LoadSettings {
    LoadSettings {
        seed: arguments.seed,
        mix: MIX.parse().unwrap_or_default(),
        naming: arguments.naming,
        duplicates: arguments.duplicates,
        late: arguments.late,
        malformed: arguments.malformed,
        crisis: None,
    }
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    Ok(BufWriter::with_capacity(1 << 20, file))
}

fn span(text: &str) -> anyhow::Result<std::time::Duration> {
    let span: jiff::SignedDuration =
        text.parse().with_context(|| format!("`{text}` is no time span such as 24h or 90m"))?;
    ensure!(span.is_positive(), "the span must be longer than nothing, not `{text}`");
    Ok(span.unsigned_abs())
}
