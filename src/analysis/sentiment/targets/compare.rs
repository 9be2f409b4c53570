//! Comparisons: which of two targets in one clause comes off better.

use super::reading::Reading;
use super::regions::{self, Mention, Strength};
use super::words::{Role, is_listing};

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) better: usize,
    pub(super) worse: usize,
    /// The words that say so.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// How a target comes off beside one that is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measured {
    /// It is the bad one, which is named here.
    Bad(usize, usize),
    NotAsBad,
}

/// Longest text between two targets that one word compares, in characters.
const LONGEST: usize = 60;

/// How a comparison ends before the second of two, in either language.
const THAN: [&str; 2] = ["than", "比"];
/// "A并不比B": A is not better, if an adjective of these follows.
const NO_THAN: &str = "不比";
const BETTER_THAN: [&str; 10] = ["好", "强", "快", "便宜", "稳", "香", "靠谱", "舒服", "高", "省"];
/// Chinese adjectives after "A比B" by which A comes off worse.
const WORSE_THAN: [&str; 10] = ["差", "慢", "贵", "难", "烂", "糟", "卡", "弱", "低", "吵"];
/// Behind the second of two, before the adjective by which they are compared.
const SO: [&str; 2] = ["那么", "这么"];
/// After "A跟B": there is no comparison to A's advantage.
const NO_MATCH: [&str; 4] = ["没法比", "没得比", "比差", "比不了"];
/// Characters behind B in which the adjective stands.
const ADJECTIVE_WITHIN: usize = 12;

/// What is said of neighbouring mentions. Those that are only listed come off alike: "A and B beat C".
pub(super) fn verdicts(reading: &Reading<'_>) -> Vec<Verdict> {
    let lists: Vec<&[Mention]> = reading.mentions.chunk_by(|a, b| are_listed(reading, a, b)).collect();
    lists.windows(2).flat_map(|pair| verdicts_of(reading, pair[0], pair[1])).collect()
}

/// Of two lists, in so many verdicts that each of their targets is in one.
fn verdicts_of(reading: &Reading<'_>, first: &[Mention], second: &[Mention]) -> Vec<Verdict> {
    let ([.., last], [next, ..]) = (first, second) else { return Vec::new() };
    let clause = reading.clause_start(first[0].start);
    let Some(is_first) = first_is_better(reading, clause, last, next) else { return Vec::new() };
    let (better, worse) = if is_first { (first, second) } else { (second, first) };
    let pairs = better.iter().cycle().zip(worse.iter().cycle()).take(better.len().max(worse.len()));
    pairs
        .filter(|(better, worse)| better.target != worse.target)
        .map(|(better, worse)| Verdict {
            better: better.target,
            worse: worse.target,
            start: last.end,
            end: next.start,
        })
        .collect()
}

/// Nothing but "and" stands between them. A comma may as well end what is compared: "unlike A, B answers".
fn are_listed(reading: &Reading<'_>, a: &Mention, b: &Mention) -> bool {
    let lists = |between: &str| {
        is_listing(between)
            && !between.contains([',', '，'])
            && !reading.begins(Role::Towards, a.end, b.start)
            && chinese_than(&reading.lower, between.trim(), b.end).is_none()
    };
    reading.lower.get(a.end..b.start).is_some_and(lists)
}

/// What "not as bad as A" says of a target: A is bad, and what is named before it is neither good nor bad. With "no better
/// than A" what is named before it is bad, and how good A is nobody says.
pub(super) fn measured(reading: &Reading<'_>, target: usize) -> Option<Measured> {
    let is_bad = |mention: &Mention| {
        reading.leads_to(Role::NotAsBad, mention.start) || is_less_bad(&reading.lower, mention)
    };
    let mut own = reading.mentions.iter().filter(|mention| mention.target == target);
    if let Some(mention) = own.find(|mention| is_bad(mention)) {
        return Some(Measured::Bad(mention.start, mention.end));
    }
    reading.mentions.windows(2).find_map(|pair| match pair {
        [first, next] if first.target == target && is_bad(next) => Some(Measured::NotAsBad),
        [first, next] if first.target == target && is_no_better(reading, first, next) => {
            Some(Measured::Bad(first.end, next.start))
        }
        // The adjective behind it speaks of the first.
        [first, next] if next.target == target && not_than(reading, first, next) => Some(Measured::NotAsBad),
        _ => None,
    })
}

