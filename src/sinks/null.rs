//! Nowhere: for measuring, and for pipelines that are only read through HTTP.

use super::{Position, Sink, SinkError};
use crate::model::Output;

/// Forgets everything.
#[derive(Debug, Default)]
pub struct NullSink;

impl Sink for NullSink {
    fn write(&mut self, _: &Output<'_>) -> Result<(), SinkError> {
        Ok(())
    }

    fn flush(&mut self) -> Result<Position, SinkError> {
        Ok(Position::default())
    }

    fn rewind(&mut self, _: &Position) -> Result<(), SinkError> {
        Ok(())
    }

    fn start(&mut self, _: bool) -> Result<(), SinkError> {
        Ok(())
    }
}
