//! How a word reads: folded, with its accents, and as written.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::letters::Letter;
use super::{Forms, Kind, classes};

/// Each Traditional character with its Simplified one.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let table = include_str!("../../../lexicons/han/traditional_to_simplified.tsv");
    let row = |line: &str| {
        let mut columns = line.split('\t').map(|column| column.chars().next().unwrap());
        Some((columns.next()?, columns.next()?))
    };
    table.lines().filter_map(row).collect()
});

pub(super) fn of(text: &str, letters: &[Letter], kind: Kind, fold_han: bool) -> Forms {
    let (Some(first), Some(last)) = (letters.first(), letters.last()) else { return Forms::default() };
    let source = &text[first.start..last.end];
    if kind == Kind::Emoji {
        return of_emoji(source);
    }
    let cased = source.chars().filter(|c| !classes::is_dropped(*c)).map(plain_apostrophe).nfc().collect();
    let form = letters.iter().flat_map(|letter| letter.form.chars()).filter(|c| !classes::is_dropped(*c));
    let kept: String = form.map(small).nfkc().collect();
    let kept: String = kept.chars().map(plain_apostrophe).collect();
    let kept: String = kept.chars().map(|c| if fold_han { simplified(c) } else { c }).collect();
    Forms { folded: bare(&kept), kept, cased }
}

/// Variation selectors mean nothing, and skin tones are like accents.
fn of_emoji(cluster: &str) -> Forms {
    let kept: String = cluster.chars().filter(|c| !classes::is_variation(*c)).collect();
    let folded: String = kept.chars().filter(|c| !classes::is_skin_tone(*c)).collect();
    let folded = if folded.is_empty() { kept.clone() } else { folded };
    Forms { folded, cased: kept.clone(), kept }
}

fn plain_apostrophe(c: char) -> char {
    if classes::is_apostrophe(c) || c == '＇' { '\'' } else { c }
}

fn simplified(c: char) -> char {
    SIMPLIFIED.get(&c).copied().unwrap_or(c)
}

/// Simple case folding: one character for one. `İ` is the capital of `i` (a decision of the product: people who write
/// Turkish on other keyboards do not dot their capitals).
fn small(c: char) -> char {
    match c {
        'İ' => 'i',
        'ı' => 'ı',
        mark if classes::is_mark(mark) => mark,
        c => only(only(c, c.to_uppercase()), only(c, c.to_uppercase()).to_lowercase()),
    }
}

fn only(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Without accents.
fn bare(kept: &str) -> String {
    let mut out = String::new();
    let mut base = ' ';
    for c in kept.nfd() {
        if !classes::is_mark(c) {
            base = c;
        } else if classes::takes_accents(base) || (base == 'е' && c == '\u{308}') {
            continue;
        }
        match c {
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' => out.push('d'),
            'ı' => out.push('i'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ß' => out.push_str("ss"),
            c => out.push(c),
        }
    }
    out.nfc().collect()
}
