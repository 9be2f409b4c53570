//! `earful score`: the sentiment of texts and posts, and how well it fits labels.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use super::labelled::{figures, language_name, refuse, scorer, table};
use super::posts::{closed_pipe_is_fine, each_post, finish, format_name, read_all};
use super::{EXIT_INPUT, EXIT_USAGE};
use crate::analysis::decode::Format;
use crate::analysis::sentiment::{Scorer, Sentiment, SentimentScratch};
use crate::analysis::text::detect_language;
use crate::analysis::{CueView, cue_views};
use crate::model::{Language, Network, Polarity, Post, Score};
use crate::train::{Confusion, Example, label_among, read_labelled, read_targeted};

/// Score the sentiment of texts or posts: one JSON object a line.
///
/// FILE holds posts in any feed format, as for `earful analyse`; with --text a text a line. A line has the
/// label, the score (-1 to 1), the compound score of the rules alone (English: VADER's), the confidence, the
/// language, and the cues, whose contributions add up to the score.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  earful score --text lines.txt
  earful score tweets.ndjson
  earful score --eval labelled.tsv
  earful score --rules --eval labelled.tsv

--eval prints n, accuracy, macro F1 and macro recall, then how often each label (rows) was taken for each
(columns). Where the file has only two labels, the choice is between these two.

Exit codes: 0 fine, 1 the input cannot be used or some records could not be read, 2 usage or a model,
3 the file could not be read.")]
#[command(group(clap::ArgGroup::new("input").required(true)))]
pub struct ScoreArgs {
    /// Posts; `-` is standard input.
    #[arg(value_name = "FILE", group = "input")]
    file: Option<PathBuf>,
    /// A text a line; `-` is standard input.
    #[arg(long, value_name = "FILE", group = "input")]
    text: Option<PathBuf>,
    /// Labelled texts, `label<TAB>text`, to measure with.
    #[arg(long, value_name = "FILE.tsv", group = "input")]
    eval: Option<PathBuf>,
    /// The lines of --eval are `label<TAB>target<TAB>text`. The whole text is scored, whatever its target.
    #[arg(long, requires = "eval")]
    targets: bool,
    /// The rules alone, without the trained models.
    #[arg(long)]
    rules: bool,
    /// Use this model for its language; may be given several times.
    #[arg(long, value_name = "FILE.bin")]
    model: Vec<PathBuf>,
    /// The language of all texts, `en` or `zh`; else it is detected: of each text, with --eval of the file.
    #[arg(long, value_parser = language_name)]
    language: Option<Language>,
    /// The feed format of the posts; `auto` finds it for each record.
    #[arg(long, default_value = "auto", value_parser = format_name)]
    format: Format,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<Network>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    label: Polarity,
    score: Score,
    compound: Score,
    /// Of the model's label; null where rules alone spoke.
    confidence: Option<Score>,
    language: Language,
    /// None are told yet.
    emotions: BTreeMap<&'static str, Score>,
    cues: Vec<CueView<'a>>,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read, or standard output takes no more.
pub fn run(args: &ScoreArgs) -> anyhow::Result<ExitCode> {
    let scorer = match scorer(args.rules, &args.model) {
        Ok(scorer) => scorer,
        Err(problem) => return Ok(refuse(EXIT_USAGE, &problem)),
    };
    if let Some(file) = &args.eval {
        return evaluate(&scorer, args, file);
    }
    let mut out = Lines {
        scorer: &scorer,
        language: args.language,
        scratch: SentimentScratch::default(),
        out: BufWriter::new(io::stdout().lock()),
    };
    let mut malformed = 0;
    if let Some(file) = &args.text {
        out.texts(&read_all(file)?).or_else(closed_pipe_is_fine)?;
    } else if let Some(file) = &args.file {
        malformed = each_post(file, args.format, &mut |_, post| out.post(post))?;
    }
    finish(&mut out.out)?;
    Ok(if malformed == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_INPUT) })
}

struct Lines<'a, W: Write> {
    scorer: &'a Scorer,
    language: Option<Language>,
    scratch: SentimentScratch,
    out: W,
}

impl<W: Write> Lines<'_, W> {
    /// A line of output for each of input, also for an empty one.
    fn texts(&mut self, bytes: &[u8]) -> io::Result<()> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        for line in bytes.split(|b| *b == b'\n') {
            // What is not UTF-8 becomes replacement characters, which say nothing.
            let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
            self.line(None, &line, None)?;
        }
        Ok(())
    }

    fn post(&mut self, post: &Post<'_>) -> io::Result<()> {
        let declared = post.declared_language.as_deref();
        self.line(Some((post.network, &post.id)), post.main_text(), declared)
    }

    fn line(&mut self, post: Option<(Network, &str)>, text: &str, declared: Option<&str>) -> io::Result<()> {
        let language = self.language.unwrap_or_else(|| detect_language(text, declared));
        let found = self.scorer.explain(text, language, &mut self.scratch);
        let line = Line {
            network: post.map(|(network, _)| network),
            id: post.map(|(_, id)| id),
            label: found.polarity,
            score: found.score,
            compound: found.compound,
            confidence: found.confidence(),
            language,
            emotions: BTreeMap::new(),
            cues: cue_views(text, self.scratch.cues()),
        };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")
    }
}

fn evaluate(scorer: &Scorer, args: &ScoreArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = read_all(file)?;
    let examples = match examples(&bytes, args.targets) {
        Ok(examples) => examples,
        Err(problem) => return Ok(refuse(EXIT_INPUT, &format!("{}: {problem}", file.display()))),
    };
    let language = args.language.unwrap_or_else(|| common_language(&examples));
    let labels: Vec<Polarity> = Polarity::ALL
        .iter()
        .copied()
        .filter(|label| examples.iter().any(|example| example.label == *label))
        .collect();
    let (mut scratch, mut confusion) = (SentimentScratch::default(), Confusion::default());
    for example in &examples {
        let found: Sentiment = scorer.score(example.text, language, &mut scratch);
        confusion.add(example.label, label_among(&labels, &found));
    }
    let report = format!("{}\n{}", figures(&confusion), table(&confusion, &labels));
    writeln!(io::stdout(), "{report}").or_else(closed_pipe_is_fine)?;
    Ok(ExitCode::SUCCESS)
}

fn examples(bytes: &[u8], targets: bool) -> Result<Vec<Example<'_>>, String> {
    let examples = if targets {
        let targeted = read_targeted(bytes).map_err(|e| e.to_string())?;
        targeted.into_iter().map(|line| Example { label: line.label, text: line.text }).collect()
    } else {
        read_labelled(bytes).map_err(|e| e.to_string())?
    };
    if examples.is_empty() { Err("there are no labelled texts in it".to_owned()) } else { Ok(examples) }
}

/// The language of most texts: a file is in one, and single short texts are often taken for another.
fn common_language(examples: &[Example<'_>]) -> Language {
    let mut counts: BTreeMap<Language, usize> = BTreeMap::new();
    for example in examples {
        let language = match detect_language(example.text, None) {
            language if language.is_chinese() => Language::ZH,
            language => language,
        };
        *counts.entry(language).or_default() += 1;
    }
    counts.remove(&Language::UNKNOWN);
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(Language::UNKNOWN, |(language, _)| language)
}
