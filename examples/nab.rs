//! Runs the `surge` rule over series of mention counts, as the Numenta Anomaly Benchmark wants them.
//!
//! `cargo run --release --example nab -- SERIES_DIR OUT_DIR [THRESHOLD [COOL_DOWN_HOURS]]` reads every
//! `timestamp,value` CSV of five-minute counts in SERIES_DIR, drives the real lane and engine with that
//! many mentions a row, and writes `timestamp,value,anomaly_score` with 1 where an incident opened.
#![allow(clippy::print_stdout)]

use std::{error::Error, fs, path::Path, sync::Arc};

use earful::aggregate::{
    AlertRule, AlertTest, BrandSettings, Engine, EngineOutput, EngineSettings, Lane, LaneSettings,
};
use earful::model::{
    BrandId, BrandMatch, Counts, Excerpt, IncidentStatus, Kind, Language, Mention, Network, Polarity,
    PostKey, Reading, ReadingOutcome, Score, Timestamp,
};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [series, out, rest @ ..] = args.as_slice() else {
        return Err("usage: nab SERIES_DIR OUT_DIR".into());
    };
    let threshold = rest.first().map_or(Ok(AlertRule::SURGE_THRESHOLD), |t| t.parse())?;
    let hours: i64 = rest.get(1).map_or(Ok(24), |h| h.parse())?;
    fs::create_dir_all(out)?;
    for entry in fs::read_dir(series)? {
        let path = entry?.path();
        let opened = run(&path, threshold, hours, &Path::new(out).join(path.file_name().ok_or("no name")?))?;
        println!("{}: {opened} incidents", path.display());
    }
    Ok(())
}

fn run(path: &Path, threshold: f64, cool_down_hours: i64, to: &Path) -> Result<usize, Box<dyn Error>> {
    let rows = read(path)?;
    let rule = AlertRule {
        cool_down_ms: cool_down_hours * 3_600_000,
        ..AlertRule::new("surge", AlertTest::Surge { threshold })
    };
    let mut engine = Engine::new(
        EngineSettings {
            brands: vec![BrandSettings { id: "brand".into(), peer_set: None }],
            resolutions: Vec::new(),
            alerts: vec![rule],
            ..EngineSettings::default()
        },
        1,
    );
    let mut lane = Lane::new(LaneSettings { lateness_ms: 0, ..LaneSettings::default() });
    let (mention, mut out, mut opened) = (mention(), Vec::new(), Vec::new());
    for (at, _, count) in &rows {
        for _ in 0..*count {
            let outcome = ReadingOutcome::Matched(Arc::clone(&mention));
            lane.accept(
                &Reading { identity: 0, version: 0, published_at: *at, received_at: *at, outcome },
                &mut |_| {},
            );
        }
        lane.heartbeat(at.floor(300_000).plus(300_000));
        engine.apply(0, lane.take_delta(), &mut out)?;
        let opens =
            |o: &EngineOutput| matches!(o, EngineOutput::Incident(i) if i.status == IncidentStatus::Open);
        opened.push(out.drain(..).any(|o| opens(&o)));
    }
    write(to, &rows, &opened)?;
    Ok(opened.iter().filter(|o| **o).count())
}

type Row = (Timestamp, String, u64);

fn read(path: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for line in fs::read_to_string(path)?.lines().skip(1) {
        let (time, value) = line.split_once(',').ok_or("not timestamp,value")?;
        let at: Timestamp = format!("{}Z", time.replace(' ', "T")).parse()?;
        rows.push((at, time.to_owned(), value.parse::<f64>()? as u64));
    }
    Ok(rows)
}

fn write(to: &Path, rows: &[Row], opened: &[bool]) -> Result<(), Box<dyn Error>> {
    let mut text = String::from("timestamp,value,anomaly_score\n");
    for ((_, time, value), open) in rows.iter().zip(opened) {
        text += &format!("{time},{value},{}\n", u8::from(*open));
    }
    Ok(fs::write(to, text)?)
}

fn mention() -> Arc<Mention> {
    let found = BrandMatch {
        brand: BrandId(0),
        spans: Default::default(),
        polarity: Polarity::Neutral,
        score: Score::default(),
    };
    let excerpt = Excerpt {
        key: PostKey { network: Network::X, id: "1".into() },
        author: "1".into(),
        followers: None,
        engagement: 0,
        url: None,
        text: Box::default(),
    };
    Arc::new(Mention {
        excerpt: Arc::new(excerpt),
        kind: Kind::Original,
        language: Language::EN,
        author: Some(1),
        counts: Counts::default(),
        hashtags: Box::default(),
        links: Box::default(),
        refers_to: None,
        matches: [found].into_iter().collect(),
        json: Box::default(),
    })
}
