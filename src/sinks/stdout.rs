//! One JSON object a line on the standard output, with a `type` field in front.
//!
//! What has been printed cannot be taken back: after a crash the lines since the last checkpoint are
//! printed again (at least once). Readers tell them by `network` and `id`, or by the row's key.

use std::io::{self, Write};

use super::{Position, Sink, SinkError, jsonl::write_line};
use crate::model::{Output, OutputKind};

/// Prints the kinds it was made for.
pub struct StdoutSink {
    kinds: Vec<OutputKind>,
    out: io::BufWriter<Box<dyn Write>>,
    line: Vec<u8>,
}

impl StdoutSink {
    /// Prints these kinds.
    #[must_use]
    pub fn new(kinds: &[OutputKind]) -> StdoutSink {
        StdoutSink::to(kinds, Box::new(io::stdout()))
    }

    fn to(kinds: &[OutputKind], out: Box<dyn Write>) -> StdoutSink {
        StdoutSink {
            kinds: kinds.to_vec(),
            out: io::BufWriter::with_capacity(64 << 10, out),
            line: Vec::new(),
        }
    }
}

/// The value of `type`: the kind of one line rather than of the output.
const fn type_of(output: &Output<'_>) -> &'static str {
    match output {
        Output::Mention(..) | Output::Tombstone(_) | Output::Correction(_) => "mention",
        Output::Metric(_) => "metric",
        Output::Incident(_) => "alert",
        Output::Dead(_) => "dead",
    }
}

impl Sink for StdoutSink {
    fn write(&mut self, output: &Output<'_>) -> Result<(), SinkError> {
        if !self.kinds.contains(&OutputKind::of(output)) {
            return Ok(());
        }
        self.line.clear();
        write_line(output, &mut self.line)?;
        write!(self.out, "{{\"type\":\"{}\",", type_of(output))
            .and_then(|()| self.out.write_all(self.line.get(1..).unwrap_or_default()))
            .map_err(SinkError::io("write to", "standard output"))
    }

    fn flush(&mut self) -> Result<Position, SinkError> {
        self.out.flush().map_err(SinkError::io("write to", "standard output"))?;
        Ok(Position::default())
    }

    fn rewind(&mut self, _: &Position) -> Result<(), SinkError> {
        Ok(())
    }

    fn start(&mut self, _: bool) -> Result<(), SinkError> {
        Ok(())
    }
}
