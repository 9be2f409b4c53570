//! `earful run` as users run it: the real binary in a fresh folder.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use support::{Bench, FILE_FEED, assert_same, posts};

const COUNT: u64 = 4_000;

fn undisturbed(text: &str) -> Vec<Vec<u8>> {
    let bench = Bench::with_posts(text);
    let summary = bench.run(&[]);
    assert!(summary.contains("done"), "{summary}");
    let outputs = bench.outputs();
    for (file, bytes) in support::FILES.iter().zip(&outputs) {
        assert!(!bytes.is_empty(), "{file} is empty: the test would prove nothing");
    }
    outputs
}

#[test]
fn workers_and_batch_sizes_do_not_show() {
    let text = posts(0, COUNT, 1);
    let expected = undisturbed(&text);
    for workers in ["1", "8"] {
        for batch in ["1024", "65536", "1048576"] {
            let bench = Bench::with_posts(&text);
            bench.run(&["--workers", workers, "--batch-bytes", batch]);
            assert_same(&bench.outputs(), &expected, &format!("{workers} workers, {batch} bytes"));
        }
    }
}

#[test]
fn several_feeds_are_interleaved_in_one_order() {
    let head = "[[feeds]]\nname = \"a\"\ntype = \"file\"\npath = \"a.jsonl\"\n\
                [[feeds]]\nname = \"b\"\ntype = \"file\"\npath = \"b.jsonl\"";
    let run = |workers: &str, batch: &str| {
        let bench = Bench::new(head);
        bench.write("a.jsonl", posts(0, 1_500, 2));
        bench.write("b.jsonl", posts(300, 900, 3));
        bench.run(&["--workers", workers, "--batch-bytes", batch]);
        bench.outputs()
    };
    let expected = run("1", "300000");
    assert_same(&run("8", "1000"), &expected, "8 workers, 1000 bytes");
    assert_same(&run("2", "20000"), &expected, "2 workers, 20000 bytes");
}

#[test]
fn every_post_has_one_fate() {
    let bench = Bench::with_posts(&posts(0, COUNT, 4));
    let summary = bench.run(&[]);
    let number = |name: &str| -> u64 {
        let line = summary.lines().find(|line| line.trim_start().starts_with(name));
        line.map_or(0, |l| l.split_whitespace().nth(1).unwrap().parse().unwrap())
    };
    let fates = ["kept", "late", "duplicate", "filtered", "ignored", "retracted", "malformed"];
    assert_eq!(number("records"), COUNT);
    assert_eq!(fates.map(number).iter().sum::<u64>(), number("received"));
    assert!(fates.map(number)[..3].iter().all(|n| *n > 0), "{summary}");
}

