//! Where the words of the posts come from.

/// The longest body in characters. Feeds cut long texts; so do we, which keeps records near 450 bytes.
const CHARS_MAX: usize = 280;

/// 2,000 openly licensed posts, one a line, English and Chinese in turn; `benches/data/ORIGIN.md` says whose.
pub const BUNDLED: &str = include_str!("../../benches/data/posts.txt");

/// The texts of a file that has one a line; a line that begins with `# ` is a comment.
#[must_use]
pub fn texts(file: &str) -> Vec<String> {
    let lines = file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.map(|line| line.chars().take(CHARS_MAX).collect()).collect()
}

/// Puts `phrase` somewhere between the words of `text`; `dice` says where.
pub(super) fn insert(text: &str, phrase: &str, dice: u64, out: &mut String) {
    // A cursor into the spaces, found without a list of them.
    let spaces = text.matches(' ').count() as u64;
    let at = match spaces {
        0 => None,
        _ => text.match_indices(' ').nth((dice % spaces) as usize).map(|(at, _)| at),
    };
    let (before, after) = text.split_at(at.unwrap_or(text.len()));
    out.extend([before, " ", phrase, after]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_texts_are_many_and_short() {
        let texts = texts(BUNDLED);
        assert_eq!(texts.len(), 2_000);
        assert!(texts.iter().all(|text| text.chars().count() <= CHARS_MAX));
    }

    #[test]
    fn comments_and_empty_lines_are_no_texts() {
        assert_eq!(texts("# a comment\n\n one \n#tag two\n"), ["one", "#tag two"]);
    }

    #[test]
    fn phrases_stand_between_words() {
        let inserted = |text: &str, dice| {
            let mut out = String::new();
            insert(text, "X", dice, &mut out);
            out
        };
        assert_eq!(inserted("a b c", 0), "a X b c");
        assert_eq!(inserted("a b c", 3), "a b X c");
        assert_eq!(inserted("你好", 5), "你好 X");
    }
}
