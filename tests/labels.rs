//! `earful calibrate` and `score --eval` on labelled posts of a user's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn earful(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_earful")).current_dir(dir).args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn calibrate_keeps_the_band_unless_the_labels_tell_that_another_is_better() {
    let dir = tempfile::tempdir().unwrap();
    // As clear as the model can be, as it is: nothing is to be won.
    let clear: String = (0..20)
        .map(|i| format!("positive\tI love it, great {i}\nnegative\tI hate it, awful {i}\nneutral\tthe shop opens at {i}\n"))
        .collect();
    fs::write(dir.path().join("clear.tsv"), clear).unwrap();
    // Whoever labelled these takes mild praise and blame for neutral.
    let strict: String = (0..60)
        .map(|i| {
            let (good, bad) = ("wonderful, I love it, best ever", "horrible, I hate it, worst ever");
            format!("positive\t{good} {i}\nnegative\t{bad} {i}\nneutral\tthe {i} is quite nice\nneutral\tit is slow, bit sad {i}\n")
        })
        .collect();
    fs::write(dir.path().join("strict.tsv"), strict).unwrap();
    let calibrate = |file: &str, more: &[&str], name: &str| {
        let args = [&["calibrate", file, "--language", "en", "--out", name], more].concat();
        let output = earful(dir.path(), &args);
        let said = out(&output);
        assert!(said.contains("on texts that it was not chosen by") && said.contains("; gain "), "{said}");
        (String::from_utf8(output.stderr).unwrap(), fs::read(dir.path().join(name)).unwrap())
    };
    let (warned, kept) = calibrate("clear.tsv", &[], "kept.bin");
    assert!(warned.contains("the gain is within chance; kept.bin has -0.4; label more posts"), "{warned}");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/en.bin");
    assert!(kept == fs::read(shipped).unwrap());
    let (warned, taken) = calibrate("clear.tsv", &["--anyway"], "taken.bin");
    assert!(warned.contains("compare it on other labelled posts first"), "{warned}");
    let (warned, moved) = calibrate("strict.tsv", &[], "moved.bin");
    assert!(warned.is_empty() && moved != kept, "{warned}");
    assert_eq!(taken.len(), kept.len());
}

#[test]
fn a_file_of_two_languages_is_scored_as_one_and_that_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let english = "positive\tI love this shop and everybody in it\nnegative\tI hate the new website\n";
    let chinese = "positive\t这家店的服务真的太好了，下次还来\n";
    let warned = |text: String, args: &[&str]| {
        fs::write(dir.path().join("t.tsv"), text).unwrap();
        let output = earful(dir.path(), &[&["score", "--eval", "t.tsv"], args].concat());
        let _ = out(&output);
        String::from_utf8(output.stderr).unwrap()
    };
    let mixed = warned(format!("{english}{chinese}"), &[]);
    assert!(mixed.contains("1 of 3 texts seem to be zh, and all are scored as en"), "{mixed}");
    assert_eq!(warned(format!("{english}{chinese}"), &["--language", "en"]), "");
    assert_eq!(warned(english.repeat(12) + chinese, &[]), "");
    assert_eq!(warned(english.to_owned(), &[]), "");
}

/// Labels are work of many hours.
#[test]
fn what_is_read_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let labels = "positive\tI love this shop\nnegative\tI hate it\nneutral\tThe shop opens at nine\n";
    fs::write(dir.path().join("mine.tsv"), labels).unwrap();
    fs::write(dir.path().join("mine.md"), labels).unwrap();
    let cases: [&[&str]; 4] = [
        &["calibrate", "mine.tsv", "--language", "en", "--out", "mine.tsv"],
        &["train", "mine.tsv", "--language", "en", "--out", "./mine.tsv"],
        &["train", "mine.tsv", "--language", "en", "--out", "model.md"],
        // Its card would.
        &["train", "mine.md", "--language", "en", "--out", "mine.bin"],
    ];
    for args in cases {
        let output = earful(dir.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    for file in ["mine.tsv", "mine.md"] {
        assert_eq!(fs::read_to_string(dir.path().join(file)).unwrap(), labels);
    }
    assert!(!dir.path().join("model.md").exists() && !dir.path().join("mine.bin").exists());
}

fn said(dir: &Path, args: &[&str], code: i32) -> String {
    let output = earful(dir, args);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?} {said}");
    said
}

