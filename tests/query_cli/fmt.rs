//! Layout: to standard output, in place, and as a check.

use crate::common::Folder;

const UGLY: &str = "<<< Acme >>>\n(  acme   OR “acme corp”)   AND AND2\nAUTHORFOLLOWERS:[200-2000]";
const NEAT: &str = "<<< Acme >>>\n(acme OR \"acme corp\") AND AND2 AND authorFollowers:[200 TO 2000]\n";

#[test]
fn to_standard_output_in_place_and_as_a_check() {
    let folder = Folder::new(&[("acme.bwq", UGLY), ("neat.bwq", NEAT)]);
    assert_eq!(folder.run(&["fmt", "acme.bwq"]).with(0), NEAT);
    assert_eq!(folder.run_with(&["fmt", "-"], UGLY).with(0), NEAT);
    assert_eq!(folder.read("acme.bwq"), UGLY);
    let out = folder.run(&["fmt", "--check", "acme.bwq", "neat.bwq"]).with(1);
    assert_eq!(out, "acme.bwq: the layout differs; run `earful query fmt --write`\n");
    assert_eq!(folder.run(&["fmt", "--write", "acme.bwq", "neat.bwq"]).with(0), "acme.bwq: written\n");
    assert_eq!(folder.read("acme.bwq"), NEAT);
    assert_eq!(folder.run(&["fmt", "--check", "acme.bwq", "neat.bwq"]).with(0), "");
    assert_eq!(folder.run(&["fmt", "--write", "acme.bwq"]).with(0), "");
    assert_eq!(folder.names(), ["acme.bwq", "neat.bwq"]);
}

#[test]
fn a_query_with_errors_is_left_alone() {
    let folder = Folder::new(&[("bad.bwq", "apple  AND"), ("good.bwq", "apple  AND pie")]);
    let done = folder.run(&["fmt", "--write", "bad.bwq", "good.bwq"]);
    assert!(done.err.contains("error[E205]") && done.err.contains("--> bad.bwq:1:8"), "{}", done.err);
    assert_eq!((done.code, done.out.as_str()), (1, "good.bwq: written\n"));
    assert_eq!(folder.read("bad.bwq"), "apple  AND");
    assert_eq!(folder.read("good.bwq"), "apple AND pie\n");
    folder.run(&["fmt", "--check", "--write", "good.bwq"]).fails(2);
    folder.run(&["fmt"]).fails(2);
    folder.run(&["fmt", "none.bwq"]).fails(3);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::new(&[("real.bwq", "apple  AND pie")]);
    std::fs::set_permissions(folder.path("real.bwq"), PermissionsExt::from_mode(0o640)).unwrap();
    symlink("real.bwq", folder.path("link.bwq")).unwrap();
    folder.run(&["fmt", "--write", "link.bwq"]).with(0);
    assert_eq!(folder.read("real.bwq"), "apple AND pie\n");
    let about = std::fs::symlink_metadata(folder.path("link.bwq")).unwrap();
    assert!(about.is_symlink());
    assert_eq!(std::fs::metadata(folder.path("real.bwq")).unwrap().permissions().mode() & 0o777, 0o640);
}
