//! One brand in one pane.
use serde::{Deserialize, Serialize};
/// An integer-only, commutative and associative aggregate of one brand in one pane of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {}