/// "A没有B那么差": B is bad.
fn is_less_bad(lower: &str, second: &Mention) -> bool {
    let adjective = adjective(lower, second.end);
    let is_so = SO.iter().any(|so| adjective.starts_with(so));
    let denies = lower.get(..second.start).is_some_and(|before| before.ends_with("没有"));
    denies && is_so && WORSE_THAN.iter().any(|word| adjective.contains(word))
}

/// "A is no better than B", "A并不比B好".
fn is_no_better(reading: &Reading<'_>, first: &Mention, next: &Mention) -> bool {
    not_than(reading, first, next) || reading.leads_to(Role::NoBetter, next.start)
}

/// "A并不比B好".
fn not_than(reading: &Reading<'_>, first: &Mention, next: &Mention) -> bool {
    let between = reading.lower.get(first.end..next.start).unwrap_or_default();
    let adjective = adjective(&reading.lower, next.end);
    between.trim_end().ends_with(NO_THAN) && BETTER_THAN.iter().any(|word| adjective.contains(word))
}

/// None where the two are not compared. `clause` is where the first one's begins.
fn first_is_better(reading: &Reading<'_>, clause: usize, first: &Mention, second: &Mention) -> Option<bool> {
    let (start, end) = (first.end, second.start);
    let between = reading.lower.get(start..end)?.trim();
    let inside = regions::between(&reading.separators, start + 1, end + 1);
    // "But it is better than" still speaks of the first.
    let divides = |strength| match strength {
        Strength::Contrast => !THAN.iter().any(|than| between.ends_with(than)),
        strength => strength > Strength::Contrast,
    };
    let is_aside = reading.leads_to(Role::Unlike, second.start);
    if !is_aside && inside.iter().any(|separator| divides(separator.strength)) {
        return None;
    }
    let before = |role| reading.has(role, clause, first.start);
    let within = |role| reading.begins(role, start, end);
    let asks = || reading.asks(clause, reading.sentence_end(end));
    let compares_otherwise = || {
        within(Role::NotAsBad) || is_no_better(reading, first, second) || is_less_bad(&reading.lower, second)
    };
    if before(Role::Reports) || within(Role::Reports) || compares_otherwise() || asks() {
        return None;
    }
    if let Some(answer) = chinese_than(&reading.lower, between, second.end) {
        return Some(answer);
    }
    if before(Role::Prefers) {
        return Some(true);
    }
    let goes = before(Role::Leaves) && within(Role::Towards);
    let should_be = before(Role::Wishes) && within(Role::WishedLike);
    let said = || {
        let behind = reading.talk((second.end, reading.sentence_end(second.end)));
        behind.map(|(.., sign)| sign).sum::<i32>()
    };
    // "Unlike A, B is slow" and "A, unlike B, answers": what is said behind tells.
    if before(Role::Unlike) {
        return Some(said() < 0);
    }
    if is_aside {
        return Some(said()).filter(|said| *said != 0).map(|said| said > 0);
    }
    if goes || should_be || within(Role::Exchanges) {
        return Some(false);
    }
    let compares = |role| reading.compares(role, start, end);
    let is_near = between.chars().count() < LONGEST;
    (is_near && (compares(Role::Wins) || compares(Role::Loses))).then(|| !compares(Role::Loses))
}

/// "A比B好", "A比起B差远了": none where it is no such comparison.
fn chinese_than(lower: &str, between: &str, end: usize) -> Option<bool> {
    let between = between.strip_suffix("比起").map_or(between, |_| "比");
    let last = between.chars().next_back().filter(|c| matches!(c, '比' | '跟' | '和'))?;
    let adjective = adjective(lower, end);
    match last {
        _ if between.ends_with(NO_THAN) => None,
        '比' => Some(!WORSE_THAN.iter().any(|word| adjective.contains(word))),
        _ => NO_MATCH.iter().any(|word| adjective.contains(word)).then_some(false),
    }
}

/// What stands behind the second of two in Chinese, where the adjective is.
fn adjective(lower: &str, end: usize) -> String {
    let after = lower.get(end..).unwrap_or_default().chars().take(ADJECTIVE_WITHIN);
    after.take_while(|c| !matches!(c, '，' | '。' | '！' | '；')).collect()
}
