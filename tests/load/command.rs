//! `earful load` with what it cannot use: a message and exit code 2, before any broker is asked.

use std::process::Command;

const PIPELINE: &str = r#"
[kafka]
brokers = "127.0.0.1:1"
[[feeds]]
name = "posts"
type = "kafka"
topics = ["posts"]
[[brands]]
id = "heron"
query = '''heron'''
"#;
const WITHOUT_KAFKA: &str = r#"
[[feeds]]
name = "posts"
type = "stdin"
[[brands]]
id = "heron"
query = '''heron'''
[[sinks]]
type = "stdout"
"#;

fn load(pipeline: &str, args: &[&str]) -> (Option<i32>, String) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.toml");
    std::fs::write(&file, pipeline).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_earful")).arg("load").arg(&file).args(args).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn bad_input_is_said_with_exit_code_2() {
    let pattern = PIPELINE.replace("topics = [\"posts\"]", "pattern = \"^posts\"");
    let cases: &[(&str, &[&str], &str)] = &[
        (PIPELINE, &["--mix", "weibo=1"], "no feed that can be made; there are canonical"),
        (PIPELINE, &["--rate", "0"], "more than 0"),
        (PIPELINE, &["--posts", "0"], "0"),
        (PIPELINE, &["--duplicates", "2"], "from 0 to 1"),
        (PIPELINE, &["--duplicates", "0.9", "--late", "0.9"], "more than all records"),
        (PIPELINE, &["--posts", "5", "--for", "1s"], "cannot be used with"),
        (PIPELINE, &["--crisis-brand", "heron"], "--crisis-at"),
        (PIPELINE, &["--crisis-at", "1s", "--crisis-brand", "tern"], "has the brands heron"),
        (PIPELINE, &["--span", "1h", "--rate", "max"], "--posts"),
        (WITHOUT_KAFKA, &[], "no [kafka]"),
        (&pattern, &[], "--topic"),
        ("name = 1", &[], "p.toml"),
    ];
    for (pipeline, args, says) in cases {
        let (code, stderr) = load(pipeline, args);
        assert_eq!(code, Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(says), "{args:?}: {stderr}");
    }
}

#[test]
fn missing_texts_and_brokers_are_said_with_exit_code_3() {
    for (args, says) in [(vec!["--bodies", "no/such/file"], "no/such/file"), (vec![], "127.0.0.1:1")] {
        let (code, stderr) = load(PIPELINE, &args);
        assert_eq!(code, Some(3), "{args:?}: {stderr}");
        assert!(stderr.contains(says), "{args:?}: {stderr}");
    }
}
