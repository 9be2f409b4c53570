//! The broker, the posts, and pipelines over them.

use std::cell::Cell;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Arguments;
use super::brands::{invent, tables};
use super::broker::{Broker, Extra, shared_with};
use super::client::Kafka;

/// The topic that is read as fast as possible.
pub const POSTS: &str = "posts";
/// How late posts of this topic may be.
pub const LATENESS: &str = "5m";
/// A broker as one would run it, not as tests start it.
const JAVA: [&str; 2] = ["-Xms1g", "-Xmx1g"];

pub struct Rig {
    broker: Broker,
    pub kafka: Kafka,
    dir: tempfile::TempDir,
    pub posts: u64,
    pub partitions: usize,
    span: String,
    naming: f64,
    /// The earful that is measured.
    pub program: PathBuf,
    bodies: Option<PathBuf>,
    pipelines: Cell<usize>,
}

/// A pipeline file and the names in it.
pub struct Pipeline {
    pub file: PathBuf,
    pub prefix: String,
    pub group: String,
    pub port: u16,
}

impl Rig {
    /// None, after saying why, where no broker can be started.
    pub fn new(arguments: &Arguments) -> Option<Rig> {
        let java = JAVA.map(str::to_owned).to_vec();
        let broker = shared_with(Extra { java, ..Extra::default() })?;
        let kafka = broker.client();
        kafka.create_topic(POSTS, arguments.partitions, &[("retention.ms", "-1")]);
        Some(Rig {
            broker,
            kafka,
            dir: tempfile::tempdir().unwrap(),
            posts: arguments.posts,
            partitions: arguments.partitions,
            span: arguments.span.clone(),
            naming: arguments.naming,
            program: arguments.program.clone(),
            bodies: arguments.bodies.clone(),
            pipelines: Cell::new(0),
        })
    }

    pub fn brokers(&self) -> String {
        self.broker.address()
    }

    pub fn broker_pid(&self) -> u32 {
        self.broker.pid()
    }

    /// Writes the posts; gives their average length in bytes.
    pub fn load(&self) -> u64 {
        let pipeline = self.pipeline(1_000, POSTS, LATENESS);
        let mut command = self.loading(&pipeline, POSTS);
        command.args(["--rate", "max", "--span", &self.span, "--posts", &self.posts.to_string()]);
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        // "N records, B bytes in ..."
        let bytes =
            said.split_once(" records, ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<u64>().ok());
        bytes.unwrap_or(0) / self.posts
    }

    /// `earful load` into a topic.
    pub fn loading(&self, pipeline: &Pipeline, topic: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("load").arg(&pipeline.file);
        command.args(["--topic", topic, "--naming", &self.naming.to_string()]);
        if let Some(bodies) = &self.bodies {
            command.arg("--bodies").arg(bodies);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// A pipeline of its own over a topic, with its topics made.
    pub fn pipeline(&self, brands: usize, topic: &str, lateness: &str) -> Pipeline {
        let number = self.pipelines.replace(self.pipelines.get() + 1);
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let group = format!("bench{number}");
        let pipeline = Pipeline {
            file: self.dir.path().join(format!("{group}.toml")),
            prefix: format!("{group}."),
            group,
            port,
        };
        fs::write(&pipeline.file, self.text(&pipeline, brands, topic, lateness)).unwrap();
        let mut apply = Command::new(&self.program);
        apply.args(["topics", "apply"]).arg(&pipeline.file).stdout(Stdio::null());
        assert!(apply.status().unwrap().success(), "the topics are made");
        pipeline
    }

    fn text(&self, pipeline: &Pipeline, brands: usize, topic: &str, lateness: &str) -> String {
        let (address, Pipeline { prefix, port, .. }) = (self.broker.address(), pipeline);
        let text = format!(
            r#"name = "bench"
lateness = "{lateness}"
resolutions = ["minute", "hour", "day"]

[kafka]
brokers = "{address}"
prefix = "{prefix}"

[http]
listen = "127.0.0.1:{port}"

[[feeds]]
name = "posts"
type = "kafka"
topics = ["{topic}"]
format = "auto"

[[alerts]]
name = "surge"
rule = "surge"
threshold = 2.0
min_mentions = 100
"#
        );
        text + &tables(&invent(brands, 1)).unwrap()
    }

    /// Where a process logs to.
    pub fn log(&self, pipeline: &Pipeline) -> PathBuf {
        self.path(pipeline, "log")
    }

    /// A file of a pipeline's own.
    pub fn path(&self, pipeline: &Pipeline, extension: &str) -> PathBuf {
        self.dir.path().join(format!("{}.{extension}", pipeline.group))
    }
}