#[test]
fn a_band_is_not_chosen_by_another_language_without_a_word() {
    let dir = tempfile::tempdir().unwrap();
    let english = "positive\tI love this shop and all of you\nnegative\tI hate the new website\nneutral\tThe shop opens at nine today\n";
    fs::write(dir.path().join("en.tsv"), english).unwrap();
    let calibrate = |language: &str| {
        said(dir.path(), &["calibrate", "en.tsv", "--language", language, "--out", "out.bin"], 0)
    };
    let warning = "3 of 3 texts seem to be en, and the model is for zh; check --language";
    assert!(calibrate("zh").contains(warning));
    assert!(!calibrate("en").contains("seem to be"));
}

#[test]
fn a_model_of_the_other_kind_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let [label, emotions] = ["en.bin", "en-emotions.bin"].map(|name| models.join(name).display().to_string());
    fs::write(dir.path().join("l.tsv"), "positive\tI love it\nnegative\tI hate it\nneutral\tIt is nine\n")
        .unwrap();
    fs::write(dir.path().join("e.tsv"), "joy\tI love it so much\nnone\tIt is nine\n").unwrap();
    let refused = said(dir.path(), &["calibrate", "l.tsv", "--model", &emotions, "--out", "o.bin"], 2);
    assert!(refused.contains("a model of emotions, where one of sentiment is wanted"), "{refused}");
    let eval = |file: &str, model: &str, more: &[&str]| {
        said(dir.path(), &[&["score", "--eval", file, "--model", model], more].concat(), 0)
    };
    let warned = eval("l.tsv", &emotions, &[]);
    assert!(warned.contains("is a model of emotions and changes nothing here"), "{warned}");
    let warned = eval("e.tsv", &label, &["--emotions"]);
    assert!(warned.contains("is a model of sentiment and changes nothing here"), "{warned}");
    assert_eq!((eval("l.tsv", &label, &[]), eval("e.tsv", &emotions, &["--emotions"])), Default::default());
}

#[test]
fn targets_that_their_text_does_not_name_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let named = "positive\tHeron\tI love heron and all of you\nnegative\tPlover\tPlover lost my bag again\n";
    let eval = |text: String| {
        fs::write(dir.path().join("t.tsv"), text).unwrap();
        said(dir.path(), &["score", "--targets", "--eval", "t.tsv"], 0)
    };
    assert_eq!(eval(named.to_owned()), "");
    let warned =
        eval(format!("{named}neutral\tGannet\tThe shop opens at nine\nneutral\tTern\tIt is nine here\n"));
    assert!(
        warned.contains("2 of 4 lines have a target that their text does not name, first `Gannet`"),
        "{warned}"
    );
}

/// What is shown is what a user would write into a recipe.
#[test]
fn train_shows_the_band_as_it_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let lines: String = (0..30)
        .map(|i| format!("positive\tI love it {i}\nnegative\tI hate it {i}\nneutral\tIt is {i} now\n"))
        .collect();
    fs::write(dir.path().join("l.tsv"), lines).unwrap();
    let recipe = "language = \"en\"\nneutral_bias = -0.4\n[[corpora]]\nfile = \"l.tsv\"\n";
    fs::write(dir.path().join("r.toml"), recipe).unwrap();
    let shown = out(&earful(dir.path(), &["train", "--recipe", "r.toml", "--out", "o.bin"]));
    assert!(shown.contains("neutral bias -0.4; on these texts"), "{shown}");
}
