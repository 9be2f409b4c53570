//! `earful analyse`: one analysed post a line.

use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use serde::Serialize;

use crate::analysis::decode::{self, Format, Frame, split_records};
use crate::analysis::query::{ParseOptions, Query, QuerySet, parse};
use crate::analysis::sentiment::{Cue, CueKind, Scorer, SentimentScratch};
use crate::analysis::text::{Stemmer, TextOptions, Tokenizer, Tokens};
use crate::analysis::{Annotator, BrandLabel, Match, Scratch, SentimentView};
use crate::config;
use crate::model::{BrandId, Language, Origin, Post, Record, Timestamp, Zone};
use crate::runtime;

/// Print what earful sees in posts: one JSON object a line for each post in FILE.
///
/// FILE may be NDJSON, one JSON document (also pretty-printed), a page or listing that holds many posts, an
/// SSE capture, or XML; also compressed (.gz, .zst). Frames that are no posts (likes, keep-alives, deletes) and
/// records that cannot be read are told on standard error.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  earful analyse tweets.ndjson
  earful analyse --format reddit listing.json
  curl -s https://example.org/feed.xml | earful analyse -
  earful analyse --query '(coffee OR 咖啡) NOT decaf' posts.ndjson
  earful analyse --pipeline pipelines/airlines.toml posts.ndjson

Exit status: 0 all was read; 1 some records could not be read; 2 usage; 3 the file could not be read.")]
pub struct AnalyseArgs {
    /// The feed format; `auto` finds it for each record.
    #[arg(long, default_value = "auto", value_parser = format_name)]
    format: Format,
    /// Show the brands of this pipeline as matches.
    #[arg(long, value_name = "PIPELINE.toml", conflicts_with = "query")]
    pipeline: Option<PathBuf>,
    /// Show matches of this query; may be given several times (named query-1, query-2, ...).
    #[arg(long, value_name = "QUERY")]
    query: Vec<String>,
    /// The file to read; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// The feed format of that name on the command line.
pub(super) fn format_name(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|(_, name)| *name).collect();
        format!("there is no such format; take one of {}", names.join(", "))
    })
}

#[derive(Serialize)]
struct Line<'a> {
    post: &'a Post<'a>,
    received_at: Timestamp,
    language: Language,
    tokens: Vec<TokenLine<'a>>,
    sentiment: SentimentView,
    /// What the score is made of.
    cues: Vec<CueLine>,
    matches: &'a [Match<'a>],
    origin: Origin<'a>,
}

#[derive(Serialize)]
struct TokenLine<'a> {
    zone: Zone,
    kind: &'static str,
    start: u32,
    end: u32,
    position: u32,
    text: &'a str,
    folded: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stem: Option<String>,
}

#[derive(Serialize)]
struct CueLine {
    start: u32,
    end: u32,
    kind: &'static str,
    contribution: f64,
}

