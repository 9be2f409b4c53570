//! Queries as code, by the real binary: files of their own, versions in mentions.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::process::Command;

use support::{Bench, FILE_FEED};

const SINK: &str = "[[sinks]]\ntype = \"jsonl\"\ndir = \"out\"";

fn brand(id: &str, query: &str) -> String {
    format!("[[brands]]\nid = \"{id}\"\n{query}\n")
}

/// A pipeline of these brands over `posts.jsonl`.
fn bench(brands: &str) -> Bench {
    let bench = Bench::with_posts("");
    bench.write("p.toml", format!("{FILE_FEED}\n{brands}\n{SINK}\n"));
    bench
}

fn check(bench: &Bench) -> (i32, String) {
    let pipeline = bench.path("p.toml");
    let done = Command::new(env!("CARGO_BIN_EXE_earful")).arg("check").arg(pipeline).output().unwrap();
    (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
}

#[test]
fn problems_of_query_files_are_told_at_their_places() {
    let bench = bench(
        &[
            brand("b", "query_file = \"brands/b.bwq\""),
            brand("a", "query_file = \"brands/a.bwq\""),
            brand("none", "query_file = \"brands/none.bwq\""),
            brand("both", "query = 'x1'\nquery_file = \"brands/a.bwq\""),
            brand("folder", "query_file = \"brands\""),
        ]
        .concat(),
    );
    bench.write("brands/a.bwq", "heron\nOR jade AND 玉翼 OR *x");
    bench.write("brands/b.bwq", "\u{feff}acme AND\n\n  sentiment:negative");
    let (code, told) = check(&bench);
    assert_eq!(code, 2, "{told}");
    let place = |file: &str, line: u32, column: u32| {
        format!("{}:{line}:{column}: error: ", bench.path(file).display())
    };
    for wanted in [
        place("brands/a.bwq", 2, 19) + "query: E110",
        place("brands/b.bwq", 3, 3) + "query: E302",
        place("p.toml", 13, 14) + "`query_file`: " + bench.path("brands/none.bwq").to_str().unwrap(),
        place("p.toml", 17, 14) + "give a `query` or a `query_file`, not both",
        place("p.toml", 20, 14) + "`query_file`: " + bench.path("brands").to_str().unwrap(),
    ] {
        assert!(told.contains(&wanted), "no `{wanted}` in\n{told}");
    }
    assert!(told.contains("error: query: E201"), "{told}");
    let at = |what: &str| told.find(what).unwrap();
    assert!(at("p.toml:20") < at("a.bwq:2") && at("a.bwq:2") < at("b.bwq:3"), "file by file:\n{told}");
}

#[test]
fn a_query_file_is_as_good_as_a_query() {
    let bench = bench(&brand("heron", "query_file = \"brands/heron.bwq\""));
    bench.write("brands/heron.bwq", "<<< the airline >>>\nheron\n  NOT bird\n");
    bench.write("posts.jsonl", post(1, "heron is late"));
    assert_eq!(check(&bench).0, 0);
    bench.run(&[]);
    assert_eq!(bench.lines("mentions.jsonl")[0]["brands"][0]["brand"], "heron");
}

fn post(id: u64, text: &str) -> String {
    format!(
        "{{\"network\":\"x\",\"id\":\"{id}\",\"text\":\"{text}\",\"published_at\":\"2026-03-10T09:00:00Z\"}}\n"
    )
}

/// Id and version of the query that one mention carries.
fn query_of(query: &str) -> (String, String) {
    let bench = bench(&brand("heron", query));
    bench.write("posts.jsonl", post(1, "heron is late"));
    bench.run(&[]);
    let mention = &bench.lines("mentions.jsonl")[0];
    let query = &mention["brands"][0]["query"];
    (query["id"].as_str().unwrap().to_owned(), query["version"].as_str().unwrap().to_owned())
}

#[test]
fn a_mention_says_which_query_matched_and_in_which_version() {
    let (id, version) = query_of("query = 'heron NOT bird'");
    assert_eq!(id, "heron");
    assert!(version.len() == 16 && version.bytes().all(|b| b.is_ascii_hexdigit()), "{version}");
    let same = query_of("query = '''\n<<< the airline >>> heron\n  NOT bird'''");
    assert_eq!(same.1, version);
    assert_ne!(query_of("query = 'heron NOT birds'").1, version);
}

#[test]
fn a_query_of_another_product_is_translated() {
    let ours = query_of("query = '(heron AND late) OR (crane NOT egg)'");
    assert_eq!(query_of("dialect = \"x\"\nquery = 'heron late OR crane -egg'"), ours);
    let same = query_of("query = 'heron NEAR/4 late'");
    assert_eq!(query_of("dialect = \"meltwater\"\nquery = 'heron NEAR late'"), same);
    assert_ne!(query_of("dialect = \"talkwalker\"\nquery = 'heron NEAR/1 late'"), same);
}

#[test]
fn problems_of_another_products_query_are_told_where_its_writer_wrote_them() {
    let bench = bench(
        &[
            brand("a", "dialect = \"x\"\nquery_file = \"a.txt\""),
            brand("b", "dialect = \"x\"\nquery = '''\nheron\n OR from:ann is:nullcast'''"),
            brand("c", "query = 'kite'\ndialect = \"mysapce\""),
            brand("d", "dialect = \"talkwalker\"\nquery = 'heron AND sentiment:negative'"),
            brand("e", "dialect = \"cision\"\nquery = 'heron w/2 late'"),
            brand("f", "dialect = \"x\"\nquery_file = \"f.txt\""),
            brand("g", "dialect = \"x\"\nquery = 'heron lang:EN'"),
            brand("h", "dialect = \"pulsar\"\nquery = 'heron AND IN_URL(a*)'"),
        ]
        .concat(),
    );
    bench.write("a.txt", "heron\n(late");
    bench.write("f.txt", "heron\nlanguag:en");
    let (code, told) = check(&bench);
    assert_eq!(code, 2, "{told}");
    let place = |file: &str, line: u32, column: u32, severity: &str| {
        format!("{}:{line}:{column}: {severity}: ", bench.path(file).display())
    };
    for wanted in [
        place("a.txt", 2, 1, "error") + "query: E401",
        place("p.toml", 14, 14, "error") + "query: E402",
        place("p.toml", 18, 11, "error") + "`dialect`: \"mysapce\" is not known",
        place("p.toml", 22, 20, "error") + "query: E402",
        place("p.toml", 26, 16, "warning") + "query: W401",
        // What our own parser says of the translation stands where the words do.
        place("p.toml", 34, 21, "warning") + "query: W106",
        place("p.toml", 38, 27, "error") + "query: E403",
        place("f.txt", 2, 1, "error") + "query: E402",
    ] {
        assert!(told.contains(&wanted), "no `{wanted}` in\n{told}");
    }
    assert!(
        told.contains("give one of: x, talkwalker, meltwater, sprinklr, youscan, cision, pulsar"),
        "{told}"
    );
    assert!(!told.contains("no key"), "{told}");
}

#[test]
fn the_pipeline_file_and_its_queries_can_be_moved_together() {
    let bench = bench(&brand("heron", "query_file = \"brands/heron.bwq\""));
    bench.write("brands/heron.bwq", "heron");
    fs::create_dir(bench.path("elsewhere")).unwrap();
    for name in ["p.toml", "brands", "posts.jsonl"] {
        fs::rename(bench.path(name), bench.path("elsewhere").join(name)).unwrap();
    }
    let pipeline = bench.path("elsewhere/p.toml");
    let done = Command::new(env!("CARGO_BIN_EXE_earful")).arg("check").arg(pipeline).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

/// A pipeline with one brand and these rules, run over these posts; what each mention says of its brand.
fn ruled(rules: &str, posts: &[&str]) -> (Bench, Vec<serde_json::Value>) {
    let bench = bench(&(brand("heron", "query = 'heron'") + rules));
    let posts: Vec<String> = (1..).zip(posts).map(|(id, text)| post(id, text)).collect();
    bench.write("posts.jsonl", posts.concat());
    bench.run(&[]);
    let found = bench.lines("mentions.jsonl").iter().map(|mention| mention["brands"][0].clone()).collect();
    (bench, found)
}

const RULES: &str = r#"
[[rules]]
name = "irony"
query = '''thanks AND sentiment:positive'''
sentiment = "negative"
[[rules]]
name = "complaint"
query = '''bag AND sentiment:negative'''
tags = ["bags", "desk"]
category = "complaint"
"#;

#[test]
fn rules_mark_mentions_and_metrics_count_what_they_set() {
    let posts = ["heron lost my bag, horrible", "thanks heron, my bag flew alone, great", "heron is great"];
    let (bench, found) = ruled(RULES, &posts);
    let label = |at: usize| found[at]["sentiment"]["label"].as_str().unwrap();
    assert_eq!([label(0), label(1), label(2)], ["negative", "negative", "positive"], "{found:?}");
    assert_eq!(found[1]["sentiment_by"], "rule:irony");
    assert_eq!(found[1]["sentiment"]["score"], -1.0);
    for at in [0, 1] {
        assert_eq!(found[at]["tags"], serde_json::json!(["bags", "desk"]), "{found:?}");
        assert_eq!(found[at]["category"], "complaint");
    }
    for absent in ["sentiment_by", "tags", "category"] {
        assert!(found[2].get(absent).is_none(), "{}", found[2]);
    }
    let day = bench.lines("metrics.jsonl").into_iter().find(|row| row["resolution"] == "day").unwrap();
    assert_eq!((&day["negative"], &day["positive"]), (&2.into(), &1.into()), "{day}");
}

#[test]
fn problems_of_rules_are_told() {
    let rules = r#"
[[rules]]
name = "a"
query = 'x1'
[[rules]]
name = "a"
query = 'emotion:glee'
tags = ["tags"]
[[rules]]
name = "b"
query = 'brand:heronn AND tag:tag NOT category:c'
sentiment = "angry"
"#;
    let bench = bench(&(brand("heron", "query = 'heron'") + rules));
    let (code, told) = check(&bench);
    assert_eq!(code, 2, "{told}");
    for wanted in [
        "error: the rule does nothing",
        "error: two rules have the name \"a\"",
        "error: query: E304",
        "error: `sentiment`: \"angry\" is not known",
        "warning: the rule asks for \"heronn\", and no brand has that id\n    hint: did you mean \"heron\"?",
        "warning: the rule asks for \"tag\", and no rule before it adds that tag\n    hint: did you mean \"tags\"?",
        "warning: the rule asks for \"c\", and no rule before it sets that category",
    ] {
        assert!(told.contains(wanted), "no `{wanted}` in\n{told}");
    }
}

#[test]
fn what_rules_must_do_can_be_tested() {
    let tests = "[[tests]]\nposts = \"t.jsonl\"\nexpect = \"e.jsonl\"\n";
    let bench = bench(&(brand("heron", "query = 'heron'") + RULES + tests));
    bench.write("t.jsonl", post(1, "heron lost my bag, horrible"));
    for (line, code, says) in [
        (r#""tags":["desk","bags"]"#, 0, "1 passed, 0 failed"),
        (r#""category":"complaint","sentiment":"negative""#, 0, "1 passed"),
        (r#""tags":["bags"]"#, 1, "post 1 has the tags bags, desk, expected bags"),
        (r#""tags":[]"#, 1, "has the tags bags, desk, expected no tag"),
        (r#""category":"praise""#, 1, "is in the category complaint, expected praise"),
        (r#""sentiment":"neutral""#, 1, "is negative, expected neutral"),
    ] {
        bench.write("e.jsonl", format!("{{\"id\":\"1\",\"brands\":[\"heron\"],{line}}}\n"));
        let (found, told) = check(&bench);
        assert!(found == code && told.contains(says), "{line}: {found}\n{told}");
    }
}

#[test]
fn brands_in_another_order_are_still_themselves_two_runs_later() {
    let (heron, jade) = (brand("heron", "query = 'heron'"), brand("jade", "query = 'jade'"));
    let bench = bench(&(heron.clone() + &jade));
    let mut posts = post(1, "heron is great");
    let mut run = |bench: &Bench, more: &str| {
        posts.push_str(more);
        bench.write("posts.jsonl", &posts);
        bench.run(&[]);
    };
    run(&bench, "");
    bench.write("p.toml", format!("{FILE_FEED}\n{jade}\n{heron}\n{SINK}\n"));
    run(&bench, &post(2, "nobody is here"));
    // The lane remembers post 1 from the first run, and what it was counted for.
    let edit = post(1, "heron is awful")
        .replace("\"published_at\"", "\"edited_at\":\"2026-03-10T09:00:30Z\",\"published_at\"");
    run(&bench, &edit);
    let rows = bench.lines("metrics.jsonl");
    let days: Vec<String> = rows
        .iter()
        .filter(|row| row["resolution"] == "day")
        .map(|row| {
            format!(
                "{} {} +{} -{}",
                row["brand"].as_str().unwrap(),
                row["mentions"],
                row["positive"],
                row["negative"]
            )
        })
        .collect();
    assert_eq!(days, ["heron 1 +0 -1"], "{rows:#?}");
}
