//! What is said about a query: its reading, what triggers it, who answers it.

use std::collections::BTreeMap;
use std::fs;

use earful::analysis::decode::{Format, Frame, decode, split_records};
use earful::analysis::query::explain::{Explanation, carriers, explain};
use earful::analysis::query::{Field, MatchScratch, Purpose, QuerySet};
use earful::analysis::text::TextOptions;
use earful::model::{BrandId, Language, Network, Origin, Post, Record, Timestamp};

use crate::common::{find, parsed, text_post, tokens_of};

fn explained(text: &str) -> Explanation {
    explain(&parsed(text).query.unwrap_or_else(|| panic!("{text}")), Purpose::Collection)
}

fn wakes(text: &str, on: &[&str]) {
    let wakes = explained(text).wakes;
    assert_eq!(
        (wakes.on.as_slice(), wakes.full_scan),
        (&on.iter().map(ToString::to_string).collect::<Vec<_>>()[..], on.is_empty()),
        "{text}"
    );
}

#[test]
fn what_triggers_a_query() {
    wakes("apple OR \"fresh pear\" OR cust*", &["apple", "\"fresh pear\"", "cust*"]);
    wakes("(apple OR pear) NOT spam", &["apple", "pear"]);
    wakes("language:en AND roadster", &["roadster"]);
    wakes("site:bbc.com AND language:en", &["site:bbc.com"]);
    wakes("author:(ann OR bob)", &["author:ann", "author:bob"]);
    wakes("title:roadster", &["title:roadster"]);
    wakes("tags:sale", &["tags:sale"]);
    wakes("language:en", &["language:en"]);
    wakes("language:(in OR zh-hant) NOT acme", &["language:in", "language:zh-hant"]);
    wakes("apple OR language:en", &["apple", "language:en"]);
    wakes("language:en AND likes:[5 TO *]", &["language:en"]);
    wakes("apple OR likes:[5 TO *]", &[]);
    wakes("raw:\"A+\"", &[]);
    wakes("sample:10", &[]);
    wakes("acme AND sample:10", &["acme"]);
}

#[test]
fn a_query_for_a_language_is_looked_at_for_posts_in_it_alone() {
    let check = |query: &str, language: &str, looked_at: usize, matched: usize| {
        let query = parsed(query).query.unwrap();
        let set = QuerySet::compile(vec![(BrandId(0), query)], TextOptions::default());
        let (post, mut scratch) = (text_post("acme"), MatchScratch::new());
        let tokens = tokens_of(&post, TextOptions::default());
        let found = set.find_in(&post, &tokens, Language::from_tag(language), &mut scratch);
        assert_eq!((found.looked_at(), found.len()), (looked_at, matched), "{language}");
    };
    check("language:fr", "fr", 1, 1);
    check("language:fr", "en", 0, 0);
    check("language:fr", "und", 0, 0);
    check("language:und", "und", 0, 0);
    check("language:zh", "zh-hant", 1, 1);
    check("language:zh", "zh", 1, 1);
    check("language:zh-hans", "zh-hant", 0, 0);
    check("language:zh-hans", "zh", 0, 0);
    check("language:iw", "he", 1, 1);
    check("language:(fr OR FR)", "fr", 1, 1);
    check("language:fr NOT acme", "fr", 1, 0);
    check("pear OR language:fr", "fr", 1, 1);
    check("language:fr AND likes:[1 TO *]", "en", 0, 0);
}

#[test]
fn a_sample_is_a_share_of_what_the_rest_finds() {
    let post =
        |id: u32| Post::new(Network::X, id.to_string().into(), "acme news".into(), Timestamp::from_millis(0));
    let found =
        |query: &str| -> Vec<u32> { (0..2_000).filter(|id| find(query, &post(*id)).is_some()).collect() };
    let tenth = found("acme AND sample:10");
    assert!((140..260).contains(&tenth.len()), "{}", tenth.len());
    assert_eq!(tenth, found("news AND sample:(3 OR 10)"), "the same posts for every query");
    let rest = found("acme NOT sample:10");
    assert_eq!(tenth.len() + rest.len(), 2_000);
    let fifth = found("acme AND sample:20");
    assert!(fifth.len() > tenth.len() && tenth.iter().all(|id| fifth.contains(id)));
    assert_eq!(found("pear AND sample:10"), Vec::<u32>::new());
    let query = |text: &str| parsed(text).query.unwrap().version();
    assert_ne!(
        query("acme AND sample:10"),
        query("acme AND sample:11"),
        "mentions tell by which they were found"
    );
    let reading = explained("acme AND sample:10").reading.lines();
    assert!(reading.contains("- a place among the 10 % of all posts that a sample keeps\n"), "{reading}");
}

