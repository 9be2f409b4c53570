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
    for from in [&["--file", "-"][..], &["-"]] {
        let arguments = [&["convert", "--from", "youscan"][..], from].concat();
        assert_eq!(folder.run_with(&arguments, "a1 /2 b1").with(0), "a1 NEAR/1 b1\n");
    }
    assert_eq!(folder.run(&["convert", "--from", "meltwater", "acme.txt"]).with(0), "apple NEAR/4 juice\n");
    folder.run(&["convert", "--from", "meltwater", "none.bwq"]).fails(3);
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

#[test]
fn a_sample_that_is_left_out_is_told_as_that() {
    let folder = Folder::new(&[]);
    let done = folder.run(&["convert", "--from", "x", "acme OR apple -sample:10"]);
    assert_eq!((done.code, done.out.as_str()), (0, "(acme OR apple) NOT sample:10\n"));
    assert!(done.err.contains("`-sample:10` leaves out 10 %"), "{}", done.err);
}

#[test]
fn places_are_those_of_the_file() {
    let folder = Folder::new(&[("mark.txt", "\u{feff}acme is:nullcast")]);
    let json = folder.run(&["convert", "--from", "x", "--json", "mark.txt"]).json(1);
    let problem = &json["problems"][0];
    assert_eq!((&problem["start"], &problem["end"], &problem["column"]), (&8.into(), &19.into(), &6.into()));
}
