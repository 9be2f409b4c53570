//! One set of posts, and runs over it: an undisturbed one that says what is right, and disturbed ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::client::Kafka;
use super::compare::{KINDS, Outputs};
use super::fates::fates;
use super::fleet::Fleet;
use super::posts::{BRANDS, Input, PARTITIONS, posts};
use super::recovery::{Commit, Watch, recoveries, steps_back, summary};
use super::say;

/// Without any progress for so long, a run has failed.
const STUCK: Duration = Duration::from_secs(180);
const TALLIES_PARTITIONS: usize = 2;

/// A number from the environment.
pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect(name))
}

/// The posts, a broker, and what is right.
pub struct World {
    /// For the test itself.
    kafka: Kafka,
    /// For the processes.
    address: String,
    inputs: Arc<[Input]>,
    reference: Arc<OnceLock<Outputs>>,
    /// `[kafka.properties]` of the processes.
    properties: String,
    /// How long ids are remembered.
    horizon: &'static str,
}

/// How a disturbed run is set up.
pub struct Setup<'a> {
    /// Of its own for each run of a broker; it names the group and all topics.
    pub name: &'a str,
    pub instances: &'a [&'a str],
    /// More arguments of `earful run`.
    pub arguments: &'a [&'a str],
    /// So many of the posts are there before the start, in parts of all.
    pub before: f64,
    /// The others come only when those are processed.
    pub is_calm_before: bool,
    /// Over so long the others come, evenly.
    pub pace: Duration,
}

/// What a run has done.
pub struct Ran {
    pub outputs: Outputs,
    pub commits: Vec<Commit>,
    pub kills: Vec<Instant>,
    pub deaths: Vec<String>,
    /// Named points at which processes died as they were told to.
    pub executed: Vec<&'static str>,
    /// Of each partition, how many posts it was given from the start.
    fed: Vec<i64>,
}

/// Two processes, a third of the posts at once, and the others for as long as `times` disturbances of about `each`
/// will last, so that every one meets work.
pub fn two(name: &str, times: u64, each: Duration) -> Setup<'_> {
    let pace = each * times as u32;
    Setup { name, instances: &["a", "b"], arguments: &[], before: 1.0 / 3.0, is_calm_before: false, pace }
}

impl World {
    /// On the broker at `address`, with as many posts as `EARFUL_KAFKA_POSTS` says.
    pub fn new(address: &str) -> World {
        let seed = number("EARFUL_KAFKA_SEED", 1);
        World::with(address, posts(number("EARFUL_KAFKA_POSTS", 60_000), seed))
    }

    /// On the broker at `address`, with these posts.
    pub fn with(address: &str, inputs: Vec<Input>) -> World {
        let inputs = inputs.into();
        World {
            kafka: Kafka::new(address),
            address: address.to_owned(),
            inputs,
            reference: Arc::default(),
            properties: String::new(),
            horizon: "1h",
        }
    }

    /// The same posts and the same truth on another broker.
    pub fn at(&self, address: &str) -> World {
        World { kafka: Kafka::new(address), ..self.behind(address) }
    }

    /// The same, but the processes know the broker by this address only: a proxy's.
    pub fn behind(&self, address: &str) -> World {
        World {
            kafka: self.kafka.clone(),
            address: address.to_owned(),
            inputs: Arc::clone(&self.inputs),
            reference: Arc::clone(&self.reference),
            properties: self.properties.clone(),
            horizon: self.horizon,
        }
    }

    /// The same for processes with these lines of `[kafka.properties]`.
    pub fn with_properties(&self, properties: &str) -> World {
        World { properties: properties.to_owned(), ..self.behind(&self.address) }
    }

    /// The same posts for processes that remember ids for this long; what is right is another thing then.
    pub fn remembering(&self, horizon: &'static str) -> World {
        World { horizon, reference: Arc::default(), ..self.behind(&self.address) }
    }

    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The next partition for the posts of a run.
    pub fn add_partition(&self, setup: &Setup<'_>, partition: i32) {
        self.kafka.add_partitions(&input_topic(setup.name), partition as usize + 1);
    }

    /// More posts for a run.
    pub fn send(&self, setup: &Setup<'_>, inputs: &[Input]) {
        feed(&self.kafka, &input_topic(setup.name), inputs, Duration::ZERO);
    }

