//! The words of comparison, contrast and judgement, found in one pass over a text.

use super::super::finder::Finder;
use super::super::notation::patterns;

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
    /// Before a target beside which another one is seen: "compared with".
    Compared,
    /// Before a target of which what is said of all others is not true: "except".
    Except,
    /// Before a target that should be like the next.
    Wishes,
    /// Between a target and the one that it should be like.
    WishedLike,
    /// Between two targets, of which only the second is judged.
    NotAsBad,
    /// Between two targets, of which only the first is judged.
    NoBetter,
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
    /// Praises the target behind it, and no other: "bring back".
    Picks,
    /// Blames the target behind it, and no other: "cancelled".
    Drops,
    /// Praises the target before it: "all day".
    Hails,
    /// Blames the target before it: "could never".
    Damns,
    /// Beside a target that is as the one before: "so does".
    Agrees,
    /// Behind a target that is unlike the one before: "doesn't".
    Opposes,
    /// Turns the judgement that follows.
    Negates,
    /// Turns the judgement that follows, and blames where none does: "won't".
    Fails,
    /// Turns the judgement that follows, and praises where none does: "never had a".
    Spares,
    /// Praise that is meant otherwise beside a blame: "thank you for cancelling".
    Thanks,
    /// From here on the poster speaks for themselves: "but mine".
    Own,
    /// What follows is said of all targets: "they're both".
    All,
    /// Before a target that is only a means: "paid with".
    Uses,
    /// Asks, with or without a question mark.
    Asks,
    /// A longer phrase that says nothing of what its words would say.
    Nothing,
}

impl Role {
    /// It has to do with judging, so that of one within another only the longer holds.
    pub(super) fn judges(self) -> bool {
        !matches!(
            self,
            Role::Contrast
                | Role::Joint
                | Role::Wins
                | Role::Loses
                | Role::Prefers
                | Role::Leaves
                | Role::Towards
                | Role::Exchanges
                | Role::Unlike
                | Role::Compared
                | Role::Except
                | Role::Wishes
                | Role::WishedLike
                | Role::NotAsBad
                | Role::NoBetter
                | Role::Former
                | Role::Latter
                | Role::Own
                | Role::All
                | Role::Picks
                | Role::Drops
                | Role::Hails
                | Role::Damns
                | Role::Agrees
                | Role::Opposes
        )
    }
}

/// The roles by their names in the tables.
const ROLES: [(&str, Role); 38] = [
    ("contrast", Role::Contrast),
    ("joint", Role::Joint),
    ("wins", Role::Wins),
    ("loses", Role::Loses),
    ("prefers", Role::Prefers),
    ("leaves", Role::Leaves),
    ("towards", Role::Towards),
    ("exchanges", Role::Exchanges),
    ("unlike", Role::Unlike),
    ("compared", Role::Compared),
    ("except", Role::Except),
    ("wishes", Role::Wishes),
    ("wished_like", Role::WishedLike),
    ("not_as_bad", Role::NotAsBad),
    ("no_better", Role::NoBetter),
    ("abstains", Role::Abstains),
    ("lukewarm", Role::Lukewarm),
    ("reports", Role::Reports),
    ("former", Role::Former),
    ("latter", Role::Latter),
    ("complains", Role::Complains),
    ("praises", Role::Praises),
    ("blames", Role::Blames),
    ("picks", Role::Picks),
    ("drops", Role::Drops),
    ("hails", Role::Hails),
    ("damns", Role::Damns),
    ("agrees", Role::Agrees),
    ("opposes", Role::Opposes),
    ("negates", Role::Negates),
    ("fails", Role::Fails),
    ("spares", Role::Spares),
    ("thanks", Role::Thanks),
    ("own", Role::Own),
    ("all", Role::All),
    ("uses", Role::Uses),
    ("asks", Role::Asks),
    ("nothing", Role::Nothing),
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
pub(super) struct Words(Finder<Role>);

impl Words {
    /// `table` in the notation of [`super::super::notation`]; what has no known role is left out, which a test rules out.
    pub(super) fn new(table: &str, spaced: bool) -> Words {
        let known = patterns(table).into_iter().filter_map(|(name, pattern)| Some((role(name)?, pattern)));
        Words(Finder::new(known, spaced))
    }

    /// All words in `lower`, a text in lower case with Simplified characters, ascending.
    pub(super) fn find(&self, lower: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.0.each(lower, &mut Vec::new(), |start, end, role| hits.push(Hit { start, end, role }));
        longest(hits)
    }
}

/// The hits that begin between two places. Hits are ascending, and a long text has many.
pub(super) fn within(hits: &[Hit], start: usize, end: usize) -> &[Hit] {
    let rest = &hits[hits.partition_point(|hit| hit.start < start)..];
    &rest[..rest.partition_point(|hit| hit.start < end)]
}

/// By their places, of several that begin at one the longest first.
pub(super) fn in_order(hits: &mut [Hit]) {
    hits.sort_unstable_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end)));
}

