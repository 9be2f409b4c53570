//! Distinct authors: HyperLogLog with 4,096 registers, exact while small.
//!
//! Flajolet, Fusy, Gandouet, Meunier 2007; the sparse start is after Heule, Nunkesser, Hall 2013; the
//! estimator is Ertl 2017 ("New cardinality estimation algorithms for HyperLogLog sketches"), which
//! needs neither tables of biases nor a switch of ranges.
//!
//! **Invariant:** a function of the *set* of hashes, not of their order: sparse holds exactly the
//! distinct hashes, and a union of more than [`SPARSE_MAX`] is dense however it came about.

use serde::{Deserialize, Serialize};

/// Bits of the hash that choose the register.
const PRECISION: u32 = 12;
const REGISTERS: usize = 1 << PRECISION;
/// Bits that are left for the rank; the greatest rank is one more.
const RANK_BITS: u32 = 32 - PRECISION;
/// Up to so many distinct hashes are kept as they are (4 KiB, as much as the registers).
const SPARSE_MAX: usize = 1024;
/// Relative standard error when dense: 1.04 / sqrt(4096).
pub(super) const RELATIVE_ERROR: f64 = 0.01625;

/// A mergeable estimate of how many distinct hashes were added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Distinct {
    /// The distinct hashes, ascending.
    Sparse(Vec<u32>),
    /// The greatest rank seen in each register.
    Dense(Vec<u8>),
}

impl Default for Distinct {
    fn default() -> Distinct {
        Distinct::Sparse(Vec::new())
    }
}

impl Distinct {
    /// Adds one item by the upper half of its 64-bit hash.
    pub(super) fn insert(&mut self, hash: u64) {
        self.insert_half((hash >> 32) as u32);
    }

    fn insert_half(&mut self, hash: u32) {
        match self {
            Distinct::Dense(registers) => raise(registers, hash),
            Distinct::Sparse(hashes) => {
                let Err(at) = hashes.binary_search(&hash) else { return };
                hashes.insert(at, hash);
                self.densify_if_full();
            }
        }
    }

    fn densify_if_full(&mut self) {
        let Distinct::Sparse(hashes) = self else { return };
        if hashes.len() <= SPARSE_MAX {
            return;
        }
        let mut registers = vec![0; REGISTERS];
        for &hash in hashes.iter() {
            raise(&mut registers, hash);
        }
        *self = Distinct::Dense(registers);
    }

    /// The union.
    pub(super) fn merge(&mut self, other: &Distinct) {
        match (&mut *self, other) {
            (Distinct::Sparse(mine), Distinct::Sparse(hashes)) if mine.is_empty() => mine.clone_from(hashes),
            (_, Distinct::Sparse(hashes)) => {
                for &hash in hashes {
                    self.insert_half(hash);
                }
            }
            (Distinct::Dense(mine), Distinct::Dense(theirs)) => {
                for (a, b) in mine.iter_mut().zip(theirs) {
                    *a = (*a).max(*b);
                }
            }
            (Distinct::Sparse(hashes), Distinct::Dense(theirs)) => {
                let mut registers = theirs.clone();
                for &hash in hashes.iter() {
                    raise(&mut registers, hash);
                }
                *self = Distinct::Dense(registers);
            }
        }
    }

    /// How many, and with which relative standard error.
    pub(super) fn estimate(&self) -> (u64, f64) {
        match self {
            Distinct::Sparse(hashes) => (hashes.len() as u64, 0.0),
            Distinct::Dense(registers) => (ertl(registers).round() as u64, RELATIVE_ERROR),
        }
    }
}

fn raise(registers: &mut [u8], hash: u32) {
    let rest = hash << PRECISION;
    let rank = (rest.leading_zeros().min(RANK_BITS) + 1) as u8;
    if let Some(register) = registers.get_mut((hash >> RANK_BITS) as usize) {
        *register = (*register).max(rank);
    }
}

/// Ertl 2017, algorithm 6.
fn ertl(registers: &[u8]) -> f64 {
    let mut histogram = [0_u32; RANK_BITS as usize + 2];
    for &register in registers {
        if let Some(n) = histogram.get_mut(usize::from(register)) {
            *n += 1;
        }
    }
    let m = REGISTERS as f64;
    let mut z = m * tau(1.0 - f64::from(histogram[RANK_BITS as usize + 1]) / m);
    for &n in histogram[1..=RANK_BITS as usize].iter().rev() {
        z = 0.5 * (z + f64::from(n));
    }
    z += m * sigma(f64::from(histogram[0]) / m);
    m * m / (2.0 * std::f64::consts::LN_2 * z)
}

fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z <= before {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if z >= before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64_with_seed;

    fn filled(n: u64, seed: u64) -> Distinct {
        let mut distinct = Distinct::default();
        for i in 0..n {
            distinct.insert(xxh3_64_with_seed(&i.to_le_bytes(), seed));
        }
        distinct
    }

    #[test]
    fn is_exact_while_small() {
        assert_eq!(filled(0, 1).estimate(), (0, 0.0));
        assert_eq!(filled(1_000, 1).estimate(), (1_000, 0.0));
    }

    #[test]
    fn stays_within_three_sigma_at_every_size() {
        for (i, n) in [1_025, 2_000, 5_000, 10_240, 20_000, 60_000, 200_000].into_iter().enumerate() {
            for seed in 0..3 {
                let (estimate, error) = filled(n, seed * 31 + i as u64).estimate();
                let off = (estimate as f64 - n as f64).abs() / n as f64;
                assert!(off <= 3.0 * error, "n {n} seed {seed}: {estimate}");
            }
        }
    }

    #[test]
    fn a_union_does_not_count_twice() {
        let mut both = filled(3_000, 7);
        both.merge(&filled(800, 7));
        assert_eq!(both, filled(3_000, 7));
    }
}
