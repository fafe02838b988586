//! Where a visitor asks to be sent after the checkout.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| octany_fuzz::target::check(text));