/// Runs the command.
///
/// # Errors
/// The file cannot be read, a query or the pipeline is wrong, or standard output is gone.
pub fn run(args: &AnalyseArgs) -> anyhow::Result<ExitCode> {
    let annotator = annotator(args)?;
    let bytes = read_all(&args.file)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut printer = Printer::new(&annotator, &mut out, arrival(&args.file));
    let source = args.file.display().to_string();
    let mut result = Ok(());
    split_records(&bytes, &mut |piece| {
        let origin = Origin { feed: "", source: &source, offset: piece.offset, line: piece.line };
        let record = Record { payload: piece.bytes, received_at: None, origin };
        if result.is_ok() {
            result = printer.record(&record, args.format);
        }
    });
    let malformed = printer.malformed;
    result
        .and_then(|()| out.flush())
        .or_else(closed_pipe_is_fine)
        .context("cannot write to standard output")?;
    Ok(if malformed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn annotator(args: &AnalyseArgs) -> anyhow::Result<Annotator> {
    if let Some(path) = &args.pipeline {
        let loaded = config::load(path).map_err(|problems| anyhow!("{problems}"))?;
        return Ok(runtime::annotator(&loaded.plan));
    }
    let options = TextOptions::default();
    let queries = args.query.iter().zip(0..).map(|(text, id)| Ok((BrandId(id), query(text)?)));
    let queries = queries.collect::<anyhow::Result<Vec<_>>>()?;
    let label = |(query, number): (&(BrandId, Query), u32)| BrandLabel {
        id: format!("query-{number}"),
        version: query.1.version().to_string(),
    };
    let names = queries.iter().zip(1..).map(label).collect();
    let queries = QuerySet::compile(queries, options);
    Ok(Annotator::new(Tokenizer::new(options), queries, Scorer::builtin(), names, Vec::new()))
}

fn query(text: &str) -> anyhow::Result<Query> {
    let parsed = parse(text, &ParseOptions::default());
    let problems: Vec<String> = parsed.problems.iter().map(ToString::to_string).collect();
    match parsed.query {
        Some(query) => {
            problems.iter().for_each(|problem| tell(problem));
            Ok(query)
        }
        None => bail!("the query `{text}` cannot be used:\n{}", problems.join("\n")),
    }
}

/// `earful analyse ... | head` closes the pipe early: that is no failure.
fn closed_pipe_is_fine(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

struct Printer<'a, W: Write> {
    annotator: &'a Annotator,
    out: &'a mut W,
    scratch: Scratch,
    scorer: Scorer,
    scoring: SentimentScratch,
    arrival: Option<Timestamp>,
    malformed: u64,
}

impl<'a, W: Write> Printer<'a, W> {
    fn new(annotator: &'a Annotator, out: &'a mut W, arrival: Option<Timestamp>) -> Printer<'a, W> {
        let (scratch, scoring) = (Scratch::default(), SentimentScratch::default());
        Printer { annotator, out, scratch, scorer: Scorer::builtin(), scoring, arrival, malformed: 0 }
    }

    fn record(&mut self, record: &Record<'_>, format: Format) -> io::Result<()> {
        let mut result = Ok(());
        // Some feeds (RSS 0.91) date nothing; for them the file's own time stands in.
        let dated = Record { received_at: self.arrival, ..*record };
        let record = if is_undated(record, format) { &dated } else { record };
        decode::decode(record, format, &mut |frame| {
            if result.is_ok() {
                result = self.frame(record, frame);
            }
        });
        result
    }

    fn frame(&mut self, record: &Record<'_>, frame: Frame<'_>) -> io::Result<()> {
        let place = format!("{}:{}", record.origin.source, record.origin.line);
        match frame {
            Frame::Post(post) => return self.post(record, &post),
            Frame::Delete { network, id } => tell(&format!("{place}: delete of {network} {id}")),
            Frame::Ignored("keep_alive") => {}
            Frame::Ignored(reason) => tell(&format!("{place}: no post ({reason})")),
            Frame::Malformed(defect) => {
                self.malformed += 1;
                tell(&format!("{place}: cannot be read: {}: {}", defect.code, defect.detail));
            }
        }
        Ok(())
    }

    fn post(&mut self, record: &Record<'_>, post: &Post<'_>) -> io::Result<()> {
        let view = self.annotator.view(post, &mut self.scratch);
        let text = post.main_text();
        let cues = self.scorer.explain(text, view.language, &mut self.scoring).iter().map(cue_line).collect();
        let line = Line {
            post,
            cues,
            received_at: record.received_at.or(post.server_at).unwrap_or(post.published_at),
            language: view.language,
            tokens: token_lines(view.tokens, post, view.language),
            sentiment: SentimentView { label: view.sentiment.polarity, score: view.sentiment.score },
            matches: &view.matches,
            origin: record.origin,
        };
        serde_json::to_writer(&mut *self.out, &line)?;
        self.out.write_all(b"\n")
    }
}

fn is_undated(record: &Record<'_>, format: Format) -> bool {
    let mut undated = false;
    decode::decode(record, format, &mut |frame| {
        undated |= matches!(frame, Frame::Malformed(defect) if defect.code == "missing_time");
    });
    undated
}

fn cue_line(cue: &Cue) -> CueLine {
    let kind = match cue.kind {
        CueKind::Word => "word",
        CueKind::Symbol => "symbol",
        CueKind::Marks => "marks",
    };
    CueLine { start: cue.start, end: cue.end, kind, contribution: cue.contribution }
}

fn token_lines<'a>(tokens: &'a Tokens, post: &'a Post<'_>, language: Language) -> Vec<TokenLine<'a>> {
    let mut stemmer = Stemmer::new(language);
    let line = |token: &crate::analysis::text::Token| {
        let folded = tokens.folded(token);
        let stem = stemmer.stem(folded);
        TokenLine {
            zone: token.zone,
            kind: token.kind.as_str(),
            start: token.start,
            end: token.end,
            position: token.position,
            text: post.zone(token.zone).get(token.start as usize..token.end as usize).unwrap_or(""),
            folded,
            stem: (stem != folded).then(|| stem.to_owned()),
        }
    };
    tokens.iter().map(line).collect()
}

/// Standard error may be gone; then nobody listens.
fn tell(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// When the file was written last; of standard input nothing is known.
fn arrival(path: &Path) -> Option<Timestamp> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = modified.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::from_millis(i64::try_from(since.as_millis()).ok()?))
}

/// The bytes of a file, also compressed; `-` is standard input.
pub(super) fn read_all(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        crate::feeds::open(path).and_then(|mut file: Box<dyn Read + Send>| file.read_to_end(&mut bytes))
    };
    read.with_context(|| format!("cannot read {}; check the path and that it is readable", path.display()))?;
    Ok(bytes)
}
