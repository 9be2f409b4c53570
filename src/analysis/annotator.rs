//! The readable sentence: the order of the stages, from a record to its readings.

use std::sync::Arc;

use smallvec::SmallVec;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::correction;
use super::decode::{self, Format, Frame};
use super::document::{BrandLabel, Match, MentionDocument};
use super::json;
use super::links::normalise_link;
use super::query::{MatchScratch, QuerySet};
use super::rules::{Marks, Rules, Subject};
use super::sentiment::{Cue, Emotions, Scorer, Sentiment, SentimentScratch};
use super::text::{TokenKind, Tokenizer, Tokens, detect_language};
use super::towards::{Brands, Scorers, keep_greatest};
use crate::model::{
    BrandId, BrandMatch, Counts, DeadLetter, Defect, Excerpt, Kind, Language, Mention, Network, Origin,
    Polarity, Post, PostKey, Reading, ReadingOutcome, Record, Referred, Score, Span, Timestamp, Zone,
};

/// Characters of a post kept for evidence.
const SNIPPET_CHARS: usize = 280;

/// The zones in the order of reading.
const ZONES: [Zone; 3] = [Zone::Title, Zone::Warning, Zone::Body];

/// Turns records into readings: decode, tokenise, match, and, for posts that match, find the
/// language, score the sentiment and write the mention.
///
/// Immutable: one is shared by all threads, each with a [`Scratch`] of its own.
pub struct Annotator {
    tokenizer: Tokenizer,
    queries: QuerySet,
    scorers: Scorers,
    /// By `BrandId`; queries behind them are filters.
    brands: Vec<BrandLabel>,
    /// Names of the spam rules.
    filters: Vec<Arc<str>>,
    rules: Option<Rules>,
}

/// Buffers that are used again for every post; one a thread.
#[derive(Default)]
pub struct Scratch {
    tokens: Tokens,
    matching: MatchScratch,
    sentiment: SentimentScratch,
    found: Vec<BrandMatch>,
    /// What rules did to each of `found`.
    marks: Vec<Marks>,
    ruling: MatchScratch,
    /// What gave to the score of each of `found`.
    cues: Vec<Vec<Cue>>,
    json: Vec<u8>,
    posts: [u64; Network::ALL.len()],
}

impl Scratch {
    /// Posts read since the last call, by network.
    pub fn take_posts(&mut self) -> impl Iterator<Item = (Network, u64)> + use<> {
        let posts = std::mem::take(&mut self.posts);
        Network::ALL.iter().copied().zip(posts).filter(|(_, posts)| *posts > 0)
    }
}

/// A post after analysis, borrowed: what `earful analyse` prints.
pub struct View<'a> {
    /// Its tokens in all zones.
    pub tokens: &'a Tokens,
    /// Detected language.
    pub language: Language,
    /// Of the whole text.
    pub sentiment: Sentiment,
    /// All that made its score.
    pub cues: &'a [Cue],
    /// What its writer seems to feel.
    pub emotions: Emotions,
    /// The brands found.
    pub matches: Vec<Match<'a>>,
}

impl Annotator {
    /// `queries` holds one query for each of `brands`, in order, then one for each of `filters`
    /// (spam rules: a post that one of them matches is left out and counted).
    #[must_use]
    pub fn new(
        tokenizer: Tokenizer,
        queries: QuerySet,
        scorer: Scorer,
        brands: Vec<BrandLabel>,
        filters: Vec<Arc<str>>,
    ) -> Annotator {
        let scorers = Scorers::new(scorer, Vec::new());
        Annotator { tokenizer, queries, scorers, brands, filters, rules: None }
    }

