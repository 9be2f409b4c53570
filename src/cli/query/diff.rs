//! `earful query diff`: what a change of a query does to posts.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::super::posts::{each_post, format_name};
use super::shown_post::ShownPost;
use super::source::Source;
use super::{count, verdict};
use crate::analysis::decode::Format;
use crate::analysis::query::Query;
use crate::analysis::text::TextOptions;
use crate::analysis::trial::Matcher;
use crate::model::Post;

/// Show which posts a new query gains and loses against an old one, and by which words.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful query diff old.bwq new.bwq --posts posts.ndjson
  git show HEAD~1:acme.bwq | earful query diff - acme.bwq --posts posts.ndjson.zst --json

OLD and NEW are texts, or names of files (they end with .bwq, or are there).
Exit codes: 0 compared (whether there is a difference or not), 1 a query has errors or a record cannot be read,
2 wrong usage, 3 a file cannot be read.")]
pub(super) struct DiffArgs {
    /// The posts, in any feed format, also compressed; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    posts: PathBuf,
    /// The feed format; `auto` finds it for each record.
    #[arg(long, default_value = "auto", value_parser = format_name)]
    format: Format,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// The query as it was.
    old: String,
    /// The query as it is to be.
    new: String,
}

/// How many posts, by what the two queries say.
#[derive(Debug, Default, Serialize)]
struct Summary {
    posts: u64,
    /// Matched by the old query.
    old: u64,
    /// Matched by the new one.
    new: u64,
    gained: u64,
    lost: u64,
    /// Matched by both.
    kept: u64,
    /// Records that cannot be read.
    malformed: u64,
}

#[derive(Debug, Default, Serialize)]
struct Difference {
    summary: Summary,
    /// With the positions of the new query.
    gained: Vec<ShownPost>,
    /// With the positions of the old query.
    lost: Vec<ShownPost>,
}

impl Difference {
    fn add(&mut self, post: &Post<'_>, matcher: &mut Matcher) {
        let mut found = matcher.find(post, None);
        let (new, old) = (found.pop().flatten(), found.pop().flatten());
        let sum = &mut self.summary;
        sum.posts += 1;
        sum.old += u64::from(old.is_some());
        sum.new += u64::from(new.is_some());
        match (old, new) {
            (None, Some(spans)) => {
                sum.gained += 1;
                self.gained.push(ShownPost::new(post, &spans));
            }
            (Some(spans), None) => {
                sum.lost += 1;
                self.lost.push(ShownPost::new(post, &spans));
            }
            (Some(_), Some(_)) => sum.kept += 1,
            (None, None) => {}
        }
    }
}

pub(super) fn run(args: &DiffArgs) -> anyhow::Result<ExitCode> {
    let Some(queries) = both(args)? else { return Ok(verdict(false)) };
    let mut matcher = Matcher::new(queries, TextOptions::default());
    let mut difference = Difference::default();
    let malformed = each_post(&args.posts, args.format, &mut |_, post| {
        difference.add(post, &mut matcher);
        Ok(())
    })?;
    difference.summary.malformed = malformed;
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &difference).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        show(&mut out, &difference)?;
    }
    out.flush()?;
    Ok(verdict(malformed == 0))
}

/// The problems of both are shown before giving up.
fn both(args: &DiffArgs) -> anyhow::Result<Option<Vec<Query>>> {
    let old = Source::of_argument(&args.old)?;
    let new = Source::of_argument(&args.new)?;
    Ok([old, new].map(|source| source.query()).into_iter().collect())
}

fn show(out: &mut impl Write, difference: &Difference) -> io::Result<()> {
    for (what, shown) in [("gained", &difference.gained), ("lost", &difference.lost)] {
        for post in shown {
            writeln!(out, "{what} {}: {}\n  {}", post.name(), post.words(), post.excerpt())?;
        }
    }
    let Summary { posts, old, new, gained, lost, kept, .. } = difference.summary;
    let posts = count(posts as usize, "post");
    writeln!(out, "{posts}: {old} matched before, {new} now; {gained} gained, {lost} lost, {kept} kept")
}
