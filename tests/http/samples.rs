//! Invented rows, incidents and mentions.

use std::sync::Arc;

use earful::http::BrandInfo;
use earful::model::{
    Baseline, BrandId, BrandMatch, Counts, DistinctCount, Evidence, Excerpt, Incident, IncidentStatus, Kind,
    Language, Mention, MetricRow, MetricStatus, NetSentiment, Network, Polarity, PostDigest, PostKey, Reach,
    Resolution, Score, Severity, Timestamp, TopEntry, TopList,
};
use serde_json::json;

/// 2009-07-06T16:00:00Z.
pub const START: Timestamp = Timestamp::from_seconds(1_246_896_000);

pub fn brands() -> Vec<BrandInfo> {
    ["aurora", "borealis", "cirrus"]
        .map(|id| BrandInfo {
            id: id.to_owned(),
            name: format!("{id} Air"),
            peer_set: Some("airlines".to_owned()),
            query: format!("{id} AND (flight OR 航班)"),
            is_retired: false,
        })
        .to_vec()
}

pub fn row(brand: &str, resolution: Resolution, index: i64, mentions: i64) -> MetricRow {
    let start = START.plus(index * resolution.width_ms());
    let end = start.plus(resolution.width_ms());
    let net = (mentions > 0).then_some(NetSentiment { value: 0.0, n: mentions, low: -0.5, high: 0.5 });
    let entries = vec![TopEntry { value: "=HYPERLINK(1)".into(), count: 2 }];
    MetricRow {
        brand: brand.to_owned(),
        resolution,
        start,
        end,
        as_of: end,
        status: MetricStatus::Final,
        mentions,
        originals: mentions,
        replies: 0,
        reposts: 0,
        quotes: 0,
        positive: 0,
        neutral: mentions,
        negative: 0,
        net_sentiment_polar: None,
        net_sentiment_total: net,
        score_sum: -0.25 * mentions as f64,
        mean_score: net.map(|_| -0.25),
        authors: Some(DistinctCount { estimate: 3, relative_error: 0.0 }),
        reach: Some(Reach {
            potential_total: 10,
            potential_unique: 9,
            unique_relative_error: 0.0,
            estimated: 1,
            known: 2,
        }),
        engagement: 7,
        engagement_formula: "interactions@2024-07".to_owned(),
        impressions: None,
        share_of_voice: Some(0.5),
        networks: vec![TopEntry { value: "x".into(), count: mentions }],
        languages: vec![TopEntry { value: "en".into(), count: mentions }],
        top_hashtags: TopList { entries: entries.clone(), error: 0 },
        top_links: TopList { entries: entries.clone(), error: 0 },
        top_authors: TopList { entries, error: 0 },
    }
}

pub fn minute(brand: &str, index: i64, mentions: i64) -> MetricRow {
    row(brand, Resolution::Minute, index, mentions)
}

/// Late posts: `positive` good and `negative` bad ones, known `after` minutes after the pane's end.
pub fn delta(of: &MetricRow, positive: i64, negative: i64, after: i64) -> MetricRow {
    let mentions = positive + negative;
    MetricRow {
        as_of: of.end.plus(after * 60_000),
        status: MetricStatus::Delta,
        mentions,
        originals: mentions,
        positive,
        neutral: 0,
        negative,
        score_sum: 0.75 * mentions as f64,
        mean_score: Some(0.75),
        authors: None,
        reach: None,
        engagement: 3,
        impressions: Some(40),
        share_of_voice: None,
        networks: vec![TopEntry { value: "bluesky".into(), count: mentions }],
        top_hashtags: TopList::default(),
        top_links: TopList::default(),
        top_authors: TopList::default(),
        ..of.clone()
    }
}

pub fn mention(id: &str, matched: &[(u32, Polarity)], text: &str) -> Mention {
    let url = format!("https://example.org/{id}");
    let name = |brand: u32| ["aurora", "borealis", "corona"][brand as usize];
    let brands = matched.iter().map(|(brand, polarity)| {
        let query = json!({"id": name(*brand), "version": format!("{brand:016x}")});
        json!({"brand": name(*brand), "query": query, "tags": ["lost bags", name(*brand)], "category": "service", "sentiment": {"label": polarity.as_str(), "score": -0.5}, "match_positions": []})
    });
    let body = json!({
        "brands": brands.collect::<Vec<_>>(),
        "language": "en",
        "post": {"network": "mastodon", "id": id, "kind": "original", "url": url, "body": text,
                 "author": {"handle": "@ada", "followers": 12}, "counts": {"likes": 3}},
    });
    Mention {
        excerpt: Arc::new(Excerpt {
            key: PostKey { network: Network::Mastodon, id: id.into() },
            author: "@ada".into(),
            followers: Some(12),
            engagement: 3,
            url: Some(url.into()),
            text: text.into(),
        }),
        kind: Kind::Original,
        language: Language::EN,
        author: Some(1),
        counts: Counts { likes: Some(3), ..Counts::default() },
        hashtags: Box::default(),
        links: Box::default(),
        refers_to: None,
        matches: matched
            .iter()
            .map(|(brand, polarity)| BrandMatch {
                brand: BrandId(*brand),
                spans: [].into_iter().collect(),
                polarity: *polarity,
                score: Score::from_e4(-5_000),
            })
            .collect(),
        json: serde_json::to_vec(&body).unwrap().into(),
    }
}

pub fn incident(id: &str, revision: u32, brand: &str, hour: i64, status: IncidentStatus) -> Incident {
    let started_at = START.plus(hour * 3_600_000);
    let at = started_at.plus(i64::from(revision) * 60_000);
    let cause = PostDigest {
        network: "youtube".to_owned(),
        id: "-broken".to_owned(),
        author: "ada".to_owned(),
        followers: None,
        published_at: None,
        url: None,
        text: "they broke it".to_owned(),
        sentiment: Some("negative".to_owned()),
        engagement: 5,
    };
    Incident {
        id: id.to_owned(),
        revision,
        brand: brand.to_owned(),
        rule: "surge".to_owned(),
        reason_code: "surge".to_owned(),
        status,
        severity: Severity::Critical,
        started_at,
        at,
        ended_at: (status == IncidentStatus::Resolved).then_some(at),
        summary: "=many more mentions than usual".to_owned(),
        evidence: Evidence {
            observed: 40.0,
            baseline: Baseline { method: "test".to_owned(), median: 2.0, p99: 5.0, n: 60 },
            mentions: 40,
            cause: Some(cause),
            ..Evidence::default()
        },
    }
}
