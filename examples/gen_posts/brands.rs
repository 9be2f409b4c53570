//! Invented brands, their queries, and the ways in which posts name them.

use std::fmt::Write;

use earful::load::LoadBrand;
use earful::load::rng::{Rng, mix};

/// A brand: its query, and phrases that this query finds.
pub(crate) struct Brand {
    pub(crate) id: String,
    pub(crate) query: String,
    pub(crate) mentions: Vec<String>,
}

/// The brands as the generator of posts wants them.
pub(crate) fn named(brands: &[Brand]) -> Vec<LoadBrand> {
    brands.iter().map(|brand| LoadBrand { id: brand.id.clone(), phrases: brand.mentions.clone() }).collect()
}

const ONSET: &[&str] = &[
    "v", "k", "br", "s", "t", "m", "n", "l", "z", "qu", "dr", "f", "h", "p", "gr", "ch", "st", "w", "y", "x",
];
const VOWEL: &[&str] = &["a", "e", "i", "o", "u", "ia", "eo", "au"];
const CODA: &[&str] =
    &["ra", "x", "lis", "nt", "ro", "dan", "vex", "mi", "tor", "na", "lio", "wick", "zen", "qo"];
const TRADES: &[(&str, &str)] = &[
    ("motors", "car* OR drive* OR engine"),
    ("labs", "app* OR update* OR phone"),
    ("coffee", "cup OR latte OR bean*"),
    ("airlines", "flight* OR gate OR airport"),
    ("bank", "card OR account OR loan*"),
    ("sports", "shoe* OR run* OR match"),
    ("foods", "taste* OR snack* OR recipe"),
    ("games", "play* OR level OR console"),
];
const CONTEXT: &[&str] = &["drive", "phone", "cup", "flight", "card", "shoes", "taste", "play"];
const HAN: &[&str] = &[
    "薇", "洛", "拉", "凯", "瑞", "尼", "欧", "森", "米", "雅", "乐", "安", "宝", "科", "新", "星", "泽",
    "诺", "维", "斯", "达", "优", "佳", "迪",
];

/// `count` brands, always the same ones for a seed.
pub(crate) fn invent(count: usize, seed: u64) -> Vec<Brand> {
    let mut rng = Rng::new(mix(seed ^ 0xB7A9));
    (0..count).map(|n| brand(n, &mut rng)).collect()
}

/// One of six shapes that analysts write.
fn brand(number: usize, rng: &mut Rng) -> Brand {
    let name = format!(
        "{}{}{}{}{}",
        rng.pick(ONSET),
        rng.pick(VOWEL),
        rng.pick(ONSET),
        rng.pick(VOWEL),
        rng.pick(CODA)
    );
    let shape = rng.below(TRADES.len() as u64) as usize;
    let ((trade, words), context) = (TRADES[shape], CONTEXT[shape]);
    let upper = name.to_uppercase();
    let han: String = (0..3).map(|_| rng.pick(HAN)).collect();
    let (query, mentions) = match rng.below(10) {
        0..3 => (
            format!("{name} OR @{name} OR #{name} OR #{name}{trade}"),
            vec![capital(&name), format!("@{name}"), format!("#{name}")],
        ),
        3..5 => (
            format!("\"{name} {trade}\" OR {name}{trade} OR @{name}_{trade}"),
            vec![format!("{} {trade}", capital(&name)), format!("{name}{trade}"), format!("@{name}_{trade}")],
        ),
        5..7 => (
            format!("(#{name} OR ({name} AND ({words}))) NOT (job* OR hiring OR \"{name} street\")"),
            vec![format!("#{name}"), format!("{} {context}", capital(&name))],
        ),
        7 => (format!("{{{upper}}} OR \"{name} {trade}\""), vec![upper, format!("{name} {trade}")]),
        8 => (
            format!("({name}* OR #{name}) NOT (recipe OR horoscope)"),
            vec![format!("{name}s"), format!("{name}phone"), capital(&name)],
        ),
        _ => (
            format!("{han} OR #{han} OR ({name} AND (中国 OR 官方 OR 旗舰店)) OR @{name}"),
            vec![han.clone(), format!("{han}的店"), format!("@{name}")],
        ),
    };
    Brand { id: format!("b{number:04}"), query, mentions }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The pipeline file that reads `posts.jsonl` beside it.
pub(crate) fn pipeline(brands: &[Brand]) -> anyhow::Result<String> {
    Ok(String::from(HEAD) + &tables(brands)?)
}

/// The brands' tables of a pipeline file.
pub(crate) fn tables(brands: &[Brand]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for (number, brand) in brands.iter().enumerate() {
        write!(
            text,
            "\n[[brands]]\nid = \"{}\"\nquery = '''{}'''\npeer_set = \"market{}\"\n",
            brand.id,
            brand.query,
            number % 50
        )?;
    }
    Ok(text)
}

const HEAD: &str = r#"# Written by `cargo run --example gen_posts`: 1,000 brand queries over posts.jsonl.
name = "load"
lateness = "5m"
resolutions = ["minute", "hour", "day"]

[state]
dir = "state"

[[feeds]]
name = "posts"
type = "file"
path = "posts.jsonl"
format = "auto"

[[alerts]]
name = "surge"
rule = "surge"
threshold = 2.0
min_mentions = 100

[[sinks]]
type = "jsonl"
dir = "out"
kinds = ["mentions", "metrics", "alerts", "dead"]
"#;
