//! Test cases: what passes, what fails, and what is no case.

use crate::common::Folder;

const VECTORS: &str = include_str!("../data/query-vectors.jsonl");

#[test]
fn all_vectors_pass() {
    let folder = Folder::new(&[("vectors.jsonl", VECTORS)]);
    assert_eq!(folder.run(&["test", "vectors.jsonl"]).with(0), "111 passed, 0 failed\n");
    assert_eq!(folder.run_with(&["test", "-"], VECTORS).with(0), "111 passed, 0 failed\n");
}

#[test]
fn old_codes_of_languages_are_those_of_now() {
    let case = |query: &str, language: &str| {
        format!(
            "{{\"q\": \"language:{query}\", \"post\": {{\"text\": \"hi\", \"language\": \"{language}\"}}, \"match\": true}}\n"
        )
    };
    let all = [
        ("he", "iw"),
        ("iw", "he"),
        ("id", "in"),
        ("in", "id"),
        ("zh", "cmn"),
        ("yue", "zh"),
        ("zh-hant", "yue-Hant"),
    ];
    let cases: String = all.iter().map(|(query, language)| case(query, language)).collect();
    let folder = Folder::new(&[("cases.jsonl", &cases)]);
    assert_eq!(folder.run(&["test", "cases.jsonl"]).with(0), "7 passed, 0 failed\n");
}

#[test]
fn turned_round_every_vector_fails() {
    let turn = |line: &str| {
        let mut case: serde_json::Value = serde_json::from_str(line).unwrap();
        match case.get("match").and_then(serde_json::Value::as_bool) {
            Some(expected) => case["match"] = (!expected).into(),
            None => case["error"] = "E999".into(),
        }
        case.to_string()
    };
    let turned: Vec<String> = VECTORS.lines().map(turn).collect();
    let folder = Folder::new(&[("vectors.jsonl", &turned.join("\n"))]);
    let out = folder.run(&["test", "vectors.jsonl"]).with(1);
    assert!(out.ends_with("\n0 passed, 111 failed\n"), "{out}");
}

