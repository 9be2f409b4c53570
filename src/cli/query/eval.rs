//! `earful query eval`: a query against an analyst's own labels.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::posts::format_name;
use super::super::say;
use super::shown_post::ShownPost;
use super::source::Source;
use super::{count, verdict};
use crate::analysis::decode::{Format, Frame, decode, detect_format};
use crate::analysis::text::TextOptions;
use crate::analysis::trial::{Matcher, with_post};
use crate::model::{Language, Origin, Post, Record, Timestamp};

/// Measure a query on labelled posts: precision and recall with 95 % intervals, and every mistake.
///
/// Each line of LABELLED.jsonl is a post with `"label": true` if it is about the brand, else `false`.
#[derive(Debug, Args)]
#[command(after_help = "\
Lines of a file:
  {\"label\": true, \"post\": \"Apple has a new phone\"}
  {\"label\": false, \"post\": {\"title\": \"Recipes\", \"text\": \"an apple pie\", \"author\": [\"ann\"]}}
  {\"label\": false, \"network\": \"x\", \"id\": \"7\", \"text\": \"apple juice\", \"published_at\": \"2026-03-10T09:00:00Z\"}

A post is a text, an object as in the cases of `earful query test`, or a record of any feed.
QUERY is a text, or the name of a file with one (it ends with .bwq, or is there).
Exit codes: 0 measured, 1 the query has errors or a line cannot be used, 2 wrong usage, 3 a file cannot be read.")]
pub(super) struct EvalArgs {
    /// The feed format of the posts; `auto` finds it for each.
    #[arg(long, default_value = "auto", value_parser = format_name)]
    format: Format,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// The query, or a file with it.
    query: String,
    /// Labelled posts, one a line; `-` is standard input.
    #[arg(value_name = "LABELLED.jsonl")]
    labelled: PathBuf,
}

#[derive(Deserialize)]
struct Line<'a> {
    label: bool,
    #[serde(borrow)]
    post: Option<&'a RawValue>,
}

/// A share with its 95 % interval by Wilson's score; all absent where there is nothing to divide by.
#[derive(Debug, Serialize)]
struct Share {
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    hits: u64,
    of: u64,
}

impl Share {
    fn new(hits: u64, of: u64) -> Share {
        if of == 0 {
            return Share { value: None, low: None, high: None, hits, of };
        }
        /// Two-sided 95 % of the normal distribution.
        const Z: f64 = 1.959_963_984_540_054;
        let (n, p) = (of as f64, hits as f64 / of as f64);
        let scale = 1.0 + Z * Z / n;
        let centre = (p + Z * Z / (2.0 * n)) / scale;
        let half = Z / scale * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let round = |x: f64| (x.clamp(0.0, 1.0) * 1e6).round() / 1e6;
        Share {
            value: Some(round(p)),
            low: Some(round(centre - half)),
            high: Some(round(centre + half)),
            hits,
            of,
        }
    }

    fn text(&self) -> String {
        match (self.value, self.low, self.high) {
            (Some(value), Some(low), Some(high)) => {
                let (percent, low, high) = (100.0 * value, 100.0 * low, 100.0 * high);
                format!("{percent:.1} % (95 % interval {low:.1} to {high:.1}), {} of {}", self.hits, self.of)
            }
            _ => "unknown: there is nothing to count".to_owned(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Mistake {
    /// `false_positive`: found, and labelled false. `false_negative`: labelled true, and not found.
    kind: &'static str,
    line: usize,
    #[serde(flatten)]
    post: ShownPost,
}

#[derive(Debug, Default)]
struct Tally {
    true_positives: u64,
    false_positives: u64,
    false_negatives: u64,
    true_negatives: u64,
    mistakes: Vec<Mistake>,
}

#[derive(Serialize)]
struct Report<'a> {
    posts: u64,
    true_positives: u64,
    false_positives: u64,
    false_negatives: u64,
    true_negatives: u64,
    /// Lines that cannot be used.
    bad_lines: u64,
    precision: Share,
    recall: Share,
    mistakes: &'a [Mistake],
}

pub(super) fn run(args: &EvalArgs) -> anyhow::Result<ExitCode> {
    let query = Source::of_argument(&args.query)?;
    let labelled = Source::read(&args.labelled)?;
    let Some(query) = query.query() else { return Ok(verdict(false)) };
    let mut matcher = Matcher::new(vec![query], TextOptions::default());
    let (mut tally, mut bad_lines) = (Tally::default(), 0);
    for (number, line) in (1..).zip(labelled.text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        if let Err(why) = judge(line, number, args.format, &mut matcher, &mut tally) {
            bad_lines += 1;
            say(&format!("{}:{number}: {why}", labelled.name));
        }
    }
    let report = tally.report(bad_lines);
    let mut out = BufWriter::new(io::stdout().lock());
    if args.json {
        serde_json::to_writer_pretty(&mut out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        show(&mut out, &report, &labelled.name)?;
    }
    out.flush()?;
    Ok(verdict(bad_lines == 0))
}

fn judge(
    line: &str,
    number: usize,
    format: Format,
    matcher: &mut Matcher,
    tally: &mut Tally,
) -> Result<(), String> {
    let Line { label, post } = serde_json::from_str(line).map_err(|e| {
        let why = super::why_no_object(line, &e);
        format!("this line is no labelled post ({why}); write {{\"label\": true, \"post\": \"an apple\"}}")
    })?;
    let raw = post.map_or(line, RawValue::get);
    with_any_post(raw, number, format, &mut |post, language| {
        let spans = matcher.find(post, language).pop().flatten();
        tally.add(label, number, post, spans.as_deref());
    })
}

/// A description, or a record of a feed: the description's error is the one that helps.
fn with_any_post(
    raw: &str,
    line: usize,
    format: Format,
    each: &mut dyn FnMut(&Post<'_>, Option<Language>),
) -> Result<(), String> {
    if format == Format::Auto {
        let described = with_post(&described(raw, line)?, each);
        if described.is_ok() || detect_format(raw).is_none() {
            return described;
        }
    }
    let origin = Origin { feed: "", source: "", offset: 0, line: 0 };
    let record = Record { payload: raw.as_bytes(), received_at: Some(Timestamp::from_millis(0)), origin };
    let mut result = Err("this record holds no post".to_owned());
    decode(&record, format, &mut |frame| match frame {
        Frame::Post(post) => {
            each(&post, None);
            result = Ok(());
        }
        Frame::Malformed(defect) => result = Err(format!("{}: {}", defect.code, defect.detail)),
        _ => {}
    });
    result
}

/// A post as people write it; one without an id has the number of its line, so that it can be told from the others.
fn described(raw: &str, line: usize) -> Result<Value, String> {
    let mut value: Value = serde_json::from_str(raw).map_err(|e| e.to_string())?;
    if let Value::String(text) = value {
        return Ok(json!({"text": text, "guid": line.to_string()}));
    }
    if let Some(fields) = value.as_object_mut() {
        fields.remove("label");
        let has_id = fields.keys().any(|key| ["id", "guid"].iter().any(|id| key.eq_ignore_ascii_case(id)));
        if !has_id {
            fields.insert("guid".to_owned(), json!(line.to_string()));
        }
    }
    Ok(value)
}

impl Tally {
    fn add(&mut self, label: bool, line: usize, post: &Post<'_>, spans: Option<&[crate::model::Span]>) {
        let mut mistake = |kind| {
            self.mistakes.push(Mistake { kind, line, post: ShownPost::new(post, spans.unwrap_or(&[])) });
        };
        match (label, spans.is_some()) {
            (true, true) => self.true_positives += 1,
            (false, false) => self.true_negatives += 1,
            (false, true) => {
                mistake("false_positive");
                self.false_positives += 1;
            }
            (true, false) => {
                mistake("false_negative");
                self.false_negatives += 1;
            }
        }
    }

    fn report(&self, bad_lines: u64) -> Report<'_> {
        let Tally { true_positives, false_positives, false_negatives, true_negatives, mistakes } = self;
        let found = true_positives + false_positives;
        let wanted = true_positives + false_negatives;
        Report {
            posts: found + false_negatives + true_negatives,
            true_positives: *true_positives,
            false_positives: *false_positives,
            false_negatives: *false_negatives,
            true_negatives: *true_negatives,
            bad_lines,
            precision: Share::new(*true_positives, found),
            recall: Share::new(*true_positives, wanted),
            mistakes,
        }
    }
}

fn show(out: &mut impl Write, report: &Report<'_>, file: &str) -> io::Result<()> {
    for Mistake { kind, line, post } in report.mistakes {
        let why = if *kind == "false_positive" {
            format!("found, labelled false: {}", post.words())
        } else {
            "labelled true, not found".to_owned()
        };
        writeln!(out, "{file}:{line}: {why}\n  {}", post.excerpt())?;
    }
    let Report { posts, true_positives, false_negatives, .. } = report;
    let wanted = true_positives + false_negatives;
    writeln!(out, "{}, {wanted} of them labelled true", count(*posts as usize, "post"))?;
    writeln!(out, "precision {}", report.precision.text())?;
    writeln!(out, "recall    {}", report.recall.text())
}

#[cfg(test)]
mod tests {
    use super::Share;

    fn check(hits: u64, of: u64, low: f64, high: f64) {
        let share = Share::new(hits, of);
        let near = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 5e-4;
        assert!(near(share.low, low) && near(share.high, high), "{hits} of {of}: {share:?}");
    }

    #[test]
    fn intervals_are_wilsons() {
        // Newcombe (1998), table I, method 3.
        check(81, 263, 0.2553, 0.3662);
        check(15, 148, 0.0624, 0.1605);
        check(0, 20, 0.0, 0.1611);
        check(1, 29, 0.0061, 0.1718);
        check(20, 20, 0.8389, 1.0);
        assert_eq!(Share::new(0, 0).value, None);
    }
}
