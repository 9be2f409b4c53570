//! `earful load`: posts for capacity tests, into a topic.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::logs::LogArgs;
use super::{EXIT_OK, EXIT_USAGE, say};
use crate::config::{self, Loaded, Plan};
use crate::kafka::{load, load_topic};
use crate::load::{
    BUNDLED, CrisisSettings, Generator, LoadBrand, LoadCounts, LoadSettings, Mix, Schedule, Surge, phrases,
    texts,
};

/// A crisis of ten minutes, or of what is left.
const CRISIS_MS: i64 = 600_000;

/// Make posts and write them into a topic, to see how much a pipeline can take.
///
/// Some posts name the pipeline's brands. Records are keyed by `network:id`, and their partition is chosen by
/// the key. The posts are of the moment in which they are written, or of times spread over --span.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful load pipelines/kafka.toml                                 50,000 records/s for a minute
  earful load pipelines/kafka.toml --rate max --posts 10000000     as fast as the brokers take them
  earful load pipelines/kafka.toml --posts 1000000 --span 24h      a day to catch up with
  earful load pipelines/kafka.toml --for 20m --rate 2000/s --crisis-at 10m --crisis-brand panunion

A crisis: for ten minutes what is about its brand comes at 20 times the usual rate, on top of all else, mostly as
reposts, quotes and replies of one complaint with a link.

The bundled texts are 2,000 posts of the VADER corpus (MIT), of GoEmotions (Demszky et al. 2020, CC BY 4.0) and of
the Weibo Emotion Corpus (Cheng et al. 2017, Apache-2.0), cut to 280 characters and with brands put in.

Exit codes: 0 fine, 2 wrong usage, a pipeline with problems or no such topic, 3 the brokers failed.")]
pub struct LoadArgs {
    /// The pipeline file; it needs a table `kafka`.
    pipeline: PathBuf,
    /// The topic to write into; else the first topic of the pipeline's first feed.
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// How many records, with duplicates and malformed ones.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "lasts")]
    posts: Option<u64>,
    /// For how long.
    #[arg(long = "for", value_name = "TIME", value_parser = duration, default_value = "60s")]
    lasts: Duration,
    /// Records a second, or `max`.
    #[arg(long, value_name = "RATE", value_parser = rate, default_value = "50000/s")]
    rate: Rate,
    /// The same seed and times give the same bytes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Feed shapes and their weights: canonical, x_v1, bluesky_jetstream, mastodon, reddit, weibo_ajax.
    #[arg(long, value_name = "SHAPE=WEIGHT,...", default_value = "bluesky_jetstream=1,canonical=1,x_v1=1")]
    mix: Mix,
    /// Share of posts that name a brand.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0.1")]
    naming: u64,
    /// Share of records that come again.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0.02")]
    duplicates: u64,
    /// Share of posts that are 8 to 45 minutes late.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0.01")]
    late: u64,
    /// Share of records that are cut off in the middle.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0.005")]
    malformed: u64,
    /// When a crisis begins, counted from the first post's time.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    crisis_at: Option<Duration>,
    /// The brand of the crisis; else the first one.
    #[arg(long, value_name = "ID", requires = "crisis_at")]
    crisis_brand: Option<String>,
    /// Spread the posts' times over so long, up to now; written at the rate all the same.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    span: Option<Duration>,
    /// Texts to make posts of, one a line, instead of the bundled ones.
    #[arg(long, value_name = "FILE")]
    bodies: Option<PathBuf>,
    #[command(flatten)]
    logs: LogArgs,
}

/// Records a second; none is as many as possible.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rate(Option<f64>);

