//! The fields of the language: their names, what values they take, and who answers them.
//!
//! **Invariant:** one line of [`FIELDS`] a field; parser, lint and compiler read the same line.

use super::place::CONTINENTS;
use super::site::Address;
use super::stated;

/// A field of a post that a query can ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table below says what each is")]
pub enum Field {
    Title,
    Text,
    Raw,
    Site,
    Url,
    Links,
    TopLevelDomain,
    Author,
    WeblogTitle,
    AuthorFollowers,
    AuthorVerified,
    AuthorVerifiedType,
    AuthorGender,
    Language,
    Continent,
    Country,
    Region,
    City,
    Latitude,
    Longitude,
    MinuteOfDay,
    EngagementType,
    EngagingWith,
    EngagingWithGuid,
    Guid,
    ParentPostId,
    RootPostId,
    Subreddit,
    SubredditNsfw,
    SensitiveContent,
    Spoiler,
    AuthorFlair,
    PostFlair,
    SubredditTopics,
    PubType,
    Publication,
    ChannelId,
    Tags,
    AtMentions,
    Rating,
    ItemReview,
    MediaType,
    Network,
    Likes,
    Reposts,
    Replies,
    Engagement,
    Reach,
    Is,
    Has,
    Sample,
    Sentiment,
    Emotion,
    Brand,
    Tag,
    Category,
    /// A field that is known and cannot be answered; the row says why.
    Unanswered,
}

/// What values a field takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// Words and phrases as in the text, wildcards too.
    Terms,
    /// Names, addresses, ids. The flag allows wildcards.
    Names { wildcards: bool },
    /// A literal string.
    Literal,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Numbers within bounds.
    Number(Bounds),
    /// One of these words, or numbers within bounds.
    Graded(&'static [&'static str], Bounds),
    /// The network's own id: bare as digits, or as one of the known shapes; in quotes as it is.
    PostId,
    /// Digits only.
    Digits,
    /// A share of all posts, per cent.
    Percent,
    /// ISO 639-1, or `zh-hans` and `zh-hant`.
    LanguageTag,
    /// ISO 3166, two or three letters.
    CountryCode,
}

/// Which numbers a field takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) whole: bool,
    /// A number without a range is fine.
    pub(super) bare: bool,
    /// A range may pass the upper bound and go on from the lower.
    pub(super) wraps: bool,
}

