//! `earful calibrate`: the neutral band of a model from labelled posts of the user's own.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::labelled::{clash, figures, language_name, languages, model, most, refuse, table, write_whole};
use super::posts::closed_pipe_is_fine;
use super::{EXIT_INPUT, EXIT_USAGE, say};
use crate::analysis::sentiment::{Model, Scorer};
use crate::model::{Language, Polarity};
use crate::train::{Confusion, Example, Gain, Interval, band, gain, judge, read_labelled, with_bias};

/// Fewer texts decide little.
const FEW: u64 = 200;

/// Set the neutral band of a sentiment model from labelled posts of your own.
///
/// How much is neutral differs from one brand's posts to another's more than anything else. FILE has lines
/// `label<TAB>text`, a few hundred of them, as they come in. One number of the model is chosen, that with the
/// greatest macro recall; the weights stay as they are. It is written as a model file.
///
/// Whether that is better than the present number is tried on texts that it was not chosen by. If the gain is no more
/// than chance would give, the present number is kept, with a warning; --anyway takes the new one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  earful calibrate labelled.tsv --language en --out en.bin
  earful calibrate labelled.tsv --model mine.bin --out mine.bin

Use the model: [sentiment] models = [\"en.bin\"] in the pipeline file.

Of 300 posts a gain of less than some 0.03 of macro recall cannot be told from chance.

Exit codes: 0 written, 1 the texts cannot be used, 2 usage or the model, 3 the disk failed.")]
pub struct CalibrateArgs {
    /// Labelled posts.
    #[arg(value_name = "FILE.tsv")]
    file: PathBuf,
    /// Start from the built-in model of this language, `en` or `zh`.
    #[arg(long, required_unless_present = "model", value_parser = language_name)]
    language: Option<Language>,
    /// Start from this model.
    #[arg(long, value_name = "FILE.bin", conflicts_with = "language")]
    model: Option<PathBuf>,
    /// Take the new number even if it may be no better.
    #[arg(long)]
    anyway: bool,
    /// The model to write.
    #[arg(long, value_name = "FILE.bin")]
    out: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// A file cannot be read or written.
pub fn run(args: &CalibrateArgs) -> anyhow::Result<ExitCode> {
    let model = match start(args) {
        Ok(model) => model,
        Err(problem) => return Ok(refuse(EXIT_USAGE, &problem)),
    };
    if let Some(problem) = clash(&[&args.out], std::iter::once(args.file.as_path())) {
        return Ok(refuse(EXIT_USAGE, &problem));
    }
    let bytes = fs::read(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let examples = match examples(&bytes) {
        Ok(examples) => examples,
        Err(problem) => return Ok(refuse(EXIT_INPUT, &format!("{}: {problem}", args.file.display()))),
    };
    tell_language(&model, &examples);
    let judged = judge(&Scorer::rules(), &model, &examples);
    // By way of its digits: -0.4 as a wider number is -0.4000000059604645.
    let was = model.neutral_bias().to_string().parse().unwrap_or_default();
    let best = band(&judged);
    let gain = gain(&judged, was);
    let is_taken = args.anyway || gain.is_clear();
    let model = if is_taken { model.with_neutral_bias(best.bias as f32) } else { model };
    write_whole(&args.out, &model.to_bytes())?;
    let before = with_bias(&judged, was);
    report((was, &before), (best.bias, &best.confusion), &gain).or_else(closed_pipe_is_fine)?;
    if !gain.is_clear() {
        say(&warning(args, (was, best.bias), &gain));
    }
    Ok(ExitCode::SUCCESS)
}

fn start(args: &CalibrateArgs) -> Result<Model, String> {
    if let Some(path) = &args.model {
        return model(path);
    }
    let language = args.language.unwrap_or(Language::UNKNOWN);
    let builtin = Scorer::builtin().model_for(language).cloned();
    builtin.ok_or_else(|| format!("there is no built-in model for {language}"))
}

/// Texts of all three labels: without one of them the band has no other side.
fn examples(bytes: &[u8]) -> Result<Vec<Example<'_>>, String> {
    let examples = read_labelled(bytes).map_err(|e| e.to_string())?;
    match Polarity::ALL.iter().find(|label| !examples.iter().any(|example| example.label == **label)) {
        Some(label) => Err(format!("no text is labelled {label}; give texts of all three labels")),
        None => Ok(examples),
    }
}

/// A band from texts of another language would be one of noise.
fn tell_language(model: &Model, examples: &[Example<'_>]) {
    let counts = languages(examples.iter().map(|example| example.text));
    let wanted = match model.language() {
        language if language.is_chinese() => Language::ZH,
        language => language,
    };
    if let Some((found, count)) = most(&counts).filter(|(found, _)| *found != wanted) {
        say(&format!(
            "earful: warning: {count} of {} texts seem to be {found}, and the model is for {wanted}; check --language",
            examples.len()
        ));
    }
}

fn warning(args: &CalibrateArgs, (was, bias): (f64, f64), gain: &Gain) -> String {
    let why = if gain.difference.high < 0.0 { "it is a loss" } else { "the gain is within chance" };
    let out = args.out.display();
    let (written, otherwise) = match args.anyway {
        true => (
            bias,
            format!("compare it on other labelled posts first: earful score --model {out} --eval FILE.tsv"),
        ),
        false => (was, "label more posts, or take the new one with --anyway".to_owned()),
    };
    format!(
        "earful: warning: these labels do not tell that neutral bias {bias} is better than {was}: {why}; \
         {out} has {written}; {otherwise}"
    )
}

fn report((was, before): (f64, &Confusion), (bias, after): (f64, &Confusion), gain: &Gain) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "neutral bias {was}: {}", figures(before))?;
    writeln!(out, "neutral bias {bias}: {}", figures(after))?;
    writeln!(out, "{}", table(after, Polarity::ALL))?;
    let shown = |Interval { value, low, high }: Interval| format!("{value:.4} ({low:.4} to {high:.4})");
    writeln!(out, "on texts that it was not chosen by, macro recall in 95 of 100 draws:")?;
    writeln!(out, "neutral bias {was}: {}", shown(gain.before))?;
    writeln!(out, "a new one: {}; gain {}", shown(gain.after), shown(gain.difference))?;
    if after.n() < FEW {
        writeln!(out, "These are few texts: from {FEW} on the figure means something.")?;
    }
    Ok(())
}
