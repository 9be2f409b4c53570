//! Posts for load tests: made from a seed, in three feed shapes, with duplicates, late and malformed ones among
//! them, and a crisis if wanted.
//!
//! [`Generator`] makes the records, [`Schedule`] says how many are due when and what time each is of. `earful load`
//! writes them to a topic, `examples/gen_posts` to a file.
//!
//! **Invariant:** no IO, no clock, no threads: the caller passes the time and gets bytes. The same settings and the
//! same times give the same bytes on every machine.

mod bodies;
mod brands;
mod crisis;
mod generator;
mod mix;
mod record;
pub mod rng;
mod schedule;
mod shapes;

pub use bodies::{BUNDLED, texts};
pub use brands::{LoadBrand, phrases};
pub use generator::{CrisisSettings, Generator, LoadError, LoadSettings, NAMING};
pub use mix::{Mix, Shape};
pub use record::{LoadCounts, LoadRecord, Sort};
pub use schedule::{Schedule, Surge};
