//! The processes of one run, and what can be done to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::leash::{KILLED, Leash, TERMINATED};

/// A clean end commits first, which may have to wait for the broker.
const STOP_LONGEST: Duration = Duration::from_secs(150);
const LAST_LINES: usize = 25;

/// What a process must die of: a named point of the program, and the how manieth time that it gets there.
pub type Sentence = (&'static str, u64);

/// One process, by the name of its instance.
struct Member {
    instance: String,
    /// A static member of its groups, which has its partitions back when it starts again.
    is_static: bool,
    process: Option<Leash>,
    /// Under which the process is that runs.
    sentence: Option<Sentence>,
    log: PathBuf,
    /// Of the log when the process was started, in bytes.
    said_before: u64,
}

/// Processes that run one pipeline together.
pub struct Fleet {
    pipeline: PathBuf,
    arguments: Vec<String>,
    members: Vec<Member>,
    /// When each killed process was gone.
    pub kills: Vec<Instant>,
    /// Each static member that starts gets the last one of them.
    pub sentences: Vec<Sentence>,
    /// Points at which processes have died as they were sentenced to.
    pub executed: Vec<&'static str>,
    /// Processes that ended by themselves: exit code and last lines. They were started again.
    pub deaths: Vec<String>,
}

/// A pipeline of one brand over one topic, with HTTP on this port. The topics of its own begin with its name.
pub fn heron(name: &str, address: &str, topic: &str, port: u16) -> String {
    format!(
        r#"name = "{name}"
[kafka]
brokers = "{address}"
prefix = "{name}."
tallies_partitions = 1
[http]
listen = "127.0.0.1:{port}"
[[feeds]]
name = "posts"
type = "kafka"
topics = ["{topic}"]
[[brands]]
id = "heron"
query = "heron"
"#
    )
}

impl Fleet {
    /// Starts a process for each instance; their logs go to `dir`. `arguments` are for all of them.
    /// Those whose names begin with `any` are nobody in particular: dynamic members of their groups.
    pub fn start(pipeline: &Path, dir: &Path, instances: &[&str], arguments: &[&str]) -> Fleet {
        let member = |instance: &&str| Member {
            instance: (*instance).to_owned(),
            is_static: !instance.starts_with("any"),
            process: None,
            sentence: None,
            log: dir.join(format!("{instance}.log")),
            said_before: 0,
        };
        let mut fleet = Fleet {
            pipeline: pipeline.to_owned(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            members: instances.iter().map(member).collect(),
            kills: Vec::new(),
            sentences: Vec::new(),
            executed: Vec::new(),
            deaths: Vec::new(),
        };
        (0..fleet.members.len()).for_each(|number| fleet.launch(number));
        fleet
    }

    /// The number of instances, whether they run or not.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Starts the process with this number, which must not be running.
    pub fn launch(&mut self, number: usize) {
        self.launch_with(number, None);
    }

    /// The same with one more variable in its environment, as `NAME=VALUE`.
    pub fn launch_with(&mut self, number: usize, variable: Option<&str>) {
        let member = &mut self.members[number];
        assert!(member.process.is_none(), "{} runs already", member.instance);
        let mut command = vec!["env".to_owned()];
        command.extend(variable.map(str::to_owned));
        if member.is_static {
            member.sentence = self.sentences.pop();
        }
        command.extend(member.sentence.map(|(point, times)| format!("EARFUL_DIE_AT={point}:{times}")));
        command.extend([env!("CARGO_BIN_EXE_earful"), "run"].map(str::to_owned));
        command.push(self.pipeline.display().to_string());
        if member.is_static {
            command.extend(["--instance".to_owned(), member.instance.clone()]);
        }
        command.extend(self.arguments.iter().cloned());
        member.said_before = member.said();
        member.process = Some(Leash::start(command, &member.log, None));
    }

    /// SIGKILL.
    pub fn kill(&mut self, number: usize) {
        if let Some(mut process) = self.members[number].process.take() {
            process.kill();
        }
        // Only now: until it was gone it could still commit.
        self.kills.push(Instant::now());
    }

    /// True if somebody is still to die.
    pub fn is_condemned(&self) -> bool {
        !self.sentences.is_empty() || self.members.iter().any(|member| member.sentence.is_some())
    }

    /// SIGSTOP: it holds its connections and its place in the group, and does nothing.
    pub fn pause(&self, number: usize) {
        self.running(number).signal("STOP");
    }

    /// SIGCONT.
    pub fn resume(&self, number: usize) {
        self.running(number).signal("CONT");
    }

    /// SIGHUP: it reads its queries again.
    pub fn reload(&self, number: usize) {
        self.running(number).signal("HUP");
    }

    /// SIGTERM to one: it must commit and end well.
    pub fn leave(&mut self, number: usize) {
        self.running(number).signal("TERM");
        self.expect_good_end(number);
    }

    fn running(&self, number: usize) -> &Leash {
        let member = &self.members[number];
        member.process.as_ref().unwrap_or_else(|| panic!("{} does not run", member.instance))
    }

    fn expect_good_end(&mut self, number: usize) {
        let Some(mut process) = self.members[number].process.take() else { return };
        let code = process.wait(STOP_LONGEST);
        let member = &self.members[number];
        // Before it can catch the signal it has nothing to say, and nothing to commit.
        let had_begun = member.said() > member.said_before;
        let is_good = code == Some(0) || (code == Some(TERMINATED) && !had_begun);
        assert!(is_good, "{code:?} after SIGTERM\n{}", member.last_lines());
    }

    /// Starts again what has ended by itself, as a supervisor would, and remembers it.
    pub fn tend(&mut self) {
        for number in 0..self.members.len() {
            let member = &mut self.members[number];
            let Some(code) = member.process.as_mut().and_then(Leash::ended) else { continue };
            member.process = None;
            if let (Some((point, _)), KILLED) = (member.sentence.take(), code) {
                let last = member.last_lines();
                assert!(last.contains("dying here") && last.contains(point), "not of {point}:\n{last}");
                self.executed.push(point);
                self.kills.push(Instant::now());
                self.launch(number);
                continue;
            }
            self.deaths.push(format!("exit code {code}\n{}", self.members[number].last_lines()));
            assert!(self.deaths.len() < 100, "it ends again and again:\n{}", self.deaths[99]);
            self.launch(number);
        }
    }

    /// SIGTERM to all.
    pub fn stop(&mut self) {
        for member in &self.members {
            if let Some(process) = &member.process {
                process.signal("TERM");
            }
        }
        (0..self.members.len()).for_each(|number| self.expect_good_end(number));
    }

    /// Where an instance writes its log.
    pub fn log(&self, number: usize) -> &Path {
        &self.members[number].log
    }

    /// True if the log of an instance holds this.
    pub fn has_said(&self, number: usize, what: &str) -> bool {
        self.times_said(number, what) > 0
    }

    /// How often it does.
    pub fn times_said(&self, number: usize, what: &str) -> usize {
        fs::read_to_string(&self.members[number].log).unwrap_or_default().matches(what).count()
    }

    /// What each process said last.
    pub fn last_lines(&self) -> String {
        self.members.iter().map(Member::last_lines).collect()
    }
}

impl Member {
    /// Bytes of its log.
    fn said(&self) -> u64 {
        fs::metadata(&self.log).map_or(0, |log| log.len())
    }

    fn last_lines(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(LAST_LINES)..].join("\n");
        let sentence = self.sentence.map(|(point, times)| format!(", to die at {point}:{times}"));
        format!("--- the last lines of instance {}{}:\n{last}\n", self.instance, sentence.unwrap_or_default())
    }
}
