//! `earful score`: the sentiment of texts and posts, and how well it fits labels.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use super::labelled::{
    emotion_figures, figures, house, language_name, languages, most, refuse, scorer, table,
};
use super::posts::{closed_pipe_is_fine, each_post, finish, format_name, read_all};
use super::{EXIT_INPUT, EXIT_USAGE, say};
use crate::analysis::decode::Format;
use crate::analysis::sentiment::{Emotion, EmotionModel, Emotions, Scorer, Sentiment, SentimentScratch};
use crate::analysis::text::detect_language;
use crate::analysis::{CueView, cue_views};
use crate::model::{Language, Network, Polarity, Post, Score};
use crate::train::{Confusion, Targeted, label_among, read_emotions, read_labelled, read_targeted, tallies};

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
  earful score --lexicon house.tsv --text lines.txt

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
    /// The lines of --eval are `label<TAB>target<TAB>text`. Lines of the same text name its targets, each of which has
    /// its own label.
    #[arg(long, requires = "eval")]
    targets: bool,
    /// The lines of --eval are `emotions<TAB>text`: names with commas between them, or none.
    #[arg(long, requires = "eval", conflicts_with = "targets")]
    emotions: bool,
    /// The rules alone, without the trained models.
    #[arg(long)]
    rules: bool,
    /// Use this model for its language; may be given several times.
    #[arg(long, value_name = "FILE.bin")]
    model: Vec<PathBuf>,
    /// A house lexicon: words, phrases and emoji with your own scores, `term<TAB>score` (-4 to 4).
    #[arg(long, value_name = "FILE.tsv")]
    lexicon: Option<PathBuf>,
    /// The language of all texts, `en` or `zh`; else it is detected: of each text, with --eval of the file.
    #[arg(long, value_parser = language_name)]
    language: Option<Language>,
    /// The feed format of the posts; `auto` finds it for each record.
    #[arg(long, default_value = "auto", value_parser = format_name)]
    format: Format,
}

/// A file of texts is mixed if one of so many is in another language: of short ones some are always taken for another.
const MIXED: usize = 20;

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
    /// Those that are likely enough, and how likely.
    emotions: Emotions,
    cues: Vec<CueView<'a>>,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read, or standard output takes no more.
pub fn run(args: &ScoreArgs) -> anyhow::Result<ExitCode> {
    let scorer = match scorer_of(args) {
        Ok(scorer) => scorer,
        Err(problem) => return Ok(refuse(EXIT_USAGE, &problem)),
    };
    if args.eval.is_some() {
        tell_useless(args);
    }
    if let Some(file) = args.eval.as_ref().filter(|_| args.emotions) {
        return evaluate_emotions(&scorer, args, file);
    }
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

/// Models that have no part in what is measured. They could be read, or there would be no scorer.
fn tell_useless(args: &ScoreArgs) {
    let is_of_emotions = |path: &PathBuf| fs::read(path).is_ok_and(|bytes| EmotionModel::is_one(&bytes));
    let (is, wanted) = if args.emotions { ("sentiment", "emotions") } else { ("emotions", "sentiment") };
    for path in args.model.iter().filter(|path| is_of_emotions(path) != args.emotions) {
        let path = path.display();
        say(&format!(
            "earful: warning: {path} is a model of {is} and changes nothing here: what is measured is {wanted}"
        ));
    }
}

fn scorer_of(args: &ScoreArgs) -> Result<Scorer, String> {
    let scorer = scorer(args.rules, &args.model)?;
    Ok(match &args.lexicon {
        Some(file) => scorer.with_house(house(file)?),
        None => scorer,
    })
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
        self.line(Some((post.network, &post.id)), &post.scored_text(), declared)
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
            emotions: self.scratch.emotions(),
            cues: cue_views(&Cow::Borrowed(text), self.scratch.cues()),
        };
        serde_json::to_writer(&mut self.out, &line)?;
        self.out.write_all(b"\n")
    }
}

fn evaluate(scorer: &Scorer, args: &ScoreArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = read_all(file)?;
    let lines = match lines(&bytes, args.targets) {
        Ok(lines) => lines,
        Err(problem) => return Ok(refuse(EXIT_INPUT, &format!("{}: {problem}", file.display()))),
    };
    let language = args.language.unwrap_or_else(|| common_language(lines.iter().map(|line| line.text)));
    if args.targets {
        tell_absent(&lines);
    }
    let is_used = |label: &Polarity| lines.iter().any(|line| line.label == *label);
    let labels: Vec<Polarity> = Polarity::ALL.iter().copied().filter(is_used).collect();
    let mut scratch = SentimentScratch::default();
    let found = match args.targets {
        true => towards_targets(scorer, &lines, language, &mut scratch),
        false => lines.iter().map(|line| scorer.score(line.text, language, &mut scratch)).collect(),
    };
    let mut confusion = Confusion::default();
    for (line, found) in lines.iter().zip(&found) {
        confusion.add(line.label, label_among(&labels, found));
    }
    let report = format!("{}\n{}", figures(&confusion), table(&confusion, &labels));
    writeln!(io::stdout(), "{report}").or_else(closed_pipe_is_fine)?;
    Ok(ExitCode::SUCCESS)
}

