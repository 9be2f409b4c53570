//! The generator: one call, one record.

use super::bodies::insert;
use super::brands::LoadBrand;
use super::crisis::{Crisis, Voice};
use super::mix::{Mix, Shape};
use super::record::{LoadRecord, Sort};
use super::rng::{Rng, Zipf, mix};
use super::shapes::{self, Draft};

/// How often a post names a brand unless said otherwise, in a million.
pub const NAMING: u64 = 100_000;
const MILLION: u64 = 1_000_000;
const AUTHORS: usize = 200_000;
/// So many times the usual rate of its brand is the rate of a crisis.
const CRISIS_FACTOR: u64 = 20;
/// From so many of the last posts the duplicates are taken.
const RECENT: usize = 1_024;
/// From publication to arrival, milliseconds: as feeds do it, and late.
const DELAY_MS: (i64, i64) = (100, 9_000);
const LATE_MS: (i64, i64) = (480_000, 2_700_000);

/// What to make. Shares are in a million records.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadSettings {
    /// Of everything.
    pub seed: u64,
    /// The feed shapes.
    pub mix: Mix,
    /// Posts that name a brand.
    pub naming: u64,
    /// Records that come again.
    pub duplicates: u64,
    /// Posts that come late.
    pub late: u64,
    /// Records that are cut off.
    pub malformed: u64,
    /// A crisis, if wanted.
    pub crisis: Option<CrisisSettings>,
}

/// A crisis of one brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrisisSettings {
    /// Position of the brand.
    pub brand: usize,
    /// From this time on, milliseconds since the Unix epoch...
    pub from_ms: i64,
    /// ...to this one.
    pub to_ms: i64,
}

/// Why nothing can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Nothing to say.
    #[error("there is no text to make posts from")]
    NoText,
    /// A crisis of a brand that no post can name.
    #[error("no post can name the brand of the crisis")]
    NoSuchBrand,
    /// More than all.
    #[error("duplicates, late and malformed records are more than all records together")]
    Shares,
}

/// Makes records.
#[derive(Clone, Debug)]
pub struct Generator {
    settings: LoadSettings,
    brands: Vec<LoadBrand>,
    texts: Vec<String>,
    rng: Rng,
    authors: Zipf,
    popularity: Zipf,
    number: u64,
    recent: Vec<(String, String)>,
    crisis: Crisis,
    text: String,
}

impl Generator {
    /// A generator at its first record.
    ///
    /// # Errors
    /// When there are no texts, the shares are too great, or the crisis is of no brand.
    pub fn new(
        settings: LoadSettings,
        brands: Vec<LoadBrand>,
        texts: Vec<String>,
    ) -> Result<Generator, LoadError> {
        let is_named = |at: usize| brands.get(at).is_some_and(|brand| !brand.phrases.is_empty());
        if texts.is_empty() {
            return Err(LoadError::NoText);
        }
        if settings.crisis.is_some_and(|crisis| !is_named(crisis.brand)) {
            return Err(LoadError::NoSuchBrand);
        }
        if settings.duplicates + settings.late + settings.malformed > MILLION {
            return Err(LoadError::Shares);
        }
        Ok(Generator {
            rng: Rng::new(settings.seed),
            // Elsewhere for every seed, so that two loads at the same time do not make the same ids.
            number: mix(settings.seed) >> 24,
            authors: Zipf::new(AUTHORS, 100),
            popularity: Zipf::new(brands.len(), 5),
            settings,
            brands,
            texts,
            recent: Vec::with_capacity(RECENT),
            crisis: Crisis::default(),
            text: String::new(),
        })
    }

    /// So many times the usual rate of all records is the rate while the crisis lasts: what is about its brand
    /// comes at 20 times the usual rate, all else as before.
    #[must_use]
    pub fn surge_factor(&self) -> f64 {
        1.0 + self.crisis_over_usual() as f64 / MILLION as f64
    }

    /// Fills `record` with the next one, which arrives at `now` (milliseconds since the Unix epoch).
    pub fn next(&mut self, now: i64, record: &mut LoadRecord) {
        let sort = self.sort(now);
        record.clear(sort);
        match record.sort {
            Sort::Crisis => self.crisis_post(now, record),
            Sort::Duplicate => self.again(record),
            Sort::Post | Sort::Late | Sort::Malformed => self.post(now, record),
        }
        if record.sort == Sort::Malformed {
            record.cut_in_half();
        }
        self.number += 1;
    }

