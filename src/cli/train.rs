//! `earful train`: a sentiment model from labelled texts.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::labelled::{clash, emotion_figures, figures, language_name, refuse, table, write_whole};
use super::posts::closed_pipe_is_fine;
use super::{EXIT_INPUT, EXIT_USAGE};
use crate::analysis::sentiment::Scorer;
use crate::model::{Language, Polarity};
use crate::train::{
    self, CorpusNote, EmotionTexts, Judged, Kind, Outcome, Recipe, band, corrected, read_emotions,
    read_labelled, with_bias,
};

/// Train a sentiment model from labelled texts.
///
/// A file of texts has lines `label<TAB>text`, the label negative, neutral or positive (or -1, 0, 1). Classes
/// count alike inside each file and over all; a weight says what a file counts. The model and, beside it, a card
/// in Markdown are written: texts, licences, settings, cross-validation, confusion, neutral band. The same files
/// and settings give the same bytes. A recipe of the kind `parts` makes a model for parts of texts that name
/// several brands, with the brand's name left out of each text. One of the kind `emotions` has lines
/// `emotions<TAB>text`: names, with commas between several, or `none`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  earful train --language en tweets.tsv reviews.tsv=0.5 --out en.bin
  earful train --recipe models/en.toml --data texts/ --out en.bin
  earful train --recipe models/en.toml --data texts/ --with-corrections out/mentions.jsonl=4 --out en.bin
  earful score --model en.bin --eval held-out.tsv

Use the model: [sentiment] models = [\"en.bin\"] in the pipeline file.

Exit codes: 0 written, 1 a file of texts cannot be used, 2 usage or the recipe, 3 the disk failed.")]
pub struct TrainArgs {
    /// A file of texts and what it counts; 1 if left out.
    #[arg(value_name = "FILE.tsv[=WEIGHT]", required_unless_present = "recipe", value_parser = weighted)]
    corpora: Vec<(String, f64)>,
    /// The language of the texts, `en` or `zh`.
    #[arg(long, required_unless_present = "recipe", value_parser = language_name)]
    language: Option<Language>,
    /// Settings, files, licences and attributions in TOML.
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["corpora", "language"])]
    recipe: Option<PathBuf>,
    /// The folder of the recipe's files; its own if left out.
    #[arg(long, value_name = "DIR", requires = "recipe")]
    data: Option<PathBuf>,
    /// Another seed than the recipe's.
    #[arg(long)]
    seed: Option<u64>,
    /// Lines of the `mentions` output, whose posts with labels of analysts are learned as one more corpus, and what it
    /// counts; 1 if left out.
    #[arg(long, value_name = "MENTIONS.jsonl[=WEIGHT]", value_parser = weighted)]
    with_corrections: Vec<(String, f64)>,
    /// The model to write; the card gets the same name with `.md`.
    #[arg(long, value_name = "FILE.bin")]
    out: PathBuf,
}

