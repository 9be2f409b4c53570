//! `[[feeds]]`.

use std::path::Path;

use super::plan::{FeedPlan, Source};
use super::reader::{At, Report, Table};
use crate::analysis::decode::Format;

#[derive(Clone, Copy)]
enum Kind {
    File,
    Directory,
    Stdin,
    Push,
    Kafka,
}

const KINDS: &[(&str, Kind)] = &[
    ("file", Kind::File),
    ("directory", Kind::Directory),
    ("stdin", Kind::Stdin),
    ("push", Kind::Push),
    ("kafka", Kind::Kafka),
];

/// All feeds that can be used; problems with the others are in the report.
pub(super) fn feeds(report: &mut Report<'_>, top: &mut Table<'_>, has_http: bool) -> Vec<At<FeedPlan>> {
    let tables = top.tables(report, "feeds", "[[feeds]]");
    if tables.is_empty() {
        let hint = "add one:\n        [[feeds]]\n        name = \"posts\"\n        type = \"file\"\n        path = \"posts.jsonl\"";
        report.error(0, "the pipeline has no feed", hint);
    }
    let mut feeds: Vec<At<FeedPlan>> = Vec::new();
    for mut table in tables {
        let feed = feed(report, &mut table, has_http);
        let at = table.at;
        table.finish(report);
        let Some(feed) = feed else { continue };
        check_unique(report, &feeds, &feed, at);
        feeds.push(At { value: feed, at });
    }
    feeds
}

fn feed(report: &mut Report<'_>, table: &mut Table<'_>, has_http: bool) -> Option<FeedPlan> {
    let name = table.required(report, "name", "give each feed a name of its own");
    let formats: Vec<_> = Format::ALL.iter().map(|(format, name)| (*name, *format)).collect();
    let format = table.choice(report, "format", &formats).unwrap_or(Format::Auto);
    let kind =
        table.required(report, "type", "give \"file\", \"directory\", \"stdin\", \"push\" or \"kafka\"")?;
    let source = match super::reader::choose(report, &kind, "type", KINDS)? {
        Kind::File => {
            let path = table.required(report, "path", "give the file, relative to the pipeline file")?;
            let file = report.path(path.value);
            must_be_file(report, &file, path.at);
            Source::File(file)
        }
        Kind::Directory => {
            let path = table.required(report, "path", "give the folder, relative to the pipeline file")?;
            let dir = report.path(path.value);
            if !dir.is_dir() {
                report.error(path.at, format!("{} is not a folder", dir.display()), "");
            }
            Source::Directory(dir)
        }
        Kind::Stdin => Source::Stdin,
        Kind::Push => {
            push_needs_http(report, kind.at, has_http);
            Source::Push
        }
        Kind::Kafka => Source::Kafka(super::kafka::topics(report, table)?),
    };
    Some(FeedPlan { name: name?.value.to_owned(), source, format })
}

fn push_needs_http(report: &mut Report<'_>, at: usize, has_http: bool) {
    if cfg!(not(feature = "http")) {
        let hint = "use another feed, or build with `--features http`";
        report.error(at, "a push feed needs HTTP, and this earful was built without it", hint);
    } else if !has_http {
        let hint = "add:\n        [http]\n        listen = \"127.0.0.1:8080\"";
        report.error(at, "a push feed needs [http]", hint);
    }
}

fn check_unique(report: &mut Report<'_>, feeds: &[At<FeedPlan>], feed: &FeedPlan, at: usize) {
    for other in feeds.iter().map(|f| &f.value) {
        if other.name == feed.name {
            let what = format!("two feeds are called \"{}\"", feed.name);
            report.error(at, what, "the name is how a feed finds its state again; give each its own");
        }
        if feed.source.is_live() && other.source == feed.source {
            let what = format!("\"{}\" and \"{}\" read the same {}", other.name, feed.name, feed.source);
            report.error(at, what, "keep one of them");
        }
    }
}

/// Reports a path that is no regular file.
pub(super) fn must_be_file(report: &mut Report<'_>, path: &Path, at: usize) -> bool {
    match std::fs::metadata(path) {
        Ok(found) if found.is_file() => return true,
        Ok(found) if found.is_dir() => {
            report.error(at, format!("{} is a folder", path.display()), "name a file");
        }
        Ok(_) => {
            let what = format!("{} is no regular file", path.display());
            report.error(at, what, "a pipe or a device can be read with type = \"stdin\"");
        }
        Err(e) => report.error(at, format!("{}: {e}", path.display()), ""),
    }
    false
}
