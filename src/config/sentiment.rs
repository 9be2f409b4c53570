//! `[sentiment]`.

use super::lexicon;
use super::plan::SentimentPlan;
use super::reader::{At, Report, Table};
use crate::analysis::sentiment::{Model, Scorer};

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
    let mut models: Vec<Model> = Vec::new();
    for path in paths.map(|paths| paths.value).unwrap_or_default() {
        let Some(model) = model(report, &path) else { continue };
        if models.iter().any(|other| other.language() == model.language()) {
            report.error(path.at, "two models are for one language", "keep one of them");
        }
        models.push(model);
    }
    if rules_only && !models.is_empty() {
        report.error(
            at,
            "`rules_only` leaves out all models, but `models` names some",
            "keep one of the two",
        );
    }
    SentimentPlan { rules_only, models, lexicon }
}

fn model(report: &mut Report<'_>, path: &At<&str>) -> Option<Model> {
    let file = report.path(path.value);
    let read = std::fs::read(&file).map_err(|e| format!("cannot be read: {e}"));
    match read.and_then(|bytes| Model::from_bytes(&bytes).map_err(|e| e.to_string())) {
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
