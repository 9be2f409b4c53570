//! The texts of the scenario: phrasings from the files beside this one, with their slots filled.

use super::{
    cast::{Airline, Script},
    rng::Rng,
};

/// The link of the video, as it is written outside X (which shortens it).
pub(crate) const VIDEO: &str = "https://video.example/watch?v=six-string";

/// Complaint, neutral talk, praise: the order of [`Airline::moods`].
const MOODS: [char; 3] = ['-', '=', '+'];

/// All phrasings, by script and purpose.
#[derive(Debug)]
pub(crate) struct Book {
    chatter: [[Vec<&'static str>; 3]; 3],
    crisis_english: Vec<(&'static str, Vec<&'static str>)>,
    crisis_chinese: Vec<(&'static str, Vec<&'static str>)>,
    noise: Vec<(&'static str, Vec<&'static str>)>,
}

impl Book {
    pub(crate) fn bundled() -> Book {
        Book {
            chatter: [
                by_mood(include_str!("phrases/english.txt")),
                by_mood(include_str!("phrases/chinese_hans.txt")),
                by_mood(include_str!("phrases/chinese_hant.txt")),
            ],
            crisis_english: by_section(include_str!("phrases/crisis_english.txt")),
            crisis_chinese: by_section(include_str!("phrases/crisis_chinese.txt")),
            noise: by_section(include_str!("phrases/noise.txt")),
        }
    }

    /// A sentence of ordinary talk about `airline`.
    pub(crate) fn chatter(&self, airline: &Airline, script: Script, rng: &mut Rng) -> String {
        let mood = rng.weighted(&airline.moods);
        let phrase = rng.pick(&self.chatter[script as usize][mood]);
        fill(phrase, Some(airline), script, rng)
    }

    /// A sentence that names no airline. `section`: `heron`, `苍鹭`, `en` or `zh`.
    pub(crate) fn noise(&self, section: &str, rng: &mut Rng) -> String {
        let script = if matches!(section, "heron" | "en") { Script::English } else { Script::Hans };
        fill(section_of(&self.noise, section, rng), None, script, rng)
    }

    /// A sentence of the crisis. `section`: `quote`, `angry` or `reply`.
    pub(crate) fn crisis(&self, airline: &Airline, section: &str, script: Script, rng: &mut Rng) -> String {
        let text = match script {
            Script::English => section_of(&self.crisis_english, section, rng),
            Script::Hans => section_of(&self.crisis_chinese, section, rng),
            Script::Hant => section_of(&self.crisis_chinese, &format!("{section}_hant"), rng),
        };
        fill(text, Some(airline), script, rng)
    }
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    // A comment is `# `; a line such as `#话题#` is not one.
    text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "))
}

fn by_mood(text: &'static str) -> [Vec<&'static str>; 3] {
    MOODS.map(|mood| lines(text).filter_map(|line| line.strip_prefix(mood).map(str::trim_start)).collect())
}

fn by_section(text: &'static str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines(text) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            sections.push((name, Vec::new()));
        } else if let Some((_, phrases)) = sections.last_mut() {
            phrases.push(line);
        }
    }
    sections
}

fn section_of(sections: &[(&'static str, Vec<&'static str>)], name: &str, rng: &mut Rng) -> &'static str {
    sections.iter().find(|s| s.0 == name).map_or("", |s| rng.pick(&s.1))
}

const CITIES: &[&str] = &[
    "Lisbon",
    "Oslo",
    "Boston",
    "Toronto",
    "Dublin",
    "Denver",
    "Lyon",
    "Porto",
    "Seattle",
    "Vienna",
    "Chicago",
    "Madrid",
    "Bergen",
    "Austin",
    "Halifax",
    "Osaka",
    "Shanghai",
    "Singapore",
    "Leeds",
    "Naples",
    "Calgary",
    "Zurich",
    "Omaha",
    "Nashville",
];
const CITIES_HANS: &[&str] = &[
    "上海",
    "北京",
    "广州",
    "成都",
    "西安",
    "厦门",
    "昆明",
    "杭州",
    "温哥华",
    "伦敦",
    "巴黎",
    "东京",
    "大阪",
    "新加坡",
    "曼谷",
    "悉尼",
    "青岛",
    "长沙",
];
const CITIES_HANT: &[&str] = &[
    "台北",
    "高雄",
    "台中",
    "香港",
    "澳門",
    "東京",
    "大阪",
    "溫哥華",
    "倫敦",
    "巴黎",
    "新加坡",
    "曼谷",
    "上海",
    "廣州",
];

/// Replaces `{x}` slots; an unknown slot stays as it is.
fn fill(phrase: &str, airline: Option<&Airline>, script: Script, rng: &mut Rng) -> String {
    let mut text = String::with_capacity(phrase.len() + 24);
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((slot, tail)) = after.split_once('}') else { break };
        text.push_str(&slot_text(slot, airline, script, rng));
        rest = tail;
    }
    text.push_str(rest);
    text
}

fn slot_text(slot: &str, airline: Option<&Airline>, script: Script, rng: &mut Rng) -> String {
    match slot {
        "b" => airline.map_or("", |a| a.name(script, rng)).to_owned(),
        "c" | "d" => city(script, rng).to_owned(),
        "f" => format!("{}{}", airline.map_or("XX", |a| a.code), rng.between(11, 989)),
        "n" => rng.between(2, 9).to_string(),
        "s" => format!("{}{}", rng.between(3, 48), rng.pick(&["A", "B", "C", "D", "E", "F"])),
        "p" => price(script, rng),
        "t" => format!("{:02}:{:02}", rng.between(5, 23), rng.between(0, 11) * 5),
        "g" => format!("{}{}", rng.pick(&["A", "B", "C", "D"]), rng.between(1, 60)),
        "v" => VIDEO.to_owned(),
        other => format!("{{{other}}}"),
    }
}

fn city(script: Script, rng: &mut Rng) -> &'static str {
    match script {
        Script::English => rng.pick(CITIES),
        Script::Hans => rng.pick(CITIES_HANS),
        Script::Hant => rng.pick(CITIES_HANT),
    }
}

fn price(script: Script, rng: &mut Rng) -> String {
    match script {
        Script::English => format!("{}{}", rng.pick(&["$", "€", "£"]), rng.between(3, 90) * 7),
        Script::Hans => format!("{}元", rng.between(3, 400) * 10),
        Script::Hant => format!("{}元", rng.between(10, 900) * 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::demo::cast::{HERON, PAN_UNION};

    #[test]
    fn there_are_hundreds_of_phrasings_and_no_empty_section() {
        let book = Book::bundled();
        let chatter: usize = book.chatter.iter().flatten().map(Vec::len).sum();
        let others = [&book.crisis_english, &book.crisis_chinese, &book.noise];
        let rest: usize = others.iter().flat_map(|s| s.iter()).map(|s| s.1.len()).sum();
        assert!(chatter > 250 && rest > 130, "{chatter} {rest}");
        assert!(book.chatter.iter().flatten().all(|phrases| phrases.len() > 5));
    }

    #[test]
    fn every_slot_is_filled() {
        let (book, mut rng) = (Book::bundled(), Rng::new(3));
        for _ in 0..3000 {
            for script in [Script::English, Script::Hans, Script::Hant] {
                let mut texts = vec![book.chatter(HERON, script, &mut rng)];
                texts.push(book.crisis(PAN_UNION, "angry", script, &mut rng));
                texts.push(book.noise("en", &mut rng));
                for text in texts {
                    assert!(!text.is_empty() && !text.contains(['{', '}']), "{text}");
                }
            }
        }
    }
}