/// Who answers a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// Evaluated wherever the feed carries the datum.
    Answered,
    /// No feed carries it.
    NoFeed,
    /// Known only after the named stage.
    After(&'static str),
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldRow {
    pub(super) name: &'static str,
    pub(super) field: Field,
    pub(super) shape: Shape,
    pub(super) support: Support,
}

const FLAG: Shape = Shape::Choice(&["true", "false"]);
const COUNT: Shape = number(0.0, 9_999_999_999.0, true, false, false);
const NAME: Shape = Shape::Names { wildcards: false };
const WILD: Shape = Shape::Names { wildcards: true };
const LABEL: Shape = Shape::Graded(
    &["positive", "neutral", "negative"],
    Bounds { least: -1.0, most: 1.0, whole: false, bare: false, wraps: false },
);
const EMOTIONS: &[&str] = &["anger", "disgust", "fear", "joy", "sadness", "surprise"];
/// What decoders name attachments.
const MEDIA: &[&str] = &["image", "video", "gif", "audio", "document", "sticker", "unknown"];
/// The same, as Brandwatch writes them.
const MEDIA_UPPER: &[&str] = &["IMAGE", "VIDEO", "GIF", "AUDIO", "DOCUMENT", "STICKER", "UNKNOWN"];
const NETWORKS: &[&str] =
    &["x", "bluesky", "mastodon", "reddit", "youtube", "hackernews", "telegram", "weibo", "rss", "other"];

const fn number(least: f64, most: f64, whole: bool, bare: bool, wraps: bool) -> Shape {
    Shape::Number(Bounds { least, most, whole, bare, wraps })
}

const fn row(name: &'static str, field: Field, shape: Shape) -> FieldRow {
    FieldRow { name, field, shape, support: Support::Answered }
}

const fn computed(name: &'static str, field: Field, shape: Shape, stage: &'static str) -> FieldRow {
    FieldRow { name, field, shape, support: Support::After(stage) }
}

const fn without(name: &'static str, shape: Shape, support: Support) -> FieldRow {
    FieldRow { name, field: Field::Unanswered, shape, support }
}

/// Every field, in the order of the user's guide.
pub(super) const FIELDS: &[FieldRow] = &[
    row("title", Field::Title, Shape::Terms),
    row("text", Field::Text, Shape::Terms),
    row("raw", Field::Raw, Shape::Literal),
    row("site", Field::Site, WILD),
    row("url", Field::Url, WILD),
    row("links", Field::Links, WILD),
    row("topLevelDomain", Field::TopLevelDomain, NAME),
    row("author", Field::Author, WILD),
    row("weblogTitle", Field::WeblogTitle, NAME),
    row("authorFollowers", Field::AuthorFollowers, COUNT),
    row("authorVerified", Field::AuthorVerified, FLAG),
    row("authorVerifiedType", Field::AuthorVerifiedType, Shape::Choice(&["blue", "business", "government"])),
    row("authorGender", Field::AuthorGender, Shape::Choice(&["F", "M"])),
    row("language", Field::Language, Shape::LanguageTag),
    row("continent", Field::Continent, Shape::Choice(CONTINENTS)),
    row("country", Field::Country, Shape::CountryCode),
    row("region", Field::Region, NAME),
    row("city", Field::City, NAME),
    row("latitude", Field::Latitude, number(-90.0, 90.0, false, false, false)),
    row("longitude", Field::Longitude, number(-180.0, 180.0, false, false, false)),
    row("minuteOfDay", Field::MinuteOfDay, number(0.0, 1439.0, true, false, true)),
    row(
        "engagementType",
        Field::EngagementType,
        Shape::Choice(&["COMMENT", "REPLY", "RETWEET", "QUOTE", "ORIGINAL"]),
    ),
    row("engagingWith", Field::EngagingWith, NAME),
    row("engagingWithGuid", Field::EngagingWithGuid, NAME),
    row("guid", Field::Guid, Shape::PostId),
    row("parentPostId", Field::ParentPostId, NAME),
    row("rootPostId", Field::RootPostId, NAME),
    row("subreddit", Field::Subreddit, NAME),
    row("subredditNSFW", Field::SubredditNsfw, FLAG),
    row("sensitiveContent", Field::SensitiveContent, FLAG),
    row("redditSpoiler", Field::Spoiler, FLAG),
    row("redditAuthorFlair", Field::AuthorFlair, NAME),
    row("redditPostFlair", Field::PostFlair, NAME),
    row("subredditTopics", Field::SubredditTopics, NAME),
    row("pubType", Field::PubType, NAME),
    row("publication", Field::Publication, NAME),
    row("channelId", Field::ChannelId, NAME),
    row("tags", Field::Tags, WILD),
    row("hashtags", Field::Tags, WILD),
    row("at_mentions", Field::AtMentions, WILD),
    row("rating", Field::Rating, number(0.0, 5.0, false, true, false)),
    row("itemReview", Field::ItemReview, NAME),
    row("imageType", Field::MediaType, Shape::Choice(MEDIA)),
    row("publisherSubType", Field::MediaType, Shape::Choice(MEDIA_UPPER)),
    row("network", Field::Network, Shape::Choice(NETWORKS)),
    row("likes", Field::Likes, COUNT),
    row("reposts", Field::Reposts, COUNT),
    row("replies", Field::Replies, COUNT),
    row("engagement", Field::Engagement, COUNT),
    row("reach", Field::Reach, COUNT),
    row("is", Field::Is, Shape::Choice(&["retweet", "reply", "quote", "verified"])),
    row("has", Field::Has, Shape::Choice(&["links", "media", "images", "hashtags", "mentions", "geo"])),
    row("sample", Field::Sample, Shape::Percent),
    without("blogName", NAME, Support::NoFeed),
    without("parentBlogName", NAME, Support::NoFeed),
    without("rootBlogName", NAME, Support::NoFeed),
    without("brandIds", NAME, Support::NoFeed),
    without("objects", NAME, Support::NoFeed),
    without("entityId", Shape::Digits, Support::NoFeed),
    computed("sentiment", Field::Sentiment, LABEL, "sentiment scoring"),
    computed("emotion", Field::Emotion, Shape::Choice(EMOTIONS), "sentiment scoring"),
    computed("brand", Field::Brand, NAME, "brand matching"),
    computed("tag", Field::Tag, NAME, "the rules that set tags"),
    computed("category", Field::Category, NAME, "the rules that set categories"),
];

/// The line of that name, in any case.
pub(super) fn by_name(name: &str) -> Option<&'static FieldRow> {
    FIELDS.iter().find(|row| row.name.eq_ignore_ascii_case(name))
}

/// A value without its sign, or an address without scheme and `www.`.
pub(super) fn bare_value(field: Field, text: &str) -> &str {
    let text = text.trim();
    let sign = match field {
        Field::Site | Field::Url | Field::Links => return Address::new(text).whole,
        Field::Tags | Field::AtMentions => return stated::without_signs(text, field),
        Field::Author | Field::EngagingWith => ['@', '＠'],
        Field::TopLevelDomain => ['.'; 2],
        _ => return text,
    };
    text.strip_prefix(sign).unwrap_or(text)
}

/// The field of that name takes a literal string.
pub(super) fn is_literal(name: &str) -> bool {
    by_name(name).is_some_and(|row| row.shape == Shape::Literal)
}

/// The field of that name takes numbers.
pub(super) fn is_number(name: &str) -> bool {
    by_name(name).is_some_and(|row| matches!(row.shape, Shape::Number(_) | Shape::Percent))
}

