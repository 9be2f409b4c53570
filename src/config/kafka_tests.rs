//! Every problem that `[kafka]` can have, and what is said of it.

use std::fs;

use crate::config::{Loaded, load};

const FEED: &str = "[[feeds]]\nname = \"posts\"\ntype = \"kafka\"\ntopics = [\"posts\"]\n[[brands]]\nid = \"a\"\nquery = '''a'''\n";
const KAFKA: &str = "[kafka]\nbrokers = \"127.0.0.1:9092\"\n";

/// What is said of a pipeline, or what its plan looks like.
fn said(text: &str) -> Result<String, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.toml");
    fs::write(&path, format!("name = \"t\"\n{text}")).unwrap();
    match load(&path) {
        Ok(Loaded { plan, .. }) => Ok(format!("{plan:?}")),
        Err(problems) => Err(problems.to_string().replace(&path.display().to_string(), "p.toml")),
    }
}

/// Lines of `[kafka]`, then place, problem and hint.
const IN_KAFKA: &[(&str, &str)] = &[
    ("corrections = \"a b\"", "`corrections`: \"a b\" cannot be part of a topic's name"),
    (
        "corrections = \"earful.mentions\"",
        "p.toml:4:15: error: `corrections`: \"earful.mentions\" is a topic that the pipeline itself writes",
    ),
    ("corrections = \"earful.journal.posts\"", "is a topic that the pipeline itself writes"),
    ("latency = 1", "p.toml:4:1: error: [kafka] has no key `latency`"),
    (
        "prefix = \"a b.\"",
        "p.toml:4:10: error: `prefix`: \"a b.\" cannot be part of a topic's name\n    hint: give 1 to 100",
    ),
    ("prefix = \"\"", "`prefix`: \"\" cannot be part"),
    ("group = \"ä\"", "`group`: \"ä\" cannot be part"),
    ("tallies_partitions = 0", "`tallies_partitions`"),
    ("tallies_partitions = 1001", "`tallies_partitions`"),
    ("replicas = 0", "`replicas`"),
    ("replicas = 17", "`replicas`"),
    ("commit = { interval = \"5ms\" }", "`interval`"),
    ("commit = { interval = \"soon\" }", "`interval`: \"soon\" is no duration"),
    ("commit = { records = 0 }", "`records`"),
    ("commit = { posts = 1 }", "no key `posts`"),
    (
        "[kafka.properties]\nsasl.username = \"a\"",
        "p.toml:5:1: error: `sasl` in [kafka.properties] is no plain value\n    hint: give a string, a number, true or false; quote a key with dots",
    ),
    ("[kafka.properties]\n\"debug\" = [\"all\"]", "`debug` in [kafka.properties] is no plain value"),
];

#[test]
fn problems_of_the_table_are_told_with_place_and_hint() {
    for (lines, expected) in IN_KAFKA {
        let text = said(&format!("{KAFKA}{lines}\n{FEED}")).expect_err(lines);
        assert!(text.contains(expected), "{lines}: no {expected:?} in\n{text}");
        assert!(text.contains("hint: "), "{lines}: {text}");
    }
    let text = said(&format!("[kafka]\n{FEED}")).unwrap_err();
    assert!(text.contains("`brokers`") && text.contains("127.0.0.1:9092"), "{text}");
}

#[test]
fn properties_that_exactly_once_depends_on_are_reserved() {
    for key in super::RESERVED {
        let text = said(&format!("{KAFKA}[kafka.properties]\n\"{key}\" = \"x\"\n{FEED}")).unwrap_err();
        let expected =
            format!("`{key}` is set by earful, because its work depends on it\n    hint: remove it");
        assert!(text.contains(&expected), "{text}");
    }
}

#[test]
fn problems_of_feeds_and_sinks_are_told() {
    let feed = |lines: &str| FEED.replace("topics = [\"posts\"]", lines);
    let file = "[[feeds]]\nname = \"f\"\ntype = \"stdin\"\n";
    let sink = "[[sinks]]\ntype = \"stdout\"\n";
    let either = "needs either `topics` or `pattern`\n    hint: give topics = [\"posts\"], or pattern";
    let cases = [
        (format!("{KAFKA}{}", feed("")), either),
        (format!("{KAFKA}{}", feed("topics = []")), either),
        (format!("{KAFKA}{}", feed("topics = [\"a\"]\npattern = \"^a\"")), either),
        (
            format!("{KAFKA}{}", feed("pattern = \"posts-.*\"")),
            "\"posts-.*\" does not begin with ^\n    hint: ",
        ),
        (format!("{KAFKA}{}", feed("pattern = \"^posts-(\"")), "`pattern`: \"^posts-(\": "),
        (
            format!("{KAFKA}prefix = \"p.\"\n{}", feed("topics = [\"posts\", \"p.dead\"]")),
            "the feed \"posts\" reads p.dead, which this pipeline writes\n    hint: name the topic of the posts",
        ),
        (FEED.to_owned(), "a feed of type \"kafka\" needs [kafka]\n    hint: add:"),
        (
            format!("{KAFKA}{file}{FEED}"),
            "\"f\" is no feed of type \"kafka\", but there is [kafka]\n    hint: ",
        ),
        (
            format!("{KAFKA}{FEED}{sink}"),
            "a pipeline with [kafka] has no other sinks\n    hint: remove [[sinks]]",
        ),
    ];
    for (text, expected) in cases {
        let told = said(&text).expect_err(&text);
        assert!(told.contains(expected), "{text}\n: no {expected:?} in\n{told}");
    }
}

#[test]
fn the_topic_of_corrections_is_none_that_a_feed_reads() {
    let check = |corrections: &str, topics: &str, is_refused: bool| {
        let feed = FEED.replace("topics = [\"posts\"]", topics);
        let told = said(&format!("{KAFKA}corrections = \"{corrections}\"\n{feed}"));
        let expected = format!("\"posts\" reads the topic of corrections, \"{corrections}\"\n    hint: ");
        assert_eq!(
            told.as_ref().is_err_and(|text| text.contains(&expected)),
            is_refused,
            "{topics}: {told:?}"
        );
        assert_eq!(told.is_err(), is_refused);
    };
    check("labels", "topics = [\"posts\", \"more\"]", false);
    check("more", "topics = [\"posts\", \"more\"]", true);
    check("labels", "pattern = \"^posts\"", false);
    check("posts-labels", "pattern = \"^posts\"", true);
    check("earful.corrections", "topics = [\"posts\"]", false);
}

#[test]
fn a_plan_that_is_printed_names_its_properties_and_keeps_their_values() {
    let properties = "[kafka.properties]\n\"sasl.password\" = \"hush\"\n\"socket.timeout.ms\" = 1_234\n";
    let plan = said(&format!("{KAFKA}{properties}{FEED}")).unwrap();
    assert!(plan.contains("sasl.password") && plan.contains("socket.timeout.ms"), "{plan}");
    assert!(!plan.contains("hush") && !plan.contains("1234"), "{plan}");
}