    /// What one undisturbed process writes. Computed once.
    pub fn reference(&self) -> &Outputs {
        self.reference.get_or_init(|| {
            let setup = Setup { instances: &["one"], before: 1.0, ..two("ref", 0, Duration::ZERO) };
            let ran = self.run_with(&setup, |_| ());
            assert_eq!(ran.deaths, Vec::<String>::new(), "nobody disturbed it");
            for kind in KINDS {
                assert!(ran.outputs.count(kind) > 0, "without any {kind} the tests would prove nothing");
            }
            ran.outputs
        })
    }

    /// Runs a fleet over the posts while `disturb` has its way with it, until everything is processed.
    pub fn run_with(&self, setup: &Setup<'_>, disturb: impl FnOnce(&mut Fleet)) -> Ran {
        let dir = tempfile::tempdir().unwrap();
        let run = Run::prepare(self, setup.name, dir.path());
        let first = (self.inputs.len() as f64 * setup.before) as usize;
        feed(&self.kafka, &run.input, &self.inputs[..first], Duration::ZERO);
        let watch = Watch::start(&self.kafka, &run.group, &run.input, PARTITIONS);
        let mut fleet = Fleet::start(&run.pipeline, dir.path(), setup.instances, setup.arguments);
        if setup.is_calm_before {
            run.wait(&mut fleet, &run.group, &run.input, &self.kafka.ends(&run.input));
        }
        let feeding = self.feed_rest(&run.input, first, setup.pace);
        disturb(&mut fleet);
        feeding.join().unwrap();
        run.wait_for_the_end(&mut fleet);
        fleet.stop();
        let commits = watch.finish();
        Ran {
            outputs: run.outputs(),
            commits,
            kills: fleet.kills.clone(),
            deaths: fleet.deaths.clone(),
            executed: fleet.executed.clone(),
            fed: self.fed(),
        }
    }

    /// How many of the posts each partition gets. What a disturbance sends besides may come much later, and a partition
    /// that has nothing to read until then does not recover slowly.
    fn fed(&self) -> Vec<i64> {
        let count =
            |partition| self.inputs.iter().filter(|input| input.partition == partition).count() as i64;
        (0..PARTITIONS as i32).map(count).collect()
    }

    /// What one undisturbed process makes of the very records that an earlier run read. Where the broker was
    /// killed these are not quite the posts as they were sent: the sender does not always learn that a record
    /// had arrived, and sends it again.
    pub fn truth_of(&self, name: &str) -> Outputs {
        let dir = tempfile::tempdir().unwrap();
        let run = Run { input: input_topic(name), ..Run::named(self, &format!("{name}-again"), dir.path()) };
        run.write(&self.address);
        let mut fleet = Fleet::start(&run.pipeline, dir.path(), &["one"], &[]);
        run.wait_for_the_end(&mut fleet);
        fleet.stop();
        run.outputs()
    }

    /// What one undisturbed process makes of all posts, with `change` in its pipeline file, which stays in `dir`.
    /// Runs of one `input` read the same records.
    pub fn finished(
        &self,
        name: &str,
        input: &str,
        dir: &Path,
        change: impl Fn(String) -> String,
    ) -> Outputs {
        let run = Run { input: input_topic(input), ..Run::named(self, name, dir) };
        if self.kafka.partitions(&run.input) == 0 {
            self.kafka.create_topic(&run.input, PARTITIONS, &[("retention.ms", "-1")]);
            feed(&self.kafka, &run.input, &self.inputs, Duration::ZERO);
        }
        run.write(&self.address);
        fs::write(&run.pipeline, change(run.text(&self.address))).unwrap();
        let mut fleet = Fleet::start(&run.pipeline, dir, &["one"], &[]);
        run.wait_for_the_end(&mut fleet);
        fleet.stop();
        run.outputs()
    }

    fn feed_rest(&self, topic: &str, first: usize, pace: Duration) -> JoinHandle<()> {
        let (kafka, topic, inputs) = (self.kafka.clone(), topic.to_owned(), Arc::clone(&self.inputs));
        std::thread::spawn(move || feed(&kafka, &topic, &inputs[first..], pace))
    }
}

/// Sends `inputs`, evenly over `pace`.
fn feed(kafka: &Kafka, topic: &str, inputs: &[Input], pace: Duration) {
    let (writer, began) = (kafka.writer(), Instant::now());
    for (n, input) in inputs.iter().enumerate() {
        if n % 20 == 0 {
            let due = pace.mul_f64(n as f64 / inputs.len() as f64);
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
        writer.send(topic, input.partition, &input.key, &input.value, input.arrival_ms);
    }
    writer.flush();
}

fn input_topic(run: &str) -> String {
    format!("posts-for-{run}")
}

/// The names of one run.
struct Run<'a> {
    kafka: &'a Kafka,
    input: String,
    group: String,
    prefix: String,
    properties: &'a str,
    horizon: &'static str,
    pipeline: PathBuf,
}

