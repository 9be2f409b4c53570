//! Counts outputs for `/metrics`: a sink that writes numbers.

use std::sync::Arc;

use crate::config::BrandPlan;
use crate::metrics::{MentionCounts, Metrics};
use crate::model::{Output, OutputKind};
use crate::sinks::{Position, Sink, SinkError};

/// Collects between two checkpoints, so that the hot path pays no label look-ups.
pub(crate) struct Metering {
    metrics: Arc<Metrics>,
    brands: Vec<String>,
    mentions: MentionCounts,
    outputs: [u64; 4],
}

impl Metering {
    pub(crate) fn new(metrics: Arc<Metrics>, brands: Vec<String>) -> Metering {
        Metering { metrics, brands, mentions: MentionCounts::default(), outputs: [0; 4] }
    }
}

impl Sink for Metering {
    fn write(&mut self, output: &Output<'_>) -> Result<(), SinkError> {
        self.outputs[OutputKind::of(output) as usize] += 1;
        match output {
            Output::Mention(_, mention) => self.mentions.count(mention),
            Output::Incident(incident) => self.metrics.add_incident(incident),
            Output::Dead(dead) => {
                self.metrics.add_rejected(&dead.reason, 1);
                self.metrics.add_dead_letters(&dead.reason, 1);
            }
            Output::Tombstone(_) | Output::Correction(_) | Output::Metric(_) => {}
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<Position, SinkError> {
        self.metrics.add_mentions(&self.mentions, &self.brands);
        self.mentions.clear();
        for kind in OutputKind::ALL {
            self.metrics.add_outputs(kind.as_str(), std::mem::take(&mut self.outputs[kind as usize]));
        }
        Ok(Position::default())
    }

    fn rewind(&mut self, _: &Position) -> Result<(), SinkError> {
        Ok(())
    }

    fn start(&mut self, _: bool) -> Result<(), SinkError> {
        Ok(())
    }

    fn set_brands(&mut self, brands: &[BrandPlan]) {
        self.brands = brands.iter().map(|brand| brand.id.clone()).collect();
    }
}
