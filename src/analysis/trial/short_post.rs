//! Posts as people write them: a text, or an object with the fields that matter.
//!
//! They become earful's own JSON and go through its decoder, so a field means here what it means in a feed.

use serde_json::{Map, Value, json};

use crate::analysis::decode::{Format, Frame, decode};
use crate::analysis::text::stated_language;
use crate::model::{Language, Origin, Post, Record};

/// Keys of an object that are named as the query language names its fields, in lower case.
const KEYS: &str = "text, title, spoiler_text, url, site, links, author, authorFollowers, authorVerified, authorVerifiedType, \
authorGender, language, country, region, city, latitude, longitude, minuteOfDay, engagementType, engagingWith, \
engagingWithGuid, guid, parentPostId, rootPostId, subreddit, subredditNSFW, subredditTopics, redditSpoiler, \
redditAuthorFlair, redditPostFlair, sensitiveContent, channelId, weblogTitle, pubType, publication, tags, hashtags, at_mentions, rating, itemReview, imageType, network, likes, reposts, replies, engagement, reach, topLevelDomain, \
or those of earful's own JSON";

/// Hands the post that `value` describes to `each`, with its language if the description states one.
///
/// # Errors
/// What is wrong with the description.
pub fn with_post(value: &Value, each: &mut dyn FnMut(&Post<'_>, Option<Language>)) -> Result<(), String> {
    let canonical = canonical(value)?;
    let language = canonical.get("declared_language").and_then(Value::as_str).map(stated_language);
    let bytes = canonical.to_string();
    let origin = Origin { feed: "", source: "", offset: 0, line: 0 };
    let record = Record { payload: bytes.as_bytes(), received_at: None, origin };
    let mut result = Err("the post has been deleted".to_owned());
    decode(&record, Format::Canonical, &mut |frame| match frame {
        Frame::Post(post) => {
            each(&post, language);
            result = Ok(());
        }
        Frame::Malformed(defect) => result = Err(defect.detail.clone()),
        _ => {}
    });
    result
}

/// The description as earful's own JSON.
fn canonical(value: &Value) -> Result<Value, String> {
    let mut post = Draft(Map::new());
    match value {
        Value::String(text) => post.put(&["body"], json!(text)),
        Value::Object(fields) => fields.iter().try_for_each(|(key, value)| post.field(key, value))?,
        _ => return Err("a post is a text or an object".to_owned()),
    }
    for (key, value) in
        [("network", json!("other")), ("id", json!("1")), ("published_at", json!(0)), ("body", json!(""))]
    {
        post.0.entry(key).or_insert(value);
    }
    Ok(Value::Object(post.0))
}

struct Draft(Map<String, Value>);

impl Draft {
    /// Sets a value inside nested objects.
    fn put(&mut self, path: &[&str], value: Value) {
        let mut object = &mut self.0;
        for key in &path[..path.len() - 1] {
            let inner = object.entry(*key).or_insert_with(|| json!({}));
            if !inner.is_object() {
                *inner = json!({});
            }
            let Some(inner) = inner.as_object_mut() else { return };
            object = inner;
        }
        object.insert(path[path.len() - 1].to_owned(), value);
    }

    fn default_network(&mut self, network: &str) {
        self.0.entry("network").or_insert(json!(network));
    }

    fn field(&mut self, key: &str, value: &Value) -> Result<(), String> {
        let lower = key.to_ascii_lowercase();
        if value.is_null() {
            return Ok(());
        }
        if lower.starts_with("reddit") || lower.starts_with("subreddit") {
            self.default_network("reddit");
        }
        if let Some(path) = path_of(&lower) {
            self.put(path, value.clone());
            return Ok(());
        }
        match lower.as_str() {
            "author" => self.author(value)?,
            "likes" | "reposts" | "replies" => self.put(&["counts", &lower], value.clone()),
            // The sum of all counts, of which one is stated.
            "engagement" => self.put(&["counts", "likes"], value.clone()),
            "topleveldomain" if !self.0.contains_key("url") => {
                let end = plain(value);
                self.put(&["url"], json!(format!("https://example.{}/", end.trim_start_matches('.'))));
            }
            "topleveldomain" => {}
            // No feed carries them, so no post has them.
            "blogname" | "parentblogname" | "rootblogname" | "brandids" | "objects" | "entityid" => {}
            "continent" => return Err("a post has no `continent` of its own; give its `country`".to_owned()),
            "site" if !self.0.contains_key("url") => {
                self.put(&["url"], json!(format!("https://{}/", plain(value))))
            }
            "site" => {}
            "engagementtype" => self.put(&["kind"], json!(kind(value)?)),
            "engagingwith" => self.answers("author", value),
            "engagingwithguid" | "parentpostid" => self.answers("id", value),
            "minuteofday" => {
                let minute = value
                    .as_i64()
                    .or_else(|| plain(value).parse().ok())
                    .filter(|minute| (0..1_440).contains(minute));
                let minute = minute.ok_or("`minuteOfDay` is a whole number from 0 to 1439")?;
                self.put(&["published_at"], json!(minute * 60_000 + MIDNIGHT));
            }
            "weblogtitle" => {
                self.put(&["author", "handle"], value.clone());
                self.default_network("rss");
            }
            "imagetype" | "publishersubtype" => self.put(&["media"], json!([{ "type": value }])),
            _ => return Err(format!("a post has no `{key}`; known are {KEYS}")),
        }
        Ok(())
    }

    fn answers(&mut self, key: &str, value: &Value) {
        self.put(&["in_reply_to", key], value.clone());
        if self.0["in_reply_to"].get("id").is_none() {
            self.put(&["in_reply_to", "id"], json!("0"));
        }
    }

    /// A handle, a list of handle, name and id, or an object.
    fn author(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Array(names) if names.len() <= 3 => {
                for (key, name) in ["handle", "name", "id"].iter().zip(names) {
                    self.put(&["author", key], name.clone());
                }
            }
            Value::String(_) => self.put(&["author", "handle"], value.clone()),
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.put(&["author", key], value.clone());
                }
            }
            _ => return Err("`author` is a handle, a list of handle, name and id, or an object".to_owned()),
        }
        Ok(())
    }
}

