//! The exponential function, the same to the last bit on every platform.

use crate::model::rounded;

/// 1/k! for k from 13 down to 0.
const COEFFICIENTS: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    1.0 / 2.0,
    1.0,
    1.0,
];

/// e to the power of `x`, which is clamped to -700..=700; NaN is taken for 0.
///
/// The system's own function differs in the last bit from one system to the next, and with it would the
/// weights that training gives.
pub(crate) fn exp(x: f64) -> f64 {
    let x = if x.is_nan() { 0.0 } else { x.clamp(-700.0, 700.0) };
    let k = f64::from(rounded(x * std::f64::consts::LOG2_E));
    let r = x - k * std::f64::consts::LN_2;
    let series = COEFFICIENTS.iter().fold(0.0, |sum, c| sum * r + c);
    // Within -1010..=1010, so the exponent's bits hold it.
    series * f64::from_bits(((k as i64 + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn is_the_exponential() {
        for i in -7000..=7000 {
            let x = f64::from(i) / 10.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12, "{x}");
        }
        assert_eq!((exp(0.0), exp(f64::NAN)), (1.0, 1.0));
        assert!(exp(f64::INFINITY) > 1e300 && exp(f64::NEG_INFINITY) < 1e-300);
    }
}