#[test]
fn each_brand_is_scored_with_its_own_house_lexicon() {
    let bench = Bench::new(&format!("{FILE_FEED}\n[sentiment.lexicon]\nglorp = 3\nlove = -3"));
    let pipeline = fs::read_to_string(bench.path("p.toml"))
        .unwrap()
        .replace("id = \"jade\"", "id = \"jade\"\nlexicon = { Glorp = -3 }");
    bench.write("p.toml", pipeline);
    let text = |(text, id): (&str, u32)| {
        format!(
            "{{\"network\":\"x\",\"id\":\"{id}\",\"text\":\"{text}\",\"published_at\":\"2026-03-10T09:00:00Z\"}}\n"
        )
    };
    let texts = [
        "heron is so glorp",
        "jadewing is so glorp",
        "heron is so glorp. jadewing is so glorp.",
        "I love heron, I hate jadewing",
    ];
    bench.write("posts.jsonl", texts.into_iter().zip(1..).map(text).collect::<String>());
    bench.run(&[]);
    let brand = |brand: &serde_json::Value| {
        let house = brand["cues"].as_array().unwrap().iter().find(|cue| cue["kind"] == "house");
        let house = house.map_or(String::new(), |cue| format!(" {}", cue["text"].as_str().unwrap()));
        let label = &brand["sentiment"]["label"];
        format!("{} {}{house}", brand["brand"].as_str().unwrap(), label.as_str().unwrap())
    };
    let mentions = bench.lines("mentions.jsonl").into_iter();
    let shown: Vec<String> = mentions
        .flat_map(|m| m["brands"].as_array().unwrap().iter().map(brand).collect::<Vec<_>>())
        .collect();
    let expected = [
        "heron positive glorp",
        "jade negative glorp",
        "heron positive glorp",
        "jade negative glorp",
        "heron negative love",
        "jade negative",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_second_run_on_the_same_file_changes_nothing() {
    let text = posts(0, COUNT, 5);
    let bench = Bench::with_posts(&text);
    bench.run(&[]);
    let first = bench.outputs();
    let summary = bench.run(&[]);
    assert!(summary.contains("from where the last run left off"), "{summary}");
    assert_same(&bench.outputs(), &first, "the second run");
}

#[test]
fn a_grown_file_is_read_on() {
    let text = posts(0, COUNT, 6);
    let expected = undisturbed(&text);
    let cut = text[..text.len() / 2].rfind('\n').unwrap() + 1;
    let bench = Bench::with_posts(&text[..cut]);
    bench.run(&[]);
    bench.write("posts.jsonl", &text);
    bench.run(&[]);
    assert_same(&bench.outputs(), &expected, "grown");
}

#[test]
fn a_replaced_or_shortened_file_is_refused() {
    let bench = Bench::with_posts(&posts(0, 100, 6));
    bench.run(&[]);
    let before = bench.outputs();
    bench.write("posts.jsonl", posts(7, 200, 8));
    let message = bench.fails(&[], 1);
    assert!(message.contains("another file") && message.contains("--fresh"), "{message}");
    assert_eq!(bench.outputs()[0], before[0]);
    bench.run(&["--fresh"]);
}

#[test]
fn compressed_files_and_folders_give_the_same_posts() {
    let text = posts(0, COUNT, 9);
    let plain = Bench::with_posts(&text);
    plain.run(&[]);
    let expected = plain.lines("metrics.jsonl");
    assert!(!expected.is_empty());

    let gz = Bench::new(&FILE_FEED.replace("posts.jsonl", "posts.jsonl.gz"));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    gz.write("posts.jsonl.gz", encoder.finish().unwrap());
    gz.run(&[]);
    assert_eq!(gz.lines("metrics.jsonl"), expected);
    let first = gz.outputs();
    gz.run(&[]);
    assert_same(&gz.outputs(), &first, "gz, second run");

    let zst = Bench::new(&FILE_FEED.replace("posts.jsonl", "posts.zst"));
    zst.write("posts.zst", zstd::encode_all(text.as_bytes(), 1).unwrap());
    zst.run(&["--batch-bytes", "5000"]);
    assert_eq!(zst.lines("metrics.jsonl"), expected);

    let folder = Bench::new("[[feeds]]\nname = \"posts\"\ntype = \"directory\"\npath = \"in\"");
    let cut = text[..text.len() / 3].rfind('\n').unwrap() + 1;
    folder.write("in/2009/01.jsonl", &text[..cut]);
    folder.run(&[]);
    folder.write("in/2009/02.jsonl.zst", zstd::encode_all(&text.as_bytes()[cut..], 1).unwrap());
    folder.run(&[]);
    assert_eq!(folder.lines("metrics.jsonl"), expected);
}

#[test]
fn standard_input_is_a_feed() {
    let text = posts(0, COUNT, 10);
    let plain = Bench::with_posts(&text);
    plain.run(&[]);
    let piped = Bench::new("[[feeds]]\nname = \"posts\"\ntype = \"stdin\"");
    let mut child = piped.command(&[]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(piped.lines("metrics.jsonl"), plain.lines("metrics.jsonl"));
}

/// Stops the process with SIGTERM, as an operator would.
fn terminate(id: u32) {
    let status = std::process::Command::new("kill").args(["-TERM", &id.to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits until the file is longer than that. False if the run has ended before.
fn is_written(child: &mut Child, file: &Path, length: usize) -> bool {
    while fs::metadata(file).map_or(0, |file| file.len()) <= length as u64 {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

#[test]
fn a_graceful_stop_and_a_second_run_equal_an_undisturbed_one() {
    let text = posts(0, 5 * COUNT, 11);
    let expected = undisturbed(&text);
    let mut stopped = 0;
    for percent in [0, 10, 40, 70] {
        let bench = Bench::with_posts(&text);
        let mut child = bench.command(&["--batch-bytes", "2000"]).spawn().unwrap();
        if is_written(&mut child, &bench.path("out/mentions.jsonl"), expected[0].len() * percent / 100) {
            terminate(child.id());
        }
        let output = child.wait_with_output().unwrap();
        let summary = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{summary}");
        stopped += u32::from(summary.contains("stopped"));
        bench.run(&[]);
        assert_same(&bench.outputs(), &expected, &format!("stopped at {percent} %"));
    }
    assert!(stopped > 0, "no run was stopped in the middle: the test would prove nothing");
}

#[test]
fn what_standard_input_gave_before_a_stop_is_not_lost() {
    let text = posts(0, 500, 12);
    let bench = Bench::new("[[feeds]]\nname = \"posts\"\ntype = \"stdin\"");
    let mut child = bench.command(&[]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    input.flush().unwrap();
    // The pipe stays open: the run would go on for ever.
    let mentions = bench.path("out/mentions.jsonl");
    for _ in 0..500 {
        std::thread::sleep(Duration::from_millis(20));
        if fs::metadata(&mentions).is_ok_and(|m| m.len() > 0) {
            break;
        }
    }
    terminate(child.id());
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert_eq!(output.status.code(), Some(0));
    let summary = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(summary.contains("records            500"), "{summary}");
}

#[test]
fn added_and_removed_brands_are_fine_and_a_changed_lateness_is_not() {
    let text = posts(0, COUNT, 13);
    let bench = Bench::with_posts(&text);
    bench.run(&[]);
    let file = fs::read_to_string(bench.path("p.toml")).unwrap();
    let more = file.replace(
        "[[brands]]\nid = \"heron\"",
        "[[brands]]\nid = \"new\"\nquery = \"nobody\"\n\n[[brands]]\nid = \"heron\"",
    );
    bench.write("p.toml", &more);
    bench.write("posts.jsonl", format!("{text}{}", posts(COUNT, COUNT, 13)));
    bench.run(&[]);
    let brands: Vec<_> = bench.lines("metrics.jsonl").iter().map(|row| row["brand"].clone()).collect();
    for brand in ["new", "heron", "jade"] {
        assert!(brands.iter().any(|b| b == brand), "{brand}");
    }
    bench.write("p.toml", format!("lateness = \"7m\"\n{file}"));
    let message = bench.fails(&[], 2);
    assert!(message.contains("lateness was 300000 ms and is 420000 ms"), "{message}");
    bench.run(&["--fresh"]);
}

#[test]
fn outputs_of_others_are_not_overwritten() {
    let bench = Bench::with_posts(&posts(0, 50, 14));
    bench.write("out/mentions.jsonl", "precious\n");
    let message = bench.fails(&[], 2);
    assert!(message.contains("mentions.jsonl") && message.contains("--fresh"), "{message}");
    assert_eq!(fs::read_to_string(bench.path("out/mentions.jsonl")).unwrap(), "precious\n");
}

#[test]
fn two_runs_cannot_share_a_state_folder() {
    let bench = Bench::new("[[feeds]]\nname = \"posts\"\ntype = \"stdin\"");
    let mut first = bench.command(&[]).stdin(Stdio::piped()).spawn().unwrap();
    while !bench.path("state/checkpoint").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let message = bench.fails(&[], 2);
    assert!(message.contains("another earful"), "{message}");
    drop(first.stdin.take());
    assert!(first.wait().unwrap().success());
}

#[test]
fn check_reports_every_problem_at_once() {
    let bench = Bench::new(
        "latness = \"5m\"\nskew = \"soon\"\n[[feeds]]\nname = \"a\"\ntype = \"file\"\npath = \"none.jsonl\"",
    );
    let file = fs::read_to_string(bench.path("p.toml")).unwrap();
    bench.write(
        "p.toml",
        file.replace("heron OR #heronfail", "heron OR (").replace("limit = 40", "brands = [\"hero\"]"),
    );
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_earful"))
        .arg("check")
        .arg(bench.path("p.toml"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in [
        "p.toml:1:1: error: the pipeline has no key `latness`\n    hint: did you mean `lateness`?",
        "p.toml:2:8: error: `skew`: \"soon\" is no duration",
        "none.jsonl",
        "p.toml:11:21: error: query: E204 ",
        "no `limit`",
        "no brand has the id \"hero\"\n    hint: did you mean \"heron\"?",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(text.contains("\n6 problems in "), "{text}");
}

#[test]
fn check_runs_the_tests_of_a_pipeline() {
    let bench = Bench::with_posts("");
    let file = fs::read_to_string(bench.path("p.toml")).unwrap();
    bench.write("p.toml", format!("{file}\n[[tests]]\nposts = \"t.jsonl\"\nexpect = \"t.expect.jsonl\"\n"));
    let post = |id: &str, text: &str| {
        format!(
            "{{\"network\":\"x\",\"id\":\"{id}\",\"text\":\"{text}\",\"published_at\":\"2009-07-06T10:00:00Z\"}}\n"
        )
    };
    bench.write(
        "t.jsonl",
        post("1", "the heron flew") + &post("2", "nothing here") + &post("3", "heron again"),
    );
    bench.write(
        "t.expect.jsonl",
        "{\"id\":\"1\",\"brands\":[\"heron\"]}\n{\"id\":\"2\",\"brands\":[]}\n{\"id\":\"3\",\"brands\":[]}\n",
    );
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_earful"))
        .arg("check")
        .arg(bench.path("p.toml"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("t.expect.jsonl:3: post 3 matches heron, expected no brand"), "{text}");
    assert!(text.ends_with("2 passed, 1 failed\n"), "{text}");
}
