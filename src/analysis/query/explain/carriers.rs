//! Which feeds carry the datum that a field asks for.

use super::super::fields::Field;
use crate::model::Network::{self, Bluesky, HackerNews, Mastodon, Reddit, Rss, Telegram, Weibo, X, YouTube};

/// All but [`Network::Other`], whose posts come as earful's own JSON and carry what their writer puts in.
const ALL: &[Network] = &[X, Bluesky, Mastodon, Reddit, YouTube, HackerNews, Telegram, Weibo, Rss];

/// The networks whose decoders can fill what the field asks for. A feed of earful's own JSON can carry
/// every field that any of them carries, and those that none does (`rating:`).
#[must_use]
pub fn carriers(field: Field) -> &'static [Network] {
    match field {
        Field::Text | Field::Raw | Field::Url | Field::TopLevelDomain | Field::Network | Field::Guid => ALL,
        Field::Site | Field::Author | Field::Language | Field::MinuteOfDay | Field::EngagementType => ALL,
        Field::Is | Field::Sample => ALL,
        Field::Title => &[Reddit, HackerNews, Rss],
        Field::Links => ALL,
        Field::Has => ALL,
        Field::WeblogTitle => &[Reddit, Rss],
        Field::AuthorFollowers | Field::Reach => &[X, Mastodon, Weibo],
        Field::AuthorVerified => &[X, Weibo],
        Field::AuthorVerifiedType => &[X],
        Field::AuthorGender => &[Weibo],
        Field::Country | Field::Continent => &[X],
        Field::Region => &[],
        Field::City => &[X, Weibo],
        Field::Latitude | Field::Longitude => &[X, Weibo],
        Field::EngagingWith => &[X, Bluesky, Mastodon, Telegram, Weibo],
        Field::EngagingWithGuid => &[X, Bluesky, Mastodon, Reddit, YouTube, HackerNews, Telegram, Weibo],
        Field::ParentPostId => &[X, Bluesky, Mastodon, Reddit, YouTube, HackerNews, Telegram, Weibo],
        Field::RootPostId => &[X, Bluesky, Reddit, YouTube, HackerNews],
        Field::Subreddit | Field::SubredditNsfw | Field::Spoiler => &[Reddit],
        Field::AuthorFlair | Field::PostFlair => &[Reddit],
        Field::Publication => &[Rss],
        Field::SensitiveContent => &[X, Bluesky, Mastodon, Reddit, Telegram],
        Field::ChannelId => &[Reddit, YouTube, Telegram, Rss],
        Field::Tags => ALL,
        Field::AtMentions => ALL,
        Field::MediaType => &[X, Bluesky, Mastodon, Telegram, Weibo, Rss],
        Field::Likes => &[X, Mastodon, Reddit, YouTube, HackerNews, Weibo, Rss],
        Field::Reposts => &[X, Mastodon, Weibo],
        Field::Replies => &[X, Mastodon, Reddit, YouTube, HackerNews, Weibo, Rss],
        Field::Engagement => &[X, Mastodon, Reddit, YouTube, HackerNews, Weibo, Rss],
        // Computed by earful itself.
        Field::Sentiment | Field::Emotion | Field::Brand | Field::Tag | Field::Category => ALL,
        Field::Rating | Field::ItemReview | Field::SubredditTopics | Field::PubType | Field::Unanswered => {
            &[]
        }
    }
}
