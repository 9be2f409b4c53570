//! A query explained, for people and as JSON.

use crate::common::Folder;

/// With `N` in the place of what is measured, which differs from run to run.
fn without_figures(out: &str) -> String {
    let is_figure = |word: &str, next: &str| {
        word.parse::<f64>().is_ok() && (matches!(next, "µs" | "%") || next.starts_with("round"))
    };
    let line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let next = |at: usize| words.get(at + 1).copied().unwrap_or("");
        let shown = |(at, word): (usize, &&str)| {
            if is_figure(word, next(at)) { "N".to_owned() } else { (*word).to_owned() }
        };
        words.iter().enumerate().map(shown).collect::<Vec<_>>().join(" ").replace("N round ", "N rounds ")
    };
    out.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_measured_is_told_for_every_query() {
    let folder = Folder::new(&[]);
    let check = |args: &[&str], expected: &str| {
        let out = without_figures(&folder.run(&[&["explain"], args].concat()).with(0));
        assert!(out.contains(expected), "{args:?}: {out}");
    };
    let full = "full scan: N µs a post here (median of N rounds over 500 sample posts); at 10,000 posts/s that is N % of a core";
    check(&["\"so much\" AND th*"], &format!("each time at most 1 phrase, 1 wildcard\n  {full}\n"));
    check(
        &["zyzzyva"],
        "  by its triggers: N µs a post here (median of N rounds over 500 sample posts, 0 of them looked at);",
    );
    check(&["language:zh"], "triggered by\n  a post with one of: language:zh\n");
    check(
        &["language:zh"],
        &format!(
            "at most 1 field value\n  the language of every post is detected, once for all queries\n  {full}\n"
        ),
    );
    check(&["language:zh"], "\n  language: N µs a post here (median of N rounds over 500 sample posts);");
    check(&["raw:\"A+\""], &format!("at most 1 raw text\n  {full}\n\n"));
    check(&["--rule", "sentiment:negative"], "full scan: N µs a mention here");
}

#[test]
fn figures_are_in_json_too() {
    let folder = Folder::new(&[]);
    let json = folder.run(&["explain", "--json", "language:zh"]).json(0);
    let measured = &json["measured"];
    assert_eq!(measured["posts"], 500);
    let looked_at = measured["looked_at"].as_u64().unwrap();
    assert!((100..400).contains(&looked_at), "half of the texts are Chinese: {looked_at}");
    for what in ["full_scan", "as_run", "language"] {
        assert!(
            measured[what]["ns"].as_f64().unwrap() >= 0.0 && measured[what]["rounds"].as_u64().unwrap() > 0
        );
    }
    let json = folder.run(&["explain", "--json", "likes:[1 TO *]"]).json(0);
    assert_eq!(json["measured"]["looked_at"], 500);
    assert_eq!(json["measured"]["language"], serde_json::Value::Null);
}

#[test]
fn for_people() {
    let folder = Folder::new(&[]);
    let out = folder.run(&["explain", "(微软 NEAR/2 裁员) OR likes:[5 TO *] NOT {BT}"]).with(0);
    assert_eq!(
        without_figures(&out),
        "\
normalised (4 terms, 49 bytes)
  ((微软 NEAR/2 裁员) OR likes:[5 TO *]) NOT {BT}

tree
  AND
  ├─ OR
  │  ├─ NEAR/2
  │  │  ├─ 微软
  │  │  └─ 裁员
  │  └─ likes:[5 TO *]
  └─ NOT
     └─ {BT}

reading
  A post matches if it has
    - all of
      - at least one of
        - close together: at most 2 words in between, in either order
          - the word 微软
          - the word 裁员
        - likes: of at least 5
      - but not
        - {BT}: exactly these letters, in this case

triggered by
  nothing: full scan. The query has no term and no field that could be looked up. A term, or site:,
  links:, author:, network:, subreddit:, language:, guid: or a tag with it would spare that.

cost
  looked at for every post of every feed; each time at most 2 words, 1 cased term, 1 field value, 1 NEAR
  full scan: N µs a post here (median of N rounds over 500 sample posts); at 10,000 posts/s that is N % of a core

fields
  X-likes: answered by x, mastodon, reddit, youtube, hackernews, weibo, rss
  X- marks earful's extensions, which Brandwatch does not know.

note: Distances count characters, not words, in Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese.
note: Terms in scripts without blanks are found anywhere in the text; Traditional finds Simplified and back.
"
    );
}

