//! The listen role: posts in; mentions, dead letters and tallies out.

mod journal;
mod lanes;
mod reading;

pub(super) use lanes::Lanes;
pub(super) use reading::{Feeds, PostReading};
