//! A small random number generator whose sequence never changes.
//!
//! **Invariant:** integers and plain IEEE multiplication only: no `exp`, no `ln`, whose last bit depends on
//! the platform. The same seed writes the same bytes everywhere.

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A sequence of its own for every seed.
    #[must_use]
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Uniform in `0..n`; 0 for `n` = 0. The bias of the multiplication is below n / 2^64.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// Uniform in `low..=high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// True in `per_million` of a million cases.
    pub fn chance(&mut self, per_million: u64) -> bool {
        self.below(1_000_000) < per_million
    }

    /// One element, uniformly. `items` must not be empty; all callers pass constant tables.
    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// An index, with probability proportional to its weight.
    pub fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        weights.len().saturating_sub(1)
    }
}

/// The finalizer of SplitMix64: a good 64-bit hash of an integer.
#[must_use]
pub fn mix(value: u64) -> u64 {
    let a = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    b ^ (b >> 31)
}

/// Zipf's law with Mandelbrot's offset: rank r (from 0) is drawn with weight 1 / (r + 1 + offset), as in real
/// author and brand popularity. A greater offset makes the head less heavy.
#[derive(Clone, Debug)]
pub struct Zipf(Vec<u64>);

impl Zipf {
    /// Of `len` ranks.
    #[must_use]
    pub fn new(len: usize, offset: u64) -> Zipf {
        let mut sum = 0;
        let ranks = offset + 1..=offset + len.max(1) as u64;
        Zipf(
            ranks
                .map(|rank| {
                    sum += (1 << 40) / rank;
                    sum
                })
                .collect(),
        )
    }

    /// How often `rank` is drawn, in a million draws.
    #[must_use]
    pub fn per_million(&self, rank: usize) -> u64 {
        let before = rank.checked_sub(1).map_or(0, |at| self.0.get(at).copied().unwrap_or(0));
        let (Some(upto), Some(all)) = (self.0.get(rank), self.0.last()) else { return 0 };
        (u128::from(upto - before) * 1_000_000 / u128::from((*all).max(1))) as u64
    }

    /// A rank.
    pub fn draw(&self, rng: &mut Rng) -> usize {
        let point = rng.below(self.0.last().copied().unwrap_or(1));
        self.0.partition_point(|sum| *sum <= point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // First outputs of SplitMix64 for seed 1234567, as listed with the reference implementation.
        let mut rng = Rng::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| rng.next_u64()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn zipf_prefers_the_first() {
        let (zipf, mut rng) = (Zipf::new(1000, 0), Rng::new(1));
        let mut hits = [0; 1000];
        for _ in 0..10_000 {
            hits[zipf.draw(&mut rng)] += 1;
        }
        assert!(hits[0] > 1000 && hits[0] > 5 * hits[9] && hits[500..].iter().sum::<i32>() > 500, "{hits:?}");
    }
}
