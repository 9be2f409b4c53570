//! `earful score`, `train` and `calibrate` as a user runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn earful(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_earful")).current_dir(dir).args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The command ends with this code and says this.
fn check_refused(dir: &Path, args: &[&str], code: i32, what: &str) {
    let output = earful(dir, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    assert!(said.contains(what), "{args:?}: {said}");
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn e4(number: &Value) -> i64 {
    (number.as_f64().unwrap() * 10_000.0).round() as i64
}

/// Contributions are the score, and every cue's words stand where it says.
fn check_cues(line: &Value, text: &str) {
    let cues = line["cues"].as_array().unwrap();
    let sum: i64 = cues.iter().map(|cue| e4(&cue["contribution"])).sum();
    assert_eq!(sum, e4(&line["score"]), "{line}");
    for cue in cues {
        let (start, length) =
            (cue["start"].as_u64().unwrap() as usize, cue["length"].as_u64().unwrap() as usize);
        let piece: String = text.chars().skip(start).take(length).collect();
        assert!(cue.get("text").is_none_or(|words| *words == piece), "{cue} in {text}");
    }
}

#[test]
fn emotions_are_told_and_measured() {
    let dir = tempfile::tempdir().unwrap();
    let texts = [
        ("joy", "I am so happy for you, congratulations!"),
        ("anger", "This makes me furious, you idiots"),
        ("sadness", "I'm so sorry for your loss, how sad"),
        ("fear", "I'm terrified"),
        ("none", "the bus leaves at nine"),
        ("none", "https://a.example"),
    ];
    let tsv: String = texts.iter().map(|(emotion, text)| format!("{emotion}\t{text}\n")).collect();
    fs::write(dir.path().join("e.tsv"), tsv).unwrap();
    let report = out(&earful(dir.path(), &["score", "--eval", "e.tsv", "--emotions", "--language", "en"]));
    assert!(report.starts_with("n=6 macro_f1="), "{report}");
    for emotion in ["anger", "joy"] {
        let line = report.lines().find(|line| line.starts_with(emotion)).unwrap();
        assert!(line.contains("texts=1 ") && line.contains("recall=1.0000"), "{report}");
    }
    fs::write(dir.path().join("t"), "I am happy\nI am not happy\n\n").unwrap();
    let args = ["score", "--text", "t", "--language", "en"];
    let has_joy = |found: &[Value]| -> Vec<bool> {
        found.iter().map(|line| line["emotions"].get("joy").is_some()).collect()
    };
    assert_eq!(has_joy(&lines(&out(&earful(dir.path(), &args)))), [true, false, false]);
    let rules = lines(&out(&earful(dir.path(), &[&args[..], &["--rules"]].concat())));
    assert_eq!(has_joy(&rules), [false, false, false]);
}

#[test]
fn chinese_posts_are_told_all_emotions_but_disgust() {
    let dir = tempfile::tempdir().unwrap();
    let texts =
        ["烦死了，你们能不能管好自己", "好開心啊，祝福大家", "太难过了，哭了一晚上", "明天八点开会", "恶心"];
    fs::write(dir.path().join("t"), texts.join("\n") + "\n").unwrap();
    let found = lines(&out(&earful(dir.path(), &["score", "--text", "t", "--language", "zh"])));
    let most = |line: &Value| -> Option<String> {
        let emotions = line["emotions"].as_object().unwrap().iter();
        emotions.max_by_key(|(_, odds)| e4(odds)).map(|(emotion, _)| emotion.clone())
    };
    let told: Vec<Option<String>> = found.iter().map(most).collect();
    let expected = [Some("anger"), Some("joy"), Some("sadness"), None, Some("anger")];
    assert_eq!(told, expected.map(|emotion| emotion.map(str::to_owned)));
    assert!(found.iter().all(|line| line["emotions"].get("disgust").is_none()));
}

#[test]
fn emotions_are_learned_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    let emotions = ["anger", "disgust", "fear", "joy", "sadness", "surprise", "none"];
    let tsv: String = (0..70).map(|i| format!("{}\tword{} number {i}\n", emotions[i % 7], i % 7)).collect();
    fs::write(dir.path().join("e.tsv"), &tsv).unwrap();
    let recipe = "kind = \"emotions\"\nlanguage = \"en\"\nword_bits = 18\nchar_bits = 8\nheld_out = \"e.tsv\"\n\
                  [[corpora]]\nfile = \"e.tsv\"\n";
    fs::write(dir.path().join("r.toml"), recipe).unwrap();
    for to in ["a.bin", "b.bin"] {
        let report = out(&earful(dir.path(), &["train", "--recipe", "r.toml", "--out", to]));
        assert!(report.contains("held out\nn=70 "), "{report}");
    }
    let read = |name: &str| fs::read(dir.path().join(name)).unwrap();
    assert!(read("a.bin") == read("b.bin") && read("a.md") == read("b.md"));
    assert!(String::from_utf8(read("a.md")).unwrap().contains("## Held out"));
    // Its tables are larger than those of the label's model, so that its features are read by themselves.
    fs::write(dir.path().join("t"), "word3 number 3\n").unwrap();
    let own =
        lines(&out(&earful(dir.path(), &["score", "--model", "a.bin", "--text", "t", "--language", "en"])));
    assert!(own[0]["emotions"].get("joy").is_some(), "{}", own[0]);
    check_cues(&own[0], "word3 number 3");
    fs::write(dir.path().join("e.tsv"), "joy\ta\n").unwrap();
    let refused = earful(dir.path(), &["train", "--recipe", "r.toml", "--out", "c.bin"]);
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("no text has the emotion anger"),
        "{refused:?}"
    );
}