    /// The same with these rules, which are applied to every mention.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Annotator {
        Annotator { rules: Some(rules), ..self }
    }

    /// The same with scorers for some brands in the place of the one for all.
    #[must_use]
    pub fn with_own_scorers(self, own: Vec<(BrandId, Scorer)>) -> Annotator {
        Annotator { scorers: self.scorers.with_own(own), ..self }
    }

    /// Reads one record into one reading for each post or frame inside, appended to `out`.
    pub fn read(&self, record: &Record<'_>, format: Format, scratch: &mut Scratch, out: &mut Vec<Reading>) {
        decode::decode(record, format, &mut |frame| out.push(self.reading(record, frame, scratch)));
    }

    /// Analyses one post completely, whether it names a brand or not.
    pub fn view<'a>(&'a self, post: &'a Post<'_>, scratch: &'a mut Scratch) -> View<'a> {
        let language = self.find(post, scratch);
        let (language, sentiment) = self.judge(post, language, scratch);
        let text = post.scored_text();
        let found = scratch.found.iter().zip(&scratch.marks).zip(&scratch.cues);
        let found = found.filter_map(|((m, marks), cues)| {
            Some(Match::new(self.brands.get(m.brand.0 as usize)?, m, marks, post, (&text, cues)))
        });
        let matches = found.collect();
        let (cues, emotions) = (scratch.sentiment.cues(), scratch.sentiment.emotions());
        View { tokens: &scratch.tokens, language, sentiment, cues, emotions, matches }
    }

    fn reading(&self, record: &Record<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Reading {
        let arrival = record.received_at.unwrap_or(Timestamp::MIN);
        let bare = |identity, outcome| timed(identity, arrival, arrival, outcome);
        // By reference: a post is large.
        match &frame {
            Frame::Post(post) => self.post_reading(record, post, scratch),
            Frame::Delete { network, id } => {
                let key = PostKey { network: *network, id: id.as_ref().into() };
                bare(identity(*network, id), ReadingOutcome::Delete(key))
            }
            Frame::Correction(label) => match correction::outcome(&self.brands, record, label) {
                Ok((at, outcome)) => {
                    let received_at = record.received_at.unwrap_or(at);
                    timed(identity(label.network, &label.id), at, received_at, outcome)
                }
                Err(defect) => bare(0, ReadingOutcome::Malformed(Box::new(dead_letter(record, defect)))),
            },
            Frame::Ignored(reason) => bare(0, ReadingOutcome::Ignored(reason)),
            Frame::Malformed(defect) => {
                bare(0, ReadingOutcome::Malformed(Box::new(dead_letter(record, defect.clone()))))
            }
        }
    }

    fn post_reading(&self, record: &Record<'_>, post: &Post<'_>, scratch: &mut Scratch) -> Reading {
        let received_at = record.received_at.or(post.server_at).unwrap_or(post.published_at);
        scratch.posts[post.network as usize] += 1;
        Reading {
            identity: identity(post.network, &post.id),
            version: post.edited_at.map_or(0, Timestamp::millis),
            published_at: post.published_at,
            received_at,
            outcome: self.outcome(post, record.origin, received_at, scratch),
        }
    }

    fn outcome(
        &self,
        post: &Post<'_>,
        origin: Origin<'_>,
        received_at: Timestamp,
        scratch: &mut Scratch,
    ) -> ReadingOutcome {
        let language = self.find(post, scratch);
        if let Some(filter) = self.filter_hit(&scratch.found) {
            return ReadingOutcome::Filtered(filter);
        }
        if scratch.found.is_empty() {
            return ReadingOutcome::Unmatched;
        }
        let (language, _) = self.judge(post, language, scratch);
        scratch.cues.iter_mut().for_each(keep_greatest);
        let json = self.document(post, origin, received_at, language, scratch);
        let matches = scratch.found.drain(..).collect();
        ReadingOutcome::Matched(Arc::new(mention(post, language, &scratch.tokens, matches, json)))
    }

    /// Tokenises all zones and leaves the queries that match in `scratch.found`, ascending by id.
    /// Gives the language if it had to be detected for that.
    fn find(&self, post: &Post<'_>, scratch: &mut Scratch) -> Option<Language> {
        scratch.tokens.clear();
        for zone in ZONES {
            let text = post.zone(zone);
            if !text.is_empty() {
                self.tokenizer.tokenize(zone, text, &mut scratch.tokens);
            }
        }
        scratch.found.clear();
        let language = self.queries.uses_language().then(|| language_of(post));
        let asked = language.unwrap_or(Language::UNKNOWN);
        let found = self.queries.find_in(post, &scratch.tokens, asked, &mut scratch.matching);
        scratch.found.extend(found.iter().map(|(brand, spans)| unscored(brand, spans)));
        language
    }

    fn filter_hit(&self, found: &[BrandMatch]) -> Option<Arc<str>> {
        let last = found.last()?.brand.0 as usize;
        self.filters.get(last.checked_sub(self.brands.len())?).cloned()
    }

    /// Scores the brands found and applies the rules to them. Gives language and sentiment of the whole text.
    fn judge(
        &self,
        post: &Post<'_>,
        language: Option<Language>,
        scratch: &mut Scratch,
    ) -> (Language, Sentiment) {
        let language = language.unwrap_or_else(|| language_of(post));
        let Scratch { found, cues, sentiment: buffers, .. } = scratch;
        let sentiment = self.scorers.score(post, language, &mut Brands { found, cues }, buffers);
        let emotions = scratch.sentiment.emotions();
        let Scratch { found, marks, ruling, tokens, .. } = scratch;
        marks.clear();
        match &self.rules {
            Some(rules) => {
                let subject = Subject { post, tokens, language, brands: &self.brands, emotions };
                rules.apply(subject, found, marks, ruling);
            }
            None => marks.resize_with(found.len(), Marks::default),
        }
        (language, sentiment)
    }

    fn document(
        &self,
        post: &Post<'_>,
        origin: Origin<'_>,
        received_at: Timestamp,
        language: Language,
        scratch: &mut Scratch,
    ) -> Box<[u8]> {
        let Scratch { found, marks, cues, sentiment, json: buffer, .. } = scratch;
        let emotions = sentiment.emotions();
        let text = post.scored_text();
        let new = |((m, marks), cues): ((&BrandMatch, _), &Vec<Cue>)| {
            Match::new(&self.brands[m.brand.0 as usize], m, marks, post, (&text, cues))
        };
        let brands = found.iter().zip(&*marks).zip(&*cues).map(new).collect();
        let document = MentionDocument { brands, language, emotions, received_at, origin, post };
        buffer.clear();
        if json::write(&document, buffer).is_ok() {
            return buffer.as_slice().into();
        }
        // Writing plain structs into memory cannot fail; an empty object is a visible answer if it did.
        serde_json::to_vec(&document).unwrap_or_else(|_| b"{}".to_vec()).into()
    }
}

