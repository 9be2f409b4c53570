//! A pipeline in a fresh folder, and the real binary on it.

#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod server;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// The four output files.
pub const FILES: [&str; 4] = ["mentions.jsonl", "metrics.jsonl", "alerts.jsonl", "dead.jsonl"];

/// What most tests need: two brands, two alerts, one sink.
pub const TAIL: &str = r##"
[[brands]]
id = "heron"
peer_set = "airlines"
query = '''heron OR #heronfail'''

[[brands]]
id = "jade"
peer_set = "airlines"
query = '''jadewing OR 玉翼'''

[[alerts]]
name = "surge"
rule = "surge"
min_mentions = 5

[[alerts]]
name = "many"
rule = "mentions_over"
limit = 40
window = "10m"
min_mentions = 1

[[sinks]]
type = "jsonl"
dir = "out"
"##;

/// A folder of its own with a pipeline in it.
pub struct Bench {
    pub dir: tempfile::TempDir,
}

impl Bench {
    /// `head` are the top keys and feeds; [`TAIL`] follows.
    pub fn new(head: &str) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("p.toml"), format!("{head}\n{TAIL}")).unwrap();
        Bench { dir }
    }

    /// One file `posts.jsonl` with this content.
    pub fn with_posts(posts: &str) -> Bench {
        let bench = Bench::new(FILE_FEED);
        bench.write("posts.jsonl", posts);
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_earful"));
        command.arg("run").args(args).arg(self.path("p.toml"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end and expects success.
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "exit {:?}\n{stderr}", output.status.code());
        stderr
    }

    /// Runs to the end and expects this exit code.
    pub fn fails(&self, args: &[&str], code: i32) -> String {
        let output = self.command(args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{stderr}");
        stderr
    }

    /// The four files.
    pub fn outputs(&self) -> Vec<Vec<u8>> {
        outputs(&self.path("out"))
    }

    /// Lines of one output file.
    pub fn lines(&self, file: &str) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.path("out").join(file)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A feed that reads `posts.jsonl`.
pub const FILE_FEED: &str = "[[feeds]]\nname = \"posts\"\ntype = \"file\"\npath = \"posts.jsonl\"";

pub fn outputs(dir: &Path) -> Vec<Vec<u8>> {
    FILES.iter().map(|file| fs::read(dir.join(file)).unwrap_or_default()).collect()
}

/// Compares and says where two sets of files part, instead of printing megabytes.
pub fn assert_same(left: &[Vec<u8>], right: &[Vec<u8>], what: &str) {
    for ((file, left), right) in FILES.iter().zip(left).zip(right) {
        if left == right {
            continue;
        }
        let at = left.iter().zip(right).take_while(|(a, b)| a == b).count();
        let show = |bytes: &[u8]| {
            let from = at.saturating_sub(100);
            String::from_utf8_lossy(&bytes[from.min(bytes.len())..(at + 200).min(bytes.len())]).into_owned()
        };
        panic!(
            "{what}: {file} differs at byte {at} ({} and {} bytes)\n-----\n{}\n-----\n{}\n-----",
            left.len(),
            right.len(),
            show(left),
            show(right)
        );
    }
}

/// A small generator of numbers with a seed.
pub struct Rng(pub u64);

impl Rng {
    /// Evenly from 0 to below `below`.
    pub fn below(&mut self, below: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    }

    /// Any time between the two.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + Duration::from_micros(self.below((most - least).as_micros() as u64 + 1))
    }
}

const WORDS: [&str; 12] = [
    "the flight was late again",
    "what a lovely crew",
    "lost my bag, terrible",
    "ok so far",
    "机上服务很差",
    "great view today",
    "never again",
    "boarding now",
    "谢谢",
    "#heronfail trending",
    "worst gate ever",
    "nice",
];
const NAMES: [&str; 5] = ["heron", "jadewing", "玉翼", "nobody", "somebody"];

/// So many lines of posts over some hours, with some disorder, duplicates, late posts and broken lines.
/// `first` numbers the first one; time goes on with the number.
pub fn posts(first: u64, count: u64, seed: u64) -> String {
    let mut rng = Rng(seed ^ first);
    let mut text = String::new();
    for n in first..first + count {
        match rng.below(100) {
            0 => text.push_str("{\"id\": broken\n"),
            1 => text.push('\n'),
            // Far enough apart that any moment of a crash lies between some post and its duplicate.
            2..=5 if n > 10 => post(&mut text, n - 1 - rng.below(n.min(1_000) - 1), n, &mut rng, 0),
            6 => post(&mut text, n, n, &mut rng, 3_600_000),
            _ => post(&mut text, n, n, &mut rng, 0),
        }
    }
    text
}

fn post(text: &mut String, id: u64, n: u64, rng: &mut Rng, late_ms: u64) {
    let at = earful::model::Timestamp::from_millis(
        (1_246_898_400_000 + n * 1_500 + rng.below(60_000) - late_ms) as i64,
    );
    let (name, words) = (NAMES[rng.below(5) as usize], WORDS[rng.below(12) as usize]);
    let author = rng.below(500);
    let _ = writeln!(
        text,
        r#"{{"network":"x","id":"{id}","text":"{name} {words}","author":{{"id":"u{author}","followers":{}}},"published_at":"{at}"}}"#,
        author * 7
    );
}

/// How a process ended, and its peak of resident memory in bytes, looked up while it ran.
pub fn run_measured(mut command: Command) -> (Output, u64) {
    let child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let watch = std::thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find(|line| line.starts_with("VmHWM:"));
            let Some(kb) = line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok()) else { break };
            peak = peak.max(kb * 1024);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        peak
    });
    let output = child.wait_with_output().unwrap();
    (output, watch.join().unwrap())
}
