//! Where a replay writes: into files, into topics of another prefix, or nowhere.
//!
//! Files are written from their beginning. Topics get what the run would have written, in transactions that follow
//! on each other: a replay that is broken off leaves the beginning of it, each record once.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::super::clients::Clients;
use super::super::error::KafkaError;
use super::super::listen::Feeds;
use super::super::names::Names;
use super::super::outputs::Outputs;
use super::super::partition::Partition;
use super::super::restore::Reader;
use super::super::topics::make_outputs;
use super::super::transaction::Writer;
use super::super::watchdog::Watched;
use crate::aggregate::{EngineOutput, LaneOutput};
use crate::config::{KafkaPlan, Plan};
use crate::model::{Output, OutputKind};
use crate::sinks::{JsonlSink, Sink};

/// A transaction is committed after so many records...
const COMMIT_RECORDS: u32 = 10_000;
/// ...or this time, long before the brokers take it for dead.
const COMMIT_AFTER: Duration = Duration::from_secs(2);

/// Where a replay writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplayInto {
    /// Nowhere: only the difference is wanted.
    #[default]
    Nothing,
    /// JSON lines, as the embedded run writes them.
    Files {
        /// The folder.
        dir: PathBuf,
        /// Overwrite what is there.
        fresh: bool,
    },
    /// Topics of this prefix.
    Topics {
        /// Another one than the pipeline's.
        prefix: String,
    },
}

pub(super) enum Target {
    Nothing,
    Files(JsonlSink),
    Topics(Box<Topics>),
}

pub(super) struct Topics {
    outputs: Outputs,
    writer: Writer,
    /// Records of the open transaction, and when it began.
    records: u32,
    began: Instant,
}

/// What a target is opened with.
pub(super) struct Opening<'a> {
    pub(super) clients: &'a Clients,
    pub(super) plan: &'a Plan,
    pub(super) kafka: &'a KafkaPlan,
    pub(super) feeds: &'a Feeds,
    pub(super) reader: &'a Reader,
    pub(super) all: &'a [Partition],
}

impl Opening<'_> {
    /// Says before anything is read what is wrong with topics to write to.
    ///
    /// # Errors
    /// When they are the pipeline's own, would be read by it, or hold something.
    pub(super) fn check(&self, into: &ReplayInto) -> Result<(), KafkaError> {
        let ReplayInto::Topics { prefix } = into else { return Ok(()) };
        let unfit = |what: String| Err(KafkaError::Unfit(what));
        if *prefix == self.kafka.prefix {
            return unfit(format!(
                "--prefix {prefix} is the pipeline's own: what was published is never written to; choose another one"
            ));
        }
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
            return unfit(format!(
                "--prefix \"{prefix}\" cannot be part of a topic's name: give letters, digits, '.', '_' and '-'"
            ));
        }
        for topic in OutputKind::ALL.map(|kind| format!("{prefix}{}", kind.as_str())) {
            if self.feeds.feed_of(&topic).is_some() {
                return unfit(format!(
                    "the pipeline reads posts from the topic {topic}; choose another --prefix"
                ));
            }
            for partition in self.all.iter().filter(|partition| *partition.topic == *topic) {
                let (first, end) = self.reader.bounds(partition)?;
                if first < end {
                    return unfit(format!(
                        "the topic {topic} holds records already; choose another --prefix, or delete the topic"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Empties files, makes topics.
    ///
    /// # Errors
    /// When files are there and are not to be overwritten, or the disk or the brokers fail.
    pub(super) fn open(&self, into: &ReplayInto) -> Result<Target, KafkaError> {
        match into {
            ReplayInto::Nothing => Ok(Target::Nothing),
            ReplayInto::Files { dir, fresh } => {
                let mut sink = JsonlSink::new(dir, &OutputKind::ALL);
                sink.start(*fresh)?;
                Ok(Target::Files(sink))
            }
            ReplayInto::Topics { prefix } => {
                let kafka = KafkaPlan { prefix: prefix.clone(), ..self.kafka.clone() };
                make_outputs(self.clients, &kafka, self.all)?;
                let config = self.clients.writer(&format!("{}-replay", self.kafka.group), "0");
                let writer = Writer::new(&config, &self.clients.brokers, Watched::default())?;
                let outputs = Outputs::new(Names::of(&kafka), self.plan, None);
                let topics = Topics { outputs, writer, records: 0, began: Instant::now() };
                Ok(Target::Topics(Box::new(topics)))
            }
        }
    }
}

impl Target {
    /// What a lane lets out. `place` names the record that it was made of.
    pub(super) fn lane(
        &mut self,
        output: LaneOutput<'_>,
        place: std::fmt::Arguments<'_>,
    ) -> Result<(), KafkaError> {
        match self {
            Target::Nothing => Ok(()),
            Target::Files(sink) => Ok(output.output().map_or(Ok(()), |output| sink.write(&output))?),
            Target::Topics(topics) => {
                topics.begin()?;
                let Topics { outputs, writer, .. } = &mut **topics;
                outputs.lane(writer, output, place)
            }
        }
    }

    /// What an engine lets out.
    pub(super) fn engine(&mut self, output: &EngineOutput) -> Result<(), KafkaError> {
        match self {
            Target::Nothing => Ok(()),
            Target::Files(sink) => Ok(sink.write(&match output {
                EngineOutput::Metric(row) => Output::Metric(row),
                EngineOutput::Incident(incident) => Output::Incident(incident),
            })?),
            Target::Topics(topics) => {
                topics.begin()?;
                topics.outputs.engine(&topics.writer, output)
            }
        }
    }

    /// Commits when it is time; call it often.
    pub(super) fn tick(&mut self) -> Result<(), KafkaError> {
        match self {
            Target::Topics(topics) if topics.is_due() => topics.commit(),
            _ => Ok(()),
        }
    }

    /// Everything is written.
    pub(super) fn finish(&mut self) -> Result<(), KafkaError> {
        match self {
            Target::Nothing => Ok(()),
            Target::Files(sink) => Ok(sink.flush().map(drop)?),
            Target::Topics(topics) => topics.commit(),
        }
    }
}

impl Topics {
    fn begin(&mut self) -> Result<(), KafkaError> {
        if !self.writer.is_open() {
            (self.records, self.began) = (0, Instant::now());
        }
        self.records += 1;
        self.writer.begin()
    }

    fn is_due(&self) -> bool {
        self.writer.is_open() && (self.records >= COMMIT_RECORDS || self.began.elapsed() >= COMMIT_AFTER)
    }

    fn commit(&mut self) -> Result<(), KafkaError> {
        if self.writer.is_open() {
            self.writer.drain()?;
            self.writer.commit_records()?;
        }
        Ok(())
    }
}