/// Without the judging words that stand in longer ones; what says nothing takes all words out that stand in it.
fn longest(mut hits: Vec<Hit>) -> Vec<Hit> {
    in_order(&mut hits);
    hits.dedup();
    let (mut judging, mut nothing) = ((0, 0), (0, 0));
    hits.retain(|hit| {
        let place = (hit.start, hit.end);
        let within = |longer: (usize, usize)| hit.end <= longer.1 && place != longer;
        if within(nothing) || (hit.role.judges() && within(judging)) {
            return false;
        }
        if hit.role.judges() {
            judging = place;
        }
        if hit.role == Role::Nothing {
            nothing = place;
        }
        true
    });
    hits
}

fn role(name: &str) -> Option<Role> {
    ROLES.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
}

/// Only what lists things stands between two of them.
pub(super) fn is_listing(between: &str) -> bool {
    const LISTING: [&str; 18] = [
        "and", "or", "vs", "nor", "the", "a", "&", "+", "和", "跟", "与", "及", "或", "还是", "配", "同",
        "both", "with",
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
            for line in table.lines().filter(|line| !line.starts_with('#') && !line.starts_with("forms\t")) {
                let (name, _) = line.split_once('\t').unwrap_or_else(|| panic!("{line}"));
                assert!(role(name).is_some(), "{line}");
            }
            for (_, (heads, tails)) in patterns(table) {
                assert!(!heads.is_empty());
                for word in heads.iter().chain(&tails) {
                    assert_eq!(
                        (word.to_ascii_lowercase().as_str(), word.trim()),
                        (word.as_str(), word.as_str())
                    );
                    // Signs of the notation are left in faces and marks only: `:(`, `10/10`.
                    let has_words = word.contains(char::is_alphabetic);
                    assert!(!has_words || !word.contains(['(', ')', '/', '~', '\t']), "{word}");
                    assert!(!word.contains(".."), "{word}");
                }
            }
            assert!(Words::new(table, true).0.is_compiled());
        }
    }

    fn check(text: &str, expected: &[(&str, Role)]) {
        let table =
            "praises\tkind, on time\nblames\ttime, left .. waiting, waiting\nnothing\tnot only\nnegates\tnot";
        let hits = Words::new(table, true).find(text);
        let found: Vec<_> = hits.iter().map(|hit| (&text[hit.start..hit.end], hit.role)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn of_one_within_another_the_longer_holds() {
        check("on time", &[("on time", Role::Praises)]);
        check("in time", &[("time", Role::Blames)]);
        check("not only kind", &[("not only", Role::Nothing), ("kind", Role::Praises)]);
        check("not kindly", &[("not", Role::Negates)]);
    }

    #[test]
    fn a_gap_is_a_few_words_of_one_clause() {
        check("left us all waiting", &[("left us all waiting", Role::Blames)]);
        check("left, us waiting", &[("waiting", Role::Blames)]);
        check("left us at the gate with the kids waiting", &[("waiting", Role::Blames)]);
    }
}
