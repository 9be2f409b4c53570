//! A text as letters of its compatibility form (NFKC), each with the place in the source that it comes from. What is to be
//! dropped is, and an emoji is one letter.
//!
//! A character that becomes several (`½ ﬁ ำ №`) stays one letter, though its form would be two words if it stood in the
//! source: a place is at least one character of the source, and nobody looks for the 2 of `½`. If such a character is a
//! sign itself, only plain letters and digits are read in it (`№ ㎏`, not `㈱ ㍿ ㏂`), and not in the signs of trademarks and
//! currencies. Of what becomes a `_`, only `＿` is one; wavy lines (`﹏`) are drawings.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::classes;

#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// What it is.
    pub(super) c: char,
    /// How it reads.
    pub(super) form: String,
    /// The first character of the source that it comes from.
    pub(super) source: char,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) emoji: bool,
    /// Nothing was dropped between it and the letter before.
    pub(super) joined: bool,
}

impl Letter {
    /// Part of a word of a script with blanks.
    pub(super) fn is_wordy(&self) -> bool {
        !self.emoji && classes::is_wordy(self.c) && !self.is_unspaced() && !self.is_apostrophe()
    }

    pub(super) fn is_unspaced(&self) -> bool {
        !self.emoji && classes::is_unspaced(self.c)
    }

    pub(super) fn is_mark(&self) -> bool {
        !self.emoji && (classes::is_mark(self.c) || classes::is_jamo_behind(self.source))
    }

    pub(super) fn is_apostrophe(&self) -> bool {
        !self.emoji && classes::is_apostrophe(self.c)
    }

    /// One more of a run of plain letters. Joiners and the like end it: they are no part of names and addresses.
    pub(super) fn is_ascii(&self) -> bool {
        !self.emoji && self.joined && self.source.is_ascii() && self.c.is_ascii()
    }
}

pub(super) fn of(text: &str) -> Vec<Letter> {
    let mut letters = Vec::new();
    let mut plain = Vec::new();
    for (at, cluster) in text.grapheme_indices(true).flat_map(tone_apart) {
        let picture = classes::emoji(cluster);
        if picture > 0 {
            letters.extend(compatible(&std::mem::take(&mut plain)));
            letters.push(emoji(at, &cluster[..picture]));
        }
        let chars = cluster[picture..].char_indices().map(|(offset, c)| (at + picture + offset, c));
        plain.extend(chars.filter(|(_, c)| !classes::is_dropped(*c)));
    }
    letters.extend(compatible(&plain));
    for at in 1..letters.len() {
        let before = &letters[at - 1];
        letters[at].joined = [before.start, before.end].contains(&letters[at].start);
    }
    letters
}

/// A skin tone behind a letter, which has none, is a picture of its own.
fn tone_apart((at, cluster): (usize, &str)) -> Vec<(usize, &str)> {
    match cluster.find(classes::is_skin_tone) {
        Some(tone) if tone > 0 && classes::emoji(cluster) <= tone => {
            vec![(at, &cluster[..tone]), (at + tone, &cluster[tone..])]
        }
        _ => vec![(at, cluster)],
    }
}

fn emoji(at: usize, cluster: &str) -> Letter {
    let source = cluster.chars().next().unwrap_or(' ');
    let (start, end) = (at, at + cluster.len());
    Letter { c: source, form: cluster.to_owned(), source, start, end, emoji: true, joined: true }
}

/// The compatibility form, cluster by cluster.
fn compatible(chars: &[(usize, char)]) -> Vec<Letter> {
    let text: String = chars.iter().map(|(_, c)| c).collect();
    let mut rest = chars;
    let mut letters = Vec::new();
    for cluster in text.graphemes(true) {
        let (these, others) = rest.split_at(cluster.chars().count());
        rest = others;
        letters.extend(of_cluster(cluster, these));
    }
    letters
}

/// Characters that become others together share the place of all of them.
fn of_cluster(cluster: &str, chars: &[(usize, char)]) -> Vec<Letter> {
    let each: String = chars.iter().flat_map(|(_, c)| c.nfkc()).collect();
    if cluster.nfkc().eq(each.chars()) {
        return chars.iter().map(|from| letter(from.1.nfkc().collect(), &[*from])).collect();
    }
    let composed = cluster.nfkc().map(|c| letter(c.to_string(), chars));
    composed.collect()
}

fn letter(form: String, from: &[(usize, char)]) -> Letter {
    let (start, source) = from[0];
    let (last, c) = from[from.len() - 1];
    Letter {
        c: said(source, &form),
        form,
        source,
        start,
        end: last + c.len_utf8(),
        emoji: false,
        joined: true,
    }
}

/// The character that tells what a letter is.
fn said(source: char, form: &str) -> char {
    let plain = |c: char| c.is_alphanumeric() && !classes::is_unspaced(c);
    let mut chars = form.chars();
    match (chars.next(), chars.next()) {
        (Some('_'), None) if !matches!(source, '_' | '＿') => source,
        (Some(one), None) => one,
        _ if source.is_alphanumeric() => source,
        _ if !"™℠₨﷼".contains(source) && source < '\u{10000}' && form.chars().all(plain) => 'a',
        _ => source,
    }
}
