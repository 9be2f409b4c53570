//! The text as the n-grams see it, cut into stretches and tokens in one pass.

use super::super::super::house::Hit;

/// What a link becomes.
const LINK: &[u8] = b"http";
/// What a handle becomes: names say nothing.
const HANDLE: &[u8] = b"@user";

/// The text in lower case with links and handles replaced, cut into tokens.
///
/// What stands between spaces, a stretch, mostly stays where it is; one that changes is written anew behind the text.
#[derive(Debug, Default)]
pub(in crate::analysis::sentiment::model) struct Cleaned {
    /// The text between two blanks, a blank for each white space and for what is gone; then the changed stretches, a
    /// blank behind each; then eight zeros, so that eight bytes can be read from anywhere inside.
    pub(super) bytes: Vec<u8>,
    /// Where the changed stretches begin.
    pub(super) changed: usize,
    /// Where each byte of the changed stretches comes from in the original.
    origins: Vec<u32>,
    /// All that is not blank, in the order of the original.
    pub(super) tokens: Vec<Token>,
    /// Room for as many tokens as there are bytes; never shrinks, so that nothing has to be cleared.
    room: Vec<Token>,
    /// For each byte but the first and the last whether something may change around it, as 1 or 0; room as well.
    odd: Vec<u8>,
}

/// A word, signs that stand together, or another character.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Token {
    pub(super) start: u32,
    pub(super) end: u32,
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

/// Where the current token of a changed stretch began, and the last two bytes, of which more than two equal ones are
/// squeezed.
struct Open {
    start: usize,
    class: u8,
    before: u8,
    one_before: u8,
}

impl Cleaned {
    /// There is no word in it and no emoji.
    pub(super) fn is_marks_alone(&self) -> bool {
        let is_mark = |token: &Token| !token.is_word && self.bytes[token.start as usize].is_ascii();
        self.tokens.iter().all(is_mark)
    }

    /// Replaces the contents by those of `text`, in which `hits` are blanks.
    pub(super) fn fill(&mut self, text: &[u8], hits: &[Hit]) {
        self.bytes.clear();
        self.origins.clear();
        self.bytes.reserve(2 * text.len() + 16);
        self.bytes.push(b' ');
        self.bytes.extend(text.iter().map(|b| if *b <= b' ' { b' ' } else { b.to_ascii_lowercase() }));
        self.bytes.push(b' ');
        self.changed = self.bytes.len();
        for hit in hits {
            self.bytes[1 + hit.start as usize..1 + hit.end as usize].fill(b' ');
        }
        self.tokens.clear();
        let tokens = cut(&self.bytes, &mut self.room);
        if find_odd(&self.bytes, &mut self.odd) {
            let cut = tokens.len();
            self.change_stretches(text, cut);
        } else {
            self.tokens.extend_from_slice(tokens);
        }
        self.bytes.extend_from_slice(&[0; 8]);
    }

    /// Where in the original a byte comes from.
    pub(super) fn origin(&self, at: usize) -> u32 {
        match at.checked_sub(self.changed) {
            None => at as u32 - 1,
            Some(at) => self.origins.get(at).copied().unwrap_or(0),
        }
    }

    /// Writes anew the stretches around what is odd. There are `cut` tokens in the room.
    fn change_stretches(&mut self, text: &[u8], cut: usize) {
        let (room, odd) = (std::mem::take(&mut self.room), std::mem::take(&mut self.odd));
        let (mut tokens, mut end) = (&room[..cut], 0);
        for (at, _) in (1..self.changed - 1).zip(&odd).filter(|(_, odd)| **odd != 0) {
            if at < end {
                continue;
            }
            let is_inside = |b: &&u8| **b != b' ';
            let start = at - self.bytes[..at].iter().rev().take_while(is_inside).count();
            end = at + self.bytes[at..].iter().take_while(is_inside).count();
            self.tokens.extend_from_slice(take_before(&mut tokens, start));
            take_before(&mut tokens, end);
            self.change(&text[..end - 1], start - 1);
            self.push(b' ', end - 1);
            self.bytes[start..end].fill(b' ');
        }
        self.tokens.extend_from_slice(tokens);
        (self.room, self.odd) = (room, odd);
    }

    #[inline]
    fn push(&mut self, b: u8, from: usize) {
        self.bytes.push(b);
        self.origins.push(from as u32);
    }

    /// Writes the stretch that begins at `at` and ends with the text.
    fn change(&mut self, text: &[u8], at: usize) {
        let mut open = Open { start: self.bytes.len(), class: WORD, before: 0, one_before: 0 };
        let mut at = match &text[at..] {
            stretch if is_link(stretch) => self.whole_link(text, at),
            stretch if is_handle(stretch) => self.handle(text, at),
            _ => at,
        };
        while let Some(&b) = text.get(at) {
            match class(b) {
                WIDE => at += self.wide(text, at, &mut open),
                class => {
                    self.narrow(b, class, at, &mut open);
                    at += 1;
                }
            }
        }
        self.close(&open);
    }

