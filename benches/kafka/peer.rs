//! Another program beside earful: the same broker and posts, in turns, measured in the same way.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use earful::analysis::query::{ParseOptions, parse};
use earful::analysis::text::TextOptions;
use earful::load::phrases;

use super::brands::{Brand, invent};
use super::process::Process;
use super::rig::{LATENESS, POSTS, Pipeline, Rig};
use super::throughput::{self, Run, spread};

const HEAD: &str = "| | posts a second, min / median / max | in the last third of the posts | over, s | longest gap between commits, ms | its own CPU s a million | broker, CPU s a million | resident, MB | mentions a post |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |";

/// The runs of one of the two.
#[derive(Default)]
struct Side {
    runs: Vec<Run>,
    /// As many as there are in the last run's topic.
    mentions: u64,
}

/// Prints earful's line, and both beside each other.
pub fn beside(rig: &Rig, command: &Path, (brands, workers): (usize, usize), times: usize) {
    let (mut earful, mut peer) = (Side::default(), Side::default());
    for time in 1..=times {
        let pipelines = [0, 1].map(|_| rig.pipeline(brands, POSTS, LATENESS));
        earful.runs.push(throughput::earful(rig, &pipelines[0], workers));
        peer.runs.push(throughput::measure(rig, &pipelines[1], start(rig, &pipelines[1], command, brands)));
        if time == times {
            [earful.mentions, peer.mentions] = pipelines.map(|pipeline| mentions(rig, &pipeline));
        }
    }
    println!("{}\n{}\n", throughput::HEAD, throughput::line(brands, workers, &earful.runs));
    println!("{HEAD}\n{}\n{}\n", line("earful", rig, &earful), line("peer", rig, &peer));
    let [ours, theirs] = [&earful, &peer].map(|side| spread(&side.runs, &|run| run.per_second)[1]);
    println!("By the medians earful reads {:.2} times as many posts a second.", ours / theirs);
}

/// What the command is told, it is told in its environment.
fn start(rig: &Rig, pipeline: &Pipeline, command: &Path, brands: usize) -> Process {
    let (words, scratch) = (rig.path(pipeline, "words.tsv"), rig.path(pipeline, "scratch"));
    fs::write(&words, invent(brands, 1).iter().map(names).collect::<String>()).unwrap();
    fs::create_dir(&scratch).unwrap();
    let told = [
        ("BROKERS", rig.brokers()),
        ("TOPIC", POSTS.to_owned()),
        ("GROUP", pipeline.group.clone()),
        ("PREFIX", pipeline.prefix.clone()),
        ("WORDS", words.display().to_string()),
        ("SCRATCH", scratch.display().to_string()),
    ];
    // The leash ignores SIGTERM, which is inherited, and Java then leaves it ignored.
    let mut line = ["env", "--default-signal=TERM"].map(str::to_owned).to_vec();
    line.extend(told.map(|(name, value)| format!("EARFUL_BENCH_{name}={value}")));
    // Without a slash it would be looked for elsewhere.
    line.push(fs::canonicalize(command).expect("the peer's command is a file").display().to_string());
    Process::start(line, rig, pipeline)
}

/// A line `word TAB brand` for each word by which the posts name the brand: the first letters in a row of what they say.
fn names(brand: &Brand) -> String {
    let query = parse(&brand.query, &ParseOptions::default()).query.unwrap();
    let word = |phrase: &String| {
        let from = phrase.trim_start_matches(|c: char| !c.is_alphabetic());
        from.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase()
    };
    let words: BTreeSet<String> = phrases(&query, TextOptions::default()).iter().map(word).collect();
    words.iter().map(|word| format!("{word}\t{}\n", brand.id)).collect()
}

fn mentions(rig: &Rig, pipeline: &Pipeline) -> u64 {
    let mut count = 0;
    rig.kafka.each_committed(&format!("{}mentions", pipeline.prefix), &mut |_| count += 1);
    count
}

fn line(name: &str, rig: &Rig, side: &Side) -> String {
    let of = |value: &dyn Fn(&Run) -> f64| spread(&side.runs, value);
    let rates = |value: &dyn Fn(&Run) -> f64| of(value).map(|rate| format!("{rate:.0}")).join(" / ");
    format!(
        "| {name} | {} | {} | {:.1} | {:.0} | {:.1} | {:.1} | {:.0} | {:.3} |",
        rates(&|run| run.per_second),
        rates(&|run| run.per_second_warm),
        of(&|run| run.seconds)[1],
        of(&|run| run.gap.as_secs_f64() * 1e3)[2],
        of(&|run| run.cpu[0])[1],
        of(&|run| run.cpu[1])[1],
        of(&|run| run.peak_mb)[2],
        side.mentions as f64 / rig.posts as f64,
    )
}
