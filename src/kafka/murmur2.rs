//! Where Kafka's producers put a record by its key: Murmur2 as Apache Kafka's Java client has it, and with
//! `partitioner=murmur2_random` librdkafka too. The client library tells nobody which partition it will choose.

const SEED: u32 = 0x9747_B28C;
const M: u32 = 0x5BD1_E995;

/// The partition of a key in a topic of so many.
pub(super) fn partition(key: &[u8], partitions: i32) -> i32 {
    (hash(key) & 0x7FFF_FFFF) as i32 % partitions.max(1)
}

fn hash(key: &[u8]) -> u32 {
    let (words, rest) = key.as_chunks::<4>();
    let mut h = words.iter().fold(SEED ^ key.len() as u32, |h, word| {
        let k = u32::from_le_bytes(*word).wrapping_mul(M);
        h.wrapping_mul(M) ^ (k ^ (k >> 24)).wrapping_mul(M)
    });
    if !rest.is_empty() {
        h ^= rest.iter().rev().fold(0, |h, byte| (h << 8) | u32::from(*byte));
        h = h.wrapping_mul(M);
    }
    h = (h ^ (h >> 13)).wrapping_mul(M);
    h ^ (h >> 15)
}

#[cfg(test)]
mod tests {
    use super::hash;

    /// The values in the tests of Apache Kafka's own client (`UtilsTest.testMurmur2`).
    #[test]
    fn hashes_as_the_java_client_does() {
        let check = |key: &str, expected: i32| assert_eq!(hash(key.as_bytes()) as i32, expected, "{key}");
        check("21", -973_932_308);
        check("foobar", -790_332_482);
        check("a-little-bit-long-string", -985_981_536);
        check("a-little-bit-longer-string", -1_486_304_829);
        check("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971);
        check("abc", 479_470_107);
    }
}