#[test]
fn as_json() {
    let folder = Folder::new(&[("acme.bwq", "acme AND\nsubreddit:rust")]);
    let json = folder.run(&["explain", "--json", "acme.bwq"]).json(0);
    assert_eq!(json["normalised"], "acme AND subreddit:rust");
    assert_eq!(json["wakes"]["full_scan"], false);
    assert_eq!(json["wakes"]["on"].as_array().unwrap().len(), 1);
    assert_eq!(
        json["fields"][0],
        serde_json::json!({"name": "subreddit", "extension": false, "feeds": ["reddit"]})
    );
    let cost = serde_json::json!({"looked_at": "triggered_posts", "terms": 1, "values": 1, "distances": 0, "full_scan": {
        "words": 1, "phrases": 0, "wildcards": 0, "cased": 0, "raw": 0, "values": 1, "nears": 0, "tildes": 0, "language": false}});
    assert_eq!(json["cost"], cost);
    assert_eq!(json["tree"]["kind"], "all");
    assert_eq!(json["tree"]["parts"][1]["label"], "subreddit:rust");
    assert_eq!(json["tree"]["parts"][1]["start"], 9);
    let again = folder.run(&["explain", "--json", "--file", "acme.bwq"]).json(0);
    assert_eq!((&json["tree"], &json["cost"]), (&again["tree"], &again["cost"]));
}

#[test]
fn the_cost_of_a_look_follows_from_the_query() {
    let folder = Folder::new(&[]);
    let check = |query: &str, looked_at: &str, figures: [u64; 3]| {
        let json = folder.run(&["explain", "--json", query]).json(0);
        let cost = &json["cost"];
        let found = ["terms", "values", "distances"].map(|figure| cost[figure].as_u64().unwrap());
        assert_eq!((cost["looked_at"].as_str().unwrap(), found), (looked_at, figures), "{query}");
        assert_eq!(json["leaves"], figures[0] + figures[1], "{query}");
    };
    check("apple", "triggered_posts", [1, 0, 0]);
    check("(a1 NEAR/2 b1) NEAR/3 (c1 OR d1)", "triggered_posts", [4, 0, 2]);
    check("((a1 OR b1) AND c1)~4 NOT {BT}", "triggered_posts", [4, 0, 1]);
    check("author:(ann OR bob) AND likes:[1 TO *]", "triggered_posts", [0, 3, 0]);
    check("raw:\"Google+\"", "every_post", [0, 1, 0]);
    check("likes:[1 TO *] NOT apple", "every_post", [1, 1, 0]);
    check("language:(en OR de)", "triggered_posts", [0, 2, 0]);
    let of_rule = |query: &str| {
        let json = folder.run(&["explain", "--rule", "--json", query]).json(0);
        json["cost"]["looked_at"].as_str().map(str::to_owned)
    };
    assert_eq!(of_rule("sentiment:negative").as_deref(), Some("every_mention"));
    assert_eq!(of_rule("apple AND sentiment:negative").as_deref(), Some("triggered_mentions"));
    check("brandIds:12", "no_post", [0, 1, 0]);
}

#[test]
fn bad_queries_and_files() {
    let folder = Folder::new(&[]);
    let err = folder.run(&["explain", "apple AND"]).fails(1);
    assert!(err.starts_with("error[E205]") && err.contains("--> query:1:7"), "{err}");
    assert!(folder.run(&["explain", "none.bwq"]).fails(3).contains("cannot read none.bwq"));
    folder.run(&["explain"]).fails(2);
    folder.run(&["explain", "--file", "a.bwq", "apple"]).fails(2);
    assert!(folder.run(&["explain", "brandIds:12"]).with(0).contains("no post can meet the query"));
    assert!(folder.run(&["explain", "brandIds:12"]).with(0).contains("none: it is never looked at"));
    let rule = "acme AND sentiment:negative";
    assert!(folder.run(&["explain", rule]).fails(1).contains("E302"));
    assert!(folder.run(&["explain", "--rule", rule]).with(0).contains("X-sentiment: answered by x, bluesky"));
    let every = folder.run(&["explain", "--rule", "sentiment:negative"]);
    assert!(every.with(0).contains("looked at for every mention; each time at most 1 field value"));
    // Warnings are told and do no harm.
    let done = folder.run(&["explain", "apple pie"]);
    assert!(done.err.contains("W102") && done.code == 0);
}
