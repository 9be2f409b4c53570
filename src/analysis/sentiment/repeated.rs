//! Texts that are one phrase again and again, of which n-grams would make something else: a thousand times 垃圾 was
//! praise. Chinese ones; of English words a model knows too much to be misled.

/// Shorter texts are read whole.
const LEAST: usize = 128;
/// So often is the phrase read.
const TIMES: usize = 3;
/// By so many units is the place looked for where a text may begin again.
const START: usize = 8;

/// How much of a text need be read: three times the phrase of which it is made, if it is one.
pub(super) fn enough<T: PartialEq>(text: &[T]) -> usize {
    if text.len() < LEAST {
        return text.len();
    }
    // Only the first place is tried: a text that is one phrase begins again there, or at a multiple.
    let again = (1..=text.len() / TIMES).find(|from| text[*from..].starts_with(&text[..START]));
    let is_period = |period: &usize| text[*period..] == text[..text.len() - period];
    again
        .filter(is_period)
        .map_or(text.len(), |period| (TIMES * period).max(LEAST / 2).div_ceil(period) * period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_again_and_again_is_read_three_times() {
        let check = |phrase: &str, times: usize, end: &str, expected: usize| {
            let text = phrase.repeat(times) + end;
            assert_eq!(enough(text.as_bytes()), expected, "{phrase} {times} {end}");
        };
        let phrase = "awful service, never again and that is it. ";
        check(phrase, 1000, "", 3 * phrase.len());
        check(phrase, 1000, "awful serv", 3 * phrase.len());
        check(phrase, 1000, "great", 1000 * phrase.len() + 5);
        check(phrase, 2, "", 2 * phrase.len());
        // Short ones until there is something to read.
        check("bad ", 10, "", 40);
        check("bad ", 1000, "", 64);
        check("a", 1000, "", 64);
    }
}
