//! Counts and fixed-point sums of one brand in one pane: the part of a tally that can be taken back.
//!
//! **Invariant:** integers only, `merge` is commutative and associative, and an entry that falls to
//! zero is dropped, so that equal contents are equal bytes. Per-post numbers are capped before they
//! are summed; sums therefore do not overflow within 900 million posts a pane.
//!
//! Intents, author tiers, campaigns and customers will be further [`Small`] dimensions here.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::model::{Kind, Language, Mention, Network, Polarity, Score};

/// No account has more followers than there are people.
pub(super) const FOLLOWERS_MAX: u64 = 10_000_000_000;
/// More interactions or views than this on one post are a broken feed.
const INTERACTIONS_MAX: u64 = 1_000_000_000_000;

/// A dimension with few values: a short vector sorted by value, without zeros.
pub(super) type Small<K> = SmallVec<[(K, i64); 2]>;

/// Counts by (post, brand) match. Negative where a correction takes back more than it brings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counters {
    pub(super) mentions: i64,
    pub(super) replies: i64,
    pub(super) reposts: i64,
    pub(super) quotes: i64,
    pub(super) positive: i64,
    pub(super) neutral: i64,
    pub(super) negative: i64,
    /// Sum of scores in ten-thousandths.
    pub(super) score_e4: i64,
    /// Mentions whose author's followers are stated.
    pub(super) followers_known: i64,
    pub(super) followers: i64,
    pub(super) estimated_reach: i64,
    pub(super) engagement: i64,
    /// Mentions with platform-reported views.
    pub(super) views_known: i64,
    pub(super) views: i64,
    pub(super) networks: Small<Network>,
    pub(super) languages: Small<Language>,
}

/// What one post adds to every brand that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PostNumbers {
    pub(super) network: Network,
    pub(super) kind: Kind,
    pub(super) language: Language,
    pub(super) followers: Option<u64>,
    pub(super) engagement: u64,
    pub(super) views: Option<u64>,
}

impl PostNumbers {
    pub(super) fn of(mention: &Mention) -> PostNumbers {
        PostNumbers {
            network: mention.key().network,
            kind: mention.kind,
            language: mention.language,
            followers: mention.excerpt.followers,
            engagement: mention.excerpt.engagement,
            views: mention.counts.views,
        }
    }
}

impl Counters {
    /// Counts one match (`sign` 1) or takes it back (`sign` -1).
    pub(super) fn add(&mut self, post: &PostNumbers, polarity: Polarity, score: Score, sign: i64) {
        self.mentions += sign;
        match post.kind {
            Kind::Original => {}
            Kind::Reply => self.replies += sign,
            Kind::Repost => self.reposts += sign,
            Kind::Quote => self.quotes += sign,
        }
        match polarity {
            Polarity::Negative => self.negative += sign,
            Polarity::Neutral => self.neutral += sign,
            Polarity::Positive => self.positive += sign,
        }
        self.score_e4 += sign * i64::from(score.e4());
        self.add_sums(post, sign);
        bump(&mut self.networks, post.network, sign);
        bump(&mut self.languages, post.language, sign);
    }

    fn add_sums(&mut self, post: &PostNumbers, sign: i64) {
        if let Some(followers) = post.followers {
            let followers = followers.min(FOLLOWERS_MAX);
            self.followers_known += sign;
            self.followers = self.followers.wrapping_add(sign * followers as i64);
            self.estimated_reach =
                self.estimated_reach.wrapping_add(sign * estimated_reach(followers) as i64);
        }
        if let Some(views) = post.views {
            self.views_known += sign;
            self.views = self.views.wrapping_add(sign * views.min(INTERACTIONS_MAX) as i64);
        }
        let engagement = post.engagement.min(INTERACTIONS_MAX) as i64;
        self.engagement = self.engagement.wrapping_add(sign * engagement);
    }

    /// Adds other counters.
    pub(super) fn merge(&mut self, other: &Counters) {
        self.mentions += other.mentions;
        self.replies += other.replies;
        self.reposts += other.reposts;
        self.quotes += other.quotes;
        self.positive += other.positive;
        self.neutral += other.neutral;
        self.negative += other.negative;
        self.score_e4 += other.score_e4;
        self.followers_known += other.followers_known;
        self.followers = self.followers.wrapping_add(other.followers);
        self.estimated_reach = self.estimated_reach.wrapping_add(other.estimated_reach);
        self.engagement = self.engagement.wrapping_add(other.engagement);
        self.views_known += other.views_known;
        self.views = self.views.wrapping_add(other.views);
        for (network, n) in &other.networks {
            bump(&mut self.networks, *network, *n);
        }
        for (language, n) in &other.languages {
            bump(&mut self.languages, *language, *n);
        }
    }

    /// True when nothing is left to say.
    pub(super) fn is_zero(&self) -> bool {
        *self == Counters::default()
    }
}

/// Adds `n` to the entry of `key`; an entry that becomes zero is dropped.
fn bump<K: Ord + Copy>(entries: &mut Small<K>, key: K, n: i64) {
    match entries.binary_search_by(|(k, _)| k.cmp(&key)) {
        Ok(i) => {
            entries[i].1 += n;
            if entries[i].1 == 0 {
                entries.remove(i);
            }
        }
        Err(i) if n != 0 => entries.insert(i, (key, n)),
        Err(_) => {}
    }
}

/// Followers x f with f = 0.15 to 100,000 followers, 0.06 from 10 million, linear between: the one
/// published formula (Sprinklr, "Reach"). In integers: f in units of 1e-9, rounded down.
fn estimated_reach(followers: u64) -> u64 {
    const LOW: u64 = 100_000;
    const HIGH: u64 = 10_000_000;
    let factor_e9 = match followers {
        ..=LOW => 150_000_000,
        HIGH.. => 60_000_000,
        _ => 150_000_000 - 90_000_000 * (followers - LOW) / (HIGH - LOW),
    };
    followers.min(FOLLOWERS_MAX) * factor_e9 / 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(followers: Option<u64>) -> PostNumbers {
        PostNumbers {
            network: Network::X,
            kind: Kind::Reply,
            language: Language::EN,
            followers,
            engagement: u64::MAX,
            views: Some(u64::MAX),
        }
    }

    #[test]
    fn estimated_reach_follows_the_published_corners() {
        for (followers, expected) in
            [(0, 0), (1_000, 150), (100_000, 15_000), (10_000_000, 600_000), (5_050_000, 530_250)]
        {
            assert_eq!(estimated_reach(followers), expected, "{followers}");
        }
        assert_eq!(estimated_reach(u64::MAX), FOLLOWERS_MAX / 100 * 6);
    }

    #[test]
    fn what_is_added_and_taken_back_leaves_nothing() {
        let mut counters = Counters::default();
        counters.add(&numbers(Some(u64::MAX)), Polarity::Negative, Score::from_e4(-4000), 1);
        assert_eq!(counters.networks.as_slice(), &[(Network::X, 1)]);
        counters.add(&numbers(Some(u64::MAX)), Polarity::Negative, Score::from_e4(-4000), -1);
        assert!(counters.is_zero());
    }
}