#[test]
fn failures_say_why() {
    let cases = "\
{\"q\": \"apple\", \"post\": \"an apple\", \"match\": false}
{\"q\": \"apple\", \"post\": \"a pear\", \"match\": true}

{\"q\": \"apple AND\", \"post\": \"a pear\", \"match\": true}
{\"q\": \"apple AND\", \"error\": \"E201\"}
{\"q\": \"apple pie\", \"post\": \"apple pie\", \"match\": true, \"warn\": [\"W101\"]}
{\"q\": \"site:a.com\", \"post\": {\"url\": \"https://a.com\"}, \"match\": false}
{\"q\": \"apple pie\", \"post\": \"apple pie\", \"match\": true, \"warn\": \"W102\"}
";
    let folder = Folder::new(&[("cases.jsonl", cases)]);
    assert_eq!(
        folder.run(&["test", "cases.jsonl"]).with(1),
        "\
FAILED cases.jsonl:1: `apple` matches (body 3 \"apple\"), expected no match
FAILED cases.jsonl:2: `apple` does not match, expected a match
FAILED cases.jsonl:4: `apple AND` cannot be used: 1:7: E205 this operator has nothing to join on its right; \
remove AND, or write a term after it
FAILED cases.jsonl:5: `apple AND` has E205, expected E201
FAILED cases.jsonl:6: `apple pie` has W102, expected W101
FAILED cases.jsonl:7: `site:a.com` matches (by its fields alone), expected no match
1 passed, 6 failed
"
    );
}

#[test]
fn what_a_query_is_for_decides_what_it_may_ask() {
    let cases = r#"{"q": "acme AND sentiment:negative", "error": "E302", "collect": true}
{"q": "acme AND sentiment:negative", "error": "E302"}
{"q": "acme AND sentiment:negative", "post": {"text": "acme", "sentiment": "negative"}, "match": true}
{"q": "acme AND sentiment:[-1 TO -0.5]", "post": {"text": "acme", "sentiment": -0.4}, "match": false}
{"q": "emotion:anger NOT tag:vip", "post": {"text": "acme", "emotion": "anger", "tag": ["x"]}, "match": true}
{"q": "brand:acme AND category:b2b", "post": {"brand": "Acme", "category": "b2b"}, "match": true}
{"q": "sentiment:glad", "error": "E304", "collect": false}
{"q": "languag:en", "error": "E303", "strict": true}
{"q": "languag:en", "post": "languag: en", "match": true, "warn": "W107"}
{"q": "tag:vip", "post": {"tag": "vip"}, "match": true, "collect": true}
{"q": "tag:vip", "post": {"tag": "vip"}, "match": false}
{"q": "emotion:joy", "post": {"emotion": "glee"}, "match": false}
"#;
    let folder = Folder::new(&[("cases.jsonl", cases)]);
    let out = folder.run(&["test", "cases.jsonl"]).with(1);
    let failed: Vec<&str> = out.lines().filter(|line| line.starts_with("FAILED")).collect();
    assert!(out.ends_with("9 passed, 3 failed\n"), "{out}");
    for (line, wanted) in failed.iter().zip([
        "cases.jsonl:10: `tag:vip` cannot be used: 1:1: E302",
        "cases.jsonl:11: `tag:vip` matches (as a rule)",
        "cases.jsonl:12: the post cannot be used: `emotion` cannot be glee",
    ]) {
        assert!(line.contains(wanted), "no {wanted} in {line}");
    }
}

#[test]
fn lines_that_are_no_cases_are_named() {
    let lines = [
        ("{\"q\": \"apple\"", "this line is no test case"),
        ("{\"post\": \"apple\", \"match\": true}", "missing field `q`"),
        ("{\"q\": \"apple\"}", "neither `match` nor `error`"),
        ("{\"q\": \"apple\", \"match\": true}", "no `post`"),
        (
            "{\"q\": \"apple\", \"post\": \"a\", \"match\": true, \"error\": \"E201\"}",
            "both `match` and `error`",
        ),
        ("{\"q\": \"apple\", \"post\": \"a\", \"match\": \"yes\"}", "this line is no test case"),
        ("{\"q\": \"apple\", \"post\": {\"txet\": \"a\"}, \"match\": true}", "`txet`"),
        ("{\"q\": \"apple and x\", \"error\": \"W101\"}", "put warnings in `warn`"),
    ];
    for (line, expected) in lines {
        let folder = Folder::new(&[("cases.jsonl", line)]);
        let out = folder.run(&["test", "cases.jsonl"]).with(1);
        assert!(out.starts_with("FAILED cases.jsonl:1: ") && out.contains(expected), "{line}\n{out}");
        assert!(out.ends_with("\n0 passed, 1 failed\n"), "{out}");
    }
    let folder =
        Folder::new(&[("cases.jsonl", "{\"q\": \"a1\", \"post\": \"a1\", \"match\": true, \"mach\": 1}")]);
    let done = folder.run(&["test", "cases.jsonl"]);
    assert!(done.err.contains("`mach`") && done.code == 0, "{}", done.err);
}

#[test]
fn posts_with_fields() {
    let cases = [
        ("language:fr AND chat", "{\"text\": \"chat\", \"language\": \"fr\"}", true),
        ("language:fr AND chat", "{\"text\": \"chat\", \"language\": \"en\"}", false),
        ("language:de AND chat", "{\"text\": \"chat\", \"lang\": \"de\"}", true),
        ("subreddit:rust", "{\"subreddit\": \"Rust\"}", true),
        ("country:gbr AND x1", "{\"text\": \"x1\", \"country\": \"gb\"}", true),
        ("minuteOfDay:[1320 TO 60] AND x1", "{\"text\": \"x1\", \"minuteofday\": 30}", true),
        ("minuteOfDay:[1320 TO 60] AND x1", "{\"text\": \"x1\", \"minuteofday\": 90}", false),
        ("engagementType:QUOTE AND x1", "{\"text\": \"x1\", \"engagementtype\": \"QUOTE\"}", true),
        ("engagingWith:bob", "{\"engagingwith\": \"bob\"}", true),
        ("authorVerified:true", "{\"authorverified\": true}", true),
        ("tags:sale", "{\"tags\": [\"Sale\"]}", true),
        ("author:\"Ann B\"", "{\"network\": \"x\", \"author\": {\"name\": \"Ann B\"}}", true),
        ("latitude:[41 TO 44]", "{\"latitude\": 42.5}", true),
        ("guid:t1_abc", "{\"guid\": \"t1_abc\"}", true),
        ("rating:4", "{\"rating\": 4}", true),
        ("likes:[5 TO *]", "{\"likes\": 4}", false),
    ];
    let line = |(q, post, matches): &(&str, &str, bool)| {
        format!("{{\"q\": {}, \"post\": {post}, \"match\": {matches}}}\n", serde_json::Value::from(*q))
    };
    let folder = Folder::new(&[("cases.jsonl", &cases.iter().map(line).collect::<String>())]);
    assert_eq!(folder.run(&["test", "cases.jsonl"]).with(0), format!("{} passed, 0 failed\n", cases.len()));
}

#[test]
fn a_post_may_have_every_key_of_its_schema() {
    let schema = include_str!("../../schemas/post.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let case = |key: &str| serde_json::json!({"q": "a1", "post": {key: 0}, "match": false}).to_string();
    let keys = schema["properties"].as_object().unwrap().keys();
    let cases = keys.map(|key| case(key)).chain([case("txet")]).collect::<Vec<_>>().join("\n");
    let folder = Folder::new(&[("cases.jsonl", &cases)]);
    let out = folder.run(&["test", "cases.jsonl"]).with(1);
    let unknown: Vec<&str> = out.lines().filter(|line| line.contains("a post has no")).collect();
    assert!(unknown.len() == 1 && unknown[0].contains("`txet`"), "{unknown:#?}");
}
