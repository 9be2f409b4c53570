//! Housekeeping rules as tests: what the architecture forbids, and sizes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;

fn rust_files(dir: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Source lines that are code: no comments, and nothing of a `#[cfg(test)]` module at the end of the file.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let production = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    production.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn offences(dirs: &[&str], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for path in dirs.iter().flat_map(|dir| rust_files(dir)) {
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in code_lines(&text) {
            for word in words.iter().filter(|word| line.contains(**word)) {
                found.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    found
}

fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn the_core_knows_no_clock_no_io_no_threads() {
    let words = [
        "SystemTime",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
        "std::thread",
        "std::fs",
        "std::net",
        "std::io::",
        "std::env",
        "tokio",
        "rdkafka",
        "dashmap",
        "crossbeam",
        "prometheus",
        "tracing::",
        "println!",
        "eprintln!",
    ];
    assert_none(
        &offences(&["src/model", "src/analysis", "src/aggregate", "src/load", "src/train"], &words),
        "the core is pure",
    );
}

#[test]
fn dependencies_point_one_way() {
    let edges =
        ["crate::feeds", "crate::sinks", "crate::http", "crate::cli", "crate::runtime", "crate::metrics"];
    let core = ["src/model", "src/analysis", "src/aggregate"];
    assert_none(&offences(&core, &edges), "the core knows no edge");
    assert_none(&offences(&core, &["crate::config"]), "the core knows no configuration file");
    let model = ["crate::analysis", "crate::aggregate"];
    assert_none(&offences(&["src/model"], &model), "the model knows nothing but itself");
    assert_none(&offences(&["src/analysis"], &["crate::aggregate"]), "analysis knows the model only");
    assert_none(&offences(&["src/aggregate"], &["crate::analysis"]), "aggregate knows the model only");
    let but_the_core: Vec<&str> =
        edges.iter().copied().chain(["crate::aggregate", "crate::config"]).collect();
    assert_none(&offences(&["src/load"], &but_the_core), "load posts know the core only");
    assert_none(&offences(&["src/train"], &but_the_core), "training knows analysis and the model only");
    assert_none(&offences(&core, &["crate::train"]), "the core does not know how models are made");
    assert_none(&offences(&["src/config", "src/feeds", "src/sinks"], &edges[2..5]), "ports know no driver");
    assert_none(&offences(&["src/config"], &["crate::feeds", "crate::sinks"]), "a plan knows no port");
    assert_none(&offences(&["src/runtime"], &["crate::http", "crate::cli"]), "the run knows no front end");
}

#[test]
fn edges_do_not_import_each_other() {
    assert_none(&offences(&["src/feeds"], &["crate::sinks", "crate::http"]), "feeds know no other edge");
    assert_none(&offences(&["src/sinks"], &["crate::feeds", "crate::http"]), "sinks know no other edge");
    // The server is a sink (its read view) and fills a feed (pushed posts): it may use these two ports.
    assert_none(&offences(&["src/http"], &["crate::runtime", "crate::cli"]), "http knows the ports only");
}

#[test]
fn who_delivers_knows_neither_brokers_nor_the_run() {
    let words =
        ["rdkafka", "crate::kafka", "crate::runtime", "crate::metrics", "crate::http", "crate::cli", "tokio"];
    assert_none(&offences(&["src/deliver"], &words), "an alert comes in, an outcome goes out");
    let pure = ["Instant", "ureq", "tracing::", "std::fs", "std::net"];
    assert_none(&offences(&["src/deliver/bodies"], &pure), "bodies are a function of the alert");
}

#[test]
fn files_stay_small() {
    let mut found = Vec::new();
    for path in ["src", "tests", "benches"].iter().flat_map(|dir| rust_files(dir)) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        if lines > FILE_LINES_MAX {
            found.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert_none(&found, "a file has at most 500 lines");
}

#[test]
fn functions_stay_small() {
    let mut found = Vec::new();
    for path in rust_files("src") {
        let text = fs::read_to_string(&path).unwrap();
        for (name, start, lines) in functions(&text) {
            if lines > FUNCTION_LINES_MAX {
                found.push(format!("{}:{start}: {name} has {lines} lines", path.display()));
            }
        }
    }
    assert_none(&found, "a function has at most 70 lines");
}

/// Functions of a formatted file: from `fn` to the closing brace at the same indent.
fn functions(text: &str) -> Vec<(String, usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let is_fn = trimmed.starts_with("fn ") || (trimmed.starts_with("pub") && trimmed.contains(" fn "));
        if !is_fn || trimmed.ends_with(';') || trimmed.ends_with('}') {
            continue;
        }
        let close = format!("{}}}", " ".repeat(indent));
        // Of a trait: the declaration ends before any line of the same indent opens a body.
        let ends = lines[start..].iter().find(|l| l.ends_with(';') || l.ends_with('{'));
        if ends.is_some_and(|l| l.ends_with(';')) {
            continue;
        }
        if let Some(length) = lines[start..].iter().position(|l| *l == close) {
            found.push((trimmed.split('(').next().unwrap_or("").to_owned(), start + 1, length + 1));
        }
    }
    found
}

#[test]
fn half_of_all_functions_have_at_most_ten_lines() {
    let mut sizes: Vec<usize> = rust_files("src")
        .iter()
        .flat_map(|path| functions(&fs::read_to_string(path).unwrap()))
        .map(|(_, _, lines)| lines)
        .collect();
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(median <= 10, "the median function has {median} lines");
}

#[test]
fn nothing_is_left_open() {
    let found = offences(&["src", "benches"], &["todo!(", "unimplemented!(", "TODO", "FIXME", "XXX"]);
    assert_none(&found, "finish it or file an issue");
}

#[test]
fn every_lexicon_folder_states_origin_and_licence() {
    let lexicons = Path::new(env!("CARGO_MANIFEST_DIR")).join("lexicons");
    for entry in fs::read_dir(lexicons).unwrap() {
        let folder = entry.unwrap().path();
        if folder.is_dir() {
            let origin = fs::read_to_string(folder.join("ORIGIN.md")).unwrap_or_default();
            assert!(
                origin.to_lowercase().contains("licen"),
                "{} has no ORIGIN.md with a licence",
                folder.display()
            );
        }
    }
}
