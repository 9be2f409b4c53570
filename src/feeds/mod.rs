//! Where records come from.
//!
//! **Invariant:** a feed hands over whole records in its own order with their place, and knows nothing
//! of posts, lanes or sinks.

pub mod push;

pub use push::{PushBatch, PushError, PushIntake, PushReceipt, PushReply};
