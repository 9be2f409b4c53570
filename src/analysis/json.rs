//! Structs to JSON, as `serde_json` writes them but without looking at field names for what must be escaped,
//! and at texts sixteen bytes at a time.
//!
//! **Invariant:** the bytes are those of `serde_json::to_vec` (a test compares). Kinds of values that no
//! document of ours holds are refused with an error; the caller falls back on `serde_json`.

use std::fmt;

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// Appends `value` to `out`.
///
/// # Errors
/// For tuples, bytes, enums with contents, maps with keys that are no text, and what a `Serialize` refuses; `out` then
/// holds a part.
pub(super) fn write<T: Serialize>(value: &T, out: &mut Vec<u8>) -> Result<(), Refused> {
    value.serialize(Writer { out })
}

/// The value cannot be written here.
#[derive(Debug, thiserror::Error)]
#[error("this kind of value is not written here")]
pub(super) struct Refused;

impl ser::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Refused {
        Refused
    }
}

struct Writer<'o> {
    out: &'o mut Vec<u8>,
}

/// A struct, map or list that is being written.
struct Open<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
    close: u8,
}

impl Open<'_> {
    #[inline]
    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
    }

    #[inline]
    fn finish(self) -> Result<(), Refused> {
        self.out.push(self.close);
        Ok(())
    }
}

impl SerializeStruct for Open<'_> {
    type Ok = ();
    type Error = Refused;

    /// Field names are Rust identifiers: nothing to escape.
    #[inline]
    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        self.separate();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        value.serialize(Writer { out: self.out })
    }

    fn end(self) -> Result<(), Refused> {
        self.finish()
    }
}

impl SerializeSeq for Open<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Refused> {
        self.separate();
        value.serialize(Writer { out: self.out })
    }

    fn end(self) -> Result<(), Refused> {
        self.finish()
    }
}

impl SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Refused> {
        self.separate();
        let start = self.out.len();
        key.serialize(Writer { out: self.out })?;
        // Numbers as keys would need quotes.
        if self.out.get(start) == Some(&b'"') { Ok(()) } else { Err(Refused) }
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Refused> {
        self.out.push(b':');
        value.serialize(Writer { out: self.out })
    }

    fn end(self) -> Result<(), Refused> {
        self.finish()
    }
}

impl Writer<'_> {
    #[inline]
    fn plain(self, text: &str) -> Result<(), Refused> {
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Numbers, by whoever prints them.
macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {
        $(
            #[inline]
            fn $method(self, value: $type) -> Result<(), Refused> {
                self.plain(itoa::Buffer::new().format(value))
            }
        )*
    };
}

macro_rules! refused {
    ($($method:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            fn $method(self, $($argument: $type),*) -> Result<$result, Refused> {
                let _ = ($($argument),*);
                Err(Refused)
            }
        )*
    };
}

