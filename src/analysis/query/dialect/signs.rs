//! Signs before a term and between terms.

use super::super::chars::plain;
use super::Dialect;
use super::tables::RAW;
use super::tokens::{Cutter, Kind};

impl Cutter<'_> {
    fn documents_minus(&self) -> bool {
        matches!(self.dialect, Dialect::X | Dialect::Talkwalker | Dialect::YouScan)
    }

    /// A minus that stands before a term and not in one.
    pub(super) fn negates(&self, start: usize) -> bool {
        (self.documents_minus() || matches!(self.glued(start), None | Some(Kind::Open)))
            && self.peek().is_some_and(|c| !c.is_whitespace() && plain(c) != '-')
    }

    pub(super) fn exclusion(&mut self, start: usize) {
        if !self.documents_minus() {
            let message =
                format!("`-` is no documented operator of {}; it was read as NOT", self.dialect.as_str());
            self.report.add("W401", (start, self.at), message, "write NOT, or put the term in quotes");
        }
        self.push(start, Kind::Not);
    }

    /// Talkwalker's `+`, the text as it is, and `++`, its case, too; both may stand behind it again.
    pub(super) fn plus(&mut self, start: usize) {
        let more = self.rest().bytes().take_while(|byte| *byte == b'+').count();
        let before = self
            .rest()
            .get(more..)
            .is_some_and(|rest| rest.starts_with(|c: char| !c.is_whitespace() && plain(c) != ')'));
        let behind = matches!(self.glued(start), Some(Kind::Word(_) | Kind::Phrase(_) | Kind::Close));
        match more {
            0 | 1 if behind => self.at += more,
            0 if before => {}
            1 if before => {
                self.at += more;
                self.push(start, Kind::Function(RAW.to_owned()));
            }
            _ => {
                self.at = start;
                self.word(start);
            }
        }
    }

    pub(super) fn comma(&mut self, start: usize, c: char) {
        if self.lists.last() != Some(&true) {
            self.report.read_as_blank((start, self.at), c);
        }
    }
}
