//! Rules, on the posts that some of 10,000 brand queries match: each is tried with what is computed of the mention.

use earful::analysis::query::{Computed, MatchScratch, ParseOptions, Purpose, QuerySet, parse};
use earful::analysis::sentiment::Emotions;
use earful::analysis::text::{TextOptions, Tokenizer, Tokens};
use earful::model::{BrandId, Language, Polarity, Post, Zone};

use super::measure::cpu_seconds;
use super::posts::Posts;
use super::queries::Maker;
use super::span;

/// Measures sets of 10, 100 and 1,000 rules.
pub fn show(posts: &Posts, runs: usize) {
    let mentions = mentions(posts);
    println!(
        "\n{} posts that match\n\n| rules | listed a post | hold a post | CPU ns a post, min / median / max |\n\
| --- | --- | --- | --- |",
        mentions.len()
    );
    for count in [0, 10, 100, 1_000] {
        let mut maker = Maker::new(&posts.words, true);
        let texts = std::iter::repeat_with(|| maker.rule().text()).take(count);
        let rules = compile(texts, Purpose::Rule);
        let mut scratch = MatchScratch::new();
        let (listed, held, _) = pass(&mentions, &rules, &mut scratch);
        let mut ns: Vec<f64> = (0..runs)
            .map(|_| pass(&mentions, &rules, &mut scratch).2 * 1e9 / mentions.len() as f64)
            .collect();
        ns.sort_by(f64::total_cmp);
        let share = |n: usize| n as f64 / mentions.len() as f64;
        println!("| {count} | {:.2} | {:.2} | {} |", share(listed), share(held), span(&ns, 0));
    }
}

fn compile(texts: impl Iterator<Item = String>, purpose: Purpose) -> QuerySet {
    let read = |(number, text): (u32, String)| {
        let parsed = parse(&text, &ParseOptions { purpose, ..ParseOptions::default() });
        (BrandId(number), parsed.query.unwrap_or_else(|| panic!("{text}: {:?}", parsed.problems)))
    };
    QuerySet::compile((0..).zip(texts).map(read).collect(), TextOptions::default())
}

/// The posts that match, with their tokens.
fn mentions(posts: &Posts) -> Vec<(Post<'_>, Tokens)> {
    let mut maker = Maker::new(&posts.words, true);
    let brands = compile(std::iter::repeat_with(|| maker.brand().text()).take(10_000), Purpose::Collection);
    let (tokenizer, mut scratch) = (Tokenizer::new(TextOptions::default()), MatchScratch::new());
    let mut tokens = |number: usize| {
        let (post, mut tokens) = (posts.post(number), Tokens::new());
        tokenizer.tokenize(Zone::Body, &post.body, &mut tokens);
        let matches = !brands.find(&post, &tokens, &mut scratch).is_empty();
        matches.then_some((post, tokens))
    };
    (0..posts.texts.len()).filter_map(&mut tokens).collect()
}

/// Rules listed, rules that hold, and processor time in seconds.
fn pass(
    mentions: &[(Post<'_>, Tokens)],
    rules: &QuerySet,
    scratch: &mut MatchScratch,
) -> (usize, usize, f64) {
    let (mut listed, mut held, cpu) = (0, 0, cpu_seconds());
    for (number, (post, tokens)) in mentions.iter().enumerate() {
        let polarity = if number % 3 == 0 { Polarity::Negative } else { Polarity::Positive };
        let computed = Computed {
            brand: "acme",
            polarity,
            score: polarity.full_score(),
            emotions: Emotions::default(),
            tags: &[],
            category: None,
        };
        let count = rules.list_rules(post, tokens, Language::UNKNOWN, scratch);
        let holds =
            |at: &usize| rules.rule_at(*at, (post, tokens, Language::UNKNOWN), computed, scratch).is_some();
        held += (0..count).filter(holds).count();
        listed += count;
    }
    (listed, held, cpu_seconds() - cpu)
}
