//! What is to be said of a model of emotions: its texts, settings and figures.

use std::fmt::{self, Write as _};

use super::{
    emotions::{EmotionOutcome, EmotionTexts, Tally},
    recipe::{CorpusNote, Recipe},
};
use crate::analysis::sentiment::{EMOTIONS, Emotion, HASH, Six};

/// The card of a model of emotions, in Markdown. It depends on the same as the model.
#[must_use]
pub fn emotion_card(recipe: &Recipe, texts: &EmotionTexts<'_>, outcome: &EmotionOutcome) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = write_card(&mut out, recipe, texts, outcome);
    out
}

fn write_card(
    out: &mut String,
    recipe: &Recipe,
    texts: &EmotionTexts<'_>,
    outcome: &EmotionOutcome,
) -> fmt::Result {
    let Recipe { language, seed, epochs, rate, decay, word_bits, char_bits, note, .. } = recipe;
    let bytes = outcome.model.to_bytes().len();
    writeln!(out, "# Model of emotions `{language}`\n")?;
    writeln!(out, "Six linear models, one emotion against all else each; a text may have several or none.")?;
    writeln!(out, "{bytes} bytes. Made by `earful train` from the texts below, which are not part of it.\n")?;
    writeln!(out, "## Texts\n\n{note}\n")?;
    for (CorpusNote { file, licence, attribution, .. }, examples) in recipe.corpora.iter().zip(&texts.corpora)
    {
        writeln!(out, "- {file}: {} texts, {licence}. {attribution}", examples.len())?;
    }
    if let Some(file) = &recipe.held_out {
        writeln!(
            out,
            "- {file}: {} texts, held out; nothing is learned or chosen by them",
            texts.held_out.len()
        )?;
    }
    writeln!(
        out,
        "\n## Settings\n\nFeatures `{HASH}`; 2^{word_bits} slots for words, 2^{char_bits} for characters, 8 bits a weight."
    )?;
    writeln!(out, "Sigmoids by AdaGrad: {epochs} epochs, rate {rate}, decay {decay}, seed {seed}.")?;
    writeln!(
        out,
        "A text with an emotion counts the root of how many times rarer it is than those without."
    )?;
    writeln!(
        out,
        "Thresholds have the greatest F1 in the cross-validation, so that its figures flatter a little."
    )?;
    let figures =
        |out: &mut String, title, tallies| figures(out, title, recipe, (tallies, outcome.model.thresholds));
    figures(out, "Cross-validation", &outcome.cross)?;
    if texts.held_out.is_empty() {
        return Ok(());
    }
    figures(out, "Held out", &outcome.held_out)
}

fn figures(
    out: &mut String,
    title: &str,
    recipe: &Recipe,
    (tallies, thresholds): (&[Tally; EMOTIONS], Six),
) -> fmt::Result {
    writeln!(out, "\n## {title}\n\n| emotion | texts | threshold | precision | recall | F1 |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    let mut told = Vec::new();
    for ((emotion, tally), threshold) in Emotion::ALL.iter().zip(tallies).zip(thresholds) {
        if recipe.unlabelled.contains(emotion) {
            writeln!(out, "| {emotion} | not labelled | never told | | | |")?;
            continue;
        }
        let (precision, recall, f1) = (tally.precision(), tally.recall(), tally.f1());
        let texts = tally.wanted();
        writeln!(out, "| {emotion} | {texts} | {threshold:.2} | {precision:.3} | {recall:.3} | {f1:.3} |")?;
        told.push(*tally);
    }
    let (macro_f1, micro_f1) = (Tally::macro_f1(&told), Tally::micro_f1(&told));
    writeln!(out, "\n{} texts: macro F1 {macro_f1:.3}, micro F1 {micro_f1:.3}.", tallies[0].n())
}
