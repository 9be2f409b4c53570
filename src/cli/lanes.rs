//! `earful lanes`: how far a pipeline in Kafka has come.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{EXIT_OK, EXIT_USAGE, say};
use crate::config::{self, Loaded};
use crate::kafka::{PartitionProgress, progress};
use crate::model::{Fate, FateCounts, Timestamp};

/// Show how far the lanes of a pipeline in Kafka have come.
///
/// A line for every partition that the pipeline reads, as it is committed: posts topics, then `tallies`. The fates
/// are those of all posts that the lane has ever read; their sum is the number of posts and frames.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  earful lanes pipelines/kafka.toml            a table
  earful lanes --json pipelines/kafka.toml     a JSON object a line

next   offset of the next record to be read, - when nothing is committed yet
end    one past the last committed record; the end of a transaction takes an offset, too
lag    offsets from `next` to `end`
lost   offsets that the topic's retention deleted before they were read

Looks only: it joins no group and changes nothing.
Exit codes: 0 fine, 2 the pipeline has problems, 3 the brokers failed or the state is not earful's.")]
pub struct LanesArgs {
    /// The pipeline file; it needs a table `kafka`.
    pipeline: PathBuf,
    /// A JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// None; what goes wrong is said and shows in the exit code.
pub fn run(args: &LanesArgs) -> anyhow::Result<ExitCode> {
    let plan = match config::load(&args.pipeline) {
        Ok(Loaded { plan, .. }) => plan,
        Err(problems) => {
            say(&problems.to_string());
            return Ok(ExitCode::from(EXIT_USAGE));
        }
    };
    let partitions = match progress(&plan) {
        Ok(partitions) => partitions,
        Err(error) => {
            say(&format!("earful: {error}"));
            return Ok(ExitCode::from(error.exit_code()));
        }
    };
    let text = if args.json {
        partitions.iter().map(|partition| format!("{}\n", object(partition))).collect()
    } else {
        table(&partitions)
    };
    // Whoever reads may have gone.
    let _ = io::stdout().lock().write_all(text.as_bytes());
    Ok(ExitCode::from(EXIT_OK))
}

fn object(partition: &PartitionProgress) -> Value {
    let fates = |fates: &FateCounts| -> Map<String, Value> {
        Fate::ALL.iter().map(|fate| (fate.as_str().to_owned(), fates.of(*fate).into())).collect()
    };
    let watermark = |at: Timestamp| if at == Timestamp::MIN { Value::Null } else { at.to_string().into() };
    json!({
        "role": partition.role.as_str(),
        "partition": partition.partition,
        "next_offset": partition.next_offset,
        "first_offset": partition.first_offset,
        "end_offset": partition.end_offset,
        "lag": partition.lag(),
        "lost": partition.lost(),
        "watermark": partition.lane.as_ref().map(|lane| watermark(lane.watermark)),
        "fates": partition.lane.as_ref().map(|lane| fates(&lane.fates)),
    })
}

fn table(partitions: &[PartitionProgress]) -> String {
    let heads = ["partition", "next", "end", "lag", "lost", "watermark"].map(str::to_owned);
    let fates = Fate::ALL.iter().map(|fate| fate.as_str().to_owned());
    let mut rows: Vec<Vec<String>> = vec![heads.into_iter().chain(fates).collect()];
    rows.extend(partitions.iter().map(row));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        text += &format!("{:<1$}", row[0], widths[0]);
        row.iter().zip(&widths).skip(1).for_each(|(cell, width)| text += &format!("  {cell:>width$}"));
        text.push('\n');
    }
    text
}

fn row(partition: &PartitionProgress) -> Vec<String> {
    let none = || "-".to_owned();
    let lane = partition.lane.as_ref();
    let watermark = lane.map(|lane| lane.watermark).filter(|at| *at != Timestamp::MIN);
    let mut row = vec![
        partition.partition.clone(),
        partition.next_offset.map_or_else(none, |next| next.to_string()),
        partition.end_offset.to_string(),
        partition.lag().to_string(),
        partition.lost().to_string(),
        watermark.map_or_else(none, |at| at.to_string()),
    ];
    row.extend(Fate::ALL.iter().map(|fate| lane.map_or_else(none, |lane| lane.fates.of(*fate).to_string())));
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::{LaneProgress, Role};

    fn partitions() -> [PartitionProgress; 2] {
        let mut fates = FateCounts::default();
        fates.count_many(Fate::Kept, 12);
        fates.count(Fate::Late);
        let watermark = "2026-11-22T10:00:00Z".parse().unwrap();
        let lane = PartitionProgress {
            role: Role::Listen,
            partition: "posts/0".to_owned(),
            next_offset: Some(13),
            first_offset: 15,
            end_offset: 1_020,
            lane: Some(LaneProgress { watermark, fates }),
        };
        let part = PartitionProgress {
            role: Role::Tally,
            partition: "earful.tallies/0".to_owned(),
            next_offset: None,
            first_offset: 0,
            end_offset: 4,
            lane: None,
        };
        [lane, part]
    }

    #[test]
    fn a_row_a_partition() {
        let expected = "\
partition         next   end   lag  lost             watermark  kept  late  duplicate  filtered  ignored  retracted  malformed
posts/0             13  1020  1005     2  2026-11-22T10:00:00Z    12     1          0         0        0          0          0
earful.tallies/0     -     4     4     0                     -     -     -          -         -        -          -          -
";
        assert_eq!(table(&partitions()), expected);
    }

    #[test]
    fn an_object_a_partition() {
        let [lane, part] = partitions().map(|partition| object(&partition));
        assert_eq!(
            (&lane["fates"]["kept"], &lane["lag"], &lane["lost"]),
            (&12.into(), &1005.into(), &2.into())
        );
        assert_eq!(lane["watermark"], "2026-11-22T10:00:00Z");
        assert_eq!(
            (&part["role"], &part["next_offset"], &part["fates"]),
            (&"tally".into(), &Value::Null, &Value::Null)
        );
    }
}
