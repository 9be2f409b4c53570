//! Takes secrets out of what is shown: receivers like to repeat the path or the header that they did not like.

/// Anything shorter is a word, not a secret.
const LEAST: usize = 6;
const SHOWN: usize = 200;

/// What must not be shown.
#[derive(Clone, Default)]
pub(super) struct Mask(Vec<String>);

impl Mask {
    /// Adds a secret: all of it, and each of its parts that could stand alone.
    pub(super) fn add(&mut self, secret: &str) {
        let parts = secret.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.~+%".contains(c)));
        self.0.extend(parts.chain([secret]).filter(|part| part.len() >= LEAST).map(str::to_owned));
        // The longest first: a part of it must not save the rest.
        self.0.sort_by_key(|part| std::cmp::Reverse(part.len()));
        self.0.dedup();
    }

    /// At most 200 characters of the text on one line, without secrets.
    pub(super) fn show(&self, text: &str) -> String {
        let hidden = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"));
        let one_line = hidden.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
        let one_line = one_line.collect::<Vec<_>>().join(" ");
        match one_line.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}\u{2026}", &one_line[..end]),
            None => one_line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_their_parts_are_hidden_and_words_are_not() {
        let mut mask = Mask::default();
        mask.add("/services/T000/B0SECRET0/xyzzy-token?key=abcdefgh");
        mask.add("Bearer s3cr3t-header");
        let check = |text: &str, expected: &str| assert_eq!(mask.show(text), expected);
        check("Cannot POST /services/T000/B0SECRET0/xyzzy-token?key=abcdefgh", "Cannot POST ***");
        check("no team B0SECRET0 with xyzzy-token", "no team *** with ***");
        check("bad key abcdefgh, bad s3cr3t-header", "bad key ***, bad ***");
        check("no\n\n such\tpage\u{7}", "no such page");
        assert_eq!(mask.show(&"é".repeat(300)).chars().count(), 201);
    }
}
