//! Emoji: one grapheme cluster is one token.
//!
//! Sequences after Unicode Technical Standard 51: presentation and skin tone modifiers, keycaps, flags of two
//! regional indicators, tag sequences, and joined sequences.

const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';

/// `Extended_Pictographic` of Unicode 16 with skin tones and regional indicators, without `© ® ™ ‼ ⁉ ℹ`, which in
/// posts are signs beside words (`Tesla™`) and would part a phrase.
const RANGES: &[(char, char)] = &[
    ('\u{2194}', '\u{2199}'),
    ('\u{21a9}', '\u{21aa}'),
    ('\u{231a}', '\u{231b}'),
    ('\u{2328}', '\u{2328}'),
    ('\u{2388}', '\u{2388}'),
    ('\u{23cf}', '\u{23cf}'),
    ('\u{23e9}', '\u{23f3}'),
    ('\u{23f8}', '\u{23fa}'),
    ('\u{24c2}', '\u{24c2}'),
    ('\u{25aa}', '\u{25ab}'),
    ('\u{25b6}', '\u{25b6}'),
    ('\u{25c0}', '\u{25c0}'),
    ('\u{25fb}', '\u{25fe}'),
    ('\u{2600}', '\u{2605}'),
    ('\u{2607}', '\u{2612}'),
    ('\u{2614}', '\u{2685}'),
    ('\u{2690}', '\u{2705}'),
    ('\u{2708}', '\u{2712}'),
    ('\u{2714}', '\u{2714}'),
    ('\u{2716}', '\u{2716}'),
    ('\u{271d}', '\u{271d}'),
    ('\u{2721}', '\u{2721}'),
    ('\u{2728}', '\u{2728}'),
    ('\u{2733}', '\u{2734}'),
    ('\u{2744}', '\u{2744}'),
    ('\u{2747}', '\u{2747}'),
    ('\u{274c}', '\u{274c}'),
    ('\u{274e}', '\u{274e}'),
    ('\u{2753}', '\u{2755}'),
    ('\u{2757}', '\u{2757}'),
    ('\u{2763}', '\u{2767}'),
    ('\u{2795}', '\u{2797}'),
    ('\u{27a1}', '\u{27a1}'),
    ('\u{27b0}', '\u{27b0}'),
    ('\u{27bf}', '\u{27bf}'),
    ('\u{2934}', '\u{2935}'),
    ('\u{2b05}', '\u{2b07}'),
    ('\u{2b1b}', '\u{2b1c}'),
    ('\u{2b50}', '\u{2b50}'),
    ('\u{2b55}', '\u{2b55}'),
    ('\u{3030}', '\u{3030}'),
    ('\u{303d}', '\u{303d}'),
    ('\u{3297}', '\u{3297}'),
    ('\u{3299}', '\u{3299}'),
    ('\u{1f000}', '\u{1f0ff}'),
    ('\u{1f10d}', '\u{1f10f}'),
    ('\u{1f12f}', '\u{1f12f}'),
    ('\u{1f16c}', '\u{1f171}'),
    ('\u{1f17e}', '\u{1f17f}'),
    ('\u{1f18e}', '\u{1f18e}'),
    ('\u{1f191}', '\u{1f19a}'),
    ('\u{1f1ad}', '\u{1f1ff}'),
    ('\u{1f201}', '\u{1f20f}'),
    ('\u{1f21a}', '\u{1f21a}'),
    ('\u{1f22f}', '\u{1f22f}'),
    ('\u{1f232}', '\u{1f23a}'),
    ('\u{1f23c}', '\u{1f23f}'),
    ('\u{1f249}', '\u{1f53d}'),
    ('\u{1f546}', '\u{1f64f}'),
    ('\u{1f680}', '\u{1f6ff}'),
    ('\u{1f774}', '\u{1f77f}'),
    ('\u{1f7d5}', '\u{1f7ff}'),
    ('\u{1f80c}', '\u{1f80f}'),
    ('\u{1f848}', '\u{1f84f}'),
    ('\u{1f85a}', '\u{1f85f}'),
    ('\u{1f888}', '\u{1f88f}'),
    ('\u{1f8ae}', '\u{1f8ff}'),
    ('\u{1f90c}', '\u{1f93a}'),
    ('\u{1f93c}', '\u{1f945}'),
    ('\u{1f947}', '\u{1faff}'),
    ('\u{1fc00}', '\u{1fffd}'),
];

/// May begin an emoji.
pub(super) fn is_emoji(c: char) -> bool {
    let at = RANGES.partition_point(|range| range.1 < c);
    RANGES.get(at).is_some_and(|range| range.0 <= c)
}

/// A skin tone.
pub(super) fn is_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Asks for the text or the picture shape of the character before; means nothing.
pub(super) fn is_variation(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}')
}

fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Length in bytes of the cluster at the start of `text`, which begins with an emoji character.
pub(super) fn cluster_len(text: &str) -> usize {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return 0 };
    if is_regional(first) {
        let pair = chars.next().filter(|c| is_regional(*c));
        return first.len_utf8() + pair.map_or(0, char::len_utf8);
    }
    let mut len = first.len_utf8();
    while let Some(c) = text[len..].chars().next() {
        if is_variation(c) || is_tone(c) || c == KEYCAP || matches!(c, '\u{e0020}'..='\u{e007f}') {
            len += c.len_utf8();
        } else if c == JOINER && text[len + 3..].chars().next().is_some_and(is_emoji) {
            len += 3 + text[len + 3..].chars().next().map_or(0, char::len_utf8);
        } else {
            break;
        }
    }
    len
}

/// Length in bytes of a keycap (`1️⃣`, `#️⃣`) at the start of `text`.
pub(super) fn keycap_len(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(|c: char| c.is_ascii_digit() || matches!(c, '#' | '*'))?;
    let rest = rest.strip_prefix('\u{fe0f}').unwrap_or(rest);
    Some(text.len() - rest.strip_prefix(KEYCAP)?.len())
}

/// Appends the folded form: no variation selector, no skin tone. A lone tone stays.
pub(super) fn push_folded(cluster: &str, out: &mut String) {
    let before = out.len();
    out.extend(cluster.chars().filter(|c| !is_variation(*c) && !is_tone(*c)));
    if out.len() == before {
        out.push_str(cluster);
    }
}

/// Appends the kept form: no variation selector.
pub(super) fn push_kept(cluster: &str, out: &mut String) {
    out.extend(cluster.chars().filter(|c| !is_variation(*c)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters() {
        for whole in ["👍🏽", "❤️", "🇨🇳", "👩🏽‍💻", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️‍🔥", "☺", "🏳️‍🌈"]
        {
            assert_eq!(cluster_len(&format!("{whole}x")), whole.len(), "{whole}");
        }
        assert_eq!(cluster_len("🇨🇳🇯🇵"), 8);
        assert_eq!(cluster_len("👍👍"), 4);
        assert_eq!(keycap_len("1️⃣2"), Some(7));
        assert_eq!(keycap_len("1"), None);
    }

    #[test]
    fn ranges_ascend() {
        assert!(RANGES.windows(2).all(|pair| pair[0].1 < pair[1].0));
    }
}
