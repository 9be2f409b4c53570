//! A line that moves while a run works; on a terminal only.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::model::Timestamp;

/// Shows how far a run is.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Visible if standard error is a terminal.
    pub(crate) fn new() -> Progress {
        if !io::stderr().is_terminal() {
            return Progress(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} posts  {per_sec}  {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(bar)
    }

    /// So many posts are in; event time has come to `watermark`.
    pub(crate) fn show(&self, received: u64, watermark: Timestamp) {
        if self.0.is_hidden() {
            return;
        }
        self.0.set_position(received);
        if watermark != Timestamp::MIN && watermark != Timestamp::MAX {
            self.0.set_message(format!("up to {}", watermark.floor(60_000)));
        }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
