//! `earful analyse`: one analysed post a line.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::labelled::{house, refuse};
use super::posts::{each_post, finish, format_name};
use super::{EXIT_INPUT, EXIT_USAGE, say};
use crate::analysis::decode::Format;
use crate::analysis::query::{ParseOptions, Query, QuerySet, parse};
use crate::analysis::sentiment::{Emotions, Scorer};
use crate::analysis::text::{Stemmer, TextOptions, Tokenizer, Tokens};
use crate::analysis::{Annotator, BrandLabel, CueView, Match, Scratch, SentimentView, cue_views};
use crate::config;
use crate::model::{BrandId, Language, Origin, Post, Record, Score, Timestamp, Zone};
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
  earful analyse --lexicon house.tsv posts.ndjson

Exit codes: 0 all was read, 1 some records could not be read, 2 usage, or a query, pipeline or lexicon with
problems, 3 the file could not be read.")]
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
    /// A house lexicon: words, phrases and emoji with your own scores, `term<TAB>score` (-4 to 4). A pipeline
    /// has its own.
    #[arg(long, value_name = "FILE.tsv", conflicts_with = "pipeline")]
    lexicon: Option<PathBuf>,
    /// The file to read; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Serialize)]
struct Line<'a> {
    post: &'a Post<'a>,
    received_at: Timestamp,
    language: Language,
    tokens: Vec<TokenLine<'a>>,
    sentiment: SentimentView,
    /// What the rules alone find.
    compound: Score,
    /// How likely the model takes its label to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Score>,
    /// What its writer seems to feel; none in other languages than English.
    emotions: Emotions,
    /// What the score is made of, all of it.
    cues: Vec<CueView<'a>>,
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

/// Runs the command.
///
/// # Errors
/// The file cannot be read, or standard output is gone.
pub fn run(args: &AnalyseArgs) -> anyhow::Result<ExitCode> {
    let annotator = match annotator(args) {
        Ok(annotator) => annotator,
        Err(problem) => return Ok(refuse(EXIT_USAGE, &problem)),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut scratch = Scratch::default();
    let malformed = each_post(&args.file, args.format, &mut |record, post| {
        write_line(&annotator, record, post, &mut scratch, &mut out)
    })?;
    finish(&mut out)?;
    Ok(if malformed == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_INPUT) })
}

fn annotator(args: &AnalyseArgs) -> Result<Annotator, String> {
    if let Some(path) = &args.pipeline {
        let loaded = config::load(path).map_err(|problems| problems.to_string())?;
        return Ok(runtime::annotator(&loaded.plan));
    }
    let options = TextOptions::default();
    let queries = args.query.iter().zip(0..).map(|(text, id)| Ok((BrandId(id), query(text)?)));
    let queries = queries.collect::<Result<Vec<_>, String>>()?;
    let label = |(query, number): (&(BrandId, Query), u32)| BrandLabel {
        id: format!("query-{number}"),
        version: query.1.version().to_string(),
    };
    let names = queries.iter().zip(1..).map(label).collect();
    let queries = QuerySet::compile(queries, options);
    Ok(Annotator::new(Tokenizer::new(options), queries, scorer(args)?, names, Vec::new()))
}

fn scorer(args: &AnalyseArgs) -> Result<Scorer, String> {
    let scorer = Scorer::builtin();
    Ok(match &args.lexicon {
        Some(file) => scorer.with_house(house(file)?),
        None => scorer,
    })
}

fn query(text: &str) -> Result<Query, String> {
    let parsed = parse(text, &ParseOptions::default());
    let problems: Vec<String> = parsed.problems.iter().map(ToString::to_string).collect();
    match parsed.query {
        Some(query) => {
            problems.iter().for_each(|problem| say(problem));
            Ok(query)
        }
        None => Err(format!("the query `{text}` cannot be used:\n{}", problems.join("\n"))),
    }
}

fn write_line(
    annotator: &Annotator,
    record: &Record<'_>,
    post: &Post<'_>,
    scratch: &mut Scratch,
    out: &mut impl Write,
) -> io::Result<()> {
    let view = annotator.view(post, scratch);
    let sentiment = view.sentiment;
    let line = Line {
        post,
        received_at: record.received_at.or(post.server_at).unwrap_or(post.published_at),
        language: view.language,
        tokens: token_lines(view.tokens, post, view.language),
        sentiment: SentimentView { label: sentiment.polarity, score: sentiment.score },
        compound: sentiment.compound,
        confidence: sentiment.confidence(),
        emotions: view.emotions,
        cues: cue_views(&post.scored_text(), view.cues),
        matches: &view.matches,
        origin: record.origin,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
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
