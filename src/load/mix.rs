//! Which feed shapes, and how much of each.

use std::str::FromStr;

use super::rng::Rng;
use crate::analysis::decode::Format;

/// A feed shape that can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// earful's own JSON.
    Canonical,
    /// A tweet of the API v1.1.
    XV1,
    /// A commit of Bluesky's Jetstream.
    Jetstream,
    /// A status of Mastodon's API.
    Mastodon,
    /// A submission or comment of Reddit's API.
    Reddit,
    /// A status of weibo.com's web API.
    WeiboAjax,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Shape; SHAPES] =
        [Shape::Canonical, Shape::XV1, Shape::Jetstream, Shape::Mastodon, Shape::Reddit, Shape::WeiboAjax];

    /// The format that decodes it; the shape has its name.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Shape::Canonical => Format::Canonical,
            Shape::XV1 => Format::XV1,
            Shape::Jetstream => Format::Jetstream,
            Shape::Mastodon => Format::Mastodon,
            Shape::Reddit => Format::Reddit,
            Shape::WeiboAjax => Format::WeiboAjax,
        }
    }
}

/// How many shapes there are.
pub(super) const SHAPES: usize = 6;

/// Weights of the shapes, in the order of [`Shape::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix([u64; SHAPES]);

impl Default for Mix {
    /// Alike: earful's own JSON, tweets and commits of Bluesky.
    fn default() -> Mix {
        Mix([1, 1, 1, 0, 0, 0])
    }
}

impl Mix {
    pub(super) fn draw(&self, rng: &mut Rng) -> Shape {
        Shape::ALL[rng.weighted(&self.0)]
    }
}

impl FromStr for Mix {
    type Err = String;

    /// `bluesky_jetstream=1,x_v1=2`; shapes that are not named have no posts.
    fn from_str(text: &str) -> Result<Mix, String> {
        let mut weights = [0; SHAPES];
        for part in text.split(',') {
            let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
            let at = Shape::ALL.iter().position(|shape| shape.format().as_str() == name.trim());
            let Some(at) = at else { return Err(unknown(name.trim())) };
            let weight = weight.trim().parse::<u32>();
            weights[at] =
                u64::from(weight.map_err(|_| format!("`{part}`: a weight is a whole number from 0 on"))?);
        }
        if weights == [0; SHAPES] {
            return Err("all weights are 0, so there is nothing to write".to_owned());
        }
        Ok(Mix(weights))
    }
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = Shape::ALL.iter().map(|shape| shape.format().as_str()).collect();
    format!("`{name}` is no feed that can be made; there are {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixes_are_read() {
        assert_eq!("bluesky_jetstream=1,canonical=1,x_v1=1".parse(), Ok(Mix::default()));
        assert_eq!("x_v1".parse(), Ok(Mix([0, 1, 0, 0, 0, 0])));
        assert_eq!(
            "canonical=40, weibo_ajax=35, bluesky_jetstream=25".parse(),
            Ok(Mix([40, 0, 25, 0, 0, 35]))
        );
        for (bad, says) in [
            ("weibo=1", "there are canonical, x_v1, bluesky_jetstream, mastodon, reddit, weibo_ajax"),
            ("x_v1=-1", "weight"),
            ("x_v1=0", "nothing"),
            ("", "no feed"),
        ] {
            let error = bad.parse::<Mix>().unwrap_err();
            assert!(error.contains(says), "{bad}: {error}");
        }
    }

    #[test]
    fn shapes_come_by_their_weights() {
        let (mix, mut rng) = (Mix([0, 3, 1, 0, 0, 0]), Rng::new(1));
        let tweets = (0..10_000).filter(|_| mix.draw(&mut rng) == Shape::XV1).count();
        assert!((7_300..7_700).contains(&tweets), "{tweets}");
    }
}
