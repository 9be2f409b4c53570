//! The JSON of a mention: what analysts and agent desks read.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use smallvec::SmallVec;

use super::rules::Marks;
use super::sentiment::{Cue, Emotions};
use crate::model::{BrandMatch, Language, Origin, Polarity, Post, Score, Span, Timestamp, Zone};

/// A mention before its fate is known. `fate` is put in front by `Mention::write_json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MentionDocument<'a> {
    /// Every brand that the post names.
    pub(super) brands: SmallVec<[Match<'a>; 2]>,
    /// Detected: ISO 639, and `zh-hans` or `zh-hant`.
    pub(super) language: Language,
    /// What the writer of the text seems to feel, and how likely that is, 0 to 1: `anger`, `disgust`, `fear`, `joy`,
    /// `sadness`, `surprise`; absent when there is nothing. English and Chinese; no `disgust` in Chinese.
    #[serde(skip_serializing_if = "Emotions::is_empty")]
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, f64>"))]
    pub(super) emotions: Emotions,
    /// When it came in: the push, else the network's server, else the time of publication.
    pub(super) received_at: Timestamp,
    /// Where the record stands.
    pub(super) origin: Origin<'a>,
    /// The post as normalised; what the feed does not state is left out.
    pub(super) post: &'a Post<'a>,
}

/// One brand found in a post, as JSON.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Match<'a> {
    /// The brand's id in the pipeline.
    pub brand: &'a str,
    /// The query that matched.
    pub query: QueryView<'a>,
    /// Towards this brand.
    pub sentiment: SentimentView,
    /// What gave most to the score, in the order of the text; absent when there is nothing, or when a rule set
    /// the sentiment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cues: Vec<CueView<'a>>,
    /// The rule that set the sentiment, `rule:NAME`; absent when it is as scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment_by: Option<&'a str>,
    /// Tags that rules have added; absent when there are none.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub tags: &'a [Arc<str>],
    /// Category that a rule has set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'a str>,
    /// What made it match.
    pub match_positions: Vec<MatchPosition<'a>>,
}

/// Which query made a post a mention.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct QueryView<'a> {
    /// Its id: that of its brand, which has one query.
    pub id: &'a str,
    /// A hash of what it says, 16 hexadecimal digits: the same as long as the query says the same.
    pub version: &'a str,
}

/// A brand as mentions name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandLabel {
    /// Its id in the pipeline.
    pub id: String,
    /// The version of its query.
    pub version: String,
}

/// Label and graded score.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SentimentView {
    /// Three-way label.
    pub label: Polarity,
    /// -1 to 1.
    pub score: Score,
}

/// Something in the text that gave to its score, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CueView<'a> {
    /// First code point.
    pub start: usize,
    /// Number of code points.
    pub length: usize,
    /// `word`, `symbol`, `house`, `negation`, `degree`, `ngram`; `marks` and `text` are for the whole text.
    pub kind: &'static str,
    /// The words themselves; absent for the whole text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Cow<'a, str>>,
    /// Its part of the score, in steps of 0.0001.
    pub contribution: f64,
}

/// Counts the code points before places of a text. These mostly ascend, so that each is counted about once.
struct CodePoints<'a> {
    text: &'a str,
    byte: usize,
    count: usize,
}

impl<'a> CodePoints<'a> {
    fn of(text: &'a str) -> CodePoints<'a> {
        CodePoints { text, byte: 0, count: 0 }
    }

    fn before(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.count) = (0, 0);
        }
        self.count += self.text.get(self.byte..byte).map_or(0, |skipped| skipped.chars().count());
        self.byte = byte;
        self.count
    }
}

/// Cues with their spans turned from bytes into code points of `text`.
#[must_use]
pub fn cue_views<'a>(text: &Cow<'a, str>, cues: &[Cue]) -> Vec<CueView<'a>> {
    let mut points = CodePoints::of(text);
    let mut view = |cue: &Cue| {
        let place = cue.start as usize..cue.end as usize;
        let found: Cow<'a, str> = match text {
            Cow::Borrowed(text) => text.get(place).unwrap_or_default().into(),
            Cow::Owned(text) => text.get(place).unwrap_or_default().to_owned().into(),
        };
        CueView {
            start: points.before(cue.start as usize),
            length: found.chars().count(),
            kind: cue.kind.as_str(),
            text: (!cue.kind.is_whole()).then_some(found),
            contribution: f64::from(cue.contribution) / 10_000.0,
        }
    };
    cues.iter().map(&mut view).collect()
}

/// A span in Unicode code points, as Brandwatch's API gives it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MatchPosition<'a> {
    /// Which text.
    pub zone: Zone,
    /// First code point.
    pub start: usize,
    /// Number of code points.
    pub length: usize,
    /// The words themselves.
    pub text: &'a str,
}

