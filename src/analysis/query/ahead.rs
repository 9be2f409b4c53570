//! Reading ahead: what a loop will need of places far apart in memory, read before the loop by one without branches.
//!
//! **Invariant:** changes no result. The processor cannot guess a branch that depends on what it still waits for, and so
//! waits for one place after the other; here it waits for several at once.

use std::hint::black_box;

/// Reads these values, each from a place that is needed soon. Methods named `glance` give such a value.
#[inline]
pub(super) fn read_ahead(values: impl Iterator<Item = u32>) {
    black_box(values.fold(0, |all, value| all ^ value));
}
