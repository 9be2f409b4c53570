//! Wildcard patterns over one token or one field value.

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Letter(char),
    /// `?`: exactly one character.
    One,
    /// `*`: any run, also empty.
    Run,
}

/// A pattern with `*` and `?`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Glob {
    parts: Box<[Part]>,
}

impl Glob {
    /// From a text in which `run` and `one` stand for the wildcards.
    pub(super) fn new(text: &str, run: char, one: char) -> Glob {
        let part = |c: char| match c {
            c if c == run => Part::Run,
            c if c == one => Part::One,
            c => Part::Letter(c),
        };
        Glob { parts: text.chars().map(part).collect() }
    }

    /// The letters before the first wildcard.
    pub(super) fn prefix(&self) -> String {
        self.parts.iter().map_while(|part| if let Part::Letter(c) = part { Some(*c) } else { None }).collect()
    }

    /// Letters and one `*` behind them: what begins with the prefix fits.
    pub(super) fn is_prefix(&self) -> bool {
        let letters = self.parts.iter().take_while(|part| matches!(part, Part::Letter(_))).count();
        matches!(self.parts.get(letters..), Some([Part::Run]))
    }

    /// The letters behind the last wildcard are at the end of `text`. Tells most of what does not fit at once.
    fn may_end(&self, text: &str) -> bool {
        let mut last = text.chars().rev();
        let mut letters = self.parts.iter().rev().map_while(|part| match part {
            Part::Letter(c) => Some(*c),
            Part::One | Part::Run => None,
        });
        letters.all(|c| last.next() == Some(c))
    }

    /// The whole of `text` fits. Time is at most the product of both lengths.
    pub(super) fn matches(&self, text: &str) -> bool {
        if !self.may_end(text) {
            return false;
        }
        let mut at = 0;
        let mut rest = text.chars();
        // Where to go on after the last run took one character more.
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            match self.parts.get(at) {
                Some(Part::Run) => {
                    at += 1;
                    retry = Some((at, rest.clone()));
                    continue;
                }
                Some(part) => {
                    let fits = match (part, rest.clone().next()) {
                        (Part::Letter(letter), Some(c)) => *letter == c,
                        (Part::One, Some(_)) => true,
                        _ => false,
                    };
                    if fits {
                        rest.next();
                        at += 1;
                        continue;
                    }
                }
                None if rest.as_str().is_empty() => return true,
                None => {}
            }
            let Some((again, mut from)) = retry else { return false };
            if from.next().is_none() {
                return false;
            }
            (at, rest) = (again, from.clone());
            retry = Some((again, from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(Glob::new(pattern, '*', '?').matches(text), expected, "{pattern} on {text}");
    }

    #[test]
    fn runs_and_single_characters() {
        check("complain*", "complaints", true);
        check("complain*", "complain", true);
        check("complain*", "complai", false);
        check("customi?e", "customize", true);
        check("customi?e", "customie", false);
        check("t*e*t", "tempest", true);
        check("t*e*t", "tempests", false);
        check("ab**", "ab", true);
        check("a?*c", "abbbc", true);
        check("a?*c", "ac", false);
        check("ni?o", "niño", true);
        check("ab", "ab", true);
        check("ab", "xab", false);
        check("ab*b", "ab", false);
        check("ab*bc", "abc", false);
        check("ab?", "ab", false);
        check("a*é", "né", false);
        check("a*né", "ané", true);
        assert_eq!(Glob::new("cust?m*", '*', '?').prefix(), "cust");
    }

    #[test]
    fn many_runs_stay_fast() {
        let pattern = "a*".repeat(30) + "b";
        check(&pattern, &"a".repeat(2_000), false);
    }
}
