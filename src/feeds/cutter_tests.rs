use proptest::prelude::*;

use super::*;

/// Gives its bytes in small reads of changing size.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1 * 7 % 11 + 1;
        let n = self.1.min(out.len()).min(self.0.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// Every record as text, offset, line, next offset, next line, whole length.
type Seen = (String, u64, u64, u64, u64, Option<u64>);

fn cut(bytes: &[u8], framing: Framing, batch_bytes: usize, max_record_bytes: usize, live: bool) -> Vec<Seen> {
    let limits = Limits { batch_bytes, max_record_bytes, live };
    let mut cutter = Cutter::new(Dribble(bytes, 3), framing, limits, 0, 1);
    let mut seen = Vec::new();
    while let Some(cut) = cutter.next_cut().unwrap() {
        assert!(!cut.slices.is_empty());
        for s in &cut.slices {
            let text = String::from_utf8_lossy(&cut.payload[s.start..s.end]).into_owned();
            seen.push((text, s.offset, s.line, s.next_offset, s.next_line, s.whole_bytes));
        }
    }
    seen
}

#[test]
fn lines_with_and_without_an_end() {
    let seen = cut(b"a\nbb\r\n\nccc", Framing::Lines, 4, 100, false);
    let texts: Vec<_> = seen.iter().map(|s| (s.0.as_str(), s.1, s.2, s.3, s.4)).collect();
    assert_eq!(texts, [("a", 0, 1, 2, 2), ("bb", 2, 2, 6, 3), ("", 6, 3, 7, 4), ("ccc", 7, 4, 10, 4)]);
}

#[test]
fn a_record_over_the_limit_is_told_by_its_length() {
    let long = "x".repeat(200_000);
    let text = format!("a\n{long}\nb\n");
    for batch in [1, 1000, 1 << 20] {
        let seen = cut(text.as_bytes(), Framing::Lines, batch, 1000, false);
        assert_eq!(seen.len(), 3, "{batch}");
        assert_eq!(seen[1].0.len(), OVERSIZED_KEPT_BYTES);
        assert_eq!((seen[1].5, seen[2].0.as_str(), seen[2].2), (Some(200_000), "b", 3));
    }
}

#[test]
fn events_end_at_blank_lines() {
    let text = b":hi\n\nevent: update\ndata: 1\n\n\ndata: 2\r\n\r\n\n";
    for batch in [1, 9, 1000] {
        let seen = cut(text, Framing::Sse, batch, 1000, true);
        let texts: Vec<_> = seen.iter().map(|s| (s.0.as_str(), s.2)).collect();
        assert_eq!(texts, [(":hi", 1), ("event: update\ndata: 1", 3), ("data: 2", 7)], "{batch}");
    }
}

#[test]
fn a_document_is_cut_into_its_values_and_ends_at_the_end_of_the_file() {
    let seen = cut(b"{\n\"a\": 1\n}\n{\"b\": 2}\n\n", Framing::Document, 1, 1000, false);
    assert_eq!((seen[0].1, seen[0].3, seen[0].4), (0, 11, 4));
    assert_eq!((seen[1].0.as_str(), seen[1].2, seen[1].3), ("{\"b\": 2}", 4, 21));
    let seen = cut(&[b'['; 5000], Framing::Document, 1, 1000, false);
    assert_eq!((seen.len(), seen[0].5), (1, Some(5000)));
}

proptest! {
    #[test]
    fn batch_size_and_reads_do_not_show(
        text in "[ab\r\n]{0,200}", small in 1usize..40, max in 1usize..50, sse: bool
    ) {
        let framing = if sse { Framing::Sse } else { Framing::Lines };
        let whole = cut(text.as_bytes(), framing, 10_000, max, false);
        prop_assert_eq!(&cut(text.as_bytes(), framing, small, max, false), &whole);
        prop_assert_eq!(&cut(text.as_bytes(), framing, small, max, true), &whole);
    }
}
