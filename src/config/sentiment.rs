//! `[sentiment]`.

use super::lexicon;
use super::plan::SentimentPlan;
use super::reader::{At, Report, Table};
use crate::analysis::sentiment::{EmotionModel, Model, Scope, Scorer};
use crate::model::Language;

/// How sentiment is scored; problems are in the report.
pub(super) fn sentiment(report: &mut Report<'_>, top: &mut Table<'_>) -> SentimentPlan {
    let Some(mut table) = top.table(report, "sentiment", "[sentiment]") else {
        return SentimentPlan::default();
    };
    let rules_only = table.boolean(report, "rules_only").unwrap_or(false);
    let paths = table.strings(report, "models");
    let lexicon = lexicon::lexicon(report, &mut table, "[sentiment.lexicon]");
    let at = table.at;
    table.finish(report);
    let (mut models, mut emotions, mut taken) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths.map(|paths| paths.value).unwrap_or_default() {
        let Some(file) = model(report, &path) else { continue };
        if taken.contains(&file.place()) {
            report.error(path.at, "two models are for one language", "keep one of them");
        }
        taken.push(file.place());
        match file {
            File::Label(model) => models.push(*model),
            File::Emotions(model) => emotions.push(*model),
        }
    }
    if rules_only && !(models.is_empty() && emotions.is_empty()) {
        report.error(
            at,
            "`rules_only` leaves out all models, but `models` names some",
            "keep one of the two",
        );
    }
    SentimentPlan { rules_only, models, emotions, lexicon }
}

/// What a model file holds.
enum File {
    Label(Box<Model>),
    Emotions(Box<EmotionModel>),
}

impl File {
    fn from_bytes(bytes: &[u8]) -> Result<File, String> {
        let file = match EmotionModel::is_one(bytes) {
            true => EmotionModel::from_bytes(bytes).map(|model| File::Emotions(Box::new(model))),
            false => Model::from_bytes(bytes).map(|model| File::Label(Box::new(model))),
        };
        file.map_err(|e| e.to_string())
    }

    /// Of files with the same one the program can use one.
    fn place(&self) -> (Language, Option<Scope>) {
        match self {
            File::Label(model) => (model.language(), Some(model.scope())),
            File::Emotions(model) => (model.language(), None),
        }
    }

    fn language(&self) -> Language {
        self.place().0
    }
}

fn model(report: &mut Report<'_>, path: &At<&str>) -> Option<File> {
    let file = report.path(path.value);
    let read = std::fs::read(&file).map_err(|e| format!("cannot be read: {e}"));
    match read.and_then(|bytes| File::from_bytes(&bytes)) {
        Ok(model) if Scorer::takes(model.language()) => Some(model),
        Ok(model) => {
            let what = format!("`{}` is for `{}`, which has no rules", file.display(), model.language());
            report.error(path.at, what, "there are models for en and zh");
            None
        }
        Err(problem) => {
            report.error(path.at, format!("`{}`: {problem}", file.display()), "");
            None
        }
    }
}
