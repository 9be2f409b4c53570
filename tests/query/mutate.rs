//! Long queries as analysts write them: they are taken as they are, and no mutilation of them makes the
//! parser panic, hang or report nonsense.

use crate::common::{codes, parsed};
use crate::total::{check_pair, check_parse, check_tools};

/// Queries of several thousand characters, with the most terms that one of their posts is made of.
const LONG: &[(&str, &str)] = &[
    ("airline", include_str!("../data/queries/airline.bwq")),
    ("phones", include_str!("../data/queries/phones.bwq")),
    ("bank", include_str!("../data/queries/bank.bwq")),
];

/// What gets in between.
const PIECES: &[&str] = &[
    "(",
    ")",
    "((",
    "))",
    "\"",
    "“",
    "{",
    "}",
    "[",
    "]",
    "[1 TO",
    "~",
    "~5",
    "~99999",
    " NEAR/3 ",
    "NEAR/",
    " NOT ",
    " OR ",
    " AND ",
    "<<<",
    ">>>",
    "*",
    "?",
    "\\",
    ":",
    "author:",
    "rating:",
    "raw:",
    "site:(",
    "title:\"",
    "#",
    "@",
    "\u{0}",
    "\u{FEFF}",
    "\u{301}",
    "👩‍💻",
    "微",
    "０",
    "（",
    "］",
    "\n",
    ",",
    "https://",
    "\u{10900}",
    "é",
];

/// A small generator: the same seed gives the same run on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    /// A place between two characters.
    fn place(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap()
    }

    fn span(&mut self, text: &str) -> (usize, usize) {
        let (a, b) = (self.place(text), self.place(text));
        let (start, end) = (a.min(b), a.max(b));
        // Mostly short: long cuts leave little to look at.
        let short = (start + self.below(40)).min(end);
        (start, (short..=end).find(|at| text.is_char_boundary(*at)).unwrap())
    }

    fn mutate(&mut self, text: &mut String) {
        let (start, end) = self.span(text);
        match self.below(5) {
            0 => text.replace_range(start..end, ""),
            1 => {
                let copy = text[start..end].to_owned();
                let at = self.place(text);
                text.insert_str(at, &copy);
            }
            2 => text.replace_range(start..end, PIECES[self.below(PIECES.len())]),
            3 => {
                let turned: String = text[start..end].chars().rev().collect();
                text.replace_range(start..end, &turned);
            }
            _ => text.insert_str(start, PIECES[self.below(PIECES.len())]),
        }
    }
}

#[test]
fn long_queries_are_taken_without_a_word() {
    for (name, text) in LONG {
        assert!(text.len() > 2_500, "{name} is short");
        let parsed = parsed(text);
        assert!(parsed.query.is_some(), "{name}: {:?}", parsed.problems);
        assert_eq!(codes(&parsed), [] as [&str; 0], "{name}: {:?}", parsed.problems);
    }
}

/// `EARFUL_QUERY_MUTATIONS=100000 cargo test --release --test query mutilated` for a long run.
#[test]
fn mutilated_long_queries_are_reported_and_nothing_else() {
    let count =
        std::env::var("EARFUL_QUERY_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(150);
    for seed in 0..count {
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (seed + 1));
        let (name, text) = LONG[random.below(LONG.len())];
        let mut mutated = text.to_owned();
        for _ in 0..=random.below(4) {
            random.mutate(&mut mutated);
        }
        let (start, end) = random.span(text);
        let run = std::panic::catch_unwind(|| {
            check_parse(&mutated);
            check_tools(&mutated);
            check_pair(&mutated, &text[start..end], "Die Lufthansa hat AeroNova 微软 #新机 don't @x C++ 50%");
        });
        assert!(run.is_ok(), "{name}, seed {seed}:\n{mutated}");
    }
}

/// Whole queries put together until a limit says no.
#[test]
fn what_is_too_long_is_refused_at_once() {
    let joined = LONG.iter().map(|(_, text)| format!("({text})")).collect::<Vec<_>>().join(" OR ");
    assert!(parsed(&joined).query.is_some());
    let many = vec![joined.as_str(); 65_536 / joined.len() + 1].join(" OR ");
    assert_eq!(codes(&parsed(&many)), ["E220"]);
    let nested = (0..70).fold("x".to_owned(), |inner, n| format!("(a{n} AND {inner})"));
    assert_eq!(codes(&parsed(&nested)), ["E222"]);
    let terms = (0..5_000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" OR ");
    assert_eq!(codes(&parsed(&terms)), ["E221"]);
}
