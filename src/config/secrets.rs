//! Values that hold secrets: `${NAME}` stands for an environment variable, `${file:PATH}` for the content of a file
//! without its last line break.
//!
//! **Invariant:** they are looked up when something starts, never when a pipeline is checked.

use regex::{Captures, Regex};

/// True when something is still to be looked up.
pub(super) fn is_open(value: &str) -> bool {
    value.contains("${")
}

/// Puts environment variables and files in.
///
/// # Errors
/// In words, without the value: which variable or file is not there.
pub fn expand(value: &str) -> Result<String, String> {
    let Ok(pattern) = Regex::new(r"\$\{(file:)?([^}]+)\}") else { return Ok(value.to_owned()) };
    let mut problem = None;
    let expanded = pattern.replace_all(value, |found: &Captures<'_>| {
        let name = &found[2];
        let content = if found.get(1).is_some() { from_file(name) } else { from_environment(name) };
        content.unwrap_or_else(|what| {
            problem = Some(what);
            String::new()
        })
    });
    problem.map_or_else(|| Ok(expanded.into_owned()), Err)
}

fn from_environment(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("the environment variable {name}, which is not set"))
}

fn from_file(path: &str) -> Result<String, String> {
    let content = std::fs::read_to_string(path).map_err(|e| format!("the file {path}: {e}"))?;
    Ok(content.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_from_environment_and_files() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("secret");
        std::fs::write(&file, "s3cret\n").unwrap();
        let written = format!("a ${{file:{}}} b", file.display());
        assert_eq!(expand(&written).unwrap(), "a s3cret b");
        let name = std::env::vars().map(|(name, _)| name).find(|n| !n.contains('}')).unwrap();
        assert_eq!(expand(&format!("${{{name}}}")).unwrap(), std::env::var(&name).unwrap());
        let missing = expand("${EARFUL_NO_SUCH_VARIABLE}").unwrap_err();
        assert!(missing.contains("EARFUL_NO_SUCH_VARIABLE"), "{missing}");
        assert!(expand("${file:/no/such/file}").is_err());
    }
}
