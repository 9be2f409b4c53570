//! Records that cannot be used, as broken pipes and tired proxies make them.

use super::rng::Rng;

/// A damaged record made from a good one. Never empty, never holds a line break.
pub(crate) fn damage(frame: &[u8], rng: &mut Rng) -> Vec<u8> {
    match rng.below(5) {
        // The connection broke in the middle of a record.
        0 | 1 => frame[..frame.len() / 2 + rng.below(frame.len() as u64 / 3) as usize].to_vec(),
        // A proxy answered instead of the feed.
        2 => {
            b"upstream connect error or disconnect/reset before headers. reset reason: connection termination"
                .to_vec()
        }
        // A byte that is no UTF-8.
        3 => {
            let mut bytes = frame.to_vec();
            let at = bytes.len() / 2;
            bytes[at] = 0xFF;
            bytes
        }
        // JSON, but of no feed.
        _ => br#"{"status":"error","code":503,"message":"please slow down"}"#.to_vec(),
    }
}