/// How well the emotions told fit those of a labelled file.
fn evaluate_emotions(scorer: &Scorer, args: &ScoreArgs, file: &Path) -> anyhow::Result<ExitCode> {
    let bytes = read_all(file)?;
    let lines = match read_emotions(&bytes) {
        Ok(lines) if lines.is_empty() => Err("there are no labelled texts in it".to_owned()),
        lines => lines.map_err(|e| e.to_string()),
    };
    let lines = match lines {
        Ok(lines) => lines,
        Err(problem) => return Ok(refuse(EXIT_INPUT, &format!("{}: {problem}", file.display()))),
    };
    let language = args.language.unwrap_or_else(|| common_language(lines.iter().map(|line| line.text)));
    let mut scratch = SentimentScratch::default();
    let pairs = lines.iter().map(|line| {
        let _ = scorer.score(line.text, language, &mut scratch);
        let found = scratch.emotions();
        (line.emotions, std::array::from_fn(|i| found.has(Emotion::ALL[i])))
    });
    let report = emotion_figures(&tallies(pairs));
    writeln!(io::stdout(), "{report}").or_else(closed_pipe_is_fine)?;
    Ok(ExitCode::SUCCESS)
}

/// The sentiment of each line towards its target. Lines of the same text name the targets of that text.
fn towards_targets(
    scorer: &Scorer,
    lines: &[Targeted<'_>],
    language: Language,
    scratch: &mut SentimentScratch,
) -> Vec<Sentiment> {
    let mut by_text: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, line) in lines.iter().enumerate() {
        by_text.entry(line.text).or_default().push(number);
    }
    let mut found: Vec<Option<Sentiment>> = vec![None; lines.len()];
    for (text, numbers) in by_text {
        let targets: Vec<_> = numbers.iter().map(|number| places(text, lines[*number].target)).collect();
        let judged = scorer.explain_targets(text, language, &targets, scratch);
        for (number, judged) in numbers.into_iter().zip(judged) {
            found[number] = Some(judged.sentiment);
        }
    }
    found.into_iter().flatten().collect()
}

/// Where a name stands in a text, in whatever case of ASCII letters.
fn places(text: &str, name: &str) -> Vec<(usize, usize)> {
    let (text, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    text.match_indices(&name).map(|(at, found)| (at, at + found.len())).collect()
}

/// A target that its text does not name is judged by the whole text: perhaps it is written otherwise there.
fn tell_absent(lines: &[Targeted<'_>]) {
    let mut absent = lines.iter().filter(|line| places(line.text, line.target).is_empty());
    if let Some(first) = absent.next() {
        say(&format!(
            "earful: warning: {} of {} lines have a target that their text does not name, first `{}`; \
             they are judged by the whole text",
            1 + absent.count(),
            lines.len(),
            first.target
        ));
    }
}

/// The lines of a labelled file; without `targets` each is about nothing in particular.
fn lines(bytes: &[u8], targets: bool) -> Result<Vec<Targeted<'_>>, String> {
    let lines = if targets {
        read_targeted(bytes).map_err(|e| e.to_string())?
    } else {
        let examples = read_labelled(bytes).map_err(|e| e.to_string())?;
        examples.iter().map(|line| Targeted { label: line.label, target: "", text: line.text }).collect()
    };
    if lines.is_empty() { Err("there are no labelled texts in it".to_owned()) } else { Ok(lines) }
}

/// The language of most texts: a file is in one, and single short texts are often taken for another. If many seem to be
/// in another one that has a model, that is told.
fn common_language<'t>(texts: impl Iterator<Item = &'t str>) -> Language {
    let counts = languages(texts);
    let found = most(&counts).map_or(Language::UNKNOWN, |(found, _)| found);
    let all: usize = counts.values().sum();
    let is_mixed = |language: &Language, count: usize| {
        *language != found && Scorer::takes(*language) && count * MIXED >= all
    };
    if let Some((other, count)) = counts.iter().find(|(language, count)| is_mixed(language, **count)) {
        say(&format!(
            "earful: warning: {count} of {all} texts seem to be {other}, and all are scored as {found}; \
             give a file for each language, or --language if they are all in one"
        ));
    }
    found
}
