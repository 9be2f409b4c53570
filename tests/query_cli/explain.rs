//! A query explained, for people and as JSON.

use crate::common::Folder;

#[test]
fn for_people() {
    let folder = Folder::new(&[]);
    let out = folder.run(&["explain", "(微软 NEAR/2 裁员) OR likes:[5 TO *] NOT {BT}"]).with(0);
    assert_eq!(
        out,
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
  links:, author:, network:, subreddit:, guid: or a tag with it would spare that.

cost
  looked at for every post of every feed; each time at most 3 terms, 1 field value, 1 distance

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
    let cost = serde_json::json!({"looked_at": "triggered_posts", "terms": 1, "values": 1, "distances": 0});
    assert_eq!(json["cost"], cost);
    assert_eq!(json["tree"]["kind"], "all");
    assert_eq!(json["tree"]["parts"][1]["label"], "subreddit:rust");
    assert_eq!(json["tree"]["parts"][1]["start"], 9);
    assert_eq!(json, folder.run(&["explain", "--json", "--file", "acme.bwq"]).json(0));
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
    check("language:(en OR de)", "every_post", [0, 2, 0]);
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
