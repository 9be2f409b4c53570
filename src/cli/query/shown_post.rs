//! A post in a report: where it is, what it says, and by which words it matched.

use serde::Serialize;
use unicode_width::UnicodeWidthChar;

use crate::analysis::MatchPosition;
use crate::model::{Post, Span};

/// Columns of a post's text that are shown.
const WIDTH: usize = 100;

/// One post of a report.
#[derive(Debug, Serialize)]
pub(super) struct ShownPost {
    network: &'static str,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Title and body.
    text: String,
    /// In code points of the zone, as Brandwatch's API gives them.
    match_positions: Vec<Position>,
}

#[derive(Debug, Serialize)]
struct Position {
    zone: &'static str,
    start: usize,
    length: usize,
    text: String,
}

impl ShownPost {
    pub(super) fn new(post: &Post<'_>, spans: &[Span]) -> ShownPost {
        let position = |found: MatchPosition<'_>| Position {
            zone: found.zone.as_str(),
            start: found.start,
            length: found.length,
            text: found.text.to_owned(),
        };
        let texts = [post.title.as_deref(), Some(post.body.as_ref())];
        ShownPost {
            network: post.network.as_str(),
            id: post.id.to_string(),
            url: post.url.as_ref().map(ToString::to_string),
            text: texts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"),
            match_positions: MatchPosition::all(spans, post).into_iter().map(position).collect(),
        }
    }

    /// `x 42`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.network, self.id)
    }

    /// `body 4 "apple", body 10 "juice"`; places count code points.
    pub(super) fn words(&self) -> String {
        let word = |p: &Position| format!("{} {} {:?}", p.zone, p.start, p.text);
        let words: Vec<String> = self.match_positions.iter().map(word).collect();
        if words.is_empty() { "by its fields alone".to_owned() } else { words.join(", ") }
    }

    /// The beginning of the text in one line.
    pub(super) fn excerpt(&self) -> String {
        let mut used = 0;
        let mut out = String::new();
        for c in self.text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c }) {
            used += c.width().unwrap_or(0);
            if used > WIDTH {
                return out + "...";
            }
            out.push(c);
        }
        out
    }
}
