//! Queries tried on single posts, as people write them in tests, labelled files and requests.
//!
//! **Invariant:** a post goes through the decoder and the matcher of a run, so a query means here what it
//! means there.

mod computed;
mod matcher;
mod short_post;

pub use computed::ShortComputed;
pub use matcher::Matcher;
pub use short_post::with_post;
