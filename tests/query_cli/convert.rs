//! Queries of other products.

use crate::common::Folder;

#[test]
fn from_arguments_files_and_standard_input() {
    let folder = Folder::new(&[("acme.txt", "apple NEAR juice")]);
    assert_eq!(
        folder.run(&["convert", "--from", "x", "apple pie OR cake"]).with(0),
        "(apple AND pie) OR cake\n"
    );
    assert_eq!(folder.run(&["convert", "--from", "x", "-juice apple"]).with(0), "apple NOT juice\n");
    assert_eq!(
        folder.run(&["convert", "--from", "meltwater", "--file", "acme.txt"]).with(0),
        "apple NEAR/4 juice\n"
    );
    let out = folder.run_with(&["convert", "--from", "youscan", "--file", "-"], "a1 /2 b1").with(0);
    assert_eq!(out, "a1 NEAR/1 b1\n");
}

#[test]
fn what_has_no_counterpart_is_underlined() {
    let folder = Folder::new(&[]);
    let done = folder.run(&["convert", "--from", "x", "apple is:nullcast"]);
    assert_eq!((done.code, done.out.as_str()), (1, ""));
    assert!(done.err.contains("error[E402]") && done.err.contains("      ^^^^^^^^^^^\n"), "{}", done.err);
    let json = folder.run(&["convert", "--from", "cision", "--json", "a1 w/2 b1"]).json(0);
    assert_eq!(json["query"], "a1 NEAR/2 b1");
    assert_eq!(json["problems"][0]["code"], "W401");
    let usage = folder.run(&["convert", "--from", "myspace", "a1"]).fails(2);
    assert!(usage.contains("talkwalker"), "{usage}");
    folder.run(&["convert", "a1"]).fails(2);
    folder.run(&["convert", "--from", "x"]).fails(2);
    folder.run(&["convert", "--from", "x", "--file", "none"]).fails(3);
}
