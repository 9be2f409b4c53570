//! Fans outputs out to the sinks and counts them.

use std::path::PathBuf;

use crate::config::BrandPlan;
use crate::model::{Output, OutputKind};
use crate::sinks::{Position, Sink, SinkError};

/// All sinks of a run.
pub(super) struct Outputs {
    sinks: Vec<Box<dyn Sink>>,
    counts: [u64; 4],
    /// The first error; after it nothing is written any more.
    error: Option<SinkError>,
}

impl Outputs {
    pub(super) fn new(sinks: Vec<Box<dyn Sink>>) -> Outputs {
        Outputs { sinks, counts: [0; 4], error: None }
    }

    /// Writes one output to every sink. An error is kept for [`Outputs::check`], because lanes and
    /// engine cannot fail in the middle of a record.
    pub(super) fn write(&mut self, output: &Output<'_>) {
        if self.error.is_some() {
            return;
        }
        self.counts[OutputKind::of(output) as usize] += 1;
        for sink in &mut self.sinks {
            if let Err(e) = sink.write(output) {
                self.error = Some(e);
                return;
            }
        }
    }

    pub(super) fn check(&mut self) -> Result<(), SinkError> {
        self.error.take().map_or(Ok(()), Err)
    }

    /// Everything written so far is durable; the position of all sinks together.
    pub(super) fn flush(&mut self) -> Result<Position, SinkError> {
        self.check()?;
        let mut all = Position::default();
        for sink in &mut self.sinks {
            all.0.extend(sink.flush()?.0);
        }
        Ok(all)
    }

    pub(super) fn rewind(&mut self, position: &Position) -> Result<(), SinkError> {
        self.sinks.iter_mut().try_for_each(|sink| sink.rewind(position))
    }

    pub(super) fn start(&mut self, overwrite: bool) -> Result<(), SinkError> {
        self.sinks.iter_mut().try_for_each(|sink| sink.start(overwrite))
    }

    pub(super) fn set_brands(&mut self, brands: &[BrandPlan]) {
        self.sinks.iter_mut().for_each(|sink| sink.set_brands(brands));
    }

    /// How many of that kind were written.
    pub(super) fn count(&self, kind: OutputKind) -> u64 {
        self.counts[kind as usize]
    }

    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.sinks.iter().flat_map(|sink| sink.files()).collect()
    }
}