/// Noon would do as well; a day in this century, so that no decoder takes it for seconds.
const MIDNIGHT: i64 = 1_767_225_600_000;

/// Where a key goes that needs no thought.
fn path_of(key: &str) -> Option<&'static [&'static str]> {
    const PATHS: &[(&str, &[&str])] = &[
        ("text", &["body"]),
        ("body", &["body"]),
        ("authorfollowers", &["author", "followers"]),
        ("reach", &["author", "followers"]),
        ("authorverified", &["author", "verified"]),
        ("authorverifiedtype", &["author", "verified_type"]),
        ("authorgender", &["author", "gender"]),
        ("language", &["declared_language"]),
        ("lang", &["declared_language"]),
        ("country", &["geo", "country"]),
        ("region", &["geo", "region"]),
        ("city", &["geo", "city"]),
        ("latitude", &["geo", "latitude"]),
        ("longitude", &["geo", "longitude"]),
        ("guid", &["id"]),
        ("spoiler_text", &["warning"]),
        ("rootpostid", &["thread_root"]),
        ("channelid", &["channel", "id"]),
        ("sensitivecontent", &["sensitive"]),
        ("tags", &["hashtags"]),
        ("at_mentions", &["mentions"]),
        ("rating", &["review", "rating"]),
        ("itemreview", &["review", "item"]),
        ("subreddit", &["channel", "name"]),
        ("subredditnsfw", &["sensitive"]),
        ("subreddittopics", &["channel", "topics"]),
        ("redditspoiler", &["spoiler"]),
        ("redditauthorflair", &["author", "flair"]),
        ("redditpostflair", &["flair"]),
        ("pubtype", &["source", "name"]),
        ("publication", &["source", "publication"]),
    ];
    // Of earful's own JSON, as they are.
    const OWN: &[&[&str]] = &[
        &["network"],
        &["id"],
        &["kind"],
        &["page_type"],
        &["url"],
        &["title"],
        &["warning"],
        &["declared_language"],
        &["links"],
        &["hashtags"],
        &["mentions"],
        &["media"],
        &["counts"],
        &["in_reply_to"],
        &["repost_of"],
        &["quote_of"],
        &["thread_root"],
        &["geo"],
        &["channel"],
        &["review"],
        &["flair"],
        &["spoiler"],
        &["source"],
        &["sensitive"],
        &["published_at"],
        &["server_at"],
        &["edited_at"],
        &["deleted"],
    ];
    let path = PATHS.iter().find(|(name, _)| *name == key).map(|(_, path)| *path);
    path.or_else(|| OWN.iter().copied().find(|own| own[0] == key))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn kind(value: &Value) -> Result<&'static str, String> {
    match plain(value).to_ascii_uppercase().as_str() {
        "COMMENT" | "REPLY" => Ok("reply"),
        "RETWEET" => Ok("repost"),
        "QUOTE" => Ok("quote"),
        "ORIGINAL" => Ok("original"),
        other => Err(format!(
            "`engagementType` cannot be {other}; choose COMMENT, REPLY, RETWEET, QUOTE or ORIGINAL"
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::with_post;

    fn post(value: &Value) -> Result<Value, String> {
        let mut found = Value::Null;
        with_post(value, &mut |post, _| found = serde_json::to_value(post).unwrap())?;
        Ok(found)
    }

    fn check(value: &Value, pointer: &str, expected: &Value) {
        let post = post(value).unwrap();
        assert_eq!(post.pointer(pointer), Some(expected), "{value} became {post}");
    }

    #[test]
    fn short_keys() {
        check(&json!("so"), "/body", &json!("so"));
        check(&json!({}), "/body", &json!(""));
        check(&json!({"text": "so"}), "/body", &json!("so"));
        check(&json!({"author": ["ann", "Ann B", "7"]}), "/author/name", &json!("Ann B"));
        check(&json!({"author": "ann", "authorfollowers": 5}), "/author/followers", &json!(5));
        check(
            &json!({"author": {"handle": "ann"}, "authorVerified": true}),
            "/author/verified",
            &json!(true),
        );
        check(&json!({"engagementtype": "RETWEET"}), "/kind", &json!("repost"));
        check(&json!({"rating": 3.5}), "/review/rating", &json!(3.5));
        check(&json!({"links": ["https://a.com/b"]}), "/links/0/url", &json!("https://a.com/b"));
        check(&json!({"site": "bbc.com"}), "/url", &json!("https://bbc.com/"));
        check(&json!({"url": "https://a.com", "site": "bbc.com"}), "/url", &json!("https://a.com"));
        check(&json!({"subreddit": "rust"}), "/network", &json!("reddit"));
        check(&json!({"spoiler_text": "plot"}), "/warning", &json!("plot"));
        check(&json!({"redditSpoiler": true}), "/spoiler", &json!(true));
        check(&json!({"spoiler": true}), "/spoiler", &json!(true));
        check(&json!({"redditAuthorFlair": "mod"}), "/author/flair", &json!("mod"));
        check(&json!({"redditPostFlair": "news"}), "/flair", &json!("news"));
        check(&json!({"subredditTopics": ["cars"]}), "/channel/topics/0", &json!("cars"));
        check(&json!({"pubType": "news", "publication": "BBC"}), "/source/publication", &json!("BBC"));
        check(&json!({"source": {"name": "news"}}), "/source/name", &json!("news"));
        check(&json!({"country": "usa", "latitude": 41}), "/geo/latitude", &json!(41.0));
        check(&json!({"minuteofday": 61}), "/published_at", &json!("2026-01-01T01:01:00Z"));
        check(&json!({"engagingwith": "bob"}), "/in_reply_to/author", &json!("bob"));
        check(&json!({"parentpostid": "9"}), "/in_reply_to/id", &json!("9"));
        check(&json!({"likes": 4}), "/counts/likes", &json!(4));
        check(&json!({"engagement": 4}), "/counts/likes", &json!(4));
        check(&json!({"reach": 9}), "/author/followers", &json!(9));
        check(&json!({"topLevelDomain": ".de"}), "/url", &json!("https://example.de/"));
        check(&json!({"blogName": "x", "text": "so"}), "/body", &json!("so"));
        check(&json!({"minuteofday": "61"}), "/published_at", &json!("2026-01-01T01:01:00Z"));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(post(&json!(5)).unwrap_err().contains("a text or an object"));
        assert!(post(&json!({"txet": "a"})).unwrap_err().contains("`txet`"));
        assert!(post(&json!({"network": "myspace"})).unwrap_err().contains("network"));
        assert!(post(&json!({"engagementType": "LIKE"})).unwrap_err().contains("LIKE"));
        assert!(post(&json!({"continent": "europe"})).unwrap_err().contains("`country`"));
        assert!(post(&json!({"minuteOfDay": 1440})).unwrap_err().contains("1439"));
    }
}
