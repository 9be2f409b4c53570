//! Judgements that are turned by a word before them: "never let me down", "isn't rude", 从不踩雷.

use super::Place;
use super::words::{Hit, Role, within};

/// How far a negation reaches: words, or characters where words are not spaced.
const REACH_WORDS: usize = 3;
const REACH_CHARACTERS: usize = 4;
/// So many negations in a row are heard.
const TURNS_MAX: usize = 3;
/// What a judgement counts that a negation turns.
const TURNED: i32 = 2;
/// No further than so many bytes, so that a long text of negations takes no longer than others.
const REACH_BYTES: usize = 100;

/// The praises (1) and blames (-1) among `hits`, which are ascending.
pub(super) fn talk<'h>(
    hits: &'h [Hit],
    lower: &'h str,
    (start, end): (usize, usize),
) -> impl Iterator<Item = Place> + 'h {
    let is_ironic = within(hits, start, end).iter().any(|hit| hit.role == Role::Blames && hit.end <= end);
    let first = hits.partition_point(|hit| hit.start < start);
    let inside = hits.iter().enumerate().skip(first).take_while(move |(_, hit)| hit.start < end);
    inside.filter(move |(_, hit)| hit.end <= end).filter_map(move |(number, hit)| {
        let sign = match hit.role {
            Role::Praises => 1,
            Role::Blames => -1,
            Role::Thanks if !is_ironic => 1,
            Role::Fails if !has_object(hits, number, lower) => -1,
            Role::Spares if !has_object(hits, number, lower) => 1,
            _ => return None,
        };
        let turns = turned(&hits[..number], lower, hit.start, start);
        // Whoever says so in so many words means it: a model may know the word only, and not the turn.
        let weight = if turns == 0 { 1 } else { TURNED };
        Some((hit.start, hit.end, if turns % 2 == 1 { -sign * weight } else { sign * weight }))
    })
}

/// How many negations reach `at`, one after the other; nothing before `from` counts, nor do those of another judgement
/// before the nearest one.
fn turned(before: &[Hit], lower: &str, mut at: usize, from: usize) -> usize {
    let mut turns = 0;
    for hit in before.iter().rev().take_while(|hit| from <= hit.start) {
        let of_another = turns > 0 && matches!(hit.role, Role::Praises | Role::Blames) && hit.end <= at;
        if hit.start + 2 * REACH_BYTES < at || turns == TURNS_MAX || of_another {
            break;
        }
        if matches!(hit.role, Role::Joint | Role::Contrast) && hit.end <= at {
            break;
        }
        let negates = matches!(hit.role, Role::Negates | Role::Fails | Role::Spares);
        if negates && hit.end <= at && reaches(&lower[hit.end..at]) {
            // "Neither A nor B" says no once.
            let is_one = lower[at..].starts_with("nor ") && lower[hit.start..].starts_with("neither ");
            turns += usize::from(!is_one);
            at = hit.start;
        }
    }
    turns
}

/// What a failure would turn stands right behind it.
fn has_object(hits: &[Hit], number: usize, lower: &str) -> bool {
    let end = hits[number].end;
    let judged = |hit: &&Hit| matches!(hit.role, Role::Praises | Role::Blames) && end <= hit.start;
    hits[number + 1..].iter().find(judged).is_some_and(|hit| reaches(&lower[end..hit.start]))
}

fn reaches(between: &str) -> bool {
    if between.len() > REACH_BYTES {
        return false;
    }
    let ends = |c: char| {
        c.is_ascii_punctuation() && c != '\'' || matches!(c, '\n' | '，' | '。' | '！' | '？' | '；' | '、')
    };
    let characters = between.trim().chars().filter(|c| !c.is_ascii()).count();
    let words = between.split_whitespace().count();
    !between.contains(ends) && words <= REACH_WORDS && characters <= REACH_CHARACTERS
}
