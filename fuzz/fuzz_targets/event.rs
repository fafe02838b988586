//! Any bytes, as a verified body.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| octany_fuzz::event::check(body));