#[test]
fn how_it_reads() {
    let reading =
        explained("(united OR @united) AND (bag NEAR/5f lost) NOT (football OR {BT})").reading.lines();
    assert_eq!(
        reading,
        "\
A post matches if it has
  - all of
    - at least one of
      - the word united
      - the name @united
    - close together: at most 5 words in between, in this order
      - the word bag
      - the word lost
    - but not
      - at least one of
        - the word football
        - {BT}: exactly these letters, in this case
"
    );
}

#[test]
fn exclusions_hold_for_the_whole_level() {
    let explanation = explained("A1 OR B1 NOT C1");
    assert_eq!(explanation.normalised, "(A1 OR B1) NOT C1");
    assert_eq!(explanation.tree.drawn(), "AND\n├─ OR\n│  ├─ A1\n│  └─ B1\n└─ NOT\n   └─ C1\n");
}

/// A datum of a post that a field asks for.
type Datum = fn(&Post<'_>) -> bool;

const DATA: &[(Field, Datum)] = &[
    (Field::Title, |post| post.title.is_some()),
    (Field::AuthorFollowers, |post| post.author.followers.is_some()),
    (Field::AuthorVerified, |post| post.author.verified.is_some()),
    (Field::AuthorVerifiedType, |post| post.author.verified_type.is_some()),
    (Field::AuthorGender, |post| post.author.gender.is_some()),
    (Field::Country, |post| post.geo.as_ref().is_some_and(|geo| geo.country.is_some())),
    (Field::Region, |post| post.geo.as_ref().is_some_and(|geo| geo.region.is_some())),
    (Field::City, |post| post.geo.as_ref().is_some_and(|geo| geo.city.is_some())),
    (Field::Latitude, |post| post.geo.as_ref().is_some_and(|geo| geo.latitude.is_some())),
    (Field::EngagingWith, |post| {
        [&post.in_reply_to, &post.repost_of].into_iter().flatten().any(|other| other.author.is_some())
    }),
    (Field::EngagingWithGuid, |post| post.in_reply_to.is_some() || post.repost_of.is_some()),
    (Field::ParentPostId, |post| post.in_reply_to.is_some()),
    (Field::RootPostId, |post| post.thread_root.is_some()),
    (Field::Subreddit, |post| post.network == Network::Reddit && post.channel.is_some()),
    (Field::SensitiveContent, |post| post.sensitive.is_some()),
    (Field::ChannelId, |post| post.channel.as_ref().is_some_and(|channel| channel.id.is_some())),
    (Field::MediaType, |post| !post.media.is_empty()),
    (Field::Likes, |post| post.counts.likes.is_some()),
    (Field::Reposts, |post| post.counts.reposts.is_some()),
    (Field::Replies, |post| post.counts.replies.is_some()),
    (Field::Rating, |post| post.review.is_some()),
];

/// What the decoders find in the twins of real records is what `carriers` promises: nothing that is found is
/// missing there. Where a twin does not have a datum, its decoder may still read it.
#[test]
fn carriers_are_those_of_the_decoders() {
    let mut found: BTreeMap<(usize, Network), bool> = BTreeMap::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/feeds");
    for (format, name) in
        Format::ALL.iter().filter(|(format, _)| !matches!(format, Format::Auto | Format::Canonical))
    {
        for file in fs::read_dir(format!("{root}/{name}")).unwrap() {
            let path = file.unwrap().path();
            if path.to_string_lossy().contains(".expected.") {
                continue;
            }
            split_records(&fs::read(&path).unwrap(), &mut |piece| {
                let origin = Origin { feed: "", source: "", offset: 0, line: 0 };
                let record =
                    Record { payload: piece.bytes, received_at: Some(Timestamp::from_millis(0)), origin };
                decode(&record, *format, &mut |frame| {
                    if let Frame::Post(post) = frame {
                        for (at, (_, has)) in DATA.iter().enumerate() {
                            *found.entry((at, post.network)).or_default() |= has(&post);
                        }
                    }
                });
            });
        }
    }
    assert!(found.values().filter(|has| **has).count() > 60);
    for ((at, network), has) in found {
        let (field, _) = DATA[at];
        assert!(!has || carriers(field).contains(&network), "{network} carries {field:?}");
    }
}
