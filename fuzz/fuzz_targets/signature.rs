//! The signature header, and what verifies by it.
#![no_main]

use octany_fuzz::signature::Delivery;

libfuzzer_sys::fuzz_target!(|delivery: Delivery| delivery.check());
