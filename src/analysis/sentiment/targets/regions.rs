//! Which part of a text speaks of which target.
//!
//! Between two mentions the text is cut at its strongest separator, the last one of several: a sentence's end before a
//! word of contrast, that before a comma. What nothing cuts goes with the mention before it. Mentions that are only
//! listed ("A, B and C") share what is said of them.

use super::except;
use super::words::{Hit, Role, is_listing, within};

/// Where a target is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) target: usize,
    /// By another word than its name, such as "the latter".
    pub(super) is_again: bool,
    /// As the means by which something else is had: "ordered on A".
    pub(super) is_means: bool,
    /// Only to compare the one before with it: "B, unlike A, answers".
    pub(super) is_aside: bool,
    /// "Compared with A": what follows is unlike it.
    pub(super) is_compared: bool,
    /// "All were late except A": it is unlike what its part says.
    pub(super) is_excepted: bool,
    /// "Nobody but A answered": what follows is true of it alone.
    pub(super) is_only: bool,
    /// 除了A，还...: what follows is true of it, too.
    pub(super) is_joined: bool,
}

/// A stretch of the text that speaks of the targets of some mentions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) end: usize,
    /// First and one past the last of its mentions.
    pub(super) mentions: (usize, usize),
    /// A word of contrast stands between the region before and this one.
    pub(super) contrasts: bool,
}

/// How much a separator divides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Before words that are said of the next name alone.
    Name,
    Comma,
    Joint,
    Contrast,
    Sentence,
}

/// Where a text can be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Separator {
    pub(super) at: usize,
    pub(super) strength: Strength,
}

/// The separators of a text, ascending. `own` is where words begin that are said of the name behind them alone.
pub(super) fn separators(text: &str, hits: &[Hit], mentions: &[Mention], own: &[usize]) -> Vec<Separator> {
    let compares = |hit: &Hit| hit.role == Role::Compared && next_named(text, hit.end, mentions).is_some();
    let by_word = hits.iter().filter_map(|hit| match hit.role {
        Role::Compared if compares(hit) => Some(Separator { at: hit.start, strength: Strength::Contrast }),
        Role::Contrast => Some(Separator { at: hit.start, strength: Strength::Contrast }),
        Role::Joint => Some(Separator { at: hit.start, strength: Strength::Joint }),
        _ => None,
    });
    let by_mark = text.char_indices().filter_map(|(at, c)| punctuation(text, at, c));
    let by_name = own.iter().map(|at| Separator { at: *at, strength: Strength::Name });
    let mut found: Vec<Separator> = by_mark.chain(by_word).chain(by_name).collect();
    found.sort_unstable_by_key(|separator| (separator.at, separator.strength));
    found
}

fn punctuation(text: &str, at: usize, c: char) -> Option<Separator> {
    let after = at + c.len_utf8();
    let next = text[after..].chars().next();
    let is_end = next.is_none_or(char::is_whitespace);
    let strength = match c {
        '\n' | '。' | '！' | '？' | '!' | '?' => Strength::Sentence,
        // Not in numbers and addresses.
        '.' if is_end => Strength::Sentence,
        '…' => Strength::Sentence,
        ';' | '；' | '|' | '—' | '–' => Strength::Contrast,
        '/' | '-' if is_end => Strength::Contrast,
        ',' | '，' | '(' | ')' | '（' | '）' => Strength::Comma,
        _ => return None,
    };
    Some(Separator { at: after, strength })
}

/// The regions of `text`, one for each group of mentions, which are in the order of the text.
pub(super) fn regions(text: &str, mentions: &[Mention], separators: &[Separator]) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    for (number, mention) in mentions.iter().enumerate() {
        let Some(last) = regions.last_mut() else {
            regions.push(Region { start: 0, end: text.len(), mentions: (0, 1), contrasts: false });
            continue;
        };
        let before = &mentions[number - 1];
        let between = &text[before.end.min(mention.start)..mention.start];
        let lists = before.is_means == mention.is_means && !mention.is_again && is_listing(between);
        // "Compared with A, B is slow" lists nothing.
        let lists = (lists && !before.is_compared && !before.is_excepted) || before.is_joined;
        if before.target == mention.target || lists {
            last.mentions.1 = number + 1;
            continue;
        }
        let (at, contrasts) = cut(before.end, mention.start, separators);
        let contrasts = contrasts || before.is_compared || before.is_excepted;
        last.end = at;
        regions.push(Region { start: at, end: text.len(), mentions: (number, number + 1), contrasts });
    }
    shorten_first(&mut regions, mentions, separators);
    give_back(&mut regions, mentions, separators);
    regions
}

