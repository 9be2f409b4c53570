//! Analysts' labels as users give them: the real binary, by file and over HTTP.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use support::Bench;

const FILE: &str = "[[feeds]]\nname = \"posts\"\ntype = \"file\"\npath = \"posts.jsonl\"";

fn post(id: u32, at: &str) -> String {
    format!(
        r#"{{"network":"x","id":"{id}","body":"heron is great","author":{{"id":"u{id}"}},"published_at":"{at}"}}"#
    )
}

fn label(id: u32, brand: &str, sentiment: &str, at: &str) -> String {
    format!(
        r#"{{"correction":{{"network":"x","id":"{id}","brand":"{brand}","sentiment":"{sentiment}","by":"ana","at":"{at}"}}}}"#
    )
}

/// Mentions by label over all rows of a resolution.
fn counts(bench: &Bench) -> (i64, i64, i64) {
    let of = |row: &serde_json::Value, name: &str| row[name].as_i64().unwrap_or(0);
    let rows = bench.lines("metrics.jsonl");
    let minutes = rows.iter().filter(|row| row["resolution"] == "minute" && row["brand"] == "heron");
    minutes.fold((0, 0, 0), |(positive, neutral, negative), row| {
        (positive + of(row, "positive"), neutral + of(row, "neutral"), negative + of(row, "negative"))
    })
}

#[test]
fn labels_in_a_file_change_mentions_and_metrics() {
    let bench = Bench::new(FILE);
    let early = [
        post(1, "2026-03-10T09:00:00Z"),
        post(2, "2026-03-10T09:00:30Z"),
        label(1, "heron", "negative", "2026-03-10T09:00:40Z"),
        label(1, "heron", "negative", "2026-03-10T09:00:40Z"),
        post(3, "2026-03-10T09:30:00Z"),
        // The pane of post 2 is closed.
        label(2, "heron", "neutral", "2026-03-10T09:31:00Z"),
        label(8, "heron", "negative", "2026-03-10T09:31:00Z"),
        label(1, "nobody", "negative", "2026-03-10T09:31:00Z"),
        label(1, "heron", "angry", "2026-03-10T09:31:00Z"),
    ];
    bench.write("posts.jsonl", early.join("\n") + "\n");
    bench.run(&[]);
    assert_eq!(counts(&bench), (1, 1, 1));
    let corrected: Vec<_> =
        bench.lines("mentions.jsonl").into_iter().filter(|line| line.get("correction").is_some()).collect();
    assert_eq!(corrected.len(), 2);
    let first = &corrected[0];
    assert_eq!((&first["id"], &first["correction"]["sentiment"]["label"]), (&"1".into(), &"negative".into()));
    assert_eq!(first["correction"]["sentiment_by"], "analyst:ana");
    assert_eq!(first["correction"]["was"]["label"], "positive");
    let reasons: Vec<_> =
        bench.lines("dead.jsonl").iter().map(|line| line["reason"].as_str().unwrap().to_owned()).collect();
    assert_eq!(reasons, ["correction_unknown_post", "unknown_brand", "unknown_sentiment"]);

    // After a restart the label is still in force, and known to be.
    let more = [
        label(1, "heron", "negative", "2026-03-10T09:32:00Z"),
        label(1, "heron", "positive", "2026-03-10T09:33:00Z"),
    ];
    bench.write("posts.jsonl", early.join("\n") + "\n" + &more.join("\n") + "\n");
    bench.run(&[]);
    assert_eq!(counts(&bench), (2, 1, 0));
    let last = bench.lines("mentions.jsonl").pop().unwrap();
    assert_eq!(last["correction"]["revision"], 2);
}

#[cfg(feature = "http")]
mod http {
    use super::{Bench, counts, label, post};
    use crate::support::server::Server;

    /// Silence for `idle` brings the watermark to the present, and posts of March are forgotten: longer than a request takes
    /// on a disk that others keep busy.
    const PUSH: &str = "lateness = \"0s\"\nidle = \"5s\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
                        [[feeds]]\nname = \"push\"\ntype = \"push\"\n";

    #[test]
    fn a_label_that_was_answered_counts_once_whatever_is_killed() {
        let bench = Bench::new(PUSH);
        let server = Server::start(bench.command(&[]));
        server.request("POST /v1/posts", &post(1, "2026-03-10T09:00:00Z"));
        let body = label(1, "heron", "negative", "2026-03-10T09:05:00Z");
        let answer = server.request("POST /v1/corrections", &body);
        assert!(answer.contains("200 OK") && answer.contains("\"applied\":1"), "{answer}");
        let mention = server.get("v1/mentions?brand=heron&sentiment=negative");
        assert!(mention.contains("\"analyst:ana\"") && mention.contains("\"id\":\"1\""), "{mention}");
        assert!(!server.get("v1/mentions?brand=heron&sentiment=positive").contains("\"id\":\"1\""));
        server.stop("-KILL");

        let server = Server::start(bench.command(&[]));
        let answer = server.request("POST /v1/corrections", &body);
        assert!(answer.contains("\"repeated\":1") && answer.contains("\"applied\":0"), "{answer}");
        let mention = server.get("v1/mentions?brand=heron&sentiment=negative");
        assert!(mention.contains("\"analyst:ana\""), "{mention}");
        let answer =
            server.request("POST /v1/corrections", &label(2, "heron", "negative", "2026-03-10T09:06:00Z"));
        assert!(answer.contains("\"refused\":1") && answer.contains("correction_unknown_post"), "{answer}");
        let answer = server.request("POST /v1/corrections", &post(3, "2026-03-10T09:07:00Z"));
        assert!(answer.contains("422") && answer.contains("no_correction"), "{answer}");
        let end =
            "v1/metrics?brand=heron&resolution=minute&from=2026-03-10T09:00:00Z&to=2026-03-10T09:01:00Z";
        server.until(end, |rows| rows.contains("\"final\"") && rows.contains("\"negative\":1"));
        server.stop("-TERM");
        assert_eq!(counts(&bench), (0, 0, 1));
    }
}
