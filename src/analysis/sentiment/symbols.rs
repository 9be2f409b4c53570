//! Emoji, emoticons and kaomoji: what can be read in any language.
//!
//! **Invariant:** no word of any language has a say here.

use rustc_hash::FxHashMap;

use super::{
    cues::{CueKind, Part},
    english::English,
    house::{Hit, HouseLexicon},
    kaomoji::Face,
    rated::Rated,
};

/// Longest emoticon looked up, in bytes.
const EMOTICON_BYTES: usize = 8;

/// Valences of symbols, in VADER's points.
#[derive(Debug)]
pub(super) struct Symbols {
    emoji: FxHashMap<char, f64>,
    emoticons: FxHashMap<&'static str, f64>,
    /// Found as the terms of a house lexicon are.
    kaomoji: HouseLexicon,
}

/// Emoticons that hardly any language uses for something else. VADER's list also has `8)`, `d:` or
/// `(8`, which are list items and labels more often than faces.
const EMOTICONS: &[&str] = &[
    ":)", ":-)", ":(", ":-(", ":d", ":-d", "=d", "=)", "=(", ";)", ";-)", ":p", ":-p", ";p", ":'(", ":'-(",
    ":')", ":*", ":-*", ":/", ":-/", ":\\", ":-\\", ":|", ":-|", ":o", ":-o", ":@", ":]", ":[", ":3", "<3",
    "</3", "(:", "(-:", "):", ")-:", ":c", ">:(", ">:-(", ">:)", ":}", ":{", "\\o/", "xd", "x-d", "^_^",
    "t_t", ";_;", "-_-", ">.<", ">_<", "o_o",
];

/// Faces that VADER does not rate.
const MORE_EMOTICONS: &[(&str, f64)] =
    &[("^_^", 1.5), ("t_t", -1.5), (";_;", -1.5), ("-_-", -0.8), (">_<", -1.0), ("=(", -1.7)];

/// Emoji whose description in English hides what they are used for: the reference finds a "heart" in
/// `💔` and nothing at all in `👍`. English compound scores stay with the reference; models are told (`beyond`).
const MORE_EMOJI: &[(char, f64)] = &[
    ('👍', 2.0),
    ('👎', -2.0),
    ('👏', 1.6),
    ('🙌', 1.8),
    ('💪', 1.5),
    ('🙏', 0.8),
    ('💯', 2.0),
    ('🏆', 2.0),
    ('🤩', 2.5),
    ('😋', 1.6),
    ('🔥', 1.0),
    ('💔', -2.5),
    ('😡', -2.8),
    ('🤬', -3.0),
    ('🙄', -1.6),
    ('😒', -1.5),
    ('😤', -1.6),
    ('🤮', -2.8),
    ('🤢', -2.4),
    ('💩', -1.5),
    ('🖕', -3.0),
    ('🤦', -1.5),
    ('😣', -1.5),
    ('😖', -1.5),
    ('😥', -1.2),
    ('😔', -1.5),
    ('🤡', -1.5),
];

impl Symbols {
    /// Takes the valences that the English rules give each symbol by itself.
    pub(super) fn new(english: &English, faces: &[Face]) -> Symbols {
        let described = english.emoji_valences().filter(|(_, v)| *v != 0.0);
        let emoji = described.chain(MORE_EMOJI.iter().copied()).collect();
        let rated = EMOTICONS.iter().filter_map(|e| Some((*e, english.emoticon_valence(e)?)));
        let emoticons = MORE_EMOTICONS.iter().copied().chain(rated).collect();
        let kaomoji = HouseLexicon::new(faces.iter().map(|(face, points)| (face.as_str(), *points)));
        Symbols { emoji, emoticons, kaomoji }
    }

    /// Rates the symbols of a text.
    pub(super) fn rate(&self, text: &str, hits: &[Hit]) -> Rated {
        let mut rated = Rated::default();
        self.each(text, hits, |part| rated.add(part.valence, true));
        rated
    }

    /// The rated symbols of a text.
    pub(super) fn parts(&self, text: &str, hits: &[Hit], parts: &mut Vec<Part>) {
        self.each(text, hits, |part| parts.push(part));
    }

    /// The hits, and the symbols that none of them touches, in the order of the text.
    fn each(&self, text: &str, hits: &[Hit], mut found: impl FnMut(Part)) {
        let (mut next, mut covered) = (hits.iter().peekable(), 0);
        self.find(text, |start, end, valence| {
            let (start, end) = (start as u32, end as u32);
            while let Some(hit) = next.next_if(|hit| hit.start < end) {
                covered = hit.end;
                hit.part().into_iter().for_each(&mut found);
            }
            if start >= covered {
                found(Part { start, end, kind: CueKind::Symbol, valence });
            }
        });
        next.filter_map(Hit::part).for_each(found);
    }

