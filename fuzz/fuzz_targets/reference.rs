//! Signed references, as they were signed and edited.
#![no_main]

use octany_fuzz::reference::Reference;

libfuzzer_sys::fuzz_target!(|reference: Reference| reference.check());
