//! Conditions on fields of a post.
//!
//! **Invariant:** absent data makes a condition false. No allocation but in the reused buffer, and for addresses of
//! other letters than ASCII.

use unicode_normalization::UnicodeNormalization;

use super::ast::{FieldClause, FieldText, FieldValue, TermText};
use super::computed::Computed;
use super::fields::{self, Field};
use super::glob::Glob;
use super::host::readable;
use super::place;
use super::sample;
use super::site::{self, Address};
use super::stated::{self, fold_name};
use crate::analysis::text::{TokenKind, Tokens, push_name, short_name, stated_language};
use crate::model::{Kind, Language, Network, Post};

/// A post with what is known of it beyond its own fields.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) post: &'a Post<'a>,
    pub(super) tokens: &'a Tokens,
    pub(super) language: Language,
    /// Only for rules: collection comes before it.
    pub(super) computed: Option<Computed<'a>>,
}

impl Subject<'_> {
    /// The feed states tags or names beside the text.
    pub(super) fn is_told(&self) -> bool {
        !self.post.hashtags.is_empty() || !self.post.mentions.is_empty()
    }
}

/// A compiled condition.
#[derive(Debug)]
pub(super) struct FieldTest {
    pub(super) field: Field,
    pub(super) values: Vec<Value>,
    pub(super) range: (f64, f64),
    /// As in the text.
    pub(super) fold_han: bool,
}

/// One of the values asked for.
#[derive(Debug)]
pub(super) struct Value {
    /// Folded.
    pub(super) text: String,
    /// The same without accents, by which it is looked up.
    pub(super) key: String,
    /// Of tags and names: has accents, so that what is found must have them, too.
    pub(super) accents: bool,
    pub(super) glob: Option<Glob>,
}

/// NFC and lower case, and one apostrophe for all; in author names a dot is a blank, and many blanks are one.
pub(super) fn fold(text: &str, field: Field, out: &mut String) {
    out.clear();
    let dotless = matches!(field, Field::Author | Field::WeblogTitle);
    let plain = |c: char| match c {
        '.' if dotless => ' ',
        '‘' | '’' | 'ʼ' => '\'',
        c => c,
    };
    if text.is_ascii() {
        out.extend(text.chars().map(|c| plain(c.to_ascii_lowercase())));
    } else {
        out.extend(text.nfc().flat_map(char::to_lowercase).map(plain));
    }
    if dotless {
        let mut before = ' ';
        out.retain(|c| std::mem::replace(&mut before, c) != ' ' || c != ' ');
        out.truncate(out.trim_end_matches(' ').len());
    }
}

impl FieldTest {
    pub(super) fn new(clause: &FieldClause, fold_han: bool) -> FieldTest {
        let (values, range) = match &clause.value {
            FieldValue::AnyOf(values) => (values.as_slice(), (0.0, 0.0)),
            FieldValue::Range { from, to } => {
                (&[][..], (from.unwrap_or(f64::NEG_INFINITY), to.unwrap_or(f64::INFINITY)))
            }
        };
        let value = |value: &FieldText| Value::new(clause.field, &value.term.text, fold_han);
        FieldTest { field: clause.field, values: values.iter().map(value).collect(), range, fold_han }
    }

    /// Folded values that the post must have one of, if the field can be looked up.
    pub(super) fn lookup(&self) -> Option<impl Iterator<Item = &str>> {
        let plain = self.values.iter().all(|value| value.glob.is_none() && !value.text.contains('/'));
        let by_host = matches!(self.field, Field::Site | Field::Links);
        let by_name = matches!(
            self.field,
            Field::Author
                | Field::Network
                | Field::Subreddit
                | Field::Language
                | Field::Tags
                | Field::AtMentions
                | Field::Guid
        );
        ((by_host && plain) || (by_name && self.values.iter().all(|value| value.glob.is_none())))
            .then(|| self.values.iter().map(|value| value.key.as_str()))
    }

