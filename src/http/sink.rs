//! The view as one of a run's sinks.

use std::sync::Arc;

use super::{BrandInfo, View};
use crate::config::BrandPlan;
use crate::model::Output;
use crate::sinks::{Position, Sink, SinkError};

/// Shows every output that a run writes. It keeps nothing durably and cannot go back: the view tells
/// records that come again from new ones.
#[derive(Clone, Debug)]
pub struct ViewSink(pub Arc<View>);

impl Sink for ViewSink {
    fn write(&mut self, output: &Output<'_>) -> Result<(), SinkError> {
        self.0.apply(output);
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

    fn set_brands(&mut self, brands: &[BrandPlan]) {
        self.0.set_brands(brands.iter().map(BrandInfo::from).collect());
    }
}