/// An emotion that nobody looked for is never told; one that is there after all is no such.
#[test]
fn an_emotion_without_labels_is_named_in_the_recipe() {
    let dir = tempfile::tempdir().unwrap();
    let emotions = ["anger", "joy", "none"];
    let tsv: String = (0..60).map(|i| format!("{}\tword{} number {i}\n", emotions[i % 3], i % 3)).collect();
    fs::write(dir.path().join("e.tsv"), &tsv).unwrap();
    let train = |unlabelled: &str| {
        let recipe = format!(
            "kind = \"emotions\"\nlanguage = \"en\"\nunlabelled = {unlabelled}\n[[corpora]]\nfile = \"e.tsv\"\n"
        );
        fs::write(dir.path().join("r.toml"), recipe).unwrap();
        earful(dir.path(), &["train", "--recipe", "r.toml", "--out", "a.bin"])
    };
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let refused = said(&train(r#"["disgust", "fear", "sadness"]"#));
    assert!(refused.contains("no text has the emotion surprise"), "{refused}");
    let refused = said(&train(r#"["disgust", "fear", "sadness", "surprise", "joy"]"#));
    assert!(refused.contains("some texts have the emotion joy"), "{refused}");
    out(&train(r#"["disgust", "fear", "sadness", "surprise"]"#));
    let card = fs::read_to_string(dir.path().join("a.md")).unwrap();
    assert!(card.contains("| disgust | not labelled | never told |"), "{card}");
    fs::write(dir.path().join("t"), "word1 number 1\n").unwrap();
    let own =
        &lines(&out(&earful(dir.path(), &["score", "--model", "a.bin", "--text", "t", "--language", "en"])))
            [0];
    let told: Vec<&String> = own["emotions"].as_object().unwrap().keys().collect();
    assert_eq!(told, ["joy"]);
}

#[test]
fn a_line_of_text_gives_a_line_of_json() {
    let dir = tempfile::tempdir().unwrap();
    let texts = [
        "I love this phone, the battery is great 😍",
        "",
        "服务太差了，再也不来了",
        "Der Zug ist pünktlich und die Fahrt war kurz :)",
        "https://a.example",
    ];
    fs::write(dir.path().join("t"), texts.join("\n") + "\n").unwrap();
    let found = lines(&out(&earful(dir.path(), &["score", "--text", "t"])));
    assert_eq!(found.len(), texts.len());
    for (line, text) in found.iter().zip(texts) {
        check_cues(line, text);
    }
    let told: Vec<Vec<&String>> =
        found.iter().map(|line| line["emotions"].as_object().unwrap().keys().collect()).collect();
    assert_eq!(told, [&["joy"][..], &[], &["anger", "fear", "sadness"], &[], &[]]);
    let shown = |i: usize| (found[i]["label"].as_str().unwrap(), found[i]["language"].as_str().unwrap());
    assert_eq!(shown(0), ("positive", "en"));
    assert!(e4(&found[0]["confidence"]) > 5_000);
    assert_eq!((shown(1).0, e4(&found[1]["score"])), ("neutral", 0));
    assert_eq!((shown(2).0, &shown(2).1[..2]), ("negative", "zh"));
    assert_eq!((shown(3), found[3]["confidence"].is_null()), (("positive", "de"), true));
    assert_eq!(shown(4).0, "neutral");
    let by_rules = lines(&out(&earful(dir.path(), &["score", "--rules", "--text", "t"])));
    for (line, with_model) in by_rules.iter().zip(&found) {
        assert_eq!((&line["score"], &line["compound"]), (&with_model["compound"], &with_model["compound"]));
        assert!(line["confidence"].is_null());
    }
}

#[test]
fn posts_of_any_feed_are_scored_and_bad_input_has_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let long = "worst service ever 😡 ".repeat(5_000);
    let posts = [
        r#"{"network":"other","id":"1","body":"worst airline ever","published_at":"2026-03-10T09:00:00Z"}"#.to_owned(),
        format!(r#"{{"network":"other","id":"2","body":"{long}","published_at":"2026-03-10T09:00:00Z"}}"#),
        r#"{"network":"other","id":"3","body":"bad \ud83d end","published_at":"2026-03-10T09:00:00Z"}"#.to_owned(),
        r#"{"network":"other","id":"4","body":"\u202eevil\u202c مرحبا","published_at":"2026-03-10T09:00:00Z"}"#.to_owned(),
        "{".to_owned(),
    ];
    fs::write(dir.path().join("posts.jsonl"), posts.join("\n")).unwrap();
    let output = earful(dir.path(), &["score", "posts.jsonl"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let found = lines(&String::from_utf8(output.stdout).unwrap());
    assert_eq!((found[0]["id"].as_str(), found[0]["label"].as_str()), (Some("1"), Some("negative")));
    check_cues(&found[0], "worst airline ever");
    check_cues(&found[1], long.trim());
    let mut child = Command::new(env!("CARGO_BIN_EXE_earful"))
        .args(["score", "--text", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"bad \xff\xfe bytes\r\n\n").unwrap();
    assert_eq!(lines(&out(&child.wait_with_output().unwrap())).len(), 2);
}

#[test]
fn brands_of_one_post_have_each_their_own_label() {
    let dir = tempfile::tempdir().unwrap();
    let post = r#"{"network":"x","id":"1","body":"acme lost my bag, but zenith was on time and kind","published_at":"2026-03-10T12:00:00Z"}"#;
    fs::write(dir.path().join("posts"), post).unwrap();
    let args = ["analyse", "--query", "acme", "--query", "zenith", "--query", "bag AND kind", "posts"];
    let line = lines(&out(&earful(dir.path(), &args))).remove(0);
    let labels: Vec<&str> = line["matches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|brand| brand["sentiment"]["label"].as_str().unwrap())
        .collect();
    assert_eq!(&labels[..2], ["negative", "positive"], "{line}");
    let alone = lines(&out(&earful(dir.path(), &["analyse", "--query", "acme", "posts"]))).remove(0);
    assert_eq!(alone["matches"][0]["sentiment"], alone["sentiment"], "{alone}");
}

#[test]
fn a_pipe_is_a_file_like_any_other() {
    let earful = env!("CARGO_BIN_EXE_earful");
    let scored = Command::new("bash")
        .args(["-c", &format!("{earful} score --text <(echo 'so good')")])
        .output()
        .unwrap();
    assert_eq!(lines(&out(&scored))[0]["label"], "positive");
    // Shorter than what tells packed files.
    let scored =
        Command::new("bash").args(["-c", &format!("{earful} score --text <(printf ':)')")]).output().unwrap();
    assert_eq!(lines(&out(&scored))[0]["label"], "positive");
}

#[test]
fn a_model_learns_from_corrections() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("texts.tsv", "positive\tgood one\nnegative\tbad one\nneutral\tthe train leaves at nine\n");
    let mention = r#"{"fate":"kept","brands":[{"brand":"a","sentiment":{"label":"positive","score":0.5}}],"language":"en","post":{"network":"x","id":"1","body":"glorp glorp glorp"}}"#;
    let correction = r#"{"fate":"retracted","network":"x","id":"1","correction":{"brand":"a","sentiment":{"label":"negative","score":-1.0}}}"#;
    write("mentions.jsonl", &format!("{mention}\n{correction}\n"));
    write("glorp.tsv", "negative\tglorp glorp glorp\npositive\tgood one\n");
    let label = |args: &[&str]| {
        out(&earful(
            dir.path(),
            &[&["train", "--language", "en", "texts.tsv", "--out", "m.bin"], args].concat(),
        ));
        out(&earful(dir.path(), &["score", "--model", "m.bin", "--language", "en", "--eval", "glorp.tsv"]))
    };
    assert!(!label(&[]).starts_with("n=2 accuracy=1.0000"));
    assert!(label(&["--with-corrections", "mentions.jsonl=4"]).starts_with("n=2 accuracy=1.0000"));
    let card = fs::read_to_string(dir.path().join("m.md")).unwrap();
    assert!(card.contains("| mentions.jsonl | 4 | 1 | 0 | 0 |"), "{card}");
    write("broken.jsonl", "nonsense");
    let args =
        ["train", "--language", "en", "texts.tsv", "--with-corrections", "broken.jsonl", "--out", "m.bin"];
    check_refused(dir.path(), &args, 1, "broken.jsonl: line 1 is no line of `mentions`");
}

#[test]
fn eval_prints_the_figures_and_chooses_between_two_labels() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("two.tsv", "positive\tI love it\n1\tgreat stuff\nnegative\tI hate it\n-1\tawful, just awful\n");
    let found = out(&earful(dir.path(), &["score", "--eval", "two.tsv"]));
    let expected = "n=4 accuracy=1.0000 macro_f1=1.0000 macro_recall=1.0000\n\
                    \x20           negative  positive\n\
                    negative           2         0\n\
                    positive           0         2\n";
    assert_eq!(found, expected);
    write("three.tsv", "positive\tI love it\nneutral\tthe meeting is on monday at 5\nnegative\tI hate it\n");
    let found = out(&earful(dir.path(), &["score", "--rules", "--eval", "three.tsv"]));
    assert!(found.starts_with("n=3 accuracy=1.0000") && found.contains("neutral"), "{found}");
    write("towards.tsv", "positive\tacme\tI love acme\nnegative\tacme\tI hate acme\n");
    assert!(
        out(&earful(dir.path(), &["score", "--eval", "towards.tsv", "--targets"]))
            .starts_with("n=2 accuracy=1.0000")
    );
    let both = "acme is wonderful, but zenith is awful";
    write("both.tsv", &format!("positive\tacme\t{both}\nnegative\tzenith\t{both}\n"));
    assert!(
        out(&earful(dir.path(), &["score", "--eval", "both.tsv", "--targets"]))
            .starts_with("n=2 accuracy=1.0000")
    );

    write("bad.tsv", "positive\tfine\nmixed\tso so\n");
    check_refused(
        dir.path(),
        &["score", "--eval", "bad.tsv"],
        1,
        "bad.tsv: line 2: there is no label `mixed`",
    );
    write("empty.tsv", "");
    check_refused(dir.path(), &["score", "--eval", "empty.tsv"], 1, "no labelled texts");
    check_refused(dir.path(), &["score", "--eval", "missing.tsv"], 3, "missing.tsv");
    check_refused(dir.path(), &["score"], 2, "required");
}

#[test]
fn a_house_lexicon_is_applied_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("house.tsv", "# ours\nsick\t3\n翻车\t-3\n");
    write("t", "this board is sick\n这款手机又翻車了\n");
    let found = lines(&out(&earful(dir.path(), &["score", "--lexicon", "house.tsv", "--text", "t"])));
    for (line, (text, term, label)) in found
        .iter()
        .zip([("this board is sick", "sick", "positive"), ("这款手机又翻車了", "翻車", "negative")])
    {
        check_cues(line, text);
        assert_eq!(line["label"], label);
        let cues = line["cues"].as_array().unwrap();
        assert!(cues.iter().any(|cue| cue["kind"] == "house" && cue["text"] == term), "{line}");
    }
    write("bad.tsv", "sick\t3\nmid\n");
    check_refused(
        dir.path(),
        &["score", "--lexicon", "bad.tsv", "--text", "t"],
        2,
        "bad.tsv:2: there is no tab",
    );
    check_refused(
        dir.path(),
        &["score", "--lexicon", "none.tsv", "--text", "t"],
        2,
        "none.tsv: cannot be read",
    );
}

#[test]
fn analyse_takes_a_house_lexicon_and_tells_what_it_cannot_use() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("house.tsv", "sick\t3\n");
    let text = "this board of acme is sick";
    write(
        "posts",
        &format!(r#"{{"network":"x","id":"1","body":"{text}","published_at":"2026-03-10T12:00:00Z"}}"#),
    );
    let line = |args: &[&str]| {
        let found = out(&earful(dir.path(), &[&["analyse", "--query", "acme"], args, &["posts"]].concat()));
        lines(&found).remove(0)
    };
    let (own, plain) = (line(&["--lexicon", "house.tsv"]), line(&[]));
    for (line, label) in [(&own, "positive"), (&plain, "negative")] {
        assert_eq!(
            (&line["sentiment"]["label"], &line["matches"][0]["sentiment"]["label"]),
            (&label.into(), &label.into())
        );
    }
    let house = own["cues"].as_array().unwrap().iter().find(|cue| cue["kind"] == "house");
    assert_eq!(house.unwrap()["text"], "sick", "{own}");

    write("bad.tsv", "sick\t3\nmid\n");
    write("p.toml", "name = 1\n");
    let check = |args: &[&str], what: &str| {
        check_refused(dir.path(), &[&["analyse"], args, &["posts"]].concat(), 2, what);
    };
    check(&["--lexicon", "bad.tsv"], "bad.tsv:2: there is no tab");
    check(&["--lexicon", "none.tsv"], "none.tsv: cannot be read");
    check(&["--lexicon", "house.tsv", "--pipeline", "p.toml"], "cannot be used with");
    check(&["--pipeline", "p.toml"], "p.toml:1:");
    check(&["--query", "(acme"], "E204");
}

/// Texts of three kinds that a model can learn.
fn corpus() -> String {
    let kinds = [("positive", "glorp"), ("neutral", "table"), ("negative", "blarg")];
    let line = |i: usize| {
        let (label, word) = kinds[i % 3];
        format!("{label}\tthe {word} number {} is here\n", i / 3)
    };
    (0..150).map(line).collect()
}

#[test]
fn training_is_the_same_to_the_bit_and_its_model_can_be_used() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c.tsv"), corpus()).unwrap();
    let train = |name: &str, seed: &str| {
        let args = ["train", "--language", "en", "c.tsv=2", "--seed", seed, "--out", name];
        let said = out(&earful(dir.path(), &args));
        assert!(said.contains("cross-validation n=150 accuracy=1.0000"), "{said}");
        fs::read(dir.path().join(name)).unwrap()
    };
    let (first, second, other) = (train("a.bin", "7"), train("b.bin", "7"), train("c.bin", "8"));
    assert!(first == second && first != other);
    let card = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    assert_eq!(card("a.md"), card("b.md"));
    for part in
        ["| c.tsv | 2 | 50 | 50 | 50 | not stated |", "seed 7", "## Cross-validation", "## Neutral band"]
    {
        assert!(card("a.md").contains(part), "{part} in {}", card("a.md"));
    }

    fs::write(dir.path().join("t"), "the glorp\nthe blarg\n").unwrap();
    let labels = |args: &[&str]| -> Vec<String> {
        let found = lines(&out(&earful(dir.path(), args)));
        found.iter().map(|line| line["label"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(
        labels(&["score", "--language", "en", "--model", "a.bin", "--text", "t"]),
        ["positive", "negative"]
    );
    assert_eq!(labels(&["score", "--language", "en", "--rules", "--text", "t"]), ["neutral", "neutral"]);

    let args = ["calibrate", "c.tsv", "--model", "a.bin", "--out", "d.bin"];
    let said = out(&earful(dir.path(), &args));
    assert!(said.contains("neutral bias 0: n=150") && said.contains("few texts"), "{said}");
    assert_eq!(fs::read(dir.path().join("d.bin")).unwrap().len(), first.len());
}

#[test]
fn what_cannot_be_trained_or_used_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(dir.path().join(name), text).unwrap();
    write("c.tsv", b"positive\tgood\nnegative\tbad\n");
    write("x.bin", b"EARFULSM\x09\x00");
    write("r.toml", b"language = \"en\"\nepoch = 1\n");
    let check = |args: &[&str], code, what: &str| check_refused(dir.path(), args, code, what);
    check(&["train", "--language", "en", "c.tsv", "--out", "m.bin"], 1, "no text is labelled neutral");
    check(&["train", "--language", "de", "c.tsv", "--out", "m.bin"], 2, "en and zh only");
    check(&["train", "--language", "en", "c.tsv=x", "--out", "m.bin"], 2, "`x` is no number");
    check(&["train", "--language", "en", "c.tsv=-1", "--out", "m.bin"], 2, "the weight of c.tsv is -1");
    check(&["train", "--language", "en", "c.tsv=0", "--out", "m.bin"], 2, "of c.tsv is 0, so nothing");
    check(&["train", "--recipe", "r.toml", "--out", "m.bin"], 2, "unknown field `epoch`");
    check(&["train", "--language", "en", "none.tsv", "--out", "m.bin"], 3, "none.tsv");
    check(&["calibrate", "c.tsv", "--language", "en", "--out", "m.bin"], 1, "no text is labelled neutral");
    check(&["score", "--model", "x.bin", "--text", "c.tsv"], 2, "x.bin: the model has format version 9");
    check(&["score", "--model", "c.tsv", "--text", "c.tsv"], 2, "does not begin with `EARFULSM`,");
    assert!(!dir.path().join("m.bin").exists());
}

#[test]
fn a_pipeline_takes_its_own_model_or_none() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("c.tsv", &corpus());
    out(&earful(dir.path(), &["train", "--language", "en", "c.tsv", "--out", "a.bin"]));
    write(
        "posts.jsonl",
        r#"{"network":"other","id":"1","body":"the glorp of Acme is here and this is what I say","published_at":"2026-03-10T09:00:00Z"}"#,
    );
    let pipeline = |name: &str, sentiment: &str| {
        write(
            name,
            &format!(
                "name = \"p\"\n{sentiment}\n[state]\ndir = \"{name}.state\"\n[[feeds]]\nname = \"f\"\ntype = \"file\"\n\
                 path = \"posts.jsonl\"\n[[brands]]\nid = \"acme\"\nquery = \"acme\"\n[[sinks]]\ntype = \"jsonl\"\n\
                 dir = \"{name}.out\"\n"
            ),
        );
    };
    let run = |name: &str| -> Value {
        out(&earful(dir.path(), &["run", name]));
        let mentions = fs::read_to_string(dir.path().join(format!("{name}.out/mentions.jsonl"))).unwrap();
        lines(&mentions)[0]["brands"][0].clone()
    };
    pipeline("own.toml", "[sentiment]\nmodels = [\"a.bin\"]");
    let own = run("own.toml");
    assert_eq!(own["sentiment"]["label"], "positive", "{own}");
    let cues = own["cues"].as_array().unwrap();
    assert!((1..=5).contains(&cues.len()) && cues.iter().any(|cue| cue["text"] == "glorp"), "{own}");
    pipeline("rules.toml", "[sentiment]\nrules_only = true");
    let rules = run("rules.toml");
    assert_eq!((rules["sentiment"]["label"].as_str(), rules.get("cues")), (Some("neutral"), None), "{rules}");

    pipeline("bad.toml", "[sentiment]\nmodels = [\"c.tsv\"]");
    let output = earful(dir.path(), &["check", "bad.toml"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.code() == Some(2) && said.contains("bad.toml:3:") && said.contains("EARFULSM"),
        "{said}"
    );
    write("parts.toml", "kind = \"parts\"\nlanguage = \"en\"\n[[corpora]]\nfile = \"c.tsv\"\n");
    out(&earful(dir.path(), &["train", "--recipe", "parts.toml", "--out", "p.bin"]));
    pipeline("both.toml", "[sentiment]\nmodels = [\"a.bin\", \"p.bin\"]");
    assert_eq!(run("both.toml")["sentiment"], own["sentiment"]);
    pipeline("twice.toml", "[sentiment]\nmodels = [\"a.bin\", \"a.bin\"]\nrules_only = true");
    let said = String::from_utf8_lossy(&earful(dir.path(), &["check", "twice.toml"]).stdout).into_owned();
    assert!(
        said.contains("two models are for one language") && said.contains("keep one of the two"),
        "{said}"
    );
}