/// A number without a range is a value of the field.
pub(super) fn takes_number(field: Field) -> bool {
    FIELDS
        .iter()
        .any(|row| row.field == field && matches!(row.shape, Shape::Number(Bounds { bare: true, .. })))
}

/// Names of other products that analysts type out of habit.
const FOREIGN: &[(&str, &str)] = &[
    ("lang", "language"),
    ("from", "author"),
    ("to", "engagingWith"),
    ("followers_count", "authorFollowers"),
    ("retweets_of", "engagingWith"),
    ("sourcetype", "network"),
    ("message", "text"),
    ("exactmessage", "raw"),
    ("link", "links"),
    ("hashtag", "hashtags"),
];

/// The fields that a wrong name may have meant, at most three. Those that are `computed` can be asked for in rules only.
pub(super) fn nearest(name: &str, computed: bool) -> Vec<&'static str> {
    let lower = name.to_ascii_lowercase();
    if matches!(lower.as_str(), "and" | "or" | "not" | "near") {
        return Vec::new();
    }
    let is_answered = |row: &&FieldRow| computed || !matches!(row.support, Support::After(_));
    let mut found: Vec<&'static str> =
        FOREIGN.iter().filter(|(foreign, _)| *foreign == lower).map(|(_, ours)| *ours).collect();
    if lower.len() > 2 && lower.len() < 40 {
        let distance = |row: &FieldRow| edit_distance(&lower, &row.name.to_ascii_lowercase());
        let mut near: Vec<_> =
            FIELDS.iter().filter(is_answered).map(|row| (distance(row), row.name)).collect();
        near.retain(|(distance, _)| *distance <= 2);
        near.sort_by_key(|(distance, _)| *distance);
        found.extend(near.into_iter().map(|(_, name)| name));
    }
    found.truncate(3);
    found
}

/// Words of other products and of everyday speech for values of ours.
const FOREIGN_VALUES: &[(&str, &str)] = &[
    ("twitter", "x"),
    ("photo", "image"),
    ("picture", "image"),
    ("animated_gif", "gif"),
    ("gifv", "gif"),
    ("repost", "RETWEET"),
    ("yes", "true"),
    ("no", "false"),
    ("male", "M"),
    ("female", "F"),
    ("link", "links"),
    ("image", "images"),
    ("photos", "images"),
    ("hashtag", "hashtags"),
    ("mention", "mentions"),
];

/// The one of these values that a wrong one may have meant.
pub(super) fn nearest_value(choices: &[&'static str], text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let foreign = FOREIGN_VALUES.iter().filter(|(foreign, _)| *foreign == lower).map(|(_, ours)| *ours);
    let mut foreign = foreign.filter(|ours| choices.contains(ours));
    let distance = |choice: &&&str| edit_distance(&lower, &choice.to_lowercase());
    let near = || {
        let near = choices.iter().min_by_key(distance)?;
        // Half of a short word is another word.
        (lower.len() < 40 && distance(&near) * 3 <= lower.len()).then_some(*near)
    };
    foreign.next().or_else(near)
}

/// Least number of inserted, removed or changed bytes.
fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = include_str!("../../../docs/query-language.md");

    #[test]
    fn the_guide_names_every_field_and_its_words() {
        for row in FIELDS {
            assert!(GUIDE.contains(&format!("`{}:`", row.name)), "{}", row.name);
            if let Shape::Choice(choices) = row.shape {
                for choice in choices {
                    assert!(GUIDE.contains(&format!("`{choice}`")), "{}:{choice}", row.name);
                }
            }
        }
    }

    #[test]
    fn every_emotion_can_be_asked_for() {
        use crate::analysis::sentiment::Emotion;
        assert_eq!(EMOTIONS, Emotion::ALL.iter().map(|emotion| emotion.as_str()).collect::<Vec<_>>());
    }

    #[test]
    fn names_are_distinct_and_near_ones_are_found() {
        for (at, row) in FIELDS.iter().enumerate() {
            assert!(
                FIELDS[..at].iter().all(|other| !other.name.eq_ignore_ascii_case(row.name)),
                "{}",
                row.name
            );
            assert_eq!(by_name(&row.name.to_uppercase()).map(|row| row.name), Some(row.name));
        }
        assert_eq!(nearest("languag", false), ["language"]);
        assert_eq!(nearest("autor", false), ["author"]);
        assert_eq!(nearest("lang", false)[0], "language");
        assert_eq!(nearest("zzzzzz", false), [] as [&str; 0]);
        assert_eq!(nearest("and", true), [] as [&str; 0]);
        assert_eq!(nearest("to", false), ["engagingWith"]);
        assert_eq!((nearest("brnad", false), nearest("brnad", true)), (vec![], vec!["brand"]));
        assert_eq!((edit_distance("tag", "tags"), edit_distance("site", "tise")), (1, 2));
    }
}
