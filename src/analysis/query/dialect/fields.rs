//! Their fields and functions as ours.

use super::super::ast::SourceSpan;
use super::super::problem::Report;
use super::Dialect;
use super::expr::{Expr, ExprKind};
use super::writer::{cased, quoted, text};

/// What stands after `name:` or in `name(...)`.
pub(super) enum Value {
    Word(String, SourceSpan),
    Phrase(String, SourceSpan),
    /// Between `[` and `]`.
    Range(String, SourceSpan),
    List(Box<Expr>),
}

/// How one of their fields is said in our language.
#[derive(Clone, Copy)]
enum Ours {
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
    /// Without effect on what matches.
    Idle(&'static str),
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
    ("url", Ours::Same("links")),
    ("url_contains", Ours::Same("links")),
    ("lang", Ours::Same("language")),
    ("place_country", Ours::Same("country")),
    ("followers_count", Ours::Number("authorFollowers")),
    ("bounding_box", Ours::Box),
    ("is", Ours::Traits("is", &["retweet", "reply", "quote", "verified"])),
    ("has", Ours::Traits("has", &["links", "media", "images", "hashtags", "mentions", "geo"])),
    ("sample", Ours::Idle("take the sample where the feed is read")),
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
    ("publication", Ours::Same("publication")),
    ("author", Ours::Same("author")),
    ("byline", Ours::Same("author")),
];

const PULSAR: &[(&str, Ours)] = &[
    ("by_twitter", Ours::Same("author")),
    ("by_instagram", Ours::Same("author")),
    ("by_reddit", Ours::Same("author")),
    ("by_youtube", Ours::Same("author")),
    ("in_url", Ours::Same("links")),
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
    }
}

/// `name:value`
pub(super) fn field(
    dialect: Dialect,
    name: &str,
    span: SourceSpan,
    value: Value,
    report: &mut Report,
) -> Expr {
    let whole = span.to(place(&value, span));
    let Some((_, ours)) = table(dialect).iter().find(|(known, _)| *known == name) else {
        let names: Vec<&str> = table(dialect).iter().map(|(name, _)| *name).collect();
        let message = format!("`{name}` of {} has no counterpart", dialect.as_str());
        report.add("E402", (whole.start, whole.end), message, format!("known are {}", names.join(", ")));
        return Expr::nothing(whole);
    };
    let wild = dialect != Dialect::X;
    Translator { name, whole, wild, report }.translate(*ours, value)
}

/// `name(value)`: in these dialects a field, too.
pub(super) fn function(
    dialect: Dialect,
    name: &str,
    span: SourceSpan,
    value: Value,
    report: &mut Report,
) -> Expr {
    field(dialect, name, span, value, report)
}

fn place(value: &Value, name: SourceSpan) -> SourceSpan {
    match value {
        Value::Word(_, span) | Value::Phrase(_, span) | Value::Range(_, span) => *span,
        Value::List(expr) if expr.span.end > name.end => expr.span,
        Value::List(_) => name,
    }
}

struct Translator<'a> {
    name: &'a str,
    whole: SourceSpan,
    wild: bool,
    report: &'a mut Report,
}

