//! Where records come from.
//!
//! **Invariant:** a feed hands over whole records in its own order with their place, and knows nothing
//! of posts, lanes or sinks.

mod batch;
mod cutter;
mod open;
pub mod push;
mod reader;

pub use batch::{Batch, FeedPosition, Head, Permit, Permits, Slice};
pub use cutter::{Cut, Cutter, Limits, OVERSIZED_KEPT_BYTES, cut_whole, read_head};
pub use open::open;
pub use push::{PushBatch, PushError, PushIntake, PushReceipt, PushReply, Refusal};
pub use reader::{FeedError, FeedReader};
