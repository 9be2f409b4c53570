//! Any text as a query, and as one of other products: the parser must come to an end, report well-formed problems,
//! and hold its limits; a layout keeps the meaning, and a translation can be used.
//! Start with `cargo +nightly fuzz run query`; `tests/data/queries` makes a good corpus.
#![no_main]

#[path = "../../tests/query/total.rs"]
#[allow(dead_code)]
mod total;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    total::check_parse(&text);
    total::check_tools(&text);
});
