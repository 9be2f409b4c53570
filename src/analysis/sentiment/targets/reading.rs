//! A text with its targets: what was found in it, and which of it speaks of whom.

use super::super::Cue;
use super::super::house::Hit as Term;
use super::regions::{self, ARTICLE_WITHIN, Mention, Region, Separator, Strength};
use super::words::{Hit, Role, Words, in_order, within};
use super::{Place, beside, except, negation};
use crate::analysis::text::fold_han;

/// What was found in a text.
#[derive(Debug)]
pub(super) struct Reading<'t> {
    pub(super) text: &'t str,
    pub(super) lower: String,
    pub(super) mentions: Vec<Mention>,
    pub(super) regions: Vec<Region>,
    pub(super) separators: Vec<Separator>,
    hits: Vec<Hit>,
    /// Where the house lexicon has a say, in the order of the text.
    house: Vec<(usize, usize)>,
}

/// So much may stand between a word that compares and the second target, in bytes and in words.
const COMPARED_WITHIN: usize = 30;
const COMPARED_WITHIN_WORDS: usize = 4;

/// A term of the house lexicon, or an idiom, praises or blames from so many points up or down.
const TERM_LEAST: f64 = 1.0;

impl<'t> Reading<'t> {
    /// `targets` by their places: first byte, one past the last.
    pub(super) fn new(text: &'t str, targets: &[Vec<(usize, usize)>], words: &'t Words) -> Reading<'t> {
        let lower = folded(text);
        let mut hits = words.find(&lower);
        let mut mentions = mentions(targets);
        add_references(&hits, &mut mentions);
        except::settle(&lower, &mut hits, &mentions);
        beside::shorten(&mut hits, &mentions);
        let own = beside::beginnings(&lower, &hits, &mentions);
        beside::settle(&lower, &mut hits, &mentions);
        regions::mark_means(&lower, &hits, &mut mentions);
        regions::mark_compared(&lower, &hits, &mut mentions);
        let separators = regions::separators(&lower, &hits, &mentions, &own);
        let regions = regions::regions(&lower, &mentions, &separators);
        Reading { text, lower, mentions, regions, separators, hits, house: Vec::new() }
    }

    /// What touches a term of the house lexicon, or an idiom, neither praises nor blames: that does, by its score.
    pub(super) fn leave_to(&mut self, terms: &[Term]) {
        let judged = terms.iter().filter(|term| term.points.abs() >= TERM_LEAST).map(|term| Hit {
            start: term.start as usize,
            end: term.end as usize,
            role: if term.points > 0.0 { Role::Praises } else { Role::Blames },
        });
        let span = |term: &Term| (term.start as usize, term.end as usize);
        self.house = terms.iter().filter(|term| term.is_house).map(span).collect();
        let judges =
            |hit: &Hit| matches!(hit.role, Role::Praises | Role::Blames | Role::Lukewarm | Role::Thanks);
        let touches =
            |hit: &Hit| terms.iter().map(span).any(|(start, end)| start < hit.end && hit.start < end);
        self.hits.retain(|hit| !(judges(hit) && touches(hit)));
        self.hits.extend(judged);
        in_order(&mut self.hits);
    }

    /// It is a term of the house lexicon.
    pub(super) fn is_house(&self, cue: &Cue) -> bool {
        self.house.binary_search(&(cue.start as usize, cue.end as usize)).is_ok()
    }

    /// A word of this role stands between these places.
    pub(super) fn has(&self, role: Role, start: usize, end: usize) -> bool {
        self.inside(role, start, end).next().is_some()
    }

    fn inside(&self, role: Role, start: usize, end: usize) -> impl Iterator<Item = &Hit> {
        self.beginning(role, start, end).filter(move |hit| hit.end <= end)
    }

    fn beginning(&self, role: Role, start: usize, end: usize) -> impl Iterator<Item = &Hit> {
        within(&self.hits, start, end).iter().filter(move |hit| hit.role == role)
    }

    /// A word of this role begins between these places; it may have a target in its gap.
    pub(super) fn begins(&self, role: Role, start: usize, end: usize) -> bool {
        self.beginning(role, start, end).next().is_some()
    }

    /// The words that begin at a place.
    pub(super) fn begin_at(&self, at: usize) -> impl Iterator<Item = &Hit> {
        within(&self.hits, at, at + 1).iter()
    }

    /// No part of the text speaks of both targets.
    pub(super) fn are_apart(&self, one: usize, other: usize) -> bool {
        let speaks = |region: &Region, target| self.mentions_in(region).iter().any(|m| m.target == target);
        !self.regions.iter().any(|region| speaks(region, one) && speaks(region, other))
    }

    /// A word of this role begins between two targets, and reaches the second but for a few words of the
    /// same clause.
    pub(super) fn compares(&self, role: Role, start: usize, end: usize) -> bool {
        self.beginning(role, start, end).any(|hit| {
            let between = self.lower.get(hit.end..end).unwrap_or_default();
            let is_near = between.len() <= COMPARED_WITHIN
                && between.split_whitespace().count() <= COMPARED_WITHIN_WORDS;
            is_near && !between.contains([',', '，'])
        })
    }

    /// A word of this role stands right before this place, but for an article.
    pub(super) fn leads_to(&self, role: Role, at: usize) -> bool {
        let is_near = |hit: &Hit| hit.end <= at && at - hit.end <= ARTICLE_WITHIN;
        self.hits.iter().any(|hit| hit.role == role && is_near(hit))
    }

    /// It is named only as the means by which something else is had: "ordered on A".
    pub(super) fn is_means(&self, target: usize) -> bool {
        let mut own = self.mentions.iter().filter(|mention| mention.target == target);
        own.all(|mention| mention.is_means)
    }

    /// It is named only to tell others apart from it: "compared with A", "except A".
    pub(super) fn stands_aside(&self, target: usize) -> bool {
        let mut own = self.mentions.iter().filter(|mention| mention.target == target);
        own.any(|mention| mention.is_compared || mention.is_excepted || mention.is_aside)
    }

    /// It is the opposite of what its part says of all others.
    pub(super) fn is_excepted(&self, target: usize) -> bool {
        let mut own = self.mentions.iter().filter(|mention| mention.target == target).peekable();
        own.peek().is_some() && own.all(|mention| mention.is_excepted)
    }

    /// Something is said of all others that is not true of one.
    pub(super) fn has_exceptions(&self) -> bool {
        self.mentions.iter().any(|mention| mention.is_excepted || mention.is_only)
    }

    /// Where the clause begins that `at` is in.
    pub(super) fn clause_start(&self, at: usize) -> usize {
        let behind = self.separators.partition_point(|separator| separator.at <= at);
        let mut before = self.separators[..behind].iter().rev();
        before.find(|separator| separator.strength > Strength::Name).map_or(0, |separator| separator.at)
    }

    /// The sentences that speak of a target. If a word such as "the latter" names it again, only those with that word.
    pub(super) fn sentences(&self, target: usize) -> Vec<(usize, usize)> {
        let of = |region: &&Region| self.mentions_in(region).iter().any(|mention| mention.target == target);
        let again = |region: &Region| self.mentions_in(region).iter().any(|mention| mention.is_again);
        let is_again = self.regions.iter().filter(of).any(again);
        let regions = self.regions.iter().filter(of).filter(|region| !is_again || again(region));
        let own = regions.flat_map(|region| self.cut(region)).map(|sentence| self.in_own_voice(sentence));
        own.chain(self.said_of_all(target)).collect()
    }

    /// What the poster says after what others say, if anything.
    fn in_own_voice(&self, (start, end): (usize, usize)) -> (usize, usize) {
        let said = self.inside(Role::Reports, start, end).next();
        let own = said.and_then(|said| self.inside(Role::Own, said.end, end).next());
        (own.map_or(start, |own| own.start), end)
    }

    /// The ends of sentences that speak of all targets, where they stand in the part of another one.
    fn said_of_all(&self, target: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let others = self
            .regions
            .iter()
            .filter(move |region| self.mentions_in(region).iter().all(|m| m.target != target));
        let sentences = others.flat_map(|region| self.cut(region));
        sentences.filter_map(|(start, end)| {
            let all = self.inside(Role::All, start, end).next()?;
            let named_later = self.mentions.last().is_some_and(|mention| all.end <= mention.start);
            (!named_later).then_some((all.start, end))
        })
    }

    fn mentions_in(&self, region: &Region) -> &[Mention] {
        self.mentions.get(region.mentions.0..region.mentions.1).unwrap_or_default()
    }

    fn cut(&self, region: &Region) -> Vec<(usize, usize)> {
        let inside = regions::between(&self.separators, region.start + 1, region.end);
        let inside = inside.iter().filter(|s| s.strength == Strength::Sentence).map(|s| s.at);
        let mut start = region.start;
        inside.chain([region.end]).map(|end| (std::mem::replace(&mut start, end), end)).collect()
    }

    /// A sentence that says nothing of the poster's own: a question, or what others say.
    pub(super) fn is_not_said(&self, (start, end): (usize, usize)) -> bool {
        let leaning = self.talk((start, end)).map(|(.., sign)| sign).sum::<i32>();
        let complains = self.has(Role::Complains, start, end) || leaning < 0;
        (!complains && self.asks(start, self.asked_until(end))) || self.reports(start, end)
    }

    /// Where nothing but the next name ends a part, it belongs to the question that ends behind that.
    fn asked_until(&self, end: usize) -> usize {
        let divides = |separator: &Separator| separator.strength > Strength::Name;
        let is_cut = regions::between(&self.separators, end, end + 1).iter().any(divides);
        if is_cut { end } else { self.sentence_end(end) }
    }

    /// Where the sentence ends that `at` is in; what is handed on behind it (`//@`) is another one's.
    pub(super) fn sentence_end(&self, at: usize) -> usize {
        let mut behind = regions::between(&self.separators, at, self.text.len()).iter();
        let end = behind.find(|s| s.strength == Strength::Sentence).map_or(self.text.len(), |s| s.at);
        let handed_on = self.lower.get(at..end).and_then(|rest| rest.find("//@"));
        handed_on.map_or(end, |behind| at + behind)
    }

    /// It ends in one question mark, or has words that ask.
    pub(super) fn asks(&self, start: usize, end: usize) -> bool {
        let sentence = self.lower.get(start..end).unwrap_or_default().trim_end();
        let is_question =
            sentence.ends_with(['?', '？']) && !sentence.ends_with("??") && !sentence.ends_with("？？");
        is_question || self.has(Role::Asks, start, end)
    }

    /// Somebody else says so, not the brand itself.
    fn reports(&self, start: usize, end: usize) -> bool {
        self.inside(Role::Reports, start, end)
            .any(|hit| !self.mentions.iter().any(|mention| self.is_right_behind(mention.end, hit.start)))
    }

    /// Nothing but a word or two stands between the two.
    fn is_right_behind(&self, from: usize, to: usize) -> bool {
        let between = self.lower.get(from..to);
        between.is_some_and(|between| {
            between.len() < 12
                && between.split_whitespace().count() <= 1
                && !between.contains([',', '.', '，', '。', ':', '：'])
        })
    }

    /// The praises (1) and blames (-1) in a sentence; a negation before one turns it.
    pub(super) fn talk(&self, sentence: (usize, usize)) -> impl Iterator<Item = Place> + '_ {
        negation::talk(&self.hits, &self.lower, sentence)
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
        let sets_aside = |hit: &&Hit| matches!(hit.role, Role::Compared | Role::Except | Role::Unlike);
        for hit in self.hits.iter().filter(sets_aside) {
            own[hit.start..hit.end].fill(b' ');
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

    /// The first targets of neighbouring regions that a word contrasts.
    pub(super) fn contrasts(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let first = |region: &Region| self.mentions.get(region.mentions.0).map(|mention| mention.target);
        self.regions
            .windows(2)
            .filter(|pair| pair[1].contrasts)
            .filter_map(move |pair| Some((first(&pair[0])?, first(&pair[1])?)))
    }
}

/// In lower case and with Simplified characters, each letter in its place.
fn folded(text: &str) -> String {
    let fold = |c: char| {
        let small = c.to_ascii_lowercase();
        let folded = fold_han(small);
        if folded.len_utf8() == small.len_utf8() { folded } else { small }
    };
    text.chars().map(fold).collect()
}

fn mentions(targets: &[Vec<(usize, usize)>]) -> Vec<Mention> {
    let places = targets.iter().enumerate().flat_map(|(target, places)| {
        places.iter().map(move |&(start, end)| Mention {
            start,
            end,
            target,
            is_again: false,
            is_means: false,
            is_aside: false,
            is_compared: false,
            is_excepted: false,
            is_only: false,
            is_joined: false,
        })
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
            mentions.push(Mention {
                start: hit.start,
                end: hit.end,
                target,
                is_again: true,
                is_means: false,
                is_aside: false,
                is_compared: false,
                is_excepted: false,
                is_only: false,
                is_joined: false,
            });
        }
    }
    mentions.sort_unstable_by_key(|mention| (mention.start, mention.target));
}
