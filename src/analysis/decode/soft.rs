//! Reading JSON without trust: a field of an odd type is absent, never an error.
//!
//! Decoders describe a payload by structs of [`Scalar`], [`Soft`] and [`List`]. All read any JSON value;
//! strings without escapes are borrowed from the payload. Whole numbers keep their 64 bits.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

/// A JSON string, number or truth value; [`Scalar::Absent`] for null, objects and arrays.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Scalar<'a> {
    #[default]
    Absent,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'a, str>),
}

impl<'a> Scalar<'a> {
    /// The string, if it is one (it may be empty).
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The string, if it holds more than white space.
    pub(super) fn filled(self) -> Option<Cow<'a, str>> {
        self.text().filter(|t| !t.trim_ascii().is_empty())
    }

    /// The string without copying, empty if it is none.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Scalar::Text(text) => text,
            _ => "",
        }
    }

    /// An id: a string that is not empty, or a whole number. A float has lost digits and is no id.
    pub(super) fn id(self) -> Option<Cow<'a, str>> {
        match self {
            Scalar::Text(text) if !text.is_empty() => Some(text),
            Scalar::Unsigned(n) => Some(Cow::Owned(n.to_string())),
            Scalar::Signed(n) => Some(Cow::Owned(n.to_string())),
            _ => None,
        }
    }

    /// A count; negative is 0, as text it may end in 万 or 亿.
    pub(super) fn count(&self) -> Option<u64> {
        match self {
            Scalar::Unsigned(n) => Some(*n),
            Scalar::Signed(_) => Some(0),
            Scalar::Float(f) if f.is_finite() => Some(f.max(0.0) as u64),
            Scalar::Text(text) => count_from_text(text),
            _ => None,
        }
    }

    /// A whole number, also from text or from a float with no fraction worth keeping.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Scalar::Unsigned(n) => i64::try_from(*n).ok(),
            Scalar::Signed(n) => Some(*n),
            Scalar::Float(f) if f.is_finite() => Some(*f as i64),
            Scalar::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number, also from text.
    pub(super) fn float(&self) -> Option<f64> {
        match self {
            Scalar::Unsigned(n) => Some(*n as f64),
            Scalar::Signed(n) => Some(*n as f64),
            Scalar::Float(f) => Some(*f),
            Scalar::Text(text) => text.trim().parse().ok().filter(|f: &f64| f.is_finite()),
            _ => None,
        }
    }

    /// A truth value; also 0, 1, "true", "false".
    pub(super) fn flag(&self) -> Option<bool> {
        match self {
            Scalar::Bool(b) => Some(*b),
            Scalar::Unsigned(n) => Some(*n != 0),
            Scalar::Text(text) => match text.as_ref() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// True only when the value says so.
    pub(super) fn is_true(&self) -> bool {
        self.flag() == Some(true)
    }

    pub(super) fn is_absent(&self) -> bool {
        *self == Scalar::Absent
    }
}

/// `1234`, `1,234`, `12.3万`.
fn count_from_text(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, factor) = match text.strip_suffix('万') {
        Some(rest) => (rest, 1e4),
        None => text.strip_suffix('亿').map_or((text, 1.0), |rest| (rest, 1e8)),
    };
    if factor == 1.0 {
        return digits.replace(',', "").parse().ok();
    }
    digits.parse::<f64>().ok().filter(|f| f.is_finite()).map(|f| (f.max(0.0) * factor).round() as u64)
}

/// The first id among the candidates.
pub(super) fn first_id<'a, const N: usize>(candidates: [Scalar<'a>; N]) -> Option<Cow<'a, str>> {
    candidates.into_iter().find_map(Scalar::id)
}

/// Visits every kind of JSON value that is not of interest as "nothing".
macro_rules! nothing_else {
    ($($method:ident: $type:ty),*) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any JSON value")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
        $(fn $method<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok(Default::default())
        })*
    };
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    nothing_else!();

    fn visit_bool<E>(self, value: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Bool(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Unsigned(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Signed(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Float(value))
    }
    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }
    fn visit_str<E>(self, value: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar<'de>, A::Error> {
        skip_map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Scalar<'de>, A::Error> {
        skip_seq(seq)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Scalar<'a>, D::Error> {
        d.deserialize_any(ScalarVisitor)
    }
}

/// An object of known shape; `None` if the value is anything else.
#[derive(Clone, Debug)]
pub(super) struct Soft<T>(pub(super) Option<T>);

impl<T> Default for Soft<T> {
    fn default() -> Soft<T> {
        Soft(None)
    }
}

impl<T: Default> Soft<T> {
    /// The object, or one with every field absent.
    pub(super) fn or_empty(self) -> T {
        self.0.unwrap_or_default()
    }
}

struct SoftVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SoftVisitor<T> {
    type Value = Soft<T>;

    nothing_else!(visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64, visit_str: &str);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Soft<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Soft(Some(value)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Soft<T>, A::Error> {
        skip_seq(seq)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Soft<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Soft<T>, D::Error> {
        d.deserialize_any(SoftVisitor(PhantomData))
    }
}

/// An array; empty if the value is anything else. Elements should read any value themselves.
#[derive(Clone, Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List(Vec::new())
    }
}

impl<T> List<Soft<T>> {
    /// The elements that are objects.
    pub(super) fn objects(self) -> impl Iterator<Item = T> {
        self.0.into_iter().filter_map(|soft| soft.0)
    }

    /// The elements that are objects, borrowed.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|soft| soft.0.as_ref())
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    nothing_else!(visit_bool: bool, visit_u64: u64, visit_i64: i64, visit_f64: f64, visit_str: &str);

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
        skip_map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(List(items))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<List<T>, D::Error> {
        d.deserialize_any(ListVisitor(PhantomData))
    }
}

fn skip_map<'de, A: MapAccess<'de>, T: Default>(mut map: A) -> Result<T, A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(T::default())
}

fn skip_seq<'de, A: SeqAccess<'de>, T: Default>(mut seq: A) -> Result<T, A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(T::default())
}
