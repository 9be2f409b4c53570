//! HTML to plain text, with the links and pictures in it.
//!
//! Tokens come from html5gum, so broken markup cannot fail. Paragraphs end in a blank line, `<br>` and other
//! blocks in a line end; white space is collapsed as a browser does, except in `<pre>`. Scripts and styles are left out.

use std::{borrow::Cow, convert::Infallible};

use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};
use memchr::memchr2;

/// What was found in a piece of HTML.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) text: String,
    pub(super) anchors: Vec<Anchor>,
    pub(super) images: Vec<Image>,
}

/// `<a>` with a target.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Anchor {
    pub(super) href: String,
    pub(super) text: String,
    /// Space-separated classes and `rel` values.
    pub(super) classes: String,
}

impl Anchor {
    pub(super) fn has_class(&self, class: &str) -> bool {
        self.classes.split_ascii_whitespace().any(|c| c == class)
    }
}

/// `<img>` with an address.
#[derive(Debug, PartialEq)]
pub(super) struct Image {
    pub(super) url: String,
    pub(super) alt: String,
}

/// What is special about a feed's HTML.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    /// Leave out elements of class `quote-inline` (a quote's fallback text for old clients).
    pub(super) drop_quote: bool,
    /// Write a picture's alternative text into the text (Weibo's emoticons are pictures).
    pub(super) alt_text: bool,
}

/// Plain text of HTML; text without markup and entities is passed through as it is.
pub(super) fn to_text(html: Cow<'_, str>) -> Cow<'_, str> {
    if memchr2(b'<', b'&', html.as_bytes()).is_none() {
        html
    } else {
        Cow::Owned(read(&html, Options::default()).text)
    }
}

/// Reads HTML. Text without any tag keeps its white space; only entities are resolved.
pub(super) fn read(html: &str, options: Options) -> Page {
    let mut reader = Reader { options, raw: !html.contains('<'), ..Reader::default() };
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        reader.event(&event);
        None
    });
    emitter.naively_switch_states(true);
    for _ in Tokenizer::new_with_emitter(html, emitter) {}
    reader.close_anchor();
    reader.page
}

#[derive(Debug, Default)]
struct Reader {
    options: Options,
    page: Page,
    /// Keep white space as it is.
    raw: bool,
    pre_depth: usize,
    /// Line ends owed before the next text.
    breaks: usize,
    /// A space owed before the next text.
    space: bool,
    /// The element being left out, and how many of its name are open.
    skip: Option<(Vec<u8>, usize)>,
    tag: Tag,
    anchor: Option<(Anchor, Option<usize>)>,
}

#[derive(Debug, Default)]
struct Tag {
    name: Vec<u8>,
    attribute: Vec<u8>,
    href: String,
    classes: String,
    src: String,
    alt: String,
}

