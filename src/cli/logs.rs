//! Where logs go: standard error, as text or JSON.

use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

/// The HTTP client would tell the addresses of receivers, which are secrets. The consumer's would tell of every good end that it
/// cannot close what is closed (`kafka/leave.rs`).
const QUIET: &str = "ureq=off,ureq_proto=off,rustls=off,rdkafka::consumer::base_consumer=off";

/// How to log.
#[derive(Debug, Args)]
pub(super) struct LogArgs {
    /// How logs look on standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// What is logged: error, warn, info, debug, trace, or a filter such as `earful::runtime=debug`.
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = filter)]
    log_level: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

fn filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|e| e.to_string())
}

impl LogArgs {
    /// Starts logging. A second call in one process does nothing.
    pub(super) fn start(&self) {
        let logs = tracing_subscriber::fmt()
            .with_writer(io::stderr)
            .with_env_filter(EnvFilter::new(format!("{},{QUIET}", self.log_level)))
            .with_ansi(io::stderr().is_terminal());
        // An error means that logging has been started already.
        let _ = match self.log_format {
            LogFormat::Text => logs.try_init(),
            LogFormat::Json => logs.json().try_init(),
        };
    }
}