    /// Does the post meet the condition? `buffer` is for folding.
    pub(super) fn holds(&self, subject: Subject<'_>, buffer: &mut String) -> bool {
        let post = subject.post;
        match self.field {
            Field::Site => site::of_post(post).is_some_and(|url| self.site(Address::new(&readable(url)))),
            Field::Url => {
                post.url.as_deref().is_some_and(|url| self.prefix(Address::new(&readable(url)), buffer))
            }
            Field::Links => {
                let mut found = false;
                links(subject, &mut |url| found = found || self.link(url, buffer));
                found
            }
            Field::TopLevelDomain => {
                site::of_post(post).is_some_and(|url| self.domain_end(Address::new(&readable(url))))
            }
            Field::Language => {
                let is_wanted =
                    |language: Language| self.values.iter().any(|value| value.text == language.as_str());
                languages(subject.language).any(is_wanted)
            }
            Field::MinuteOfDay => {
                self.in_wrapped_range(post.published_at.millis().div_euclid(60_000).rem_euclid(1_440) as f64)
            }
            Field::Is | Field::Has => self.values.iter().any(|value| has_trait(subject, &value.text)),
            Field::Region | Field::City => post.geo.as_ref().is_some_and(|geo| {
                let own = if self.field == Field::Region { &geo.region } else { &geo.city };
                self.values.iter().any(|value| place::lies_in(geo, own.as_deref(), &value.text))
            }),
            Field::Sample => {
                let percents = self.values.iter().filter_map(|value| sample::percent(&value.text));
                sample::has(post, percents.fold(0.0, f64::max))
            }
            Field::EngagementType => self.values.iter().any(|value| kind_is(post.kind, &value.text)),
            Field::Sentiment | Field::Emotion | Field::Brand | Field::Tag | Field::Category => {
                subject.computed.is_some_and(|known| self.holds_after(&known, buffer))
            }
            field => match number(field, post) {
                Some(found) => found.is_some_and(|n| self.has_number(n)),
                None => self.names(post, buffer),
            },
        }
    }

    fn names(&self, post: &Post<'_>, buffer: &mut String) -> bool {
        let mut found = false;
        names(self.field, post, &mut |name| {
            found = found || self.is_name(name, false, buffer) || self.is_name(name, true, buffer);
        });
        found
    }

    /// Among the values with accents, or those without.
    fn is_name(&self, name: &str, accents: bool, buffer: &mut String) -> bool {
        let mut values = self.values.iter().filter(|value| value.accents == accents).peekable();
        if values.peek().is_some() {
            fold_name(name, (self.field, self.fold_han), accents, buffer);
        }
        values.any(|value| value.is(self.field, buffer))
    }

    fn site(&self, address: Address<'_>) -> bool {
        self.values.iter().any(|value| match &value.glob {
            None => address.is_at(&value.text),
            Some(glob) => address.suffixes().any(|host| glob.matches(&host.to_ascii_lowercase())),
        })
    }

    fn link(&self, url: &str, buffer: &mut String) -> bool {
        let url = readable(url);
        let address = Address::new(&url);
        self.values.iter().any(|value| value.glob.is_none() && address.is_at(&value.text))
            || self.prefix(address, buffer)
    }

    /// `links:bbc.com` is a site; only what has a path is a prefix.
    fn prefix(&self, address: Address<'_>, buffer: &mut String) -> bool {
        fold(address.whole, self.field, buffer);
        self.values.iter().any(|value| match &value.glob {
            None => {
                let is_site = self.field == Field::Links && !value.text.contains('/');
                !is_site && buffer.starts_with(&value.text)
            }
            Some(glob) => glob.matches(buffer),
        })
    }

    fn domain_end(&self, address: Address<'_>) -> bool {
        let end = address.host.rsplit('.').next().unwrap_or("");
        self.values.iter().any(|value| {
            let wanted = value.text.trim_start_matches('.');
            wanted.eq_ignore_ascii_case(end) || (wanted.contains('.') && address.is_at(wanted))
        })
    }

    /// In the range, or one of the list.
    fn has_number(&self, n: f64) -> bool {
        let listed = || self.values.iter().any(|value| value.text.parse() == Ok(n));
        if self.values.is_empty() { n >= self.range.0 && n <= self.range.1 } else { listed() }
    }

    fn in_wrapped_range(&self, minute: f64) -> bool {
        let (from, to) = self.range;
        if from <= to { minute >= from && minute <= to } else { minute >= from || minute <= to }
    }
}

/// What stands for the wildcards of a value, so that an escaped `*` is a star.
const RUN: char = '\u{E000}';
const ONE: char = '\u{E001}';

