//! The words of comparison, contrast and judgement, found in one pass over a text.

use aho_corasick::AhoCorasick;

/// What a word does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What follows is unlike what came before.
    Contrast,
    /// What follows is another clause.
    Joint,
    /// Between two targets: the first comes off better.
    Wins,
    /// Between two targets: the second comes off better.
    Loses,
    /// Before two targets: the first is wanted rather than the second.
    Prefers,
    /// Before a target that is left.
    Leaves,
    /// Between a target that is left and the one that is gone to.
    Towards,
    /// Between a target and the one that takes its place.
    Exchanges,
    /// Before a target that comes off worse than the next.
    Unlike,
    /// Before a target that should be like the next.
    Wishes,
    /// Between a target and the one that it should be like.
    WishedLike,
    /// Between two targets, of which only the second is judged.
    NotAsBad,
    /// The poster does not judge.
    Abstains,
    /// Neither good nor bad.
    Lukewarm,
    /// Somebody else says so.
    Reports,
    /// Names the first target again.
    Former,
    /// Names the last target again.
    Latter,
    /// In a question that is none.
    Complains,
    /// A brand comes off well.
    Praises,
    /// A brand comes off badly.
    Blames,
}

/// The roles by their names in the tables.
const ROLES: [(&str, Role); 20] = [
    ("contrast", Role::Contrast),
    ("joint", Role::Joint),
    ("wins", Role::Wins),
    ("loses", Role::Loses),
    ("prefers", Role::Prefers),
    ("leaves", Role::Leaves),
    ("towards", Role::Towards),
    ("exchanges", Role::Exchanges),
    ("unlike", Role::Unlike),
    ("wishes", Role::Wishes),
    ("wished_like", Role::WishedLike),
    ("not_as_bad", Role::NotAsBad),
    ("abstains", Role::Abstains),
    ("lukewarm", Role::Lukewarm),
    ("reports", Role::Reports),
    ("former", Role::Former),
    ("latter", Role::Latter),
    ("complains", Role::Complains),
    ("praises", Role::Praises),
    ("blames", Role::Blames),
];

/// A word of a role in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) role: Role,
}

/// The words of one language.
#[derive(Debug)]
pub(super) struct Words {
    /// None if the tables cannot be compiled, which a test rules out: then nothing is found.
    finder: Option<AhoCorasick>,
    /// By number of pattern.
    roles: Vec<Role>,
    /// Words stand between spaces.
    spaced: bool,
}

impl Words {
    /// `table` has `role<TAB>word` in each line; a line that is none is left out, which a test rules out.
    pub(super) fn new(table: &str, spaced: bool) -> Words {
        let (roles, words): (Vec<Role>, Vec<&str>) = table.lines().filter_map(entry).unzip();
        Words { finder: AhoCorasick::new(words).ok(), roles, spaced }
    }

    /// All words in `lower`, a text in lower case, ascending.
    pub(super) fn find(&self, lower: &str) -> Vec<Hit> {
        let found = self.finder.iter().flat_map(|finder| finder.find_overlapping_iter(lower));
        let hit = |found: aho_corasick::Match| {
            let role = self.roles[found.pattern().as_usize()];
            Hit { start: found.start(), end: found.end(), role }
        };
        let is_whole = |hit: &Hit| !self.spaced || is_word(lower, hit.start, hit.end);
        let mut hits: Vec<Hit> = found.map(hit).filter(is_whole).collect();
        hits.sort_unstable_by_key(|hit| (hit.start, hit.end));
        hits
    }

    /// A word right before `at` turns what follows.
    pub(super) fn is_negated(&self, lower: &str, at: usize) -> bool {
        let before = lower.get(..at).unwrap_or_default();
        if !self.spaced {
            return matches!(before.chars().next_back(), Some('不' | '没' | '沒' | '无' | '零'));
        }
        let last = before.split_whitespace().next_back().unwrap_or_default();
        matches!(
            last,
            "no" | "not" | "never" | "without" | "isn't" | "wasn't" | "don't" | "zero" | "neither" | "nor"
        )
    }
}

fn entry(line: &str) -> Option<(Role, &str)> {
    let (name, word) = line.split_once('\t')?;
    let (_, role) = ROLES.iter().find(|(known, _)| *known == name)?;
    Some((*role, word))
}

fn is_word(text: &str, start: usize, end: usize) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let inner = &text[start..end];
    let begins = !letter(inner.chars().next()) || !letter(text[..start].chars().next_back());
    let ends = !letter(inner.chars().next_back()) || !letter(text[end..].chars().next());
    begins && ends
}

/// Only what lists things stands between two of them.
pub(super) fn is_listing(between: &str) -> bool {
    const LISTING: [&str; 20] = [
        "and", "or", "vs", "nor", "the", "a", "&", "+", "和", "跟", "与", "與", "及", "或", "还是", "還是",
        "配", "同", "both", "with",
    ];
    let bare = |c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | '@' | '#' | '"' | '“' | '”');
    between.split(bare).all(|word| word.is_empty() || LISTING.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_a_word_of_a_role() {
        for table in [super::super::ENGLISH, super::super::CHINESE] {
            for line in table.lines() {
                let (_, word) = entry(line).unwrap_or_else(|| panic!("{line}"));
                assert_eq!((word.to_ascii_lowercase().as_str(), word.trim()), (word, word));
            }
            assert!(Words::new(table, true).finder.is_some());
        }
    }
}
