//! `earful query test`: queries with posts and the outcome that is expected.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::shown_post::ShownPost;
use super::source::Source;
use super::verdict;
use crate::analysis::query::{ParseOptions, Parsed, Purpose, parse};
use crate::analysis::text::TextOptions;
use crate::analysis::trial::{Matcher, ShortComputed, with_post};

/// Run test cases: a query, a post, and whether it matches.
///
/// Each line of FILE is a case. `post` is a text, or an object with the fields that matter. `error` passes when
/// that code is among the problems found; `warn` names warnings that must be among them. `collect` false makes it a rule,
/// which may ask for what is computed of the post (`sentiment`, `emotion`, `brand`, `tag`, `category`); without it a case with
/// `match` that asks for that is a rule, too. `strict` true reads the query strictly.
#[derive(Debug, Args)]
#[command(after_help = "\
Lines of a file:
  {\"q\": \"apple NOT juice\", \"post\": \"apple pie\", \"match\": true}
  {\"q\": \"author:ann\", \"post\": {\"text\": \"hi\", \"author\": [\"Ann\"]}, \"match\": true}
  {\"q\": \"apple and juice\", \"post\": \"apple juice\", \"match\": false, \"warn\": [\"W101\"]}
  {\"q\": \"apple OR banana AND juice\", \"error\": \"E201\"}
  {\"q\": \"tag:vip NOT sentiment:positive\", \"post\": {\"text\": \"hi\", \"tag\": \"vip\"}, \"match\": true}

Exit codes: 0 all passed, 1 a case failed or a line cannot be used, 2 wrong usage, 3 a file cannot be read.")]
pub(super) struct TestArgs {
    /// Files with a case a line; `-` is standard input.
    #[arg(value_name = "FILE.jsonl", required = true)]
    files: Vec<PathBuf>,
}

/// The error of a collection query that asks for what is computed later.
const COMPUTED: &str = "E302";

#[derive(Deserialize)]
struct Case {
    q: String,
    post: Option<Value>,
    #[serde(rename = "match")]
    matches: Option<bool>,
    error: Option<String>,
    #[serde(default)]
    warn: Codes,
    /// Whether it decides what is collected; false is a rule.
    collect: Option<bool>,
    #[serde(default)]
    strict: bool,
    #[serde(flatten)]
    other: serde_json::Map<String, Value>,
}

/// One code or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Codes {
    One(String),
    Several(Vec<String>),
}

impl Default for Codes {
    fn default() -> Codes {
        Codes::Several(Vec::new())
    }
}

impl Codes {
    fn all(&self) -> &[String] {
        match self {
            Codes::One(code) => std::slice::from_ref(code),
            Codes::Several(codes) => codes,
        }
    }
}

pub(super) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let sources = args.files.iter().map(|path| Source::read(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut passed, mut failed) = (0_usize, 0_usize);
    let mut ignored = BTreeSet::new();
    for source in &sources {
        for (number, line) in (1..).zip(source.text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            match run_line(line, &mut ignored) {
                Ok(()) => passed += 1,
                Err(why) => {
                    failed += 1;
                    writeln!(out, "FAILED {}:{number}: {why}", source.name)?;
                }
            }
        }
    }
    for key in ignored {
        super::super::say(&format!("the key `{key}` means nothing in a test case and is ignored"));
    }
    if passed + failed == 0 {
        super::super::say("there is no case in what was given, so nothing was tested");
    }
    writeln!(out, "{passed} passed, {failed} failed")?;
    out.flush()?;
    Ok(verdict(failed == 0))
}

/// The error says why the case failed, or what is wrong with the line.
fn run_line(line: &str, ignored: &mut BTreeSet<String>) -> Result<(), String> {
    let case: Case = serde_json::from_str(line).map_err(|e| {
        let why = super::why_no_object(line, &e);
        format!("this line is no test case ({why}); write {{\"q\": \"apple\", \"post\": \"an apple\", \"match\": true}}")
    })?;
    ignored.extend(case.other.keys().cloned());
    let (parsed, purpose) = read(&case);
    for code in case.warn.all() {
        expect_code(&case, &parsed, code)?;
    }
    match (&case.error, case.matches, &case.post) {
        (Some(code), None, _) => expect_error(&case, &parsed, code),
        (None, Some(expected), Some(post)) => expect_match(&case, &parsed, purpose, (post, expected)),
        (None, Some(_), None) => Err("this case has `match` and no `post`".to_owned()),
        (Some(_), Some(_), _) => Err("this case has both `match` and `error`; keep one".to_owned()),
        (None, None, _) => Err("this case has neither `match` nor `error`".to_owned()),
    }
}

/// What a case is for, where it does not say so, is told by what it asks for.
fn read(case: &Case) -> (Parsed, Purpose) {
    let parse = |purpose| (parse(&case.q, &ParseOptions { strict: case.strict, purpose }), purpose);
    match case.collect {
        Some(true) => parse(Purpose::Collection),
        Some(false) => parse(Purpose::Rule),
        None => {
            let (parsed, purpose) = parse(Purpose::Collection);
            let is_rule = parsed.errors().any(|error| error.code == COMPUTED) && case.matches.is_some();
            if is_rule { parse(Purpose::Rule) } else { (parsed, purpose) }
        }
    }
}

fn found(parsed: &Parsed) -> String {
    let codes: Vec<&str> = parsed.problems.iter().map(|problem| problem.code).collect();
    if codes.is_empty() { "no problems".to_owned() } else { codes.join(", ") }
}

fn expect_code(case: &Case, parsed: &Parsed, code: &str) -> Result<(), String> {
    if parsed.problems.iter().any(|problem| problem.code == code) {
        return Ok(());
    }
    Err(format!("`{}` has {}, expected {code}", case.q, found(parsed)))
}

/// The code is an error, so a query that has it is never run.
fn expect_error(case: &Case, parsed: &Parsed, code: &str) -> Result<(), String> {
    if !code.starts_with('E') {
        return Err(format!("`error` is a code as E201, not {code:?}; put warnings in `warn`"));
    }
    expect_code(case, parsed, code)
}

fn expect_match(
    case: &Case,
    parsed: &Parsed,
    purpose: Purpose,
    (post, expected): (&Value, bool),
) -> Result<(), String> {
    let Some(query) = &parsed.query else {
        let first = parsed.errors().next().map_or_else(String::new, ToString::to_string);
        return Err(format!("`{}` cannot be used: {first}", case.q));
    };
    let unusable = |what: String| format!("the post cannot be used: {what}");
    let mut post = post.clone();
    let stated = ShortComputed::take(&mut post).map_err(unusable)?;
    let mut matcher = Matcher::new(vec![query.clone()], TextOptions::default());
    let mut outcome = Ok(());
    with_post(&post, &mut |post, language| {
        // Where a rule has found something is not told.
        let found = match purpose {
            Purpose::Rule => {
                matcher.holds_as_rule(post, language, stated.computed()).then(|| "as a rule".to_owned())
            }
            Purpose::Collection => {
                let spans = matcher.find(post, language).pop().flatten();
                spans.map(|spans| ShownPost::new(post, &spans).words())
            }
        };
        outcome = match (found, expected) {
            (Some(_), true) | (None, false) => Ok(()),
            (Some(found), false) => Err(format!("`{}` matches ({found}), expected no match", case.q)),
            (None, true) => Err(format!("`{}` does not match, expected a match", case.q)),
        };
    })
    .map_err(unusable)?;
    outcome
}
