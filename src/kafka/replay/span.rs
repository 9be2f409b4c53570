//! From `--from` and `--to` to offsets: which records of each partition are read, and from when on what comes
//! out of them can be compared.

use rdkafka::message::Message;

use super::super::error::KafkaError;
use super::super::partition::Partition;
use super::super::restore::{Next, Reader};
use crate::model::Timestamp;

/// Where a span begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The beginning or the end of what is in the topics.
    Edge,
    /// In each partition the first record whose timestamp is not before this.
    Time(Timestamp),
    /// The record of this offset, in each partition.
    Offset(i64),
}

impl Place {
    /// Reads a time, an offset, or the word that stands for the edge: `beginning` or `end`.
    ///
    /// # Errors
    /// In words, when it is none of them.
    pub fn parse(text: &str, edge: &str) -> Result<Place, String> {
        if text == edge {
            return Ok(Place::Edge);
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let offset = text.parse().map_err(|_| format!("{text} is no offset: it is too large"))?;
            return Ok(Place::Offset(offset));
        }
        text.parse().map(Place::Time).map_err(|_| {
            format!("give a time such as 2026-03-10T00:00:00Z, an offset such as 1200000, or `{edge}`")
        })
    }

    fn show(self, edge: &str) -> String {
        match self {
            Place::Edge => edge.to_owned(),
            Place::Time(time) => time.to_string(),
            Place::Offset(offset) => format!("offset {offset}"),
        }
    }
}

/// What is read of one partition.
#[derive(Clone, Debug)]
pub(super) struct LaneSpan {
    pub(super) partition: Partition,
    /// The warm-up begins here...
    pub(super) read_from: i64,
    /// ...and the span here...
    pub(super) from: i64,
    /// ...and ends before this.
    pub(super) to: i64,
    /// Nothing is behind the span.
    pub(super) is_at_end: bool,
    /// No record before this time was read; none when nothing was ever before what is read.
    pub(super) since: Option<Timestamp>,
}

/// What is read of all partitions.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) lanes: Vec<LaneSpan>,
    /// Panes that begin before this are not of the span; none: all are.
    pub(super) begins: Option<Timestamp>,
    /// When the span ends, if it was said by a time.
    pub(super) ends: Option<Timestamp>,
    /// No record of the span is of a later time, as far as records come in their order; none: nobody knows.
    pub(super) latest: Option<Timestamp>,
    /// What a person should know of it.
    pub(super) notes: Vec<String>,
}

/// What the user asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) from: Place,
    pub(super) to: Place,
    pub(super) warm_up_ms: i64,
}

/// Looks the offsets up.
///
/// # Errors
/// When the span is empty or the wrong way round, when retention has eaten its beginning, or the brokers fail.
pub(super) fn resolve(reader: &Reader, partitions: &[Partition], wanted: Wanted) -> Result<Span, KafkaError> {
    check_order(wanted)?;
    let log = Log::read(reader, partitions)?;
    let starts = log.offsets(wanted.from, &|(first, _)| first)?;
    let stops = log.offsets(wanted.to, &|(_, end)| end)?;
    log.check_kept(wanted.from, &starts)?;
    if starts.iter().zip(&stops).all(|(from, to)| from >= to) {
        return Err(log.nothing(wanted)?);
    }
    let (earliest, begins) = log.begins(wanted.from, &starts)?;
    let warm_from = earliest.map(|time| time.plus(-wanted.warm_up_ms));
    let warm = match warm_from {
        Some(time) => log.offsets(Place::Time(time), &|(first, _)| first)?,
        None => starts.clone(),
    };
    let latest = log.latest(wanted.to, &stops)?;
    let ends = if let Place::Time(time) = wanted.to { Some(time) } else { None };
    let mut span = Span { lanes: Vec::new(), begins, ends, latest, notes: Vec::new() };
    for (at, partition) in partitions.iter().enumerate() {
        let (first, end) = log.bounds[at];
        let (from, read_from) = (starts[at], warm[at].min(starts[at]));
        let to = stops[at].max(from);
        let since = log.since(at, read_from, warm_from)?;
        span.notes.extend(note(wanted, warm_from, since).map(|short| {
            format!(
                "{partition} begins at offset {first}, because retention has deleted what was before: {short}"
            )
        }));
        let partition = partition.clone();
        span.lanes.push(LaneSpan { partition, read_from, from, to, is_at_end: to >= end, since });
    }
    Ok(span)
}

/// What the beginning of a partition is too late for.
fn note(wanted: Wanted, warm_from: Option<Timestamp>, since: Option<Timestamp>) -> Option<String> {
    let since = since?;
    match warm_from {
        None => Some(format!("the span begins there with {since}, and without a warm-up")),
        Some(time) if since > time && wanted.warm_up_ms > 0 => {
            Some(format!("the warm-up begins there with {since}, later than asked, and more may differ"))
        }
        Some(_) => None,
    }
}

fn check_order(wanted: Wanted) -> Result<(), KafkaError> {
    let is_ordered = match (wanted.from, wanted.to) {
        (Place::Time(from), Place::Time(to)) => from < to,
        (Place::Offset(from), Place::Offset(to)) => from < to,
        _ => true,
    };
    let (from, to) = (wanted.from.show("beginning"), wanted.to.show("end"));
    if is_ordered {
        return Ok(());
    }
    Err(KafkaError::Unfit(format!("--from {from} is not before --to {to}: nothing lies between them")))
}

/// The partitions as they are now.
struct Log<'a> {
    reader: &'a Reader,
    partitions: &'a [Partition],
    /// First offset, and one past the last.
    bounds: Vec<(i64, i64)>,
}