    /// Emoji that the English rules do not rate, or not as they are meant.
    pub(super) fn unknown_to_vader() -> &'static [(char, f64)] {
        MORE_EMOJI
    }

    /// Appends the kaomoji in `text` that say something.
    pub(super) fn faces(&self, text: &str, hits: &mut Vec<Hit>) {
        let from = hits.len();
        self.kaomoji.find(text, hits);
        let mut at = 0;
        hits.retain(|hit| {
            at += 1;
            at <= from || hit.points != 0.0
        });
        hits[from..].iter_mut().for_each(|hit| (hit.is_symbol, hit.is_house) = (true, false));
    }

    /// Valence of an emoji.
    pub(super) fn emoji(&self, c: char) -> Option<f64> {
        self.emoji.get(&c).copied()
    }

    /// Valence of an emoticon that stands by itself.
    pub(super) fn emoticon(&self, token: &str) -> Option<f64> {
        let mut lower = [0; EMOTICON_BYTES];
        let lower = lower.get_mut(..token.len())?;
        lower.copy_from_slice(token.as_bytes());
        lower.make_ascii_lowercase();
        self.emoticons.get(std::str::from_utf8(lower).ok()?).copied()
    }

    /// Every emoji and emoticon, and its valence.
    pub(super) fn all(&self) -> impl Iterator<Item = (String, f64)> {
        let mut all: Vec<_> = self.emoji.iter().map(|(c, v)| (c.to_string(), *v)).collect();
        all.extend(self.emoticons.iter().map(|(e, v)| ((*e).to_owned(), *v)));
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all.into_iter()
    }

    fn find(&self, text: &str, mut found: impl FnMut(usize, usize, f64)) {
        let mut end = 0;
        for token in text.split_ascii_whitespace() {
            // A token's place follows from the previous one's end, which it cannot lie before.
            let start = end + text.get(end..).and_then(|rest| rest.find(token)).unwrap_or(0);
            end = start + token.len();
            if let Some(valence) = self.emoticon(token) {
                found(start, end, valence);
            } else if let Some(valence) = in_brackets(token).and_then(|face| self.emoticon(face)) {
                found(start + 1, end - 1, valence);
            } else if !token.is_ascii() {
                self.find_in(token, |from, to, valence| found(start + from, start + to, valence));
            }
        }
    }

    /// Kaomoji, and emoji that are no part of one, in a text without spaces.
    fn find_in(&self, token: &str, mut found: impl FnMut(usize, usize, f64)) {
        let mut faces = Vec::new();
        self.kaomoji.find(token, &mut faces);
        let mut faces = faces.into_iter().peekable();
        let mut covered = 0;
        for (at, c) in token.char_indices() {
            if let Some(face) = faces.next_if(|face| face.start as usize <= at) {
                covered = face.end as usize;
                if face.points != 0.0 {
                    found(at, covered, face.points);
                }
            }
            if at >= covered
                && let Some(valence) = self.emoji(c)
            {
                found(at, at + c.len_utf8(), valence);
            }
        }
    }
}

/// What a face is drawn into: `(T_T)`.
fn in_brackets(token: &str) -> Option<&str> {
    token.strip_prefix('(')?.strip_suffix(')')
}

#[cfg(test)]
mod tests {
    use super::super::kaomoji::faces;
    use super::*;

    #[test]
    fn a_face_may_stand_in_brackets() {
        check("Das ist schlecht (T_T)", &[("T_T", -1.5)]);
        check("(^_^) (ok) ()", &[("^_^", 1.5)]);
    }

    fn check(text: &str, expected: &[(&str, f64)]) {
        let symbols = Symbols::new(&English::builtin(), &faces());
        let mut parts = Vec::new();
        symbols.parts(text, &[], &mut parts);
        let found: Vec<_> =
            parts.iter().map(|p| (&text[p.start as usize..p.end as usize], p.valence)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn faces_and_emoji_are_found_in_any_language() {
        check("今日も(≧▽≦) 👍", &[("≧▽≦", 2.3), ("👍", 2.0)]);
        check("悲しい（Ｔ＿Ｔ）", &[("Ｔ＿Ｔ", -1.6)]);
        check("schön :) (⊙_⊙)", &[(":)", 2.0)]);
        check("was hat er getat", &[]);
    }
}
