//! What values a field takes.

use super::super::ast::{SourceSpan, Term, TermForm, TermText};
use super::super::fields::{self, FieldRow, Shape};
use super::super::problem::Fix;
use super::super::{sample, site, written};
use super::Parser;
use crate::analysis::text::stated_language;

impl Parser<'_> {
    pub(super) fn check_value(&mut self, row: &FieldRow, term: &Term, span: SourceSpan) {
        let text = term.text.text.as_str();
        let has_wildcards = !term.text.wildcards.is_empty();
        match row.shape {
            Shape::Names { wildcards: false } if has_wildcards => {
                let text = TermText { wildcards: Vec::new(), ..term.text.clone() };
                let literal = written::term(&Term { form: term.form, text });
                self.no_wildcards(row, span, &literal, Some(Fix::new(span.pair(), literal.clone())));
            }
            Shape::LanguageTag | Shape::CountryCode if has_wildcards => {
                self.no_wildcards(row, span, "\\*", None);
            }
            Shape::Choice(choices) | Shape::Graded(choices, _) => {
                self.check_choice(row, choices, text, span);
            }
            Shape::Digits if !text.bytes().all(|b| b.is_ascii_digit()) => {
                let message = format!("`{}:` cannot be `{text}`", row.name);
                self.report.add("E304", span.pair(), message, "write a number");
            }
            Shape::Percent if sample::percent(text).is_none() => {
                let message = format!("`{text}` is no share of all posts in per cent");
                let digits = text.trim_end_matches('%').replace([',', '，'], ".");
                let fix = sample::percent(&digits).map(|_| Fix::new(span.pair(), digits.as_str()));
                let meant = if fix.is_some() { digits.as_str() } else { "10" };
                let hint = format!("write a number above 0, at most 100, with a point: sample:{meant}");
                self.report.add("E304", span.pair(), message, hint).fix(fix);
            }
            Shape::PostId if term.form == TermForm::Word && !is_post_id(text) => {
                let message = format!("`{text}` is no id of a post");
                let quoted = written::term(&Term { form: TermForm::Phrase, text: term.text.clone() });
                let hint = format!(
                    "write digits, at://..., t1_..., or the id in quotes as the feed states it: {quoted}"
                );
                self.report.add("E304", span.pair(), message, hint).fix(Fix::new(span.pair(), quoted));
            }
            Shape::LanguageTag if !is_language(text) => self.check_language(text, span),
            Shape::CountryCode if !site::is_country(text) => self.check_country(row, text, span),
            _ => {}
        }
        let is_text = matches!(row.shape, Shape::Terms);
        if fields::bare_value(row.field, text).is_empty() && !is_text {
            let message = format!("`{}:` has an empty value", row.name);
            self.report.add("E304", span.pair(), message, "write the value after the colon");
        }
    }

    fn no_wildcards(&mut self, row: &FieldRow, span: SourceSpan, literal: &str, fix: Option<Fix>) {
        let message = format!("`{}:` takes no wildcards", row.name);
        let hint = format!("write the value in full, or escape the character: {literal}");
        self.report.add("E304", span.pair(), message, hint).fix(fix);
    }

    fn check_choice(&mut self, row: &FieldRow, choices: &[&'static str], text: &str, span: SourceSpan) {
        if choices.contains(&text) {
            return;
        }
        let name = row.name;
        if let Some(choice) = choices.iter().find(|choice| choice.eq_ignore_ascii_case(text)) {
            let message = format!("`{text}` is read as `{choice}`");
            let fix = Fix::new(span.pair(), *choice);
            return self.report.add("W106", span.pair(), message, format!("write {name}:{choice}")).fix(fix);
        }
        let near = fields::nearest_value(choices, text);
        let meant = near.map_or_else(String::new, |near| format!("did you mean {name}:{near}? "));
        let hint = format!("{meant}choose one of {}", choices.join(", "));
        let fix = near.map(|near| Fix::new(span.pair(), near));
        self.report.add("E304", span.pair(), format!("`{name}:` cannot be `{text}`"), hint).fix(fix);
    }

    /// Brandwatch takes any text here, so that this is no error.
    fn check_language(&mut self, text: &str, span: SourceSpan) {
        let two = text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_lowercase());
        let message = match two {
            true => format!("`{text}` is no language code of ISO 639-1"),
            false => format!("`{text}` is no language code of two small letters"),
        };
        let code = language_code(text);
        let hint = match &code {
            Some(code) => format!("write the ISO 639-1 code: language:{code}"),
            None => "write the ISO 639-1 code: en, zh-hans, zh-hant".to_owned(),
        };
        let fix = code.map(|code| Fix::new(span.pair(), code));
        self.report.add("W106", span.pair(), message, hint).fix(fix);
    }

    fn check_country(&mut self, row: &FieldRow, text: &str, span: SourceSpan) {
        let code = country_code(text);
        let hint = match code {
            Some(code) => format!("write the ISO 3166 code: {}:{code}", row.name),
            None => "write the ISO 3166 code of three or two letters: gbr or gb".to_owned(),
        };
        let fix = code.map(|code| Fix::new(span.pair(), code));
        let message = format!("`{text}` is no country code, so no post can have it");
        self.report.add("E304", span.pair(), message, hint).fix(fix);
    }
}

