//! Fields of the post: what each asks, field by field as in the guide. Absent data make a clause false.

use std::borrow::Cow;

use earful::analysis::query::{ParseOptions, Purpose, parse};
use earful::analysis::text::TextOptions;
use earful::analysis::trial::Matcher;
use earful::model::{
    Channel, Counts, Geo, Kind, Language, Link, Media, Network, Post, Reference, Review, Source, Timestamp,
};

use crate::common::{codes, find, text_post};

/// `NAME` in `yes` has to be found in the post that `change` makes, none of `no`, and none of all in a bare post.
fn check(yes: &[&str], no: &[&str], change: impl Fn(&mut Post<'static>)) {
    let bare = text_post("acme");
    let mut post = text_post("acme");
    change(&mut post);
    for (queries, expected) in [(yes, true), (no, false)] {
        for query in queries {
            let holds = |query: &str, post: &Post<'_>| find(query, post).is_some();
            assert_eq!(holds(query, &post), expected, "{query}");
            assert_eq!(holds(&format!("acme NOT {query}"), &post), !expected, "NOT {query}");
            assert_eq!(holds(&format!("zebra OR {query}"), &post), expected, "OR {query}");
            assert!(!holds(query, &bare), "{query} of a post that has no such datum");
        }
    }
}

fn text(text: &'static str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(text))
}

#[test]
fn a_place_that_is_not_stated_lies_nowhere() {
    let stated = |country: &'static str, region: Option<&'static str>, city: Option<&'static str>| {
        move |post: &mut Post<'static>| {
            let (region, city) = (region.map(Cow::Borrowed), city.map(Cow::Borrowed));
            post.geo = Some(Geo { country: text(country), region, city, ..Geo::default() });
        }
    };
    check(&["country:usa"], &["region:usa", "city:usa", "city:usa.fl"], stated("US", None, None));
    check(&["region:usa"], &["city:usa.fl", "region:usa.fl.miami"], stated("US", Some("FL"), None));
    check(&["city:deu", "city:deu.berlin.berlin"], &["region:deu"], stated("DE", None, Some("Berlin")));
}

#[test]
fn apostrophes_are_one_in_names_too() {
    let named = |name: &'static str| {
        move |post: &mut Post<'static>| {
            post.author.name = text(name);
            post.source = Some(Source { publication: text(name), ..Source::default() });
        }
    };
    let queries = ["author:o’brien", "author:\"o'brien\"", "author:o‘brien", "publication:oʼbrien"];
    check(&queries, &["author:obrien"], named("O'Brien"));
    check(&queries, &["author:obrien"], named("O’Brien"));
}

#[test]
fn dots_and_blanks_are_one_in_names() {
    let check_named = |name: &'static str, yes: &[&str]| {
        check(yes, &["author:drsmith"], |post| post.author.name = text(name))
    };
    check_named(
        "Dr. Smith",
        &["author:\"dr smith\"", "author:\"Dr. Smith\"", "author:dr.smith", "author:\"dr*\""],
    );
    check_named("J.K.  Rowling Jr.", &["author:\"j k rowling jr\"", "author:\"J. K. Rowling Jr.\""]);
}

#[test]
fn old_codes_of_languages_are_read_as_those_of_now() {
    for (query, language, expected) in
        [("language:in", "id", true), ("language:iw", "he", true), ("language:id", "he", false)]
    {
        let query = parse(query, &ParseOptions::default()).query.unwrap();
        let mut matcher = Matcher::new(vec![query.clone()], TextOptions::default());
        let found = matcher.find(&text_post("acme"), Some(Language::from_tag(language))).pop().flatten();
        assert_eq!(found.is_some(), expected, "{query:?} of {language}");
    }
}

#[test]
fn a_value_of_nothing_but_its_sign_is_empty() {
    for query in
        ["url:https://", "url:www.", "site:\"http://www.\"", "author:@", "tags:#", "topLevelDomain:."]
    {
        assert_eq!(codes(&parse(query, &ParseOptions::default())), ["E304"], "{query}");
    }
}

