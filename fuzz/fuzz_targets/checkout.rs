//! Checkout URLs, and links that a visitor is sent to.
#![no_main]

use octany_fuzz::checkout::Checkout;

libfuzzer_sys::fuzz_target!(|checkout: Checkout| checkout.check());
