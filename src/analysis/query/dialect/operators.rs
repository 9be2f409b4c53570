//! Which words are operators of a product, and which only look like some.

use super::Dialect;
use super::tables;
use super::tokens::{Cutter, Kind, is_name};

impl Cutter<'_> {
    /// What a word is that ends here.
    pub(super) fn operator(&mut self, start: usize, written: &str) -> Kind {
        match written {
            "AND" | "&&" => return Kind::And,
            "OR" | "||" => return Kind::Or,
            "NOT" => return Kind::Not,
            "ANDNOT" => return self.and_not(start),
            _ => {}
        }
        if let Some(near) = self.near(start, written) {
            return near;
        }
        if let Some(name) = self.function(start, written) {
            return Kind::Function(name);
        }
        self.doubt(start, written);
        Kind::Word(written.to_owned())
    }

    fn and_not(&mut self, start: usize) -> Kind {
        if self.dialect != Dialect::Meltwater {
            let message = format!(
                "`ANDNOT` is no documented operator of {}; it was read as NOT",
                self.dialect.as_str()
            );
            self.report.add("W401", (start, self.at), message, "write AND NOT");
        }
        Kind::Not
    }

    /// A name that takes what follows, in lower case.
    fn function(&mut self, start: usize, written: &str) -> Option<String> {
        let name = written.to_ascii_lowercase();
        let calls = match self.dialect {
            Dialect::Cision | Dialect::Pulsar => is_name(written) && self.calls(start, &name),
            Dialect::Meltwater => matches!(written, "TITLE" | "INGRESS"),
            _ => false,
        };
        calls.then_some(name)
    }

    /// A bracket follows; after a blank only a known name is taken for a function.
    fn calls(&mut self, start: usize, name: &str) -> bool {
        if self.rest().starts_with('(') {
            return true;
        }
        let calls = tables::ours(self.dialect, name).is_some() && self.rest().trim_start().starts_with('(');
        if calls {
            let message = format!("`{name} (` was read as `{name}(`");
            let hint = "put the name in quotes if you mean the word";
            self.report.add("W401", (start, self.at), message, hint);
        }
        calls
    }

    /// The product's way to say NEAR.
    fn near(&mut self, start: usize, written: &str) -> Option<Kind> {
        let near = |distance, ordered| Some(Kind::Near { distance, ordered });
        let (name, digits) =
            written.split_once('/').map_or((written, None), |(name, digits)| (name, Some(digits)));
        let distance = digits.map(str::parse::<u32>);
        match (self.dialect, name, distance) {
            (Dialect::YouScan, "", Some(Ok(distance))) => self.position_distance(start, distance),
            (Dialect::Cision, ..) => self.within(start, name, digits?),
            (Dialect::X | Dialect::YouScan, ..) => None,
            (Dialect::Talkwalker, "SENTENCE" | "PARAGRAPH", None) => self.same_sentence(start, written),
            (_, "NEAR" | "ONEAR", Some(Ok(distance))) => near(distance, name == "ONEAR"),
            (_, "NEAR" | "ONEAR", Some(Err(_))) => {
                let message = format!("`{written}` has no distance in words");
                self.report.add("E401", (start, self.at), message, format!("write {name}/5"));
                near(0, false)
            }
            (Dialect::Meltwater, "NEAR" | "ONEAR", None) => near(4, name == "ONEAR"),
            (Dialect::Lexalytics, "NEAR", None) => near(10, false),
            (_, "NEAR" | "ONEAR", None) => {
                let message = format!("`{written}` has no distance; ten words in between are taken");
                self.report.add("W401", (start, self.at), message, format!("write {name}/10 to say so"));
                near(10, name == "ONEAR")
            }
            _ => None,
        }
    }

    /// `/1` is the next word.
    fn position_distance(&mut self, start: usize, steps: u32) -> Option<Kind> {
        if steps == 0 {
            let message = "`/0` asks for two words in one place";
            self.report.add("E401", (start, self.at), message, "write /1 for words side by side");
        }
        Some(Kind::Near { distance: steps.saturating_sub(1), ordered: false })
    }

    /// Cision's `w/5`, `pre/5`, `w/s`.
    fn within(&mut self, start: usize, name: &str, limit: &str) -> Option<Kind> {
        let ordered = match name {
            "w" | "W" => false,
            "pre" | "PRE" => true,
            "NEAR" => return self.foreign_near(start, limit),
            _ => return None,
        };
        let distance = match limit {
            "s" | "S" | "p" | "P" => return self.same_sentence(start, &format!("{name}/{limit}")),
            "" => self.number_apart()?,
            digits => digits.parse().ok()?,
        };
        let message = "whether the product counts the words in between or the steps is not known";
        let hint = "try the query on some posts and change the number if needed";
        self.report.add("W401", (start, self.at), message, hint);
        Some(Kind::Near { distance, ordered })
    }

    fn foreign_near(&mut self, start: usize, limit: &str) -> Option<Kind> {
        let distance = limit.parse().ok()?;
        let message = "`NEAR` is no documented operator of cision; it was read as in our language";
        self.report.add("W401", (start, self.at), message, format!("write w/{limit}"));
        Some(Kind::Near { distance, ordered: false })
    }

    fn same_sentence(&mut self, start: usize, written: &str) -> Option<Kind> {
        let message = format!("`{written}` has no counterpart: sentences and paragraphs are not told apart");
        let hint = "ask for words close together, or put it in quotes if you mean the word";
        self.report.add("E402", (start, self.at), message, hint);
        Some(Kind::And)
    }

    /// The 5 of `w/ 5`.
    fn number_apart(&mut self) -> Option<u32> {
        let rest = self.rest().trim_start();
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest.get(..length)?.parse().ok()?;
        if rest.get(length..)?.starts_with(char::is_alphanumeric) {
            return None;
        }
        self.at = self.text.len() - rest.len() + length;
        Some(number)
    }

    /// Says that a word is one, where its writer may have meant an operator.
    fn doubt(&mut self, start: usize, written: &str) {
        let upper = written.to_ascii_uppercase();
        if self.is_value(start) {
            return;
        }
        if written != upper && self.is_operator(&upper) {
            self.report.ordinary_word((start, self.at), written, &upper);
        } else if looks_like_operator(self.dialect, written, &upper) {
            let product = self.dialect.as_str();
            let message =
                format!("`{written}` is no known operator of {product}; it is searched for as a word");
            let hint = "write it as the product does, or put it in quotes if you mean the word";
            self.report.add("W401", (start, self.at), message, hint);
        }
    }

    fn is_operator(&self, upper: &str) -> bool {
        let has_near = !matches!(self.dialect, Dialect::X | Dialect::YouScan);
        matches!(upper, "AND" | "OR" | "NOT" | "ANDNOT")
            || has_near && (upper.starts_with("NEAR/") || upper.starts_with("ONEAR/"))
    }
}

/// An operator of some product that is none of this one. Lower-case words are words.
fn looks_like_operator(dialect: Dialect, written: &str, upper: &str) -> bool {
    let Some((name, limit)) = upper.split_once('/') else {
        return written == upper && matches!(upper, "NEAR" | "ONEAR" | "XOR" | "SENTENCE" | "PARAGRAPH");
    };
    let counted = limit.starts_with(|c: char| c.is_ascii_digit()) || matches!(limit, "S" | "P");
    match name {
        "NEAR" | "ONEAR" => true,
        "W" | "PRE" => counted || limit.is_empty(),
        // YouScan's distance has no name; a path is longer.
        "" if dialect == Dialect::YouScan => matches!(limit.len(), 1..=3) && !limit.contains('/'),
        "" => counted && limit.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}
