//! A text with its targets: what was found in it, and which of it speaks of whom.

use super::super::Cue;
use super::super::house::Hit as HouseHit;
use super::Place;
use super::regions::{self, Mention, Region, Separator, Strength};
use super::words::{Hit, Role, Words};

/// What was found in a text.
#[derive(Debug)]
pub(super) struct Reading<'t> {
    pub(super) text: &'t str,
    pub(super) lower: String,
    words: &'t Words,
    pub(super) mentions: Vec<Mention>,
    pub(super) regions: Vec<Region>,
    pub(super) separators: Vec<Separator>,
    hits: Vec<Hit>,
    /// Where the house lexicon has a say.
    house: Vec<(usize, usize)>,
}

/// Words that may stand before the subject of a statement.
const ARTICLES: [&str; 9] = ["the", "a", "an", "my", "our", "this", "that", "and", "in"];

impl<'t> Reading<'t> {
    /// `targets` by their places: first byte, one past the last.
    pub(super) fn new(text: &'t str, targets: &[Vec<(usize, usize)>], words: &'t Words) -> Reading<'t> {
        let lower = text.to_ascii_lowercase();
        let hits = words.find(&lower);
        let mut mentions = mentions(targets);
        add_references(&hits, &mut mentions);
        let separators = regions::separators(&lower, &hits);
        let regions = regions::regions(&lower, &mentions, &separators);
        Reading { text, lower, words, mentions, regions, separators, hits, house: Vec::new() }
    }

    /// What touches a term of the house lexicon neither praises nor blames: the term's score counts.
    pub(super) fn leave_to_house(&mut self, house: &[HouseHit]) {
        self.house = house.iter().map(|hit| (hit.start as usize, hit.end as usize)).collect();
        let house = &self.house;
        let judges = |hit: &Hit| matches!(hit.role, Role::Praises | Role::Blames | Role::Lukewarm);
        let touches = |hit: &Hit| house.iter().any(|&(start, end)| start < hit.end && hit.start < end);
        self.hits.retain(|hit| !(judges(hit) && touches(hit)));
    }

    /// A word of this role stands between these places.
    pub(super) fn has(&self, role: Role, start: usize, end: usize) -> bool {
        self.hits.iter().any(|hit| hit.role == role && start <= hit.start && hit.end <= end)
    }

    /// Where the clause begins that `at` is in.
    pub(super) fn clause_start(&self, at: usize) -> usize {
        self.separators.iter().rev().find(|separator| separator.at <= at).map_or(0, |separator| separator.at)
    }

    /// The sentences that speak of a target. If a word such as "the latter" names it again, only those with that word.
    pub(super) fn sentences(&self, target: usize) -> Vec<(usize, usize)> {
        let of = |region: &&Region| self.mentions_in(region).iter().any(|mention| mention.target == target);
        let again = |region: &Region| self.mentions_in(region).iter().any(|mention| mention.is_again);
        let is_again = self.regions.iter().filter(of).any(again);
        let regions = self.regions.iter().filter(of).filter(|region| !is_again || again(region));
        regions.flat_map(|region| self.cut(region)).collect()
    }

    fn mentions_in(&self, region: &Region) -> &[Mention] {
        self.mentions.get(region.mentions.0..region.mentions.1).unwrap_or_default()
    }

    fn cut(&self, region: &Region) -> Vec<(usize, usize)> {
        let ends = self.separators.iter().filter(|s| s.strength == Strength::Sentence).map(|s| s.at);
        let inside = ends.filter(|at| region.start < *at && *at < region.end);
        let mut start = region.start;
        inside.chain([region.end]).map(|end| (std::mem::replace(&mut start, end), end)).collect()
    }

    /// A sentence that says nothing of the poster's own: a question, or what others say.
    pub(super) fn is_not_said(&self, (start, end): (usize, usize)) -> bool {
        let sentence = self.lower.get(start..end).unwrap_or_default().trim_end();
        let asks =
            sentence.ends_with(['?', '？']) && !sentence.ends_with("??") && !sentence.ends_with("？？");
        let complains = self.has(Role::Complains, start, end)
            || self.talk((start, end)).map(|(.., sign)| sign).sum::<i32>() < 0;
        (asks && !complains) || self.has(Role::Reports, start, end)
    }

    /// The praises (1) and blames (-1) in a sentence; a negation before one turns it.
    pub(super) fn talk(&self, (start, end): (usize, usize)) -> impl Iterator<Item = Place> + '_ {
        let inside = self.hits.iter().filter(move |hit| start <= hit.start && hit.end <= end);
        inside.filter_map(|hit| {
            let sign = match hit.role {
                Role::Praises => 1,
                Role::Blames => -1,
                _ => return None,
            };
            let is_turned = self.words.is_negated(&self.lower, hit.start);
            Some((hit.start, hit.end, if is_turned { -sign } else { sign }))
        })
    }

    /// The text with blanks for all but these sentences, and for all names.
    pub(super) fn only(&self, sentences: &[(usize, usize)]) -> String {
        let mut own: Vec<u8> = vec![b' '; self.text.len()];
        for &(start, end) in sentences {
            own[start..end].copy_from_slice(&self.text.as_bytes()[start..end]);
        }
        // A query may have matched by a word that judges, which must not be lost.
        let judges = |mention: &Mention| {
            let in_house = |&(start, end): &(usize, usize)| start <= mention.start && mention.end <= end;
            self.talk((mention.start, mention.end)).next().is_some() || self.house.iter().any(in_house)
        };
        let is_name = |mention: &&Mention| !judges(mention);
        for mention in self.mentions.iter().filter(is_name) {
            own[mention.start..mention.end].fill(b' ');
        }
        // Sentences and mentions begin and end between characters.
        String::from_utf8(own).unwrap_or_default()
    }

    /// A cue of [`Reading::only`] may begin or end inside a character that was blanked out.
    pub(super) fn widen(&self, cue: &mut Cue) {
        while !self.text.is_char_boundary(cue.start as usize) {
            cue.start -= 1;
        }
        while !self.text.is_char_boundary(cue.end as usize) {
            cue.end += 1;
        }
    }

    /// The first targets of neighbouring regions that a word contrasts, or that are two statements side by side.
    pub(super) fn contrasts(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let unlike =
            |pair: &&[Region]| pair[1].contrasts || pair.iter().all(|region| self.is_statement(region));
        let first = |region: &Region| self.mentions.get(region.mentions.0).map(|mention| mention.target);
        self.regions
            .windows(2)
            .filter(unlike)
            .filter_map(move |pair| Some((first(&pair[0])?, first(&pair[1])?, pair[1].start)))
    }

    /// It begins with its target and says something.
    fn is_statement(&self, region: &Region) -> bool {
        let Some(mention) = self.mentions.get(region.mentions.0) else { return false };
        let before = self.lower.get(region.start..mention.start).unwrap_or_default();
        let after = self.lower.get(mention.end..region.end).unwrap_or_default();
        let mut words = before.split(|c: char| !c.is_alphanumeric());
        words.all(|word| word.is_empty() || ARTICLES.contains(&word))
            && after.split_whitespace().nth(1).is_some()
    }
}

