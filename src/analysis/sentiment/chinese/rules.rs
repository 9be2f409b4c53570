//! From patterns to valences: negation, degree, contrast.
//!
//! **Invariant:** one walk over the patterns in the order of the text; what a modifier reaches ends at
//! the next mark, or [`REACH`] bytes behind it.

use super::{
    super::{cues::CueKind, rated::Rated},
    lexicon::{Found, Kind},
};

/// Four Chinese characters between a modifier and its word, in bytes: 没有想象中(那么)好.
const REACH: usize = 12;
/// A negated degree word is no contradiction, only less: 不是很好.
const NEGATED_DEGREE: f64 = 0.65;
/// A negated negative word is less positive than a negated positive word is negative: 不难吃.
const NEGATED_NEGATIVE: f64 = 0.5;
/// Negations weaker than this (不要, 别, 不太) do not make a negative word positive at all.
const WEAK_NEGATION: f64 = -0.6;
/// What stands before a contrast counts less, and what follows more.
const BEFORE_CONTRAST: f64 = 0.6;
const AFTER_CONTRAST: f64 = 1.25;
/// What an exclamation mark adds, in points, up to three of them.
const EXCLAMATION: f64 = 0.25;
/// What a negation is in a rhetorical question: 难道不好吗.
const RHETORICAL: f64 = 1.1;
/// What a word that is negated itself (不好用) is there.
const DENIED: f64 = -0.8;
const EXCLAMATIONS_MAX: u32 = 3;

/// A word or symbol and what the rules made of its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Valence {
    /// Positions of characters in the folded text.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) value: f64,
    pub(super) is_symbol: bool,
    /// From the house lexicon.
    pub(super) house: bool,
    /// It may yet turn out to be a degree word: 好 before 开心.
    before: Option<f64>,
}

/// A modifier's place by the positions of characters, one past its last, and what it is.
pub(super) type Modifier = (usize, usize, CueKind);

/// Modifiers seen since the last word.
#[derive(Clone, Copy)]
struct Pending {
    factor: f64,
    negated: bool,
    /// By a prohibition or a half-hearted negation.
    weakly: bool,
    end: usize,
}

impl Pending {
    fn factor_for(self, score: f64) -> f64 {
        match self.factor < 0.0 && score < 0.0 {
            false => self.factor,
            true if self.weakly => 0.0,
            true => self.factor * NEGATED_NEGATIVE,
        }
    }
}

/// The walk over the patterns of a text.
pub(super) struct Walk<'a> {
    text: &'a [char],
    out: &'a mut Vec<Valence>,
    modifiers: &'a mut Vec<Modifier>,
    pending: Option<Pending>,
    /// First valence of the sentence before, and of this one: so far back a contrast reaches.
    previous_sentence: usize,
    this_sentence: usize,
    contrasted: bool,
    ever_contrasted: bool,
    /// The clause asks what it takes for granted.
    rhetorical: bool,
    exclamations: u32,
}

