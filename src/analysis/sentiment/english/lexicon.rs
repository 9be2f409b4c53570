//! The word list as a hash table, and the emoji descriptions.
//!
//! **Invariant:** keys are ASCII, lower case, without spaces, at most [`KEY_BYTES`] long. Entries of the
//! source files that are otherwise (14 with capitals, 3 of two words) can never match a lower-cased
//! token in the reference either, so leaving them out changes nothing.

use rustc_hash::FxHashMap;

use super::super::beyond::OPENERS;
use super::words::{self, BOOST, Word};

/// Longest key; longer tokens match nothing.
pub(super) const KEY_BYTES: usize = 24;

const LEXICON: &str = include_str!("../../../../lexicons/en/vader_lexicon.txt");
const EMOJI: &str = include_str!("../../../../lexicons/en/emoji_utf8_lexicon.txt");

/// Slots of the table: a power of two, more than twice the entries.
const SLOTS: usize = 1 << 14;

/// What is known of a word.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    /// Valence of a rated word, -4 to 4.
    pub(super) valence: Option<f64>,
    /// What it adds to a following positive word; 0 if it is no intensifier or dampener.
    pub(super) boost: f64,
    pub(super) negates: bool,
    /// An idiom may begin with it, or hold it.
    pub(super) opens: bool,
    pub(super) word: Word,
}

type Key = [u64; KEY_BYTES / 8];

/// Word -> entry with open addressing: a slot holds 16 bits of the hash, so that an unknown word is
/// told from the 64 KB of slots alone.
#[derive(Debug)]
pub(super) struct Lexicon {
    /// A bit for the first 16 bits of each hash: 8 KB that stay in the nearest cache and tell most words
    /// that are not here.
    known: Vec<u64>,
    slots: Vec<u32>,
    keys: Vec<Key>,
    entries: Vec<Entry>,
    emoji: FxHashMap<char, &'static str>,
}

impl Lexicon {
    /// Parses the built-in files; takes a few milliseconds.
    pub(super) fn builtin() -> Lexicon {
        let mut lexicon = Lexicon {
            known: vec![0; 1 << 16 >> 6],
            slots: vec![0; SLOTS],
            keys: vec![Key::default()],
            entries: vec![Entry::default()],
            emoji: single_emoji(),
        };
        lexicon.add_rated_words();
        lexicon.add_function_words();
        lexicon
    }

    /// The entry of the token at the start of `padded`, which is `len` bytes long and lower case.
    /// `padded` must go on for [`KEY_BYTES`]; else, and for long tokens, there is no entry.
    #[inline]
    pub(super) fn find(&self, padded: &[u8], len: usize) -> Option<&Entry> {
        self.entries.get(self.index(&key_of(padded, len)?)?)
    }

