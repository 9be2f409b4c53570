//! Decoders against twins of real payloads (invented text), and against any bytes.
//!
//! `UPDATE_GOLDEN=1 cargo test --test decode` rewrites the expectations beside the payloads; review the difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{fs, path::PathBuf};

use earful::{
    analysis::decode::{
        Format, Frame, Framing, SseSplitter, decode, detect_format, detect_framing, split_records,
    },
    model::{Origin, Record},
};
use proptest::prelude::*;

fn frames(payload: &[u8], format: Format) -> Vec<String> {
    let record = Record { payload, received_at: None, origin: Origin::default() };
    let mut lines = Vec::new();
    decode(&record, format, &mut |frame| {
        lines.push(match frame {
            Frame::Post(post) => serde_json::to_string(&post).unwrap(),
            Frame::Delete { network, id } => format!("{{\"delete\":\"{network} {id}\"}}"),
            Frame::Correction(label) => format!("{label:?}"),
            Frame::Ignored(reason) => format!("{{\"ignored\":\"{reason}\"}}"),
            Frame::Malformed(defect) => format!("{{\"malformed\":\"{}\"}}", defect.code),
        });
    });
    lines
}

fn twins() -> Vec<(Format, PathBuf)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/feeds");
    let mut files = Vec::new();
    for (format, name) in &Format::ALL[1..] {
        let listed = fs::read_dir(root.join(name)).unwrap_or_else(|e| panic!("no twins of {name}: {e}"));
        let payloads =
            listed.map(|f| f.unwrap().path()).filter(|p| !p.to_string_lossy().contains(".expected."));
        files.extend(payloads.map(|path| (*format, path)));
    }
    files.sort_by(|a, b| a.1.cmp(&b.1));
    files
}

#[test]
fn twins_decode_as_expected_with_and_without_naming_the_format() {
    for (format, path) in twins() {
        let bytes = fs::read(&path).unwrap();
        let mut found = String::new();
        split_records(&bytes, &mut |piece| {
            let lines = frames(piece.bytes, Format::Auto);
            assert_eq!(lines, frames(piece.bytes, format), "{}: auto finds another format", path.display());
            lines.iter().for_each(|line| found.push_str(&(line.clone() + "\n")));
        });
        let expected = path.with_extension("expected.jsonl");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found, expected, "{}\n--- found above, expected below", path.display());
    }
}

#[test]
fn what_earful_writes_it_reads_again() {
    for (format, path) in twins() {
        split_records(&fs::read(&path).unwrap(), &mut |piece| {
            for line in frames(piece.bytes, format).iter().filter(|line| line.starts_with("{\"network\"")) {
                assert_eq!(
                    frames(line.as_bytes(), Format::Auto),
                    std::slice::from_ref(line),
                    "{}",
                    path.display()
                );
            }
        });
    }
}

#[test]
fn odd_records_have_stable_codes() {
    let deep = "[".repeat(100_000);
    let tree = format!("{}1", "{\"kind\":\"Listing\",\"data\":{\"children\":[".repeat(3_000));
    for (payload, expected) in [
        ("", "{\"ignored\":\"keep_alive\"}"),
        ("\u{FEFF} \r\n", "{\"ignored\":\"keep_alive\"}"),
        (":thump\n", "{\"ignored\":\"keep_alive\"}"),
        ("[]", "{\"ignored\":\"empty_page\"}"),
        ("{}", "{\"malformed\":\"unknown_format\"}"),
        ("7", "{\"malformed\":\"not_an_object\"}"),
        ("hello", "{\"malformed\":\"json_syntax\"}"),
        ("{\"network\":", "{\"malformed\":\"truncated\"}"),
        ("<html><p>no feed</p></html>", "{\"malformed\":\"unknown_format\"}"),
        (deep.as_str(), "{\"malformed\":\"truncated\"}"),
        (tree.as_str(), "{\"malformed\":\"truncated\"}"),
    ] {
        assert_eq!(frames(payload.as_bytes(), Format::Auto), [expected], "{:.60}", payload);
    }
    assert_eq!(frames(b"{\"id\":\"\xFF\"}", Format::Auto), ["{\"malformed\":\"not_utf8\"}"]);
}

#[test]
fn framing_is_found_and_a_cut_line_does_not_swallow_the_next() {
    for (head, expected) in [
        ("{\"a\":1}\n{\"a\":2}\n", Framing::Lines),
        ("{\n \"a\": 1\n}", Framing::Document),
        ("{\"data\": {\"author_id\": \"1\"\n{\"a\":2}\n", Framing::Lines),
        ("[\n{}]", Framing::Document),
        ("<?xml version=\"1.0\"?>", Framing::Document),
        (":)\n\nevent: update\n", Framing::Sse),
    ] {
        assert_eq!(detect_framing(head.as_bytes()), expected, "{head}");
    }
    let mut pieces = Vec::new();
    split_records(b"{\n\"a\":1}\n\n{\n\"b\":2}\n", &mut |piece| pieces.push((piece.offset, piece.line)));
    assert_eq!(pieces, [(0, 1), (10, 4)]);
}

#[test]
fn every_name_of_a_format_is_its_own() {
    for (format, name) in Format::ALL {
        assert_eq!((Format::from_name(name), format.as_str()), (Some(*format), *name));
    }
}

#[test]
fn formats_are_known_by_their_keys() {
    for (text, expected) in [
        (r#"{"did":"did:plc:x"}"#, Some(Format::Jetstream)),
        (r#"{"ok":true,"result":{"message_id":1}}"#, Some(Format::Telegram)),
        (r#"{"data":{"after":null,"children":[]},"kind":"Listing"}"#, Some(Format::Reddit)),
        (r#"{"data":{"text":"a \" } {","id":"1"}}"#, Some(Format::XV2)),
        (r#"{"id":"1","body":"did","network":"x"}"#, Some(Format::Canonical)),
        (r#"{"ok":1,"data":{"list":[]}}"#, Some(Format::WeiboAjax)),
        (r#"{"title":"t","link":"l"}"#, Some(Format::Feed)),
        (r#"{"id":1}"#, None),
    ] {
        assert_eq!(detect_format(text), expected, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_give_a_frame(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for (format, _) in Format::ALL {
            prop_assert!(!frames(&bytes, *format).is_empty());
        }
    }

    #[test]
    fn cut_and_changed_twins_give_a_frame(pick in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(),
            at in any::<prop::sample::Index>(), byte in any::<u8>(), as_format in 0..Format::ALL.len()) {
        let twins = twins();
        let (_, path) = &twins[pick.index(twins.len())];
        let mut bytes = fs::read(path).unwrap();
        let place = at.index(bytes.len());
        bytes[place] = byte;
        split_records(&bytes, &mut |piece| assert!(!frames(piece.bytes, Format::ALL[as_format].0).is_empty()));
        bytes.truncate(cut.index(bytes.len()));
        prop_assert!(!frames(&bytes, Format::Auto).is_empty());
    }

    #[test]
    fn events_do_not_depend_on_chunks(text in "(a|b|\r|\n|\r\n|:|data: ){0,40}", size in 1usize..9) {
        let (mut whole, mut cut) = (Vec::new(), Vec::new());
        let mut splitter = SseSplitter::new();
        splitter.push(text.as_bytes(), &mut |e| whole.push(e.to_vec()));
        splitter.finish(&mut |e| whole.push(e.to_vec()));
        text.as_bytes().chunks(size).for_each(|chunk| splitter.push(chunk, &mut |e| cut.push(e.to_vec())));
        splitter.finish(&mut |e| cut.push(e.to_vec()));
        prop_assert_eq!(whole, cut);
    }
}
