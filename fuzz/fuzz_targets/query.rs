//! Any text as a query: the parser must come to an end, report well-formed problems, and hold its limits.
//! Start with `cargo +nightly fuzz run query`; `tests/data/queries` makes a good corpus.
#![no_main]

#[path = "../../tests/query/total.rs"]
#[allow(dead_code)]
mod total;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    total::check_parse(&String::from_utf8_lossy(data));
});