/// What follows the clause of a means is said of what was had by it, and what follows an aside of the one before.
fn give_back(regions: &mut Vec<Region>, mentions: &[Mention], separators: &[Separator]) {
    for number in (1..regions.len()).rev() {
        let (before, region) = (regions[number - 1].clone(), regions[number].clone());
        let of = |region: &Region| &mentions[region.mentions.0..region.mentions.1];
        let is_means =
            |region: &Region| of(region).iter().all(|mention| mention.is_means || mention.is_aside);
        let last = mentions[region.mentions.1 - 1].end;
        let end = between(separators, last, region.end).first();
        if let Some(end) = end.filter(|_| is_means(&region) && !is_means(&before)) {
            regions[number].end = end.at;
            regions.insert(number + 1, Region { start: end.at, contrasts: false, end: region.end, ..before });
        }
    }
}

/// Longest article with its spaces, in bytes.
pub(super) const ARTICLE_WITHIN: usize = 5;

/// Words that may stand between one that is said of a name and the name: "with the new A", "except the ones at A".
const FILLERS: [&str; 31] = [
    "the", "a", "an", "my", "our", "your", "this", "that", "these", "those", "one", "ones", "at", "from",
    "by", "of", "old", "new", "good", "people", "lot", "guys", "team", "folks", "staff", "only", "maybe",
    "with", "for", "mine", "plain",
];
/// So many bytes of them at most.
const FILLERS_WITHIN: usize = 24;

/// The mention that a word stands before, but for an article and the like. `at` is where the word ends.
pub(super) fn next_named(text: &str, at: usize, mentions: &[Mention]) -> Option<usize> {
    let next = mentions.partition_point(|mention| mention.start < at);
    let start = mentions.get(next)?.start;
    let between = text.get(at..start).filter(|between| between.len() <= FILLERS_WITHIN)?;
    let is_filler = |word: &str| {
        FILLERS.contains(&word)
            || !word.contains(char::is_alphanumeric) && !word.contains(['.', '!', '?', ',', '，', '。'])
    };
    between.split_whitespace().all(is_filler).then_some(next)
}

/// Marks the mentions that others are compared with.
pub(super) fn mark_compared(text: &str, hits: &[Hit], mentions: &mut [Mention]) {
    for hit in hits.iter().filter(|hit| matches!(hit.role, Role::Compared | Role::Unlike | Role::Except)) {
        let Some(number) = next_named(text, hit.end, mentions) else { continue };
        mentions[number].is_compared |= hit.role == Role::Compared;
        if hit.role == Role::Except {
            except::mark(text, hit, &mut mentions[number]);
            continue;
        }
        let before = number.checked_sub(1).and_then(|before| text.get(mentions[before].end..hit.start));
        let is_behind = before.is_some_and(|between| matches!(between.trim(), "," | "(" | "-" | "–" | "—"));
        let after = text.get(mentions[number].end..).unwrap_or_default();
        mentions[number].is_aside |= is_behind && ends_soon(after);
    }
}

/// A mark ends what is said of a name before anything else is.
fn ends_soon(after: &str) -> bool {
    after.trim_start().starts_with([',', ')', '-', '–', '—'])
}

/// Longest text between a word of use and the means, in characters.
const USE_WITHIN: usize = 14;

/// Marks the mentions right behind a word of use.
pub(super) fn mark_means(text: &str, hits: &[Hit], mentions: &mut [Mention]) {
    let mut last_end = 0;
    for mention in mentions {
        let before = within(hits, last_end, mention.start).iter();
        let mut uses = before.filter(|hit| hit.role == Role::Uses && hit.end <= mention.start);
        mention.is_means = uses.any(|hit| {
            let between = &text[hit.end..mention.start];
            let is_clause = !between.contains([',', '.', '!', '?', ':', '，', '。', '！', '？', '：']);
            let far = between.chars().map(|c| if c.is_ascii() { 1 } else { 6 }).sum::<usize>();
            is_clause && between.split_whitespace().count() <= 2 && far <= USE_WITHIN
        });
        last_end = mention.end;
    }
}

/// The separators from one place to before another.
pub(super) fn between(separators: &[Separator], from: usize, to: usize) -> &[Separator] {
    let rest = &separators[separators.partition_point(|separator| separator.at < from)..];
    &rest[..rest.partition_point(|separator| separator.at < to)]
}

/// The place between two mentions, and whether it contrasts them.
fn cut(from: usize, to: usize, separators: &[Separator]) -> (usize, bool) {
    let between = between(separators, from, to + 1);
    let best = between.iter().max_by_key(|separator| (separator.strength, separator.at));
    let contrasts = between.iter().any(|separator| separator.strength == Strength::Contrast);
    (best.map_or(to, |best| best.at), contrasts)
}

/// What comes before the clause of the first mention is about all of them, or none.
fn shorten_first(regions: &mut [Region], mentions: &[Mention], separators: &[Separator]) {
    if regions.len() < 2 {
        return;
    }
    if let (Some(first), Some(mention)) = (regions.first_mut(), mentions.first()) {
        // What all others are stands before the exception.
        let least = if mention.is_excepted { Strength::Sentence } else { Strength::Contrast };
        let before = separators.iter().rev().find(|s| s.strength >= least && s.at <= mention.start);
        first.start = before.map_or(0, |separator| separator.at);
    }
}
