//! Keys of the engine's log: text, so that a log can be read by people. A tag, then times in milliseconds,
//! then the brand by name, so that a plan with other brands takes up what still belongs to it.
//!
//! | key | value |
//! | --- | --- |
//! | `meta` | width of the base pane, lanes, where history begins and how far it goes |
//! | `pane END PART BRAND` | part of the tally of an open pane, see `panes.rs` |
//! | `late EPOCH START BRAND` | addition to a closed pane, due at `EPOCH` |
//! | `hour END BRAND`, `day END BRAND` | open hour and day |
//! | `watch BRAND` | history, recent past and incidents of a brand |
//! | `look DUE BRAND` | the brand's rules are looked at then |

use crate::model::Timestamp;

/// The key of an entry, the brand as a name.
#[derive(Clone, Copy)]
pub(super) enum Key<'a> {
    Meta,
    Pane(Timestamp, u32, &'a str),
    Late(Timestamp, Timestamp, &'a str),
    Hour(Timestamp, &'a str),
    Day(Timestamp, &'a str),
    Watch(&'a str),
    Look(Timestamp, &'a str),
}

impl<'a> Key<'a> {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let timed = |tag: &str, time: Timestamp, brand: &str| format!("{tag} {} {brand}", time.millis());
        let text = match self {
            Key::Meta => "meta".to_owned(),
            Key::Pane(end, part, brand) => format!("pane {} {part} {brand}", end.millis()),
            Key::Late(epoch, start, brand) => format!("late {} {} {brand}", epoch.millis(), start.millis()),
            Key::Hour(end, brand) => timed("hour", end, brand),
            Key::Day(end, brand) => timed("day", end, brand),
            Key::Watch(brand) => format!("watch {brand}"),
            Key::Look(due, brand) => timed("look", due, brand),
        };
        text.into_bytes()
    }

    /// `None` when these bytes are no key.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Key<'a>> {
        let text = str::from_utf8(bytes).ok()?;
        let Some((tag, rest)) = text.split_once(' ') else { return (text == "meta").then_some(Key::Meta) };
        if tag == "watch" {
            return Some(Key::Watch(rest));
        }
        let (time, rest) = timed(rest)?;
        Some(match tag {
            "pane" => {
                let (part, brand) = rest.split_once(' ')?;
                Key::Pane(time, part.parse().ok()?, brand)
            }
            "late" => {
                let (start, brand) = timed(rest)?;
                Key::Late(time, start, brand)
            }
            "hour" => Key::Hour(time, rest),
            "day" => Key::Day(time, rest),
            "look" => Key::Look(time, rest),
            _ => return None,
        })
    }

    /// `None` for what belongs to no brand.
    pub(super) fn brand(self) -> Option<&'a str> {
        match self {
            Key::Meta => None,
            Key::Pane(_, _, brand) | Key::Late(_, _, brand) | Key::Hour(_, brand) => Some(brand),
            Key::Day(_, brand) | Key::Watch(brand) | Key::Look(_, brand) => Some(brand),
        }
    }
}

/// A leading time in milliseconds, and what follows it.
fn timed(text: &str) -> Option<(Timestamp, &str)> {
    let (millis, rest) = text.split_once(' ')?;
    Some((Timestamp::from_millis(millis.parse().ok()?), rest))
}