impl<'o> Serializer for Writer<'o> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Open<'o>;
    type SerializeStruct = Open<'o>;
    type SerializeTuple = Impossible<(), Refused>;
    type SerializeTupleStruct = Impossible<(), Refused>;
    type SerializeTupleVariant = Impossible<(), Refused>;
    type SerializeMap = Open<'o>;
    type SerializeStructVariant = Impossible<(), Refused>;

    numbers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);

    refused! {
        serialize_bytes(value: &[u8]) -> ();
        serialize_unit_struct(name: &'static str) -> ();
        serialize_tuple(len: usize) -> Self::SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> Self::SerializeTupleVariant;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize)
            -> Self::SerializeStructVariant;
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Refused> {
        Err(Refused)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Refused> {
        value.serialize(self)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Refused> {
        self.plain(if value { "true" } else { "false" })
    }

    fn serialize_f32(self, value: f32) -> Result<(), Refused> {
        serde_json::to_writer(self.out, &value).map_err(|_| Refused)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Refused> {
        match ten_thousandths(value) {
            Some(e4) => {
                decimal(e4, value.is_sign_negative(), self.out);
                Ok(())
            }
            None => serde_json::to_writer(self.out, &value).map_err(|_| Refused),
        }
    }

    fn serialize_char(self, value: char) -> Result<(), Refused> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Refused> {
        text(value, self.out);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Refused> {
        self.plain("null")
    }

    fn serialize_unit(self) -> Result<(), Refused> {
        self.plain("null")
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Refused> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Refused> {
        self.serialize_str(variant)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'o>, Refused> {
        self.out.push(b'[');
        Ok(Open { out: self.out, first: true, close: b']' })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'o>, Refused> {
        self.serialize_struct("", 0)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'o>, Refused> {
        self.out.push(b'{');
        Ok(Open { out: self.out, first: true, close: b'}' })
    }
}

/// The size of a number of few digits that has no more than four decimals, as scores and their parts have, in units of
/// the last; others take the long way. The shortest decimal that is read as such a number is this one.
#[inline]
fn ten_thousandths(value: f64) -> Option<u32> {
    const GREATEST: f64 = 1e9;
    let size = value.abs();
    let units = (size * 10_000.0 + 0.5).min(GREATEST) as u32;
    (f64::from(units) / 10_000.0 == size).then_some(units)
}

/// With at least one decimal, and no zero at the end behind that.
fn decimal(e4: u32, is_negative: bool, out: &mut Vec<u8>) {
    if is_negative {
        out.push(b'-');
    }
    out.extend_from_slice(itoa::Buffer::new().format(e4 / 10_000).as_bytes());
    let digit = |unit: u32| b'0' + (e4 / unit % 10) as u8;
    let decimals = [digit(1_000), digit(100), digit(10), digit(1)];
    let zeros = decimals.iter().skip(1).rev().take_while(|digit| **digit == b'0').count();
    out.push(b'.');
    out.extend_from_slice(&decimals[..decimals.len() - zeros]);
}

/// A string with quotes.
fn text(value: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = value.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_len(rest));
        out.extend_from_slice(plain);
        let Some((byte, tail)) = special.split_first() else { break };
        escape(*byte, out);
        rest = tail;
    }
    out.push(b'"');
}

/// Bytes before the first that must be escaped.
#[inline]
fn plain_len(bytes: &[u8]) -> usize {
    let is_special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let (chunks, _) = bytes.as_chunks::<16>();
    // All sixteen are looked at, with no way out between them: that compiles to a few wide instructions.
    let plain = |chunk: &&[u8; 16]| !chunk.iter().fold(false, |any, byte| any | is_special(byte));
    let start = chunks.iter().take_while(plain).count() * 16;
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().position(is_special).unwrap_or(rest.len())
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => {
            let digit = |n: u8| b"0123456789abcdef"[usize::from(n & 15)];
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte)]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serialize;

    use super::write;

    #[derive(Serialize)]
    struct All {
        text: String,
        maybe: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<i64>,
        list: Vec<String>,
        number: f64,
        flag: bool,
        inner: Vec<Inner>,
        named: BTreeMap<String, f64>,
    }

    #[derive(Serialize)]
    struct Inner {
        kind: crate::model::Kind,
        score: crate::model::Score,
        at: crate::model::Timestamp,
    }

    fn check<T: Serialize>(value: &T) {
        let mut out = Vec::new();
        write(value, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(value).unwrap());
    }

    proptest! {
        #[test]
        fn writes_what_serde_json_writes(
            text in "(\\PC|[\"\\\\/\\x00-\\x20\\x7f]){0,60}",
            list in proptest::collection::vec("\\PC{0,20}[\\n\"]?", 0..3),
            number in proptest::num::f64::ANY,
            counts in (any::<Option<u64>>(), any::<Option<i64>>(), any::<bool>()),
            inner in proptest::collection::vec((-10_000..=10_000, any::<i64>()), 0..3),
            named in proptest::collection::btree_map("\\PC{0,8}[\"\n]?", -20_000..20_000_i32, 0..3),
        ) {
            let (maybe, left_out, flag) = counts;
            let named = named.into_iter().map(|(key, e4)| (key, f64::from(e4) / 10_000.0)).collect();
            let inner = inner.into_iter().map(|(e4, at)| Inner {
                kind: crate::model::Kind::Reply,
                score: crate::model::Score::from_e4(e4),
                at: crate::model::Timestamp::from_millis(at),
            });
            check(&All { text, maybe, left_out, list, number, flag, inner: inner.collect(), named });
        }
    }

    #[test]
    fn numbers_of_few_decimals_are_those_of_serde_json() {
        // Those of all scores, and their neighbours.
        for e4 in -20_000..=20_000 {
            let number = f64::from(e4) / 10_000.0;
            check(&number);
            check(&f64::from_bits(number.to_bits() + 1));
            check(&(number * 1e5));
        }
        for number in
            [0.0, -0.0, 1e9, 99_999.999_9, 1e5 + 0.0001, 429_496.729_5, 1e-5, 1e-300, 1e300, f64::NAN]
        {
            check(&number);
            check(&-number);
        }
    }

    #[test]
    fn other_kinds_are_refused() {
        let map = BTreeMap::from([(1, 1)]);
        assert!(write(&map, &mut Vec::new()).is_err());
        assert!(write(&(1, 2), &mut Vec::new()).is_err());
    }
}
