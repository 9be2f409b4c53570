//! Their fields and functions as ours.

use super::super::ast::SourceSpan;
use super::super::problem::Report;
use super::Dialect;
use super::expr::{Expr, ExprKind};
use super::tables::{self, Ours, RAW};
use super::values::{Value, alternatives, bounds, has_part_of_address, is_text, language, place};
use super::writer::{cased, quoted, text};

/// `name:value`, or `-name:value` where it is excluded.
pub(super) fn field(
    dialect: Dialect,
    (name, excluded): (&str, bool),
    span: SourceSpan,
    value: Value,
    report: &mut Report,
) -> Expr {
    let whole = span.to(place(&value, span));
    let Some(ours) = tables::ours(dialect, name) else {
        let message = format!("`{name}` of {} has no counterpart", dialect.as_str());
        let hint = format!("known are {}", tables::names(dialect));
        report.add("E402", (whole.start, whole.end), message, hint);
        return Expr::nothing(whole);
    };
    let wild = dialect != Dialect::X;
    Translator { name, excluded, whole, wild, report }.translate(ours, value)
}

/// `name(value)`: in these dialects a field, too.
pub(super) fn function(
    dialect: Dialect,
    name: (&str, bool),
    span: SourceSpan,
    value: Value,
    report: &mut Report,
) -> Expr {
    field(dialect, name, span, value, report)
}

struct Translator<'a> {
    name: &'a str,
    excluded: bool,
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
            Ours::OneOf(name) => self.same(name, alternatives(value)),
            Ours::AuthorOn(network) => self.author_on(network, value),
            Ours::Links => self.links(value),
            Ours::Language => self.same("language", language(value)),
            Ours::Sample => self.sample(&value),
            Ours::None(hint) => self.error(format!("`{}:` has no counterpart", self.name), hint),
        }
    }

    fn author_on(&mut self, network: &str, value: Value) -> Expr {
        let author = self.same("author", alternatives(value));
        let network = Expr::clause(format!("network:{network}"), self.whole);
        Expr { kind: ExprKind::All(vec![network, author]), span: self.whole }
    }

    fn links(&mut self, value: Value) -> Expr {
        if has_part_of_address(&value) {
            let message = format!("`{}` became `links:`, which finds no mere part of an address", self.name);
            self.warn("W401", message, "write a domain or the beginning of an address: links:acme.com");
        }
        self.same("links", value)
    }

    /// Of the whole query, wherever it stands: [`super::sample`] moves it there.
    fn sample(&mut self, value: &Value) -> Expr {
        let share = if let Value::Word(word, _) = value { Some(word.as_str()) } else { None };
        let Some(share) = share.filter(|share| super::sample::is_share(share)) else {
            let message = format!("`{}:` has no share in per cent", self.name);
            return self.error(message, "write sample:1 to sample:100");
        };
        let (sign, keeps) = if self.excluded { ("-", "leaves out") } else { ("", "keeps") };
        let message = format!(
            "`{sign}{}:{share}` {keeps} {share} % of the posts that match, by a hash of their ids: others than X {keeps}",
            self.name
        );
        self.warn("W401", message, "keep it: the sample is as large, and the same in every run");
        Expr::clause(format!("sample:{share}"), self.whole)
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
            ExprKind::Any(parts) if parts.iter().all(is_text) => {
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

    /// Each value in braces.
    fn exact(&mut self, value: Value) -> Expr {
        match value {
            Value::Word(word, _) if self.name == RAW => self.in_braces(word.trim_end_matches('+')),
            Value::Word(text, _) | Value::Phrase(text, _) => self.in_braces(&text),
            Value::List(expr) => Expr { span: self.whole, ..self.braced(*expr) },
            Value::Range(..) => self.not_for_braces(),
        }
    }

    fn in_braces(&self, text: &str) -> Expr {
        Expr { kind: ExprKind::Text(cased(text)), span: self.whole }
    }

    fn braced(&mut self, expr: Expr) -> Expr {
        let kind = match expr.kind {
            ExprKind::Text(text) => ExprKind::Text(cased(text.trim_matches('"'))),
            ExprKind::Any(parts) => ExprKind::Any(self.all_braced(parts)),
            ExprKind::All(parts) => ExprKind::All(self.all_braced(parts)),
            ExprKind::Not(inner) => ExprKind::Not(Box::new(self.braced(*inner))),
            ExprKind::Near { .. } | ExprKind::Clause(_) => return self.not_for_braces(),
            ExprKind::Nothing => ExprKind::Nothing,
        };
        Expr { kind, span: expr.span }
    }

    fn all_braced(&mut self, parts: Vec<Expr>) -> Vec<Expr> {
        parts.into_iter().map(|part| self.braced(part)).collect()
    }

    fn not_for_braces(&mut self) -> Expr {
        self.error(format!("`{}` takes words and phrases", self.name), "put it before each word or phrase")
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
            Value::Word(word, _) if known.contains(&word.to_ascii_lowercase().as_str()) => {
                Expr::clause(format!("{name}:{}", word.to_ascii_lowercase()), self.whole)
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
