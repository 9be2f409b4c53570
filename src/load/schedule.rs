//! How many records are due when, and what time each is of.

/// More records for a while. Times are milliseconds since the first record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    /// When it begins.
    pub from_ms: i64,
    /// When it is over.
    pub to_ms: i64,
    /// So many times the usual rate of all records.
    pub factor: f64,
}

impl Surge {
    /// Milliseconds of the surge within the first `elapsed_ms`.
    fn within(&self, elapsed_ms: f64) -> f64 {
        (elapsed_ms.min(self.to_ms as f64) - self.from_ms as f64).max(0.0)
    }
}

/// The course of a load.
///
/// Live: records are of the moment in which they are written, and a surge makes them come faster. Spread: so many
/// records are of times spread over a span, closer to each other in a surge, and are written at an even rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// Time of the first record, milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// It ends after so many records...
    pub records: Option<u64>,
    /// ...or after so many milliseconds of writing.
    pub lasts_ms: Option<i64>,
    /// Records a second; none: as many as can be written.
    pub rate: Option<f64>,
    /// The records are spread over so many milliseconds from the start on, which needs `records`.
    pub span_ms: Option<i64>,
    /// When more come.
    pub surge: Option<Surge>,
}

impl Schedule {
    /// How many records should be written after so many milliseconds; never more than there will be.
    #[must_use]
    pub fn due(&self, elapsed_ms: f64) -> u64 {
        let due = match (self.rate, self.span_ms) {
            (None, _) => u64::MAX,
            (Some(rate), Some(_)) => (elapsed_ms * rate / 1000.0) as u64,
            (Some(rate), None) => (self.weight(elapsed_ms) * rate / 1000.0) as u64,
        };
        due.min(self.records.unwrap_or(u64::MAX))
    }

    /// True when nothing is left to write.
    #[must_use]
    pub fn is_over(&self, written: u64, elapsed_ms: f64) -> bool {
        self.records.is_some_and(|records| written >= records)
            || self.lasts_ms.is_some_and(|lasts| elapsed_ms >= lasts as f64)
    }

    /// How many records there will be, where that is known before.
    #[must_use]
    pub fn expected(&self) -> Option<u64> {
        self.records.or_else(|| self.rate.and(self.lasts_ms).map(|lasts| self.due(lasts as f64)))
    }

    /// The time of record `number`, if it is written after so many milliseconds.
    #[must_use]
    pub fn time_of(&self, number: u64, elapsed_ms: f64) -> i64 {
        let after = match (self.span_ms, self.records) {
            (Some(span), Some(records)) => {
                let whole = self.weight(span as f64);
                self.elapsed_at(whole * number as f64 / records.max(1) as f64)
            }
            _ => elapsed_ms,
        };
        self.start_ms + after as i64
    }

    /// Elapsed time, in which that of the surge counts by its factor.
    fn weight(&self, elapsed_ms: f64) -> f64 {
        elapsed_ms + self.surge.map_or(0.0, |surge| surge.within(elapsed_ms) * (surge.factor - 1.0))
    }

    /// The reverse of [`Schedule::weight`].
    fn elapsed_at(&self, weight: f64) -> f64 {
        let Some(surge) = self.surge else { return weight };
        let (from, to) = (surge.from_ms as f64, surge.to_ms as f64);
        let heavy = (to - from).max(0.0) * surge.factor;
        match weight - from {
            before if before <= 0.0 => weight,
            within if within <= heavy => from + within / surge.factor,
            after => to + after - heavy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(rate: Option<f64>, surge: Option<Surge>) -> Schedule {
        Schedule { start_ms: 1_000, records: None, lasts_ms: Some(10_000), rate, span_ms: None, surge }
    }

    const SURGE: Surge = Surge { from_ms: 2_000, to_ms: 4_000, factor: 3.0 };

    #[test]
    fn records_are_due_by_the_rate() {
        let even = live(Some(500.0), None);
        assert_eq!([0.0, 2.0, 1_000.0].map(|ms| even.due(ms)), [0, 1, 500]);
        assert_eq!(even.expected(), Some(5_000));
        assert_eq!(live(None, None).due(0.0), u64::MAX);
        assert_eq!(live(None, None).expected(), None);
        assert_eq!(Schedule { records: Some(7), ..even }.due(1e9), 7);
    }

    #[test]
    fn a_surge_comes_on_top() {
        let surge = live(Some(1_000.0), Some(SURGE));
        assert_eq!(
            [2_000.0, 3_000.0, 4_000.0, 5_000.0].map(|ms| surge.due(ms)),
            [2_000, 5_000, 8_000, 9_000]
        );
        assert_eq!(surge.time_of(123, 3_000.0), 4_000);
    }

    #[test]
    fn it_ends_by_number_or_time() {
        let timed = live(Some(1.0), None);
        assert!(!timed.is_over(1 << 40, 9_999.0) && timed.is_over(0, 10_000.0));
        let counted = Schedule { records: Some(7), lasts_ms: None, ..timed };
        assert!(!counted.is_over(6, 1e12) && counted.is_over(7, 0.0));
    }

    #[test]
    fn spread_records_fill_the_span_and_crowd_in_the_surge() {
        let even = Schedule { records: Some(1_000), span_ms: Some(10_000), ..live(Some(1e6), None) };
        let surge = Schedule { surge: Some(SURGE), ..even };
        for schedule in [even, surge] {
            let times: Vec<i64> = (0..1_000).map(|n| schedule.time_of(n, 0.0)).collect();
            assert!(times.is_sorted() && times[0] == 1_000 && (10_900..=11_000).contains(&times[999]));
        }
        let within =
            |s: &Schedule| (0..1_000).filter(|n| (3_000..5_000).contains(&s.time_of(*n, 0.0))).count();
        // 200 of 1,000 without; with it 6,000 of 14,000 parts.
        assert!((199..=201).contains(&within(&even)) && (427..=430).contains(&within(&surge)));
    }
}
