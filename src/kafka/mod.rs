//! The distributed run: from topics to topics, exactly once.
//!
//! Two roles make the flow, each any number of workers in any number of processes, placed by consumer groups:
//!
//! - `listen`: a partition of a posts topic is a lane. Mentions, dead letters, tallies, the lane's journal and
//!   the offsets go out in one transaction; the lane's small state travels with the offset.
//! - `tally`: a partition of the topic `tallies` has an engine. Metrics, alerts, the engine's changelog and the
//!   offsets go out in one transaction.
//!
//! Two more read what comes out: `serve` (`follow.rs`, `open_rows.rs`) shows the topics, and takes corrections in (`take.rs`);
//! `deliver` tells receivers of alerts.
//!
//! A worker (`worker.rs`) is two threads: one polls and analyses, the other owns the state, writes and commits, so
//! that analysis goes on while a commit runs. When anything fails, the worker is thrown away and built anew
//! from what is committed: there is one way back, and every start takes it.
//!
//! **Invariant:** nothing is remembered that a transaction has not written, and nothing of a transaction
//! that did not commit is ever used.

mod clients;
mod codec;
mod context;
mod deathpoint;
mod deliver;
mod ends;
mod error;
mod failures;
mod follow;
mod gaps;
mod group;
mod health;
mod leave;
mod listen;
mod load;
mod murmur2;
mod names;
mod observer;
mod onlooker;
mod open_rows;
mod outputs;
mod owner;
mod partition;
mod progress;
mod replay;
mod restore;
mod role;
mod run;
mod take;
mod tally;
mod token;
mod topics;
mod transaction;
mod watchdog;
mod worker;

pub use error::KafkaError;
pub use follow::{Followed, Written, follow};
pub use health::Health;
pub use load::{load, load_topic};
pub use open_rows::follow_open_rows;
pub use progress::{LaneProgress, PartitionProgress, progress};
pub use replay::{
    AlertDifference, AlertExample, AlertState, BrandDifference, Difference, MentionDifference,
    MentionExample, MetricDifference, Place, ReadPartition, ReplayInto, ReplayOptions, ReplayReport,
    RowExample, replay,
};
pub use role::{KafkaOptions, Role};
pub use run::run;
pub use topics::{Change, TopicPlan, apply, plan};
