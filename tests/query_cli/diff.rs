//! Two queries on the same posts.

use crate::common::Folder;

const POSTS: &str = "\
{\"network\":\"x\",\"id\":\"1\",\"text\":\"Apple pie\",\"published_at\":\"2026-03-10T09:00:00Z\"}
{\"network\":\"x\",\"id\":\"2\",\"text\":\"我吃苹果 and pear\",\"published_at\":\"2026-03-10T09:00:00Z\"}
{\"network\":\"x\",\"id\":\"3\",\"text\":\"apple juice\",\"published_at\":\"2026-03-10T09:00:00Z\"}
{\"network\":\"x\",\"id\":\"4\",\"text\":\"nothing\",\"published_at\":\"2026-03-10T09:00:00Z\"}
";

fn folder() -> Folder {
    Folder::new(&[("old.bwq", "apple"), ("new.bwq", "(apple OR 苹果) NOT pie"), ("posts.ndjson", POSTS)])
}

#[test]
fn gained_and_lost_with_their_words() {
    let out = folder().run(&["diff", "old.bwq", "new.bwq", "--posts", "posts.ndjson"]).with(0);
    assert_eq!(
        out,
        "\
gained x 2: body 2 \"苹果\"
  我吃苹果 and pear
lost x 1: body 0 \"Apple\"
  Apple pie
4 posts: 2 matched before, 2 now; 1 gained, 1 lost, 1 kept
"
    );
}

#[test]
fn as_json() {
    let json = folder().run(&["diff", "old.bwq", "new.bwq", "--posts", "posts.ndjson", "--json"]).json(0);
    let summary = serde_json::json!({"posts": 4, "old": 2, "new": 2, "gained": 1, "lost": 1, "kept": 1, "malformed": 0});
    assert_eq!(json["summary"], summary);
    assert_eq!(json["gained"][0]["id"], "2");
    let position = serde_json::json!([{"zone": "body", "start": 2, "length": 2, "text": "苹果"}]);
    assert_eq!(json["gained"][0]["match_positions"], position);
    assert_eq!(json["lost"][0]["text"], "Apple pie");
}

#[test]
fn queries_may_be_texts_and_posts_of_any_feed() {
    let folder = folder();
    let feeds = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/feeds/weibo_ajax/page.json");
    // One of the records there is broken on purpose.
    let out = folder.run(&["diff", "zzzz", "的 OR 了 OR 是 OR 我", "--posts", feeds]).with(1);
    assert!(out.contains("gained weibo ") && out.contains(" 0 matched before"), "{out}");
    let out = folder.run_with(&["diff", "apple", "apple", "--posts", "-"], POSTS).with(0);
    assert_eq!(out, "4 posts: 2 matched before, 2 now; 0 gained, 0 lost, 2 kept\n");
}

#[test]
fn bad_input() {
    let folder = folder();
    let done = folder.run(&["diff", "apple AND", "(pear", "--posts", "posts.ndjson"]);
    assert!(done.err.contains("E205") && done.err.contains("E204") && done.code == 1, "{}", done.err);
    assert!(folder.run(&["diff", "a1", "b1", "--posts", "none"]).fails(3).contains("cannot read none"));
    folder.run(&["diff", "a1", "--posts", "posts.ndjson"]).fails(2);
    folder.run(&["diff", "a1", "b1"]).fails(2);
    assert!(
        folder
            .run(&["diff", "a1", "b1", "--posts", "x", "--format", "myspace"])
            .fails(2)
            .contains("canonical")
    );
    folder.write("broken.ndjson", format!("{POSTS}{{\"network\":\"x\"}}\n").as_bytes());
    let done = folder.run(&["diff", "apple", "pear", "--posts", "broken.ndjson"]);
    assert!(done.err.contains("broken.ndjson:5: cannot be read: missing_id"), "{}", done.err);
    assert!(done.code == 1 && done.out.ends_with("1 gained, 2 lost, 0 kept\n"), "{}", done.out);
}