    /// Takes in a byte of a word or a sign.
    #[inline]
    fn narrow(&mut self, b: u8, class: u8, at: usize, open: &mut Open) {
        let b = b.to_ascii_lowercase();
        if b == open.before && b == open.one_before && b < 0x80 {
            return;
        }
        if class != open.class {
            self.close(open);
            (open.start, open.class) = (self.bytes.len(), class);
        }
        self.push(b, at);
        (open.one_before, open.before) = (open.before, b);
    }

    /// Takes in a character of three or four bytes and gives their number. The curly apostrophe is the straight
    /// one; a variation selector is nothing.
    fn wide(&mut self, text: &[u8], at: usize, open: &mut Open) -> usize {
        match &text[at..] {
            [0xe2, 0x80, 0x98 | 0x99, ..] => self.narrow(b'\'', WORD, at, open),
            [0xef, 0xb8, 0x8f, ..] => {}
            rest => {
                let character = &rest[..length(rest[0])];
                self.close(open);
                open.start = self.bytes.len();
                character.iter().for_each(|b| self.push(*b, at));
                (open.class, open.before) = (WIDE, 0);
                self.close(open);
                open.start = self.bytes.len();
                return character.len();
            }
        }
        3
    }

    /// Ends the current token, if there is anything in it.
    #[inline]
    fn close(&mut self, open: &Open) {
        let end = self.bytes.len();
        if open.start < end {
            let (start, is_word) = (open.start, open.class == WORD);
            self.tokens.push(Token { start: start as u32, end: end as u32, is_word });
        }
    }

    fn whole_link(&mut self, text: &[u8], at: usize) -> usize {
        LINK.iter().for_each(|b| self.push(*b, at));
        end_of(text, at, |class| class != SPACE)
    }

    fn handle(&mut self, text: &[u8], at: usize) -> usize {
        HANDLE.iter().for_each(|b| self.push(*b, at));
        end_of(text, at, |class| class == WORD)
    }
}

/// Bytes of the character of three or four that begins so.
fn length(first: u8) -> usize {
    if first >= 0xf0 { 4 } else { 3 }
}

/// The tokens of `bytes`, which begin and end with a blank: a loop without branches that depend on the text.
fn cut<'r>(bytes: &[u8], room: &'r mut Vec<Token>) -> &'r [Token] {
    if room.len() < bytes.len() {
        room.resize(bytes.len(), Token::default());
    }
    let (mut count, mut start, mut open) = (0, 0, SPACE);
    for (at, &b) in (0..).zip(bytes) {
        // What goes on with a character belongs to its beginning.
        let class = if b & 0xc0 == 0x80 { open } else { class(b) };
        let ends = class != open || b >= 0xe0;
        room[count] = Token { start, end: at, is_word: open == WORD };
        count += usize::from(ends && open != SPACE);
        start = if ends { at } else { start };
        open = class;
    }
    &room[..count]
}

/// Splits off the tokens that begin before `end`.
fn take_before<'t>(tokens: &mut &'t [Token], end: usize) -> &'t [Token] {
    let count = tokens.iter().take_while(|token| (token.start as usize) < end).count();
    let (before, behind) = tokens.split_at(count);
    *tokens = behind;
    before
}

/// Where the run of bytes of such classes ends that begins at `at`.
fn end_of(text: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    text[at..].iter().position(|b| !belongs(class(*b))).map_or(text.len(), |length| at + length)
}

/// Says of each byte but the first and the last whether something may change around it: three equal bytes, a curly
/// apostrophe, a variation selector, a sign of a link or of a handle. Gives back whether there is any such.
fn find_odd(bytes: &[u8], odd: &mut Vec<u8>) -> bool {
    if odd.len() < bytes.len() {
        odd.resize(bytes.len(), 0);
    }
    let [one, two] = [1, 2].map(|from| bytes.get(from..).unwrap_or_default());
    let mut any = 0;
    for (((odd, a), b), c) in odd.iter_mut().zip(bytes).zip(one).zip(two) {
        let is_odd = (*b == b'@')
            | ((a == b) & (b == c) & (*a != b' '))
            | ((*a == 0xe2) & (*b == 0x80) & (*c & 0xfe == 0x98))
            | ((*a == 0xef) & (*b == 0xb8) & (*c == 0x8f))
            | ((*a == b'/') & (*b == b'/') & (*c != b' '))
            | ((*a == b'w') & (*b == b'w') & (*c == b'.'));
        *odd = u8::from(is_odd);
        any |= *odd;
    }
    any != 0
}

fn is_link(stretch: &[u8]) -> bool {
    matches!(stretch.first(), Some(b'h' | b'w'))
        && [&b"http://"[..], b"https://", b"www."].iter().any(|start| stretch.starts_with(start))
}

fn is_handle(stretch: &[u8]) -> bool {
    matches!(stretch, [b'@', next, ..] if class(*next) == WORD)
}
