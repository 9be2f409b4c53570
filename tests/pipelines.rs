//! Every example pipeline is valid and finds what its own tests say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{fs, path::Path, process::Command};

#[test]
fn every_example_passes_its_check() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "toml"));
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("[[tests]]"), "{} has no tests", file.display());
        let done = Command::new(env!("CARGO_BIN_EXE_earful")).arg("check").arg(&file).output().unwrap();
        let shown =
            String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}:\n{shown}", file.display());
        assert!(!shown.contains("warning"), "{}:\n{shown}", file.display());
    }
}

#[test]
fn a_wrong_expectation_fails() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tests")).unwrap();
    for name in ["airlines.toml", "tests/airlines.jsonl", "tests/airlines.expect.jsonl"] {
        fs::copy(source.join(name), folder.path().join(name)).unwrap();
    }
    let expect = folder.path().join("tests/airlines.expect.jsonl");
    let right = fs::read_to_string(&expect).unwrap();
    fs::write(&expect, right.replacen(r#"["heron"]"#, "[]", 1)).unwrap();
    let pipeline = folder.path().join("airlines.toml");
    let done = Command::new(env!("CARGO_BIN_EXE_earful")).arg("check").arg(pipeline).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stdout));
}