fn rate(text: &str) -> Result<Rate, String> {
    if text == "max" {
        return Ok(Rate(None));
    }
    let number: f64 = text.strip_suffix("/s").unwrap_or(text).parse().unwrap_or(f64::NAN);
    if number.is_finite() && number > 0.0 {
        return Ok(Rate(Some(number)));
    }
    Err("give records a second, more than 0, such as 50000/s, or `max`".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let found = text.parse::<jiff::SignedDuration>().ok().filter(|found| found.is_positive());
    found.map(|found| found.unsigned_abs()).ok_or_else(|| "give a time such as 30s, 10m or 24h".to_owned())
}

/// In a million.
fn share(text: &str) -> Result<u64, String> {
    let share: f64 = text.parse().unwrap_or(f64::NAN);
    let is_share = (0.0..=1.0).contains(&share);
    if is_share { Ok((share * 1e6).round() as u64) } else { Err("give a share from 0 to 1".to_owned()) }
}

/// Runs the command.
///
/// # Errors
/// When signals cannot be caught, or the file of texts cannot be read.
pub fn run(args: &LoadArgs) -> anyhow::Result<ExitCode> {
    args.logs.start();
    let plan = match config::load(&args.pipeline) {
        Ok(Loaded { plan, .. }) => plan,
        Err(problems) => return Ok(usage(&problems.to_string())),
    };
    let topic = match load_topic(&plan, args.topic.as_deref()) {
        Ok(topic) => topic,
        Err(error) => return Ok(usage(&format!("earful: {error}"))),
    };
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let mut schedule = args.schedule(now_ms);
    let mut generator = match args.generator(&plan, &schedule)? {
        Ok(generator) => generator,
        Err(what) => return Ok(usage(&format!("earful: {what}"))),
    };
    schedule.surge = args.surge(generator.surge_factor());
    let (stop, quit) = (Arc::default(), Arc::default());
    super::run::catch_signals(&stop, &quit)?;
    let bar = bar(&schedule);
    let result =
        load(&plan, &topic, &mut generator, &schedule, &stop, &mut |written| bar.set_position(written));
    bar.finish_and_clear();
    match result {
        Ok((counts, took)) => {
            print(&summary(&counts, took, args.seed, &topic));
            Ok(ExitCode::from(EXIT_OK))
        }
        Err(error) => {
            say(&format!("earful: {error}"));
            Ok(ExitCode::from(error.exit_code()))
        }
    }
}

fn usage(message: &str) -> ExitCode {
    say(message);
    ExitCode::from(EXIT_USAGE)
}

impl LoadArgs {
    fn schedule(&self, now_ms: i64) -> Schedule {
        let millis = |time: Duration| time.as_millis() as i64;
        let span_ms = self.span.map(millis);
        // Times can be spread only over records whose number is known.
        let counted = span_ms.and(self.rate.0).map(|rate| (rate * self.lasts.as_secs_f64()).max(1.0) as u64);
        let records = self.posts.or(counted);
        Schedule {
            start_ms: now_ms - span_ms.unwrap_or(0),
            records,
            lasts_ms: records.is_none().then(|| millis(self.lasts)),
            rate: self.rate.0,
            span_ms,
            surge: None,
        }
    }

    fn surge(&self, factor: f64) -> Option<Surge> {
        let from_ms = self.crisis_at?.as_millis() as i64;
        Some(Surge { from_ms, to_ms: from_ms + CRISIS_MS, factor })
    }

    /// The inner error is one of usage.
    fn generator(&self, plan: &Plan, schedule: &Schedule) -> anyhow::Result<Result<Generator, String>> {
        if self.span.is_some() && schedule.records.is_none() {
            return Ok(Err("with --span and --rate max, say how many records with --posts".to_owned()));
        }
        let bodies = match &self.bodies {
            None => texts(BUNDLED),
            Some(file) => {
                let text = fs::read_to_string(file);
                texts(&text.with_context(|| format!("cannot read the texts from {}", file.display()))?)
            }
        };
        let brands = brands(plan);
        let crisis = match self.crisis(&brands, schedule.start_ms) {
            Ok(crisis) => crisis,
            Err(what) => return Ok(Err(what)),
        };
        let LoadArgs { seed, mix, naming, duplicates, late, malformed, .. } = *self;
        let settings = LoadSettings { seed, mix, naming, duplicates, late, malformed, crisis };
        Ok(Generator::new(settings, brands, bodies).map_err(|e| e.to_string()))
    }

    fn crisis(&self, brands: &[LoadBrand], start_ms: i64) -> Result<Option<CrisisSettings>, String> {
        let Some(surge) = self.surge(1.0) else { return Ok(None) };
        let brand = match &self.crisis_brand {
            None => 0,
            Some(id) => brands.iter().position(|brand| brand.id == *id).ok_or_else(|| {
                let known: Vec<&str> = brands.iter().map(|brand| brand.id.as_str()).collect();
                format!("--crisis-brand {id}: the pipeline has the brands {}", known.join(", "))
            })?,
        };
        let (from_ms, to_ms) = (start_ms + surge.from_ms, start_ms + surge.to_ms);
        Ok(Some(CrisisSettings { brand, from_ms, to_ms }))
    }
}

/// The pipeline's brands by the words that name them.
fn brands(plan: &Plan) -> Vec<LoadBrand> {
    let brand = |brand: &config::BrandPlan| LoadBrand {
        id: brand.id.clone(),
        phrases: phrases(&brand.query, plan.text),
    };
    let brands: Vec<LoadBrand> = plan.brands.iter().map(brand).collect();
    for brand in brands.iter().filter(|brand| brand.phrases.is_empty()) {
        say(&format!("earful: no post names the brand {}: its query asks for more than words", brand.id));
    }
    brands
}

/// On a terminal only.
fn bar(schedule: &Schedule) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match schedule.expected() {
        Some(records) => {
            (ProgressBar::new(records), "{bar:30} {human_pos} of {human_len} records  {per_sec}  {eta}")
        }
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} records  {per_sec}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn summary(counts: &LoadCounts, took: Duration, seed: u64, topic: &str) -> String {
    let seconds = took.as_secs_f64();
    let LoadCounts { records, bytes, .. } = counts;
    let rate = *records as f64 / seconds.max(1e-9);
    format!(
        "{records} records, {bytes} bytes in {seconds:.1} s into {topic}: {rate:.0} records/s; seed {seed}; {counts}"
    )
}

fn print(line: &str) {
    // Whoever reads may have gone; the records are there.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_times_and_shares_are_read() {
        assert_eq!(rate("50000/s"), Ok(Rate(Some(50_000.0))));
        assert_eq!(rate("0.5"), Ok(Rate(Some(0.5))));
        assert_eq!(rate("max"), Ok(Rate(None)));
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(share("0.005"), Ok(5_000));
        for bad in ["0", "0/s", "-1", "many", "inf", "1/m", ""] {
            assert!(rate(bad).is_err(), "{bad}");
        }
        assert!(duration("0s").is_err() && duration("soon").is_err());
        assert!(share("1.1").is_err() && share("-0.1").is_err() && share("x").is_err());
    }
}