#[test]
fn places() {
    let geo = |country: &'static str, region: &'static str, city: &'static str| {
        move |post: &mut Post<'static>| {
            let (latitude, longitude) = (Some(41.0), Some(-73.5));
            post.geo = Some(Geo {
                country: text(country),
                region: text(region),
                city: text(city),
                latitude,
                longitude,
            });
        }
    };
    check(
        &[
            "continent:north_america",
            "continent:\"North_America\"",
            "country:usa",
            "country:US",
            "country:(can OR usa)",
            "region:usa.fl",
            "region:FL",
            "region:usa",
            "city:\"usa.fl.key west\"",
            "city:usa.fl.key_west",
            "city:\"key west\"",
            "city:usa.fl",
            "latitude:[41 TO 44]",
            "longitude:[-73.5 TO -69]",
            "longitude:[* TO 0]",
            "has:geo",
        ],
        &[
            "continent:europe",
            "country:gbr",
            "region:can.fl",
            "region:usa.f",
            "city:usa.ga",
            "city:\"usa.ga.key west\"",
            "city:west",
            "latitude:[41.1 TO 44]",
        ],
        geo("US", "FL", "Key West"),
    );
    check(
        &["city:\"deu.berlin.berlin\"", "city:Berlin", "country:de"],
        &["city:\"fra.berlin.berlin\""],
        |post| {
            post.geo = Some(Geo { country: text("DEU"), city: text("Berlin"), ..Geo::default() });
        },
    );
}

#[test]
fn communities() {
    check(
        &[
            "subreddit: Ballers",
            "subreddit:(nba OR ballers)",
            "subredditNSFW:true",
            "sensitiveContent:true",
            "redditspoiler:false",
            "redditAuthorFlair:PhD",
            "redditPostFlair:\"need advice\"",
            "subredditTopics:“Food & Recipes”",
            "channelId:t5_1",
            "weblogTitle:feelslikegold",
        ],
        &[
            "subreddit:baller",
            "subredditNSFW:false",
            "redditSpoiler:true",
            "redditAuthorFlair:Ph",
            "redditPostFlair:advice",
            "subredditTopics:Food",
            "publication:Ballers",
        ],
        |post| {
            post.network = Network::Reddit;
            let topics = vec![Cow::Borrowed("Sport"), Cow::Borrowed("Food & Recipes")];
            post.channel = Some(Channel { id: text("t5_1"), name: text("Ballers"), topics });
            post.author.handle = text("feelslikegold");
            (post.author.flair, post.flair) = (text("phd"), text("Need Advice"));
            (post.sensitive, post.spoiler) = (Some(true), Some(false));
        },
    );
    check(&["channelId:UC1"], &["subreddit:Ballers", "subredditNSFW:true"], |post| {
        post.network = Network::YouTube;
        post.channel = Some(Channel { id: text("UC1"), name: text("Ballers"), topics: Vec::new() });
        post.sensitive = Some(true);
    });
}

#[test]
fn sources_and_reviews() {
    check(&["publication:\"MSN UK\""], &["publication:MSN"], |post| {
        post.network = Network::Rss;
        post.channel = Some(Channel { name: text("MSN UK"), ..Channel::default() });
    });
    check(&["publication:\"MSN UK\"", "pubType:MY_MENTIONS"], &["publication:feed", "pubType:MY"], |post| {
        post.source = Some(Source { name: text("my_mentions"), publication: text("MSN UK") });
    });
    check(
        &[
            "rating:3",
            "rating:[3 TO 5]",
            "rating:[0 TO *]",
            "rating:(1 OR 3)",
            "itemReview:(\"Xbox One\")",
            "itemReview:xbox",
        ],
        &["rating:4", "rating:[3.5 TO 5]", "itemReview:(Playstation OR \"xbox two\")"],
        |post| post.review = Some(Review { rating: Some(3.0), item: text("Microsoft XBox One") }),
    );
}