fn marked(written: &TermText) -> String {
    let mark = |(at, c): (usize, char)| match c {
        '*' if written.wildcards.contains(&at) => RUN,
        '?' if written.wildcards.contains(&at) => ONE,
        c => c,
    };
    written.text.char_indices().map(mark).collect()
}

impl Value {
    fn new(field: Field, written: &TermText, fold_han: bool) -> Value {
        let marked = marked(written);
        let bare = fields::bare_value(field, &marked);
        let mut text = String::new();
        match field {
            Field::Site | Field::Url | Field::Links | Field::TopLevelDomain => {
                fold(&readable(bare), field, &mut text);
            }
            _ => fold_name(bare, (field, fold_han), true, &mut text),
        }
        let mut key = String::new();
        if stated::is_stated(field) {
            push_name(bare, fold_han, false, &mut key);
        }
        let accents = stated::is_stated(field) && key != text;
        if matches!(field, Field::Site | Field::Links) {
            text = site::canonical(&text);
        }
        if field == Field::Language {
            text = stated_language(&text).as_str().to_owned();
        }
        // A prefix is asked for, so what follows is free.
        let mut pattern = text.clone();
        pattern.extend(matches!(field, Field::Url | Field::Links).then_some(RUN));
        let glob = (!written.wildcards.is_empty()).then(|| Glob::new(&pattern, RUN, ONE));
        let key = if accents { key } else { text.clone() };
        Value { text, key, accents, glob }
    }

    fn is(&self, field: Field, found: &str) -> bool {
        match (&self.glob, field) {
            (Some(glob), _) => glob.matches(found),
            (None, Field::Country) => site::same_country(&self.text, found),
            (None, Field::ItemReview) => found.contains(&self.text),
            (None, _) => self.text == found,
        }
    }
}

/// What may be asked for to find a post in this language; of one in an unknown language nothing finds it.
pub(super) fn languages(found: Language) -> impl Iterator<Item = Language> {
    let chinese = Some(Language::ZH).filter(|all| found.is_chinese() && found != *all);
    [Some(found).filter(|found| *found != Language::UNKNOWN), chinese].into_iter().flatten()
}

fn kind_is(kind: Kind, wanted: &str) -> bool {
    let name = match kind {
        Kind::Original => "original",
        Kind::Reply => return matches!(wanted, "reply" | "comment"),
        Kind::Repost => "retweet",
        Kind::Quote => "quote",
    };
    wanted == name
}

/// Tags, names and addresses count in the text as well as in what the feed states.
fn has_trait(subject: Subject<'_>, wanted: &str) -> bool {
    let post = subject.post;
    let written = |kind: TokenKind| subject.tokens.iter().any(|token| token.kind == kind);
    match wanted {
        "retweet" | "reply" | "quote" => kind_is(post.kind, wanted),
        "verified" => post.author.verified == Some(true),
        "links" => !post.links.is_empty() || written(TokenKind::Url),
        "media" => !post.media.is_empty(),
        "images" => post.media.iter().any(|media| media.media_type.eq_ignore_ascii_case("image")),
        "hashtags" => !post.hashtags.is_empty() || written(TokenKind::Hashtag),
        "mentions" => !post.mentions.is_empty() || written(TokenKind::Handle),
        "geo" => post.geo.is_some(),
        _ => false,
    }
}

/// The number that a field of numbers has; the outer `None` is for other fields.
fn number(field: Field, post: &Post<'_>) -> Option<Option<f64>> {
    let counts = &post.counts;
    let whole = |n: Option<u64>| n.map(|n| n as f64);
    let stated = [counts.likes, counts.reposts, counts.replies, counts.quotes, counts.bookmarks];
    Some(match field {
        // As in the metrics, a post reaches the followers of its author.
        Field::AuthorFollowers | Field::Reach => whole(post.author.followers),
        Field::Likes => whole(counts.likes),
        Field::Reposts => whole(counts.reposts),
        Field::Replies => whole(counts.replies),
        Field::Engagement => whole(stated.iter().any(Option::is_some).then(|| counts.engagement())),
        Field::Rating => post.review.as_ref().and_then(|review| review.rating),
        Field::Latitude => post.geo.as_ref().and_then(|geo| geo.latitude),
        Field::Longitude => post.geo.as_ref().and_then(|geo| geo.longitude),
        _ => return None,
    })
}