impl<'a> Match<'a> {
    /// The match of `brand`, with its spans turned from bytes into code points of the post's zones, with what
    /// rules have done, and with the `cues` of the score where no rule set it.
    #[must_use]
    pub fn new(
        brand: &'a BrandLabel,
        found: &BrandMatch,
        marks: &'a Marks,
        post: &'a Post<'_>,
        (text, cues): (&Cow<'a, str>, &[Cue]),
    ) -> Match<'a> {
        let match_positions = MatchPosition::all(&found.spans, post);
        let sentiment = SentimentView { label: found.polarity, score: found.score };
        let query = QueryView { id: &brand.id, version: &brand.version };
        Match {
            brand: &brand.id,
            query,
            sentiment,
            cues: if marks.sentiment_by.is_some() { Vec::new() } else { cue_views(text, cues) },
            sentiment_by: marks.sentiment_by.as_deref(),
            tags: &marks.tags,
            category: marks.category.as_deref(),
            match_positions,
        }
    }
}

impl<'a> MatchPosition<'a> {
    /// The spans, turned from bytes into code points of the post's zones.
    #[must_use]
    pub fn all(spans: &[Span], post: &'a Post<'_>) -> Vec<MatchPosition<'a>> {
        // Spans are in the order of the zones.
        let (mut last, mut points) = (Zone::Title, CodePoints::of(post.zone(Zone::Title)));
        let position = |&Span { zone, start, end }: &Span| {
            if zone != last {
                (last, points) = (zone, CodePoints::of(post.zone(zone)));
            }
            let text = post.zone(zone).get(start as usize..end as usize)?;
            let start = points.before(start as usize);
            Some(MatchPosition { zone, start, length: text.chars().count(), text })
        };
        spans.iter().filter_map(position).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::json;
    use crate::analysis::sentiment::Emotion;
    use crate::model::{Counts, Network};

    /// Else each would be written twice: up to there, and then by the slow way.
    #[test]
    fn a_mention_has_nothing_that_the_fast_writer_refuses() {
        let mut post =
            Post::new(Network::X, "1".into(), "苹果 \"apple\" 🍏".into(), Timestamp::from_millis(7));
        post.counts = Counts { likes: Some(3), ..Counts::default() };
        let label = BrandLabel { id: "apple".to_owned(), version: "0123456789abcdef".to_owned() };
        let found = BrandMatch {
            brand: crate::model::BrandId(0),
            spans: [Span { zone: Zone::Body, start: 0, end: 6 }].into_iter().collect(),
            polarity: Polarity::Negative,
            score: Score::from_e4(-1_234),
        };
        let text = Cow::Borrowed(&*post.body);
        let cue =
            Cue { start: 0, end: 6, kind: crate::analysis::sentiment::CueKind::Word, contribution: -1_234 };
        let marks = Marks { tags: ["urgent".into()].into_iter().collect(), ..Marks::default() };
        let match_ = Match::new(&label, &found, &marks, &post, (&text, &[cue]));
        let document = MentionDocument {
            brands: [match_].into_iter().collect(),
            language: Language::EN,
            emotions: [(Emotion::Anger, Score::from_e4(5_000)), (Emotion::Fear, Score::from_e4(10_000))]
                .into_iter()
                .collect(),
            received_at: Timestamp::from_millis(8),
            origin: Origin { feed: "f", source: "s/0", offset: 1, line: 2 },
            post: &post,
        };
        let mut written = Vec::new();
        json::write(&document, &mut written).unwrap();
        assert_eq!(written, serde_json::to_vec(&document).unwrap());
        assert!(String::from_utf8(written).unwrap().contains(r#""emotions":{"anger":0.5,"fear":1.0}"#));
    }

    #[test]
    fn positions_are_counted_in_code_points_of_their_own_zone() {
        let mut post = Post::new(Network::X, "1".into(), "苹果 é apple 🍏 apple".into(), Timestamp::MIN);
        post.title = Some("果 apple".into());
        let span = |zone, word: &str, nth: usize| {
            let (start, found) = post.zone(zone).match_indices(word).nth(nth).unwrap();
            Span { zone, start: start as u32, end: (start + found.len()) as u32 }
        };
        let (title, body) = (Zone::Title, Zone::Body);
        let spans =
            [span(title, "apple", 0), span(body, "苹果", 0), span(body, "apple", 0), span(body, "apple", 1)];
        let found = MatchPosition::all(&spans, &post);
        let places: Vec<_> = found.iter().map(|found| (found.zone, found.start, found.length)).collect();
        assert_eq!(places, [(title, 2, 5), (body, 0, 2), (body, 5, 5), (body, 13, 5)]);
    }
}
