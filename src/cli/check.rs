//! `earful check`: every problem of a pipeline at once, then its own tests.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Deserialize;

use super::{EXIT_INPUT, EXIT_USAGE};
use crate::analysis::decode::{Format, Frame, decode, split_records};
use crate::analysis::{Annotator, Scratch};
use crate::config::{self, Loaded, TestPlan};
use crate::model::{Origin, ReadingOutcome, Record};
use crate::runtime::annotator;

/// Check a pipeline file and run its tests.
///
/// Reports every problem at once, with file, line, column and a hint. Then runs the tests of the
/// pipeline: the posts of a file against the brands that each must match.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful check pipelines/airlines.toml

A test in the pipeline file, and one line of its `expect` file for each post:
  [[tests]]
  posts  = \"tests/airlines.jsonl\"
  expect = \"tests/airlines.expect.jsonl\"

  {\"id\": \"42\", \"brands\": [\"united\"]}

What rules must do can be added, for all brands of the post: \"tags\": [\"refund\"], \"category\": \"service\",
\"sentiment\": \"negative\".

Exit codes: 0 no problem and all tests passed, 1 a test failed, 2 the pipeline has problems.")]
pub struct CheckArgs {
    /// The pipeline file.
    pipeline: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// When standard output is gone.
pub fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    let plan = match config::load(&args.pipeline) {
        Ok(Loaded { plan, warnings }) => {
            warnings.0.iter().try_for_each(|warning| writeln!(out, "{warning}"))?;
            plan
        }
        Err(problems) => {
            writeln!(out, "{problems}")?;
            let count = problems.0.len();
            writeln!(out, "{count} problem{} in {}", plural(count), args.pipeline.display())?;
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let brands = plan.brands.len();
    let alerts = plan.engine.alerts.len();
    writeln!(
        out,
        "{}: {brands} brand{}, {alerts} alert{}, no errors",
        args.pipeline.display(),
        plural(brands),
        plural(alerts)
    )?;
    let (mut passed, mut failed) = (0, 0);
    let annotator = annotator(&plan);
    for test in &plan.tests {
        let result = run_test(&annotator, test);
        result.failures.iter().try_for_each(|failure| writeln!(out, "FAILED {failure}"))?;
        passed += result.passed;
        failed += result.failures.len();
    }
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_INPUT) })
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[derive(Default)]
struct TestResult {
    passed: usize,
    failures: Vec<String>,
}

/// One line of an `expect` file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: String,
    brands: BTreeSet<String>,
    /// What rules must have done, if that is to be looked at: the tags of all brands together...
    tags: Option<BTreeSet<String>>,
    /// ...and what every brand must have.
    category: Option<String>,
    sentiment: Option<String>,
}

/// What the pipeline makes of a post.
#[derive(Default)]
struct Found {
    brands: BTreeSet<String>,
    tags: BTreeSet<String>,
    categories: BTreeSet<String>,
    sentiments: BTreeSet<String>,
}

/// What is compared of a mention's JSON.
#[derive(Deserialize)]
struct Written {
    brands: Vec<WrittenMatch>,
}

#[derive(Deserialize)]
struct WrittenMatch {
    brand: String,
    sentiment: WrittenSentiment,
    #[serde(default)]
    tags: Vec<String>,
    category: Option<String>,
}

#[derive(Deserialize)]
struct WrittenSentiment {
    label: String,
}

impl Found {
    fn add(&mut self, mention: Written) {
        for found in mention.brands {
            self.brands.insert(found.brand);
            self.tags.extend(found.tags);
            self.categories.extend(found.category);
            self.sentiments.insert(found.sentiment.label);
        }
    }

    /// How it differs from what is expected.
    fn differs(&self, expected: &Expected) -> Option<String> {
        let one = |name: &Option<String>| name.iter().cloned().collect::<BTreeSet<String>>();
        let compared = [
            ("brand", "matches", &self.brands, Some(expected.brands.clone())),
            ("tag", "has the tags", &self.tags, expected.tags.clone()),
            (
                "category",
                "is in the category",
                &self.categories,
                expected.category.as_ref().map(|_| one(&expected.category)),
            ),
            (
                "sentiment",
                "is",
                &self.sentiments,
                expected.sentiment.as_ref().map(|_| one(&expected.sentiment)),
            ),
        ];
        compared.into_iter().find_map(|(what, verb, found, wanted)| {
            let wanted = wanted.filter(|wanted| wanted != found)?;
            Some(format!("{verb} {}, expected {}", list(found, what), list(&wanted, what)))
        })
    }
}

fn run_test(annotator: &Annotator, test: &TestPlan) -> TestResult {
    let mut result = TestResult::default();
    let posts = read(&test.posts, &mut result).unwrap_or_default();
    let expected = read(&test.expect, &mut result).unwrap_or_default();
    let mut found = find_brands(annotator, &test.posts, &posts, &mut result);
    for (number, line) in (1..).zip(expected.split(|b| *b == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let place = format!("{}:{number}", test.expect.display());
        match serde_json::from_slice::<Expected>(line) {
            Ok(expected) => match found.remove(&expected.id) {
                Some(found) => match found.differs(&expected) {
                    None => result.passed += 1,
                    Some(how) => result.failures.push(format!("{place}: post {} {how}", expected.id)),
                },
                None => {
                    let posts = test.posts.display();
                    result.failures.push(format!("{place}: {posts} has no post with the id {}", expected.id));
                }
            },
            Err(e) => {
                let shape = r#"one line a post: {"id": "42", "brands": ["united"]}"#;
                result.failures.push(format!("{place}: {e}; {shape}"));
            }
        }
    }
    for (id, found) in found {
        result.failures.push(format!(
            "{}: no line for post {id}, which matches {}",
            test.expect.display(),
            list(&found.brands, "brand")
        ));
    }
    result
}

fn read(path: &Path, result: &mut TestResult) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    match crate::feeds::open(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Some(bytes),
        Err(e) => {
            result.failures.push(format!("{}: {e}", path.display()));
            None
        }
    }
}

/// What is found in every post of the file, by native id. What cannot be read is a failure.
fn find_brands(
    annotator: &Annotator,
    path: &Path,
    posts: &[u8],
    result: &mut TestResult,
) -> BTreeMap<String, Found> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut scratch = Scratch::default();
    let source = path.display().to_string();
    split_records(posts, &mut |piece| {
        let origin = Origin { feed: "", source: &source, offset: piece.offset, line: piece.line };
        let record = Record { payload: piece.bytes, received_at: None, origin };
        // The ids come from the decoder: a reading without a match does not carry one.
        decode(&record, Format::Auto, &mut |frame| {
            if let Frame::Post(post) = frame {
                found.entry(post.id.into_owned()).or_default();
            }
        });
        let mut readings = Vec::new();
        annotator.read(&record, Format::Auto, &mut scratch, &mut readings);
        for reading in readings {
            match reading.outcome {
                ReadingOutcome::Matched(mention) => {
                    let id = mention.key().id.to_string();
                    match serde_json::from_slice(&mention.json) {
                        Ok(written) => found.entry(id).or_default().add(written),
                        Err(e) => result.failures.push(format!("{source}:{}: post {id}: {e}", piece.line)),
                    }
                }
                ReadingOutcome::Malformed(dead) => result.failures.push(format!(
                    "{source}:{}: cannot be read: {}: {}",
                    piece.line, dead.reason, dead.detail
                )),
                _ => {}
            }
        }
    });
    found
}

fn list(names: &BTreeSet<String>, what: &str) -> String {
    if names.is_empty() {
        return format!("no {what}");
    }
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
