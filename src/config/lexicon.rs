//! House lexicons: `lexicon` and `lexicon_file` in `[sentiment]` and `[[brands]]`.

use std::path::Path;

use super::problem::Problem;
use super::reader::{Report, Table};
use crate::analysis::sentiment::HouseTerms;

/// A longer file is no list of terms.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// The terms of a table, those of `lexicon` before those of `lexicon_file`; problems are in the report.
pub(super) fn lexicon(report: &mut Report<'_>, table: &mut Table<'_>, name: &'static str) -> HouseTerms {
    let of_file = match table.string(report, "lexicon_file") {
        Some(written) => {
            let path = report.path(written.value);
            report.files.push(path.clone());
            match text_of(&path) {
                Ok(text) => of_file(report, &path, &text),
                Err(what) => {
                    let hint =
                        "give the path of a file of lines `term<TAB>score`, as seen from the pipeline file";
                    report.error(written.at, format!("`lexicon_file`: {} {what}", path.display()), hint);
                    HouseTerms::default()
                }
            }
        }
        None => HouseTerms::default(),
    };
    let mut terms = HouseTerms::default();
    if let Some(inner) = table.table(report, "lexicon", name) {
        for (term, points) in inner.all_numbers(report) {
            if let Err(what) = terms.add(&term, points.value) {
                report.error(points.at, what, "write term = score, such as \"on fire\" = 2.5");
            }
        }
    }
    terms.over(&of_file)
}

fn of_file(report: &mut Report<'_>, path: &Path, text: &str) -> HouseTerms {
    let (terms, problems) = HouseTerms::from_tsv(text);
    report.problems.0.extend(problems.into_iter().map(|problem| Problem {
        file: path.to_owned(),
        line: problem.line,
        column: 1,
        what: problem.what,
        hint: None,
        warning: false,
    }));
    terms
}

fn text_of(path: &Path) -> Result<String, String> {
    let unreadable = |e: std::io::Error| format!("cannot be read: {e}");
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > FILE_BYTES_MAX {
        return Err(format!("has {length} bytes; a lexicon has at most {FILE_BYTES_MAX}"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|e| format!("is not UTF-8 at byte {}", e.utf8_error().valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    const REST: &str = "[[feeds]]\nname = 'f'\ntype = 'stdin'\n[[sinks]]\ntype = 'stdout'\n";

    fn load(dir: &Path, text: &str) -> Result<super::super::Loaded, String> {
        parse(&dir.join("p.toml"), &format!("{text}\n{REST}")).map_err(|problems| problems.to_string())
    }

    #[test]
    fn a_table_goes_before_a_file_and_a_brand_has_its_own() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("house.tsv"), "sick\t3\nmid\t-1\n").unwrap();
        let text = "[[brands]]\nid = 'a'\nquery = 'a'\n[brands.lexicon]\nSick = -2\n'on fire' = 2.5\n\
                    [sentiment]\nlexicon_file = 'house.tsv'\nlexicon = { mid = 0, \"🔥\" = 2 }";
        let plan = load(dir.path(), text).unwrap().plan;
        assert_eq!(plan.sentiment.lexicon.to_string(), "mid\t0\nsick\t3\n🔥\t2\n");
        assert_eq!(plan.brands[0].lexicon.to_string(), "on fire\t2.5\nsick\t-2\n");
        assert!(plan.files.iter().any(|file| file.ends_with("house.tsv")));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("house.tsv"), "sick\t3\nmid\n").unwrap();
        let brand = "[[brands]]\nid = 'a'\nquery = 'a'\n";
        let check = |text: &str, expected: &[&str]| {
            let found = load(dir.path(), &format!("{brand}{text}")).unwrap_err();
            assert!(expected.iter().all(|what| found.contains(what)), "{found}");
        };
        check("[sentiment]\nlexicon_file = 'house.tsv'", &["house.tsv:2:1", "there is no tab"]);
        check("[sentiment]\nlexicon_file = 'none.tsv'", &["p.toml:5:16", "none.tsv cannot be read"]);
        check("[brands.lexicon]\nsick = 'good'", &["p.toml:5:8", "`sick` is a string, not a number"]);
        check(
            "[brands.lexicon]\nsick = 7\nSICK = 1\nsIck = 2",
            &["sick", "is 7; a score is -4 to 4", "twice"],
        );
    }
}
