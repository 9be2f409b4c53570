//! The model card: what a model was made of and how good it is, in Markdown.

use std::fmt::{self, Write as _};

use super::{
    calibrate::{Judged, band, with_bias},
    corpus::Example,
    measure::Confusion,
    recipe::{CorpusNote, Recipe},
    trainer::{FOLDS, Outcome},
};
use crate::{
    analysis::sentiment::{HASH, Scope},
    model::Polarity,
};

/// The card of a model. It depends on the same as the model, so both are made again bit for bit.
#[must_use]
pub fn card(recipe: &Recipe, corpora: &[Vec<Example<'_>>], outcome: &Outcome) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = write(&mut out, recipe, corpora, outcome);
    out
}

fn write(out: &mut String, recipe: &Recipe, corpora: &[Vec<Example<'_>>], outcome: &Outcome) -> fmt::Result {
    head(out, recipe, outcome)?;
    texts(out, recipe, corpora)?;
    settings(out, recipe)?;
    held_out(out, recipe, outcome)
}

fn head(out: &mut String, recipe: &Recipe, outcome: &Outcome) -> fmt::Result {
    let (language, bytes) = (recipe.language, outcome.model.to_bytes().len());
    let (title, of) = match recipe.scope() {
        Scope::Text => ("", ""),
        Scope::Part => (" for parts", " of the part of a text that speaks of one of several brands"),
    };
    writeln!(out, "# Sentiment model `{language}`{title}\n")?;
    writeln!(out, "A linear model for the labels negative, neutral and positive{of}; {bytes} bytes.")?;
    writeln!(out, "Made by `earful train` from the texts below, which are not part of it.")?;
    writeln!(out, "It is for short public posts; it knows nothing of irony, and of who is meant.\n")
}

fn texts(out: &mut String, recipe: &Recipe, corpora: &[Vec<Example<'_>>]) -> fmt::Result {
    writeln!(out, "## Texts\n")?;
    writeln!(out, "| corpus | weight | negative | neutral | positive | licence |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for (CorpusNote { file, weight, licence, .. }, examples) in recipe.corpora.iter().zip(corpora) {
        let count = |label| examples.iter().filter(|example| example.label == label).count();
        let [negative, neutral, positive] =
            [Polarity::Negative, Polarity::Neutral, Polarity::Positive].map(count);
        writeln!(out, "| {file} | {weight} | {negative} | {neutral} | {positive} | {licence} |")?;
    }
    writeln!(out, "\nAttribution:\n")?;
    for CorpusNote { file, attribution, .. } in &recipe.corpora {
        writeln!(out, "- {file}: {attribution}")?;
    }
    writeln!(
        out,
        "\nClasses count alike inside each corpus and over all; a weight multiplies what a corpus counts.\n"
    )
}

fn settings(out: &mut String, recipe: &Recipe) -> fmt::Result {
    let Recipe { seed, epochs, rate, decay, word_bits, char_bits, .. } = recipe;
    writeln!(out, "## Settings\n")?;
    writeln!(
        out,
        "Features `{HASH}`; 2^{word_bits} slots for words, 2^{char_bits} for characters, 8 bits a weight."
    )?;
    writeln!(out, "Softmax by AdaGrad: {epochs} epochs, rate {rate}, decay {decay}, seed {seed}.")?;
    writeln!(out, "Neutral bias {}. {}\n", recipe.neutral_bias, recipe.neutral_bias_note)
}

fn held_out(out: &mut String, recipe: &Recipe, outcome: &Outcome) -> fmt::Result {
    writeln!(out, "## Cross-validation\n")?;
    writeln!(
        out,
        "Each text judged by a model that had not seen it ({FOLDS} parts, equal texts in one part)."
    )?;
    writeln!(out, "These are texts of the same corpora; other posts fare worse.\n")?;
    writeln!(
        out,
        "| corpus | n | accuracy | macro F1 | macro recall | best neutral bias | macro recall with it |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- |")?;
    let bias = f64::from(recipe.neutral_bias);
    for (corpus, judged) in recipe.corpora.iter().zip(&outcome.held_out) {
        row(out, &corpus.file, judged, bias)?;
    }
    let all: Vec<Judged> = outcome.held_out.iter().flatten().copied().collect();
    row(out, "all", &all, bias)?;
    writeln!(out, "\nAll, rows as labelled, columns as found:\n")?;
    confusion(out, &with_bias(&all, bias))?;
    writeln!(out, "\n## Neutral band\n")?;
    writeln!(out, "Held-out texts of all corpora by the bias on neutral:\n")?;
    writeln!(out, "| bias | accuracy | macro F1 | macro recall |")?;
    writeln!(out, "| --- | --- | --- | --- |")?;
    for quarters in -6..=6 {
        let bias = f64::from(quarters) / 4.0;
        let found = with_bias(&all, bias);
        let (accuracy, f1, recall) = (found.accuracy(), found.macro_f1(), found.macro_recall());
        writeln!(out, "| {bias} | {accuracy:.3} | {f1:.3} | {recall:.3} |")?;
    }
    Ok(())
}

fn row(out: &mut String, name: &str, judged: &[Judged], bias: f64) -> fmt::Result {
    let (found, best) = (with_bias(judged, bias), band(judged));
    let (n, accuracy, f1, recall) = (found.n(), found.accuracy(), found.macro_f1(), found.macro_recall());
    let (best_bias, best_recall) = (best.bias, best.confusion.macro_recall());
    writeln!(out, "| {name} | {n} | {accuracy:.3} | {f1:.3} | {recall:.3} | {best_bias} | {best_recall:.3} |")
}

fn confusion(out: &mut String, confusion: &Confusion) -> fmt::Result {
    writeln!(out, "| | negative | neutral | positive |")?;
    writeln!(out, "| --- | --- | --- | --- |")?;
    for (label, [negative, neutral, positive]) in Polarity::ALL.iter().zip(confusion.counts) {
        writeln!(out, "| {label} | {negative} | {neutral} | {positive} |")?;
    }
    Ok(())
}
