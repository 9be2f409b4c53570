//! Pipeline file to plan.
//!
//! **Invariant:** a [`Plan`] is complete: no option is left open and nothing behind it can fail for lack of
//! configuration. Every problem of a file is reported at once, with its place and a hint.

mod alerts;
mod brands;
mod deliveries;
mod inputs;
mod kafka;
mod lexicon;
mod load;
mod outputs;
mod plan;
mod problem;
mod queries;
mod reader;
mod receiver;
mod renew;
mod rules;
mod secrets;
mod sentiment;

#[cfg(feature = "kafka")]
pub(crate) use kafka::{OWN_TOPICS, writes};
pub use load::{Loaded, load, load_naming, parse};
pub use plan::{
    BrandPlan, FeedPlan, FilterPlan, HttpPlan, KafkaPlan, KafkaTopics, Plan, RulePlan, SentimentPlan,
    SinkPlan, Source, StatePlan, TestPlan,
};
pub use problem::{Problem, Problems};
pub use receiver::{DeliveryPlan, Receiver, Wanted};
pub use secrets::expand;