#[test]
fn addresses() {
    let at = |url: &'static str| move |post: &mut Post<'static>| post.url = text(url);
    check(
        &[
            "site:bbc.com",
            "site:news.bbc.com",
            "site:https://www.bbc.com/",
            "site:bbc.com/sport",
            "url:\"news.bbc.com/spo\"",
            "url:http://www.news.bbc.com",
            "url:\"news.bbc.com/s*t/?\"",
            "topLevelDomain:com",
            "topLevelDomain:.COM",
            "topLevelDomain:bbc.com",
        ],
        &[
            "site:bbc.com/spo",
            "site:bc.com",
            "site:co",
            "url:bbc.com",
            "url:news.bbc.com/tennis",
            "topLevelDomain:uk",
            "topLevelDomain:m",
        ],
        at("https://www.news.bbc.com/sport/1?x=y"),
    );
    check(
        &["site:x.com", "site:twitter.com", "site:twitter.com/nasa"],
        &["site:t.co"],
        at("https://twitter.com/NASA/1"),
    );
    check(
        &["links:msn.com", "links:\"msn.com/news\"", "links:t.co", "links:ms*.com", "has:links"],
        &["links:msn.co", "links:news", "links:\"msn.com/x\"", "links:sn.com"],
        |post| {
            let expanded = text("https://www.msn.com/news/1");
            post.links = vec![Link { url: Cow::Borrowed("https://t.co/x"), expanded }];
        },
    );
    // What stands in the text is a link of the post too, whatever the feed states.
    check(
        &["links:msn.com", "links:\"msn.com/news\"", "links:ms*.com", "links:bbc.com"],
        &["links:sn.com", "links:\"msn.com/x\"", "msn"],
        |post| post.body = Cow::Borrowed("acme: https://www.msn.com/News/1, www.bbc.com"),
    );
    check(&["links:msn.com.evil.org"], &["links:msn.com"], |post| {
        post.links = vec![Link { url: Cow::Borrowed("https://msn.com.evil.org/"), expanded: None }];
    });
}

#[test]
fn authors_and_numbers() {
    check(
        &[
            "author:\"brandwatch office\"",
            "author:brandwatch.office",
            "author:@Brandwatch.Office",
            "author:\"brandwatch office@mas to\"",
            "author:(x OR \"the office\")",
            "author:77",
            "author:brand*",
            "authorFollowers:[200-2000]",
            "authorFollowers:[2000 TO 2000]",
            "reach:[1 TO *]",
            "authorVerified:true",
            "authorVerifiedType:BLUE",
            "authorGender:F",
            "is:verified",
        ],
        &[
            "author:brandwatch",
            "author:office",
            "authorFollowers:[0 TO 1999]",
            "authorGender:M",
            "authorVerified:false",
        ],
        |post| {
            post.author.handle = text("brandwatch.office@mas.to");
            (post.author.name, post.author.id) = (text("The Office"), text("77"));
            (post.author.followers, post.author.verified) = (Some(2_000), Some(true));
            (post.author.verified_type, post.author.gender) = (text("blue"), text("F"));
        },
    );
    check(
        &["author:\"a*b\\*c\"", "author:a\\*b\\*c", "author:a?b\\*c"],
        &["author:\"a\\*b\"", "author:a*b\\?c"],
        |post| {
            post.author.name = text("A*B*c");
        },
    );
    check(&["author:josé", "author:\"JOSE\u{301}\""], &["author:jose"], |post| {
        post.author.handle = text("Jose\u{301}")
    });
    check(
        &["likes:[5 TO 5]", "reposts:[1 TO 9]", "replies:[0 TO 0]", "engagement:[7 TO 7]"],
        &["likes:[6 TO *]", "engagement:[0 TO 6]"],
        |post| {
            let (likes, reposts, replies) = (Some(5), Some(2), Some(0));
            post.counts = Counts { likes, reposts, replies, ..Counts::default() };
        },
    );
}

