//! The listen role: posts in; mentions, dead letters and tallies out. And corrections, which have a topic of their own,
//! on to the lanes.

mod corrections;
mod forward;
mod journal;
mod lanes;
mod reading;

pub(super) use corrections::CorrectionReading;
pub(super) use forward::Forwarder;
pub(super) use lanes::Lanes;
pub(super) use reading::{Feeds, PostReading};
