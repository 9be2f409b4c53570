//! From the text of a pipeline file to a plan: the top of the file; each list has a module of its own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeTable;

use super::plan::{HttpPlan, Plan, StatePlan, TestPlan};
use super::problem::{Problem, Problems};
use super::reader::{Report, Table, choose};
use super::{alerts, brands, deliveries, inputs, kafka, outputs, rules, sentiment};
use crate::aggregate::{EngineSettings, LaneSettings};
use crate::analysis::text::TextOptions;
use crate::model::Resolution;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// A record of the default limit fits many times into memory, and no honest post comes near it.
const MAX_RECORD_BYTES: i64 = 16 << 20;
/// A pipeline file longer than this is none.
const FILE_BYTES_MAX: u64 = 64 << 20;

/// A plan, and the warnings that came up on the way.
#[derive(Debug)]
pub struct Loaded {
    /// Ready to run.
    pub plan: Plan,
    /// Warnings only.
    pub warnings: Problems,
}

/// Reads and validates a pipeline file and everything it names.
///
/// # Errors
/// All problems of the file, in its order; at least one of them makes a run impossible.
pub fn load(file: &Path) -> Result<Loaded, Problems> {
    load_naming(file).0
}

/// As [`load`], and names all files that had to be read or would have to be, whatever came of it.
pub fn load_naming(file: &Path) -> (Result<Loaded, Problems>, Vec<PathBuf>) {
    let text = match read(file) {
        Ok(text) => text,
        Err(what) => {
            let mut problems = Problems::default();
            problems.whole_file(
                file,
                what,
                "give the path of a pipeline file, such as pipelines/airlines.toml",
            );
            return (Err(problems), vec![file.to_owned()]);
        }
    };
    parse_naming(file, &text)
}

fn read(file: &Path) -> Result<String, String> {
    let length = std::fs::metadata(file).map_err(|e| format!("cannot be read: {e}"))?.len();
    if length > FILE_BYTES_MAX {
        return Err(format!("has {length} bytes; a pipeline file has at most {FILE_BYTES_MAX}"));
    }
    let bytes = std::fs::read(file).map_err(|e| format!("cannot be read: {e}"))?;
    String::from_utf8(bytes).map_err(|e| format!("is not UTF-8 at byte {}", e.utf8_error().valid_up_to()))
}

/// As [`load`], for a text that stands for the file of that name.
///
/// # Errors
/// As [`load`].
pub fn parse(file: &Path, text: &str) -> Result<Loaded, Problems> {
    parse_naming(file, text).0
}

fn parse_naming(file: &Path, text: &str) -> (Result<Loaded, Problems>, Vec<PathBuf>) {
    let mut report = Report { file, text, problems: Problems::default(), files: vec![file.to_owned()] };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        report.error(at, format!("this is not TOML: {}", error.message().replace('\n', ", ")), "");
    }
    // A file that is broken as TOML would give misleading problems further on.
    let plan = if report.problems.is_fatal() { None } else { plan(&mut report, table.get_ref()) };
    let (mut problems, files) = (report.problems, report.files);
    problems.0.sort_by(|a, b| order(file, a).cmp(&order(file, b)));
    let result = match plan {
        Some(plan) if !problems.is_fatal() => Ok(Loaded { plan, warnings: problems }),
        _ => Err(problems),
    };
    (result, files)
}

/// The pipeline file first, then its query files, each from top to bottom.
fn order<'p>(pipeline: &Path, problem: &'p Problem) -> (bool, &'p Path, u32, u32) {
    (problem.file != pipeline, &problem.file, problem.line, problem.column)
}

fn plan(report: &mut Report<'_>, table: &DeTable<'_>) -> Option<Plan> {
    let mut top = Table::new(table, "the pipeline", 0);
    let name = top.string(report, "name").map(|n| n.value.to_owned());
    let text = text(report, &mut top);
    let sentiment = sentiment::sentiment(report, &mut top);
    let lane = lane(report, &mut top);
    let resolutions = resolutions(report, &mut top);
    let max_record_bytes =
        top.integer(report, "max_record_bytes", 1024..=(1 << 30)).unwrap_or(MAX_RECORD_BYTES) as usize;
    let idle = top.duration(report, "idle", 1_000..=DAY_MS).unwrap_or(30_000);
    let rows = top.integer(report, "top", 0..=1_000).unwrap_or(50) as usize;
    let state = state(report, &mut top);
    let http = http(report, &mut top);
    let kafka = kafka::kafka(report, &mut top);
    let feeds = inputs::feeds(report, &mut top, http.is_some());
    let brands = brands::brands(report, &mut top);
    let filters = brands::filters(report, &mut top);
    let rules = rules::rules(report, &mut top, &brands.ids);
    let alerts = alerts::alerts(report, &mut top, &brands.ids);
    let deliveries = deliveries::deliveries(report, &mut top, &brands.ids, &alerts, kafka.is_some());
    let sinks = outputs::sinks(report, &mut top, http.is_some() || kafka.is_some());
    kafka::check(report, kafka.as_ref(), &feeds, sinks.first().map(|sink| sink.at));
    outputs::check_overlap(report, &feeds, &sinks, &state.dir);
    let tests = tests(report, &mut top);
    top.finish(report);
    let engine = EngineSettings {
        brands: brands.plans.iter().map(brands::settings).collect(),
        resolutions,
        pane_ms: lane.pane_ms,
        top: rows,
        alerts,
    };
    Some(Plan {
        name: name.unwrap_or_else(|| stem(report.file)),
        file: report.file.to_owned(),
        files: report.files.clone(),
        text,
        sentiment,
        lane,
        engine,
        max_record_bytes,
        idle: Duration::from_millis(idle as u64),
        state,
        feeds: feeds.into_iter().map(|f| f.value).collect(),
        brands: brands.plans,
        filters,
        rules,
        sinks: sinks.into_iter().map(|s| s.value).collect(),
        kafka,
        deliveries,
        http,
        tests,
    })
}

