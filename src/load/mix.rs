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
}

impl Shape {
    /// Every shape.
    pub const ALL: [Shape; 3] = [Shape::Canonical, Shape::XV1, Shape::Jetstream];

    /// The format that decodes it; the shape has its name.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Shape::Canonical => Format::Canonical,
            Shape::XV1 => Format::XV1,
            Shape::Jetstream => Format::Jetstream,
        }
    }
}

/// Weights of the shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mix([u64; 3]);

impl Default for Mix {
    /// All alike.
    fn default() -> Mix {
        Mix([1; 3])
    }
}

impl Mix {
    /// In the order of [`Shape::ALL`]; none when all are 0.
    #[must_use]
    pub fn of(weights: [u32; 3]) -> Option<Mix> {
        weights.iter().any(|weight| *weight > 0).then(|| Mix(weights.map(u64::from)))
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> Shape {
        Shape::ALL[rng.weighted(&self.0)]
    }
}

impl FromStr for Mix {
    type Err = String;

    /// `bluesky_jetstream=1,x_v1=2`; shapes that are not named have no posts.
    fn from_str(text: &str) -> Result<Mix, String> {
        let mut weights = [0; 3];
        for part in text.split(',') {
            let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
            let at = Shape::ALL.iter().position(|shape| shape.format().as_str() == name.trim());
            let Some(at) = at else { return Err(unknown(name.trim())) };
            let weight = weight.trim().parse();
            weights[at] = weight.map_err(|_| format!("`{part}`: a weight is a whole number from 0 on"))?;
        }
        Mix::of(weights).ok_or_else(|| "all weights are 0, so there is nothing to write".to_owned())
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
        assert_eq!("x_v1".parse(), Ok(Mix([0, 1, 0])));
        assert_eq!("canonical=40, x_v1=35, bluesky_jetstream=25".parse(), Ok(Mix([40, 35, 25])));
        for (bad, says) in
            [("weibo=1", "no feed"), ("x_v1=-1", "weight"), ("x_v1=0", "nothing"), ("", "no feed")]
        {
            let error = bad.parse::<Mix>().unwrap_err();
            assert!(error.contains(says), "{bad}: {error}");
        }
    }

    #[test]
    fn shapes_come_by_their_weights() {
        let (mix, mut rng) = (Mix([0, 3, 1]), Rng::new(1));
        let tweets = (0..10_000).filter(|_| mix.draw(&mut rng) == Shape::XV1).count();
        assert!((7_300..7_700).contains(&tweets), "{tweets}");
    }
}