/// The code of a tag with more than the language in it or in capitals, or of a language by its English name.
fn language_code(text: &str) -> Option<String> {
    const NAMES: &[(&str, &str)] = &[
        ("english", "en"),
        ("chinese", "zh"),
        ("french", "fr"),
        ("german", "de"),
        ("spanish", "es"),
        ("portuguese", "pt"),
        ("italian", "it"),
        ("dutch", "nl"),
        ("russian", "ru"),
        ("arabic", "ar"),
        ("japanese", "ja"),
        ("korean", "ko"),
        ("hindi", "hi"),
        ("turkish", "tr"),
        // Codes of countries that are none of languages.
        ("cn", "zh"),
        ("cz", "cs"),
        ("dk", "da"),
        ("gb", "en"),
        ("gr", "el"),
        ("jp", "ja"),
        ("ua", "uk"),
        ("us", "en"),
        ("vn", "vi"),
    ];
    let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, code)| *code);
    let tagged = stated_language(text);
    let tagged = Some(tagged.as_str()).filter(|code| is_language(code));
    named.or(tagged).map(str::to_owned)
}

/// The code of a country by what it is often called.
fn country_code(text: &str) -> Option<&'static str> {
    const NAMES: &[(&str, &str)] = &[
        ("uk", "gbr"),
        ("england", "gbr"),
        ("scotland", "gbr"),
        ("wales", "gbr"),
        ("britain", "gbr"),
        ("united kingdom", "gbr"),
        ("america", "usa"),
        ("united states", "usa"),
        ("germany", "deu"),
        ("ger", "deu"),
        ("france", "fra"),
        ("spain", "esp"),
        ("italy", "ita"),
        ("china", "chn"),
        ("japan", "jpn"),
        ("india", "ind"),
        ("brazil", "bra"),
        ("canada", "can"),
        ("australia", "aus"),
        ("ireland", "irl"),
        ("switzerland", "che"),
        ("austria", "aut"),
        ("netherlands", "nld"),
        ("mexico", "mex"),
    ];
    NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, code)| *code)
}

/// Digits and `_` as most networks have them; an address; a prefix and a name (`t1_x`); or long enough to be
/// one of those ids that look like chance.
fn is_post_id(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let prefixed = text.split_once('_').is_some_and(|(kind, name)| kind.len() == 2 && !name.is_empty());
    digits || prefixed || text.contains([':', '/']) || text.len() > 9
}

fn is_language(text: &str) -> bool {
    let coded = text.len() == 2 && LANGUAGES.split(' ').any(|code| code == text);
    coded || text.eq_ignore_ascii_case("zh-hans") || text.eq_ignore_ascii_case("zh-hant")
}

/// ISO 639-1, and two codes that it had before: `in` and `iw`.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv \
dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw \
ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl \
nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg \
th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";
