//! Broken inputs and broken disks: a clear error or a dead record, nothing lost, no panic, memory bounded.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use support::{Bench, FILE_FEED, assert_same, posts, run_measured};

fn post(id: &str, text: &str, at: &str) -> String {
    format!("{{\"network\":\"x\",\"id\":\"{id}\",\"text\":\"{text}\",\"published_at\":\"{at}\"}}\n")
}

const AT: &str = "2009-07-06T10:00:00Z";

/// The reason codes in `dead.jsonl`.
fn reasons(bench: &Bench) -> Vec<String> {
    bench.lines("dead.jsonl").iter().map(|dead| dead["reason"].as_str().unwrap().to_owned()).collect()
}

fn ids(bench: &Bench) -> Vec<String> {
    bench
        .lines("mentions.jsonl")
        .iter()
        .map(|mention| mention["post"]["id"].as_str().or(mention["id"].as_str()).unwrap().to_owned())
        .collect()
}

#[test]
fn a_full_disk_stops_the_run_and_the_next_one_goes_on() {
    let text = posts(0, 4_000, 1);
    let whole = Bench::with_posts(&text);
    whole.run(&[]);
    let bench = Bench::with_posts(&text);
    // A limit on the size of files stands in for a full disk. In blocks of 512 or 1024 bytes, far less than
    // what the mentions take.
    let script = format!("trap '' XFSZ; ulimit -f 64; exec \"$0\" run '{}'", bench.path("p.toml").display());
    let output =
        Command::new("sh").arg("-c").arg(&script).arg(env!("CARGO_BIN_EXE_earful")).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(message.contains("cannot write to") && message.contains(".jsonl"), "{message}");
    bench.run(&[]);
    assert_same(&bench.outputs(), &whole.outputs(), "after the disk was full");
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_without_space_is_reported() {
    let bench = Bench::with_posts(&posts(0, 4_000, 2));
    fs::create_dir(bench.path("out")).unwrap();
    std::os::unix::fs::symlink("/dev/full", bench.path("out/mentions.jsonl")).unwrap();
    let message = bench.fails(&[], 3);
    assert!(message.contains("mentions.jsonl") && message.contains("No space left"), "{message}");
}

#[test]
fn a_folder_that_cannot_be_written_is_reported() {
    // Permissions do not stop a superuser, so a file stands where the folder should be.
    for (place, name) in [("out", "out"), ("state", "state")] {
        let bench = Bench::with_posts(&posts(0, 10, 3));
        bench.write(place, "a file");
        let message = bench.fails(&[], 3);
        assert!(message.contains("cannot create the folder") && message.contains(name), "{message}");
    }
}

#[test]
fn a_truncated_gz_gives_what_it_has_and_goes_on_when_it_is_whole() {
    let text = posts(0, 4_000, 4);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let feed = FILE_FEED.replace("posts.jsonl", "posts.gz");
    let whole = Bench::new(&feed);
    whole.write("posts.gz", &packed);
    whole.run(&[]);

    let bench = Bench::new(&feed);
    bench.write("posts.gz", &packed[..packed.len() / 2]);
    let message = bench.fails(&["--batch-bytes", "10000"], 1);
    assert!(message.contains("posts.gz") && message.contains("ends too early"), "{message}");
    assert!(!bench.lines("mentions.jsonl").is_empty());
    bench.write("posts.gz", &packed);
    bench.run(&[]);
    assert_same(&bench.outputs(), &whole.outputs(), "after the file was made whole");
}

#[test]
fn a_very_long_line_is_a_dead_record_and_not_held_in_memory() {
    let bench = Bench::with_posts("");
    let long = 50_000_000;
    let mut file = fs::File::create(bench.path("posts.jsonl")).unwrap();
    file.write_all(post("1", "heron", AT).as_bytes()).unwrap();
    let block = vec![b'x'; 1_000_000];
    (0..long / block.len()).for_each(|_| file.write_all(&block).unwrap());
    file.write_all(b"\n").unwrap();
    file.write_all(post("2", "heron", AT).as_bytes()).unwrap();
    drop(file);
    let (output, peak) = run_measured(bench.command(&[]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(ids(&bench), ["1", "2"]);
    let dead = bench.lines("dead.jsonl");
    assert_eq!((dead.len(), &dead[0]["bytes"], &dead[0]["truncated"]), (1, &long.into(), &true.into()));
    assert_eq!((&dead[0]["line"], dead[0]["raw"].as_str().unwrap().len()), (&2.into(), 65_536));
    // The limit of a record is 16 MiB: some buffers of that size, but not the line as a whole and its copies.
    assert!(peak < 160 << 20, "{} MiB", peak >> 20);
}

#[test]
fn nul_bytes_and_invalid_utf8_are_dead_records() {
    let bench = Bench::with_posts("");
    let mut bytes = post("1", "heron", AT).into_bytes();
    bytes.extend_from_slice(b"\0\0\0\n{\"id\": \"x\xff\xfe\"}\n\xf0\x9f\n");
    bytes.extend_from_slice(post("2", "heron", AT).as_bytes());
    bench.write("posts.jsonl", &bytes);
    bench.run(&[]);
    assert_eq!(ids(&bench), ["1", "2"]);
    let dead = bench.lines("dead.jsonl");
    assert_eq!(dead.len(), 3);
    assert_eq!(dead[0]["raw"], "\0\0\0");
    assert!(dead[1]["raw_base64"].is_string() && dead[1]["raw"].is_null());
}

#[test]
fn wrong_clocks_do_not_make_others_late() {
    let bench = Bench::with_posts("");
    let mut text = String::new();
    for (id, at) in [("1", "1970-01-01T00:00:00Z"), ("2", AT), ("3", "2100-01-01T00:00:00Z"), ("4", AT)] {
        text += &post(id, "heron", at);
    }
    bench.write("posts.jsonl", text);
    let summary = bench.run(&[]);
    assert_eq!(ids(&bench), ["1", "2", "3", "4"], "{summary}");
    let fates: Vec<_> = bench.lines("mentions.jsonl").iter().map(|m| m["fate"].clone()).collect();
    assert_eq!(fates, ["kept"; 4]);
}

#[test]
fn random_bytes_are_survived() {
    let bench = Bench::with_posts("");
    let mut rng = support::Rng(7);
    let bytes: Vec<u8> = (0..300_000).map(|_| rng.below(256) as u8).collect();
    bench.write("posts.jsonl", bytes);
    let summary = bench.run(&["--batch-bytes", "1000"]);
    assert!(!summary.contains("panicked"), "{summary}");
    assert!(!reasons(&bench).iter().any(|reason| reason == "internal_error"));
}

#[test]
fn a_lost_output_file_is_not_silently_begun_again() {
    let bench = Bench::with_posts(&posts(0, 500, 8));
    bench.run(&[]);
    fs::remove_file(bench.path("out/mentions.jsonl")).unwrap();
    let message = bench.fails(&[], 3);
    assert!(message.contains("mentions.jsonl has 0 bytes, but the checkpoint says"), "{message}");
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let bench = Bench::with_posts(&posts(0, 500, 9));
    bench.run(&[]);
    let path = bench.path("state/checkpoint");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let message = bench.fails(&[], 3);
    assert!(message.contains("checkpoint: is damaged") && message.contains("--fresh"), "{message}");
}

#[test]
fn an_empty_file_is_no_failure() {
    let bench = Bench::with_posts("");
    let output = bench.command(&[]).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success());
    assert!(bench.lines("mentions.jsonl").is_empty());
}
