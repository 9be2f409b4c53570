//! The demo's folder: its own files are replaced at each run, anything else is never touched.

use std::{fs, io, path::Path};

/// Begins every pipeline file of the demo; by it the demo knows its own folder again.
const MARK: &str = "# Written by `earful demo`";
const PIPELINE: &str = include_str!("pipeline.toml");
/// Name of the pipeline file.
pub(crate) const PIPELINE_NAME: &str = "airlines.toml";
/// What a run leaves behind.
const OURS: [&str; 3] = ["posts", "out", "state"];

/// Why the demo does not write into a folder.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// Somebody's work may be in there.
    #[error("{0} exists and was not written by `earful demo`; give another folder with --out")]
    Foreign(String),
    /// The operating system said no.
    #[error("cannot prepare {path}: {source}")]
    Io { path: String, source: io::Error },
}

/// Makes `folder` ready: the pipeline file and an empty `posts/`; results of an earlier demo are removed.
pub(crate) fn prepare(folder: &Path) -> Result<(), FolderError> {
    let failed = |source| FolderError::Io { path: folder.display().to_string(), source };
    if !is_ours_or_empty(folder).map_err(failed)? {
        return Err(FolderError::Foreign(folder.display().to_string()));
    }
    for name in OURS {
        remove(&folder.join(name)).map_err(failed)?;
    }
    fs::create_dir_all(folder.join("posts")).map_err(failed)?;
    fs::write(folder.join(PIPELINE_NAME), PIPELINE).map_err(failed)
}

fn is_ours_or_empty(folder: &Path) -> io::Result<bool> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(e) => return Err(e),
    };
    if entries.next().is_none() {
        return Ok(true);
    }
    let pipeline = fs::read(folder.join(PIPELINE_NAME)).unwrap_or_default();
    Ok(pipeline.starts_with(MARK.as_bytes()))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_demos_own_folder_is_written_again() {
        let root = tempfile::tempdir().unwrap();
        let (new, foreign) = (root.path().join("new"), root.path().join("foreign"));
        prepare(&new).unwrap();
        fs::create_dir(new.join("out")).unwrap();
        fs::write(new.join("notes.txt"), "mine").unwrap();
        prepare(&new).unwrap();
        assert!(!new.join("out").exists() && new.join("notes.txt").exists() && new.join("posts").is_dir());
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join("x"), "y").unwrap();
        assert!(matches!(prepare(&foreign), Err(FolderError::Foreign(_))));
        assert!(!foreign.join("posts").exists());
    }

    #[test]
    fn the_pipeline_carries_the_mark() {
        assert!(PIPELINE.starts_with(MARK));
    }
}
