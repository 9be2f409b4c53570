//! Labelled texts from the `mentions` output: the posts whose labels analysts have corrected.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::model::{Language, Polarity};

/// What of a line counts here.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, default)]
    brands: Vec<Labelled<'a>>,
    #[serde(borrow)]
    post: Option<Post<'a>>,
    #[serde(borrow)]
    correction: Option<Labelled<'a>>,
    #[serde(borrow)]
    network: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    language: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Labelled<'a> {
    #[serde(borrow)]
    brand: Cow<'a, str>,
    sentiment: Sentiment,
}

#[derive(Deserialize)]
struct Sentiment {
    label: Polarity,
}

#[derive(Deserialize)]
struct Post<'a> {
    #[serde(borrow)]
    network: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Cow<'a, str>,
    #[serde(borrow, default)]
    body: Cow<'a, str>,
}

/// A post as it stands after all lines.
struct Standing {
    text: String,
    /// By brand: the label, and whether an analyst has given it.
    labels: BTreeMap<String, (Polarity, bool)>,
}

/// The posts of `language` with a corrected label, as lines `label<TAB>text`, from lines of `mentions`. A post of several
/// brands counts only if all of them have the same label: a model learns that of the whole text. What is no line of
/// `mentions` is an error that names its line.
///
/// # Errors
/// In words, with the number of the line.
pub fn corrected(mentions: &[u8], language: Language) -> Result<Vec<u8>, String> {
    let mut posts: BTreeMap<(String, String), Standing> = BTreeMap::new();
    for (line, number) in mentions.split(|byte| *byte == b'\n').zip(1..) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let line: Line<'_> = serde_json::from_slice(line)
            .map_err(|e| format!("line {number} is no line of `mentions`: {e}"))?;
        take(line, language, &mut posts);
    }
    let mut tsv = String::new();
    for standing in posts.values() {
        let mut labels = standing.labels.values();
        let Some((first, _)) = labels.next() else { continue };
        let is_one = labels.all(|(label, _)| label == first);
        if is_one && standing.labels.values().any(|(_, by_analyst)| *by_analyst) {
            // Writing to memory cannot fail.
            let _ = writeln!(tsv, "{first}\t{}", standing.text.replace(['\n', '\r', '\t'], " "));
        }
    }
    Ok(tsv.into_bytes())
}

fn take(line: Line<'_>, language: Language, posts: &mut BTreeMap<(String, String), Standing>) {
    if let Some(post) = line.post {
        let written = line.language.as_deref().map_or(Language::UNKNOWN, Language::from_tag);
        let is_wanted = written == language || (written.is_chinese() && language.is_chinese());
        let key = (post.network.into_owned(), post.id.into_owned());
        posts.remove(&key);
        if is_wanted {
            let text = if post.body.is_empty() { post.title } else { post.body };
            let label =
                |found: &Labelled<'_>| (found.brand.clone().into_owned(), (found.sentiment.label, false));
            posts.insert(
                key,
                Standing { text: text.into_owned(), labels: line.brands.iter().map(label).collect() },
            );
        }
        return;
    }
    let (Some(network), Some(id)) = (line.network, line.id) else { return };
    let key = (network.into_owned(), id.into_owned());
    match line.correction {
        Some(correction) => {
            if let Some(standing) = posts.get_mut(&key) {
                standing.labels.insert(correction.brand.into_owned(), (correction.sentiment.label, true));
            }
        }
        // A tombstone.
        None => drop(posts.remove(&key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(id: &str, text: &str, brands: &[(&str, &str)]) -> String {
        let brand = |(brand, label): &(&str, &str)| {
            format!(r#"{{"brand":"{brand}","sentiment":{{"label":"{label}","score":0}}}}"#)
        };
        let brands = brands.iter().map(brand).collect::<Vec<_>>().join(",");
        format!(
            r#"{{"fate":"kept","brands":[{brands}],"language":"en","post":{{"network":"x","id":"{id}","body":"{text}"}}}}"#
        )
    }

    fn correction(id: &str, brand: &str, label: &str) -> String {
        format!(
            r#"{{"fate":"retracted","network":"x","id":"{id}","correction":{{"brand":"{brand}","sentiment":{{"label":"{label}","score":0}}}}}}"#
        )
    }

    fn check(lines: &[String], expected: &str) {
        let found = corrected(lines.join("\n").as_bytes(), Language::EN).unwrap();
        assert_eq!(String::from_utf8(found).unwrap(), expected);
    }

    #[test]
    fn the_last_label_of_each_post_is_learned() {
        check(&[mention("1", "so so", &[("a", "positive")])], "");
        let one = mention("1", "so\\nso", &[("a", "positive")]);
        check(&[one.clone(), correction("1", "a", "negative")], "negative\tso so\n");
        check(
            &[one.clone(), correction("1", "a", "negative"), correction("1", "a", "neutral")],
            "neutral\tso so\n",
        );
        // Edited, deleted.
        check(&[one.clone(), correction("1", "a", "negative"), one.clone()], "");
        let gone = r#"{"fate":"retracted","network":"x","id":"1","tombstone":true}"#.to_owned();
        check(&[one, correction("1", "a", "negative"), gone], "");
    }

    #[test]
    fn brands_that_are_not_of_one_mind_teach_nothing() {
        let two = mention("1", "a but b", &[("a", "positive"), ("b", "negative")]);
        check(&[two.clone(), correction("1", "a", "neutral")], "");
        check(&[two, correction("1", "a", "negative")], "negative\ta but b\n");
    }

    #[test]
    fn what_is_no_line_of_mentions_is_refused() {
        let error = corrected(b"\n{\"fate\":\"kept\"}\nnonsense", Language::EN).unwrap_err();
        assert!(error.starts_with("line 3 is no line of `mentions`"), "{error}");
    }
}
