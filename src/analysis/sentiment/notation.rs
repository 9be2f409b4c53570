//! The notation of the tables of wordings, which is read once.
//!
//! A line is `name<TAB>pattern, pattern, ...`; the name is what the patterns do or say. In a pattern `(a/b)` is a or b, of which one may be empty; `crash~` is
//! all forms of a verb, `drop~p` those of one that doubles its last letter; ` .. ` stands for a few words. The line
//! `forms<TAB>break breaks broke` has a verb that is not regular. A line that begins with `#` is a remark.

use std::collections::HashMap;

/// A pattern written out: all ways to write what comes before the gap, and behind it. Without a gap that is empty.
pub(super) type Pattern = (Vec<String>, Vec<String>);

/// Verbs that are not regular, by their first form.
type Forms<'t> = HashMap<&'t str, Vec<&'t str>>;

/// The patterns of a table with the names of their lines.
pub(super) fn patterns(table: &str) -> Vec<(&str, Pattern)> {
    let forms = forms(table);
    let entries = table.lines().filter_map(|line| line.split_once('\t')).filter(|(name, _)| *name != "forms");
    let each = entries.flat_map(|(name, list)| list.split(", ").map(move |pattern| (name, pattern)));
    each.map(|(name, pattern)| (name, written_out(pattern, &forms))).collect()
}

fn forms(table: &str) -> Forms<'_> {
    let lists = table.lines().filter_map(|line| line.strip_prefix("forms\t"));
    lists
        .map(|list| list.split(' ').collect::<Vec<_>>())
        .filter_map(|list| Some((*list.first()?, list)))
        .collect()
}

fn written_out(pattern: &str, forms: &Forms<'_>) -> Pattern {
    let (head, tail) = pattern.split_once(" .. ").unwrap_or((pattern, ""));
    let all = |part: &str| {
        let ways = alternatives(part);
        let ways = ways.iter().flat_map(|way| conjugated(way, forms));
        ways.flat_map(apostrophes).filter(|way| !way.is_empty()).collect()
    };
    (all(head), all(tail))
}

/// `(a/b) c` as `a c` and `b c`.
fn alternatives(pattern: &str) -> Vec<String> {
    let parts = pattern.split_once('(').and_then(|(before, rest)| {
        let (inner, after) = rest.split_once(')')?;
        Some((before, inner, after))
    });
    let Some((before, inner, after)) = parts else { return vec![pattern.trim().to_owned()] };
    let joined = |way: &str| alternatives(&format!("{before}{way}{after}").replace("  ", " "));
    inner.split('/').flat_map(joined).collect()
}

/// Each way to put the verbs of a phrase.
fn conjugated(phrase: &str, forms: &Forms<'_>) -> Vec<String> {
    let Some((before, after)) = phrase.split_once('~') else { return vec![phrase.to_owned()] };
    let (start, verb) = before.rsplit_once(' ').map_or(("", before), |(start, verb)| (start, verb));
    let (doubled, rest) = match after.find(' ') {
        Some(at) => after.split_at(at),
        None => (after, ""),
    };
    let put = |form: &str| match start {
        "" => format!("{form}{rest}"),
        _ => format!("{start} {form}{rest}"),
    };
    match forms.get(verb) {
        Some(list) => list.iter().flat_map(|form| conjugated(&put(form), forms)).collect(),
        None => regular(verb, doubled).iter().flat_map(|form| conjugated(&put(form), forms)).collect(),
    }
}

fn regular(verb: &str, doubled: &str) -> [String; 4] {
    let with = |stem: &str, s: &str, ed: &str, ing: &str| {
        [verb.to_owned(), format!("{verb}{s}"), format!("{stem}{ed}"), format!("{stem}{ing}")]
    };
    if !doubled.is_empty() {
        return with(&format!("{verb}{doubled}"), "s", "ed", "ing");
    }
    if let Some(stem) = verb.strip_suffix('e') {
        return with(stem, "s", "ed", "ing");
    }
    let is_consonant = |c: char| !"aeiou".contains(c);
    if let Some(stem) = verb.strip_suffix('y').filter(|stem| stem.ends_with(is_consonant)) {
        return [verb.to_owned(), format!("{stem}ies"), format!("{stem}ied"), format!("{verb}ing")];
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| verb.ends_with(end));
    with(verb, if hisses { "es" } else { "s" }, "ed", "ing")
}

/// `don't` also as phones write it, and as it is written in a hurry.
fn apostrophes(phrase: String) -> Vec<String> {
    let mut ways = Vec::new();
    if phrase.contains('\'') {
        ways.push(phrase.replace('\'', "’"));
    }
    if phrase.contains("n't") {
        ways.push(phrase.replace("n't", "nt"));
    }
    ways.push(phrase);
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, head: &[&str], tail: &[&str]) {
        let table = format!("forms\tbreak breaks broke\n{line}");
        let mut found = patterns(&table);
        let (role, (mut heads, mut tails)) = found.pop().unwrap();
        heads.sort_unstable();
        tails.sort_unstable();
        assert_eq!((role, heads, tails, found.len()), ("blames", own(head), own(tail), 0), "{line}");
    }

    fn own(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn the_notation_is_written_out() {
        check("blames\tso (very/) late", &["so late", "so very late"], &[]);
        check("blames\tcrash~", &["crash", "crashed", "crashes", "crashing"], &[]);
        check("blames\tfreeze~ up", &["freeze up", "freezed up", "freezes up", "freezing up"], &[]);
        check("blames\tdrop~p out", &["drop out", "dropped out", "dropping out", "drops out"], &[]);
        check("blames\tdelay~", &["delay", "delayed", "delaying", "delays"], &[]);
        check("blames\tapply~", &["applied", "applies", "apply", "applying"], &[]);
        check("blames\tit break~ down", &["it break down", "it breaks down", "it broke down"], &[]);
        check("blames\tleft .. in (the/) rain", &["left"], &["in rain", "in the rain"]);
        check("blames\tdon't", &["don't", "dont", "don’t"], &[]);
        check("blames\t没(有/)电", &["没有电", "没电"], &[]);
    }

    #[test]
    fn a_line_has_many_patterns() {
        assert_eq!(patterns("blames\tlate, rude\n# a remark\npraises\tkind").len(), 3);
    }
}