fn stem(file: &Path) -> String {
    file.file_stem().map_or_else(|| "pipeline".to_owned(), |s| s.to_string_lossy().into_owned())
}

fn text(report: &mut Report<'_>, top: &mut Table<'_>) -> TextOptions {
    let mut options = TextOptions::default();
    if let Some(mut table) = top.table(report, "text", "[text]") {
        let flags = [
            ("fold_han", &mut options.fold_han),
            ("match_handles", &mut options.match_handles),
            ("terms_in_urls", &mut options.terms_in_urls),
        ];
        for (key, flag) in flags {
            *flag = table.boolean(report, key).unwrap_or(*flag);
        }
        table.finish(report);
    }
    options
}

fn lane(report: &mut Report<'_>, top: &mut Table<'_>) -> LaneSettings {
    let mut lane = LaneSettings::default();
    if let Some(ms) = top.duration(report, "lateness", 0..=30 * DAY_MS) {
        lane.lateness_ms = ms;
    }
    if let Some(ms) = top.duration(report, "skew", 0..=DAY_MS) {
        lane.skew_ms = ms;
    }
    if let Some(mut table) = top.table(report, "dedupe", "dedupe") {
        if let Some(ms) = table.duration(report, "horizon", 0..=30 * DAY_MS) {
            lane.dedupe_horizon_ms = ms;
        }
        if let Some(limit) = table.integer(report, "limit", 1..=1_000_000_000) {
            lane.dedupe_limit = limit as usize;
        }
        table.finish(report);
    }
    lane
}

fn resolutions(report: &mut Report<'_>, top: &mut Table<'_>) -> Vec<Resolution> {
    let Some(list) = top.strings(report, "resolutions") else {
        return Resolution::ALL.to_vec();
    };
    if list.value.is_empty() {
        report.error(list.at, "`resolutions` is empty", "give some of: minute, hour, day");
    }
    let choices: Vec<_> = Resolution::ALL.iter().map(|r| (r.as_str(), *r)).collect();
    let mut wanted: Vec<_> =
        list.value.iter().filter_map(|name| choose(report, name, "resolutions", &choices)).collect();
    wanted.sort();
    wanted.dedup();
    wanted
}

fn state(report: &mut Report<'_>, top: &mut Table<'_>) -> StatePlan {
    let mut state = StatePlan { dir: report.path("state"), checkpoint: Duration::from_secs(1) };
    if let Some(mut table) = top.table(report, "state", "[state]") {
        if let Some(dir) = table.string(report, "dir") {
            state.dir = report.path(dir.value);
        }
        if let Some(ms) = table.duration(report, "checkpoint", 10..=DAY_MS) {
            state.checkpoint = Duration::from_millis(ms as u64);
        }
        table.finish(report);
    }
    state
}

fn http(report: &mut Report<'_>, top: &mut Table<'_>) -> Option<HttpPlan> {
    let mut table = top.table(report, "http", "[http]")?;
    if cfg!(not(feature = "http")) {
        report.error(
            table.at,
            "this earful was built without HTTP",
            "remove [http], or build with `--features http`",
        );
    }
    let listen = table.string(report, "listen");
    let at = listen.as_ref().map_or(table.at, |l| l.at);
    let written = listen.map_or("127.0.0.1:8080", |l| l.value);
    table.finish(report);
    match written.parse() {
        Ok(listen) => Some(HttpPlan { listen }),
        Err(_) => {
            let hint = "give an address and a port, such as \"127.0.0.1:8080\"";
            report.error(at, format!("`listen`: \"{written}\" is no address"), hint);
            // The problem is reported; what depends on [http] being there need not complain too.
            Some(HttpPlan { listen: ([127, 0, 0, 1], 0).into() })
        }
    }
}

fn tests(report: &mut Report<'_>, top: &mut Table<'_>) -> Vec<TestPlan> {
    let mut tests = Vec::new();
    for mut table in top.tables(report, "tests", "[[tests]]") {
        let posts = test_file(report, &mut table, "posts");
        let expect = test_file(report, &mut table, "expect");
        table.finish(report);
        if let (Some(posts), Some(expect)) = (posts, expect) {
            tests.push(TestPlan { posts, expect });
        }
    }
    tests
}

fn test_file(report: &mut Report<'_>, table: &mut Table<'_>, key: &'static str) -> Option<PathBuf> {
    let written = table.required(report, key, "give a file, relative to the pipeline file")?;
    let path = report.path(written.value);
    inputs::must_be_file(report, &path, written.at).then_some(path)
}
