//! A place in a text, underlined as a compiler does.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of a line that are shown.
const WIDTH: usize = 100;
/// Columns that are shown before the place, when the line is longer than that.
const BEFORE: usize = 40;
/// Of what is farther away nothing is looked at: a line may be as long as a query, and have a problem at every character.
const NEAR_BYTES: usize = 2_048;

/// The line of `text` that holds byte `start`, and below it carets under `start..end`. A span of several
/// lines is underlined to the end of its first one; an empty span has one caret. Without a newline at the end.
pub(super) fn snippet(text: &str, start: usize, end: usize, line: usize) -> String {
    let first = boundary(text, start.saturating_sub(NEAR_BYTES));
    let last = boundary(text, start.saturating_add(NEAR_BYTES));
    let head = text.get(first..start).unwrap_or("");
    let from = head.rfind('\n').map_or(first, |at| first + at + 1);
    let to = text.get(start..last).and_then(|rest| rest.find('\n')).map_or(last, |length| start + length);
    let before = shown(text.get(from..start).unwrap_or(""));
    let marked = shown(text.get(start..end.min(to)).unwrap_or(""));
    let after = shown(text.get(end.min(to).max(start)..to).unwrap_or(""));
    let (before, marked, after) = (tail(&before, BEFORE), cut(&marked, WIDTH), after);
    let room = WIDTH.saturating_sub(before.width() + marked.width());
    let after = cut(&after, room.max(BEFORE / 2));
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let carets = format!("{}{}", " ".repeat(before.width()), "^".repeat(marked.width().max(1)));
    format!("{margin} |\n{number} | {before}{marked}{after}\n{margin} | {carets}")
}

/// The end of the character before which, or in which, this byte is; at most the end of the text.
fn boundary(text: &str, byte: usize) -> usize {
    (byte..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Tabs as four blanks, other control characters as a sign: a file must not steer the terminal.
fn shown(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            '\r' => {}
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out.trim_end_matches('\n').to_owned()
}

/// The first columns, with dots if something is left out.
fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= columns
    };
    text.chars().take_while(fits).chain("...".chars()).collect()
}

/// The last columns, with dots if something is left out.
fn tail(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut used = 0;
    let mut from = text.len();
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        from = at;
    }
    format!("...{}", &text[from..])
}

#[cfg(test)]
mod tests {
    use super::snippet;

    fn check(text: &str, marked: &str, expected: &str) {
        let start = text.find(marked).unwrap();
        let line = text[..start].matches('\n').count() + 1;
        assert_eq!(snippet(text, start, start + marked.len(), line), expected);
    }

    #[test]
    fn carets_stand_under_the_place() {
        check("a OR b AND c", "AND", "  |\n1 | a OR b AND c\n  |        ^^^");
        check("微软 AND (a*)", "a*", "  |\n1 | 微软 AND (a*)\n  |           ^^");
        check("微软", "软", "  |\n1 | 微软\n  |   ^^");
        check("cafe\u{301} a*", "a*", "  |\n1 | cafe\u{301} a*\n  |      ^^");
        check("👩‍💻 a*", "a*", "  |\n1 | 👩‍💻 a*\n  |    ^^");
        check("x\n\ta*", "a*", "  |\n2 |     a*\n  |     ^^");
        check("(a\nb", "(a\nb", "  |\n1 | (a\n  | ^^");
        check("a\u{1b}[2J b*", "b*", "  |\n1 | a\u{FFFD}[2J b*\n  |       ^^");
    }

    #[test]
    fn what_is_far_from_the_place_is_not_looked_at() {
        let text = format!("{}\n{}x{}", "é".repeat(3_000), "é".repeat(3_000), "é".repeat(3_000));
        let shown = snippet(&text, 12_001, 12_002, 2);
        assert!(shown.contains("...ééé") && shown.contains("éxé") && shown.ends_with("^"), "{shown}");
        assert_eq!(shown.lines().count(), 3);
    }

    #[test]
    fn a_place_at_the_end_has_a_caret() {
        assert_eq!(snippet("", 0, 0, 1), "  |\n1 | \n  | ^");
        assert_eq!(snippet("ab", 2, 2, 1), "  |\n1 | ab\n  |   ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}a*{}", "word OR ".repeat(500), " OR word".repeat(500));
        let start = text.find("a*").unwrap();
        let lines: Vec<String> = snippet(&text, start, start + 2, 1).lines().map(str::to_owned).collect();
        assert!(
            lines[1].len() < 130 && lines[1].contains("...") && lines[1].ends_with("..."),
            "{}",
            lines[1]
        );
        assert_eq!(lines[1].find("a*"), lines[2].find("^^"));
    }
}
