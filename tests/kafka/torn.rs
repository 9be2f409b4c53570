//! State that does not belong together is refused: what somebody has done to offsets and inner topics by hand must not
//! become a wrong number.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::broker;
use super::client::Kafka;
use super::leash::Leash;
use super::serve::wait_for;

const LONGEST: Duration = Duration::from_secs(90);
const POSTS: i64 = 300;

/// A pipeline that has run once, to the end of its posts.
struct Ran {
    kafka: Kafka,
    name: &'static str,
    dir: tempfile::TempDir,
}

impl Ran {
    fn new(name: &'static str) -> Option<Ran> {
        let broker = broker::shared()?;
        let ran = Ran { kafka: broker.client(), name, dir: tempfile::tempdir().unwrap() };
        let text = format!(
            "[kafka]\nbrokers = \"{}\"\nprefix = \"{name}.\"\ntallies_partitions = 1\n[[feeds]]\nname = \"posts\"\n\
             type = \"kafka\"\ntopics = [\"{name}-posts\"]\n[[brands]]\nid = \"heron\"\nquery = \"heron\"\n",
            broker.address()
        );
        fs::write(ran.pipeline(), text).unwrap();
        ran.kafka.create_topic(&ran.posts(), 1, &[("retention.ms", "-1")]);
        ran.feed();
        let mut process = ran.start();
        wait_for("the end of the posts", || ran.committed(name, &ran.posts()) >= POSTS);
        wait_for("the end of the tallies", || {
            ran.committed(&format!("{name}-tally"), &format!("{name}.tallies")) > 0
        });
        process.signal("TERM");
        assert_eq!(process.wait(LONGEST), Some(0), "{}", ran.log());
        Some(ran)
    }

    fn feed(&self) {
        let writer = self.kafka.writer();
        for id in 0..POSTS {
            let at = 1_710_028_800_000 + id * 1_000;
            let value = format!(r#"{{"network":"x","id":"{id}","body":"heron","published_at":{at}}}"#);
            writer.send(&self.posts(), 0, id.to_string().as_bytes(), value.as_bytes(), at);
        }
        writer.flush();
    }

    fn committed(&self, group: &str, topic: &str) -> i64 {
        self.kafka.group(group, topic).committed(1).map_or(0, |offsets| offsets[0])
    }

    fn posts(&self) -> String {
        format!("{}-posts", self.name)
    }

    fn pipeline(&self) -> PathBuf {
        self.dir.path().join("p.toml")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// A dynamic member: its group is empty when it has left.
    fn start(&self) -> Leash {
        let pipeline = self.pipeline().display().to_string();
        let command = [env!("CARGO_BIN_EXE_earful"), "run", "--workers", "1", &pipeline];
        Leash::start(command, &self.dir.path().join("log"), None)
    }

    /// It must end by itself and say this.
    fn is_refused(&self, parts: &[&str]) {
        self.ends_with(3, parts);
    }

    fn ends_with(&self, exit_code: i32, parts: &[&str]) {
        let before: Vec<i64> = self.ends();
        let code = self.start().wait(LONGEST);
        let log = self.log();
        assert_eq!(code, Some(exit_code), "{log}");
        for part in parts.iter().chain(&["Nothing was read or written", "another `prefix`"]) {
            assert!(log.contains(part), "{part} is not in\n{log}");
        }
        assert_eq!(self.ends(), before, "something was written");
    }

    /// Of the topics that a wrong number would show in.
    fn ends(&self) -> Vec<i64> {
        ["mentions", "metrics"]
            .iter()
            .flat_map(|topic| self.kafka.ends(&format!("{}.{topic}", self.name)))
            .collect()
    }
}

#[test]
fn an_offset_that_somebody_has_moved_is_refused() {
    let Some(ran) = Ran::new("torn-offset") else { return };
    let tallies = ran.kafka.group("torn-offset-tally", "torn-offset.tallies");
    let committed = tallies.committed(1).unwrap()[0];
    tallies.set(0, committed - 1);
    ran.is_refused(&["torn-offset.tallies/0", "its state is torn"]);
    // Put back, it goes on.
    tallies.set(0, committed);
    let mut process = ran.start();
    std::thread::sleep(Duration::from_secs(3));
    process.signal("TERM");
    assert_eq!(process.wait(LONGEST), Some(0), "{}", ran.log());
}

#[test]
fn an_offset_without_its_state_is_refused() {
    let Some(ran) = Ran::new("torn-posts") else { return };
    ran.kafka.group("torn-posts", "torn-posts-posts").set(0, POSTS / 2);
    ran.is_refused(&["torn-posts-posts/0", "the state beside its offset 150 cannot be used"]);
}

/// Brokers forget them after a week without members. Read from the beginning, all would be there twice.
#[test]
fn offsets_that_were_forgotten_are_refused() {
    for (name, group, state) in [
        ("torn-tally", "torn-tally-tally", "torn-tally.changelog/0"),
        ("torn-listen", "torn-listen", "torn-listen.journal.torn-listen-posts/0"),
    ] {
        let Some(ran) = Ran::new(name) else { return };
        wait_for("an empty group", || ran.kafka.delete_group(group));
        ran.is_refused(&["no offset is committed", &format!("{state} holds its state")]);
    }
}

#[test]
fn a_journal_that_was_shortened_is_refused() {
    let Some(ran) = Ran::new("torn-journal") else { return };
    let journal = "torn-journal.journal.torn-journal-posts";
    let end = ran.kafka.ends(journal)[0];
    ran.kafka.delete_before(journal, 0, end);
    ran.is_refused(&[
        "torn-journal-posts/0",
        "a part of its journal (torn-journal.journal.torn-journal-posts/0) is missing",
    ]);
}

#[test]
fn another_lateness_than_the_state_was_made_with_is_refused() {
    let Some(ran) = Ran::new("torn-lateness") else { return };
    let text = fs::read_to_string(ran.pipeline()).unwrap();
    fs::write(ran.pipeline(), format!("lateness = \"7m\"\n{text}")).unwrap();
    ran.ends_with(
        2,
        &[
            "torn-lateness-posts/0: lateness was 300000 ms and is 420000 ms",
            "Change it back in every process",
        ],
    );
    // As it was, it goes on.
    fs::write(ran.pipeline(), text).unwrap();
    let mut process = ran.start();
    std::thread::sleep(Duration::from_secs(3));
    process.signal("TERM");
    assert_eq!(process.wait(LONGEST), Some(0), "{}", ran.log());
}
