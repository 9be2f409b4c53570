//! Which part of a text speaks of which target.
//!
//! Between two mentions the text is cut at its strongest separator, the last one of several: a sentence's end before a
//! word of contrast, that before a comma. What nothing cuts goes with the mention before it. Mentions that are only
//! listed ("A, B and C") share what is said of them.

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

/// The separators of a text, ascending.
pub(super) fn separators(text: &str, hits: &[Hit], mentions: &[Mention]) -> Vec<Separator> {
    let compares = |hit: &Hit| hit.role == Role::Compared && led_to(hit, mentions).is_some();
    let by_word = hits.iter().filter_map(|hit| match hit.role {
        Role::Compared if compares(hit) => Some(Separator { at: hit.start, strength: Strength::Contrast }),
        Role::Contrast => Some(Separator { at: hit.start, strength: Strength::Contrast }),
        Role::Joint => Some(Separator { at: hit.start, strength: Strength::Joint }),
        _ => None,
    });
    let by_mark = text.char_indices().filter_map(|(at, c)| punctuation(text, at, c));
    let mut found: Vec<Separator> = by_mark.chain(by_word).collect();
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

/// The mention that a word stands right before, but for an article.
fn led_to(hit: &Hit, mentions: &[Mention]) -> Option<usize> {
    let next = mentions.partition_point(|mention| mention.start < hit.end);
    mentions.get(next).filter(|mention| mention.start - hit.end <= ARTICLE_WITHIN).map(|_| next)
}

/// Marks the mentions that others are compared with.
pub(super) fn mark_compared(text: &str, hits: &[Hit], mentions: &mut [Mention]) {
    for hit in hits.iter().filter(|hit| matches!(hit.role, Role::Compared | Role::Unlike | Role::Except)) {
        let Some(number) = led_to(hit, mentions) else { continue };
        mentions[number].is_compared |= hit.role == Role::Compared;
        if hit.role == Role::Except {
            mark_excepted(text, &mut mentions[number]);
            continue;
        }
        let before = number.checked_sub(1).and_then(|before| text.get(mentions[before].end..hit.start));
        let is_behind = before.is_some_and(|between| matches!(between.trim(), "," | "(" | "-" | "–" | "—"));
        let after = text.get(mentions[number].end..).unwrap_or_default();
        mentions[number].is_aside |= is_behind && ends_soon(after);
    }
}

/// It is an exception from what is said of all others, or 除了 in front of one more of the kind.
fn mark_excepted(text: &str, mention: &mut Mention) {
    const ALL: [&str; 17] = [
        "everybody",
        "everyone",
        "everything",
        "every",
        "all",
        "any",
        "nobody",
        "none",
        "nothing",
        "no",
        "others",
        "rest",
        "else",
        "anybody",
        "anyone",
        "both",
        "each",
    ];
    const ALL_CHINESE: [&str; 5] = ["都", "全", "其他", "没有一", "没一"];
    let is_end = |c: char| matches!(c, '.' | '!' | '?' | '\n' | '。' | '！' | '？');
    let (before, after) = text.split_at(mention.end);
    let before = before.rsplit(is_end).next().unwrap_or_default();
    let after = &after[..after.find(is_end).unwrap_or(after.len())];
    let has_word = |part: &str| part.split(|c: char| !c.is_alphanumeric()).any(|word| ALL.contains(&word));
    let speaks_of_all = |part: &str| has_word(part) || ALL_CHINESE.iter().any(|word| part.contains(word));
    mention.is_joined = after.contains(['还', '也', '又']) && !speaks_of_all(after);
    // "Except A, which ..." has its own judgement.
    let is_last = !after.contains(char::is_alphanumeric);
    let has_own = ["which", "who", "whose", "where", "because"].iter().any(|word| after.contains(word));
    let is_excepted = (is_last && speaks_of_all(before)) || (!has_own && speaks_of_all(after));
    mention.is_excepted = !mention.is_joined && is_excepted;
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
