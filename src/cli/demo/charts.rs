//! Small charts and tables for a terminal.
//!
//! **Invariant:** pure text; every function knows that a Chinese character takes two columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Left part of a cell, in eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// One character a value, scaled to `top`: nothing for zero or less, the full block for `top` and more.
pub(crate) fn sparkline(values: &[i64], top: i64) -> String {
    values
        .iter()
        .map(|value| match *value {
            ..=0 => ' ',
            // Ceiling, so that one mention can be seen.
            value => STEPS[(((value * 8 + top - 1) / top.max(1)).clamp(1, 8) - 1) as usize],
        })
        .collect()
}

/// A horizontal bar of `share` (0 to 1) of `columns`, to the eighth of a column.
pub(crate) fn bar(share: f64, columns: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (columns * 8) as f64).round() as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// How many of `columns` each part gets, by largest remainder, so that they always fill the row.
pub(crate) fn divide(parts: &[i64], columns: usize) -> Vec<usize> {
    let total: i64 = parts.iter().sum();
    if total <= 0 {
        return vec![0; parts.len()];
    }
    let exact = |part: &i64| part * columns as i64;
    let mut cells: Vec<usize> = parts.iter().map(|p| (exact(p) / total) as usize).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(exact(&parts[*i]) % total));
    let missing = columns - cells.iter().sum::<usize>();
    order.into_iter().take(missing).for_each(|i| cells[i] += 1);
    cells
}

/// Filled with spaces on the right to `columns`; cut with `…` if longer.
pub(crate) fn left(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let fill = columns.saturating_sub(text.width());
    text + &" ".repeat(fill)
}

/// Filled with spaces on the left to `columns`.
pub(crate) fn right(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(text.width())) + text
}

/// At most `columns` wide, with `…` where something is left out. Line breaks become spaces.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.width() <= columns {
        return text;
    }
    let (mut out, mut used) = (String::new(), 1);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// Lines of at most `columns`, broken at spaces where there are any, else between characters.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for piece in text.split_inclusive(char::is_whitespace).flat_map(|word| chop(word, columns)) {
        if used + piece.trim_end().width() > columns && used > 0 {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        used += piece.width();
        line.push_str(piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The word, in pieces of one character if it is Chinese or too long for a line: there a line may break anywhere.
fn chop(word: &str, columns: usize) -> Vec<&str> {
    let breakable = word.width() > columns || word.chars().any(|c| c.width() == Some(2));
    if !breakable {
        return vec![word];
    }
    word.char_indices().map(|(at, c)| &word[at..at + c.len_utf8()]).collect()
}

/// `12345678` as `12,345,678`.
pub(crate) fn thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::from(if value < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `3 d 4 h`, `11 h 39 min`, `7 min`: milliseconds for people.
pub(crate) fn duration(millis: i64) -> String {
    let minutes = millis / 60_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, m) => format!("{m} min"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, h, _) => format!("{d} d {h} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparklines_show_the_smallest_and_the_greatest() {
        assert_eq!(sparkline(&[0, 1, 50, 100], 100), " ▁▄█");
        assert_eq!(sparkline(&[], 0), "");
        assert_eq!(sparkline(&[3, -2, 0], 0), "█  ");
    }

    #[test]
    fn bars_are_as_wide_as_their_share() {
        for (share, expected) in [(0.0, ""), (0.5, "██"), (1.0, "████"), (0.53, "██▏"), (9.0, "████")]
        {
            assert_eq!(bar(share, 4), expected, "{share}");
        }
    }

    #[test]
    fn parts_fill_the_row() {
        assert_eq!(divide(&[1, 1, 1], 10), [4, 3, 3]);
        assert_eq!(divide(&[0, 999, 1], 4), [0, 4, 0]);
        assert_eq!(divide(&[0, 0], 10), [0, 0]);
    }

    #[test]
    fn chinese_takes_two_columns() {
        assert_eq!(left("泛联航空", 10), "泛联航空  ");
        assert_eq!(left("泛联航空", 6), "泛联… ");
        assert_eq!(right("12", 4), "  12");
        assert_eq!(cut("a\n b", 9), "a b");
        assert_eq!(wrap("一二三四五", 4), ["一二", "三四", "五"]);
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    }

    #[test]
    fn numbers_and_spans_are_readable() {
        assert_eq!(thousands(-1_234_567), "-1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(duration(41_940_000), "11 h 39 min");
    }
}
