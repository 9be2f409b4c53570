//! A running earful, or a peer of it: what it says of itself, and what the system says of it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use super::leash::Leash;
use super::rig::{Pipeline, Rig};

/// Ticks of a second in which Linux counts processor time.
const TICKS: f64 = 100.0;
/// As much of a log as says why a process ended.
const LOG_LINES: usize = 40;

pub struct Process {
    leash: Leash,
    log: PathBuf,
    port: u16,
}

impl Process {
    /// earful with this pipeline.
    pub fn earful(rig: &Rig, pipeline: &Pipeline, workers: usize) -> Process {
        let mut command = vec![rig.program.display().to_string(), "run".to_owned()];
        command.extend(["--instance", "bench", "--workers"].map(str::to_owned));
        command.extend([workers.to_string(), pipeline.file.display().to_string()]);
        Process::start(command, rig, pipeline)
    }

    /// Any command.
    pub fn start(command: Vec<String>, rig: &Rig, pipeline: &Pipeline) -> Process {
        let log = rig.log(pipeline);
        Process { leash: Leash::start(command, &log, None), log, port: pipeline.port }
    }

    pub fn stop(&mut self) {
        self.leash.signal("TERM");
        let code = self.leash.wait(Duration::from_secs(60));
        assert_eq!(code, Some(0), "it does not end well. Its log:\n{}", self.log());
    }

    pub fn must_run(&mut self) {
        let code = self.leash.ended();
        assert_eq!(code, None, "it has ended before all was read. Its log:\n{}", self.log());
    }

    fn log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
    }

    /// Processor time so far, in seconds.
    pub fn cpu_seconds(&self) -> f64 {
        tree(self.leash.pid()).into_iter().map(cpu_seconds).sum()
    }

    /// Greatest resident memory so far, in MB (10^6 bytes).
    pub fn peak_mb(&self) -> f64 {
        tree(self.leash.pid()).into_iter().map(peak_mb).sum()
    }

    /// earful's `/metrics`; empty while nobody answers.
    pub fn metrics(&self) -> String {
        self.get().unwrap_or_default()
    }

    fn get(&self) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: earful\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer.split_once("\r\n\r\n")?.1.to_owned())
    }
}

/// Sum over all labels of a metric, or over those that begin so.
pub fn sum(metrics: &str, name: &str) -> f64 {
    let value = |line: &str| {
        let rest = line.strip_prefix(name)?;
        rest.starts_with(['{', ' ', ',']).then(|| rest.rsplit(' ').next()?.parse::<f64>().ok())?
    };
    metrics.lines().filter_map(value).sum()
}

/// A process and all that it has started, as far as they run.
fn tree(root: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parents: Vec<(u32, u32)> =
        pids.filter_map(|pid| Some((pid, stat(pid).get(1)?.parse().ok()?))).collect();
    let (mut found, mut at) = (vec![root], 0);
    while let Some(parent) = found.get(at).copied() {
        found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| pid));
        at += 1;
    }
    found
}

/// What Linux says of a process, from its state on.
fn stat(pid: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    text.rsplit(')').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// Processor time of one process, in seconds.
pub fn cpu_seconds(pid: u32) -> f64 {
    let fields = stat(pid);
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS
}

fn peak_mb(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) * 1024.0 / 1e6
}
