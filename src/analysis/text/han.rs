//! Traditional and Simplified Chinese characters.
//!
//! The tables are `lexicons/han`, made from OpenCC's (see `ORIGIN.md` there), compiled in and laid out
//! for look-up by index once.

use std::sync::LazyLock;

const TO_SIMPLIFIED: &str = include_str!("../../../lexicons/han/traditional_to_simplified.tsv");
const SIMPLIFIED_ONLY: &str = include_str!("../../../lexicons/han/simplified_only.txt");

/// First and one past the last character with a place in the direct table: CJK Extension A and the
/// unified ideographs.
const DIRECT: std::ops::Range<u32> = 0x3400..0xa000;

/// Which script a character belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HanScript {
    Both,
    Traditional,
    Simplified,
}

const TRADITIONAL: u8 = 1;
const SIMPLIFIED: u8 = 2;

struct HanTable {
    /// For each character of [`DIRECT`], its Simplified one, or itself; 0 if that is among the others.
    direct: Vec<u16>,
    /// The other pairs, sorted by the first.
    others: Vec<(char, char)>,
    /// For each character of [`DIRECT`], two bits that tell its script; 7 KB.
    scripts: Vec<u8>,
}

static TABLE: LazyLock<HanTable> = LazyLock::new(HanTable::build);

/// Traditional to Simplified, one to one; any other character is returned as it is.
/// Folding twice is folding once.
#[must_use]
pub fn fold_han(c: char) -> char {
    let code = c as u32;
    if !DIRECT.contains(&code) {
        return if code < 0xf900 { c } else { TABLE.other(c) };
    }
    match TABLE.direct.get((code - DIRECT.start) as usize) {
        None | Some(0) => TABLE.other(c),
        Some(to) => char::from_u32(u32::from(*to)).unwrap_or(c),
    }
}

/// A Chinese character of any plane.
#[inline]
pub(in super::super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇' | '々')
}

/// The script that uses this character alone.
#[must_use]
pub(super) fn script_of(c: char) -> HanScript {
    let index = (c as u32).wrapping_sub(DIRECT.start) as usize;
    match TABLE.scripts.get(index / 4).map_or(0, |byte| byte >> (index % 4 * 2) & 3) {
        TRADITIONAL => HanScript::Traditional,
        SIMPLIFIED => HanScript::Simplified,
        _ => HanScript::Both,
    }
}

impl HanTable {
    fn build() -> HanTable {
        let mut table = HanTable {
            direct: DIRECT.filter_map(|code| u16::try_from(code).ok()).collect(),
            others: Vec::new(),
            scripts: vec![0; DIRECT.len().div_ceil(4)],
        };
        TO_SIMPLIFIED.lines().for_each(|line| table.add_pair(line));
        table.others.sort_unstable();
        SIMPLIFIED_ONLY.chars().for_each(|c| table.set_script(c, SIMPLIFIED));
        table
    }

    fn add_pair(&mut self, line: &str) {
        let mut columns = line.split('\t').map(|column| column.chars().next());
        let (Some(Some(from)), Some(Some(to))) = (columns.next(), columns.next()) else { return };
        let near = u16::try_from(to as u32).unwrap_or(0);
        let place = self.direct.get_mut((from as u32).wrapping_sub(DIRECT.start) as usize);
        let placed = place.map(|place| *place = near).is_some();
        if !placed || near == 0 {
            self.others.push((from, to));
        }
        if columns.next().is_none() {
            self.set_script(from, TRADITIONAL);
        }
    }

    fn set_script(&mut self, c: char, script: u8) {
        let index = (c as u32).wrapping_sub(DIRECT.start) as usize;
        if let Some(byte) = self.scripts.get_mut(index / 4) {
            let shift = index % 4 * 2;
            *byte = *byte & !(3 << shift) | script << shift;
        }
    }

    fn other(&self, c: char) -> char {
        self.others.binary_search_by_key(&c, |pair| pair.0).map_or(c, |at| self.others[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_one_to_one() {
        let folded: String = "社會化客戶關係 微軟 後面 髮 台灣".chars().map(fold_han).collect();
        assert_eq!(folded, "社会化客户关系 微软 后面 发 台湾");
        assert_eq!(fold_han('a'), 'a');
        assert_eq!(fold_han('か'), 'か');
    }

    #[test]
    fn folding_is_idempotent() {
        for c in (0..=0x3ffff).filter_map(char::from_u32) {
            assert_eq!(fold_han(fold_han(c)), fold_han(c), "{c}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_used() {
        for line in TO_SIMPLIFIED.lines() {
            let chars: Vec<char> = line.chars().collect();
            assert_eq!(fold_han(chars[0]), chars[2], "{line}");
        }
        assert!(TO_SIMPLIFIED.lines().count() > 4_000);
    }

    #[test]
    fn scripts() {
        assert_eq!(script_of('國'), HanScript::Traditional);
        assert_eq!(script_of('国'), HanScript::Simplified);
        assert_eq!(script_of('后'), HanScript::Both);
        assert_eq!(script_of('乾'), HanScript::Both);
        assert_eq!(script_of('的'), HanScript::Both);
        assert_eq!(script_of('x'), HanScript::Both);
    }
}
