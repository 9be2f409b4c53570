//! Which of our fields stands for which of theirs.

use super::Dialect;

/// Pulsar's sign before what is found in its case only.
pub(super) const CASED: &str = "!";

/// Talkwalker's.
pub(super) const RAW: &str = "++";

/// How one of their fields is said in our language.
#[derive(Clone, Copy)]
pub(super) enum Ours {
    /// The field of this name, with the values as they are.
    Same(&'static str),
    /// As `Same`, and it is not quite the same.
    Close(&'static str, &'static str),
    /// A field of numbers: `a..b`, `a`, `>a`.
    Number(&'static str),
    /// `{value}`.
    Cased,
    /// `engagingWith:a AND engagementType:...`.
    Engaging(&'static str, &'static str),
    /// `is:` and `has:` with these values.
    Traits(&'static str, &'static [&'static str]),
    /// A kind of source, `network:`.
    Network,
    /// `[west south east north]`.
    Box,
    /// As `Same`; several values are alternatives, as a post has only one.
    OneOf(&'static str),
    /// The authors of one network.
    AuthorOn(&'static str),
    /// `links:`, which finds less than theirs.
    Links,
    /// `language:` with our codes.
    Language,
    /// A part of the posts only, which no query of ours can say.
    Sample,
    None(&'static str),
}

const X: &[(&str, Ours)] = &[
    ("from", Ours::Same("author")),
    ("to", Ours::Engaging("engagingWith", "REPLY")),
    ("retweets_of", Ours::Engaging("engagingWith", "RETWEET")),
    ("retweets_of_tweet_id", Ours::Engaging("engagingWithGuid", "RETWEET")),
    ("in_reply_to_tweet_id", Ours::Same("parentPostId")),
    ("in_reply_to_status_id", Ours::Same("parentPostId")),
    ("conversation_id", Ours::Same("rootPostId")),
    ("url", Ours::Links),
    ("url_contains", Ours::Links),
    ("lang", Ours::Language),
    ("place_country", Ours::Same("country")),
    ("followers_count", Ours::Number("authorFollowers")),
    ("bounding_box", Ours::Box),
    ("is", Ours::Traits("is", &["retweet", "reply", "quote", "verified"])),
    ("has", Ours::Traits("has", &["links", "media", "images", "hashtags", "mentions", "geo"])),
    ("sample", Ours::Sample),
];

const TALKWALKER: &[(&str, Ours)] = &[
    ("title", Ours::Same("title")),
    ("content", Ours::Same("text")),
    ("site", Ours::Same("site")),
    ("domainurl", Ours::Same("site")),
    ("url", Ours::Same("url")),
    ("author", Ours::Same("author")),
    ("lang", Ours::Same("language")),
    ("sourcecountry", Ours::Close("country", "theirs is the country of the source, ours that of the post")),
    ("sourcetype", Ours::Network),
    ("engagement", Ours::Number("engagement")),
    ("followers", Ours::Number("authorFollowers")),
    ("sentiment", Ours::None("sentiment is computed after collection; filter the results by it")),
    (RAW, Ours::Cased),
];

const MELTWATER: &[(&str, Ours)] = &[
    ("title", Ours::Same("title")),
    ("ingress", Ours::Close("title", "theirs is the lead of an article, which feeds do not mark")),
    ("author", Ours::Same("author")),
    ("url", Ours::Same("url")),
    ("country", Ours::Same("country")),
    ("language", Ours::Same("language")),
    ("source", Ours::Close("site", "theirs is the name of a source, ours an address")),
];

const SPRINKLR: &[(&str, Ours)] = &[
    ("message", Ours::Same("text")),
    ("title", Ours::Same("title")),
    ("author", Ours::Same("author")),
    ("authorhandle", Ours::Same("author")),
    ("exactmessage", Ours::Same("raw")),
    ("hashtag", Ours::Same("hashtags")),
];

const YOUSCAN: &[(&str, Ours)] = &[
    ("author", Ours::Same("author")),
    ("title", Ours::Same("title")),
    ("language", Ours::Same("language")),
    ("country", Ours::Same("country")),
];

const CISION: &[(&str, Ours)] = &[
    ("cs", Ours::Cased),
    ("headline", Ours::Same("title")),
    ("publication", Ours::OneOf("publication")),
    ("author", Ours::OneOf("author")),
    ("byline", Ours::OneOf("author")),
];

const PULSAR: &[(&str, Ours)] = &[
    ("by_twitter", Ours::OneOf("author")),
    ("by_instagram", Ours::None("no feed reads Instagram; remove the clause")),
    ("by_reddit", Ours::AuthorOn("reddit")),
    ("by_youtube", Ours::AuthorOn("youtube")),
    ("in_url", Ours::Links),
    (CASED, Ours::Cased),
];

/// Products of which no field is described.
const OTHERS: &[(&str, Ours)] = &[
    ("title", Ours::Same("title")),
    ("author", Ours::Same("author")),
    ("language", Ours::Same("language")),
    ("country", Ours::Same("country")),
    ("site", Ours::Same("site")),
];

fn table(dialect: Dialect) -> &'static [(&'static str, Ours)] {
    match dialect {
        Dialect::X => X,
        Dialect::Talkwalker => TALKWALKER,
        Dialect::Meltwater => MELTWATER,
        Dialect::Sprinklr => SPRINKLR,
        Dialect::YouScan => YOUSCAN,
        Dialect::Cision => CISION,
        Dialect::Pulsar => PULSAR,
        Dialect::SentiOne | Dialect::PeakMetrics | Dialect::NetBase | Dialect::Lexalytics => OTHERS,
    }
}

/// How a name of theirs is said; names are in lower case.
pub(super) fn ours(dialect: Dialect, name: &str) -> Option<Ours> {
    table(dialect).iter().find(|(known, _)| *known == name).map(|(_, ours)| *ours)
}

/// Whether commas part alternatives in its brackets.
pub(super) fn is_list(dialect: Dialect, name: &str) -> bool {
    matches!(ours(dialect, name), Some(Ours::OneOf(_) | Ours::AuthorOn(_)))
}

/// What can be written, for a message.
pub(super) fn names(dialect: Dialect) -> String {
    let written = table(dialect).iter().map(|(name, _)| *name).filter(|name| *name != CASED && *name != RAW);
    written.collect::<Vec<_>>().join(", ")
}
