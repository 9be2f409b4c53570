//! `earful query check`: every problem of brand queries, underlined.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::problems;
use super::source::Source;
use super::{count, verdict};
use crate::analysis::query::{ParseOptions, Parsed, Problem, Purpose, Severity, parse};

/// Report every problem of the queries in FILEs.
///
/// A file holds one query and may have comments (<<< ... >>>). Each problem has a code, its place underlined,
/// and what to do about it; docs/query-language.md lists the codes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful query check brands/*.bwq
  echo 'apple OR banana AND juice' | earful query check -
  earful query check --format json acme.bwq      one JSON object a file

Exit codes: 0 no errors (there may be warnings), 1 a query has errors, 2 wrong usage, 3 a file cannot be read.")]
pub(super) struct CheckArgs {
    /// `text` for people; `json` is one object a file, a line each.
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
    /// Fields that are unknown or that no feed carries are errors, as fits before a query is saved.
    #[arg(long)]
    strict: bool,
    /// The queries are for rules, which run after collection.
    #[arg(long)]
    rule: bool,
    /// Files with a query each; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Style {
    Text,
    Json,
}

#[derive(Serialize)]
struct FileLine<'a> {
    file: &'a str,
    errors: usize,
    warnings: usize,
    problems: Vec<Problem>,
}

/// All files are read before the first is reported, so that a wrong path costs nothing.
pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let sources = args.files.iter().map(|path| Source::read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let purpose = if args.rule { Purpose::Rule } else { Purpose::Collection };
    let options = ParseOptions { strict: args.strict, purpose };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut good = true;
    for source in &sources {
        let parsed = parse(&source.text, &options);
        good &= parsed.query.is_some();
        match args.format {
            Style::Text => show(&mut out, source, &parsed)?,
            Style::Json => {
                serde_json::to_writer(&mut out, &line(source, parsed)).map_err(io::Error::from)?;
                writeln!(out)?;
            }
        }
    }
    out.flush()?;
    Ok(verdict(good))
}

fn tally(parsed: &Parsed) -> (usize, usize) {
    let errors = parsed.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    (errors, parsed.problems.len() - errors)
}

fn show(out: &mut impl Write, source: &Source, parsed: &Parsed) -> io::Result<()> {
    for problem in &parsed.problems {
        writeln!(out, "{}", problems::text(source, problem))?;
    }
    let (errors, warnings) = tally(parsed);
    writeln!(out, "{}: {}, {}", source.name, count(errors, "error"), count(warnings, "warning"))
}

fn line(source: &Source, parsed: Parsed) -> FileLine<'_> {
    let (errors, warnings) = tally(&parsed);
    FileLine { file: &source.name, errors, warnings, problems: source.in_file(parsed.problems) }
}
