//! The validated form of a pipeline file: all that a run needs, and nothing that can still be wrong.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::receiver::DeliveryPlan;
use crate::aggregate::{EngineSettings, LaneSettings};
use crate::analysis::decode::Format;
use crate::analysis::query::Query;
use crate::analysis::sentiment::{EmotionModel, HouseTerms, Model};
use crate::analysis::text::TextOptions;
use crate::analysis::{BrandLabel, Rule};
use crate::model::OutputKind;

/// A pipeline, ready to run. Paths are resolved against the pipeline file's folder.
#[derive(Clone, Debug)]
pub struct Plan {
    /// `name`, else the file's stem.
    pub name: String,
    /// The pipeline file.
    pub file: PathBuf,
    /// All files that the queries were read from: the pipeline file and the query files that it names.
    pub files: Vec<PathBuf>,
    /// How text becomes words.
    pub text: TextOptions,
    /// How sentiment is scored.
    pub sentiment: SentimentPlan,
    /// How lanes judge posts.
    pub lane: LaneSettings,
    /// Brands, panes and alert rules as the engine needs them.
    pub engine: EngineSettings,
    /// A longer record becomes a dead letter.
    pub max_record_bytes: usize,
    /// How long a live feed may be silent before its lane is moved by a heartbeat.
    pub idle: Duration,
    /// Where the state lives and how often it is saved.
    pub state: StatePlan,
    /// Inputs, in the order of the file; the position is the lane.
    pub feeds: Vec<FeedPlan>,
    /// Brands, in the order of the file; the position is the `BrandId`.
    pub brands: Vec<BrandPlan>,
    /// Spam rules, in the order of the file.
    pub filters: Vec<FilterPlan>,
    /// What is done to mentions, in the order of the file.
    pub rules: Vec<RulePlan>,
    /// Outputs.
    pub sinks: Vec<SinkPlan>,
    /// The brokers, for a pipeline from topics to topics.
    pub kafka: Option<KafkaPlan>,
    /// Who is told of incidents.
    pub deliveries: Vec<DeliveryPlan>,
    /// Read API and push, if wanted.
    pub http: Option<HttpPlan>,
    /// Tests that `earful check` runs.
    pub tests: Vec<TestPlan>,
}

/// How sentiment is scored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SentimentPlan {
    /// Without the models that come with the program.
    pub rules_only: bool,
    /// In the place of those that come with the program, each for its language.
    pub models: Vec<Model>,
    /// In the place of the models of emotions that come with the program.
    pub emotions: Vec<EmotionModel>,
    /// The house lexicon of all brands.
    pub lexicon: HouseTerms,
}

impl SentimentPlan {
    /// The same models are used.
    pub(super) fn same_models(&self, other: &SentimentPlan) -> bool {
        (self.rules_only, &self.models, &self.emotions) == (other.rules_only, &other.models, &other.emotions)
    }
}

/// The state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePlan {
    /// Holds the snapshot, the lane journals and the lock.
    pub dir: PathBuf,
    /// Time between two checkpoints.
    pub checkpoint: Duration,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPlan {
    /// Unique name.
    pub name: String,
    /// Where its records come from.
    pub source: Source,
    /// What its records look like.
    pub format: Format,
}

/// Where a feed's records come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One file; `.gz` and `.zst` are decompressed.
    File(PathBuf),
    /// All files of a folder and its subfolders in name order, one lane.
    Directory(PathBuf),
    /// The standard input.
    Stdin,
    /// `POST /v1/posts`.
    Push,
    /// Topics of Kafka; each partition is a lane.
    Kafka(KafkaTopics),
}

/// Which topics a feed reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KafkaTopics {
    /// These.
    Named(Vec<String>),
    /// All that this regular expression matches, now and later; it begins with `^`.
    Pattern(String),
}