#[test]
fn threads_and_kinds() {
    let other = |id: &'static str| {
        Some(Reference { id: Cow::Borrowed(id), author: text("brandwatch"), ..Reference::default() })
    };
    check(
        &[
            "engagementType:COMMENT",
            "engagementType:reply",
            "engagingWith:@Brandwatch",
            "engagingWithGuid:   857284431631011841",
            "parentPostId:857284431631011841",
            "rootPostId:1",
            "is:reply",
        ],
        &["engagementType:RETWEET", "engagingWith:brand", "rootPostId:2", "is:quote"],
        |post| {
            (post.kind, post.in_reply_to) = (Kind::Reply, other("857284431631011841"));
            post.thread_root = text("1");
        },
    );
    check(
        &["engagementType:RETWEET", "engagingWith:brandwatch", "engagingWithGuid:9", "is:retweet"],
        &["parentPostId:9"],
        |post| {
            (post.kind, post.repost_of) = (Kind::Repost, other("9"));
        },
    );
    check(&["engagementType:QUOTE", "is:quote"], &["engagingWith:brandwatch"], |post| {
        (post.kind, post.quote_of) = (Kind::Quote, other("9"));
    });
    check(&["guid:1277374998_1015572792854"], &["guid:1277374998"], |post| {
        post.id = Cow::Borrowed("1277374998_1015572792854");
    });
    check(
        &["guid:at://did:plc:x/app.bsky.feed.post/3k", "guid:\"at://did:plc:x/app.bsky.feed.post/3k\""],
        &[],
        |post| {
            post.id = Cow::Borrowed("at://did:plc:x/app.bsky.feed.post/3k");
        },
    );
}

#[test]
fn things_in_the_text_and_beside_it() {
    check(
        &[
            "tags:photography",
            "hashtags:#Photography",
            "tags:photo*",
            "has:hashtags",
            "at_mentions:nasa",
            "at_mentions:@NASA",
            "has:mentions",
        ],
        &["tags:photo", "at_mentions:nas"],
        |post| {
            (post.hashtags, post.mentions) = (vec![Cow::Borrowed("Photography")], vec![Cow::Borrowed("NASA")])
        },
    );
    check(
        &["tags:photography", "has:hashtags", "has:mentions", "has:links", "at_mentions:nasa"],
        &["tags:nasa"],
        |post| {
            post.body = Cow::Borrowed("acme #photography @nasa https://x.org/1");
        },
    );
    check(
        &["imageType:image", "publisherSubType:IMAGE", "has:images", "has:media"],
        &["publisherSubType:VIDEO"],
        |post| {
            post.media = vec![Media { media_type: Cow::Borrowed("image"), url: None, alt: None }];
        },
    );
    check(
        &["language:zh", "language:zh-hant", "language:ZH"],
        &["language:zh-hans", "language:en"],
        |post| {
            post.declared_language = text("zh-TW");
        },
    );
}

#[test]
fn minutes_are_of_the_day_in_utc() {
    let at = |query: &str, minute: i64| {
        let mut post = text_post("acme");
        post.published_at = Timestamp::from_millis((-1_440 + minute) * 60_000 + 59_999);
        find(query, &post).is_some()
    };
    for (query, minute, expected) in [
        ("minuteOfDay:[1110 TO 1140]", 1_110, true),
        ("minuteOfDay:[1110 TO 1140]", 1_140, true),
        ("minuteOfDay:[1110 TO 1140]", 1_141, false),
        ("minuteOfDay:[1320 TO 60]", 1_320, true),
        ("minuteOfDay:[1320 TO 60]", 60, true),
        ("minuteOfDay:[1320 TO 60]", 61, false),
        ("minuteOfDay:[1320 TO 60]", 1_319, false),
        ("minuteOfDay:[* TO 60]", 0, true),
    ] {
        assert_eq!(at(query, minute), expected, "{query} at {minute}");
    }
}

