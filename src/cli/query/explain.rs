//! `earful query explain`: what a query means and what it costs.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use super::measure::{Measured, Median, measure};
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

/// What follows from the query, and what was measured.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    explanation: &'a Explanation,
    measured: Measured,
}

pub(super) fn run(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let source = Source::of(args.query.as_deref(), args.file.as_ref())?;
    let purpose = if args.rule { Purpose::Rule } else { Purpose::Collection };
    let Some(query) = source.query_for(purpose) else { return Ok(verdict(false)) };
    let mut explanation = explain(&query, purpose);
    explanation.tree = explanation.tree.moved(source.skipped);
    let measured = measure(&query, purpose).map_err(|what| anyhow!(what))?;
    let report = Report { explanation: &explanation, measured };
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        show(&mut out, &report, &query, purpose)?;
    }
    out.flush()?;
    Ok(verdict(true))
}

fn show(out: &mut impl Write, report: &Report<'_>, query: &Query, purpose: Purpose) -> io::Result<()> {
    let Report { explanation, measured } = report;
    let Explanation { normalised, tree, reading, leaves, .. } = explanation;
    writeln!(out, "normalised ({leaves} terms, {} bytes)\n  {normalised}\n", query.source.len())?;
    writeln!(out, "tree\n{}", indented(&tree.drawn()))?;
    writeln!(out, "reading\n{}", indented(&reading.lines()))?;
    triggers(out, explanation)?;
    cost(out, explanation.cost, measured, purpose)?;
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
        LookedAt::EveryPost | LookedAt::EveryMention => writeln!(
            out,
            "  nothing: full scan. The query has no term and no field that could be looked up. A term, or site:,\n  \
             links:, author:, network:, subreddit:, language:, guid: or a tag with it would spare that.\n"
        ),
        LookedAt::NoPost => writeln!(out, "  nothing: no post can meet the query\n"),
        LookedAt::TriggeredPosts | LookedAt::TriggeredMentions => {
            writeln!(out, "  a post with one of: {}\n", explanation.wakes.on.join(", "))
        }
    }
}

fn cost(out: &mut impl Write, cost: Cost, measured: &Measured, purpose: Purpose) -> io::Result<()> {
    let posts = if purpose == Purpose::Rule { "mention" } else { "post" };
    let often = match cost.looked_at {
        LookedAt::NoPost => return writeln!(out, "cost\n  none: it is never looked at\n"),
        LookedAt::TriggeredPosts | LookedAt::TriggeredMentions => {
            format!("looked at for {posts}s with a trigger only")
        }
        LookedAt::EveryMention => "looked at for every mention".to_owned(),
        LookedAt::EveryPost => "looked at for every post of every feed".to_owned(),
    };
    let parts: Vec<String> = cost.full_scan.parts().map(|(number, what)| count(number, what)).collect();
    writeln!(out, "cost\n  {often}; each time at most {}", parts.join(", "))?;
    if cost.full_scan.language {
        writeln!(out, "  the language of every {posts} is detected, once for all queries")?;
    }
    figures(out, cost, measured, posts)?;
    writeln!(out)
}

/// What was measured, a line each.
fn figures(out: &mut impl Write, cost: Cost, measured: &Measured, posts: &str) -> io::Result<()> {
    let Measured { posts: samples, looked_at, full_scan, as_run, language } = measured;
    let mut line = |what: &str, median: &Median, note: &str| {
        let (time, share) = (micros(median.ns), percent(median.ns));
        let rounds = count(median.rounds, "round");
        writeln!(
            out,
            "  {what}: {time} µs a {posts} here (median of {rounds} over {samples} sample posts{note}); at {PER_SECOND} {posts}s/s \
             that is {share} % of a core"
        )
    };
    line("full scan", full_scan, "")?;
    if matches!(cost.looked_at, LookedAt::TriggeredPosts | LookedAt::TriggeredMentions) {
        line("by its triggers", as_run, &format!(", {looked_at} of them looked at"))?;
    }
    language.as_ref().map_or(Ok(()), |language| line("language", language, ""))
}

/// A busy day of many brands.
const PER_SECOND: &str = "10,000";

/// Two digits that tell something.
fn micros(ns: f64) -> String {
    let micros = ns / 1_000.0;
    if micros < 1.0 { format!("{micros:.2}") } else { format!("{micros:.1}") }
}

/// Of the second that a core has, for 10,000 posts.
fn percent(ns: f64) -> String {
    let percent = ns * 10_000.0 / 1e9 * 100.0;
    if percent < 1.0 { format!("{percent:.2}") } else { format!("{percent:.1}") }
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
