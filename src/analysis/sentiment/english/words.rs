//! Words that the rules treat specially: intensifiers, negations and the words of fixed phrases.
//!
//! The lists are those of the reference implementation of Hutto and Gilbert (2014), vaderSentiment
//! 3.3.2 (MIT), and must not be "improved": equality with it is tested.

/// What an intensifier adds, in valence points; a dampener takes the same away.
pub(super) const BOOST: f64 = 0.293;

pub(super) const INTENSIFIERS: &[&str] = &[
    "absolutely",
    "amazingly",
    "awfully",
    "completely",
    "considerable",
    "considerably",
    "decidedly",
    "deeply",
    "effing",
    "enormous",
    "enormously",
    "entirely",
    "especially",
    "exceptional",
    "exceptionally",
    "extreme",
    "extremely",
    "fabulously",
    "flipping",
    "flippin",
    "frackin",
    "fracking",
    "fricking",
    "frickin",
    "frigging",
    "friggin",
    "fully",
    "fuckin",
    "fucking",
    "fuggin",
    "fugging",
    "greatly",
    "hella",
    "highly",
    "hugely",
    "incredible",
    "incredibly",
    "intensely",
    "major",
    "majorly",
    "more",
    "most",
    "particularly",
    "purely",
    "quite",
    "really",
    "remarkably",
    "so",
    "substantially",
    "thoroughly",
    "total",
    "totally",
    "tremendous",
    "tremendously",
    "uber",
    "unbelievably",
    "unusually",
    "utter",
    "utterly",
    "very",
];

/// Single words only: "kind of", "sort of" and "just enough" are pairs, see [`dampening_pair`].
pub(super) const DAMPENERS: &[&str] = &[
    "almost",
    "barely",
    "hardly",
    "kinda",
    "kindof",
    "kind-of",
    "less",
    "little",
    "marginal",
    "marginally",
    "occasional",
    "occasionally",
    "partly",
    "scarce",
    "scarcely",
    "slight",
    "slightly",
    "somewhat",
    "sorta",
    "sortof",
    "sort-of",
];

/// Any word with "n't" in it negates as well.
pub(super) const NEGATIONS: &[&str] = &[
    "aint", "arent", "cannot", "cant", "couldnt", "darent", "didnt", "doesnt", "dont", "hadnt", "hasnt",
    "havent", "isnt", "mightnt", "mustnt", "neither", "neednt", "never", "none", "nope", "nor", "not",
    "nothing", "nowhere", "oughtnt", "shant", "shouldnt", "uhuh", "wasnt", "werent", "uh-uh", "without",
    "wont", "wouldnt", "rarely", "seldom", "despite",
];

/// Declares the words that a rule or a phrase asks for by name.
macro_rules! named_words {
    ($($name:ident = $word:literal),* $(,)?) => {
        /// A word that a rule names; `Other` is every other word.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(super) enum Word { #[default] Other, $($name),* }

        pub(super) const NAMED_WORDS: &[(&str, Word)] = &[$(($word, Word::$name)),*];
    };
}

named_words! {
    Ass = "ass", At = "at", Bad = "bad", Beating = "beating", Bomb = "bomb", Bus = "bus", But = "but",
    Death = "death", Die = "die", Doubt = "doubt", Enough = "enough", For = "for", Heart = "heart",
    Just = "just", Kind = "kind", Kiss = "kiss", Least = "least", Never = "never", No = "no", Nor = "nor",
    Of = "of", Or = "or", Right = "right", Shit = "shit", So = "so", Sort = "sort", Stop = "stop",
    The = "the", This = "this", To = "to", Very = "very", Without = "without", Yeah = "yeah",
}

/// Valence of a phrase of two words that overrides its words.
pub(super) fn phrase_of_two(a: Word, b: Word) -> Option<f64> {
    match (a, b) {
        (Word::The, Word::Shit | Word::Bomb) => Some(3.0),
        (Word::Bad, Word::Ass) => Some(1.5),
        (Word::Bus, Word::Stop) => Some(0.0),
        (Word::Yeah, Word::Right) => Some(-2.0),
        (Word::Beating, Word::Heart) => Some(3.5),
        _ => None,
    }
}

/// Valence of a phrase of three words that overrides its words.
pub(super) fn phrase_of_three(a: Word, b: Word, c: Word) -> Option<f64> {
    match (a, b, c) {
        (Word::Kiss, Word::Of, Word::Death) => Some(-1.5),
        (Word::To, Word::Die, Word::For) => Some(3.0),
        _ => None,
    }
}

/// Two words that dampen what follows.
pub(super) fn dampening_pair(a: Word, b: Word) -> bool {
    matches!((a, b), (Word::Kind | Word::Sort, Word::Of) | (Word::Just, Word::Enough))
}