/// A reading of something that is no post.
fn timed(identity: u64, at: Timestamp, received_at: Timestamp, outcome: ReadingOutcome) -> Reading {
    Reading { identity, version: 0, published_at: at, received_at, outcome }
}

fn language_of(post: &Post<'_>) -> Language {
    detect_language(&post.scored_text(), post.declared_language.as_deref())
}

/// A match whose sentiment is not known yet.
fn unscored(brand: BrandId, spans: &[Span]) -> BrandMatch {
    let spans = spans.iter().copied().collect();
    BrandMatch { brand, spans, polarity: Polarity::Neutral, score: Score::default() }
}

/// Stable hash of network and native id. 0 is kept for frames without identity.
fn identity(network: Network, id: &str) -> u64 {
    of_network(network, id).max(1)
}

/// Stable hash of what is unique within a network. Its short inputs are hashed by little more than an exclusive or with the
/// seed, so seeds that differ in few bits would make `120` of one network and `123` of another the same.
fn of_network(network: Network, key: &str) -> u64 {
    xxh3_64_with_seed(key.as_bytes(), xxh3_64(network.as_str().as_bytes()))
}

fn mention(
    post: &Post<'_>,
    language: Language,
    tokens: &Tokens,
    matches: SmallVec<[BrandMatch; 2]>,
    json: Box<[u8]>,
) -> Mention {
    let counts = own_counts(post);
    Mention {
        excerpt: Arc::new(excerpt(post, counts)),
        kind: post.kind,
        language,
        author: author(post),
        counts,
        hashtags: hashtags(post, tokens),
        links: links(post),
        refers_to: referred(post).map(Arc::new),
        matches,
        json,
    }
}

