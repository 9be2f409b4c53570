//! The runbook quotes the program: every log line and message in it is one that the code writes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

/// Not ours: librdkafka's own line and its facility.
const FOREIGN: [&str; 2] = ["offset reset", "OFFSET"];

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// All source of a folder.
fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|e| e == "rs") {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn quoted_log_lines_are_written_somewhere() {
    let mut code = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut code);
    let runbook = read("docs/runbook.md");
    let lines: Vec<&str> = runbook.lines().filter(|line| line.starts_with("- Log:")).collect();
    assert_eq!(
        lines.len(),
        runbook.matches("\n## ").count() - 1,
        "each part but the one on disks has a line"
    );
    for line in lines {
        for text in quoted(line).filter(|text| !FOREIGN.contains(text)) {
            assert!(code.contains(text), "nothing writes `{text}`");
        }
    }
}

#[test]
fn the_runbook_can_be_found() {
    assert!(read("docs/kafka.md").contains("(runbook.md)"));
    assert!(read("README.md").contains("(docs/runbook.md)"));
}
