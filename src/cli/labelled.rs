//! Files that the sentiment commands share: labelled texts and models.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};

use super::say;
use crate::analysis::sentiment::{Emotion, EmotionModel, HouseLexicon, HouseTerms, Model, Scorer};
use crate::analysis::text::detect_language;
use crate::model::{Language, Polarity};
use crate::train::{Confusion, Tally};

/// Tells why and gives the exit code.
pub(super) fn refuse(code: u8, problem: &str) -> ExitCode {
    say(&format!("earful: {problem}"));
    ExitCode::from(code)
}

/// A model file.
///
/// # Errors
/// It cannot be read or is no model that this program can use, with the reason.
pub(super) fn model(path: &Path) -> Result<Model, String> {
    let bytes = fs::read(path).map_err(|e| format!("{}: cannot be read: {e}", path.display()))?;
    Model::from_bytes(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// The built-in scorer, or its rules alone, with these models.
///
/// # Errors
/// A model cannot be used.
pub(super) fn scorer(rules: bool, models: &[PathBuf]) -> Result<Scorer, String> {
    let base = if rules { Scorer::rules() } else { Scorer::builtin() };
    models.iter().try_fold(base, |scorer, path| {
        let bytes = fs::read(path).map_err(|e| format!("{}: cannot be read: {e}", path.display()))?;
        if !EmotionModel::is_one(&bytes) {
            return Ok(scorer.with_model(model(path)?));
        }
        let emotions = EmotionModel::from_bytes(&bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(scorer.with_emotions(emotions))
    })
}

/// How many texts seem to be in each language, all of Chinese as one. Of some nothing can be told.
pub(super) fn languages<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeMap<Language, usize> {
    let mut counts = BTreeMap::new();
    for text in texts {
        let language = match detect_language(text, None) {
            language if language.is_chinese() => Language::ZH,
            language => language,
        };
        *counts.entry(language).or_default() += 1;
    }
    counts.remove(&Language::UNKNOWN);
    counts
}

/// The language of most texts.
pub(super) fn most(counts: &BTreeMap<Language, usize>) -> Option<(Language, usize)> {
    counts.iter().max_by_key(|(_, count)| **count).map(|(language, count)| (*language, *count))
}

/// A house lexicon from a file of lines `term<TAB>score`.
///
/// # Errors
/// It cannot be read, or the first line that is not understood.
pub(super) fn house(path: &Path) -> Result<HouseLexicon, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: cannot be read: {e}", path.display()))?;
    let (terms, problems) = HouseTerms::from_tsv(&text);
    match problems.first() {
        None => Ok(terms.compile()),
        Some(problem) => Err(format!("{}:{}: {}", path.display(), problem.line, problem.what)),
    }
}

/// Writes a file through one beside it, so that what stands there is never half of it.
///
/// # Errors
/// It cannot be written.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let name = path.file_name().ok_or_else(|| anyhow!("{} is no file name", path.display()))?;
    let beside = path.with_file_name(format!("{}.part", name.to_string_lossy()));
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    written.with_context(|| format!("cannot write {}; check that its folder is there", path.display()))
}

/// Why these files must not be written: one of them is read, or both are one.
pub(super) fn clash<'p>(written: &[&Path], mut read: impl Iterator<Item = &'p Path>) -> Option<String> {
    if let [first, rest @ ..] = written
        && rest.contains(first)
    {
        return Some(format!("the model and its card would both be {}; end --out in .bin", first.display()));
    }
    let place = |path: &Path| fs::canonicalize(path).ok();
    let taken: Vec<PathBuf> = written.iter().filter_map(|path| place(path)).collect();
    let own = read.find(|path| place(path).is_some_and(|path| taken.contains(&path)))?;
    Some(format!("--out would overwrite {}, which is read; write to another file", own.display()))
}

/// The language of a `--language` argument that names one with rules.
pub(super) fn language_name(name: &str) -> Result<Language, String> {
    let language = Language::from_tag(name);
    if Scorer::takes(language) { Ok(language) } else { Err("there are rules for en and zh only".to_owned()) }
}

/// `n=... accuracy=... macro_f1=... macro_recall=...`
pub(super) fn figures(confusion: &Confusion) -> String {
    format!(
        "n={} accuracy={:.4} macro_f1={:.4} macro_recall={:.4}",
        confusion.n(),
        confusion.accuracy(),
        confusion.macro_f1(),
        confusion.macro_recall()
    )
}

/// `n=... macro_f1=... micro_f1=...`, then a line for each emotion.
pub(super) fn emotion_figures(tallies: &[Tally; Emotion::ALL.len()]) -> String {
    let n = tallies[0].n();
    let (macro_f1, micro_f1) = (Tally::macro_f1(tallies), Tally::micro_f1(tallies));
    let mut out = format!("n={n} macro_f1={macro_f1:.4} micro_f1={micro_f1:.4}");
    for (emotion, tally) in Emotion::ALL.iter().zip(tallies) {
        out += &format!(
            "\n{:<10}texts={} precision={:.4} recall={:.4} f1={:.4}",
            emotion.as_str(),
            tally.wanted(),
            tally.precision(),
            tally.recall(),
            tally.f1()
        );
    }
    out
}

/// A table of `labels`, rows as labelled and columns as found.
pub(super) fn table(confusion: &Confusion, labels: &[Polarity]) -> String {
    let head: String = labels.iter().map(|label| format!("{:>10}", label.as_str())).collect();
    let mut out = format!("{:<10}{head}", "");
    for wanted in labels {
        let cell = |found: &Polarity| format!("{:>10}", confusion.counts[*wanted as usize][*found as usize]);
        let row: String = labels.iter().map(cell).collect();
        out += &format!("\n{:<10}{row}", wanted.as_str());
    }
    out
}
