//! Every line of the outputs is as `schemas/` says, and says nothing that is not there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[path = "support/schemas.rs"]
mod schemas;

use schemas::{SCHEMAS, closed, schema, validator};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn lines(dir: &Path, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(dir.join(format!("{file}.jsonl"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Checks all lines, and gives them.
fn check(dir: &Path) -> [Vec<Value>; 4] {
    SCHEMAS.map(|(file, name)| {
        let validator = closed(name);
        let lines = lines(dir, file);
        for line in &lines {
            if let Err(error) = validator.validate(line) {
                panic!("{file}: {error} at {}\n{line}", error.instance_path());
            }
        }
        lines
    })
}

#[test]
fn what_the_demo_writes_is_as_the_schemas_say() {
    let dir = tempfile::tempdir().unwrap();
    let demo = dir.path().join("demo");
    let mut earful = Command::new(env!("CARGO_BIN_EXE_earful"));
    let output = earful.args(["demo", "--once", "--out"]).arg(&demo).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let [mentions, metrics, alerts, dead] = check(&demo.join("out"));
    // Else it would prove little.
    for (what, number) in [
        ("mention", mentions.iter().filter(|line| line["fate"] == "kept").count()),
        ("late mention", mentions.iter().filter(|line| line["fate"] == "late").count()),
        ("edit", mentions.iter().filter(|l| l["fate"] == "retracted" && l["post"].is_object()).count()),
        ("tombstone", mentions.iter().filter(|line| line["tombstone"] == true).count()),
        ("final row", metrics.iter().filter(|line| line["status"] == "final").count()),
        ("delta row", metrics.iter().filter(|line| line["status"] == "delta").count()),
        ("incident", alerts.len()),
        ("dead letter", dead.len()),
    ] {
        assert!(number > 0, "no {what}");
    }
}

/// The twins of real payloads.
fn payloads() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in fs::read_dir(root().join("tests/data/feeds")).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    files.retain(|path| !path.display().to_string().contains(".expected."));
    files.sort();
    files
}

#[test]
fn posts_of_every_network_are_as_the_schemas_say_and_can_be_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut text = "name = \"t\"\n".to_owned();
    for (n, path) in payloads().iter().enumerate() {
        text += &format!("[[feeds]]\nname = \"f{n}\"\ntype = \"file\"\npath = \"{}\"\n", path.display());
    }
    text += "[[brands]]\nid = \"all\"\nquery = '''minuteOfDay:[0 TO 1439]'''\n";
    text += "[[sinks]]\ntype = \"jsonl\"\ndir = \"out\"\n";
    fs::write(dir.path().join("p.toml"), text).unwrap();
    let mut earful = Command::new(env!("CARGO_BIN_EXE_earful"));
    let output = earful.arg("run").arg(dir.path().join("p.toml")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let [mentions, metrics, _, dead] = check(&dir.path().join("out"));
    assert!(mentions.len() > 30 && !metrics.is_empty() && !dead.is_empty(), "{}", mentions.len());
    // What is written as a post is also what is read as one.
    let post = validator(&schema("post"));
    for mention in mentions.iter().filter(|line| line["post"].is_object()) {
        if let Err(error) = post.validate(&mention["post"]) {
            panic!("{error} at {}\n{mention}", error.instance_path());
        }
    }
}

#[test]
fn a_line_that_is_wrong_is_refused() {
    let dead = serde_json::json!({
        "reason": "json_syntax", "detail": "", "feed": "f", "source": "", "offset": 0, "line": 1, "bytes": 1,
        "received_at": null, "raw": "x", "raw_base64": null, "truncated": false
    });
    let with = |key: &str, value: Value| {
        let mut line = dead.clone();
        line[key] = value;
        line
    };
    let validator = validator(&schema("dead"));
    assert!(validator.is_valid(&dead));
    assert!(validator.is_valid(&with("new", 1.into())), "fields may be added");
    for wrong in
        [with("offset", "0".into()), with("received_at", "soon".into()), with("truncated", Value::Null)]
    {
        assert!(!validator.is_valid(&wrong), "{wrong}");
    }
}
