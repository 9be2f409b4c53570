//! What the rules found in a text, summed up: the compound score, and the features that a trained model
//! takes from the rules.
//!
//! **Invariant:** a feature is a share of the rated words, of the marks or of the text as a whole, so that
//! its part of a score can be given back to what made it ([`Group`]).

/// The scale of every language's compound score: the reference's `alpha`.
pub(super) const ALPHA: f64 = 15.0;
/// How many features a model takes from the rules.
pub(crate) const FEATURES: usize = 18;
/// VADER's usual cut-off.
const CUT_OFF: f64 = 0.05;

/// What a feature is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Every rated word and the marks, each by its signed valence.
    Signed,
    /// Words with a positive valence.
    Positive,
    /// Words with a negative valence.
    Negative,
    /// Exclamation and question marks.
    Marks,
    /// Nothing that has a place.
    Text,
}

/// The group of each feature, in their order.
pub(super) const GROUPS: [Group; FEATURES] = [
    Group::Signed,
    Group::Signed,
    Group::Signed,
    Group::Positive,
    Group::Negative,
    Group::Positive,
    Group::Negative,
    Group::Positive,
    Group::Negative,
    Group::Positive,
    Group::Negative,
    Group::Positive,
    Group::Negative,
    Group::Marks,
    Group::Marks,
    Group::Text,
    Group::Text,
    Group::Text,
];

/// The valences of a text, summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rated {
    /// Sum of the valences, added in the order of the text.
    pub(super) words: f64,
    /// What marks add: away from zero, nothing if the words come to zero.
    pub(super) marks: f64,
    pub(super) positive: f64,
    /// Sum of the negative valences, without the sign.
    pub(super) negative: f64,
    pub(super) most_positive: f64,
    pub(super) most_negative: f64,
    pub(super) last: f64,
    /// Sum of the valences of emoji and the like.
    pub(super) symbols: f64,
    pub(super) exclamations: u32,
    pub(super) questions: u32,
    /// Tokens, or characters.
    pub(super) length: u32,
    /// Some words are in capitals and some are not.
    pub(super) capitals: bool,
    /// There is a "but".
    pub(super) contrast: bool,
}

impl Rated {
    /// Takes in the next valence of the text.
    pub(super) fn add(&mut self, valence: f64, is_symbol: bool) {
        self.words += valence;
        self.last = valence;
        if is_symbol {
            self.symbols += valence;
        }
        if valence > 0.0 {
            self.positive += valence;
            self.most_positive = self.most_positive.max(valence);
        } else {
            self.negative -= valence;
            self.most_negative = self.most_negative.max(-valence);
        }
    }

    /// Valences and marks together.
    pub(super) fn total(&self) -> f64 {
        self.words + self.marks
    }

    /// What a valence is divided by to give its part of the compound score.
    pub(super) fn scale(&self) -> f64 {
        (self.total() * self.total() + ALPHA).sqrt()
    }

    /// -1 to 1, not rounded.
    pub(super) fn compound(&self) -> f64 {
        self.total() / self.scale()
    }

    /// The features, in the order of [`GROUPS`].
    pub(super) fn features(&self) -> [f64; FEATURES] {
        let compound = self.compound();
        let of_text = self.positive + self.negative + f64::from(self.length) + 1.0;
        let flag = |set: bool| if set { 1.0 } else { 0.0 };
        [
            compound,
            flag(compound >= CUT_OFF),
            flag(compound <= -CUT_OFF),
            squash(self.positive),
            squash(self.negative),
            self.positive / of_text,
            self.negative / of_text,
            self.most_positive / 4.0,
            self.most_negative / 4.0,
            self.last.max(0.0) / 4.0,
            (-self.last).max(0.0) / 4.0,
            squash(self.symbols.max(0.0)),
            squash((-self.symbols).max(0.0)),
            f64::from(self.exclamations.min(4)) / 4.0,
            f64::from(self.questions.min(4)) / 4.0,
            flag(self.positive + self.negative == 0.0),
            flag(self.capitals),
            flag(self.contrast),
        ]
    }
}

/// Any sum that is not negative to 0..1.
fn squash(sum: f64) -> f64 {
    sum / (sum * sum + ALPHA).sqrt()
}
