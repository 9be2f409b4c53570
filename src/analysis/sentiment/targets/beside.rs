//! Words that judge the name beside them and no other: "bring back A", "A all day", "cancelled A", "A could never"; and
//! those by which a name has the label of the one before or its opposite: "B doesn't", "so does B".

use super::reading::Reading;
use super::regions::{Mention, next_named};
use super::words::{Hit, Role, in_order};

/// Turns the words that stand beside a name into praise and blame of it, and leaves out those that do not. Of what they
/// touch nothing else holds, and they count twice: no word says as clearly of whom it speaks.
pub(super) fn settle(lower: &str, hits: &mut Vec<Hit>, mentions: &[Mention]) {
    let mut own: Vec<Hit> = hits.iter().filter_map(|hit| beside(lower, *hit, mentions)).collect();
    // `hits` are ascending, of those that begin at one place the longest first.
    own.dedup_by(|next, before| next.start < before.end);
    let is_name = |hit: &Hit| matches!(hit.role, Role::Picks | Role::Drops | Role::Hails | Role::Damns);
    let mut rest = own.as_slice();
    hits.retain(|hit| {
        while rest.first().is_some_and(|own| own.end <= hit.start) {
            rest = &rest[1..];
        }
        let own = rest.first().filter(|own| own.start < hit.end);
        let is_over = own.is_some_and(|own| hit.role.judges() || denies(own, hit));
        !is_name(hit) && !is_over
    });
    for hit in
        hits.iter_mut().filter(|hit| hit.role == Role::Negates && lower[hit.start..].starts_with("neither "))
    {
        if next_named(lower, hit.end, mentions).is_some() {
            hit.role = Role::Fails;
        }
    }
    hits.extend(own.iter().flat_map(|own| [*own, *own]));
    in_order(hits);
}

/// "Never going back to" is no preference.
fn denies(own: &Hit, hit: &Hit) -> bool {
    own.role == Role::Blames && hit.role == Role::Prefers
}

/// A word that stands around a name, 和A相比, is one that leads to it.
pub(super) fn shorten(hits: &mut [Hit], mentions: &[Mention]) {
    for hit in hits.iter_mut().filter(|hit| hit.role == Role::Unlike) {
        let next = mentions.get(mentions.partition_point(|mention| mention.start <= hit.start));
        if let Some(mention) = next.filter(|mention| mention.end <= hit.end) {
            hit.end = mention.start;
        }
    }
    in_order(hits);
}

/// The praise or blame that a word is of the name beside it.
fn beside(lower: &str, hit: Hit, mentions: &[Mention]) -> Option<Hit> {
    let (role, holds) = match hit.role {
        Role::Picks => (Role::Praises, next_named(lower, hit.end, mentions).is_some()),
        Role::Drops if !is_left_out(lower, hit) => {
            (Role::Blames, next_named(lower, hit.end, mentions).is_some())
        }
        Role::Hails => (Role::Praises, named_before(lower, hit.start, mentions)),
        Role::Damns => (Role::Blames, named_before(lower, hit.start, mentions)),
        _ => return None,
    };
    holds.then_some(Hit { role, ..hit })
}

/// Where words begin that judge the name behind them: what they say is not said of the one before.
pub(super) fn beginnings(lower: &str, hits: &[Hit], mentions: &[Mention]) -> Vec<usize> {
    let judges = |hit: &&Hit| matches!(hit.role, Role::Picks | Role::Drops | Role::Prefers);
    let own = hits.iter().filter(judges).filter(|hit| next_named(lower, hit.end, mentions).is_some());
    own.map(|hit| hit.start).collect()
}

/// "Not" sets a name aside where it begins a clause: "A, not B". Else it is said of what is around it.
fn is_left_out(lower: &str, hit: Hit) -> bool {
    let before = lower.get(..hit.start).unwrap_or_default().trim_end();
    &lower[hit.start..hit.end] == "not" && !before.ends_with([',', '-', '–', '—', '('])
}

/// Nothing but blanks stands between a name and this place.
fn named_before(lower: &str, at: usize, mentions: &[Mention]) -> bool {
    let before = lower.get(..at).unwrap_or_default().trim_end_matches([' ', ',', ':', '(']);
    mentions.iter().any(|mention| mention.end == before.len())
}

/// Target, the one that it is like or unlike, and 1 or -1.
pub(super) fn echoes(reading: &Reading<'_>) -> Vec<(usize, usize, i32)> {
    let pairs = reading.mentions.windows(2).filter(|pair| pair[0].target != pair[1].target);
    pairs
        .filter_map(|pair| Some((pair[1].target, pair[0].target, echo(reading, &pair[0], &pair[1])?)))
        .collect()
}

fn echo(reading: &Reading<'_>, first: &Mention, second: &Mention) -> Option<i32> {
    let after = reading.lower.get(second.end..)?;
    if reading.leads_to(Role::Agrees, second.start) && reading.begins(Role::Agrees, first.end, second.start) {
        return ends(after).then_some(1);
    }
    let at = second.end + (after.len() - after.trim_start().len());
    let hit = reading.begin_at(at).find(|hit| matches!(hit.role, Role::Agrees | Role::Opposes))?;
    let is_last = ends(reading.lower.get(hit.end..)?);
    is_last.then_some(if hit.role == Role::Agrees { 1 } else { -1 })
}

/// A clause ends here.
fn ends(after: &str) -> bool {
    let rest = after.trim_start_matches(' ');
    rest.chars().next().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '?' | '\'' | '’'))
}
