//! What a run did, for the screen.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::{Fate, FateCounts};

/// What a run did. Counts are of this run, not of earlier ones that it went on from.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Name of the pipeline.
    pub pipeline: String,
    /// Records read: lines, documents, events, pushed bodies.
    pub records: u64,
    /// What became of the posts and frames in them. Their sum is the number received.
    pub fates: FateCounts,
    /// Lines written for mentions, retractions included.
    pub mentions: u64,
    /// Metric rows written.
    pub rows: u64,
    /// Incident records written.
    pub alerts: u64,
    /// Dead letters written.
    pub dead: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// True when it was stopped before the end of its feeds; the same command goes on.
    pub stopped: bool,
    /// True when it went on from a checkpoint.
    pub resumed: bool,
    /// Where the outputs are.
    pub files: Vec<PathBuf>,
    /// Where the state is.
    pub state: PathBuf,
}

impl Summary {
    /// Posts and frames received in a second.
    #[must_use]
    pub fn posts_per_second(&self) -> f64 {
        self.fates.received() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match (self.stopped, self.resumed) {
            (true, _) => "stopped; the same command goes on from here",
            (false, true) => "done, from where the last run left off",
            (false, false) => "done",
        };
        writeln!(f, "{}: {how}", self.pipeline)?;
        let (seconds, rate) = (self.elapsed.as_secs_f64(), self.posts_per_second());
        writeln!(f, "  records   {:>12}   in {seconds:.1} s", self.records)?;
        writeln!(f, "  received  {:>12}   posts and frames, {rate:.0} a second", self.fates.received())?;
        for fate in Fate::ALL.iter().filter(|fate| self.fates.of(**fate) > 0) {
            writeln!(f, "    {:<11}{:>9}", fate.as_str(), self.fates.of(*fate))?;
        }
        writeln!(f, "  written")?;
        let written = [
            ("mentions", self.mentions),
            ("metrics", self.rows),
            ("alerts", self.alerts),
            ("dead", self.dead),
        ];
        for (name, count) in written {
            write!(f, "    {name:<11}{count:>9}")?;
            match self.files.iter().find(|p| p.file_stem().is_some_and(|stem| stem == name)) {
                Some(path) => writeln!(f, "   {}", path.display())?,
                None => writeln!(f)?,
            }
        }
        write!(f, "  state in {}", self.state.display())
    }
}
