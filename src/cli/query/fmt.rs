//! `earful query fmt`: one layout for all queries.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::super::say;
use super::source::Source;
use super::{problems, verdict};
use crate::analysis::query::format::format;
use crate::analysis::query::{ParseOptions, Purpose};

/// Write queries in one layout: operators, spelling of fields, a clause a line where a level is long.
///
/// Comments stay, and so does the meaning. Without an option the result goes to standard output.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful query fmt acme.bwq
  earful query fmt --write brands/*.bwq
  earful query fmt --check brands/*.bwq          for a pre-commit hook

Exit codes: 0 done, 1 a query has errors or --check has found one in another layout, 2 wrong usage,
3 a file cannot be read or written.")]
pub(super) struct FmtArgs {
    /// Write nothing; name the files whose layout would change.
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Write the files in place.
    #[arg(long)]
    write: bool,
    /// The queries are for rules, which run after collection.
    #[arg(long)]
    rule: bool,
    /// Files with a query each; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &FmtArgs) -> anyhow::Result<ExitCode> {
    let purpose = if args.rule { Purpose::Rule } else { Purpose::Collection };
    let options = ParseOptions { purpose, ..ParseOptions::default() };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut good = true;
    for path in &args.files {
        let source = Source::read(path)?;
        match format(&source.text, &options) {
            Ok(text) => good &= deliver(args, path, &source, &text, &mut out)?,
            Err(found) => {
                found.iter().for_each(|problem| say(&problems::text(&source, problem)));
                good = false;
            }
        }
    }
    out.flush()?;
    Ok(verdict(good))
}

/// False if `--check` finds another layout.
fn deliver(
    args: &FmtArgs,
    path: &Path,
    source: &Source,
    text: &str,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let changed = source.text != text;
    if args.check {
        if changed {
            writeln!(out, "{}: the layout differs; run `earful query fmt --write`", source.name)?;
        }
        return Ok(!changed);
    }
    if !args.write || path == Path::new("-") {
        out.write_all(text.as_bytes())?;
    } else if changed {
        replace(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(out, "{}: written", source.name)?;
    }
    Ok(true)
}

/// The old file or the new one, never a part: a copy beside it takes its place.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays one.
    let path = fs::canonicalize(path)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".earful-fmt");
    let beside = path.with_file_name(name);
    fs::write(&beside, text)?;
    let done = fs::metadata(&path)
        .and_then(|about| fs::set_permissions(&beside, about.permissions()))
        .and_then(|()| fs::rename(&beside, &path));
    done.inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}
