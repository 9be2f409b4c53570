//! The fields of the language: their names, what values they take, and who answers them.
//!
//! **Invariant:** one line of [`FIELDS`] a field; parser, lint and compiler read the same line.

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
    Is,
    Has,
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
const NETWORKS: &[&str] =
    &["x", "bluesky", "mastodon", "reddit", "youtube", "hackernews", "telegram", "weibo", "rss", "other"];

const fn number(least: f64, most: f64, whole: bool, bare: bool, wraps: bool) -> Shape {
    Shape::Number(Bounds { least, most, whole, bare, wraps })
}

const fn row(name: &'static str, field: Field, shape: Shape) -> FieldRow {
    FieldRow { name, field, shape, support: Support::Answered }
}

const fn without(name: &'static str, support: Support) -> FieldRow {
    FieldRow { name, field: Field::Unanswered, shape: NAME, support }
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
    row("guid", Field::Guid, NAME),
    row("parentPostId", Field::ParentPostId, NAME),
    row("rootPostId", Field::RootPostId, NAME),
    row("subreddit", Field::Subreddit, NAME),
    row("subredditNSFW", Field::SubredditNsfw, FLAG),
    row("sensitiveContent", Field::SensitiveContent, FLAG),
    row("channelId", Field::ChannelId, NAME),
    row("tags", Field::Tags, WILD),
    row("hashtags", Field::Tags, WILD),
    row("at_mentions", Field::AtMentions, WILD),
    row("rating", Field::Rating, number(0.0, 5.0, false, true, false)),
    row("itemReview", Field::ItemReview, NAME),
    row("imageType", Field::MediaType, NAME),
    row("publisherSubType", Field::MediaType, NAME),
    row("network", Field::Network, Shape::Choice(NETWORKS)),
    row("likes", Field::Likes, COUNT),
    row("reposts", Field::Reposts, COUNT),
    row("replies", Field::Replies, COUNT),
    row("engagement", Field::Engagement, COUNT),
    row("is", Field::Is, Shape::Choice(&["retweet", "reply", "quote", "verified"])),
    row("has", Field::Has, Shape::Choice(&["links", "media", "images", "hashtags", "mentions", "geo"])),
    without("continent", Support::NoFeed),
    without("blogName", Support::NoFeed),
    without("parentBlogName", Support::NoFeed),
    without("rootBlogName", Support::NoFeed),
    without("redditSpoiler", Support::NoFeed),
    without("redditAuthorFlair", Support::NoFeed),
    without("redditPostFlair", Support::NoFeed),
    without("subredditTopics", Support::NoFeed),
    without("pubType", Support::NoFeed),
    without("publication", Support::NoFeed),
    without("brandIds", Support::NoFeed),
    without("objects", Support::NoFeed),
    without("entityId", Support::NoFeed),
    without("reach", Support::NoFeed),
    without("sentiment", Support::After("sentiment scoring")),
    without("emotion", Support::After("sentiment scoring")),
    without("brand", Support::After("brand matching")),
    without("tag", Support::After("the rules that set tags")),
    without("category", Support::After("the rules that set categories")),
];

/// The line of that name, in any case.
pub(super) fn by_name(name: &str) -> Option<&'static FieldRow> {
    FIELDS.iter().find(|row| row.name.eq_ignore_ascii_case(name))
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

/// The fields that a wrong name may have meant, at most three.
pub(super) fn nearest(name: &str) -> Vec<&'static str> {
    let lower = name.to_ascii_lowercase();
    let mut found: Vec<&'static str> =
        FOREIGN.iter().filter(|(foreign, _)| *foreign == lower).map(|(_, ours)| *ours).collect();
    if lower.len() > 2 && lower.len() < 40 {
        let near = |row: &&FieldRow| edit_distance(&lower, &row.name.to_ascii_lowercase()) <= 2;
        found.extend(FIELDS.iter().filter(near).map(|row| row.name));
    }
    found.truncate(3);
    found
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