/// Every address in the post: what the feed states, as written and expanded, and what stands in the text.
pub(super) fn links(subject: Subject<'_>, each: &mut dyn FnMut(&str)) {
    for link in &subject.post.links {
        [Some(link.url.as_ref()), link.expanded.as_deref()].into_iter().flatten().for_each(&mut *each);
    }
    let written = subject.tokens.iter().filter(|token| token.kind == TokenKind::Url);
    written.for_each(|token| each(subject.tokens.cased(token)));
}

/// Every name that the field of this post has.
pub(super) fn names(field: Field, post: &Post<'_>, each: &mut dyn FnMut(&str)) {
    let flag = |value: Option<bool>| value.map(|value| if value { "true" } else { "false" });
    let answered = || [&post.in_reply_to, &post.repost_of].into_iter().flatten();
    let geo = post.geo.as_ref();
    let channel =
        post.channel.as_ref().filter(|_| field != Field::Subreddit || post.network == Network::Reddit);
    match field {
        Field::Author => author_names(post, each),
        Field::WeblogTitle if matches!(post.network, Network::Reddit | Network::Rss) => {
            author_names(post, each)
        }
        Field::Network => each(post.network.as_str()),
        Field::Guid => each(&post.id),
        Field::Tags => post.hashtags.iter().for_each(|tag| each(tag)),
        Field::AtMentions => post.mentions.iter().for_each(|name| {
            let name = stated::without_signs(name, field);
            each(name);
            short_name(name).into_iter().for_each(&mut *each);
        }),
        Field::MediaType => post.media.iter().for_each(|media| each(&media.media_type)),
        Field::EngagingWith => answered().filter_map(|other| other.author.as_deref()).for_each(each),
        Field::SubredditTopics => {
            post.channel.iter().flat_map(|channel| &channel.topics).for_each(|topic| each(topic));
        }
        Field::EngagingWithGuid => answered().for_each(|other| each(&other.id)),
        _ => {
            let one = match field {
                Field::AuthorVerified => flag(post.author.verified),
                Field::AuthorVerifiedType => post.author.verified_type.as_deref(),
                Field::AuthorGender => post.author.gender.as_deref(),
                Field::SensitiveContent => flag(post.sensitive),
                Field::SubredditNsfw => flag(post.sensitive.filter(|_| post.network == Network::Reddit)),
                Field::Spoiler => flag(post.spoiler),
                Field::AuthorFlair => post.author.flair.as_deref(),
                Field::PostFlair => post.flair.as_deref(),
                Field::PubType => post.source.as_ref().and_then(|source| source.name.as_deref()),
                Field::Publication => publication(post),
                Field::Country => geo.and_then(|geo| geo.country.as_deref()),
                Field::Continent => geo.and_then(|geo| geo.country.as_deref()).and_then(place::continent),
                Field::Subreddit => channel.and_then(|channel| channel.name.as_deref()),
                Field::ChannelId => channel.and_then(|channel| channel.id.as_deref()),
                Field::ParentPostId => post.in_reply_to.as_ref().map(|parent| parent.id.as_ref()),
                Field::RootPostId => post.thread_root.as_deref(),
                Field::ItemReview => post.review.as_ref().and_then(|review| review.item.as_deref()),
                _ => None,
            };
            one.into_iter().for_each(each);
        }
    }
}

/// What the feed names, else the title of the news feed.
fn publication<'a>(post: &'a Post<'_>) -> Option<&'a str> {
    let stated = post.source.as_ref().and_then(|source| source.publication.as_deref());
    let feed = post.channel.as_ref().filter(|_| post.network == Network::Rss);
    stated.or_else(|| feed.and_then(|channel| channel.name.as_deref()))
}

/// Handle, its part before the host, display name and id.
fn author_names(post: &Post<'_>, each: &mut dyn FnMut(&str)) {
    let author = &post.author;
    if let Some((name, _host)) = author.handle.as_deref().and_then(|handle| handle.split_once('@')) {
        each(name);
    }
    [&author.handle, &author.name, &author.id].into_iter().flatten().for_each(|name| each(name));
}
