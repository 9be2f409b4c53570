//! The demo as a newcomer runs it: the real binary, the real pipeline, the staged crisis.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use earful::cli::demo::{scenario, summary};

const SEED: u64 = 11;

fn run_demo(folder: &Path) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_earful"))
        .args(["demo", "--once", "--seed", &SEED.to_string(), "--out"])
        .arg(folder)
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{:?}\n{out}\n{err}", done.status);
    out.into_owned()
}

#[test]
fn the_demo_finds_the_staged_crisis_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    let shown = run_demo(&demo);
    for name in ["PanUnion Airlines", "Heron Airways", "Jadewing Airlines"] {
        assert!(shown.contains(name), "{name} is missing:\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "colour in a pipe:\n{shown}");

    let twin = tempfile::tempdir().unwrap();
    let staged = scenario::write(twin.path(), SEED, |_| {}).unwrap();
    let found = summary::read(&demo.join("out")).unwrap();
    assert_eq!(found.incidents.len(), 1, "{shown}");
    let life = &found.incidents[0];
    let cause = life.peak.evidence.cause.as_ref().expect("a cause");
    assert_eq!(life.opened.brand, "panunion");
    assert_eq!((cause.network.as_str(), &cause.id), ("x", &staged.cause_id), "{shown}");
    assert_eq!(cause.author, staged.cause_author);
    let delay = life.opened.started_at.millis() - staged.influencer_at;
    assert!((0..30 * 60_000).contains(&delay), "opened {} ms after the quote", delay);
    assert!(life.is_resolved(), "{shown}");

    assert_eq!(received(&shown), staged.total(), "every line has one fate:\n{shown}");
    for (name, lines) in &staged.lines {
        let ours = fs::read(demo.join("posts").join(name)).unwrap();
        assert_eq!(ours.iter().filter(|b| **b == b'\n').count() as u64, *lines, "{name}");
        assert!(ours == fs::read(twin.path().join(name)).unwrap(), "{name} differs for the same seed");
    }
}

/// The sum of the fates' rows, which must also be the row `received`.
fn received(shown: &str) -> u64 {
    let fates = ["kept", "late", "duplicate", "filtered", "ignored", "retracted", "malformed"];
    let row = |name: &str| -> u64 {
        let line =
            shown.lines().find(|l| l.trim_start().starts_with(name)).unwrap_or_else(|| panic!("no {name}"));
        line.split_whitespace().nth(1).unwrap().replace(',', "").parse().unwrap()
    };
    let sum: u64 = fates.iter().map(|name| row(name)).sum();
    assert_eq!(sum, row("received"));
    assert!(
        ["late", "duplicate", "ignored", "retracted", "malformed"].iter().all(|name| row(name) > 0),
        "{shown}"
    );
    sum
}

#[test]
fn running_it_again_gives_the_same_outputs() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    let read = || -> BTreeSet<(String, Vec<u8>)> {
        let entries = fs::read_dir(demo.join("out")).unwrap().map(|e| e.unwrap());
        entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
    };
    run_demo(&demo);
    let first = read();
    run_demo(&demo);
    assert!(first == read() && first.len() == 4);
}

#[test]
fn somebody_elses_folder_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("airlines.toml"), "name = \"mine\"\n").unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_earful"))
        .args(["demo", "--once", "--out"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("--out"));
    assert_eq!(fs::read_to_string(folder.path().join("airlines.toml")).unwrap(), "name = \"mine\"\n");
}
