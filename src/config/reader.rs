//! Reads a TOML table key by key, and collects what is wrong instead of stopping at the first problem.
//!
//! **Invariant:** every key that is asked for is known; [`Table::finish`] reports all others.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Problems, nearest, place};

/// A value and the byte offset where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// The file that is being read, and what was found wrong with it.
pub(super) struct Report<'f> {
    pub(super) file: &'f Path,
    pub(super) text: &'f str,
    pub(super) problems: Problems,
    /// The file itself and the query files that it names.
    pub(super) files: Vec<PathBuf>,
}

impl Report<'_> {
    /// An error at a byte offset of the pipeline file.
    pub(super) fn error(&mut self, at: usize, what: impl Into<String>, hint: impl Into<String>) {
        self.add(at, what.into(), hint.into(), false);
    }

    /// A warning at a byte offset of the pipeline file.
    pub(super) fn warning(&mut self, at: usize, what: impl Into<String>, hint: impl Into<String>) {
        self.add(at, what.into(), hint.into(), true);
    }

    fn add(&mut self, at: usize, what: String, hint: String, warning: bool) {
        let (line, column) = place(self.text, at);
        let hint = (!hint.is_empty()).then_some(hint);
        self.problems.0.push(Problem { file: self.file.to_owned(), line, column, what, hint, warning });
    }

    /// A path in the pipeline file is meant from the file's folder.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(written)
    }
}

/// One table of the file.
pub(super) struct Table<'t> {
    table: &'t DeTable<'t>,
    /// For messages: `[state]`, `[[feeds]]`, `the pipeline`.
    name: &'static str,
    /// Where it begins.
    pub(super) at: usize,
    known: Vec<&'static str>,
}

impl<'t> Table<'t> {
    pub(super) fn new(table: &'t DeTable<'t>, name: &'static str, at: usize) -> Table<'t> {
        Table { table, name, at, known: Vec::new() }
    }

    fn get(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.push(key);
        self.table.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Reads a value by `read`, which gives `None` for a value of the wrong type.
    fn typed<T>(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        wanted: &str,
        read: impl FnOnce(&'t DeValue<'t>) -> Option<T>,
    ) -> Option<At<T>> {
        let found = self.get(key)?;
        let at = found.span().start;
        let value = read(found.get_ref());
        if value.is_none() {
            let kind = found.get_ref().type_str();
            report.error(at, format!("`{key}` is {}, not {wanted}", article(kind)), "");
        }
        value.map(|value| At { value, at })
    }

    pub(super) fn string(&mut self, report: &mut Report<'_>, key: &'static str) -> Option<At<&'t str>> {
        self.typed(report, key, "a string", DeValue::as_str)
    }

    /// A string that must be there and not be empty.
    pub(super) fn required(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        hint: &str,
    ) -> Option<At<&'t str>> {
        if self.table.get(key).is_none() {
            self.known.push(key);
            report.error(self.at, format!("{} has no `{key}`", self.name), hint);
            return None;
        }
        let found = self.string(report, key)?;
        if found.value.trim().is_empty() {
            report.error(found.at, format!("`{key}` is empty"), hint);
            return None;
        }
        Some(found)
    }

    pub(super) fn boolean(&mut self, report: &mut Report<'_>, key: &'static str) -> Option<bool> {
        self.typed(report, key, "true or false", DeValue::as_bool).map(|b| b.value)
    }

    pub(super) fn integer(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let found = self.typed(report, key, "a whole number", |v| {
            let v = v.as_integer()?;
            i64::from_str_radix(v.as_str(), v.radix()).ok()
        })?;
        if range.contains(&found.value) {
            return Some(found.value);
        }
        let (low, high) = range.into_inner();
        report.error(found.at, format!("`{key}` is {}", found.value), format!("give {low} to {high}"));
        None
    }

    pub(super) fn number(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        range: RangeInclusive<f64>,
    ) -> Option<f64> {
        let found = self.typed(report, key, "a number", number_of)?;
        if range.contains(&found.value) {
            return Some(found.value);
        }
        let (low, high) = range.into_inner();
        report.error(found.at, format!("`{key}` is {}", found.value), format!("give {low} to {high}"));
        None
    }