fn excerpt(post: &Post<'_>, counts: Counts) -> Excerpt {
    Excerpt {
        key: PostKey { network: post.network, id: post.id.as_ref().into() },
        author: post.author.label().into(),
        followers: post.author.followers,
        engagement: counts.engagement(),
        url: post.url.as_deref().map(Into::into),
        text: snippet(post.main_text()),
    }
}

/// Stable hash of network and author; none when no author is stated.
fn author(post: &Post<'_>) -> Option<u64> {
    let key = post.author.key();
    (!key.is_empty()).then(|| of_network(post.network, key))
}

/// A pure repost states the interactions of the original; they are not its own, and would be summed again
/// with every repost.
fn own_counts(post: &Post<'_>) -> Counts {
    if post.kind == Kind::Repost { Counts::default() } else { post.counts }
}

fn hashtags(post: &Post<'_>, tokens: &Tokens) -> Box<[Box<str>]> {
    let stated = post.hashtags.iter().map(|tag| tag.to_lowercase().into());
    let written = tokens.iter().filter(|t| t.kind == TokenKind::Hashtag);
    distinct(stated.chain(written.map(|t| tokens.folded(t).trim_matches('#').into())))
}

fn links(post: &Post<'_>) -> Box<[Box<str>]> {
    distinct(post.links.iter().map(|link| normalise_link(link.target()).into()))
}

fn distinct(values: impl Iterator<Item = Box<str>>) -> Box<[Box<str>]> {
    let mut out: Vec<Box<str>> = values.filter(|v| !v.is_empty()).collect();
    out.sort_unstable();
    out.dedup();
    out.into()
}

/// The post passed on, else the one quoted, else the one answered.
fn referred(post: &Post<'_>) -> Option<Referred> {
    let reference = post.repost_of.as_ref().or(post.quote_of.as_ref()).or(post.in_reply_to.as_ref())?;
    Some(Referred {
        text: reference.text.as_deref().map(snippet),
        author: reference.author.as_deref().map(Into::into),
        published_at: reference.published_at,
        url: reference.url.as_deref().map(Into::into),
        key: PostKey { network: post.network, id: reference.id.as_ref().into() },
    })
}

fn snippet(text: &str) -> Box<str> {
    // A text of so many bytes has no more characters.
    let end = if text.len() <= SNIPPET_CHARS { None } else { text.char_indices().nth(SNIPPET_CHARS) };
    text[..end.map_or(text.len(), |(at, _)| at)].into()
}

