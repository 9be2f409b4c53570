//! `earful query convert`: queries of other products in our language.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;
use serde::Serialize;

use super::super::say;
use super::problems;
use super::source::Source;
use super::verdict;
use crate::analysis::query::dialect::{Dialect, Translation, translate};
use crate::analysis::query::format::format;
use crate::analysis::query::{ParseOptions, Problem};

/// Translate QUERY from another product's language, with every bracket that its precedence needs.
///
/// What has no counterpart is an error, what is only close a warning, each with its place underlined.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful query convert --from x 'apple pie OR cake -is:retweet lang:en'
  earful query convert --from meltwater acme.txt > acme.bwq
  pbpaste | earful query convert --from youscan -

QUERY is a text, or the name of a file with one (it ends with .bwq, or is there).
Exit codes: 0 translated (there may be warnings), 1 it cannot be translated, 2 wrong usage,
3 the file cannot be read.")]
pub(super) struct ConvertArgs {
    /// The language of the query.
    #[arg(long, value_name = "PRODUCT", value_parser = dialects())]
    from: Dialect,
    /// One JSON object with the query and the problems.
    #[arg(long)]
    json: bool,
    /// Read the query from this file; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    file: Option<PathBuf>,
    /// The query, or a file with it; `-` is standard input.
    #[arg(value_name = "QUERY", required_unless_present = "file", allow_hyphen_values = true)]
    query: Option<String>,
}

fn dialects() -> impl TypedValueParser<Value = Dialect> {
    let names = PossibleValuesParser::new(Dialect::ALL.iter().map(|(_, name)| *name));
    names.try_map(|name| Dialect::from_name(&name).ok_or_else(|| anyhow!("there is no such dialect")))
}

#[derive(Serialize)]
struct Converted {
    query: Option<String>,
    problems: Vec<Problem>,
}

pub(super) fn run(args: &ConvertArgs) -> anyhow::Result<ExitCode> {
    let source = Source::of(args.query.as_deref(), args.file.as_ref())?;
    let Translation { query, problems } = translate(&source.text, args.from);
    let query = query.map(|query| format(&query, &ParseOptions::default()).unwrap_or(query));
    let good = query.is_some();
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        let query = query.map(|query| query.trim_end().to_owned());
        let problems = source.in_file(problems);
        serde_json::to_writer_pretty(&mut out, &Converted { query, problems }).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        problems.iter().for_each(|problem| say(&problems::text(&source, problem)));
        write!(out, "{}", query.unwrap_or_default())?;
    }
    out.flush()?;
    Ok(verdict(good))
}
