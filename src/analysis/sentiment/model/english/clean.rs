//! The text as the n-grams see it, cut into stretches and tokens in one pass.

use super::super::super::house::Hit;

/// What a link becomes.
const LINK: &[u8] = b"http";
/// What a handle becomes: names say nothing.
const HANDLE: &[u8] = b"@user";

/// The text in lower case, links and handles replaced, one space around each stretch.
#[derive(Debug, Default)]
pub(in crate::analysis::sentiment::model) struct Cleaned {
    /// Eight zeros follow the text, so that eight bytes can be read from anywhere inside.
    pub(super) bytes: Vec<u8>,
    /// Where each byte comes from in the original; for cues alone.
    pub(super) origin: Vec<u32>,
    /// First byte and one past the last of what stands between spaces; never empty.
    pub(super) stretches: Vec<(usize, usize)>,
    pub(super) tokens: Vec<Token>,
}

/// A word, signs that stand together, or another character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) is_word: bool,
}

/// ASCII that is no word.
const SIGN: u8 = 0;
/// Letters, digits, apostrophes and what sets off a tag or a handle. Two-byte characters are the letters of Latin,
/// Greek, Cyrillic and their neighbours, nearly all of them.
const WORD: u8 = 1;
/// Begins a character of three or four bytes, which is a token by itself.
const WIDE: u8 = 2;
const SPACE: u8 = 3;

const CLASS: [u8; 256] = {
    let mut class = [SIGN; 256];
    let mut b = 0;
    while b < 256 {
        class[b] = match b as u8 {
            0..=b' ' => SPACE,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'\'' | b'_' | b'#' | b'@' | 0x80..=0xdf => WORD,
            0xe0.. => WIDE,
            _ => SIGN,
        };
        b += 1;
    }
    class
};

#[inline]
fn class(b: u8) -> u8 {
    CLASS[usize::from(b)]
}

/// Where the current token began, and the last two bytes, of which more than two equal ones are squeezed.
struct Open {
    start: usize,
    class: u8,
    before: u8,
    one_before: u8,
}

impl Cleaned {
    /// Replaces the contents by those of `text` without `hits`; with `TRACE` also where they come from.
    pub(super) fn fill<const TRACE: bool>(&mut self, text: &[u8], hits: &[Hit]) {
        self.bytes.clear();
        self.bytes.reserve(text.len() + 16);
        self.origin.clear();
        self.stretches.clear();
        self.tokens.clear();
        self.push::<TRACE>(b' ', 0);
        let mut from = 0;
        for hit in hits {
            self.between::<TRACE>(&text[..hit.start as usize], from);
            from = hit.end as usize;
        }
        self.between::<TRACE>(text, from);
        self.bytes.extend_from_slice(&[0; 8]);
    }

    /// Takes in the stretches from `at` to the end of `text`.
    fn between<const TRACE: bool>(&mut self, text: &[u8], mut at: usize) {
        while at < text.len() {
            if class(text[at]) == SPACE {
                at += 1;
                continue;
            }
            let start = self.bytes.len();
            at = self.stretch::<TRACE>(text, at);
            // One of variation selectors alone has nothing in it.
            if self.bytes.len() > start {
                self.stretches.push((start, self.bytes.len()));
                self.push::<TRACE>(b' ', at);
            }
        }
    }

    #[inline]
    fn push<const TRACE: bool>(&mut self, b: u8, from: usize) {
        self.bytes.push(b);
        if TRACE {
            self.origin.push(from as u32);
        }
    }

    /// Takes in the stretch at `at` and gives its end.
    fn stretch<const TRACE: bool>(&mut self, text: &[u8], at: usize) -> usize {
        let mut open = Open { start: self.bytes.len(), class: WORD, before: 0, one_before: 0 };
        let mut at = match text[at] {
            b'h' | b'w' if is_link(&text[at..]) => self.whole_link::<TRACE>(text, at),
            b'@' if text.get(at + 1).is_some_and(|b| class(*b) == WORD) => self.handle::<TRACE>(text, at),
            _ => at,
        };
        while let Some(&b) = text.get(at) {
            match class(b) {
                SPACE => break,
                WIDE => at += self.wide::<TRACE>(text, at, &mut open),
                class => {
                    self.narrow::<TRACE>(b, class, at, &mut open);
                    at += 1;
                }
            }
        }
        self.close(&open);
        at
    }

    /// Takes in a byte of a word or a sign.
    #[inline]
    fn narrow<const TRACE: bool>(&mut self, b: u8, class: u8, at: usize, open: &mut Open) {
        let b = b.to_ascii_lowercase();
        if b == open.before && b == open.one_before && b < 0x80 {
            return;
        }
        if class != open.class {
            self.close(open);
            (open.start, open.class) = (self.bytes.len(), class);
        }
        self.push::<TRACE>(b, at);
        (open.one_before, open.before) = (open.before, b);
    }

    /// Takes in a character of three or four bytes and gives their number. The curly apostrophe is the straight
    /// one; a variation selector is nothing.
    fn wide<const TRACE: bool>(&mut self, text: &[u8], at: usize, open: &mut Open) -> usize {
        let length = if text[at] >= 0xf0 { 4 } else { 3 };
        match text.get(at..at + length).unwrap_or_default() {
            [0xe2, 0x80, 0x98 | 0x99] => self.narrow::<TRACE>(b'\'', WORD, at, open),
            [0xef, 0xb8, 0x8f] => {}
            character => {
                self.close(open);
                open.start = self.bytes.len();
                character.iter().for_each(|b| self.push::<TRACE>(*b, at));
                (open.class, open.before) = (WIDE, 0);
                self.close(open);
                open.start = self.bytes.len();
            }
        }
        length
    }

    /// Ends the current token, if there is anything in it.
    #[inline]
    fn close(&mut self, open: &Open) {
        let end = self.bytes.len();
        if open.start < end {
            self.tokens.push(Token { start: open.start, end, is_word: open.class == WORD });
        }
    }

    fn whole_link<const TRACE: bool>(&mut self, text: &[u8], at: usize) -> usize {
        LINK.iter().for_each(|b| self.push::<TRACE>(*b, at));
        end_of(text, at, |class| class != SPACE)
    }

    fn handle<const TRACE: bool>(&mut self, text: &[u8], at: usize) -> usize {
        HANDLE.iter().for_each(|b| self.push::<TRACE>(*b, at));
        end_of(text, at, |class| class == WORD)
    }
}

/// Where the run of bytes of such classes ends that begins at `at`.
fn end_of(text: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    text[at..].iter().position(|b| !belongs(class(*b))).map_or(text.len(), |length| at + length)
}

fn is_link(stretch: &[u8]) -> bool {
    [&b"http://"[..], b"https://", b"www."].iter().any(|start| stretch.starts_with(start))
}