impl Translator<'_> {
    fn error(&mut self, message: impl Into<String>, hint: impl Into<String>) -> Expr {
        self.report.add("E402", (self.whole.start, self.whole.end), message, hint);
        Expr::nothing(self.whole)
    }

    fn warn(&mut self, code: &'static str, message: impl Into<String>, hint: &str) {
        self.report.add(code, (self.whole.start, self.whole.end), message, hint);
    }

    fn translate(&mut self, ours: Ours, value: Value) -> Expr {
        match ours {
            Ours::Same(name) => self.same(name, value),
            Ours::Close(name, why) => {
                self.warn("W401", format!("`{}` became `{name}:`; {why}", self.name), "check what it finds");
                self.same(name, value)
            }
            Ours::Number(name) => self.number(name, &value),
            Ours::Cased => self.exact(value),
            Ours::Engaging(name, kind) => {
                let with = self.same(name, value);
                let kind = Expr::clause(format!("engagementType:{kind}"), self.whole);
                Expr { kind: ExprKind::All(vec![with, kind]), span: self.whole }
            }
            Ours::Traits(name, known) => self.traits(name, known, &value),
            Ours::Network => self.network(&value),
            Ours::Box => self.bounding_box(&value),
            Ours::Idle(hint) => {
                self.warn("W402", format!("`{}:` is left out", self.name), hint);
                Expr::nothing(self.whole)
            }
            Ours::None(hint) => self.error(format!("`{}:` has no counterpart", self.name), hint),
        }
    }

    /// The values in our spelling.
    fn same(&mut self, name: &str, value: Value) -> Expr {
        match value {
            Value::Word(word, _) => {
                let word = if name == "author" || name == "engagingWith" {
                    word.trim_start_matches('@')
                } else {
                    &word
                };
                Expr::clause(format!("{name}:{}", self.spelled(word)), self.whole)
            }
            Value::Phrase(phrase, _) => {
                Expr::clause(format!("{name}:{}", quoted(&phrase, self.wild)), self.whole)
            }
            Value::Range(..) => {
                self.error(format!("`{}:` takes no range", self.name), "write a word or a phrase")
            }
            Value::List(expr) => self.spread(name, *expr),
        }
    }

    fn spelled(&self, word: &str) -> String {
        if word.contains(':') { quoted(word, self.wild) } else { text(word, self.wild) }
    }

    /// `title:(a AND b)` as `title:a AND title:b`; a mere list of alternatives stays one.
    fn spread(&mut self, name: &str, expr: Expr) -> Expr {
        let span = expr.span;
        let kind = match expr.kind {
            ExprKind::Text(value) => ExprKind::Clause(format!("{name}:{value}")),
            ExprKind::Any(parts) if parts.iter().all(|part| matches!(part.kind, ExprKind::Text(_))) => {
                let value =
                    |part: Expr| if let ExprKind::Text(value) = part.kind { Some(value) } else { None };
                let values: Vec<String> = parts.into_iter().filter_map(value).collect();
                ExprKind::Clause(format!("{name}:({})", values.join(" OR ")))
            }
            ExprKind::Any(parts) => {
                ExprKind::Any(parts.into_iter().map(|part| self.spread(name, part)).collect())
            }
            ExprKind::All(parts) => {
                ExprKind::All(parts.into_iter().map(|part| self.spread(name, part)).collect())
            }
            ExprKind::Not(inner) => ExprKind::Not(Box::new(self.spread(name, *inner))),
            ExprKind::Near { .. } | ExprKind::Clause(_) => {
                let message =
                    format!("`{}` holds what our fields cannot: a NEAR, a tilde or another field", self.name);
                return self.error(message, "a list of words and phrases can be translated");
            }
            ExprKind::Nothing => ExprKind::Nothing,
        };
        Expr { kind, span }
    }

    fn exact(&mut self, value: Value) -> Expr {
        let one = |phrase: &str, span| Expr { kind: ExprKind::Text(cased(phrase)), span };
        match value {
            Value::Word(text, _) | Value::Phrase(text, _) => one(&text, self.whole),
            Value::List(expr) => match expr.kind {
                ExprKind::Text(text) => one(text.trim_matches('"'), self.whole),
                ExprKind::Any(parts) if parts.iter().all(|part| matches!(part.kind, ExprKind::Text(_))) => {
                    let braced = |part: Expr| match part.kind {
                        ExprKind::Text(text) => one(text.trim_matches('"'), part.span),
                        _ => Expr::nothing(part.span),
                    };
                    Expr { kind: ExprKind::Any(parts.into_iter().map(braced).collect()), span: self.whole }
                }
                _ => self.error(format!("`{}` takes words and phrases", self.name), "write cs(\"BT\")"),
            },
            Value::Range(..) => {
                self.error(format!("`{}` takes words and phrases", self.name), "write cs(\"BT\")")
            }
        }
    }

    /// `a..b`, `a` (at least), `>a`, `>=a`, `<a`, `<=a`.
    fn number(&mut self, name: &str, value: &Value) -> Expr {
        let bounds = if let Value::Word(word, _) = value { bounds(word) } else { None };
        match bounds {
            Some((from, to)) => Expr::clause(format!("{name}:[{from} TO {to}]"), self.whole),
            None => {
                let message = format!("`{}:` has no number that can be read", self.name);
                self.error(message, format!("write {}:100..500", self.name))
            }
        }
    }

    fn traits(&mut self, name: &str, known: &[&str], value: &Value) -> Expr {
        match value {
            Value::Word(word, _) if known.contains(&word.as_str()) => {
                Expr::clause(format!("{name}:{word}"), self.whole)
            }
            Value::Word(word, _) => {
                let hint = format!("known are {}", known.join(", "));
                self.error(format!("`{name}:{word}` has no counterpart"), hint)
            }
            _ => self.error(format!("`{name}:` takes one word"), format!("known are {}", known.join(", "))),
        }
    }

    fn network(&mut self, value: &Value) -> Expr {
        const NETWORKS: &[(&str, &str)] = &[
            ("twitter", "x"),
            ("youtube", "youtube"),
            ("reddit", "reddit"),
            ("mastodon", "mastodon"),
            ("bluesky", "bluesky"),
            ("weibo", "weibo"),
            ("telegram", "telegram"),
            ("hackernews", "hackernews"),
            ("blog", "rss"),
            ("news", "rss"),
        ];
        let (Value::Word(kind, _) | Value::Phrase(kind, _)) = value else {
            return self
                .error(format!("`{}:` takes one kind of source", self.name), "write one clause for each");
        };
        let lower = kind.to_ascii_lowercase();
        match NETWORKS.iter().find(|(theirs, _)| lower.contains(theirs)) {
            Some((_, "rss")) => {
                self.warn(
                    "W401",
                    format!("`{kind}` became network:rss, any site that is read by feed"),
                    "add site: if you need less",
                );
                Expr::clause("network:rss", self.whole)
            }
            Some((_, ours)) => Expr::clause(format!("network:{ours}"), self.whole),
            None => self.error(format!("no feed reads the source `{kind}`"), "remove the clause"),
        }
    }

    /// `[west south east north]` in degrees.
    fn bounding_box(&mut self, value: &Value) -> Expr {
        let numbers: Vec<f64> = match value {
            Value::Range(inner, _) => inner.split_whitespace().filter_map(|n| n.parse().ok()).collect(),
            _ => Vec::new(),
        };
        let [west, south, east, north] = numbers.as_slice() else {
            return self.error("a box has four numbers", "write bounding_box:[west south east north]");
        };
        let longitude = Expr::clause(format!("longitude:[{west} TO {east}]"), self.whole);
        let latitude = Expr::clause(format!("latitude:[{south} TO {north}]"), self.whole);
        Expr { kind: ExprKind::All(vec![longitude, latitude]), span: self.whole }
    }
}

/// Both ends, `*` for an open one.
fn bounds(word: &str) -> Option<(String, String)> {
    let number = |text: &str| text.parse::<u64>().ok();
    let open = || "*".to_owned();
    if let Some((from, to)) = word.split_once("..") {
        return Some((number(from)?.to_string(), number(to)?.to_string()));
    }
    let compared = [(">=", 0, true), ("<=", 0, false), (">", 1, true), ("<", 1, false)];
    for (sign, step, least) in compared {
        if let Some(rest) = word.strip_prefix(sign) {
            let value = number(rest)?;
            return Some(if least {
                (value.checked_add(step)?.to_string(), open())
            } else {
                (open(), value.checked_sub(step)?.to_string())
            });
        }
    }
    Some((number(word)?.to_string(), open()))
}