/// The brokers, and what the run keeps there.
#[derive(Clone, PartialEq, Eq)]
pub struct KafkaPlan {
    /// `host:port`, several with commas.
    pub brokers: String,
    /// What the names of all topics out begin with.
    pub prefix: String,
    /// Consumer group of the listen role; those of the other roles begin with it.
    pub group: String,
    /// Topic of analysts' labels, whatever feed their posts came by; none: they come by the posts topics only.
    pub corrections: Option<String>,
    /// A run makes the topics that it needs and that are not there; never posts topics.
    pub create_topics: bool,
    /// Partitions of the topic `tallies`: how many processes may share the tally role.
    pub tallies_partitions: i32,
    /// On how many brokers topics are kept that are made; none: as many as the brokers choose.
    pub replicas: Option<i32>,
    /// A commit follows on the last after this...
    pub commit_interval: Duration,
    /// ...or after so many records.
    pub commit_records: usize,
    /// Any other property of librdkafka. `${NAME}` stands for an environment variable and `${file:PATH}` for
    /// the content of a file; they are read when a client is made.
    pub properties: BTreeMap<String, String>,
}

impl std::fmt::Debug for KafkaPlan {
    /// Without the values of properties: they may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let properties: Vec<&String> = self.properties.keys().collect();
        f.debug_struct("KafkaPlan")
            .field("brokers", &self.brokers)
            .field("prefix", &self.prefix)
            .field("group", &self.group)
            .field("corrections", &self.corrections)
            .field("create_topics", &self.create_topics)
            .field("tallies_partitions", &self.tallies_partitions)
            .field("replicas", &self.replicas)
            .field("commit_interval", &self.commit_interval)
            .field("commit_records", &self.commit_records)
            .field("properties", &properties)
            .finish()
    }
}

impl Source {
    /// True for inputs that do not end by themselves and cannot be read again.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(self, Source::Stdin | Source::Push | Source::Kafka(_))
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::File(path) | Source::Directory(path) => path.display().fmt(f),
            Source::Stdin => f.write_str("standard input"),
            Source::Push => f.write_str("pushed posts"),
            Source::Kafka(KafkaTopics::Named(topics)) => write!(f, "topics {}", topics.join(", ")),
            Source::Kafka(KafkaTopics::Pattern(pattern)) => write!(f, "topics like {pattern}"),
        }
    }
}

/// One brand.
#[derive(Clone, Debug)]
pub struct BrandPlan {
    /// Unique id, the `brand` of every output.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The query as written; one of another product as it was translated.
    pub source: String,
    /// The query, parsed. A plan is copied when its queries change, and trees are large.
    pub query: Arc<Query>,
    /// The set that its share of voice is measured in.
    pub peer_set: Option<String>,
    /// Its house lexicon, which goes before that of all brands.
    pub lexicon: HouseTerms,
    /// Removed from the pipeline while it runs: nothing matches it any more, and what is open of it closes.
    pub is_retired: bool,
}

impl BrandPlan {
    /// As mentions name it.
    #[must_use]
    pub fn label(&self) -> BrandLabel {
        BrandLabel { id: self.id.clone(), version: self.query.version().to_string() }
    }
}

/// One spam rule.
#[derive(Clone, Debug)]
pub struct FilterPlan {
    /// Name.
    pub name: Arc<str>,
    /// What it leaves out.
    pub query: Query,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct RulePlan {
    /// What it does...
    pub rule: Rule,
    /// ...to the mentions that this matches.
    pub query: Query,
}

/// One output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkPlan {
    /// Files by kind in a folder.
    Jsonl {
        /// The folder.
        dir: PathBuf,
        /// Which kinds.
        kinds: Vec<OutputKind>,
    },
    /// Lines on the standard output.
    Stdout {
        /// Which kinds.
        kinds: Vec<OutputKind>,
    },
    /// Nowhere.
    Null,
}

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpPlan {
    /// Address and port.
    pub listen: SocketAddr,
}

/// Posts and the brands that each must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPlan {
    /// File of posts, any format.
    pub posts: PathBuf,
    /// One line a post: `{"id": "...", "brands": ["..."]}`.
    pub expect: PathBuf,
}
