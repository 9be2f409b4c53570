//! `sample:10`: a share of all posts, told by their ids.
//!
//! **Invariant:** the same in every run, release and machine. A post of a small share is in every greater one.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::keys::{scale, spread};
use super::ranges::number;
use crate::model::Post;

/// Shares are told apart to this part of a per cent.
const PARTS: f64 = 10_000.0;
/// So that a share is none of those that the same hash makes elsewhere, as partitions and lanes do.
const SEED: u64 = 0x5a3_91e5;

/// A share that can be asked for: more than 0 and at most 100 per cent.
pub(super) fn percent(text: &str) -> Option<f64> {
    number(text).filter(|percent| *percent > 0.0 && *percent <= 100.0)
}

/// The post is among so many per cent of all.
pub(super) fn has(post: &Post<'_>, percent: f64) -> bool {
    let network = xxh3_64_with_seed(post.network.as_str().as_bytes(), SEED);
    let hash = xxh3_64_with_seed(post.id.as_bytes(), network);
    (scale(spread(hash), 100 * PARTS as usize) as f64) < percent * PARTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Network, Timestamp};

    fn post(network: Network, id: u32) -> Post<'static> {
        Post::new(network, id.to_string().into(), "acme".into(), Timestamp::from_millis(0))
    }

    #[test]
    fn a_share_is_as_large_as_it_says_and_inside_of_greater_ones() {
        for network in [Network::X, Network::Reddit] {
            for wanted in [0.5, 1.0, 10.0, 50.0, 99.0] {
                let found =
                    (0..100_000).filter(|id| has(&post(network, *id), wanted)).count() as f64 / 1_000.0;
                assert!((found - wanted).abs() < 0.5, "{found} for {wanted} of {network:?}");
            }
        }
        assert!((0..1_000).all(|id| has(&post(Network::X, id), 100.0)));
        assert!((0..10_000).all(|id| !has(&post(Network::X, id), 3.0) || has(&post(Network::X, id), 3.1)));
    }

    #[test]
    fn a_share_is_the_same_for_ever() {
        let of = |network| (0..50).filter(|id| has(&post(network, *id), 10.0)).collect::<Vec<u32>>();
        assert_eq!((of(Network::X), of(Network::Reddit)), (vec![19, 25, 32, 34], vec![13, 21, 42]));
    }

    #[test]
    fn what_can_be_asked_for() {
        assert_eq!((percent("10"), percent("0.5"), percent("100")), (Some(10.0), Some(0.5), Some(100.0)));
        assert!(["0", "101", "-1", "ten", "10%", ""].iter().all(|text| percent(text).is_none()));
    }
}
