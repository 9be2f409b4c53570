//! Tells receivers of incidents: webhooks, Slack, Alertmanager, PagerDuty.
//!
//! A [`Courier`] has one receiver. It takes one alert at a time, tries until the alert is delivered or given up, and
//! says what became of it. Who owns it keeps the place in the stream of alerts and moves on when the courier is
//! done: so every alert arrives at least once, and each time with the same `Idempotency-Key`.
//!
//! **Invariant:** no text of a post is trusted, and no address, header or key is ever logged.

mod alert;
mod bodies;
mod courier;
mod http;
mod mask;
mod retry;

pub use alert::Alert;
pub use courier::{Courier, Outcome, Step};

/// A delivery cannot be made ready.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the delivery \"{delivery}\": {what}")]
pub struct DeliverError {
    /// Its name.
    pub delivery: String,
    /// What is wrong and what to do. Holds no secret.
    pub what: String,
}