fn weighted(argument: &str) -> Result<(String, f64), String> {
    match argument.rsplit_once('=') {
        None => Ok((argument.to_owned(), 1.0)),
        Some((file, weight)) => match weight.parse() {
            Ok(weight) => Ok((file.to_owned(), weight)),
            Err(_) => Err(format!("`{weight}` is no number; write FILE.tsv=0.5")),
        },
    }
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read or written.
pub fn run(args: &TrainArgs) -> anyhow::Result<ExitCode> {
    let mut recipe = match recipe(args)? {
        Ok(recipe) => recipe,
        Err(problem) => return Ok(refuse(EXIT_USAGE, &problem)),
    };
    if recipe.kind == Kind::Emotions && !args.with_corrections.is_empty() {
        let problem =
            "corrections are labels, not emotions; leave --with-corrections out for a recipe of emotions";
        return Ok(refuse(EXIT_USAGE, problem));
    }
    let dir = folder(args);
    let mut paths: Vec<PathBuf> = recipe.corpora.iter().map(|corpus| dir.join(&corpus.file)).collect();
    let card = args.out.with_extension("md");
    let others = args.with_corrections.iter().map(|(file, _)| Path::new(file)).chain(args.recipe.as_deref());
    if let Some(problem) = clash(&[&args.out, &card], paths.iter().map(PathBuf::as_path).chain(others)) {
        return Ok(refuse(EXIT_USAGE, &problem));
    }
    let mut files = paths.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    for (file, weight) in &args.with_corrections {
        match corrected(&read(Path::new(file))?, recipe.language) {
            Ok(texts) => files.push(texts),
            Err(problem) => return Ok(refuse(EXIT_INPUT, &format!("{file}: {problem}"))),
        }
        paths.push(file.into());
        recipe.corpora.push(corrections_note(file, *weight));
    }
    if let Err(problem) = recipe.check() {
        return Ok(refuse(EXIT_USAGE, &problem.to_string()));
    }
    let made = match recipe.kind {
        Kind::Label | Kind::Parts => make(&recipe, &paths, &files),
        Kind::Emotions => {
            let held_out = recipe.held_out.as_ref().map(|file| dir.join(file));
            let held_out = held_out.map(|path| anyhow::Ok((read(&path)?, path))).transpose()?;
            make_emotions(&recipe, &paths, &files, held_out.as_ref())
        }
    };
    match made {
        Ok(Made { model, card: text, report }) => {
            write_whole(&args.out, &model)?;
            write_whole(&card, text.as_bytes())?;
            writeln!(io::stdout(), "{report}").or_else(closed_pipe_is_fine)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(problem) => Ok(refuse(EXIT_INPUT, &problem)),
    }
}

fn corrections_note(file: &str, weight: f64) -> CorpusNote {
    let name = Path::new(file).file_name().map_or_else(|| file.into(), |name| name.to_string_lossy());
    CorpusNote {
        file: name.into_owned(),
        weight,
        licence: "the user's own".to_owned(),
        attribution: "posts whose labels the user's analysts have corrected".to_owned(),
    }
}

/// What the command writes.
struct Made {
    model: Vec<u8>,
    card: String,
    report: String,
}

fn make(recipe: &Recipe, paths: &[PathBuf], files: &[Vec<u8>]) -> Result<Made, String> {
    let mut corpora = Vec::new();
    for (path, bytes) in paths.iter().zip(files) {
        corpora.push(read_labelled(bytes).map_err(|e| format!("{}: {e}", path.display()))?);
    }
    let outcome = train::train(recipe, &corpora, &Scorer::rules()).map_err(|e| e.to_string())?;
    let card = train::card(recipe, &corpora, &outcome);
    Ok(Made { card, report: report(&outcome), model: outcome.model.to_bytes() })
}

fn make_emotions(
    recipe: &Recipe,
    paths: &[PathBuf],
    files: &[Vec<u8>],
    held_out: Option<&(Vec<u8>, PathBuf)>,
) -> Result<Made, String> {
    let read = |bytes, path: &Path| read_emotions(bytes).map_err(|e| format!("{}: {e}", path.display()));
    let mut texts = EmotionTexts::default();
    for (path, bytes) in paths.iter().zip(files) {
        texts.corpora.push(read(bytes, path)?);
    }
    if let Some((bytes, path)) = held_out {
        texts.held_out = read(bytes, path)?;
    }
    let outcome = train::train_emotions(recipe, &texts, &Scorer::rules()).map_err(|e| e.to_string())?;
    let card = train::emotion_card(recipe, &texts, &outcome);
    let mut report = format!("cross-validation\n{}", emotion_figures(&outcome.cross));
    if !texts.held_out.is_empty() {
        report += &format!("\nheld out\n{}", emotion_figures(&outcome.held_out));
    }
    Ok(Made { model: outcome.model.to_bytes(), card, report })
}

fn recipe(args: &TrainArgs) -> anyhow::Result<Result<Recipe, String>> {
    let mut recipe = match &args.recipe {
        Some(path) => {
            let text = String::from_utf8_lossy(&read(path)?).into_owned();
            match Recipe::parse(&text) {
                Ok(recipe) => recipe,
                Err(problem) => return Ok(Err(format!("{}: {problem}", path.display()))),
            }
        }
        None => Recipe::new(args.language.unwrap_or(Language::UNKNOWN), args.corpora.clone()),
    };
    recipe.seed = args.seed.unwrap_or(recipe.seed);
    Ok(recipe.check().map(|()| recipe).map_err(|e| e.to_string()))
}

/// Where the files of the corpora are.
fn folder(args: &TrainArgs) -> PathBuf {
    let beside = args.recipe.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    args.data.clone().unwrap_or_else(|| beside.to_owned())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path)
        .with_context(|| format!("cannot read {}; check the path and that it is readable", path.display()))
}

/// The cross-validation in a few lines; the card has all of it.
fn report(outcome: &Outcome) -> String {
    let all: Vec<Judged> = outcome.held_out.iter().flatten().copied().collect();
    // Shown as it is kept: as a wider number, -0.4 is -0.4000000059604645.
    let bias = outcome.model.neutral_bias();
    let (found, best) = (with_bias(&all, f64::from(bias)), band(&all));
    format!(
        "cross-validation {}\n{}\nneutral bias {bias}; on these texts {} would be best: {}",
        figures(&found),
        table(&found, Polarity::ALL),
        best.bias,
        figures(&best.confusion)
    )
}