/// Query, codes as for collecting, codes when strict.
const TAKEN: &[(&str, &[&str], &[&str])] = &[
    ("blogName:x", &["W301"], &["E301"]),
    ("parentBlogName:x OR rootBlogName:x", &["W301", "W301"], &["E301", "E301"]),
    ("brandIds:12 AND objects:3902", &["W301", "W301"], &["E301", "E301"]),
    ("entityId:12", &["W301"], &["E301"]),
    ("entityId:abc", &["W301", "E304"], &["E301", "E304"]),
    ("languag:en", &["W107"], &["E303"]),
    ("sentiment:negative", &["E302"], &["E302"]),
    ("sentiment:[-1 TO -0.5]", &["E302"], &["E302"]),
    ("sentiment:[-2 TO 0]", &["E302", "E304"], &["E302", "E304"]),
    ("sentiment:bad", &["E302", "E304"], &["E302", "E304"]),
    ("emotion:joy", &["E302"], &["E302"]),
    ("brand:acme", &["E302"], &["E302"]),
    ("tag:x AND category:y", &["E302", "E302"], &["E302", "E302"]),
    ("continent:atlantis", &["E304"], &["E304"]),
    ("continent:Europe", &["W106"], &["W106"]),
    ("authorFollowers:[-1 TO 5]", &["E304"], &["E304"]),
    ("authorFollowers:[0 TO 10000000000]", &["E304"], &["E304"]),
    ("authorFollowers:[1.5 TO 2]", &["E304"], &["E304"]),
    ("authorFollowers:[100000 TO 1000]", &["E305"], &["E305"]),
    ("authorFollowers:500", &["E304"], &["E304"]),
    ("authorFollowers:(5 OR 6)", &["E304"], &["E304"]),
    ("authorFollowers:[]", &["E105"], &["E105"]),
    ("authorFollowers:[5 6]", &["E105"], &["E105"]),
    ("latitude:[100 TO 110]", &["E304"], &["E304"]),
    ("longitude:[-200 TO -150]", &["E304"], &["E304"]),
    ("minuteOfDay:[-1 TO 100]", &["E304"], &["E304"]),
    ("minuteOfDay:[0 TO 1440]", &["E304"], &["E304"]),
    ("rating:[-1 TO 3]", &["E304"], &["E304"]),
    ("rating:five", &["E304"], &["E304"]),
    ("rating:(3 OR 6)", &["E304"], &["E304"]),
    ("authorVerified:yes", &["E304"], &["E304"]),
    ("authorVerifiedType:gold", &["E304"], &["E304"]),
    ("authorGender:f", &["W106"], &["W106"]),
    ("authorGender:X", &["E304"], &["E304"]),
    ("network:twitter", &["E304"], &["E304"]),
    ("is:liked", &["E304"], &["E304"]),
    ("language:english", &["W106"], &["W106"]),
    ("language:EN", &["W106"], &["W106"]),
    ("country:england", &["E304"], &["E304"]),
    ("country:uk", &["E304"], &["E304"]),
    ("country:xx1", &["E304"], &["E304"]),
    ("country:(gbr OR zzz)", &["E304"], &["E304"]),
    ("imageType:image OR publisherSubType:(IMAGE OR VIDEO)", &[], &[]),
    ("imageType:IMAGE", &["W106"], &["W106"]),
    ("publisherSubType:video", &["W106"], &["W106"]),
    ("sample:10 AND acme", &[], &[]),
    ("sample:(0.5 OR 100)", &[], &[]),
    ("sample:0", &["E304"], &["E304"]),
    ("sample:101", &["E304"], &["E304"]),
    ("sample:[1 TO 5]", &["E304"], &["E304"]),
    ("sample:1?", &["E304"], &["E304"]),
    ("imageType:painting", &["E304"], &["E304"]),
    ("publisherSubType:\"a b\"", &["E304"], &["E304"]),
    ("country:GB OR country:gbr", &[], &[]),
    ("author:[1 TO 2]", &["E304"], &["E304"]),
    ("author:(ann AND bob)", &["E304"], &["E304"]),
    ("author:(ann bob)", &["E304"], &["E304"]),
    ("author:()", &["E304"], &["E304"]),
    ("author:(ann", &["E204"], &["E204"]),
    ("author:(ann NOT bob)", &["E304"], &["E304"]),
    ("[1 TO 2]", &["E105"], &["E105"]),
    ("guid:123abc", &["E304"], &["E304"]),
    ("guid:\"123abc\" OR guid:t1_abc OR guid:UgxKREWxIgDrw8w2e_Z4AaABAg", &[], &[]),
];

#[test]
fn values_are_checked() {
    for (query, collecting, strict) in TAKEN {
        let options = ParseOptions::default();
        assert_eq!(codes(&parse(query, &options)), *collecting, "{query}");
        let options = ParseOptions { strict: true, ..options };
        assert_eq!(codes(&parse(query, &options)), *strict, "{query}, strict");
        let options = ParseOptions { strict: false, purpose: Purpose::Rule };
        assert!(!codes(&parse(query, &options)).contains(&"E302"), "{query}, in a rule");
    }
}
