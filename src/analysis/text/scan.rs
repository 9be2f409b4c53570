//! Where tokens begin and end.

use super::chars::{Class, Entry, bit};
use super::emoji::{cluster_len, keycap_len};
use super::emoticon;
use super::fold::{is_apostrophe, is_ignorable};
use super::pass::Pass;
use super::sigil::{self, Body, is_word_byte};
use super::token::TokenKind;

/// What an ASCII byte begins.
#[derive(Clone, Copy)]
enum Start {
    Nothing,
    Word,
    Sign,
}

const STARTS: [Start; 256] = {
    let mut starts = [Start::Nothing; 256];
    let mut byte = 0;
    while byte < 128 {
        if is_word_byte(byte as u8) {
            starts[byte] = Start::Word;
        } else if matches!(byte as u8, b'#' | b'@' | b'$' | b'*') || emoticon::is_start(byte as u8) {
            starts[byte] = Start::Sign;
        }
        byte += 1;
    }
    starts
};

impl Pass<'_, '_> {
    /// Everything from `at` to the end of the text.
    pub(super) fn scan(&mut self, mut at: usize) {
        while let Some(byte) = self.text.as_bytes().get(at) {
            at = if byte.is_ascii() {
                match STARTS[*byte as usize] {
                    Start::Nothing => at + 1,
                    Start::Word => self.word_or_url(at),
                    Start::Sign => self.sign(at, *byte, 1),
                }
            } else {
                self.wide(at, true)
            };
        }
    }

    /// The inside of a tag or handle: words and characters only; emoji are folded like signs, so
    /// that the folded form of the whole is that of its string.
    pub(super) fn scan_inside(&mut self, mut at: usize) {
        while let Some(byte) = self.text.as_bytes().get(at) {
            at = match byte {
                byte if is_word_byte(*byte) => self.word(at),
                byte if byte.is_ascii() => at + 1,
                _ => self.wide(at, false),
            };
        }
    }

    /// A character that is not ASCII begins here.
    fn wide(&mut self, at: usize, signs: bool) -> usize {
        let c = self.char_at(at);
        let entry = self.table.entry(c);
        let after = at + c.len_utf8();
        if emoticon::is_kaomoji_start(c)
            && let Some(len) = emoticon::kaomoji_len(self.text, at)
        {
            return self.whole(TokenKind::Emoticon, at, at + len);
        }
        match entry.class() {
            Class::Cjk if !entry.is_mark() => self.character(at, c, entry),
            Class::Word if !entry.is_mark() => self.word(at),
            Class::Emoji if signs => self.emoji(at, cluster_len(&self.text[at..])),
            Class::Sign if signs => {
                let sign = (c as u32).wrapping_sub(0xfee0) as u8;
                self.sign(at, sign, c.len_utf8())
            }
            _ => after,
        }
    }

    fn char_at(&self, at: usize) -> char {
        self.text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(' ')
    }

    /// `#`, `@`, `$`, `*`, or the beginning of a face.
    fn sign(&mut self, at: usize, sign: u8, len: usize) -> usize {
        let glued = self.word_end == at;
        let body = match sign {
            b'#' | b'*' if len == 1 && keycap_len(&self.text[at..]).is_some() => {
                let keycap = keycap_len(&self.text[at..]).unwrap_or(1);
                return self.emoji(at, keycap);
            }
            b'#' if !glued => {
                sigil::hashtag(self.text, at + len, self.table).map(|body| (TokenKind::Hashtag, body))
            }
            b'@' if !glued => {
                sigil::handle(self.text, at + len, self.table).map(|body| (TokenKind::Handle, body))
            }
            b'$' if !glued => sigil::cashtag(self.text, at + len).map(|body| (TokenKind::Cashtag, body)),
            _ => None,
        };
        if let Some((kind, body)) = body {
            return self.tag(kind, at, body);
        }
        match emoticon::face_len(self.text, at).filter(|_| len == 1) {
            Some(face) => self.whole(TokenKind::Emoticon, at, at + face),
            None => at + len,
        }
    }

    fn tag(&mut self, kind: TokenKind, at: usize, body: Body) -> usize {
        self.fold_to(body.start);
        self.fill_ahead(body.start);
        let (mut bits, mut cjk) = (0, false);
        for c in self.text[body.start..body.end].chars().filter(|c| !c.is_ascii()) {
            let entry = self.table.entry(c);
            bits |= entry.bits() | if entry.class() == Class::Ignorable { bit::RECASE } else { 0 };
            cjk |= entry.class() == Class::Cjk && !entry.is_mark();
        }
        let span = (at, body.token_end);
        if cjk {
            self.push_with_inner(kind, span, (body.start, body.end));
        } else {
            self.push(kind, span, (body.start, body.end), bits);
        }
        self.word_end = usize::MAX;
        body.token_end
    }