impl Reader {
    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag { name: name.to_vec(), ..Tag::default() };
            }
            CallbackEvent::AttributeName { name } => self.tag.attribute = name.to_vec(),
            CallbackEvent::AttributeValue { value } => self.attribute(&String::from_utf8_lossy(value)),
            CallbackEvent::CloseStartTag { .. } => self.start_tag(),
            CallbackEvent::EndTag { name } => self.end_tag(name),
            CallbackEvent::String { value } if self.skip.is_none() => {
                self.text(&String::from_utf8_lossy(value));
            }
            _ => {}
        }
    }

    fn attribute(&mut self, value: &str) {
        let tag = &mut self.tag;
        match tag.attribute.as_slice() {
            b"href" => value.trim().clone_into(&mut tag.href),
            b"src" => value.trim().clone_into(&mut tag.src),
            b"alt" => value.clone_into(&mut tag.alt),
            b"class" | b"rel" => {
                tag.classes.push(' ');
                tag.classes.push_str(value);
            }
            _ => {}
        }
    }

    fn start_tag(&mut self) {
        let tag = std::mem::take(&mut self.tag);
        if let Some((name, depth)) = &mut self.skip {
            *depth += usize::from(*name == tag.name);
            return;
        }
        if self.is_left_out(&tag) {
            self.skip = Some((tag.name, 1));
            return;
        }
        self.break_at(&tag.name);
        match tag.name.as_slice() {
            b"br" => self.breaks += 1,
            b"pre" | b"textarea" => self.pre_depth += 1,
            b"a" => self.open_anchor(tag),
            b"img" => self.image(tag),
            _ => {}
        }
    }

    fn is_left_out(&self, tag: &Tag) -> bool {
        let has = |class| tag.classes.split_ascii_whitespace().any(|c| c == class);
        matches!(
            tag.name.as_slice(),
            b"script" | b"style" | b"head" | b"template" | b"iframe" | b"object" | b"svg" | b"noscript"
        ) || (tag.name == b"span" && has("expand"))
            || (self.options.drop_quote && has("quote-inline"))
    }

    fn end_tag(&mut self, name: &[u8]) {
        if let Some((skipped, depth)) = &mut self.skip {
            *depth -= usize::from(skipped == name);
            if *depth == 0 {
                self.skip = None;
            }
            return;
        }
        self.break_at(name);
        match name {
            b"pre" | b"textarea" => self.pre_depth = self.pre_depth.saturating_sub(1),
            b"a" => self.close_anchor(),
            _ => {}
        }
    }

    fn break_at(&mut self, name: &[u8]) {
        match name {
            b"p" => self.breaks = self.breaks.max(2),
            b"div" | b"li" | b"ul" | b"ol" | b"dl" | b"dt" | b"dd" | b"blockquote" | b"h1" | b"h2"
            | b"h3" | b"h4" | b"h5" | b"h6" | b"pre" | b"tr" | b"table" | b"figure" | b"figcaption"
            | b"section" | b"article" | b"header" | b"footer" | b"hr" => self.breaks = self.breaks.max(1),
            b"td" | b"th" => self.space = true,
            _ => {}
        }
    }

    fn open_anchor(&mut self, tag: Tag) {
        self.close_anchor();
        if !tag.href.is_empty() {
            self.anchor = Some((Anchor { href: tag.href, text: String::new(), classes: tag.classes }, None));
        }
    }

    /// Text that a server has shortened with an ellipsis becomes the whole address again.
    fn close_anchor(&mut self) {
        let Some((mut anchor, start)) = self.anchor.take() else { return };
        let start = start.unwrap_or(self.page.text.len());
        let shown = self.page.text.get(start..).unwrap_or("").trim();
        let stem = shown.trim_end_matches(['…', '.']);
        let shortened = shown.len() > stem.len() && stem.len() > 3 && !stem.contains(' ');
        if shortened && anchor.href.contains(stem) {
            self.page.text.truncate(start);
            self.page.text.push_str(&anchor.href);
        }
        self.page.text.get(start..).unwrap_or("").trim().clone_into(&mut anchor.text);
        self.page.anchors.push(anchor);
    }

    fn image(&mut self, tag: Tag) {
        if self.options.alt_text {
            self.text(&tag.alt);
        }
        if !tag.src.is_empty() {
            self.page.images.push(Image { url: tag.src, alt: tag.alt });
        }
    }

    fn text(&mut self, text: &str) {
        if self.raw || self.pre_depth > 0 {
            if !text.is_empty() {
                self.pay_debts();
                self.page.text.push_str(text);
            }
            return;
        }
        for (n, word) in text.split([' ', '\n', '\t', '\r']).enumerate() {
            self.space |= n > 0;
            if !word.is_empty() {
                self.pay_debts();
                self.page.text.push_str(word);
            }
        }
    }

    /// Writes the line ends or the space owed, but nothing at the very start.
    fn pay_debts(&mut self) {
        let text = &mut self.page.text;
        if !text.is_empty() {
            match self.breaks {
                0 if self.space => text.push(' '),
                n => text.extend(std::iter::repeat_n('\n', n.min(3))),
            }
        }
        (self.breaks, self.space) = (0, false);
        if let Some((_, start @ None)) = &mut self.anchor {
            *start = Some(text.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(read(html, Options::default()).text, expected);
    }

    #[test]
    fn breaks_and_entities() {
        check("<p>one<br>two</p><p>three &amp;amp; &lt;b&gt;</p>", "one\ntwo\n\nthree &amp; <b>");
        check("a<p>b\n  c<pre><code>x\n  y</code></pre>", "a\n\nb c\nx\n  y");
        check("<script>let a = '<p>';</script>kept<style>p{}</style>", "kept");
        check("no  markup\n&#39;at all&#39;", "no  markup\n'at all'");
        check("<ul><li>one<li>two</ul>end", "one\ntwo\nend");
        check("broken <a href='x", "broken");
    }

    #[test]
    fn shortened_links_are_whole_again() {
        let hidden = "<a href='https://example.org/a/long/path'><span class='invisible'>https://</span>\
            <span class='ellipsis'>example.org/a/lo</span><span class='invisible'>ng/path</span></a>!";
        check(hidden, "https://example.org/a/long/path!");
        check(
            "see <a href='https://example.org/a/long'>example.org/a/…</a> now",
            "see https://example.org/a/long now",
        );
        check("<a href='https://example.org'>read on...</a>", "read on...");
    }
}