fn mentions(targets: &[Vec<(usize, usize)>]) -> Vec<Mention> {
    let places = targets.iter().enumerate().flat_map(|(target, places)| {
        places.iter().map(move |&(start, end)| Mention { start, end, target, is_again: false })
    });
    let mut mentions: Vec<Mention> = places.collect();
    mentions.sort_unstable_by_key(|mention| (mention.start, mention.target));
    mentions
}

/// "The former" and "the latter" name the first and the last target again, once all were named.
fn add_references(hits: &[Hit], mentions: &mut Vec<Mention>) {
    let mut order: Vec<usize> = Vec::new();
    for mention in mentions.iter() {
        if !order.contains(&mention.target) {
            order.push(mention.target);
        }
    }
    let (Some(&first), Some(&last)) = (order.first(), order.last()) else { return };
    let seen_all = mentions.iter().rev().find(|mention| mention.target == last).map_or(0, |m| m.end);
    for hit in hits.iter().filter(|hit| hit.start >= seen_all) {
        let target = match hit.role {
            Role::Former => first,
            Role::Latter => last,
            _ => continue,
        };
        if mentions.iter().all(|m| hit.end <= m.start || m.end <= hit.start) {
            mentions.push(Mention { start: hit.start, end: hit.end, target, is_again: true });
        }
    }
    mentions.sort_unstable_by_key(|mention| (mention.start, mention.target));
}