    fn sort(&mut self, now: i64) -> Sort {
        let over = self.crisis_over_usual();
        let is_on = self.settings.crisis.is_some_and(|crisis| (crisis.from_ms..crisis.to_ms).contains(&now));
        if is_on && self.rng.below(MILLION + over) < over {
            return Sort::Crisis;
        }
        let LoadSettings { duplicates, late, malformed, .. } = self.settings;
        match self.rng.below(MILLION) {
            dice if dice < malformed => Sort::Malformed,
            dice if dice < malformed + late => Sort::Late,
            dice if dice < malformed + late + duplicates && !self.recent.is_empty() => Sort::Duplicate,
            _ => Sort::Post,
        }
    }

    /// Posts of a crisis for a million others.
    fn crisis_over_usual(&self) -> u64 {
        let share = |crisis: CrisisSettings| self.popularity.per_million(crisis.brand);
        self.settings
            .crisis
            .map_or(0, |crisis| self.settings.naming * share(crisis) / MILLION * (CRISIS_FACTOR - 1))
    }

    fn post(&mut self, now: i64, record: &mut LoadRecord) {
        let behind = if record.sort == Sort::Late { LATE_MS } else { DELAY_MS };
        let at = now - self.rng.between(behind.0, behind.1);
        let text = self.rng.below(self.texts.len() as u64) as usize;
        let phrase = self.phrase();
        self.text.clear();
        match phrase {
            Some((brand, phrase)) => {
                let dice = self.rng.next_u64();
                insert(&self.texts[text], &self.brands[brand].phrases[phrase], dice, &mut self.text);
            }
            None => self.text.push_str(&self.texts[text]),
        }
        let voice = Voice { author: self.authors.draw(&mut self.rng) as u64, link: None, about: None };
        let shape = self.settings.mix.draw(&mut self.rng);
        let likes = likes(&mut self.rng);
        write(&voice, shape, (self.number, at, now, likes), &self.text, record);
        if record.sort == Sort::Post {
            self.remember(record);
        }
    }

    /// Brand and phrase that a post names, if any.
    fn phrase(&mut self) -> Option<(usize, usize)> {
        if self.brands.is_empty() || !self.rng.chance(self.settings.naming) {
            return None;
        }
        let brand = self.popularity.draw(&mut self.rng);
        let phrases = self.brands[brand].phrases.len() as u64;
        (phrases > 0).then(|| (brand, self.rng.below(phrases) as usize))
    }

    fn crisis_post(&mut self, now: i64, record: &mut LoadRecord) {
        let brand = self.settings.crisis.map_or(0, |crisis| crisis.brand);
        let at = now - self.rng.between(DELAY_MS.0, DELAY_MS.1);
        let shape = self.settings.mix.draw(&mut self.rng);
        let author = self.authors.draw(&mut self.rng) as u64;
        let likes = likes(&mut self.rng);
        let phrases = &self.brands[brand].phrases;
        let phrase = &phrases[self.rng.below(phrases.len() as u64) as usize];
        self.text.clear();
        let (post, said_by) = ((shape, self.number, at), (phrase.as_str(), author));
        let voice = self.crisis.next(post, said_by, &mut self.rng, &mut self.text);
        write(&voice, shape, (self.number, at, now, likes), &self.text, record);
    }

    fn remember(&mut self, record: &LoadRecord) {
        if self.recent.len() < RECENT {
            self.recent.push((record.key.clone(), record.value.clone()));
            return;
        }
        let slot = &mut self.recent[self.number as usize % RECENT];
        slot.0.clone_from(&record.key);
        slot.1.clone_from(&record.value);
    }

    fn again(&mut self, record: &mut LoadRecord) {
        let (key, value) = &self.recent[self.rng.below(self.recent.len() as u64) as usize];
        record.key.clone_from(key);
        record.value.clone_from(value);
    }
}

/// A fifth of the posts has some when it arrives.
fn likes(rng: &mut Rng) -> u64 {
    if rng.chance(200_000) { rng.below(30) } else { 0 }
}

fn write(
    voice: &Voice<'_>,
    shape: Shape,
    (number, at, arrival, likes): (u64, i64, i64, u64),
    text: &str,
    record: &mut LoadRecord,
) {
    let Voice { author, link, about } = *voice;
    let draft = Draft { number, author, text, at, arrival, likes, link, about };
    shapes::write(&draft, shape, &mut record.key, &mut record.value);
}
