//! `name:value`.

use super::super::ast::{
    FieldClause, FieldText, FieldValue, Join, Level, Node, NodeKind, SourceSpan, Term, TermForm, TermText,
};
use super::super::chars::is_quote;
use super::super::fields::{self, FieldRow, Shape, Support};
use super::super::lexer::{LexKind, Lexeme};
use super::super::problem::Fix;
use super::{Parser, Purpose};

impl Parser<'_> {
    /// The value of a field whose name has been consumed.
    pub(super) fn field(&mut self, name: &TermText, span: SourceSpan) -> Node {
        self.leaves += 1;
        if name.text.is_empty() {
            // The lexer has reported the lone colon.
            return Node::missing(span);
        }
        match fields::by_name(&name.text) {
            Some(row) => self.known(row, span),
            None => self.unknown(name, span),
        }
    }

    fn known(&mut self, row: &'static FieldRow, span: SourceSpan) -> Node {
        self.check_support(row, span);
        let value = match self.peek() {
            Some(Lexeme { kind: LexKind::Range(inner), span: place, .. }) => {
                self.at += 1;
                self.range(row, inner, *place)
            }
            Some(Lexeme { kind: LexKind::Open, .. }) => self.list(row),
            Some(lexeme) if Self::as_term(lexeme).is_some() => self.single(row),
            _ => {
                let message = format!("`{}:` has no value", row.name);
                self.report.add("E304", span.pair(), message, "write the value after the colon");
                None
            }
        };
        let last = self.lexemes[self.at - 1].span;
        let clause = |value| NodeKind::Field(FieldClause { field: row.field, name: row.name, value });
        let kind = value.map_or(NodeKind::Missing, clause);
        Node { kind, span: span.to(last) }
    }

    fn check_support(&mut self, row: &FieldRow, span: SourceSpan) {
        let name = row.name;
        match row.support {
            Support::Answered => {}
            Support::NoFeed => {
                let (code, message) = if self.options.strict {
                    ("E301", format!("no feed carries `{name}`"))
                } else {
                    ("W301", format!("no feed carries `{name}`, so this clause is never true"))
                };
                self.report.add(code, span.pair(), message, "remove the clause");
            }
            Support::After(stage) if self.options.purpose == Purpose::Collection => {
                let message =
                    format!("`{name}` is known only after {stage}, and this query decides what is collected");
                self.report.add(
                    "E302",
                    span.pair(),
                    message,
                    "use it in a rule or as a filter of the results",
                );
            }
            // In a rule, what was computed by then can be asked for.
            Support::After(_) => {}
        }
    }

    /// One word, phrase or `{cased}` term.
    fn text(&mut self, row: &FieldRow) -> Option<FieldText> {
        let lexeme = self.peek()?;
        let term = Self::as_term(lexeme)?;
        self.at += 1;
        self.check_value(row, &term, lexeme.span);
        Some(FieldText { term, span: lexeme.span })
    }

    fn single(&mut self, row: &FieldRow) -> Option<FieldValue> {
        let text = self.text(row)?;
        match row.shape {
            Shape::Number(bounds) => self.bare_number(row, bounds, &text),
            _ => Some(FieldValue::AnyOf(vec![text])),
        }
    }

    /// `(a OR b)`.
    fn list(&mut self, row: &FieldRow) -> Option<FieldValue> {
        let open = self.here();
        self.at += 1;
        let mut values = Vec::new();
        loop {
            match self.text(row) {
                Some(text) => values.push(text),
                None => return self.bad_list(row, open),
            }
            // The first one was counted with its field.
            self.leaves += usize::from(values.len() > 1);
            match self.kind() {
                Some(LexKind::Or) => self.at += 1,
                Some(LexKind::Close) => break,
                _ => return self.bad_list(row, open),
            }
        }
        self.at += 1;
        if let Shape::Number(bounds) = row.shape {
            if bounds.bare {
                let numbers = values.iter().filter_map(|text| self.bare_number(row, bounds, text)).count();
                return (numbers == values.len()).then_some(FieldValue::AnyOf(values));
            }
            let message = format!("`{}:` takes a range, not a list", row.name);
            self.report.add("E304", open.pair(), message, "write a range as [500 TO 1000]");
            return None;
        }
        Some(FieldValue::AnyOf(values))
    }

    /// Reports and skips to the end of the list.
    fn bad_list(&mut self, row: &FieldRow, open: SourceSpan) -> Option<FieldValue> {
        let place = self.here();
        let mut nested = 1_usize;
        while let Some(kind) = self.kind() {
            self.at += 1;
            match kind {
                LexKind::Open => nested += 1,
                LexKind::Close => nested -= 1,
                _ => {}
            }
            if nested == 0 {
                let message =
                    format!("the list of `{}:` may hold words and phrases joined by OR only", row.name);
                let hint = format!("write {}:(one OR \"number two\")", row.name);
                let fix = self.joined_by_or(open, self.at - 1);
                self.report.add("E304", place.pair(), message, hint).fix(fix);
                return None;
            }
        }
        let message = "the bracket that opens here is not closed";
        let fix = Fix::new((self.end, self.end), ")");
        self.report.add("E204", open.pair(), message, "add the closing bracket").fix(fix);
        None
    }

    /// The values between the brackets, all joined by OR.
    fn joined_by_or(&self, open: SourceSpan, close: usize) -> Option<Fix> {
        let first = self.lexemes.iter().position(|lexeme| lexeme.span == open)? + 1;
        let inside = self.lexemes.get(first..close)?;
        let is_value = |lexeme: &&Lexeme| {
            matches!(lexeme.kind, LexKind::Word(_) | LexKind::Phrase(_) | LexKind::Cased(_))
        };
        let is_join = |lexeme: &Lexeme| matches!(lexeme.kind, LexKind::And | LexKind::Or);
        let whole = SourceSpan { start: open.end, end: self.lexemes.get(close)?.span.start };
        let is_list = inside.iter().all(|lexeme| is_join(lexeme) || is_value(&lexeme));
        let values: Vec<&str> =
            inside.iter().filter(is_value).map(|value| self.source_of(value.span)).collect();
        let is_plain = is_list && !self.source_of(whole).contains("<<<");
        is_plain.then(|| Fix::new(whole.pair(), values.join(" OR ")))
    }

    /// An unknown name is text, with its wildcards: `languag:en` finds `languag en`.
    fn unknown(&mut self, name: &TermText, span: SourceSpan) -> Node {
        // Other products exclude by a sign.
        let bare = name.text.strip_prefix(['-', '!']);
        let not = if bare.is_some() { "NOT " } else { "" };
        let near = fields::nearest(bare.unwrap_or(&name.text), self.options.purpose == Purpose::Rule);
        let near: Vec<String> = near.iter().map(|near| format!("{not}{near}")).collect();
        let fix = match near.first() {
            _ if is_operator(&name.text) => Some(Fix::new(span.pair(), format!("{} ", name.text))),
            Some(near) => Some(Fix::new(span.pair(), format!("{near}:"))),
            None => self.in_quotes(span),
        };
        let hint = match near.as_slice() {
            _ if is_operator(&name.text) => {
                format!("leave the colon out if you mean the operator {}, or put it in quotes", name.text)
            }
            [] => match &fix {
                Some(fix) => format!("put it in quotes if you mean the text: {}", fix.text),
                None => "put it in quotes if you mean the text".to_owned(),
            },
            names => {
                format!("did you mean `{}:`? put it in quotes if you mean the text", names.join(":` or `"))
            }
        };
        if self.options.strict {
            let message = format!("there is no field `{}`", name.text);
            self.report.add("E303", span.pair(), message, hint).fix(fix);
        } else {
            let message = format!("there is no field `{}`, so this is read as text", name.text);
            self.report.add("W107", span.pair(), message, hint).fix(fix);
        }
        self.with_unknown(name, span)
    }

    /// A name with the word behind its colon as a phrase, where nothing in it means something else there.
    fn in_quotes(&self, span: SourceSpan) -> Option<Fix> {
        let is_text = |kind: &LexKind| matches!(kind, LexKind::Word(_) | LexKind::Range(_));
        let word = self.peek().filter(|lexeme| !lexeme.spaced && is_text(&lexeme.kind));
        let whole = word.map_or(span, |word| span.to(word.span));
        let text = self.source_of(whole);
        let is_plain = !text.contains(|c: char| is_quote(c) || matches!(c, '\\' | '＼' | '*' | '?' | '？'));
        is_plain.then(|| Fix::new(whole.pair(), format!("\"{text}\"")))
    }

    /// The name with what stands directly behind the colon.
    fn with_unknown(&mut self, name: &TermText, span: SourceSpan) -> Node {
        let phrase = |text, span| Node { kind: NodeKind::Term(Term { form: TermForm::Phrase, text }), span };
        let mut text = name.clone();
        let Some(lexeme) = self.peek().filter(|lexeme| !lexeme.spaced) else { return phrase(text, span) };
        let end = lexeme.span;
        match &lexeme.kind {
            LexKind::Open => {
                let group = self.bracket();
                let span = span.to(group.span);
                let positives = vec![phrase(text, span), group];
                let level = Level { join: Join::All, positives, negatives: Vec::new() };
                return Node { kind: NodeKind::Level(level), span };
            }
            LexKind::Range(inner) => {
                append(&mut text, &TermText { text: inner.clone(), ..TermText::default() })
            }
            _ => match Self::as_term(lexeme) {
                Some(term) => append(&mut text, &term.text),
                None => return phrase(text, span),
            },
        }
        self.at += 1;
        phrase(text, span.to(end))
    }
}

fn is_operator(name: &str) -> bool {
    matches!(name, "AND" | "OR" | "NOT") || name.starts_with("NEAR/")
}

/// Adds a word to a phrase, keeping its marks in place.
fn append(text: &mut TermText, more: &TermText) {
    text.text.push(' ');
    let shift = text.text.len();
    text.text.push_str(&more.text);
    text.wildcards.extend(more.wildcards.iter().map(|at| at + shift));
    // Braces may hold a bare quote, and addresses a bare `?`: both mean something else in a phrase.
    let is_sign =
        |at: usize, c: char| is_quote(c) || (matches!(c, '*' | '?') && !more.wildcards.contains(&at));
    let literal = |&(at, c): &(usize, char)| more.escaped.contains(&at) || is_sign(at, c);
    text.escaped.extend(more.text.char_indices().filter(literal).map(|(at, _)| at + shift));
}
