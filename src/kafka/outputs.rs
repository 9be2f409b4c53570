//! What goes to the topics out: keys, values and CloudEvents headers.
//!
//! Keys are those of `docs/kafka.md`. Attributes of CloudEvents 1.0 in binary mode (Kafka binding): one header each.

use std::sync::Arc;

use rdkafka::message::{Header, OwnedHeaders};

use super::error::KafkaError;
use super::murmur2;
use super::names::Names;
use super::transaction::{Outgoing, Writer};
use crate::aggregate::{EngineOutput, LaneOutput};
use crate::config::{BrandPlan, Plan};
use crate::metrics::Metrics;
use crate::model::{
    BrandId, Corrected, Correction, DeadLetter, Fate, Incident, Mention, MetricRow, MetricStatus, Output,
    PostKey,
};
use crate::runtime::Metering;
use crate::sinks::Sink;

/// Writes outputs. The buffers are used again for every record.
pub(super) struct Outputs {
    names: Names,
    source: String,
    key: String,
    id: String,
    value: Vec<u8>,
    /// Asked for when the first correction of a transaction is written.
    mentions_partitions: Option<i32>,
    metering: Option<Metering>,
    /// By `BrandId`.
    brands: Vec<String>,
}

impl Outputs {
    pub(super) fn new(names: Names, plan: &Plan, metrics: Option<Arc<Metrics>>) -> Outputs {
        let brands: Vec<String> = plan.brands.iter().map(|brand| brand.id.clone()).collect();
        Outputs {
            names,
            source: format!("/earful/{}", plan.name),
            key: String::new(),
            id: String::new(),
            value: Vec::new(),
            mentions_partitions: None,
            metering: metrics.map(|metrics| Metering::new(metrics, brands.clone())),
            brands,
        }
    }

    /// Counts an output; it shows when it is committed.
    fn count(&mut self, output: &Output<'_>) {
        if let Some(metering) = &mut self.metering {
            // Counting cannot fail.
            let _ = metering.write(output);
        }
    }

    /// The brands that outputs name from now on; those known keep their places.
    pub(super) fn set_brands(&mut self, brands: &[BrandPlan]) {
        if let Some(metering) = &mut self.metering {
            metering.set_brands(brands);
        }
        self.brands = brands.iter().map(|brand| brand.id.clone()).collect();
    }

    /// What was written is committed.
    pub(super) fn committed(&mut self) {
        // Partitions may be added.
        self.mentions_partitions = None;
        if let Some(metering) = &mut self.metering {
            let _ = metering.flush();
        }
    }

    fn headers(&self, kind: &str) -> OwnedHeaders {
        let header = |key, value| Header { key, value: Some(value) };
        OwnedHeaders::new_with_capacity(5)
            .insert(header("ce_specversion", "1.0"))
            .insert(header("ce_type", kind))
            .insert(header("ce_source", &self.source))
            .insert(header("ce_id", &self.id))
            .insert(header("content-type", "application/json"))
    }

    fn send(&self, writer: &Writer, topic: &str, kind: &str, value: Option<&[u8]>) -> Result<(), KafkaError> {
        writer.send(Outgoing {
            topic,
            partition: None,
            key: self.key.as_bytes(),
            value,
            headers: Some(self.headers(kind)),
            ticket: 0,
        })
    }

    fn post_key(&mut self, key: &PostKey) {
        self.key.clear();
        write_post_key(key, &mut self.key);
    }

    /// `place` names the record that the output comes from, and so the event.
    fn event_id(&mut self, place: std::fmt::Arguments<'_>) {
        self.id.clear();
        // Writing to a string cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut self.id, place);
    }

    /// What a lane lets out.
    pub(super) fn lane(
        &mut self,
        writer: &Writer,
        output: LaneOutput<'_>,
        place: std::fmt::Arguments<'_>,
    ) -> Result<(), KafkaError> {
        match output {
            LaneOutput::Mention(fate, mention) => self.mention(writer, fate, mention, place),
            LaneOutput::Tombstone(key) => self.tombstone(writer, key, place),
            LaneOutput::Correction(corrected) => self.correction(writer, corrected, place),
            LaneOutput::LabelGone(key, brand) => self.label_gone(writer, (key, brand), place),
            LaneOutput::Dead(dead) => self.dead(writer, dead, place),
        }
    }

    fn mention(
        &mut self,
        writer: &Writer,
        fate: Fate,
        mention: &Mention,
        place: std::fmt::Arguments<'_>,
    ) -> Result<(), KafkaError> {
        self.count(&Output::Mention(fate, mention));
        self.post_key(mention.key());
        self.event_id(place);
        self.value.clear();
        mention.write_json(fate, &mut self.value);
        self.send(writer, &self.names.mentions, "earful.mention.v1", Some(&self.value))
    }

