//! The entries of a house lexicon as people write them.

use std::collections::BTreeMap;

use super::{HouseLexicon, fold_all};

/// A longer term is a mistake, such as a line without its tab.
const CHARS_MAX: usize = 100;
/// What begins a comment in a file: with its space, so that a hashtag is none.
const COMMENT: &str = "# ";

/// Terms with their scores, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HouseTerms(BTreeMap<String, f64>);

/// What is wrong with a line of a lexicon file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TermProblem {
    /// Number of the line, from 1.
    pub line: u32,
    /// What is wrong.
    pub what: String,
}

impl HouseTerms {
    /// Adds a term with its score in points.
    ///
    /// # Errors
    /// Why it cannot be one: empty, too long, a score out of range, or there already.
    pub fn add(&mut self, term: &str, points: f64) -> Result<(), String> {
        let folded = fold_all(term);
        let max = HouseLexicon::POINTS_MAX;
        if folded.is_empty() {
            return Err("the term is empty".to_owned());
        }
        if folded.len() > CHARS_MAX {
            return Err(format!("the term has {} characters; one has at most {CHARS_MAX}", folded.len()));
        }
        if !(-max..=max).contains(&points) {
            return Err(format!("the score of \"{term}\" is {points}; a score is -{max} to {max}"));
        }
        match self.0.insert(folded.into_iter().collect(), points) {
            None => Ok(()),
            Some(_) => Err(format!("\"{term}\" is there twice; case and script make no difference")),
        }
    }

    /// Reads lines `term<TAB>score`; empty ones and those that begin with `# ` are left out. Also gives what is wrong
    /// with the lines that were not understood.
    #[must_use]
    pub fn from_tsv(text: &str) -> (HouseTerms, Vec<TermProblem>) {
        let (mut terms, mut problems) = (HouseTerms::default(), Vec::new());
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, content) in (1..).zip(text.lines()) {
            if content.trim().is_empty() || content.starts_with(COMMENT) {
                continue;
            }
            if let Err(what) = terms.add_line(content) {
                problems.push(TermProblem { line, what });
            }
        }
        (terms, problems)
    }

    fn add_line(&mut self, line: &str) -> Result<(), String> {
        let (term, score) = line
            .split_once('\t')
            .ok_or("there is no tab; a line is `term<TAB>score`, such as `sick<TAB>3`")?;
        let points = score.trim().parse().map_err(|_| format!("\"{score}\" is no number"))?;
        self.add(term, points)
    }

    /// These, and of `others` those that are not among them.
    #[must_use]
    pub fn over(&self, others: &HouseTerms) -> HouseTerms {
        let mut all = others.clone();
        all.0.extend(self.0.iter().map(|(term, points)| (term.clone(), *points)));
        all
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lexicon of these terms.
    #[must_use]
    pub fn compile(&self) -> HouseLexicon {
        HouseLexicon::new(self.0.iter().map(|(term, points)| (term.as_str(), *points)))
    }
}

impl std::fmt::Display for HouseTerms {
    /// A line each, as in a file.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(term, points)| writeln!(f, "{term}\t{points}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_line_by_line() {
        let (terms, problems) = HouseTerms::from_tsv("\u{feff}# house\nSick\t3\r\n\n#fail\t-2.5\n翻車\t-3\n");
        assert_eq!(problems, []);
        assert_eq!(terms.to_string(), "#fail\t-2.5\nsick\t3\n翻车\t-3\n");
    }

    #[test]
    fn what_is_no_term_is_told_with_its_line() {
        let long = "a".repeat(CHARS_MAX + 1);
        let file =
            format!("sick 3\n \t1\nsick\tgood\nsick\t5\nsick\tNaN\n{long}\t1\nsick\t1\nSICK\t2\nfine\t0\n");
        let (terms, problems) = HouseTerms::from_tsv(&file);
        let whats = ["no tab", "empty", "no number", "is 5;", "is NaN;", "101 characters", "twice"];
        let lines: Vec<u32> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 6, 8]);
        for (problem, what) in problems.iter().zip(whats) {
            assert!(problem.what.contains(what), "{problem:?}");
        }
        assert_eq!(terms, HouseTerms::from_tsv("sick\t2\nfine\t0").0);
    }

    #[test]
    fn what_is_over_goes_before() {
        let read = |file: &str| HouseTerms::from_tsv(file).0;
        assert_eq!(read("a\t1\nb\t1").over(&read("B\t2\nc\t3")), read("a\t1\nb\t1\nc\t3"));
    }
}
