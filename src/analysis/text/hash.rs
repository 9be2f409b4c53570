//! A stable 64-bit hash of a folded token.
//!
//! Multiply and shift, eight bytes at a time. It depends on the bytes only: not on the platform, the
//! process or a seed, so it may be stored. Not for use against adversaries: compare the text when it matters.

const K0: u64 = 0x9e37_79b9_7f4a_7c15;
const K1: u64 = 0xc2b2_ae3d_27d4_eb4f;

/// The hash that [`Token::hash`](super::Token::hash) holds, for a text that is folded already.
#[must_use]
pub fn hash_folded(folded: &str) -> u64 {
    hash_bytes(folded.as_bytes())
}

#[inline]
pub(in crate::analysis) fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut state = K1 ^ (bytes.len() as u64).wrapping_mul(K0);
    let mut rest = bytes;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        state = mix(state ^ u64::from_le_bytes(*head));
        rest = tail;
    }
    if !rest.is_empty() {
        state = mix(state ^ tail_word(rest));
    }
    let state = state.wrapping_mul(K1);
    state ^ (state >> 29)
}

/// One to seven bytes as a number; the length is in the state already.
#[inline]
fn tail_word(rest: &[u8]) -> u64 {
    if let (Some(head), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*head)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    match *rest {
        [a, b, c] => u64::from(a) | u64::from(b) << 8 | u64::from(c) << 16,
        [a, b] => u64::from(a) | u64::from(b) << 8,
        [a] => u64::from(a),
        _ => 0,
    }
}

/// Loses nothing: two words of up to eight bytes and the same length never share a hash.
#[inline]
fn mix(state: u64) -> u64 {
    let product = state.wrapping_mul(K0);
    product ^ (product >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_the_same_for_ever() {
        // Stored hashes would go stale if this changed.
        assert_eq!(hash_folded("tesla"), 5970249096066915130);
        let all: std::collections::HashSet<u64> = (0..100_000).map(|n| hash_folded(&n.to_string())).collect();
        assert_eq!(all.len(), 100_000);
    }

    #[test]
    fn every_length_counts() {
        let text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let all: std::collections::HashSet<u64> = (0..text.len()).map(|n| hash_folded(&text[..n])).collect();
        assert_eq!(all.len(), text.len());
    }
}
