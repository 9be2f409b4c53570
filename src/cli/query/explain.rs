//! `earful query explain`: what a query means and what it costs.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::source::Source;
use super::{count, verdict};
use crate::analysis::query::explain::{Cost, Explanation, FieldUse, LookedAt, explain};
use crate::analysis::query::{Purpose, Query};

/// Show the tree of QUERY, how it reads in plain words, which terms trigger it, and which feeds can answer it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful query explain '(united OR @united) NOT \"manchester united\"'
  earful query explain --json brands/acme.bwq

QUERY is a text, or the name of a file with one (it ends with .bwq, or is there).
Exit codes: 0 explained, 1 the query has errors, 2 wrong usage, 3 the file cannot be read.")]
pub(super) struct ExplainArgs {
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// The query is for a rule, which runs after collection.
    #[arg(long)]
    rule: bool,
    /// Read the query from this file; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    file: Option<PathBuf>,
    /// The query, or a file with it.
    #[arg(value_name = "QUERY", required_unless_present = "file")]
    query: Option<String>,
}

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let source = Source::of(args.query.as_deref(), args.file.as_ref())?;
    let purpose = if args.rule { Purpose::Rule } else { Purpose::Collection };
    let Some(query) = source.query_for(purpose) else { return Ok(verdict(false)) };
    let explanation = explain(&query);
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &explanation).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        show(&mut out, &explanation, &query, purpose)?;
    }
    out.flush()?;
    Ok(verdict(true))
}

fn show(out: &mut impl Write, explanation: &Explanation, query: &Query, purpose: Purpose) -> io::Result<()> {
    let Explanation { normalised, tree, reading, leaves, .. } = explanation;
    writeln!(out, "normalised ({leaves} terms, {} bytes)\n  {normalised}\n", query.source.len())?;
    writeln!(out, "tree\n{}", indented(&tree.drawn()))?;
    writeln!(out, "reading\n{}", indented(&reading.lines()))?;
    triggers(out, explanation)?;
    cost(out, explanation.cost, purpose)?;
    fields(out, &explanation.fields)?;
    for note in &explanation.notes {
        writeln!(out, "note: {note}")?;
    }
    Ok(())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn triggers(out: &mut impl Write, explanation: &Explanation) -> io::Result<()> {
    writeln!(out, "triggered by")?;
    match explanation.cost.looked_at {
        LookedAt::EveryPost => writeln!(
            out,
            "  nothing: full scan. The query has no term and no field that could be looked up. A term, or site:,\n  \
             links:, author:, network:, subreddit:, guid: or a tag with it would spare that.\n"
        ),
        LookedAt::NoPost => writeln!(out, "  nothing: no post can meet the query\n"),
        LookedAt::TriggeredPosts => {
            writeln!(out, "  a post with one of: {}\n", explanation.wakes.on.join(", "))
        }
    }
}

fn cost(out: &mut impl Write, cost: Cost, purpose: Purpose) -> io::Result<()> {
    let Cost { looked_at, terms, values, distances } = cost;
    let often = match looked_at {
        LookedAt::NoPost => return writeln!(out, "cost\n  none: it is never looked at\n"),
        LookedAt::TriggeredPosts => "looked at for these posts only",
        LookedAt::EveryPost if purpose == Purpose::Rule => "looked at for every mention",
        LookedAt::EveryPost => "looked at for every post of every feed",
    };
    let parts = [(terms, "term"), (values, "field value"), (distances, "distance")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, what)| count(number, what)).collect();
    writeln!(out, "cost\n  {often}; each time at most {}\n", parts.join(", "))
}

fn fields(out: &mut impl Write, fields: &[FieldUse]) -> io::Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    writeln!(out, "fields")?;
    for field in fields {
        let mark = if field.extension { "X-" } else { "" };
        let feeds: Vec<&str> = field.feeds.iter().map(|network| network.as_str()).collect();
        let feeds = if feeds.is_empty() { "earful's own JSON only".to_owned() } else { feeds.join(", ") };
        writeln!(out, "  {mark}{}: answered by {feeds}", field.name)?;
    }
    if fields.iter().any(|field| field.extension) {
        writeln!(out, "  X- marks earful's extensions, which Brandwatch does not know.")?;
    }
    writeln!(out)
}