pub(super) fn dead_letter(record: &Record<'_>, defect: Defect) -> DeadLetter {
    let raw = std::str::from_utf8(record.payload).ok().map(str::to_owned);
    let raw_base64 = match raw {
        Some(_) => None,
        None => Some(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, record.payload)),
    };
    DeadLetter {
        reason: defect.code.to_owned(),
        detail: defect.detail,
        feed: record.origin.feed.to_owned(),
        source: record.origin.source.to_owned(),
        offset: record.origin.offset,
        line: record.origin.line,
        received_at: record.received_at,
        bytes: record.payload.len() as u64,
        raw,
        raw_base64,
        truncated: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::query::{ParseOptions, parse};
    use crate::analysis::text::TextOptions;

    fn annotator(queries: &[&str]) -> Annotator {
        let parsed = |text: &str| parse(text, &ParseOptions::default()).query.unwrap();
        let label =
            |text: &&str| BrandLabel { id: (*text).to_owned(), version: parsed(text).version().to_string() };
        let brands = queries.iter().map(label).collect();
        let compiled = queries.iter().zip(0..).map(|(text, n)| (BrandId(n), parsed(text))).collect();
        let options = TextOptions::default();
        let set = QuerySet::compile(compiled, options);
        Annotator::new(Tokenizer::new(options), set, Scorer::builtin(), brands, Vec::new())
    }

    fn found(queries: &[&str], text: &str, declared: Option<&'static str>) -> Vec<u32> {
        let mut post = Post::new(Network::Other, "1".into(), text.into(), Timestamp::default());
        post.declared_language = declared.map(Into::into);
        let mut scratch = Scratch::default();
        annotator(queries).find(&post, &mut scratch);
        scratch.found.iter().map(|found| found.brand.0).collect()
    }

    /// Labels of the brands found, and the words of their cues.
    fn judged(title: &'static str, body: &'static str) -> Vec<(Polarity, Vec<String>)> {
        let mut post = Post::new(Network::Reddit, "1".into(), body.into(), Timestamp::default());
        post.title = Some(title.into());
        let (annotator, mut scratch) = (annotator(&["heron", "plover"]), Scratch::default());
        let view = annotator.view(&post, &mut scratch);
        let words = |found: &Match<'_>| {
            found.cues.iter().filter_map(|cue| Some(cue.text.as_ref()?.to_string())).collect()
        };
        view.matches.iter().map(|found| (found.sentiment.label, words(found))).collect()
    }

    #[test]
    fn title_and_body_are_scored_together() {
        let [title, body] = ["I hate Heron, terrible airline", "More in the comments."];
        let found = judged(title, body);
        assert_eq!(found[0].0, Polarity::Negative);
        assert!(found[0].1.contains(&"terrible".to_owned()), "{found:?}");
        assert_eq!(judged(body, title)[0].0, Polarity::Negative);
        // Each brand in its own part, wherever that is.
        let labels =
            |found: Vec<(Polarity, Vec<String>)>| found.into_iter().map(|found| found.0).collect::<Vec<_>>();
        let expected = [Polarity::Positive, Polarity::Negative];
        assert_eq!(labels(judged("Heron is wonderful", "Plover is terrible.")), expected);
        assert_eq!(labels(judged("Heron is wonderful, Plover is terrible", "See the link below.")), expected);
        // What is said twice is scored once.
        assert_eq!(judged("Heron is fine", "Heron is fine and more"), judged("", "Heron is fine and more"));
    }

    #[test]
    fn posts_of_different_networks_are_never_one() {
        let mut seen = std::collections::HashMap::new();
        for network in Network::ALL.iter().copied() {
            // Of every length, and alike but for their last digits.
            let lengths = (1..=24_usize).flat_map(|length| (0..300).map(move |i| (length, i)));
            for (length, i) in lengths {
                let id = format!("{:0>length$}", i * 7 % 10_u64.pow(length.min(9) as u32));
                let known = seen.insert(identity(network, &id), (network, id.clone()));
                assert!(known.is_none_or(|known| known == (network, id.clone())), "{network:?} {id}");
            }
        }
    }

    #[test]
    fn language_is_answered_by_what_the_text_is_written_in() {
        let queries = ["united AND language:en", "united AND language:zh", "united NOT language:en"];
        let english = "United lost my luggage again, worst airline ever";
        assert_eq!(found(&queries, english, None), [0]);
        assert_eq!(found(&queries, english, Some("zh")), [0], "the letters overrule what is declared");
        assert_eq!(found(&queries, "united 又丢了我的行李，气死我了", None), [1, 2]);
        assert_eq!(found(&["ua AND language:zh"], "UA", Some("zh-cn")), [0], "too short to tell");
    }

    #[test]
    fn the_language_is_detected_for_matching_only_where_a_query_asks() {
        for (queries, asks) in
            [(["united", "delta"], false), (["united", "delta AND (a OR language:en)"], true)]
        {
            let annotator = annotator(&queries);
            let post =
                Post::new(Network::Other, "1".into(), "the plane of united".into(), Timestamp::default());
            assert_eq!(annotator.find(&post, &mut Scratch::default()).is_some(), asks);
        }
    }

    #[test]
    fn snippets_are_cut_by_characters() {
        let check = |text: &str, chars: usize| assert_eq!(snippet(text).chars().count(), chars);
        check("", 0);
        check(&"a".repeat(280), 280);
        check(&"a".repeat(281), 280);
        check(&"文".repeat(280), 280);
        check(&"文".repeat(281), 280);
        assert_eq!(&*snippet("Größe"), "Größe");
    }
}
