//! A query and a post, parted by zero bytes: `query`, `body`, `title`. Nothing may panic, what is found must
//! lie in the texts, and no trigger may hide a match. Start with `cargo +nightly fuzz run query_post`.
#![no_main]

#[path = "../../tests/query/total.rs"]
#[allow(dead_code)]
mod total;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut parts = text.splitn(3, '\0').map(str::to_owned);
    let [query, body, title] = [parts.next(), parts.next(), parts.next()].map(Option::unwrap_or_default);
    total::check_pair(&query, &title, &body);
});
