//! Rounding to four decimals as Python's `round` does it.

/// Ten-thousandths nearest to the exact value of `x`; a tie goes to the even one. NaN is 0.
pub(super) fn to_e4(x: f64) -> i32 {
    let product = x * 10_000.0;
    let below = product.floor();
    if product - below != 0.5 {
        return product.round() as i32;
    }
    // The product itself was rounded: only its error says on which side of the tie the exact value is.
    let error = x.mul_add(10_000.0, -product);
    match error.total_cmp(&0.0) {
        _ if error == 0.0 => product.round_ties_even() as i32,
        std::cmp::Ordering::Less => below as i32,
        _ => below as i32 + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::to_e4;

    #[test]
    fn an_exact_tie_goes_to_the_even_neighbour() {
        assert_eq!(to_e4(0.03125), 312);
        assert_eq!(to_e4(0.09375), 938);
        assert_eq!(to_e4(-0.03125), -312);
    }

    #[test]
    fn what_only_looks_like_a_tie_goes_to_its_side() {
        // 0.00015 and 0.00025 as doubles lie just below and just above the decimal tie.
        assert_eq!(to_e4(0.00015), 1);
        assert_eq!(to_e4(0.00025), 3);
        assert_eq!(to_e4(-0.00015), -1);
    }

    #[test]
    fn odd_values_are_defined() {
        assert_eq!(to_e4(f64::NAN), 0);
        assert_eq!(to_e4(1.0), 10_000);
    }
}
