//! Records, and how they are decoded.

use earful::analysis::decode::{Format, Frame, decode};
use earful::load::{BUNDLED, CrisisSettings, Generator, LoadBrand, LoadRecord, LoadSettings, Mix, texts};
use earful::model::{Origin, Record};

/// 2026-03-10T00:00:00Z.
pub(crate) const START_MS: i64 = 1_773_100_800_000;

pub(crate) fn settings() -> LoadSettings {
    LoadSettings {
        seed: 1,
        mix: Mix::default(),
        naming: 300_000,
        duplicates: 20_000,
        late: 10_000,
        malformed: 5_000,
        crisis: None,
    }
}

pub(crate) fn crisis(brand: usize, from_ms: i64, to_ms: i64) -> Option<CrisisSettings> {
    Some(CrisisSettings { brand, from_ms, to_ms })
}

pub(crate) fn brands() -> Vec<LoadBrand> {
    let brand = |id: &str, phrases: &[&str]| LoadBrand {
        id: id.to_owned(),
        phrases: phrases.iter().map(|&phrase| phrase.to_owned()).collect(),
    };
    vec![brand("heron", &["Heronqq", "@heronqq"]), brand("jade", &["玉翼"])]
}

pub(crate) fn generator(settings: LoadSettings) -> Generator {
    Generator::new(settings, brands(), texts(BUNDLED)).unwrap()
}

/// `count` records, `step_ms` from each other.
pub(crate) fn records(settings: LoadSettings, count: i64, step_ms: i64) -> Vec<LoadRecord> {
    let mut generator = generator(settings);
    let mut record = LoadRecord::default();
    (0..count)
        .map(|n| {
            generator.next(START_MS + n * step_ms, &mut record);
            record.clone()
        })
        .collect()
}

/// Gives each frame of the record to `each`; a record of another format than `format` gives none.
pub(crate) fn frames(record: &LoadRecord, format: Format, each: &mut dyn FnMut(&Frame<'_>)) {
    let bytes = Record { payload: record.value.as_bytes(), received_at: None, origin: Origin::default() };
    decode(&bytes, format, &mut |frame| each(&frame));
}
