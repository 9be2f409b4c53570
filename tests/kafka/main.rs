//! The distributed run against a real Kafka broker: processes are killed, the broker is killed, and the
//! topics hold what an undisturbed run would have written.
//!
//! Needs Java 17 and, once, Maven. Without them every test says that it was skipped and passes; with
//! `EARFUL_REQUIRE_KAFKA=1` it fails instead.
#![cfg(feature = "kafka")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[cfg(feature = "http")]
mod added;
#[path = "../deliver/alerts.rs"]
mod alerts;
mod broker;
#[cfg(feature = "http")]
mod certificates;
mod chaos;
mod client;
mod compare;
#[cfg(feature = "http")]
mod corrections;
mod deliver;
mod end_txn;
mod fates;
mod fleet;
mod halt;
mod harness;
mod install;
#[cfg(feature = "http")]
mod labels;
mod leash;
mod load;
mod membership;
mod points;
mod posts;
mod protocol;
mod proxy;
mod published;
#[cfg(feature = "http")]
mod readiness;
#[path = "../deliver/receiver.rs"]
mod receiver;
mod recovery;
#[cfg(feature = "http")]
mod reload;
mod remembered;
#[cfg(feature = "http")]
mod renumbered;
mod replay;
mod replay_span;
#[cfg(feature = "http")]
mod retention;
#[path = "../support/schemas.rs"]
mod schemas;
#[cfg(feature = "http")]
mod secure;
#[cfg(feature = "http")]
mod security;
#[cfg(feature = "http")]
mod serve;
mod silent;
#[path = "../support/mod.rs"]
mod support;
mod topics;
#[cfg(feature = "http")]
mod torn;
#[cfg(feature = "http")]
mod trouble;
mod world;

use std::io::Write as _;

/// Says something even when the test passes: `cargo test` keeps what the print macros write to itself.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
