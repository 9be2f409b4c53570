//! `earful demo`: a bundled, seeded scenario through the real pipeline.

pub(crate) mod cast;
pub(crate) mod charts;
pub(crate) mod crisis;
pub(crate) mod damage;
pub(crate) mod phrases;
pub(crate) mod post;
pub(crate) mod report;
pub(crate) mod rng;
pub mod scenario;
pub mod summary;
pub(crate) mod talk;
pub(crate) mod wire;
pub(crate) mod world;