impl<'a> Log<'a> {
    fn read(reader: &'a Reader, partitions: &'a [Partition]) -> Result<Log<'a>, KafkaError> {
        let bounds = partitions.iter().map(|p| reader.bounds(p)).collect::<Result<_, _>>()?;
        Ok(Log { reader, partitions, bounds })
    }

    /// The offset of a place in each partition, within its bounds.
    fn offsets(&self, place: Place, edge: &dyn Fn((i64, i64)) -> i64) -> Result<Vec<i64>, KafkaError> {
        let found: Vec<Option<i64>> = match place {
            Place::Edge => self.bounds.iter().map(|bounds| Some(edge(*bounds))).collect(),
            Place::Offset(offset) => vec![Some(offset); self.bounds.len()],
            Place::Time(time) => self.reader.offsets_at(self.partitions, time)?,
        };
        let offset =
            |(found, (first, end)): (Option<i64>, &(i64, i64))| found.map_or(*end, |o| o.clamp(*first, *end));
        Ok(found.into_iter().zip(&self.bounds).map(offset).collect())
    }

    /// The timestamp of the first record from `offset` on; none when there is none.
    fn time_of(&self, at: usize, offset: i64) -> Result<Option<Timestamp>, KafkaError> {
        let mut time = None;
        if offset < self.bounds[at].1 {
            self.reader.read_committed(&self.partitions[at], offset, &mut |message| {
                time = message.timestamp().to_millis().map(Timestamp::from_millis);
                Ok(Next::Done)
            })?;
        }
        Ok(time)
    }

    /// What is asked for must still be there.
    fn check_kept(&self, from: Place, starts: &[i64]) -> Result<(), KafkaError> {
        for (at, partition) in self.partitions.iter().enumerate() {
            let first = self.bounds[at].0;
            let oldest = if first > 0 && starts[at] == first { self.time_of(at, first)? } else { None };
            let missing = match (from, oldest) {
                (Place::Offset(offset), _) if offset < first => format!("offsets {offset} to {}", first - 1),
                (Place::Time(time), Some(oldest)) if time < oldest => format!("what came from {time} on"),
                _ => continue,
            };
            let oldest = oldest.map_or_else(String::new, |time| format!(", of {time}"));
            return Err(KafkaError::Unfit(format!(
                "{missing} may no longer be there: {partition} begins at offset {first}{oldest}, because the topic's \
                 retention has deleted what was before; begin later, or take what there is with --from beginning"
            )));
        }
        Ok(())
    }

    /// The time of the first record of the span, and that from which on it has records of all partitions.
    fn begins(
        &self,
        from: Place,
        starts: &[i64],
    ) -> Result<(Option<Timestamp>, Option<Timestamp>), KafkaError> {
        Ok(match from {
            Place::Edge => (None, None),
            Place::Time(time) => (Some(time), Some(time)),
            Place::Offset(_) => {
                let times = (0..starts.len()).map(|at| self.time_of(at, starts[at]));
                let times: Vec<Timestamp> =
                    times.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
                (times.iter().min().copied(), times.iter().max().copied())
            }
        })
    }

    /// The time that the partitions come to which go on behind the span.
    fn latest(&self, to: Place, stops: &[i64]) -> Result<Option<Timestamp>, KafkaError> {
        let mut latest = None;
        for (at, stop) in stops.iter().enumerate().filter(|(at, stop)| **stop < self.bounds[*at].1) {
            let time = if let Place::Time(time) = to { Some(time) } else { self.time_of(at, *stop)? };
            latest = latest.max(time);
        }
        Ok(latest)
    }

    /// Before which time nothing was read of a partition.
    fn since(
        &self,
        at: usize,
        read_from: i64,
        warm_from: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, KafkaError> {
        let first = self.bounds[at].0;
        if read_from == 0 {
            return Ok(None);
        }
        let oldest = if read_from == first { self.time_of(at, first)? } else { None };
        Ok(warm_from.into_iter().chain(oldest).max())
    }

    fn nothing(&self, wanted: Wanted) -> Result<KafkaError, KafkaError> {
        let (from, to) = (wanted.from.show("beginning"), wanted.to.show("end"));
        let mut what = format!("there is no record from {from} to {to}");
        for (at, partition) in self.partitions.iter().enumerate() {
            let (first, end) = self.bounds[at];
            what += &match self.time_of(at, first)? {
                Some(oldest) => {
                    format!("; {partition} has the offsets {first} to {}, from {oldest} on", end - 1)
                }
                None => format!("; {partition} is empty"),
            };
        }
        Ok(KafkaError::Unfit(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_times_offsets_or_edges() {
        let time = Timestamp::from_millis(1_773_100_800_000);
        for (text, expected) in [
            ("beginning", Some(Place::Edge)),
            ("0", Some(Place::Offset(0))),
            ("1200000", Some(Place::Offset(1_200_000))),
            ("2026-03-10T00:00:00Z", Some(Place::Time(time))),
            ("2026-03-10T01:00:00+01:00", Some(Place::Time(time))),
            ("end", None),
            ("", None),
            ("-1", None),
            ("yesterday", None),
            ("2026-03-10", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(Place::parse(text, "beginning").ok(), expected, "{text}");
        }
    }

    fn check_order_of(from: Place, to: Place, expected: bool) {
        assert_eq!(check_order(Wanted { from, to, warm_up_ms: 0 }).is_ok(), expected, "{from:?} {to:?}");
    }

    #[test]
    fn a_span_goes_forward() {
        let time = |seconds| Place::Time(Timestamp::from_seconds(seconds));
        check_order_of(time(1), time(2), true);
        check_order_of(time(2), time(2), false);
        check_order_of(Place::Offset(5), Place::Offset(4), false);
        check_order_of(Place::Offset(5), time(0), true);
        check_order_of(Place::Edge, Place::Edge, true);
    }
}