    fn tombstone(
        &mut self,
        writer: &Writer,
        key: &PostKey,
        place: std::fmt::Arguments<'_>,
    ) -> Result<(), KafkaError> {
        self.count(&Output::Tombstone(key));
        self.post_key(key);
        self.event_id(place);
        self.send(writer, &self.names.mentions, "earful.mention.gone.v1", None)
    }

    fn correction(
        &mut self,
        writer: &Writer,
        corrected: &Corrected<'_>,
        place: std::fmt::Arguments<'_>,
    ) -> Result<(), KafkaError> {
        self.count(&Output::Correction(corrected));
        self.value.clear();
        // Writing plain values into memory cannot fail.
        let _ = corrected.write_json(&mut self.value);
        let Correction { brand_name, key, .. } = corrected.correction;
        self.label(writer, (brand_name, key), ("earful.correction.v1", true), place)
    }

    /// A label is in force no more: its record goes, which its mention's tombstone does not take along.
    fn label_gone(
        &mut self,
        writer: &Writer,
        (key, brand): (&PostKey, BrandId),
        place: std::fmt::Arguments<'_>,
    ) -> Result<(), KafkaError> {
        let brand = self.brands.get(brand.0 as usize).cloned().unwrap_or_default();
        self.label(writer, (&brand, key), ("earful.correction.gone.v1", false), place)
    }

    /// Under a key of its own, because it must not replace the mention, and in the partition of the mention, so that
    /// it is read after it. A record that has a value finds it in the buffer.
    fn label(
        &mut self,
        writer: &Writer,
        (brand, post): (&str, &PostKey),
        (kind, has_value): (&str, bool),
        place: std::fmt::Arguments<'_>,
    ) -> Result<(), KafkaError> {
        self.post_key(post);
        let partition = self.partition_of_key(writer)?;
        self.key.clear();
        write_label_key(brand, post, &mut self.key);
        self.event_id(place);
        writer.send(Outgoing {
            topic: &self.names.mentions,
            partition: Some(partition),
            key: self.key.as_bytes(),
            value: has_value.then_some(&*self.value),
            headers: Some(self.headers(kind)),
            ticket: 0,
        })
    }

    /// Where the client library puts a mention of this key.
    fn partition_of_key(&mut self, writer: &Writer) -> Result<i32, KafkaError> {
        let partitions = match self.mentions_partitions {
            Some(known) => known,
            None => *self.mentions_partitions.insert(writer.partitions(&self.names.mentions)?),
        };
        Ok(murmur2::partition(self.key.as_bytes(), partitions))
    }

    pub(super) fn dead(
        &mut self,
        writer: &Writer,
        dead: &DeadLetter,
        place: std::fmt::Arguments<'_>,
    ) -> Result<(), KafkaError> {
        self.count(&Output::Dead(dead));
        self.event_id(place);
        self.key.clone_from(&self.id);
        self.json(dead);
        self.send(writer, &self.names.dead, "earful.dead.v1", Some(&self.value))
    }

    pub(super) fn engine(&mut self, writer: &Writer, output: &EngineOutput) -> Result<(), KafkaError> {
        match output {
            EngineOutput::Metric(row) => self.metric(writer, row),
            EngineOutput::Incident(incident) => self.alert(writer, incident),
        }
    }

    fn metric(&mut self, writer: &Writer, row: &MetricRow) -> Result<(), KafkaError> {
        self.count(&Output::Metric(row));
        self.key = row_key(row);
        self.id.clone_from(&self.key);
        self.value.clear();
        if row.write_json(&mut self.value).is_err() {
            self.json(row);
        }
        self.send(writer, &self.names.metrics, "earful.metric.v1", Some(&self.value))
    }

    fn alert(&mut self, writer: &Writer, incident: &Incident) -> Result<(), KafkaError> {
        self.count(&Output::Incident(incident));
        self.key.clone_from(&incident.id);
        self.id = format!("{}|{}", incident.id, incident.revision);
        self.json(incident);
        self.send(writer, &self.names.alerts, "earful.alert.v1", Some(&self.value))
    }

    fn json(&mut self, value: &impl serde::Serialize) {
        self.value.clear();
        // Writing plain structs into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.value, value);
    }
}

/// The key of a mention.
pub(super) fn write_post_key(key: &PostKey, out: &mut String) {
    out.extend([key.network.as_str(), ":", &key.id]);
}

/// The key of a label for this brand. No network is called so, and no brand's id holds a bar.
pub(super) fn write_label_key(brand: &str, key: &PostKey, out: &mut String) {
    out.extend(["correction|", brand, "|"]);
    write_post_key(key, out);
}

/// The key of a row.
pub(super) fn row_key(row: &MetricRow) -> String {
    let mut key = format!("{}|{}|{}", row.brand, row.resolution.as_str(), row.start);
    if row.status == MetricStatus::Delta {
        // An addition must not replace the row that it adds to.
        key += &format!("|{}", row.as_of);
    }
    key
}
