//! A running earful: what it says of itself, and what the system says of it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::leash::Leash;
use super::rig::{Pipeline, Rig};

/// Ticks of a second in which Linux counts processor time.
const TICKS: f64 = 100.0;

pub struct Process {
    leash: Leash,
    port: u16,
}

impl Process {
    pub fn start(rig: &Rig, pipeline: &Pipeline, workers: usize) -> Process {
        let mut command = vec![env!("CARGO_BIN_EXE_earful").to_owned(), "run".to_owned()];
        command.extend(["--instance", "bench", "--workers"].map(str::to_owned));
        command.extend([workers.to_string(), pipeline.file.display().to_string()]);
        Process { leash: Leash::start(command, &rig.log(pipeline), None), port: pipeline.port }
    }

    pub fn pid(&self) -> u32 {
        self.leash.pid()
    }

    pub fn stop(&mut self) {
        self.leash.signal("TERM");
        assert_eq!(self.leash.wait(Duration::from_secs(60)), Some(0), "it ends well");
    }

    /// `/metrics`; empty while nobody answers.
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

/// Processor time of a process, in seconds.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS
}

/// Greatest resident memory so far, in MB (10^6 bytes).
pub fn peak_mb(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) * 1024.0 / 1e6
}
