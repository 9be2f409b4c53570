//! Puts words in the place of emoji and plain spaces in the place of rare ones.
//!
//! **Invariant:** only texts with a non-ASCII character come here; the result has no white space
//! outside ASCII and no Kelvin sign, so that the token pass need not look for them.

use super::lexicon::Lexicon;

/// A stretch of the expanded text that is not a copy of the original.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replaced {
    /// First byte in the expanded text, and one past the last.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The character in the original text.
    pub(super) original_start: u32,
    pub(super) original_end: u32,
}

/// Reused buffers for an expanded text.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    pub(super) text: String,
    /// Ascending; of use to `explain` and the house lexicon alone.
    pub(super) replaced: Vec<Replaced>,
}

impl Expanded {
    /// Fills the buffers from `text`.
    ///
    /// As in the reference, an emoji's words are set off by a space from what stands before, not from
    /// what follows: `😀!` becomes `grinning face!`, and a variation selector sticks to the last word.
    pub(super) fn fill(&mut self, text: &str, lexicon: &Lexicon) {
        self.text.clear();
        self.replaced.clear();
        let mut copied = 0;
        let mut after_space = true;
        for (start, c) in text.char_indices() {
            if c.is_ascii() {
                after_space = c == ' ';
                continue;
            }
            let emoji = lexicon.emoji(c);
            let words = emoji.or_else(|| plain_form(c));
            if let Some(words) = words {
                self.text.push_str(text.get(copied..start).unwrap_or_default());
                copied = start + c.len_utf8();
                if emoji.is_some() && !after_space {
                    self.text.push(' ');
                }
                self.replace(words, start, copied);
            }
            after_space = false;
        }
        self.text.push_str(text.get(copied..).unwrap_or_default());
    }

    fn replace(&mut self, words: &str, original_start: usize, original_end: usize) {
        let start = self.text.len() as u32;
        self.text.push_str(words);
        self.replaced.push(Replaced {
            start,
            end: self.text.len() as u32,
            original_start: original_start as u32,
            original_end: original_end as u32,
        });
    }

    /// Bytes of the original text that made `start..end` of the expanded one.
    pub(super) fn original_span(&self, start: u32, end: u32) -> (u32, u32) {
        (self.original_of(start, false), self.original_of(end, true))
    }

    fn original_of(&self, at: u32, is_end: bool) -> u32 {
        // An end at the very start of a replacement belongs to what stands before it.
        let behind = self.replaced.partition_point(|r| if is_end { r.start < at } else { r.start <= at });
        let last = behind.checked_sub(1).and_then(|last| self.replaced.get(last));
        match last {
            None => at,
            Some(r) if is_end && at <= r.end => r.original_end,
            Some(r) if !is_end && at < r.end => r.original_start,
            Some(r) => r.original_end + (at - r.end),
        }
    }
}

/// ASCII for the characters that the reference treats like it: white space of other blocks, and the
/// Kelvin sign, the one character outside ASCII whose lower case is an ASCII letter alone.
fn plain_form(c: char) -> Option<&'static str> {
    match c {
        '\u{212a}' => Some("K"),
        c if c.is_whitespace() => Some(" "),
        _ => None,
    }
}
