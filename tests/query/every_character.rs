//! Characters that stand for others: a query and a post agree on each of them, and the oracle with both.

use earful::analysis::text::TextOptions;
use unicode_normalization::UnicodeNormalization;

use crate::common::{find, parsed, text_post};
use crate::random::difference;
use crate::tree::Tree;

fn phrase(text: &str) -> String {
    let is_sign = |c: char| matches!(c, '"' | '“' | '”' | '„' | '＂' | '\\' | '＼' | '*' | '?' | '？' | '＊');
    let escaped = text.chars().flat_map(|c| is_sign(c).then_some('\\').into_iter().chain([c]));
    format!("\"{}\"", escaped.collect::<String>())
}

/// `½ ㍿ ™ ﬁ ＋ ⼿ ℀` and some hundred more: those that become several, or were no letters. A letter that becomes another
/// (`Ａ`) is like all others of its kind.
fn compatible() -> impl Iterator<Item = char> {
    let is_one = |c: char| c.is_alphanumeric() && c.nfkc().nth(1).is_none();
    ('\u{a0}'..='\u{ffff}').filter(move |c| !c.nfkc().eq([*c]) && !is_one(*c))
}

#[test]
fn a_text_of_any_compatibility_character_finds_itself_and_the_oracle_agrees() {
    let mut wrong = Vec::new();
    for c in compatible() {
        let form: String = c.nfkc().collect();
        let texts =
            [format!("{c}"), form.clone(), format!("a{c}b"), format!("a {form} b"), format!("5{c} x")];
        let queries = texts.each_ref().map(|text| phrase(text));
        for (text, query) in texts.iter().zip(&queries).filter(|(_, query)| parsed(query).query.is_some()) {
            if find(query, &text_post(text)).is_none() {
                wrong.push(format!("U+{:04X}: {query} does not find itself", c as u32));
            }
        }
        let trees: Vec<Tree> = queries
            .into_iter()
            .filter(|query| parsed(query).query.is_some())
            .map(|query| Tree::Term(query.leak()))
            .collect();
        for text in &texts {
            let differs = difference(&trees, &text_post(text), TextOptions::default());
            wrong.extend(differs.map(|differs| format!("U+{:04X}: {differs}", c as u32)));
        }
    }
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}
