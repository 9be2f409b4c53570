//! Two days of talk about three airlines, written as feed files. Dates are fixed, so that a seed is everything.

use std::{io, path::Path};

use super::{
    crisis::Crisis,
    post::{Post, Site},
    talk,
    world::World,
};

/// 2026-03-10T00:00:00Z.
pub(crate) const START_MS: i64 = 1_773_100_800_000;
pub(crate) const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// What was staged, for tests and for the curious.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// Lines written, by file name.
    pub lines: Vec<(&'static str, u64)>,
    /// Native id (on X) of the complaint that starts the crisis.
    pub cause_id: String,
    /// Its author's handle.
    pub cause_author: String,
    /// Native id (on X) of the quote by the large account.
    pub influencer_id: String,
    /// When the large account quotes it, milliseconds since the Unix epoch.
    pub influencer_at: i64,
}

impl Staged {
    /// Lines in all files.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lines.iter().map(|l| l.1).sum()
    }
}

/// Writes the scenario's files into `folder`, which must exist. `hour_done` is told after each of its 48 hours.
///
/// # Errors
/// A file cannot be written.
pub fn write(folder: &Path, seed: u64, mut hour_done: impl FnMut(u64)) -> io::Result<Staged> {
    let mut world = World::new(folder, seed)?;
    let mut crisis = Crisis::new(START_MS + DAY_MS);
    for at in (START_MS..START_MS + 2 * DAY_MS).step_by(1000) {
        talk::second(&mut world, at);
        crisis.second(&mut world, at);
        world.deliver(at)?;
        if (at + 1000 - START_MS) % HOUR_MS == 0 {
            hour_done(((at + 1000 - START_MS) / HOUR_MS) as u64);
        }
    }
    world.finish()?;
    let (cause, influencer) = (crisis.complaint.as_deref(), crisis.influencer.as_deref());
    Ok(Staged {
        lines: Site::ALL.iter().map(|site| (site.file_name(), world.lines[*site as usize])).collect(),
        cause_id: cause.map(Post::id).unwrap_or_default(),
        cause_author: cause.map(|p| p.author.handle.clone()).unwrap_or_default(),
        influencer_id: influencer.map(Post::id).unwrap_or_default(),
        influencer_at: influencer.map_or(0, |p| p.published),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(seed: u64) -> (Staged, Vec<Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let staged = write(folder.path(), seed, |_| {}).unwrap();
        let files = Site::ALL.iter().map(|s| std::fs::read(folder.path().join(s.file_name())).unwrap());
        (staged, files.collect())
    }

    #[test]
    fn the_same_seed_writes_the_same_bytes() {
        let (first, again, other) = (files(7), files(7), files(8));
        assert!(first == again);
        assert!(first.1 != other.1);
        assert!((25_000..=45_000).contains(&first.0.total()), "{:?}", first.0);
        let lines: usize = first.1.iter().map(|f| f.iter().filter(|b| **b == b'\n').count()).sum();
        assert_eq!(lines as u64, first.0.total());
    }

    #[test]
    fn the_start_is_the_date_that_it_says() {
        let start = crate::model::Timestamp::from_millis(START_MS);
        assert_eq!(start.to_string(), "2026-03-10T00:00:00Z");
    }
}
