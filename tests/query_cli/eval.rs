//! A query against labels.

use crate::common::Folder;

const LABELLED: &str = "\
{\"label\": true, \"post\": \"Apple has a new phone\"}
{\"label\": false, \"post\": {\"title\": \"Recipes\", \"text\": \"an apple pie\", \"author\": [\"ann\"]}}
{\"label\": true, \"post\": \"the iPhone firm\"}

{\"label\": true, \"network\": \"x\", \"id\": \"7\", \"text\": \"apple shares\", \"published_at\": \"2026-03-10T09:00:00Z\"}
{\"label\": false, \"created_at\": \"Tue Mar 10 09:00:00 +0000 2026\", \"id\": 8, \"id_str\": \"8\", \"text\": \"pears\", \"user\": {\"id\": 5, \"screen_name\": \"bob\"}}
";

#[test]
fn shares_intervals_and_mistakes() {
    let folder = Folder::new(&[("acme.bwq", "apple"), ("labelled.jsonl", LABELLED)]);
    let out = folder.run(&["eval", "acme.bwq", "labelled.jsonl"]).with(0);
    assert_eq!(
        out,
        "\
labelled.jsonl:2: found, labelled false: body 3 \"apple\"
  Recipes an apple pie
labelled.jsonl:3: labelled true, not found
  the iPhone firm
5 posts, 3 of them labelled true
precision 66.7 % (95 % interval 20.8 to 93.9), 2 of 3
recall    66.7 % (95 % interval 20.8 to 93.9), 2 of 3
"
    );
    let json = folder.run(&["eval", "--json", "apple", "labelled.jsonl"]).json(0);
    assert_eq!(json["true_negatives"], 1);
    assert_eq!(
        json["recall"],
        serde_json::json!({"value": 0.666667, "low": 0.20766, "high": 0.938508, "hits": 2, "of": 3})
    );
    assert_eq!(json["mistakes"][0]["kind"], "false_positive");
    assert_eq!(json["mistakes"][0]["line"], 2);
    assert_eq!(json["mistakes"][0]["match_positions"][0]["start"], 3);
    // Posts without an id have that of their line.
    assert_eq!((&json["mistakes"][0]["id"], &json["mistakes"][1]["id"]), (&"2".into(), &"3".into()));
    let json = folder.run(&["eval", "--json", "pears OR shares NOT guid:(7 OR 1)", "labelled.jsonl"]).json(0);
    let ids: Vec<&str> =
        json["mistakes"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["1", "3", "7", "8"], "those that state one keep it");
}

#[test]
fn nothing_to_divide_by() {
    let folder = Folder::new(&[("labelled.jsonl", "{\"label\": false, \"post\": \"pears\"}\n")]);
    let out = folder.run(&["eval", "apple", "labelled.jsonl"]).with(0);
    assert!(out.ends_with(
        "precision unknown: there is nothing to count\nrecall    unknown: there is nothing to count\n"
    ));
}

#[test]
fn bad_lines_are_named_and_the_rest_counts() {
    let lines = "\
{\"post\": \"apple\"}
{\"label\": \"yes\", \"post\": \"apple\"}
{\"label\": true, \"post\": 5}
{\"label\": true, \"txet\": \"apple\"}
not json
{\"label\": true, \"post\": \"apple\"}
";
    let folder = Folder::new(&[("labelled.jsonl", lines)]);
    let done = folder.run(&["eval", "apple", "labelled.jsonl"]);
    for (number, why) in [
        (1, "missing field `label`"),
        (2, "boolean"),
        (3, "a text or an object"),
        (4, "`txet`"),
        (5, "no labelled post"),
    ] {
        let line = done.err.lines().find(|line| line.starts_with(&format!("labelled.jsonl:{number}: ")));
        assert!(line.unwrap_or_default().contains(why), "{why}\n{}", done.err);
    }
    assert!(done.code == 1 && done.out.starts_with("1 post, 1 of them labelled true"), "{}", done.out);
    assert!(folder.run(&["eval", "apple AND", "labelled.jsonl"]).fails(1).contains("E205"));
    folder.run(&["eval", "apple", "none.jsonl"]).fails(3);
    folder.run(&["eval", "apple"]).fails(2);
}
