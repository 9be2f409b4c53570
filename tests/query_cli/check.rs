//! Lint: places underlined, codes, exit codes.

use crate::common::Folder;

#[test]
fn standard_input_is_read_once() {
    let folder = Folder::new(&[]);
    for arguments in [&["check", "-", "-"][..], &["diff", "-", "-", "--posts", "-"], &["eval", "-", "-"]] {
        let told = folder.run_with(arguments, "a1 OR b1").fails(3);
        assert!(told.contains("only once"), "{arguments:?}: {told}");
    }
}

#[test]
fn places_are_those_of_a_file_with_a_mark() {
    let folder =
        Folder::new(&[("mark.bwq", "\u{feff}a1 OR b1 AND c1\n"), ("plain.bwq", "a1 OR b1 AND c1\n")]);
    let place = |file: &str| {
        let json = folder.run(&["check", "--format", "json", file]).json(1);
        let problem = &json["problems"][0];
        let fix = &problem["fix"];
        let bytes = [&problem["start"], &problem["end"], &fix["start"], &fix["end"]];
        (bytes.map(|byte| byte.as_u64().unwrap()), problem["line"].clone(), problem["column"].clone())
    };
    assert_eq!(place("plain.bwq"), ([9, 12, 0, 15], 1.into(), 10.into()));
    assert_eq!(place("mark.bwq"), ([12, 15, 3, 18], 1.into(), 10.into()));
    folder.write("good.bwq", "\u{feff}a1 OR b1".as_bytes());
    let tree = folder.run(&["explain", "--json", "good.bwq"]).json(0)["tree"].clone();
    assert_eq!((&tree["start"], &tree["parts"][1]["start"]), (&3.into(), &9.into()));
    assert!(folder.run(&["check", "mark.bwq"]).with(1).contains("1 | a1 OR b1 AND c1\n  |          ^^^\n"));
}

#[test]
fn problems_are_underlined() {
    let folder = Folder::new(&[(
        "acme.bwq",
        "<<< 顶峰 >>>\n(顶峰咖啡 OR a*)\n  AND cafe\u{301} and (x OR y AND z)\n",
    )]);
    let out = folder.run(&["check", "acme.bwq"]).with(1);
    assert_eq!(
        out,
        "\
error[E111]: `a*` has fewer than two letters beside its wildcard
 --> acme.bwq:2:10
  |
2 | (顶峰咖啡 OR a*)
  |              ^^
  = help: give it two letters or more, or write `a` without the wildcard

warning[W101]: `and` is searched for as an ordinary word
 --> acme.bwq:3:13
  |
3 |   AND cafe\u{301} and (x OR y AND z)
  |            ^^^
  = help: write AND if you mean the operator, or \"and\" if you mean the word

warning[W102]: a blank between two terms is read as AND
 --> acme.bwq:3:13
  |
3 |   AND cafe\u{301} and (x OR y AND z)
  |            ^^^
  = help: write cafe\u{301} AND and, or \"cafe\u{301} and\" for the phrase

warning[W102]: a blank between two terms is read as AND
 --> acme.bwq:3:17
  |
3 |   AND cafe\u{301} and (x OR y AND z)
  |                ^
  = help: write and AND (x OR y AND z)

error[E201]: AND and OR are mixed at one level, so it is not clear which binds first
 --> acme.bwq:3:25
  |
3 |   AND cafe\u{301} and (x OR y AND z)
  |                        ^^^
  = help: put brackets around one of them: (x OR y) AND z

acme.bwq: 2 errors, 3 warnings
"
    );
}

#[test]
fn exit_codes() {
    let folder = Folder::new(&[
        ("good.bwq", "apple AND juice"),
        ("warned.bwq", "apple juice"),
        ("bad.bwq", "apple AND"),
        ("field.bwq", "languag:en"),
        ("rule.bwq", "acme AND sentiment:negative"),
    ]);
    assert_eq!(folder.run(&["check", "good.bwq"]).with(0), "good.bwq: 0 errors, 0 warnings\n");
    assert!(folder.run(&["check", "warned.bwq"]).with(0).ends_with("warned.bwq: 0 errors, 1 warning\n"));
    let both = folder.run(&["check", "good.bwq", "bad.bwq"]).with(1);
    assert!(
        both.starts_with("good.bwq: 0 errors") && both.ends_with("bad.bwq: 1 error, 0 warnings\n"),
        "{both}"
    );
    assert!(folder.run(&["check", "field.bwq"]).with(0).contains("W107"));
    assert!(folder.run(&["check", "--strict", "field.bwq"]).with(1).contains("E303"));
    assert!(folder.run(&["check", "rule.bwq"]).with(1).contains("E302"));
    assert!(!folder.run(&["check", "--rule", "rule.bwq"]).out.contains("E302"));
    folder.run(&["check"]).fails(2);
    assert!(folder.run(&["check", "none.bwq"]).fails(3).contains("cannot read none.bwq"));
}

#[test]
fn standard_input_and_odd_bytes() {
    let folder = Folder::new(&[]);
    let out = folder.run_with(&["check", "-"], "apple AND").with(1);
    assert!(out.contains("--> standard input:1:7"), "{out}");
    assert_eq!(
        folder.run_with(&["check", "-"], "\u{FEFF}apple").with(0),
        "standard input: 0 errors, 0 warnings\n"
    );
    assert!(folder.run_with(&["check", "-"], "").with(1).contains("E205"));
    folder.write("latin.bwq", b"caf\xe9");
    assert!(folder.run(&["check", "latin.bwq"]).fails(3).contains("latin.bwq is not UTF-8 (byte 3)"));
    folder.write("huge.bwq", "apple OR ".repeat(8_000).as_bytes());
    assert!(folder.run(&["check", "huge.bwq"]).with(1).contains("E220"));
}

#[test]
fn json_has_bytes_lines_and_columns() {
    let folder = Folder::new(&[("a.bwq", "苹果 AND\n rating:6"), ("b.bwq", "apple")]);
    let out = folder.run(&["check", "--format", "json", "a.bwq", "b.bwq"]).with(1);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["file"], "a.bwq");
    assert_eq!(lines[0]["errors"], 1);
    let problem = &lines[0]["problems"][0];
    let expected = serde_json::json!({"code": "E304", "severity": "error", "start": 19, "end": 20,
        "line": 2, "column": 9, "end_line": 2, "end_column": 10, "fix": {"start": 19, "end": 20, "text": "5"}});
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&problem[key], value, "{key} in {problem}");
    }
    assert!(!problem["hint"].as_str().unwrap().is_empty());
    assert_eq!(lines[1], serde_json::json!({"file": "b.bwq", "errors": 0, "warnings": 0, "problems": []}));
}
