//! What became of each post, as `earful lanes` tells it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// How many ended in which fate.
pub type Fates = BTreeMap<String, u64>;

/// The lines of `earful lanes --json`.
pub fn lanes(pipeline: &Path) -> Vec<Value> {
    let mut earful = Command::new(env!("CARGO_BIN_EXE_earful"));
    earful.args(["lanes", "--json"]).arg(pipeline).stdin(Stdio::null());
    let output = earful.output().unwrap();
    assert!(output.status.success(), "lanes: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Of all lanes together.
pub fn fates(pipeline: &Path) -> Fates {
    let mut all = Fates::new();
    for lane in lanes(pipeline).iter().filter(|lane| lane["role"] == "listen") {
        for (fate, count) in lane["fates"].as_object().into_iter().flatten() {
            *all.entry(fate.clone()).or_default() += count.as_u64().unwrap();
        }
    }
    all
}
