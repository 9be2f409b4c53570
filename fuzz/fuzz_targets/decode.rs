//! Any bytes, as a record of every format and as a whole file: nothing may panic, and every record must
//! give a frame. Start with `cargo +nightly fuzz run decode`; `tests/data/feeds` makes a good corpus.
#![no_main]

use earful::{
    analysis::decode::{Format, SseSplitter, decode, split_records},
    model::{Origin, Record},
};
use libfuzzer_sys::fuzz_target;

fn frames(payload: &[u8], format: Format) -> usize {
    let record = Record { payload, received_at: None, origin: Origin::default() };
    let mut frames = 0;
    decode(&record, format, &mut |_| frames += 1);
    frames
}

fuzz_target!(|data: &[u8]| {
    for (format, name) in Format::ALL {
        assert!(frames(data, *format) > 0, "{name}");
    }
    split_records(data, &mut |piece| assert!(frames(piece.bytes, Format::Auto) > 0));
    let mut splitter = SseSplitter::new();
    data.chunks(7).for_each(|chunk| splitter.push(chunk, &mut |_| {}));
    splitter.finish(&mut |_| {});
});
