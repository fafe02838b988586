//! Answers of an API that says what it likes: `Date`, `Retry-After`, bodies.
#![no_main]

libfuzzer_sys::fuzz_target!(|answer: &[u8]| octany_fuzz::answer::check(answer));