    /// There may be an entry of the token with this hash ([`hash_of`]); if not, there is none.
    #[inline]
    pub(super) fn may_know(&self, hash: u64) -> bool {
        let bit = bit_of(hash);
        self.known.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    #[inline]
    fn index(&self, key: &Key) -> Option<usize> {
        let (mut slot, tag, _) = hash(key);
        loop {
            let found = *self.slots.get(slot)?;
            if found == 0 {
                return None;
            }
            let index = (found & 0xffff) as usize;
            if found >> 16 == tag && self.keys.get(index) == Some(key) {
                return Some(index);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// The words that stand for an emoji of one code point.
    pub(super) fn emoji(&self, c: char) -> Option<&'static str> {
        self.emoji.get(&c).copied()
    }

    /// Every emoji of one code point and its words.
    pub(super) fn all_emoji(&self) -> impl Iterator<Item = (char, &'static str)> {
        self.emoji.iter().map(|(c, words)| (*c, *words))
    }

    /// A later line replaces an earlier one of the same word, as in the reference.
    fn add_rated_words(&mut self) {
        for line in LEXICON.lines() {
            let mut fields = line.trim().split('\t');
            let (Some(word), Some(valence)) = (fields.next(), fields.next()) else { continue };
            if let (Some(entry), Ok(valence)) = (self.entry(word), valence.parse()) {
                entry.valence = Some(valence);
            }
        }
    }

    fn add_function_words(&mut self) {
        let boosts = words::INTENSIFIERS.iter().map(|w| (w, BOOST));
        for (word, boost) in boosts.chain(words::DAMPENERS.iter().map(|w| (w, -BOOST))) {
            self.change(word, |e| e.boost = boost);
        }
        for word in words::NEGATIONS {
            self.change(word, |e| e.negates = true);
        }
        for word in OPENERS.iter().chain(words::NEGATIONS) {
            self.change(word, |e| e.opens = true);
        }
        for &(text, word) in words::NAMED_WORDS {
            self.change(text, |e| e.word = word);
        }
    }

    fn change(&mut self, word: &str, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entry(word) {
            change(entry);
        }
    }

    /// The entry of `word`, made if it is new; `None` if the word cannot be a key.
    fn entry(&mut self, word: &str) -> Option<&mut Entry> {
        let possible = word.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase());
        if !possible || word.is_empty() {
            return None;
        }
        let mut padded = [0; KEY_BYTES];
        padded.get_mut(..word.len())?.copy_from_slice(word.as_bytes());
        let key = key_of(&padded, word.len())?;
        let index = match self.index(&key) {
            Some(index) => index,
            None => self.insert(key)?,
        };
        self.entries.get_mut(index)
    }

    fn insert(&mut self, key: Key) -> Option<usize> {
        let index = self.entries.len();
        let (mut slot, tag, bit) = hash(&key);
        *self.known.get_mut(bit / 64)? |= 1 << (bit % 64);
        while *self.slots.get(slot)? != 0 {
            slot = (slot + 1) % SLOTS;
        }
        *self.slots.get_mut(slot)? = tag << 16 | u32::from(u16::try_from(index).ok()?);
        self.keys.push(key);
        self.entries.push(Entry::default());
        Some(index)
    }
}

/// The reference goes through a text code point by code point, so longer sequences never match.
fn single_emoji() -> FxHashMap<char, &'static str> {
    let mut map = FxHashMap::default();
    for line in EMOJI.lines() {
        let mut fields = line.trim().split('\t');
        let (Some(emoji), Some(words)) = (fields.next(), fields.next()) else { continue };
        let mut chars = emoji.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            map.insert(c, words);
        }
    }
    map
}

/// The bytes of a token as integers, zero beyond its end.
#[inline]
fn key_of(padded: &[u8], len: usize) -> Option<Key> {
    let bytes: &[u8; KEY_BYTES] = padded.first_chunk()?;
    if len > KEY_BYTES {
        return None;
    }
    let mut key = Key::default();
    for (i, (part, bytes)) in key.iter_mut().zip(bytes.as_chunks::<8>().0).enumerate() {
        let inside = len.saturating_sub(i * 8).min(8);
        // A shift by 64 is not defined, so the empty part is a case of its own.
        let mask = if inside == 0 { 0 } else { u64::MAX >> (64 - inside * 8) };
        *part = u64::from_le_bytes(*bytes) & mask;
    }
    Some(key)
}

/// The parts are multiplied independently of each other, which is faster than one after the other; the fold brings the
/// high bits down before the last product.
#[inline]
fn mix(key: &Key) -> u64 {
    const K: [u64; 3] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93, 0xa076_1d64_78bd_642f];
    let mixed = key.iter().zip(K).fold(0u64, |h, (part, k)| h ^ part.wrapping_mul(k));
    (mixed ^ (mixed >> 32)).wrapping_mul(K[0])
}

/// The hash of the token at the start of `padded`, as [`Lexicon::find`] takes it; that of all long ones is the same.
#[inline]
pub(super) fn hash_of(padded: &[u8], len: usize) -> u64 {
    key_of(padded, len).map_or(0, |key| mix(&key))
}

/// The hash of a word in lower case.
pub(in crate::analysis::sentiment) fn word_hash(word: &str) -> u64 {
    let mut padded = word.as_bytes().to_vec();
    padded.extend([0; KEY_BYTES]);
    hash_of(&padded, word.len())
}

/// First slot, tag and bit of a key.
#[inline]
fn hash(key: &Key) -> (usize, u32, usize) {
    let h = mix(key);
    ((h >> 50) as usize % SLOTS, (h >> 16) as u32 & 0xffff, bit_of(h))
}

/// The bit of a hash among those of all known words.
#[inline]
fn bit_of(hash: u64) -> usize {
    (hash >> 48) as usize
}
