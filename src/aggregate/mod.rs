//! Ordered input to fates, panes, metrics and incidents.
//!
//! **Invariant:** `&mut self`, one owner, no clock, no IO, no threads.