    /// A token that is its own body: an address, a face.
    fn whole(&mut self, kind: TokenKind, at: usize, end: usize) -> usize {
        self.fold_to(at);
        self.fill_ahead(at);
        let slow = if self.text[at..end].is_ascii() { 0 } else { bit::SLOW };
        self.push(kind, (at, end), (at, end), slow);
        end
    }

    fn emoji(&mut self, at: usize, len: usize) -> usize {
        self.fold_to(at);
        self.push_emoji(at, at + len);
        at + len
    }

    /// One CJK character and the marks on it.
    #[inline]
    fn character(&mut self, at: usize, c: char, entry: Entry) -> usize {
        let mut end = at + c.len_utf8();
        let mut bits = entry.bits();
        while let Some(next) = self.text[end..].chars().next().filter(|next| !next.is_ascii()) {
            let entry = self.table.entry(next);
            if !entry.is_mark() {
                break;
            }
            bits |= bit::SLOW;
            end += next.len_utf8();
        }
        if bits == 0 {
            self.push_char(at, c);
        } else {
            self.fold_to(at);
            self.push(TokenKind::Char, (at, end), (at, end), bits);
        }
        end
    }

    fn word_or_url(&mut self, at: usize) -> usize {
        let may_be_url =
            !self.options.terms_in_urls && matches!(self.text.as_bytes()[at] | 0x20, b'h' | b'w');
        if may_be_url && let Some(len) = sigil::url_len(&self.text[at..], self.table) {
            return self.whole(TokenKind::Url, at, at + len);
        }
        self.word(at)
    }

    fn word(&mut self, at: usize) -> usize {
        self.fold_to(at);
        self.fill_ahead(at);
        let (end, bits) = self.word_end_from(at);
        if end == at {
            let len = keycap_len(&self.text[at..]).unwrap_or(1);
            return self.emoji(at, len);
        }
        if end - at <= 3
            && let Some(len) = emoticon::word_face_len(self.text, at)
        {
            return self.whole(TokenKind::Emoticon, at, at + len);
        }
        self.push(TokenKind::Word, (at, end), (at, end), bits);
        self.word_end = end;
        end
    }

    /// Where the word from `at` ends, and the bits of its characters. `at` itself if it is a keycap.
    fn word_end_from(&self, at: usize) -> (usize, u8) {
        let bytes = self.text.as_bytes();
        let (mut end, mut bits) = (at, 0);
        loop {
            while bytes.get(end).is_some_and(|byte| is_word_byte(*byte)) {
                end += 1;
            }
            match bytes.get(end) {
                Some(b'\'') if bytes.get(end + 1).is_some_and(|byte| is_word_byte(*byte)) && end > at => {
                    end += 1
                }
                None => return (end, bits),
                Some(byte) if byte.is_ascii() && *byte != b'\'' => return (end, bits),
                _ if self.keycap_before(at, end) => return (self.end_before(at, end - 1), bits),
                _ => match self.word_step(at, end) {
                    Some((next, more)) => (end, bits) = (next, bits | more),
                    None => return (end, bits),
                },
            }
        }
    }

    /// Over one character that is not ASCII, after joiners and at most one apostrophe.
    fn word_step(&self, at: usize, from: usize) -> Option<(usize, u8)> {
        let (mut next, mut bits, mut apostrophe) = (from, 0, false);
        for c in self.text[from..].chars() {
            let entry = self.table.entry(c);
            match entry.class() {
                Class::Ignorable => bits |= bit::RECASE,
                Class::Apostrophe if !apostrophe && from > at => {
                    apostrophe = true;
                    bits |= if c == '\'' { 0 } else { bit::RECASE };
                }
                Class::Word => return Some((next + c.len_utf8(), bits | entry.bits())),
                Class::Cjk if entry.is_mark() && from > at => {
                    return Some((next + c.len_utf8(), bits | entry.bits()));
                }
                _ => return None,
            }
            next += c.len_utf8();
        }
        None
    }

    /// Where the word ends whose last digit is none of its letters: an apostrophe before that was not inside.
    fn end_before(&self, at: usize, digit: usize) -> usize {
        let word = self.text.get(at..digit).unwrap_or("");
        at + word.trim_end_matches(|c| is_apostrophe(c) || is_ignorable(c)).len()
    }

    /// The last digit of the word has a keycap on it: it is an emoji and no part of the word.
    fn keycap_before(&self, at: usize, end: usize) -> bool {
        end > at && self.text.get(end - 1..).is_some_and(|rest| keycap_len(rest).is_some())
    }
}
