//! Query texts from the command line, from files and from standard input.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::super::posts::read_all;
use super::super::say;
use super::problems;
use crate::analysis::query::{ParseOptions, Problem, Purpose, Query, parse};

/// A query text and what to call it in messages.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
    /// Bytes of the byte order mark that some editors begin a file with: it is none of the text, but of the file.
    pub(super) skipped: usize,
}

impl Source {
    /// The content of a file; `-` is standard input.
    ///
    /// # Errors
    /// It cannot be read, or is no UTF-8.
    pub(super) fn read(path: &Path) -> anyhow::Result<Source> {
        let bytes = read_all(path)?;
        let name =
            if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                bail!("{name} is not UTF-8 (byte {at}); save it as UTF-8 and try again")
            }
        };
        let bare = text.strip_prefix('\u{FEFF}').map(str::to_owned);
        let skipped = if bare.is_some() { '\u{FEFF}'.len_utf8() } else { 0 };
        Ok(Source { name, text: bare.unwrap_or(text), skipped })
    }

    /// An argument that is a query, or the name of a file with one: it ends with `.bwq`, names a file that
    /// is there, or is `-`.
    pub(super) fn of_argument(argument: &str) -> anyhow::Result<Source> {
        let is_file = argument == "-" || argument.ends_with(".bwq") || Path::new(argument).is_file();
        if is_file {
            return Source::read(Path::new(argument));
        }
        Ok(Source { name: "query".to_owned(), text: argument.to_owned(), skipped: 0 })
    }

    /// An argument, or the file of `--file`: clap sees to it that there is one of them.
    pub(super) fn of(argument: Option<&str>, file: Option<&PathBuf>) -> anyhow::Result<Source> {
        match (argument, file) {
            (_, Some(path)) => Source::read(path),
            (Some(argument), None) => Source::of_argument(argument),
            (None, None) => bail!("give a query, or a file with --file"),
        }
    }

    /// Problems of the text with their places in the file.
    pub(super) fn in_file(&self, mut problems: Vec<Problem>) -> Vec<Problem> {
        for problem in &mut problems {
            problem.start += self.skipped;
            problem.end += self.skipped;
            if let Some(fix) = &mut problem.fix {
                fix.start += self.skipped;
                fix.end += self.skipped;
            }
        }
        problems
    }

    /// The query without errors; problems are shown on standard error. `None` if there are errors.
    pub(super) fn query(&self) -> Option<Query> {
        self.query_for(Purpose::Collection)
    }

    /// As [`Source::query`], for a query that may be a rule's.
    pub(super) fn query_for(&self, purpose: Purpose) -> Option<Query> {
        let parsed = parse(&self.text, &ParseOptions { purpose, ..ParseOptions::default() });
        for problem in &parsed.problems {
            say(&problems::text(self, problem));
        }
        parsed.query
    }
}