impl<'a> Walk<'a> {
    /// Over the folded `text`; replaces `out` and `modifiers`.
    pub(super) fn new(
        text: &'a [char],
        out: &'a mut Vec<Valence>,
        modifiers: &'a mut Vec<Modifier>,
    ) -> Walk<'a> {
        out.clear();
        modifiers.clear();
        Walk {
            text,
            out,
            modifiers,
            pending: None,
            previous_sentence: 0,
            this_sentence: 0,
            contrasted: false,
            ever_contrasted: false,
            rhetorical: false,
            exclamations: 0,
        }
    }

    /// Takes in the next pattern.
    pub(super) fn step(&mut self, found: &Found) {
        match found.entry.kind {
            Kind::Word => self.word(found, None),
            Kind::Before(factor) => {
                self.modifiers.push((found.start, found.end, CueKind::Degree));
                self.word(found, Some(factor));
            }
            Kind::After(factor) => {
                self.modifiers.push((found.start, found.end, CueKind::Degree));
                self.after(found, factor);
            }
            Kind::Symbol => self.symbol(found),
            Kind::Negation(_) if std::mem::take(&mut self.rhetorical) => {
                self.modify(found, RHETORICAL, false)
            }
            Kind::Negation(factor) => self.modify(found, factor, true),
            Kind::Rhetorical => self.rhetorical = true,
            Kind::Degree(factor) => self.modify(found, factor, false),
            Kind::Contrast => self.contrast(),
            Kind::Clause => self.end_clause(),
            Kind::Sentence => self.end_sentence(),
            Kind::Exclamation => {
                self.exclamations += 1;
                self.end_sentence();
            }
            Kind::Nothing | Kind::Idle => {}
        }
    }

    /// What exclamation marks add to either sign.
    pub(super) fn emphasis(&self) -> f64 {
        f64::from(self.exclamations.min(EXCLAMATIONS_MAX)) * EXCLAMATION
    }

    /// What the walk knows of the text beside the valences.
    pub(super) fn rated(&self) -> Rated {
        Rated { exclamations: self.exclamations, contrast: self.ever_contrasted, ..Rated::default() }
    }

    /// The modifiers that reach `start`.
    fn reaching(&self, start: usize) -> Option<Pending> {
        let between = |p: &Pending| self.text.get(p.end..start).unwrap_or_default();
        self.pending.filter(|p| start - p.end <= REACH && bytes(between(p)) <= REACH)
    }

    fn modify(&mut self, found: &Found, factor: f64, negates: bool) {
        let kind = if negates { CueKind::Negation } else { CueKind::Degree };
        self.modifiers.push((found.start, found.end, kind));
        let weakly = negates && factor > WEAK_NEGATION;
        let new = Pending { factor, negated: negates, weakly, end: found.end };
        self.pending = Some(match self.reaching(found.start) {
            None => new,
            Some(p) if p.negated && !negates => {
                Pending { factor: p.factor * NEGATED_DEGREE, end: found.end, ..p }
            }
            Some(p) => Pending {
                factor: p.factor * factor,
                negated: p.negated || negates,
                weakly: p.weakly || weakly,
                end: found.end,
            },
        });
    }

    fn word(&mut self, found: &Found, before: Option<f64>) {
        let mut factor = self.reaching(found.start).map_or(1.0, |p| p.factor_for(found.entry.score));
        self.pending = None;
        if self.rhetorical && self.is_negated_itself(found) {
            self.rhetorical = false;
            factor *= DENIED;
        }
        if let Some(degree) = self.degree_right_before(found.start) {
            factor *= degree;
            self.out.pop();
        }
        let value = found.entry.score * factor;
        self.push(found, value, before.map(|b| b * factor));
    }

    /// A bad word that is a good one with a negation: 不好用.
    fn is_negated_itself(&self, found: &Found) -> bool {
        found.entry.score < 0.0 && matches!(self.text.get(found.start), Some('不' | '没'))
    }

    /// The last word turns out to be a degree word of the one at `start`.
    fn degree_right_before(&self, start: usize) -> Option<f64> {
        self.out.last().filter(|v| v.end == start).and_then(|v| v.before)
    }

    fn after(&mut self, found: &Found, factor: f64) {
        match self.out.last_mut() {
            Some(last) if last.end == found.start && !last.is_symbol => {
                last.value *= factor;
                last.end = found.end;
            }
            _ if found.entry.score != 0.0 => self.word(found, None),
            _ => {}
        }
    }

    fn symbol(&mut self, found: &Found) {
        self.pending = None;
        self.push(found, found.entry.score, None);
    }

    fn push(&mut self, found: &Found, value: f64, before: Option<f64>) {
        let value = if self.contrasted { value * AFTER_CONTRAST } else { value };
        let is_symbol = found.entry.kind == Kind::Symbol;
        let Found { start, end, house, .. } = *found;
        self.out.push(Valence { start, end, value, is_symbol, house, before });
    }

    fn contrast(&mut self) {
        let reached = self.out.get_mut(self.previous_sentence..).unwrap_or_default();
        reached.iter_mut().for_each(|v| v.value *= BEFORE_CONTRAST);
        self.pending = None;
        self.contrasted = true;
        self.ever_contrasted = true;
        // A second contrast does not weaken the same words again.
        self.previous_sentence = self.out.len();
        self.this_sentence = self.out.len();
    }

    fn end_clause(&mut self) {
        self.pending = None;
        self.rhetorical = false;
    }

    fn end_sentence(&mut self) {
        self.end_clause();
        self.contrasted = false;
        if self.this_sentence < self.out.len() {
            self.previous_sentence = self.this_sentence;
            self.this_sentence = self.out.len();
        }
    }
}

/// How long characters are in UTF-8.
fn bytes(chars: &[char]) -> usize {
    chars.iter().map(|c| c.len_utf8()).sum()
}