impl<'a> Run<'a> {
    fn named(world: &'a World, name: &str, dir: &Path) -> Run<'a> {
        Run {
            kafka: &world.kafka,
            input: input_topic(name),
            group: format!("group-{name}"),
            prefix: format!("run-{name}."),
            properties: &world.properties,
            horizon: world.horizon,
            pipeline: dir.join("p.toml"),
        }
    }

    /// Creates the topics and writes the pipeline file.
    fn prepare(world: &'a World, name: &str, dir: &Path) -> Run<'a> {
        let run = Run::named(world, name, dir);
        // The records are as old as their posts: without this the broker would throw them away.
        run.kafka.create_topic(&run.input, PARTITIONS, &[("retention.ms", "-1")]);
        run.write(&world.address);
        run
    }

    /// Writes the pipeline file and creates its topics.
    fn write(&self, address: &str) {
        fs::write(&self.pipeline, self.text(address)).unwrap();
        let mut apply = Command::new(env!("CARGO_BIN_EXE_earful"));
        apply.args(["topics", "apply"]).arg(&self.pipeline).stdin(Stdio::null());
        let output = apply.output().unwrap();
        assert!(output.status.success(), "topics apply: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// No heartbeats, which read the wall clock: a feed is idle after an hour only.
    fn text(&self, address: &str) -> String {
        let Run { input, group, prefix, properties, horizon, .. } = self;
        format!(
            r#"name = "chaos"
lateness = "1m"
skew = "30s"
idle = "1h"
dedupe = {{ horizon = "{horizon}" }}

[kafka]
brokers = "{address}"
prefix = "{prefix}"
group = "{group}"
tallies_partitions = {TALLIES_PARTITIONS}
commit = {{ interval = "250ms", records = 50_000 }}

[kafka.properties]
{properties}
[[feeds]]
name = "posts"
type = "kafka"
topics = ["{input}"]
format = "auto"
{BRANDS}"#
        )
    }

    /// Until all posts are processed, and then all tallies.
    fn wait_for_the_end(&self, fleet: &mut Fleet) {
        self.wait(fleet, &self.group, &self.input, &self.kafka.ends(&self.input));
        let tallies = format!("{}tallies", self.prefix);
        // The last things in a partition are markers of transactions; nobody has to commit past these.
        let mut wanted = vec![0; self.kafka.partitions(&tallies)];
        self.kafka.each_committed(&tallies, &mut |record| {
            wanted[record.partition as usize] = record.offset + 1;
        });
        self.wait(fleet, &format!("{}-tally", self.group), &tallies, &wanted);
    }

    fn wait(&self, fleet: &mut Fleet, group: &str, topic: &str, wanted: &[i64]) {
        let watched = self.kafka.group(group, topic);
        let (mut last, mut since) = (Vec::new(), Instant::now());
        loop {
            fleet.tend();
            let committed = watched.committed(wanted.len()).unwrap_or_else(|| last.clone());
            if committed.len() == wanted.len() && committed.iter().zip(wanted).all(|(is, end)| is >= end) {
                return;
            }
            if committed != last {
                (last, since) = (committed, Instant::now());
            }
            if since.elapsed() > STUCK {
                panic!("group {group} stays at {last:?} of {wanted:?}\n{}", fleet.last_lines());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Every record sent must have met one fate.
    fn outputs(&self) -> Outputs {
        let names = [(&*self.input, "posts"), (&*self.prefix, ""), (&*self.group, "group")];
        let (fates, mut sent) = (fates(&self.pipeline), 0);
        self.kafka.each_committed(&self.input, &mut |_| sent += 1);
        assert_eq!(fates.values().sum::<u64>(), sent, "{fates:?} are not all posts");
        Outputs::read(self.kafka, &self.prefix, &names, fates)
    }
}

impl Ran {
    /// Fails where the outputs are not what is right, and says how long recoveries took where they are.
    pub fn expect(&self, right: &Outputs, what: &str) {
        let counts = KINDS.map(|kind| format!("{} {kind}", self.outputs.count(kind))).join(", ");
        let times = summary(recoveries(&self.kills, &self.commits, &self.fed));
        let what = format!("{what}: {} kills; {counts}; {times}", self.kills.len());
        assert_eq!(
            steps_back(&self.commits),
            [],
            "{what}: committed offsets went back (partition, from, to)"
        );
        let difference = self.outputs.difference(right);
        assert!(difference.is_empty(), "{what}:\n{difference}");
        say(&format!("{what}; right"));
    }
}