    /// A duration in milliseconds, written `"5m"`, `"1h 30m"`, `"2 days"`.
    pub(super) fn duration(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        range_ms: RangeInclusive<i64>,
    ) -> Option<i64> {
        const HINT: &str = "write a string such as \"500ms\", \"5m\", \"1h 30m\" or \"2 days\"";
        let found = self.get(key)?;
        let at = found.span().start;
        let Some(text) = found.get_ref().as_str() else {
            let kind = article(found.get_ref().type_str());
            report.error(at, format!("`{key}` is {kind}, not a duration"), HINT);
            return None;
        };
        let Some(ms) = parse_duration(text) else {
            report.error(at, format!("`{key}`: \"{text}\" is no duration"), HINT);
            return None;
        };
        if range_ms.contains(&ms) {
            return Some(ms);
        }
        let (low, high) = range_ms.into_inner();
        report.error(
            at,
            format!("`{key}` is {}", print_duration(ms)),
            format!("give {} to {}", print_duration(low), print_duration(high)),
        );
        None
    }

    /// A list of strings.
    pub(super) fn strings(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
    ) -> Option<At<Vec<At<&'t str>>>> {
        self.typed(report, key, "a list of strings", |v| {
            v.as_array()?
                .iter()
                .map(|item| Some(At { value: item.get_ref().as_str()?, at: item.span().start }))
                .collect()
        })
    }

    /// A table inside this one.
    pub(super) fn table(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        name: &'static str,
    ) -> Option<Table<'t>> {
        let found = self.typed(report, key, "a table", DeValue::as_table)?;
        Some(Table::new(found.value, name, found.at))
    }

    /// The tables of a `[[list]]`.
    pub(super) fn tables(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        name: &'static str,
    ) -> Vec<Table<'t>> {
        let found = self.typed(report, key, &format!("a list of tables, each under {name}"), |v| {
            v.as_array()?
                .iter()
                .map(|item| Some(Table::new(item.get_ref().as_table()?, name, item.span().start)))
                .collect()
        });
        found.map(|f| f.value).unwrap_or_default()
    }

    /// One of a list of names.
    pub(super) fn choice<T: Copy>(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let found = self.string(report, key)?;
        choose(report, &found, key, choices)
    }

    /// All entries of a table whose keys are not ours; numbers and booleans as they are written.
    pub(super) fn all_strings(&self, report: &mut Report<'_>) -> BTreeMap<String, At<String>> {
        let mut found = BTreeMap::new();
        for (key, value) in self.table {
            let at = value.span().start;
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Boolean(flag) => flag.to_string(),
                _ => {
                    let what = format!("`{}` in {} is no plain value", key.get_ref(), self.name);
                    let hint = "give a string, a number, true or false; quote a key with dots: \"sasl.username\" = ...";
                    report.error(at, what, hint);
                    continue;
                }
            };
            found.insert(key.get_ref().to_string(), At { value: text, at });
        }
        found
    }

    /// All entries of a table of numbers whose keys are not ours.
    pub(super) fn all_numbers(&self, report: &mut Report<'_>) -> Vec<(String, At<f64>)> {
        let mut found = Vec::new();
        for (key, value) in self.table {
            let at = value.span().start;
            match number_of(value.get_ref()) {
                Some(value) => found.push((key.get_ref().to_string(), At { value, at })),
                None => {
                    let kind = article(value.get_ref().type_str());
                    report.error(at, format!("`{}` is {kind}, not a number", key.get_ref()), "");
                }
            }
        }
        found
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self, report: &mut Report<'_>) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.known.contains(&name) {
                continue;
            }
            let hint = match nearest(name, self.known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", self.known.join(", ")),
            };
            report.error(key.span().start, format!("{} has no key `{name}`", self.name), hint);
        }
    }
}

/// The value of that name, or a problem that says which names there are.
pub(super) fn choose<T: Copy>(
    report: &mut Report<'_>,
    found: &At<&str>,
    key: &str,
    choices: &[(&'static str, T)],
) -> Option<T> {
    let chosen = choices.iter().find(|(name, _)| *name == found.value);
    if chosen.is_none() {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let hint = match nearest(found.value, names.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("give one of: {}", names.join(", ")),
        };
        report.error(found.at, format!("`{key}`: \"{}\" is not known", found.value), hint);
    }
    chosen.map(|(_, value)| *value)
}

fn number_of(value: &DeValue<'_>) -> Option<f64> {
    let text = value.as_float().map(|f| f.as_str()).or(value.as_integer().map(|i| i.as_str()));
    text?.parse().ok()
}

fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}

/// Milliseconds; a day has 24 hours here.
fn parse_duration(text: &str) -> Option<i64> {
    let span: jiff::Span = text.trim().parse().ok()?;
    let duration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(duration.as_millis()).ok()
}

fn print_duration(ms: i64) -> String {
    format!("{:#}", jiff::SignedDuration::from_millis(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, ms) in
            [("5m", 300_000), ("1h 30m", 5_400_000), ("2 days", 172_800_000), ("500ms", 500), ("0s", 0)]
        {
            assert_eq!(parse_duration(text), Some(ms), "{text}");
        }
        for text in ["5", "", "soon", "1 month"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
